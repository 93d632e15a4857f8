//! Final steps after parsing a script: inlines subroutines, and reports values with unknown names.

use std::collections::BTreeMap;

use super::Parser;
use crate::recipes::import::aixtron::included_file;
use crate::recipes::import::shorten;
use crate::recipes::model::{Action, ImportLoss, Loop, Node, Operation, Recipe, Value};

impl Parser<'_> {
    pub(super) fn finish(mut self) -> Recipe {
        let definitions = std::mem::take(&mut self.definitions);
        let body = std::mem::take(&mut self.recipe.body);
        self.recipe.body = inline(body, &definitions, 0);
        included_file::leave_out_uncalled(&mut self.recipe);
        self.report_unknown_names();
        self.channels.put_into(&mut self.recipe);
        self.recipe.losses.sort_by_key(|loss| loss.lines);
        self.recipe
    }

    /// Reports values that use a name which neither this file defines nor any step sets.
    fn report_unknown_names(&mut self) {
        let known = |name: &str| {
            self.channels
                .all
                .iter()
                .any(|channel| channel.name.eq_ignore_ascii_case(name))
        };
        let mut losses = Vec::new();
        for step in &self.recipe.steps {
            let of_until = step
                .until
                .iter()
                .filter_map(|until| Some((until.value.as_ref()?, until.raw.as_str(), until.line)));
            let of_operations = step.operations.iter().filter_map(|operation| {
                value_of(operation).map(|value| (value, operation.raw.as_str(), operation.line))
            });
            for (value, raw, line) in of_operations.chain(of_until) {
                let Some(expression) = value.expression.as_ref().filter(|_| value.number.is_none())
                else {
                    continue;
                };
                let unknown: Vec<&str> = expression
                    .names()
                    .into_iter()
                    .filter(|name| !known(name))
                    .collect();
                if !unknown.is_empty() {
                    losses.push(ImportLoss {
                        lines: (line, line),
                        raw: shorten(raw),
                        reason: format!(
                            "{} is not defined in this file, so the value cannot be computed",
                            unknown.join(", ")
                        ),
                    });
                }
            }
        }
        self.recipe.losses.extend(losses);
    }
}

fn value_of(operation: &Operation) -> Option<&Value> {
    match &operation.action {
        Action::Set(value) | Action::Ramp { to: value, .. } | Action::Sweep { to: value, .. } => {
            Some(value)
        }
        Action::Follow(_) | Action::Switch(_) => None,
    }
}

/// Replaces calls by the steps of their subroutines.
fn inline(nodes: Vec<Node>, definitions: &BTreeMap<String, Vec<Node>>, depth: usize) -> Vec<Node> {
    let mut found = Vec::new();
    for node in nodes {
        match node {
            Node::Call(call) => match definitions.get(&call.text) {
                Some(body) if depth < 8 => {
                    found.extend(inline(body.clone(), definitions, depth + 1));
                }
                _ => found.push(Node::Call(call)),
            },
            Node::Loop(inner) => {
                let body = inline(inner.body, definitions, depth);
                found.push(Node::Loop(Loop { body, ..inner }));
            }
            Node::Step(step) => found.push(Node::Step(step)),
        }
        if found.len() > 100_000 {
            break;
        }
    }
    found
}
