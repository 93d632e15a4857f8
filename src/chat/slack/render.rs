//! Renders contents as Slack messages: complete, within Slack's limits, and without active markup.

use serde_json::{Value, json};

use super::escape::escape;
use super::message::fixed_width::{self, MAX_SECTION_CHARS};
use super::message::{Block, Message, Role};
use super::mrkdwn::{self, Piece};
use super::split::cut;
use crate::chat::reply::{AnswerContent, Content, Section, SectionKind};
use crate::domain::answer::{Answer, Citation};
use crate::domain::language::Language;
use crate::i18n;
use crate::storage::answer_log::LoggedPassage;

/// Length of all blocks of a message, in characters. Slack refuses more than about 13,000 (`msg_blocks_too_long`).
const MAX_MESSAGE_CHARS: usize = 11_000;
/// Number of blocks of a message; Slack's limit is 50.
const MAX_BLOCKS: usize = 45;
/// Length of the text for notifications, in characters; Slack's limit in an update is 4,000.
const MAX_TEXT_CHARS: usize = 3_000;
/// Length of a picture's title, in characters; Slack's limit is 2,000.
const MAX_TITLE_CHARS: usize = 1_900;
/// How many unsupported statements are listed; all are marked in the text.
const MAX_LISTED: usize = 12;

/// Renders a content.
pub(super) fn content(content: &Content<'_>) -> Vec<Message> {
    match content {
        Content::Status(text) => vec![Message::status(text.clone())],
        Content::Markup(markup) => vec![Message::markup(markup.clone())],
        Content::Answer(content) => framed_answer(content),
        Content::Sections { summary, sections } => vec![Message {
            text: summary.clone(),
            blocks: sections.iter().map(section).collect(),
            buttons: None,
        }],
    }
}

fn section(section: &Section) -> Block {
    let role = match section.kind {
        SectionKind::Text => Role::Status,
        SectionKind::Note => Role::Notice,
    };
    Block::new(role, section.markup.clone())
}

fn framed_answer(content: &AnswerContent<'_>) -> Vec<Message> {
    let mut messages = answer(content.answer, content.notices);
    if let Some(first) = messages.first_mut() {
        if let Some(header) = &content.header {
            first.blocks.insert(0, section(header));
        }
        let footer = content.footer.clone();
        let footer = footer.map(|text| Block::new(Role::Notice, text));
        first.blocks.extend(footer);
    }
    if let Some(last) = messages.last_mut() {
        last.buttons.clone_from(&content.buttons);
    }
    messages
}

/// A picture that was uploaded, with its title.
pub(super) fn picture(file: &str, title: &str) -> Value {
    let title: String = title.chars().take(MAX_TITLE_CHARS).collect();
    json!({
        "type": "image", "slack_file": {"id": file}, "alt_text": title,
        "title": {"type": "plain_text", "text": title, "emoji": false},
    })
}

/// An answer with its notices and sources, as one message or, if it is long, as several.
pub(super) fn answer(answer: &Answer, notices: &[String]) -> Vec<Message> {
    let pieces = mrkdwn::pieces(&answer.text, &|number| address(&answer.citations, number));
    let mut blocks = sections(&pieces);
    let mut notice_texts: Vec<String> = answer
        .notice
        .iter()
        .chain(notices)
        .map(|notice| escape(notice))
        .collect();
    if !answer.unsupported.is_empty() {
        let all = answer.unsupported.iter();
        let statements = all
            .take(MAX_LISTED)
            .map(|statement| format!("\n• {}", escape(&one_line(statement))))
            .chain((answer.unsupported.len() > MAX_LISTED).then(|| "\n• …".to_owned()));
        notice_texts.push(format!(
            "{}{}",
            i18n::slack::unsupported(answer.language),
            statements.collect::<String>()
        ));
    }
    blocks.extend(
        notice_texts
            .iter()
            .flat_map(|notice| cut(notice, MAX_SECTION_CHARS))
            .map(|text| Block::new(Role::Notice, text)),
    );
    blocks.extend(source_list(&answer.citations, answer.language));
    messages(blocks, &plain_text(answer))
}

