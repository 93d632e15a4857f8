//! Tool calling: descriptions of tools, and the calls that the model makes.

use async_openai::types::chat::{ChatCompletionTool, ChatCompletionTools, FunctionObject};
use serde_json::Value;

/// Maximum number of calls in a reply; more are ignored.
const MAX_CALLS: usize = 32;

/// A tool as it is described to the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// Letters and underscores.
    pub name: &'static str,
    /// One or two sentences.
    pub description: &'static str,
    /// Its arguments, as JSON Schema.
    pub parameters: Value,
}

/// A tool call as the model made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCall {
    /// Identifies its result.
    pub id: String,
    pub name: String,
    /// JSON, if the model wrote it correctly.
    pub arguments: String,
}

/// The tools of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tools<'a> {
    pub(super) tools: &'a [Tool],
    /// Otherwise the model has to answer, and the tools are described only because earlier messages call them.
    pub(super) may_be_called: bool,
}

impl Tools<'_> {
    pub(super) fn descriptions(self) -> Vec<ChatCompletionTools> {
        let descriptions = self.tools.iter().map(|tool| ChatCompletionTool {
            function: FunctionObject {
                name: tool.name.to_owned(),
                description: Some(tool.description.to_owned()),
                parameters: Some(tool.parameters.clone()),
                strict: None,
            },
        });
        descriptions.map(ChatCompletionTools::Function).collect()
    }
}

/// Whether an error response means that the server or its model does not support tools, rather than that the prompt is too
/// long.
pub(super) fn is_refusal(status: u16, body: &str) -> bool {
    let body = body.to_lowercase();
    let is_length = [
        "context length",
        "maximum context",
        "context window",
        "too long",
    ]
    .iter()
    .any(|words| body.contains(words));
    matches!(status, 400 | 404 | 422 | 500 | 501) && body.contains("tool") && !is_length
}

/// Calls, assembled from the pieces of a stream.
#[derive(Debug, Default)]
pub(super) struct ToolCalls(Vec<(u64, ToolCall)>);

impl ToolCalls {
    /// Adds the `tool_calls` of an event. Returns their number of characters; None if there are no calls.
    pub(super) fn add(&mut self, pieces: Option<&Value>) -> Option<usize> {
        let pieces = pieces?.as_array().filter(|pieces| !pieces.is_empty())?;
        Some(pieces.iter().map(|piece| self.add_one(piece)).sum())
    }

    fn add_one(&mut self, piece: &Value) -> usize {
        let text = |pointer: &str| piece.pointer(pointer).and_then(Value::as_str);
        let id = text("/id").filter(|id| !id.is_empty());
        let name = text("/function/name").filter(|name| !name.is_empty());
        let last = self.0.last().map(|(index, _)| *index);
        let index = match piece.get("index").and_then(Value::as_u64) {
            // Some servers send complete calls, all with index 0.
            Some(index) if id.is_none() || !self.is_other(index, id) => index,
            Some(_) => last.map_or(0, |last| last + 1),
            // Some send no index: a name begins a new call.
            None if name.is_some() => last.map_or(0, |last| last + 1),
            None => last.unwrap_or(0),
        };
        let at = match self.0.iter().position(|(other, _)| *other == index) {
            Some(at) => at,
            None if self.0.len() >= MAX_CALLS => return 0,
            None => {
                self.0.push((index, ToolCall::default()));
                self.0.len() - 1
            }
        };
        let call = &mut self.0[at].1;
        if let Some(id) = id {
            id.clone_into(&mut call.id);
        }
        if let (Some(name), true) = (name, call.name.is_empty()) {
            name.clone_into(&mut call.name);
        }
        let arguments = match piece.pointer("/function/arguments") {
            Some(Value::String(arguments)) => arguments.clone(),
            // Some send the object instead of its text.
            Some(object @ Value::Object(_)) => object.to_string(),
            _ => String::new(),
        };
        call.arguments.push_str(&arguments);
        arguments.chars().count() + name.map_or(0, str::len)
    }

    fn is_other(&self, index: u64, id: Option<&str>) -> bool {
        self.0.iter().any(|(other, call)| {
            *other == index && !call.id.is_empty() && Some(call.id.as_str()) != id
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the calls in order, each with its own id.
    pub(super) fn to_vec(&self) -> Vec<ToolCall> {
        let mut calls: Vec<ToolCall> = self.0.iter().map(|(_, call)| call.clone()).collect();
        for (at, call) in calls.iter_mut().enumerate() {
            if call.id.is_empty() {
                call.id = format!("call_{at}");
            }
        }
        calls
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn calls(events: &[Value]) -> Vec<(String, String, String)> {
        let mut calls = ToolCalls::default();
        for event in events {
            calls.add(Some(event));
        }
        let made = calls.to_vec().into_iter();
        made.map(|call| (call.id, call.name, call.arguments))
            .collect()
    }

    #[test]
    fn calls_are_assembled_however_servers_send_them() {
        let one = ("a".to_owned(), "diff".to_owned(), "{\"x\":1}".to_owned());
        let two = ("b".to_owned(), "show".to_owned(), "{}".to_owned());
        // In pieces.
        assert_eq!(
            calls(&[
                json!([{"index": 0, "id": "a", "function": {"name": "diff", "arguments": ""}}]),
                json!([{"index": 0, "function": {"arguments": "{\"x\""}}]),
                json!([{"index": 0, "function": {"arguments": ":1}"}}]),
                json!([{"index": 1, "id": "b", "function": {"name": "show", "arguments": "{}"}}]),
            ]),
            [one.clone(), two.clone()]
        );
        // Whole, all with the same number; the arguments as an object.
        assert_eq!(
            calls(&[
                json!([{"index": 0, "id": "a", "function": {"name": "diff", "arguments": {"x": 1}}}]),
                json!([{"index": 0, "id": "b", "function": {"name": "show", "arguments": "{}"}}]),
            ]),
            [one, two]
        );
        // Without numbers or ids.
        let nameless = calls(&[
            json!([{"function": {"name": "diff", "arguments": "{"}}, {"function": {"name": "show"}}]),
            json!([{"function": {"arguments": "}"}}]),
        ]);
        assert_eq!(nameless[0].1, "diff");
        assert_eq!(
            nameless[1],
            ("call_1".to_owned(), "show".to_owned(), "}".to_owned())
        );
        assert_eq!(ToolCalls::default().add(Some(&json!([]))), None);
        assert_eq!(ToolCalls::default().add(None), None);
    }

    #[test]
    fn a_server_without_tools_is_distinguished_from_a_prompt_that_is_too_long() {
        for (status, body) in [
            (
                400,
                "registry.ollama.ai/library/gemma:2b does not support tools",
            ),
            (
                400,
                "\"auto\" tool choice requires --enable-auto-tool-choice",
            ),
            (500, "tools param requires --jinja flag"),
            (404, "No endpoints found that support tool use"),
            (422, "extra fields not permitted: body.tools"),
        ] {
            assert!(is_refusal(status, body), "{body}");
        }
        for (status, body) in [
            (
                400,
                "This model's maximum context length is 8192 tokens (900 in the tools)",
            ),
            (400, "temperature"),
            (401, "no tools for you"),
        ] {
            assert!(!is_refusal(status, body), "{body}");
        }
    }
}
