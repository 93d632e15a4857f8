//! Structured output: one JSON object instead of prose.

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use super::client::Llm;
use super::dialect::RequestOptions;
use super::error::LlmError;
use super::message::Message;
use super::schema::Schema;

/// Maximum length of an object, in tokens.
const MAX_TOKENS: u32 = 500;

impl Llm {
    /// Requests one object, without retries, within a timeout. Servers that cannot enforce a schema are asked without it,
    /// so the caller has to validate the object.
    ///
    /// # Errors
    /// The model did not answer in time, or not with an object.
    pub async fn object(
        &self,
        messages: &[Message],
        schema: &Schema,
        within: Duration,
    ) -> Result<Value, LlmError> {
        let options = RequestOptions {
            temperature: 0.0,
            max_tokens: MAX_TOKENS,
            schema: Some(schema),
            tools: None,
        };
        let request = async {
            let mut reply = self.begin(messages, options).await?;
            let mut text = String::new();
            while let Some(piece) = reply.next().await? {
                text.push_str(&piece);
            }
            Ok(text)
        };
        let text = timeout(within, request)
            .await
            .unwrap_or(Err(LlmError::Stalled {
                seconds: within.as_secs(),
            }))?;
        object_in(&text).ok_or(LlmError::Malformed("no JSON object"))
    }
}

/// Finds the object in a text, since models tend to put a code fence or a sentence around it.
fn object_in(text: &str) -> Option<Value> {
    let (first, last) = (text.find('{')?, text.rfind('}')?);
    let object = serde_json::from_str(text.get(first..=last)?).ok()?;
    Value::is_object(&object).then_some(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_found_among_other_text() {
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
