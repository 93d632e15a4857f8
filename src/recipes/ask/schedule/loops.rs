//! Replies about loops and their counts.

use crate::domain::units::format::clock;
use crate::i18n::recipe as say;
use crate::recipes::ask::question::RecipeQuestion;
use crate::recipes::ask::reply::{ReplyWriter, code};
use crate::recipes::ask::step_selection;
use crate::recipes::model::Node;
use crate::recipes::snapshot::RecipeEntry;
use crate::recipes::timeline::Timeline;

pub(super) fn loops(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    timeline: &Timeline<'_>,
    writer: &mut ReplyWriter,
) {
    let recipe = entry.recipe();
    let language = writer.language;
    let name = code(&recipe.id);
    let mut all = Vec::new();
    collect(&recipe.body, &mut all);
    let Some(wanted) = step_selection::chosen(question, entry, timeline, writer) else {
        return;
    };
    let found: Vec<&LoopInfo> = all
        .iter()
        .filter(|counted| {
            wanted.is_empty() || wanted.iter().any(|step| counted.steps.contains(step))
        })
        .collect();
    if found.is_empty() {
        writer.refuse(&say::no_loops(language, &name));
        return;
    }
    for counted in found {
        let step = counted
            .steps
            .iter()
            .find(|step| wanted.contains(step))
            .or(counted.steps.first());
        let Some(step) = step.map(|step| &recipe.steps[*step]) else {
            continue;
        };
        let loop_cite = writer.cite(entry, counted.line);
        let step_cite = writer.cite(entry, step.lines.0);
        let cites = if loop_cite == step_cite {
            loop_cite
        } else {
            format!("{loop_cite}{step_cite}")
        };
        let mut line = say::loops(language, &name, counted.count, &code(&step.name()));
        if let Some(seconds) = step.seconds() {
            let total = clock(seconds * f64::from(counted.count));
            line = format!("{line} ({} × {} = {total})", counted.count, clock(seconds));
        }
        writer.line(&format!("{line} (L{}){cites}.", counted.line));
    }
}

/// A loop with its count, its line and the steps in it.
struct LoopInfo {
    count: u32,
    line: u32,
    steps: Vec<usize>,
}

fn collect(nodes: &[Node], found: &mut Vec<LoopInfo>) -> Vec<usize> {
    let mut steps = Vec::new();
    for node in nodes {
        match node {
            Node::Step(step) => steps.push(*step),
            Node::Loop(inner) => {
                let at = found.len();
                let inner_steps = collect(&inner.body, found);
                if let Some(count) = inner.count {
                    found.insert(
                        at,
                        LoopInfo {
                            count,
                            line: inner.line,
                            steps: inner_steps.clone(),
                        },
                    );
                }
                steps.extend(inner_steps);
            }
            Node::Call(_) => {}
        }
    }
    steps
}
