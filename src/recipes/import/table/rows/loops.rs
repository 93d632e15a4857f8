//! Loops of rows: a nesting column with a number of periods, or a repeat count with the row that ends it.

use crate::recipes::model::{ImportLoss, Loop, Node, Recipe};

/// Number and repeats of a row, next to its operations.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) number: Option<String>,
    pub(super) nesting: u32,
    pub(super) periods: u32,
    pub(super) count: u32,
    pub(super) end: Option<String>,
}

/// Builds steps and loops from a range of rows.
pub(super) fn nodes(recipe: &mut Recipe, shapes: &[Shape], from: usize, to: usize) -> Vec<Node> {
    let mut found = Vec::new();
    let mut at = from;
    while at < to {
        let shape = &shapes[at];
        let line = recipe.steps[at].lines.0;
        let wanted = if shape.periods > 1 && shape.nesting > 0 {
            let end = (at + 1..to)
                .find(|next| shapes[*next].nesting < shape.nesting)
                .unwrap_or(to);
            Some((shape.periods, end))
        } else if shape.count > 0 {
            let named = shape.end.as_deref().unwrap_or_default();
            let end = (at..to).find(|next| shapes[*next].number.as_deref() == Some(named));
            if end.is_none() {
                recipe.losses.push(ImportLoss {
                    lines: (line, line),
                    raw: format!("{} × … {named}", shape.count),
                    reason: "the row at which the repeat ends is not there; its rows are read once"
                        .to_owned(),
                });
            }
            end.map(|end| (shape.count, end + 1))
        } else {
            None
        };
        if let Some((count, end)) = wanted {
            // The first row must not open the same loop again.
            let mut body = vec![Node::Step(at)];
            body.extend(nodes(recipe, shapes, at + 1, end));
            found.push(Node::Loop(Loop {
                count: Some(count),
                raw: count.to_string(),
                line,
                body,
            }));
            at = end;
        } else {
            found.push(Node::Step(at));
            at += 1;
        }
    }
    found
}
