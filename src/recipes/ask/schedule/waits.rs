//! Replies about steps that wait for a condition.

use super::MAX_ROWS;
use crate::domain::units::Unit;
use crate::domain::units::format::with_unit;
use crate::i18n::recipe as say;
use crate::i18n::recipe::TableColumn;
use crate::recipes::ask::reply::{ReplyWriter, code};
use crate::recipes::model::ConditionKind;
use crate::recipes::snapshot::RecipeEntry;
use crate::recipes::timeline::Timeline;

pub(super) fn waits(entry: &RecipeEntry, timeline: &Timeline<'_>, writer: &mut ReplyWriter) {
    let recipe = timeline.recipe;
    let language = writer.language;
    let name = code(&recipe.id);
    let waiting: Vec<&crate::recipes::model::Step> = recipe
        .steps
        .iter()
        .filter(|step| step.until.is_some())
        .collect();
    if waiting.is_empty() {
        writer.line(&say::no_waits(language, &name));
        return;
    }
    writer.line(&say::waits(language, &name, waiting.len()));
    let mut rows = vec![say::column_names(
        language,
        &[
            TableColumn::Step,
            TableColumn::Condition,
            TableColumn::Value,
            TableColumn::Line,
            TableColumn::Source,
        ],
    )];
    for step in waiting.iter().take(MAX_ROWS) {
        let Some(until) = &step.until else {
            continue;
        };
        let value = until
            .value
            .as_ref()
            .and_then(|value| value.number)
            .map(|number| {
                let unit = until
                    .channel
                    .map_or(Unit::None, |channel| recipe.channels[channel].unit);
                let sign = match until.passes {
                    ConditionKind::Above => "> ",
                    ConditionKind::Below => "< ",
                    _ => "",
                };
                format!("{sign}{}", with_unit(number, unit))
            });
        let cite = writer.cite(entry, until.line);
        rows.push(vec![
            code(&step.name()),
            code(&until.raw),
            value.unwrap_or_default(),
            until.line.to_string(),
            cite.trim().to_owned(),
        ]);
    }
    writer.table(&rows);
    if waiting.len() > MAX_ROWS {
        writer.paragraph(&say::and_more(language, waiting.len() - MAX_ROWS));
    }
}