/// Verbatim passages, each below its source, as blocks of an ephemeral message.
pub(super) fn passages(shown: &[LoggedPassage], language: Language) -> Vec<Value> {
    let mut blocks = Vec::new();
    let mut remaining_chars = MAX_MESSAGE_CHARS;
    for passage in shown {
        let number = passage.n.map(|n| format!("[{n}] ")).unwrap_or_default();
        let place = passage.section.clone().into_iter();
        let page = passage
            .page
            .as_ref()
            .map(|label| i18n::phrase::page(language, label));
        let place: String = place.chain(page).fold(String::new(), |place, part| {
            place + " · " + &shorten(&escape(&one_line(&part)), MAX_NAME_CHARS)
        });
        let title = shorten(
            &escape(&one_line(&passage.title.replace('*', "∗"))),
            MAX_NAME_CHARS,
        );
        let title = match &passage.url {
            Some(url) => format!("<{}|{title}>", escape(url)),
            None => format!("*{title}*"),
        };
        let quoted = shorten(
            &escape(passage.text.trim()),
            MAX_SECTION_CHARS - 3 * MAX_NAME_CHARS - 200,
        );
        let quoted = quoted
            .lines()
            .fold(String::new(), |quoted, line| quoted + "\n&gt; " + line);
        let block = shorten(
            &format!("{number}{title}{place}{quoted}"),
            MAX_SECTION_CHARS,
        );
        let Some(left) = remaining_chars.checked_sub(length(&block)) else {
            break;
        };
        remaining_chars = left;
        let block =
            json!({"type": "mrkdwn", "text": block.replace("\n&gt; ", "\n>"), "verbatim": true});
        blocks.push(json!({"type": "section", "text": block}));
    }
    blocks
}

/// The beginning of an unfinished answer, as one message.
pub(super) fn unfinished(text: &str) -> Message {
    // Longer text cannot be part of the first message.
    let end = text
        .char_indices()
        .nth(2 * MAX_MESSAGE_CHARS)
        .map(|(at, _)| at);
    let text = &text[..end.unwrap_or(text.len())];
    let pieces = mrkdwn::pieces(text, &|_| None);
    let mut first = messages(sections(&pieces), &escape(text))
        .into_iter()
        .next()
        .unwrap_or_default()
        .without_table();
    if let Some(last) = first.blocks.last_mut() {
        last.text.push_str(" …");
    }
    first
}

fn address(citations: &[Citation], number: u32) -> Option<String> {
    citations
        .iter()
        .find(|citation| citation.n == number)?
        .url
        .clone()
}

/// Combines pieces into as few sections as possible; each table is a section of its own.
fn sections(pieces: &[Piece]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for piece in pieces {
        let parts = match piece {
            Piece::Text(text) => cut(text, MAX_SECTION_CHARS),
            Piece::Code(code) => fixed_width::fenced(code),
            Piece::Table(table, aligned) => match table.within_limits() {
                Some(table) => {
                    blocks.push(Block {
                        table: Some(table),
                        ..Block::new(Role::Answer, aligned.clone())
                    });
                    continue;
                }
                None => fixed_width::fenced(aligned),
            },
        };
        for part in parts {
            let last = blocks.last_mut().filter(|last| last.table.is_none());
            match last.map(|last| &mut last.text) {
                Some(last) if length(last) + length(&part) + 2 <= MAX_SECTION_CHARS => {
                    last.push_str(if is_item(last) && is_item(&part) {
                        "\n"
                    } else {
                        "\n\n"
                    });
                    last.push_str(&part);
                }
                _ => blocks.push(Block::new(Role::Answer, part)),
            }
        }
    }
    blocks
}

