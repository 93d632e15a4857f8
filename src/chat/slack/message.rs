//! A message as it goes to Slack, and the mark by which it is found again.

pub(super) mod fixed_width;
mod table;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(super) use table::{Part, Table};

use super::event::{Action, Bot, field, is_own};
use crate::domain::language::Language;
use crate::i18n::buttons as say;

/// The kind of metadata that our messages carry.
const EVENT_TYPE: &str = "epibot_answer";

/// A message's content: what is shown, and the plain text for notifications and screen readers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub text: String,
    pub blocks: Vec<Block>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buttons: Option<Row>,
}

/// The buttons under an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The question that was answered.
    pub question: String,
    pub language: Language,
    pub has_passages: bool,
    pub has_person: bool,
    /// Questions that may come next.
    pub proposed: Vec<String>,
}

/// Letters of a button; Slack takes 75.
const LABEL: usize = 72;

impl Row {
    /// Whatever they need to know stands in their values, so that they work however old they are.
    fn to_blocks(&self) -> Vec<Value> {
        let button = |action: Action, label: &str, value: &str| {
            json!({
                "type": "button", "action_id": action.id(), "value": value,
                "text": {"type": "plain_text", "text": label, "emoji": true},
            })
        };
        let about = |action: Action, label: String| button(action, &label, &self.question);
        let language = self.language;
        let mut row = vec![
            about(Action::Helpful, say::helpful(language)),
            about(Action::Unhelpful, say::unhelpful(language)),
        ];
        if self.has_passages {
            row.push(about(Action::Passages, say::show_passages(language)));
        }
        if self.has_person {
            row.push(about(Action::Person, say::ask_person(language)));
        }
        let proposed = self.proposed.iter().enumerate().map(|(number, question)| {
            let mut label: String = question.chars().take(LABEL).collect();
            if label.len() < question.len() {
                label.push('…');
            }
            let mut button = button(Action::Ask, &label, question);
            button["action_id"] = format!("{} {number}", Action::Ask.id()).into();
            button
        });
        let proposed: Vec<Value> = proposed.collect();
        let mut blocks = vec![json!({"type": "actions", "block_id": "buttons", "elements": row})];
        if !proposed.is_empty() {
            blocks.push(json!({"type": "actions", "block_id": "proposed", "elements": proposed}));
        }
        blocks
    }
}

/// A block of a message with text in Slack's own markup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    pub role: Role,
    pub text: String,
    /// What `text` shows in a fixed width, for where Slack shows tables itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
}

impl Block {
    #[must_use]
    pub fn new(role: Role, text: String) -> Self {
        Self {
            role,
            text,
            table: None,
        }
    }
}

/// What a block of our messages holds. It is written into the block's id, so that an answer can be read back
/// from its thread without what stands around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Answer,
    Sources,
    Notice,
    /// Said while there is no answer yet, or instead of one.
    Status,
}

/// Names one message of ours: the question that it answers, and which of its messages it is, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub question: String,
    pub part: usize,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Sources => "sources",
            Self::Notice => "notice",
            Self::Status => "status",
        }
    }
}

impl Message {
    /// A message that is nothing but a short text of ours.
    #[must_use]
    pub fn status(text: String) -> Self {
        Self {
            blocks: vec![Block::new(Role::Status, super::escape::escape(&text))],
            text,
            buttons: None,
        }
    }

    /// Whether it holds a table that Slack is to show itself.
    #[must_use]
    pub fn has_table(&self) -> bool {
        self.blocks.iter().any(|block| block.table.is_some())
    }

    /// The same with its table in a fixed width, for where Slack takes none.
    #[must_use]
    pub fn without_table(&self) -> Self {
        let blocks = self.blocks.iter().flat_map(|block| match block.table {
            Some(_) => fixed_width::blocks(block),
            None => vec![block.clone()],
        });
        Self {
            blocks: blocks.collect(),
            ..self.clone()
        }
    }

    /// As [`Self::status`], with text that is Slack's own markup already.
    #[must_use]
    pub fn markup(text: String) -> Self {
        Self {
            blocks: vec![Block::new(Role::Status, text.clone())],
            text,
            buttons: None,
        }
    }

    /// The blocks as Slack takes them, the first one's id carrying the mark.
    ///
    /// The mark stands in the blocks as well as in the metadata since reading metadata may need a scope of
    /// its own, and not every server keeps it.
    #[must_use]
    pub fn marked_blocks(&self, mark: &Mark) -> Vec<Value> {
        let blocks = self.blocks.iter().enumerate().map(|(position, block)| {
            let name = block.role.name();
            let id = if position == 0 {
                format!("{name} {}", mark.text())
            } else {
                format!("{name} {}", position + 1)
            };
            if let Some(table) = &block.table {
                return table.to_block(&id);
            }
            // With `verbatim`, Slack makes no links or mentions of its own out of the text.
            let text = json!({"type": "mrkdwn", "text": block.text, "verbatim": true});
            match block.role {
                Role::Notice => json!({"type": "context", "block_id": id, "elements": [text]}),
                _ => json!({"type": "section", "block_id": id, "text": text}),
            }
        });
        let buttons = self.buttons.iter().flat_map(Row::to_blocks);
        blocks.chain(buttons).collect()
    }
}

