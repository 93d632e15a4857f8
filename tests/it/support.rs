//! What the tests share: networks to talk to, and a bot between them.

pub(crate) mod llm;
