//! The request, and which of its parameters a server accepts.

use async_openai::types::chat::{ChatCompletionTools, ToolChoiceOptions};
use serde::Serialize;

use super::error::LlmError;
use super::message::Message;
use super::schema::Schema;
use super::tools::Tools;

/// The parameters that a server accepts: at first those that most servers accept, then learnt from refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one parameter that a server accepts or not"
)]
pub(super) struct Dialect {
    /// `stream_options.include_usage`, for token counts; older servers do not support it.
    stream_options: bool,
    /// `temperature`; reasoning models accept only their default.
    temperature: bool,
    /// `max_tokens`; some newer models require `max_completion_tokens` instead.
    max_tokens: bool,
    /// How an object is requested, if one is.
    structure: Structure,
    /// Whether its model supports tools.
    tools: bool,
}

/// How a server is told to answer with an object, from strict to loose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Structure {
    /// `response_format` of type `json_schema`.
    Schema,
    /// `response_format` of type `json_object`.
    Object,
    /// The prompt alone describes the object.
    Prose,
}

impl Structure {
    fn weaker(self) -> Option<Self> {
        match self {
            Self::Schema => Some(Self::Object),
            Self::Object => Some(Self::Prose),
            Self::Prose => None,
        }
    }
}

/// The options of a request in addition to the messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestOptions<'a> {
    pub(super) temperature: f32,
    pub(super) max_tokens: u32,
    /// The schema of the object to answer with; None for prose.
    pub(super) schema: Option<&'a Schema>,
    /// The tools that it may call.
    pub(super) tools: Option<Tools<'a>>,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            stream_options: true,
            temperature: true,
            max_tokens: true,
            structure: Structure::Schema,
            tools: true,
        }
    }
}

impl Dialect {
    pub(super) fn supports_tools(self) -> bool {
        self.tools
    }

    pub(super) fn without_tools(self) -> Self {
        Self {
            tools: false,
            ..self
        }
    }

    /// Returns the dialect to try after this error.
    ///
    /// # Errors
    /// The same error, if no optional parameter was refused.
    pub(super) fn after(self, error: LlmError) -> Result<Self, LlmError> {
        let simpler = match &error {
            LlmError::Refused { status, body, .. } => self.without_refused(*status, body),
            _ => None,
        };
        simpler.ok_or(error)
    }

    /// Returns the dialect to try after a refusal with this status and body; None if no optional parameter is left.
    fn without_refused(mut self, status: u16, body: &str) -> Option<Self> {
        if !matches!(status, 400 | 422) {
            return None;
        }
        let names_structure = ["response_format", "json_schema", "json_object"]
            .iter()
            .any(|name| body.contains(name));
        if let Some(weaker) = self.structure.weaker().filter(|_| names_structure) {
            self.structure = weaker;
        } else if self.max_tokens && body.contains("max_completion_tokens") {
            self.max_tokens = false;
        } else if self.temperature && body.contains("temperature") {
            self.temperature = false;
        } else if self.stream_options {
            // Also if the server does not name the parameter, since this one is refused most often.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ChatCompletionTools>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<ToolChoiceOptions>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ResponseFormat<'a> {
    JsonSchema { json_schema: Strict<'a> },
    JsonObject,
}

#[derive(Serialize)]
struct Strict<'a> {
    #[serde(flatten)]
    schema: &'a Schema,
    strict: bool,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl<'a> Request<'a> {
    pub(super) fn new(
        model: &'a str,
        messages: &'a [Message],
        options: RequestOptions<'a>,
        dialect: Dialect,
    ) -> Self {
        let RequestOptions {
            temperature,
            max_tokens,
            schema,
            tools,
        } = options;
        let response_format = schema.and_then(|schema| match dialect.structure {
            Structure::Schema => Some(ResponseFormat::JsonSchema {
                json_schema: Strict {
                    schema,
                    strict: true,
                },
            }),
            Structure::Object => Some(ResponseFormat::JsonObject),
            Structure::Prose => None,
        });
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
            response_format,
            tools: tools.map(Tools::descriptions).unwrap_or_default(),
            // The default of every server is "auto".
            tool_choice: tools
                .filter(|tools| !tools.may_be_called)
                .map(|_| ToolChoiceOptions::None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(dialect: Dialect) -> serde_json::Value {
        serialized_for(None, dialect)
    }

    fn serialized_for(schema: Option<&Schema>, dialect: Dialect) -> serde_json::Value {
        let options = RequestOptions {
            temperature: 0.5,
            max_tokens: 9,
            schema,
            tools: None,
        };
        serde_json::to_value(Request::new("m", &[], options, dialect)).unwrap()
    }

    #[test]
    fn a_schema_is_requested_as_far_as_the_server_supports_it() {
        let schema = Schema {
            name: "plan",
            schema: serde_json::json!({ "type": "object" }),
        };
        let strict = Dialect::default();
        let format = serialized_for(Some(&schema), strict)["response_format"].clone();
        assert_eq!(format["type"], "json_schema");
        assert_eq!(format["json_schema"]["name"], "plan");
        assert_eq!(format["json_schema"]["strict"], true);
        assert_eq!(format["json_schema"]["schema"]["type"], "object");
        let object = strict
            .without_refused(400, "'response_format.type' must be 'json_object'")
            .unwrap();
        let format = serialized_for(Some(&schema), object)["response_format"].clone();
        assert_eq!(format, serde_json::json!({ "type": "json_object" }));
        let prose = object
            .without_refused(422, "unknown field response_format")
            .unwrap();
        assert!(
            serialized_for(Some(&schema), prose)
                .get("response_format")
                .is_none()
        );
        assert!(sent(strict).get("response_format").is_none());
    }

    #[test]
    fn a_refused_parameter_is_left_out_or_replaced_and_the_others_stay() {
        let all = Dialect::default();
        let renamed = all
            .without_refused(400, "use 'max_completion_tokens' instead")
            .unwrap();
        assert_eq!(sent(renamed)["max_completion_tokens"], 9);
        assert!(sent(renamed).get("max_tokens").is_none());
        let default_temperature = renamed
            .without_refused(400, "Unsupported value: 'temperature'")
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
        while let Some(simpler) = dialect.without_refused(422, "temperature max_completion_tokens")
        {
            dialect = simpler;
            tries += 1;
        }
        assert_eq!(tries, 3);
        assert_eq!(Dialect::default().without_refused(401, "temperature"), None);
    }
}
