//! What the tests share: networks to talk to, and a bot between them.

pub(crate) mod browser;
mod http;
pub(crate) mod llm;
pub(crate) mod slack;

pub(crate) use http::http;
