//! Converts Markdown to Slack's markup, which has no headings, tables or nested emphasis.

use pulldown_cmark::{
    Alignment, CodeBlockKind, Event, Options, Parser, Tag, TagEnd, TextMergeStream,
};

use super::escape::escape;
use super::message::{self, CellPart};
use super::table;

/// A part of a text, which is split according to its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A paragraph, heading, list item or quotation, in Slack's markup.
    Text(String),
    /// Escaped fixed-width lines.
    Code(String),
    /// A native table, and the same as escaped fixed-width lines.
    Table(message::Table, String),
}

/// An invisible space. Slack ends emphasis only before a space or punctuation, but Korean particles follow directly.
const NO_SPACE: char = '\u{200b}';

/// Converts a text; `cite` returns the address of the citation `[n]`.
pub(super) fn pieces(markdown: &str, cite: &dyn Fn(u32) -> Option<String>) -> Vec<Piece> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut writer = Writer {
        cite,
        pieces: Vec::new(),
        line: String::new(),
        lists: Vec::new(),
        quotes: 0,
        bold: 0,
        code: None,
        table: None,
        after_mark: false,
    };
    for event in TextMergeStream::new(Parser::new_ext(markdown, options)) {
        writer.take(event);
    }
    writer.end_piece();
    writer.pieces
}

struct Writer<'a> {
    cite: &'a dyn Fn(u32) -> Option<String>,
    pieces: Vec<Piece>,
    /// The current piece.
    line: String,
    /// The number of the next item of each open list; `None` for bullet lists.
    lists: Vec<Option<u64>>,
    quotes: usize,
    /// How many headings and strong spans are open; Slack shows both in bold.
    bold: usize,
    code: Option<String>,
    table: Option<Table>,
    /// Emphasis has just ended, so that a letter must not follow directly.
    after_mark: bool,
}

#[derive(Default)]
struct Table {
    alignments: Vec<Alignment>,
    rows: Vec<Vec<String>>,
}

