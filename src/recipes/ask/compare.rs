//! Two recipes side by side.

use super::question::RecipeQuestion;
use super::reply::{ReplyWriter, code};
use crate::domain::units::Unit;
use crate::domain::units::format::{clock, with_unit};
use crate::i18n::recipe as say;
use crate::i18n::recipe::TableColumn;
use crate::recipes::diff;
use crate::recipes::diff::{RecipeDiff, SettingChange, StepChange, ValueChange};
use crate::recipes::snapshot::{RecipeEntry, RecipeView, key};

/// Rows of a table; further ones are counted only.
const MAX_ROWS: usize = 60;

/// Compares a recipe with the one that its header says it is based on.
pub(super) fn with_origin(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    view: &RecipeView<'_>,
    writer: &mut ReplyWriter,
) {
    let language = writer.language;
    if let Some(unknown) = &question.unknown {
        writer.refuse(&say::no_such_recipe(language, &code(unknown)));
        return;
    }
    let recipe = entry.recipe();
    let Some(origin) = &recipe.header.based_on else {
        writer.refuse(&say::compare_with_what(language, &code(&recipe.id)));
        return;
    };
    // If the question names another recipe, it does not ask for the origin.
    let names_another = question.words.iter().any(|word| {
        let digits = word.raw.chars().filter(char::is_ascii_digit).count();
        digits >= 3 && word.raw.chars().any(|letter| letter.is_ascii_alphabetic())
    });
    if names_another {
        let names: Vec<String> = question
            .words
            .iter()
            .filter(|word| word.raw.chars().any(|letter| letter.is_ascii_digit()))
            .map(|word| word.raw.clone())
            .collect();
        writer.refuse(&say::no_such_recipe(language, &code(&names.join(" "))));
        return;
    }
    if let Some(origin) = view.named(&key(&origin.text)).first() {
        answer(origin, entry, writer);
    } else {
        let cite = writer.cite(entry, origin.line);
        let text = say::origin_not_there(language, &code(&recipe.id), &code(&origin.text));
        writer.refuse(&format!("{text}{cite}."));
    }
}

pub(super) fn answer(one: &RecipeEntry, other: &RecipeEntry, writer: &mut ReplyWriter) {
    let (first, second) = (one.recipe(), other.recipe());
    let language = writer.language;
    let found = diff::compare(first, second);
    let names = names(one, other);
    if found.is_empty() {
        let cites = format!("{}{}", writer.cite(one, 1), writer.cite(other, 1));
        writer.line(&format!(
            "{}{cites}",
            say::no_differences(language, &names.0, &names.1)
        ));
        write_losses(one, other, writer);
        return;
    }
    let count = |wanted: fn(&StepChange) -> bool| {
        found.changes.iter().filter(|change| wanted(change)).count()
    };
    writer.line(&say::differences(
        language,
        &names.0,
        &names.1,
        count(|change| matches!(change, StepChange::Changed { .. })),
        count(|change| matches!(change, StepChange::Added { .. })),
        count(|change| matches!(change, StepChange::Removed { .. })),
    ));
    let mut rows = vec![vec![
        say::column_name(language, TableColumn::Step).to_owned(),
        say::column_name(language, TableColumn::Setting).to_owned(),
        names.0.replace('`', ""),
        names.1.replace('`', ""),
        say::column_name(language, TableColumn::Source).to_owned(),
    ]];
    let omitted = add_rows(one, other, &found, &mut rows, writer);
    writer.table(&rows);
    if omitted > 0 {
        writer.paragraph(&say::and_more(language, omitted));
    }
    write_losses(one, other, writer);
}

/// Names both recipes; revisions of one recipe also get their revision.
fn names(one: &RecipeEntry, other: &RecipeEntry) -> (String, String) {
    let own = |entry: &RecipeEntry| {
        let id = &entry.recipe().id;
        match &entry.record().document.revision {
            Some(revision) if one.key == other.key => code(&format!("{id} rev. {revision}")),
            _ => code(id),
        }
    };
    (own(one), own(other))
}

fn write_losses(one: &RecipeEntry, other: &RecipeEntry, writer: &mut ReplyWriter) {
    for entry in [one, other] {
        let recipe = entry.recipe();
        if !recipe.losses.is_empty() {
            let text = say::losses(writer.language, &code(&recipe.id), recipe.losses.len());
            writer.paragraph(&text);
        }
    }
}

