//! Messages of the conversation with the model.

use async_openai::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCalls, FunctionCall,
};
use serde::Serialize;

use super::tools::ToolCall;

/// One message of the conversation with the model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    pub role: Role,
    pub content: String,
    /// Tool calls in a message of the model.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ChatCompletionMessageToolCalls>,
    /// Id of the tool call, in a message with its result.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<String>,
}

/// The author of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    System,
    User,
    Assistant,
    Tool,
}

impl Message {
    #[must_use]
    pub fn new(role: Role, content: String) -> Self {
        Self {
            role,
            content,
            tool_calls: Vec::new(),
            tool_call_id: None,
        }
    }

    /// Creates a message of the model with tool calls.
    #[must_use]
    pub fn calling(content: String, calls: &[ToolCall]) -> Self {
        let calls = calls.iter().map(|call| ChatCompletionMessageToolCall {
            id: call.id.clone(),
            function: FunctionCall {
                name: call.name.clone(),
                arguments: call.arguments.clone(),
            },
        });
        Self {
            tool_calls: calls
                .map(ChatCompletionMessageToolCalls::Function)
                .collect(),
            ..Self::new(Role::Assistant, content)
        }
    }

    /// Creates a message with the result of a tool call.
    #[must_use]
    pub fn result(call: &ToolCall, content: String) -> Self {
        Self {
            tool_call_id: Some(call.id.clone()),
            ..Self::new(Role::Tool, content)
        }
    }
}