impl Writer<'_> {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(code) => self.code_span(&code),
            Event::SoftBreak | Event::HardBreak => self.text("\n"),
            Event::Rule => {
                self.end_piece();
                self.line.push_str("———");
                self.end_piece();
            }
            // Not enabled: footnotes, tasks, formulas.
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.end_piece();
                self.begin_bold();
            }
            Tag::Strong => self.begin_bold(),
            Tag::Emphasis => self.mark('_'),
            Tag::Strikethrough => self.mark('~'),
            Tag::BlockQuote(_) => {
                self.end_piece();
                self.quotes += 1;
            }
            Tag::CodeBlock(kind) => {
                self.end_piece();
                // Slack does not use the language of the code.
                drop::<CodeBlockKind<'_>>(kind);
                self.code = Some(String::new());
            }
            Tag::List(first) => {
                self.end_piece();
                self.lists.push(first);
            }
            Tag::Item => {
                self.end_piece();
                self.begin_item();
            }
            Tag::Table(alignments) => {
                self.end_piece();
                self.table = Some(Table {
                    alignments,
                    rows: Vec::new(),
                });
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            Tag::TableCell => {
                if let Some(row) = self.table.as_mut().and_then(|table| table.rows.last_mut()) {
                    row.push(String::new());
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Item | TagEnd::HtmlBlock => self.end_piece(),
            TagEnd::Heading(_) => {
                self.end_bold();
                self.end_piece();
            }
            TagEnd::Strong => self.end_bold(),
            TagEnd::Emphasis => self.end_mark('_'),
            TagEnd::Strikethrough => self.end_mark('~'),
            TagEnd::BlockQuote(_) => {
                self.end_piece();
                self.quotes -= 1;
            }
            TagEnd::List(_) => {
                self.end_piece();
                self.lists.pop();
            }
            TagEnd::CodeBlock => {
                if let Some(code) = self.code.take() {
                    self.pieces
                        .push(Piece::Code(escape_code(code.trim_end_matches('\n'))));
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    let aligned = escape_code(&table::aligned(&table.rows, &table.alignments));
                    self.pieces.push(Piece::Table(self.native(&table), aligned));
                }
            }
            _ => {}
        }
    }

    fn native(&self, table: &Table) -> message::Table {
        let rows = table.rows.iter().map(|row| {
            let cells = row.iter().map(|cell| parts(cell, self.cite));
            cells.collect()
        });
        let right = table.alignments.iter().enumerate();
        let right = right.filter(|(_, alignment)| **alignment == Alignment::Right);
        message::Table {
            rows: rows.collect(),
            right: right.map(|(at, _)| at).collect(),
        }
    }

    fn begin_item(&mut self) {
        let depth = self.lists.len().saturating_sub(1);
        self.line.push_str(&"    ".repeat(depth));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                self.line.extend([number.to_string(), ". ".to_owned()]);
                *number += 1;
            }
            _ => self.line.push_str(if depth == 0 { "• " } else { "◦ " }),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(code) = &mut self.code {
            code.push_str(text);
        } else if let Some(cell) = self.cell() {
            cell.push_str(text);
        } else {
            if self.after_mark && text.starts_with(char::is_alphanumeric) {
                self.line.push(NO_SPACE);
            }
            self.after_mark = false;
            let linked = link_citations(text, self.cite);
            self.line.push_str(&linked);
        }
    }

    fn code_span(&mut self, code: &str) {
        if let Some(cell) = self.cell() {
            cell.push_str(code);
        } else {
            self.mark('`');
            self.line.push_str(&escape_code(&code.replace('`', "'")));
            self.end_mark('`');
        }
    }

    fn begin_bold(&mut self) {
        self.bold += 1;
        if self.bold == 1 {
            self.mark('*');
        }
    }

    fn end_bold(&mut self) {
        self.bold -= 1;
        if self.bold == 0 {
            self.end_mark('*');
        }
    }

    /// Opens emphasis or code, which Slack recognises only after a space or punctuation.
    fn mark(&mut self, mark: char) {
        if self.cell().is_none() {
            if self.line.ends_with(char::is_alphanumeric) {
                self.line.push(NO_SPACE);
            }
            self.line.push(mark);
            self.after_mark = false;
        }
    }

    fn end_mark(&mut self, mark: char) {
        if self.cell().is_none() {
            self.line.push(mark);
            self.after_mark = true;
        }
    }

    fn cell(&mut self) -> Option<&mut String> {
        self.table.as_mut()?.rows.last_mut()?.last_mut()
    }

    fn end_piece(&mut self) {
        self.after_mark = false;
        let line = std::mem::take(&mut self.line);
        if line.trim().is_empty() {
            return;
        }
        let line = line.trim_end();
        self.pieces.push(Piece::Text(if self.quotes == 0 {
            line.to_owned()
        } else {
            line.lines()
                .map(|line| format!("> {line}"))
                .collect::<Vec<_>>()
                .join("\n")
        }));
    }
}

/// Escapes text for a code block or span, so that it cannot end it.
fn escape_code(text: &str) -> String {
    escape(text).replace("```", "'''")
}

/// Escapes a text and links each `[n]` in it to its source, if that has an address.
fn link_citations(text: &str, cite: &dyn Fn(u32) -> Option<String>) -> String {
    let pieces = split(text).into_iter();
    pieces
        .map(|(text, number)| match number {
            Some(number) => citation(number, cite(number).as_deref()),
            None => escape(text),
        })
        .collect()
}

/// Splits a text into the parts of a cell, each `[n]` with the address of its source.
fn parts(text: &str, cite: &dyn Fn(u32) -> Option<String>) -> Vec<CellPart> {
    let pieces = split(text.trim()).into_iter();
    pieces
        .map(|(text, number)| CellPart {
            text: text.to_owned(),
            url: number.and_then(cite).filter(|address| is_web(address)),
        })
        .collect()
}

