//! Text in a fixed width: code, and tables in workspaces where Slack shows none.

use super::Block;
use crate::chat::slack::split::cut_code;

/// Characters of one section; Slack takes 3,000.
pub(in crate::chat::slack) const SECTION: usize = 2_900;

/// Escaped lines as code blocks, each of a section's size.
pub(in crate::chat::slack) fn fenced(code: &str) -> Vec<String> {
    let parts = cut_code(code, SECTION - 8).into_iter();
    parts.map(|code| format!("```\n{code}\n```")).collect()
}

/// A table as blocks of a fixed width.
pub(in crate::chat::slack) fn blocks(block: &Block) -> Vec<Block> {
    let parts = fenced(&block.text).into_iter();
    parts.map(|part| Block::new(block.role, part)).collect()
}
