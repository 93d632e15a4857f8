//! What is sent, and which of its parameters a server can do without.

use serde::Serialize;

use super::Message;

/// How a server wants to be asked. It begins with what most understand and is learnt from refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// `stream_options.include_usage`, for the tokens counted; older servers know no such field.
    stream_options: bool,
    /// `temperature`; reasoning models accept only their own.
    temperature: bool,
    /// `max_tokens`; some newer models want `max_completion_tokens` in its place.
    max_tokens: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            stream_options: true,
            temperature: true,
            max_tokens: true,
        }
    }
}

impl Dialect {
    /// What to try after a refusal with this status and body; none if nothing is left to leave out.
    pub(super) fn without_what_is_refused(mut self, status: u16, body: &str) -> Option<Self> {
        if !matches!(status, 400 | 422) {
            return None;
        }
        if self.max_tokens && body.contains("max_completion_tokens") {
            self.max_tokens = false;
        } else if self.temperature && body.contains("temperature") {
            self.temperature = false;
        } else if self.stream_options {
            // Also where the server does not say what it dislikes: this is the field that most often is.
            self.stream_options = false;
        } else {
            return None;
        }
        Some(self)
    }
}

/// The body of a request.
#[derive(Serialize)]
pub(super) struct Request<'a> {
    model: &'a str,
    messages: &'a [Message],
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl<'a> Request<'a> {
    pub(super) fn new(
        model: &'a str,
        messages: &'a [Message],
        temperature: f32,
        max_tokens: u32,
        dialect: Dialect,
    ) -> Self {
        Self {
            model,
            messages,
            stream: true,
            stream_options: dialect.stream_options.then_some(StreamOptions {
                include_usage: true,
            }),
            temperature: dialect.temperature.then_some(temperature),
            max_tokens: dialect.max_tokens.then_some(max_tokens),
            max_completion_tokens: (!dialect.max_tokens).then_some(max_tokens),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(dialect: Dialect) -> serde_json::Value {
        serde_json::to_value(Request::new("m", &[], 0.5, 9, dialect)).unwrap()
    }

    #[test]
    fn a_refused_parameter_is_left_out_or_replaced_and_the_others_stay() {
        let all = Dialect::default();
        let renamed = all
            .without_what_is_refused(400, "use 'max_completion_tokens' instead")
            .unwrap();
        assert_eq!(sent(renamed)["max_completion_tokens"], 9);
        assert!(sent(renamed).get("max_tokens").is_none());
        let default_temperature = renamed
            .without_what_is_refused(400, "Unsupported value: 'temperature'")
            .unwrap();
        assert!(sent(default_temperature).get("temperature").is_none());
        assert_eq!(
            sent(default_temperature)["stream_options"]["include_usage"],
            true
        );
    }

    #[test]
    fn refusals_come_to_an_end() {
        let mut dialect = Dialect::default();
        let mut tries = 0;
        while let Some(simpler) =
            dialect.without_what_is_refused(422, "temperature max_completion_tokens")
        {
            dialect = simpler;
            tries += 1;
        }
        assert_eq!(tries, 3);
        assert_eq!(
            Dialect::default().without_what_is_refused(401, "temperature"),
            None
        );
    }
}