impl Mark {
    /// What the message carries beside its content.
    #[must_use]
    pub fn metadata(&self) -> Value {
        json!({"event_type": EVENT_TYPE, "event_payload": {"question": self.question, "part": self.part}})
    }

    fn text(&self) -> String {
        format!("{}#{}", self.question, self.part)
    }

    /// The `ts` of the message with this mark among the messages of a thread.
    #[must_use]
    pub fn find(&self, thread: &[Value], bot: &Bot) -> Option<String> {
        let message = thread
            .iter()
            .find(|message| is_own(message, bot) && self.is_on(message))?;
        field(message, "ts").map(str::to_owned)
    }

    /// The `ts` of all messages that answer a question, in their order.
    #[must_use]
    pub fn all(question: &str, thread: &[Value], bot: &Bot) -> Vec<String> {
        let mut found = Vec::new();
        for part in 1..=thread.len() {
            let mark = Self {
                question: question.to_owned(),
                part,
            };
            match mark.find(thread, bot) {
                Some(ts) => found.push(ts),
                None => break,
            }
        }
        found
    }

    fn is_on(&self, message: &Value) -> bool {
        let in_metadata = message.get("metadata").is_some_and(|metadata| {
            field(metadata, "event_type") == Some(EVENT_TYPE)
                && metadata
                    .pointer("/event_payload/question")
                    .and_then(Value::as_str)
                    == Some(&self.question)
                && metadata
                    .pointer("/event_payload/part")
                    .and_then(Value::as_u64)
                    == u64::try_from(self.part).ok()
        });
        let id = message
            .pointer("/blocks/0/block_id")
            .and_then(Value::as_str);
        let in_blocks = id
            .and_then(|id| id.split_once(' '))
            .is_some_and(|(_, mark)| mark == self.text());
        in_metadata || in_blocks
    }
}

/// The `ts` of messages of ours, later in a thread than `after`, that bear no mark: begun for an answer whose time
/// was too short to note that. Files of ours are no such messages.
pub(super) fn unmarked(thread: &[Value], after: &str, bot: &Bot) -> Vec<String> {
    let is_unmarked = |message: &&Value| {
        let in_metadata = message
            .get("metadata")
            .is_some_and(|metadata| field(metadata, "event_type").is_some());
        let id = message
            .pointer("/blocks/0/block_id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let in_blocks = id.contains(' ') && id.contains('#');
        is_own(message, bot) && !in_metadata && !in_blocks && message.get("files").is_none()
    };
    let later = thread.iter().filter(is_unmarked).filter_map(|message| {
        let ts = field(message, "ts")?;
        super::event::is_before(after, ts).then(|| ts.to_owned())
    });
    later.collect()
}

/// The text of an answer of ours as it stands in a thread, without sources and notices; none where the message
/// is no answer.
pub(super) fn answer_in(message: &Value) -> Option<String> {
    let blocks = message.get("blocks").and_then(Value::as_array)?;
    let texts: Vec<String> = blocks
        .iter()
        .filter(|block| {
            field(block, "block_id").is_some_and(|id| id.starts_with(Role::Answer.name()))
        })
        .filter_map(|block| {
            let text = block.get("text").and_then(|text| field(text, "text"));
            text.map(str::to_owned).or_else(|| table::words(block))
        })
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::slack::event::bot;

    fn mark(part: usize) -> Mark {
        Mark {
            question: "T1/C1/1.1".into(),
            part,
        }
    }

    #[test]
    fn a_message_is_found_by_its_metadata_or_its_first_block() {
        let blocks = Message::status("…".into()).marked_blocks(&mark(1));
        let by_block = json!({"user": "UBOT", "ts": "2.1", "blocks": blocks});
        let by_metadata = json!({"bot_id": "BBOT", "ts": "2.2", "metadata": mark(2).metadata()});
        let thread = [
            json!({"user": "U1", "ts": "1.1", "text": "?"}),
            by_block.clone(),
            by_metadata,
        ];
        assert_eq!(mark(1).find(&thread, &bot()).as_deref(), Some("2.1"));
        assert_eq!(mark(2).find(&thread, &bot()).as_deref(), Some("2.2"));
        assert_eq!(mark(3).find(&thread, &bot()), None);

        let mut forged = by_block;
        forged["user"] = json!("U1");
        assert_eq!(mark(1).find(&[forged], &bot()), None);
    }

    #[test]
    fn an_answer_is_read_back_without_what_stands_around_it() {
        let message = Message {
            text: String::new(),
            blocks: [
                (Role::Answer, "first"),
                (Role::Answer, "second"),
                (Role::Notice, "beware"),
                (Role::Sources, "[1] x"),
            ]
            .map(|(role, text)| Block::new(role, text.into()))
            .into(),
            buttons: None,
        };
        let posted = json!({"blocks": message.marked_blocks(&mark(1))});
        assert_eq!(answer_in(&posted).as_deref(), Some("first\n\nsecond"));
        let working = json!({"blocks": Message::status("working".into()).marked_blocks(&mark(1))});
        assert_eq!(answer_in(&working), None);
    }
}
