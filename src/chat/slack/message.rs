//! Messages for Slack, and the tags by which they are found again.

pub(super) mod fixed_width;
mod table;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(super) use table::{CellPart, Table};

use super::event::{action_id, field};
use crate::chat::actions::Action;
use crate::chat::reply::{AnswerButtons, RenderedMessage};
use crate::chat::thread::MessageTag;
use crate::i18n::buttons as say;

/// The event type of the metadata of epibot's messages.
const EVENT_TYPE: &str = "epibot_answer";

/// A message's content: its blocks, and the plain text for notifications and screen readers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub text: String,
    pub blocks: Vec<Block>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buttons: Option<AnswerButtons>,
}

/// Length of a button's label, in characters; Slack's limit is 75.
const MAX_LABEL_CHARS: usize = 72;

/// The buttons as blocks. All that they need is in their values, so that they work at any age.
fn button_blocks(buttons: &AnswerButtons) -> Vec<Value> {
    {
        let button = |action: Action, label: &str, value: &str| {
            json!({
                "type": "button", "action_id": action_id(action), "value": value,
                "text": {"type": "plain_text", "text": label, "emoji": true},
            })
        };
        let about = |action: Action, label: String| button(action, &label, &buttons.question);
        let language = buttons.language;
        let mut row = vec![
            about(Action::Helpful, say::helpful(language)),
            about(Action::Unhelpful, say::unhelpful(language)),
        ];
        if buttons.has_passages {
            row.push(about(Action::Passages, say::show_passages(language)));
        }
        if buttons.has_person {
            row.push(about(Action::Person, say::ask_person(language)));
        }
        let proposed = buttons
            .suggestions
            .iter()
            .enumerate()
            .map(|(number, question)| {
                let mut label: String = question.chars().take(MAX_LABEL_CHARS).collect();
                if label.len() < question.len() {
                    label.push('…');
                }
                let mut button = button(Action::Ask, &label, question);
                button["action_id"] = format!("{} {number}", action_id(Action::Ask)).into();
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
    /// The native form of the table that `text` shows in a fixed width.
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

/// The kind of a block. It is part of the block's id, so that an answer can be read from its thread without notices and
/// sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Answer,
    Sources,
    Notice,
    /// A text before or instead of an answer.
    Status,
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
    /// Returns the message in the form that platform-independent code stores.
    #[must_use]
    pub fn to_rendered(&self) -> RenderedMessage {
        RenderedMessage(serde_json::to_value(self).unwrap_or_default())
    }

    /// Returns the rendered message; an empty one if it cannot be read.
    #[must_use]
    pub fn from_rendered(rendered: &RenderedMessage) -> Self {
        serde_json::from_value(rendered.0.clone()).unwrap_or_default()
    }

    /// A message of one short plain text.
    #[must_use]
    pub fn status(text: String) -> Self {
        Self {
            blocks: vec![Block::new(Role::Status, super::escape::escape(&text))],
            text,
            buttons: None,
        }
    }

    /// Returns true if it contains a native table.
    #[must_use]
    pub fn has_table(&self) -> bool {
        self.blocks.iter().any(|block| block.table.is_some())
    }

    /// Returns the message with its tables as fixed-width text, for workspaces without native tables.
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

    /// Like [`Self::status`], with text in Slack's markup.
    #[must_use]
    pub fn markup(text: String) -> Self {
        Self {
            blocks: vec![Block::new(Role::Status, text.clone())],
            text,
            buttons: None,
        }
    }

    /// The blocks as JSON for Slack, with the tag in the first one's id.
    ///
    /// The tag is in the blocks as well as in the metadata, since reading metadata may need an additional scope, and not
    /// every server stores it.
    #[must_use]
    pub fn tagged_blocks(&self, tag: &MessageTag) -> Vec<Value> {
        let blocks = self.blocks.iter().enumerate().map(|(position, block)| {
            let name = block.role.name();
            let id = if position == 0 {
                format!("{name} {}", tag_text(tag))
            } else {
                format!("{name} {}", position + 1)
            };
            if let Some(table) = &block.table {
                return table.to_block(&id);
            }
            // With `verbatim`, Slack does not turn parts of the text into links or mentions.
            let text = json!({"type": "mrkdwn", "text": block.text, "verbatim": true});
            match block.role {
                Role::Notice => json!({"type": "context", "block_id": id, "elements": [text]}),
                _ => json!({"type": "section", "block_id": id, "text": text}),
            }
        });
        let buttons = self.buttons.iter().flat_map(button_blocks);
        blocks.chain(buttons).collect()
    }
}

/// The metadata with a tag.
pub(super) fn tag_metadata(tag: &MessageTag) -> Value {
    json!({"event_type": EVENT_TYPE, "event_payload": {"question": tag.question, "part": tag.part}})
}

fn tag_text(tag: &MessageTag) -> String {
    format!("{}#{}", tag.question, tag.part)
}

/// The tag of a message, from its metadata or the id of its first block.
pub(super) fn tag_of(message: &Value) -> Option<MessageTag> {
    tag_in_metadata(message).or_else(|| {
        let id = message.pointer("/blocks/0/block_id")?.as_str()?;
        let (question, part) = id.split_once(' ')?.1.rsplit_once('#')?;
        Some(MessageTag {
            question: question.to_owned(),
            part: part.parse().ok()?,
        })
    })
}

fn tag_in_metadata(message: &Value) -> Option<MessageTag> {
    let metadata = message.get("metadata")?;
    if field(metadata, "event_type") != Some(EVENT_TYPE) {
        return None;
    }
    let question = metadata.pointer("/event_payload/question")?.as_str()?;
    let part = metadata.pointer("/event_payload/part")?.as_u64()?;
    Some(MessageTag {
        question: question.to_owned(),
        part: usize::try_from(part).ok()?,
    })
}

/// The text of a posted answer, without sources and notices; `None` if the message is not an answer.
pub(super) fn answer_in(message: &Value) -> Option<String> {
    let blocks = message.get("blocks").and_then(Value::as_array)?;
    let texts: Vec<String> = blocks
        .iter()
        .filter(|block| {
            field(block, "block_id").is_some_and(|id| id.starts_with(Role::Answer.name()))
        })
        .filter_map(|block| {
            let text = block.get("text").and_then(|text| field(text, "text"));
            text.map(str::to_owned).or_else(|| table::plain_text(block))
        })
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(part: usize) -> MessageTag {
        MessageTag {
            question: "T1/C1/1.1".into(),
            part,
        }
    }

    #[test]
    fn a_tag_is_read_from_the_metadata_or_the_first_block() {
        let blocks = Message::status("…".into()).tagged_blocks(&tag(1));
        assert_eq!(tag_of(&json!({"blocks": blocks})), Some(tag(1)));
        let metadata = json!({"metadata": tag_metadata(&tag(2))});
        assert_eq!(tag_of(&metadata), Some(tag(2)));
        assert_eq!(tag_of(&json!({"text": "?"})), None);
        let foreign = json!({"blocks": [{"block_id": "x y"}]});
        assert_eq!(tag_of(&foreign), None);
    }

    #[test]
    fn a_message_that_an_earlier_version_stored_is_read() {
        let stored = json!({
            "text": "5 slm", "blocks": [{"role": "answer", "text": "5 slm [1]"}, {"role": "sources", "text": "[1] x"}],
            "buttons": {"question": "T1/C1/1.1", "language": "english", "has_passages": true, "has_person": false,
                "proposed": ["And in N2?"]},
        });
        let message = Message::from_rendered(&RenderedMessage(stored));
        assert_eq!(message.blocks.len(), 2);
        assert_eq!(message.buttons.unwrap().suggestions, ["And in N2?"]);
    }

    #[test]
    fn an_answer_is_read_back_without_notices_and_sources() {
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
        let posted = json!({"blocks": message.tagged_blocks(&tag(1))});
        assert_eq!(answer_in(&posted).as_deref(), Some("first\n\nsecond"));
        let working = json!({"blocks": Message::status("working".into()).tagged_blocks(&tag(1))});
        assert_eq!(answer_in(&working), None);
    }
}
