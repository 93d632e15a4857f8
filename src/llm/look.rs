//! Pictures, shown to a model that sees.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::client::Llm;
use super::dialect::{Request, Wanted};
use super::error::LlmError;
use super::reply::Reply;
use crate::config;

/// A picture and what kind it is, such as `image/png`.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    pub kind: &'a str,
    pub bytes: &'a [u8],
}

impl Llm {
    /// The model that pictures are shown to; none where none is configured.
    ///
    /// # Errors
    /// As [`Llm::new`].
    pub fn seeing(config: &config::llm::Llm) -> anyhow::Result<Option<Self>> {
        if config.vision_model.is_empty() {
            return Ok(None);
        }
        Self::new(&config::llm::Llm {
            model: config.vision_model.clone(),
            ..config.clone()
        })
    }

    /// What the model writes about a picture, asked once. `rules` says what it is to write.
    ///
    /// # Errors
    /// The model failed, took longer than `within`, or wrote nothing.
    pub async fn look(
        &self,
        rules: &str,
        asked: &str,
        picture: Picture<'_>,
        within: Duration,
    ) -> Result<String, LlmError> {
        let whole = async {
            let mut reply = self.show(rules, asked, picture).await?;
            let mut text = String::new();
            while let Some(piece) = reply.next().await? {
                text.push_str(&piece);
            }
            Ok(text)
        };
        timeout(within, whole)
            .await
            .unwrap_or(Err(LlmError::Stalled {
                seconds: within.as_secs(),
            }))
    }

    /// Asks, and again at once as long as the server refuses a parameter that can be done without.
    async fn show(
        &self,
        rules: &str,
        asked: &str,
        picture: Picture<'_>,
    ) -> Result<Reply, LlmError> {
        let wanted = Wanted {
            temperature: 0.0,
            max_tokens: self.max_tokens,
            schema: None,
            tools: None,
        };
        let messages = messages(rules, asked, picture);
        let mut dialect = *self.dialect.borrow();
        loop {
            let request = serde_json::to_value(Request::new(&self.model, &[], wanted, dialect));
            let mut request = request.map_err(|_| LlmError::Malformed("an unwritable request"))?;
            request["messages"] = messages.clone();
            let stream = self.client.chat().create_stream_byot(request).await;
            match stream.map_err(LlmError::from) {
                Ok(stream) => return Reply::begin(stream, self.silence, wanted.max_tokens).await,
                Err(error) => dialect = dialect.after(error)?,
            }
        }
    }
}

/// The picture goes along as a data address, which every server that takes pictures understands.
fn messages(rules: &str, asked: &str, picture: Picture<'_>) -> Value {
    let address = format!(
        "data:{};base64,{}",
        picture.kind,
        STANDARD.encode(picture.bytes)
    );
    json!([
        { "role": "system", "content": rules },
        { "role": "user", "content": [
            { "type": "text", "text": asked },
            { "type": "image_url", "image_url": { "url": address } },
        ] },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_stands_beside_the_question_as_a_data_address() {
        let picture = Picture {
            kind: "image/png",
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
