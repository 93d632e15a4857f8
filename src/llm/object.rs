//! One JSON object in place of prose.

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use super::client::Llm;
use super::dialect::Wanted;
use super::error::LlmError;
use super::message::Message;
use super::schema::Schema;

/// An object of this kind is at most so long, in tokens.
const MAX_TOKENS: u32 = 500;

impl Llm {
    /// Asks for one object, once, and waits for it no longer than `within`. Servers that cannot enforce a schema are
    /// asked without it, so that what comes is for the caller to check.
    ///
    /// # Errors
    /// The model did not answer in time, or not with an object.
    pub async fn object(
        &self,
        messages: &[Message],
        schema: &Schema,
        within: Duration,
    ) -> Result<Value, LlmError> {
        let wanted = Wanted {
            temperature: 0.0,
            max_tokens: MAX_TOKENS,
            schema: Some(schema),
            tools: None,
        };
        let whole = async {
            let mut reply = self.begin(messages, wanted).await?;
            let mut text = String::new();
            while let Some(piece) = reply.next().await? {
                text.push_str(&piece);
            }
            Ok(text)
        };
        let text = timeout(within, whole)
            .await
            .unwrap_or(Err(LlmError::Stalled {
                seconds: within.as_secs(),
            }))?;
        object_in(&text).ok_or(LlmError::Malformed("no JSON object"))
    }
}

/// The object in a text: models like to put a fence or a sentence around it.
fn object_in(text: &str) -> Option<Value> {
    let (first, last) = (text.find('{')?, text.rfind('}')?);
    let object = serde_json::from_str(text.get(first..=last)?).ok()?;
    Value::is_object(&object).then_some(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_found_in_what_is_written_around_it() {
        for text in [
            r#"{"a": 1}"#,
            "```json\n{\"a\": 1}\n```",
            "Here it is: {\"a\": 1} Done.",
        ] {
            assert_eq!(object_in(text).unwrap()["a"], 1, "{text}");
        }
        for text in ["", "[1]", "{\"a\": 1", "} {", "no"] {
            assert_eq!(object_in(text), None, "{text}");
        }
    }
}
