//! Scripts of Aixtron reactors (`.epi`).
//!
//! ```text
//! read subfunctions.epi;
//! variable Offset = 10;
//! layer {
//!     2:00 "(e02) ramp", ReactorTemp to 1120+Offset, TMGa_1.push follow 500 - TMGa_1.source;
//!          "(e08) wait", until ReactorTemp >> 1119+Offset;
//!     loop 15 { 3:00 "barrier"; }
//!     Cooldown_v1.1;
//! }
//! ```
//! No grammar is published; this one was derived from real files. An unknown construct is skipped with its operation,
//! step or statement, and reported.

mod header;
mod included_file;
mod lexer;
mod operation;
mod parser;

use crate::domain::units::Unit;
use crate::recipes::model::{Recipe, Technique};

/// Returns the text of a file that a script includes, or the reason why it cannot.
pub type Include<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// Reads a script without its includes. `file` is the file's name.
#[must_use]
pub fn read(file: &str, text: &str) -> Recipe {
    with(file, text, None)
}

/// Reads a script with its includes. `include` returns their texts, or the reason why it cannot.
#[must_use]
pub fn read_with(file: &str, text: &str, include: Include<'_>) -> Recipe {
    with(file, text, Some(include))
}

fn with(file: &str, text: &str, include: Option<Include<'_>>) -> Recipe {
    let (tokens, comments) = lexer::scan(text);
    let mut recipe = parser::parse(text, &tokens, &comments, include);
    file.clone_into(&mut recipe.file);
    "aixtron".clone_into(&mut recipe.format);
    recipe.technique = Some(Technique::Mocvd);
    recipe.lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
    let begin = tokens
        .iter()
        .find(|token| token.kind == lexer::Lexeme::Name("layer"))
        .map_or(u32::MAX, |token| token.line);
    header::read(
        &mut recipe,
        comments.iter().filter(|comment| comment.line < begin),
    );
    if recipe.id.is_empty() {
        super::stem(file).clone_into(&mut recipe.id);
    }
    if rotates_by_gas(text) {
        for channel in &mut recipe.channels {
            if channel.kind == crate::recipes::model::ChannelKind::Rotation {
                channel.unit = Unit::None;
            }
        }
    }
    recipe
}

/// Older planetary reactors rotate the susceptor by a gas flow, so that the setpoint is a flow.
fn rotates_by_gas(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("rotationsgas") || text.contains("rotation gas") || text.contains("aix200")
}

#[cfg(test)]
mod tests;