/// Adds a row for each difference; returns the number of those left out.
fn add_rows(
    one: &RecipeEntry,
    other: &RecipeEntry,
    found: &RecipeDiff,
    rows: &mut Vec<Vec<String>>,
    writer: &mut ReplyWriter,
) -> usize {
    let language = writer.language;
    let mut pair = |what: &str, setting: String, values: Values, writer: &mut ReplyWriter| {
        let cites = cites(
            one,
            other,
            values.0.as_ref().map(|(_, line)| *line),
            values.1.as_ref().map(|(_, line)| *line),
            writer,
        );
        let shown = |value: Option<(String, u32)>| {
            value.map_or_else(
                || "–".to_owned(),
                |(value, line)| format!("{value} (L{line})"),
            )
        };
        rows.push(vec![
            what.to_owned(),
            setting,
            shown(values.0),
            shown(values.1),
            cites,
        ]);
    };
    for variable in &found.variables {
        let name = code(&variable.name);
        let what = say::variable(language);
        pair(what, name, numbers(variable, Unit::None), writer);
    }
    for bubbler in &found.bubblers {
        let name = code(&bubbler.name);
        let what = say::bubbler(language);
        pair(what, name, numbers(bubbler, Unit::Celsius), writer);
    }
    for repeat in &found.loops {
        let shown =
            |value: Option<(u32, u32)>| value.map(|(count, line)| (count.to_string(), line));
        let name = code(&repeat.name);
        pair(
            &name,
            say::loop_count(language).to_owned(),
            (shown(repeat.before), shown(repeat.after)),
            writer,
        );
    }
    let mut omitted = 0;
    for change in &found.changes {
        let size = match change {
            StepChange::Changed { what, .. } => what.len(),
            StepChange::Added { .. } | StepChange::Removed { .. } => 1,
        };
        if rows.len() + size > MAX_ROWS {
            omitted += size;
            continue;
        }
        match change {
            StepChange::Added { after } => rows.push(unpaired_row(other, *after, false, writer)),
            StepChange::Removed { before } => rows.push(unpaired_row(one, *before, true, writer)),
            StepChange::Changed {
                before,
                after,
                what,
            } => {
                let (step, new) = (&one.recipe().steps[*before], &other.recipe().steps[*after]);
                let mut name = code(&step.name());
                if step.name() != new.name() {
                    name = format!("{name} → {}", code(&new.name()));
                }
                for setting in what {
                    let cites = cites(
                        one,
                        other,
                        Some(setting.lines.0.unwrap_or(step.lines.0)),
                        Some(setting.lines.1.unwrap_or(new.lines.0)),
                        writer,
                    );
                    rows.push(vec![
                        name.clone(),
                        setting.channel.as_deref().map_or_else(
                            || say::column_name(language, TableColumn::Time).to_owned(),
                            code,
                        ),
                        shown(setting, setting.before, setting.lines.0, writer),
                        shown(setting, setting.after, setting.lines.1, writer),
                        cites,
                    ]);
                }
            }
        }
    }
    omitted
}

/// Builds the row of a step that only one of the recipes has.
fn unpaired_row(
    entry: &RecipeEntry,
    step: usize,
    is_removed: bool,
    writer: &mut ReplyWriter,
) -> Vec<String> {
    let step = &entry.recipe().steps[step];
    let cite = writer.cite(entry, step.lines.0);
    let line_label = format!("L{}", step.lines.0);
    let (what, before, after) = if is_removed {
        (say::removed(writer.language), line_label, "–".to_owned())
    } else {
        (say::added(writer.language), "–".to_owned(), line_label)
    };
    vec![
        code(&step.name()),
        what.to_owned(),
        before,
        after,
        cite.trim().to_owned(),
    ]
}

fn cites(
    one: &RecipeEntry,
    other: &RecipeEntry,
    before: Option<u32>,
    after: Option<u32>,
    writer: &mut ReplyWriter,
) -> String {
    let before = before
        .map(|line| writer.cite(one, line))
        .unwrap_or_default();
    let after = after
        .map(|line| writer.cite(other, line))
        .unwrap_or_default();
    format!("{before}{after}").trim().to_owned()
}

type Values = (Option<(String, u32)>, Option<(String, u32)>);

fn numbers(pair: &ValueChange<f64>, unit: Unit) -> Values {
    let shown =
        |value: Option<(f64, u32)>| value.map(|(value, line)| (with_unit(value, unit), line));
    (shown(pair.before), shown(pair.after))
}

fn shown(
    setting: &SettingChange,
    value: Option<f64>,
    line: Option<u32>,
    writer: &ReplyWriter,
) -> String {
    let language = writer.language;
    let text = match (value, &setting.channel) {
        (None, None) => "until".to_owned(),
        (None, Some(_)) => return "–".to_owned(),
        (Some(seconds), None) => clock(seconds),
        (Some(value), Some(_)) if setting.is_digital => say::open(language, value > 0.5).to_owned(),
        (Some(value), Some(_)) => with_unit(value, setting.unit),
    };
    match line {
        Some(line) => format!("{text} (L{line})"),
        None => format!("{text} ({})", say::inherited(language)),
    }
}
