//! Rendering of prompt templates.

use anyhow::Context;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use serde::Serialize;

use crate::llm::message::{Message, Role};

/// Renders the system message and the user message of a prompt. A name that is missing in `values` is an error.
pub(crate) fn messages(
    system: &'static str,
    user: &'static str,
    values: &impl Serialize,
) -> anyhow::Result<Vec<Message>> {
    let values = Value::from(Serde(values));
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut message = |role: Role, name: &'static str, template: &'static str| {
        environment
            .add_template(name, template)
            .and_then(|()| environment.get_template(name)?.render(&values))
            .map(|content| Message::new(role, content))
            .with_context(|| format!("the prompt's template {name} cannot be rendered"))
    };
    Ok(vec![
        message(Role::System, "system", system)?,
        message(Role::User, "question", user)?,
    ])
}
