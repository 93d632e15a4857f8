//! What a script takes over from the files that it includes.

use std::collections::BTreeSet;

use crate::recipes::model::{ImportLoss, LineText, Node, Recipe};

/// Numbers of steps, variables and losses of a recipe before an include.
pub(super) struct Extent {
    steps: usize,
    variables: usize,
    losses: usize,
    includes: usize,
    body: usize,
}

impl Extent {
    pub(super) fn new(recipe: &Recipe) -> Self {
        Self {
            steps: recipe.steps.len(),
            variables: recipe.variables.len(),
            losses: recipe.losses.len(),
            includes: recipe.includes.len(),
            body: recipe.body.len(),
        }
    }

    /// Marks everything added since then as coming from `file`, with the line of the include.
    pub(super) fn attribute(&self, recipe: &mut Recipe, file: &str, line: u32) {
        // Nested includes are marked already.
        let from = |own: u32| LineText {
            text: file.to_owned(),
            line: own,
        };
        for step in &mut recipe.steps[self.steps..] {
            step.origin.get_or_insert_with(|| from(step.lines.0));
            step.lines = (line, line);
            if let Some(time) = &mut step.duration {
                time.line = line;
            }
            if let Some(until) = &mut step.until {
                until.line = line;
            }
            for operation in &mut step.operations {
                operation.line = line;
            }
        }
        for variable in &mut recipe.variables[self.variables..] {
            variable.origin.get_or_insert_with(|| from(variable.line));
            variable.line = line;
        }
        for loss in &mut recipe.losses[self.losses..] {
            let place = loss.lines.0;
            loss.reason = format!("{} ({file}, line {place})", loss.reason);
            loss.lines = (line, line);
        }
        for include in &mut recipe.includes[self.includes..] {
            include.line = line;
        }
        if recipe.body.len() > self.body {
            recipe.body.truncate(self.body);
            recipe.losses.push(ImportLoss {
                lines: (line, line),
                raw: file.to_owned(),
                reason: format!("the layers in {file} are not read; only what it defines is"),
            });
        }
    }
}

/// Removes the steps of subroutines from other files that are never called.
pub(super) fn leave_out_uncalled(recipe: &mut Recipe) {
    if recipe.steps.iter().all(|step| step.origin.is_none()) {
        return;
    }
    let mut called = BTreeSet::new();
    collect(&recipe.body, &mut called);
    let mut new_indices = vec![0; recipe.steps.len()];
    let mut kept_steps = Vec::with_capacity(recipe.steps.len());
    for (at, step) in std::mem::take(&mut recipe.steps).into_iter().enumerate() {
        new_indices[at] = kept_steps.len();
        if step.origin.is_none() || called.contains(&at) {
            kept_steps.push(step);
        }
    }
    recipe.steps = kept_steps;
    renumber(&mut recipe.body, &new_indices);
}

fn collect(nodes: &[Node], called: &mut BTreeSet<usize>) {
    for node in nodes {
        match node {
            Node::Step(step) => {
                called.insert(*step);
            }
            Node::Loop(inner) => collect(&inner.body, called),
            Node::Call(_) => {}
        }
    }
}

fn renumber(nodes: &mut [Node], new_indices: &[usize]) {
    for node in nodes {
        match node {
            Node::Step(step) => *step = new_indices[*step],
            Node::Loop(inner) => renumber(&mut inner.body, new_indices),
            Node::Call(_) => {}
        }
    }
}