/// Returns true if the last line of a text is a list item.
fn is_item(text: &str) -> bool {
    let line = text.lines().next_back().unwrap_or_default().trim_start();
    line.starts_with("• ")
        || line.starts_with("◦ ")
        || line
            .trim_start_matches(|letter: char| letter.is_ascii_digit())
            .starts_with(". ")
}

/// The sources, one a line: `[1] *Title* number · revision · section · page`.
fn source_list(citations: &[Citation], language: Language) -> Vec<Block> {
    if citations.is_empty() {
        return Vec::new();
    }
    let head = format!("*{}*", i18n::slack::sources(language));
    let mut texts = vec![head];
    for citation in citations {
        let line = source(citation, language);
        match texts.last_mut() {
            Some(last) if length(last) + length(&line) < MAX_SECTION_CHARS => {
                last.push('\n');
                last.push_str(&line);
            }
            _ => texts.push(line),
        }
    }
    texts
        .into_iter()
        .map(|text| Block::new(Role::Sources, text))
        .collect()
}

/// Length of titles, sections and numbers, in characters. They come from documents and may have any length.
const MAX_NAME_CHARS: usize = 300;

fn source(citation: &Citation, language: Language) -> String {
    let name = |text: &str| shorten(&escape(&one_line(text)), MAX_NAME_CHARS);
    let (revision, place) = i18n::slack::place(language, citation);
    let mut line = format!(
        "{} *{}*",
        mrkdwn::citation(citation.n, citation.url.as_deref()),
        name(&citation.title.replace('*', "∗"))
    );
    for part in citation.number.iter().chain(&revision) {
        line.push(' ');
        line.push_str(&name(part));
    }
    for part in &place {
        line.push_str(" · ");
        line.push_str(&name(part));
    }
    line
}

/// Distributes blocks over messages; the first has the text.
fn messages(blocks: Vec<Block>, text: &str) -> Vec<Message> {
    let mut messages = vec![Message {
        text: shorten(text, MAX_TEXT_CHARS),
        blocks: Vec::new(),
        buttons: None,
    }];
    let mut size = 0;
    for block in blocks {
        let length = length(&block.text);
        // A message has at most one native table; further ones become fixed-width text.
        let has_table = messages.last().is_some_and(Message::has_table);
        if block.table.is_some() && has_table && size + length <= MAX_MESSAGE_CHARS {
            let pieces = fixed_width::blocks(&block);
            size += length;
            if let Some(message) = messages.last_mut() {
                message.blocks.extend(pieces);
            }
            continue;
        }
        let is_full = messages
            .last()
            .is_some_and(|message| message.blocks.len() == MAX_BLOCKS)
            || size + length > MAX_MESSAGE_CHARS;
        if is_full {
            messages.push(Message {
                text: shorten(&block.text, MAX_TEXT_CHARS),
                blocks: Vec::new(),
                buttons: None,
            });
            size = 0;
        }
        size += length;
        if let Some(message) = messages.last_mut() {
            message.blocks.push(block);
        }
    }
    messages
}

/// The text for notifications and screen readers: the answer, its notice, and the titles of its sources.
fn plain_text(answer: &Answer) -> String {
    let titles = answer
        .citations
        .iter()
        .map(|citation| format!("[{}] {}", citation.n, one_line(&citation.title)));
    let parts: Vec<String> = [answer.text.trim().to_owned()]
        .into_iter()
        .chain(answer.notice.clone())
        .chain(titles)
        .collect();
    escape(&parts.join("\n"))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Shortens an escaped text without cutting an escape.
pub(super) fn shorten(text: &str, max_chars: usize) -> String {
    if length(text) <= max_chars {
        return text.to_owned();
    }
    let mut shortened = cut(text, max_chars - 2)
        .into_iter()
        .next()
        .unwrap_or_default();
    shortened.push('…');
    shortened
}

#[cfg(test)]
mod tests;