/// Splits a text at each `[n]`, which gets its number.
fn split(text: &str) -> Vec<(&str, Option<u32>)> {
    let mut pieces = Vec::new();
    let (mut begin, mut from) = (0, 0);
    while let Some(open) = text[from..].find('[').map(|at| from + at) {
        let inner = &text[open + 1..];
        let number = inner
            .find(']')
            .and_then(|close| Some((open + close + 2, inner[..close].parse::<u32>().ok()?)));
        let Some((end, number)) = number else {
            from = open + 1;
            continue;
        };
        pieces.push((&text[begin..open], None));
        pieces.push((&text[open..end], Some(number)));
        (begin, from) = (end, end);
    }
    pieces.push((&text[begin..], None));
    pieces.retain(|(text, _)| !text.is_empty());
    pieces
}

fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

/// `[n]`, linked to the address if it is a web address.
pub(super) fn citation(number: u32, address: Option<&str>) -> String {
    match address.filter(|address| is_web(address)) {
        Some(address) => {
            // Characters that would end the link are percent-encoded.
            let address = escape(
                &address
                    .replace('|', "%7C")
                    .replace('<', "%3C")
                    .replace('>', "%3E")
                    .replace(' ', "%20"),
            );
            format!("<{address}|[{number}]>")
        }
        None => format!("[{number}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(markdown: &str) -> Vec<Piece> {
        pieces(markdown, &|number| {
            (number < 9).then(|| format!("https://docs.example/{number}?a=1&b=2"))
        })
    }

    fn texts(markdown: &str) -> Vec<String> {
        convert(markdown)
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) | Piece::Code(text) | Piece::Table(_, text) => text,
            })
            .collect()
    }

    #[test]
    fn emphasis_ends_where_slack_recognises_it() {
        assert_eq!(
            texts("**온도**는 *매우* ~~낮음~~"),
            ["*온도*\u{200b}는 _매우_ ~낮음~"]
        );
        assert_eq!(
            texts("T**max** is `a`b"),
            ["T\u{200b}*max* is `a`\u{200b}b"]
        );
        assert_eq!(texts("## Purge **now**"), ["*Purge now*"]);
    }

    #[test]
    fn lists_keep_their_numbers_and_depth() {
        assert_eq!(
            texts("1. open\n2. close\n   - slowly\n\n- end"),
            ["1. open", "2. close", "    ◦ slowly", "• end"]
        );
    }

    #[test]
    fn citations_link_to_their_sources_where_they_have_an_address() {
        assert_eq!(
            texts("Flow is 5 slm [1][9]."),
            ["Flow is 5 slm <https://docs.example/1?a=1&amp;b=2|[1]>[9]."]
        );
        assert_eq!(texts("[a] [ [99999999999]"), ["[a] [ [99999999999]"]);
        assert_eq!(citation(1, Some("javascript:alert(1)")), "[1]");
        assert_eq!(
            citation(1, Some("https://a.example/x|y> z")),
            "<https://a.example/x%7Cy%3E%20z|[1]>"
        );
    }

    #[test]
    fn nothing_becomes_active_markup() {
        for text in [
            "<!channel> & <@U1>",
            "`<!here>`",
            "```\n<@U1>\n```",
            "|a|\n|-|\n|<!channel>|",
            "<b>x</b>",
            "<div>\n<@U1>\n</div>",
        ] {
            for written in texts(text) {
                assert!(
                    !written.contains("<@") && !written.contains("<!") && !written.contains("<b"),
                    "{text}: {written}"
                );
            }
        }
        assert_eq!(
            texts("![chart](https://evil.example/x.png) [click](https://evil.example)"),
            ["chart click"]
        );
        assert_eq!(texts("~~~\na ``` b\n~~~"), ["a ''' b"]);
    }

    #[test]
    fn tables_are_aligned_in_a_fixed_width() {
        let table = convert("| 가스 | Flow |\n|---|--:|\n| 암모니아 | 5 |\n| N2 | 12.5 |");
        let Piece::Table(native, table) = &table[0] else {
            panic!("{table:?}")
        };
        assert_eq!((native.rows.len(), native.right.as_slice()), (3, &[1][..]));
        insta::assert_snapshot!(table, @r"
        가스      Flow
        --------  ----
        암모니아     5
        N2        12.5
        ");
    }

    #[test]
    fn quotations_stay_quotations() {
        assert_eq!(texts("> one\n> two\n\nthree"), ["> one\n> two", "three"]);
    }
}
