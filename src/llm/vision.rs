//! Vision: descriptions of pictures by a multimodal model.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::client::Llm;
use super::dialect::{Request, RequestOptions};
use super::error::LlmError;
use super::reply::Reply;
use crate::config;

/// A picture and its media type, such as `image/png`.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    pub media_type: &'a str,
    pub bytes: &'a [u8],
}

impl Llm {
    /// Creates the configured vision model; None if none is configured.
    ///
    /// # Errors
    /// As [`Llm::new`].
    pub fn vision(config: &config::llm::Llm) -> anyhow::Result<Option<Self>> {
        if config.vision_model.is_empty() {
            return Ok(None);
        }
        Self::new(&config::llm::Llm {
            model: config.vision_model.clone(),
            ..config.clone()
        })
    }

    /// Has the model describe a picture, without retries. `rules` is the system prompt.
    ///
    /// # Errors
    /// The model failed, took longer than `within`, or wrote nothing.
    pub async fn describe_picture(
        &self,
        rules: &str,
        question: &str,
        picture: Picture<'_>,
        within: Duration,
    ) -> Result<String, LlmError> {
        let request = async {
            let mut reply = self.begin_description(rules, question, picture).await?;
            let mut text = String::new();
            while let Some(piece) = reply.next().await? {
                text.push_str(&piece);
            }
            Ok(text)
        };
        timeout(within, request)
            .await
            .unwrap_or(Err(LlmError::Stalled {
                seconds: within.as_secs(),
            }))
    }

    /// Makes one attempt, repeated at once while the server refuses an optional parameter.
    async fn begin_description(
        &self,
        rules: &str,
        question: &str,
        picture: Picture<'_>,
    ) -> Result<Reply, LlmError> {
        let options = RequestOptions {
            temperature: 0.0,
            max_tokens: self.max_tokens,
            schema: None,
            tools: None,
        };
        let messages = messages(rules, question, picture);
        let mut dialect = *self.dialect.borrow();
        loop {
            let request = serde_json::to_value(Request::new(&self.model, &[], options, dialect));
            let mut request = request.map_err(|_| LlmError::Malformed("an unwritable request"))?;
            request["messages"] = messages.clone();
            let stream = self.client.chat().create_stream_byot(request).await;
            match stream.map_err(LlmError::from) {
                Ok(stream) => return Reply::begin(stream, self.silence, options.max_tokens).await,
                Err(error) => dialect = dialect.after(error)?,
            }
        }
    }
}

/// Returns the messages, with the picture as a data URL, which every multimodal server accepts.
fn messages(rules: &str, question: &str, picture: Picture<'_>) -> Value {
    let address = format!(
        "data:{};base64,{}",
        picture.media_type,
        STANDARD.encode(picture.bytes)
    );
    json!([
        { "role": "system", "content": rules },
        { "role": "user", "content": [
            { "type": "text", "text": question },
            { "type": "image_url", "image_url": { "url": address } },
        ] },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_sent_with_the_question_as_a_data_url() {
        let picture = Picture {
            media_type: "image/png",
            bytes: b"\x89PNG",
        };
        let messages = messages("Read it.", "What is this?", picture);
        assert_eq!(messages[0]["content"], "Read it.");
        assert_eq!(messages[1]["content"][0]["text"], "What is this?");
        assert_eq!(
            messages[1]["content"][1]["image_url"]["url"],
            "data:image/png;base64,iVBORw=="
        );
    }
}
