//! Fixed-width text: code, and tables in workspaces without native tables.

use super::Block;
use crate::chat::slack::split::cut_code;

/// Length of one section, in characters; Slack's limit is 3,000.
pub(in crate::chat::slack) const MAX_SECTION_CHARS: usize = 2_900;

/// Escaped lines as code blocks, each within a section's limit.
pub(in crate::chat::slack) fn fenced(code: &str) -> Vec<String> {
    let parts = cut_code(code, MAX_SECTION_CHARS - 8).into_iter();
    parts.map(|code| format!("```\n{code}\n```")).collect()
}

/// A table as fixed-width blocks.
pub(in crate::chat::slack) fn blocks(block: &Block) -> Vec<Block> {
    let parts = fenced(&block.text).into_iter();
    parts.map(|part| Block::new(block.role, part)).collect()
}
