//! Who may open a link.

use std::fmt;

use url::form_urlencoded;

/// Who may open a link, as long as they have access to the collection of its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    Everyone,
    /// Everyone in this conversation: a channel, a group chat, a meeting.
    Conversation(String),
    /// One person, in their private conversation.
    Person {
        conversation: String,
        person: String,
    },
}

impl Audience {
    /// Parses the text that [`Display`](fmt::Display) writes, and the form in links of earlier versions: `channel` or
    /// `channel.user`, which are Slack ids without other punctuation.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if let Some(conversation) = text.strip_prefix("c:") {
            return Self::Conversation(decode(conversation));
        }
        if let Some((conversation, person)) =
            text.strip_prefix("p:").and_then(|ids| ids.split_once(':'))
        {
            return Self::Person {
                conversation: decode(conversation),
                person: decode(person),
            };
        }
        match text.split_once('.') {
            Some((channel, user)) => Self::Person {
                conversation: channel.to_owned(),
                person: user.to_owned(),
            },
            None if text.is_empty() => Self::Everyone,
            None => Self::Conversation(text.to_owned()),
        }
    }
}

/// Empty for everyone; `c:` and the conversation, or `p:`, the conversation, `:` and the person. Ids are
/// percent-encoded, so that they may contain any character.
impl fmt::Display for Audience {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => Ok(()),
            Self::Conversation(conversation) => write!(formatter, "c:{}", encode(conversation)),
            Self::Person {
                conversation,
                person,
            } => write!(formatter, "p:{}:{}", encode(conversation), encode(person)),
        }
    }
}

fn encode(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

fn decode(encoded: &str) -> String {
    // An encoded id contains neither `&` nor `=`, so it is read as one key.
    let mut keys = form_urlencoded::parse(encoded.as_bytes()).map(|(key, _)| key);
    keys.next().unwrap_or_default().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_survives_its_encoding_whatever_its_ids_contain() {
        let ids = [
            "C0123456789",
            "19:abc@thread.tacv2;messageid=1",
            "29:1a-b_c.d",
            "a b+c%&=/?#:",
            "채널",
            "",
        ];
        for conversation in ids.map(str::to_owned) {
            let audience = Audience::Conversation(conversation.clone());
            assert_eq!(Audience::parse(&audience.to_string()), audience);
            for person in ids.map(str::to_owned) {
                let audience = Audience::Person {
                    conversation: conversation.clone(),
                    person,
                };
                assert_eq!(Audience::parse(&audience.to_string()), audience);
            }
        }
        assert_eq!(Audience::parse(""), Audience::Everyone);
        assert_eq!(Audience::Everyone.to_string(), "");
    }

    #[test]
    fn audiences_of_earlier_links_are_parsed() {
        assert_eq!(
            Audience::parse("C0123456789"),
            Audience::Conversation("C0123456789".to_owned())
        );
        assert_eq!(
            Audience::parse("D0123456789.U0123456789"),
            Audience::Person {
                conversation: "D0123456789".to_owned(),
                person: "U0123456789".to_owned(),
            }
        );
    }
}
