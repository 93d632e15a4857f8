//! Checks a recipe against the limits that the manuals state.

use super::lookup::channel_name;
use super::reply::{ReplyWriter, code};
use crate::domain::units::format::with_unit;
use crate::i18n::recipe as say;
use crate::i18n::recipe::TableColumn;
use crate::recipes::limits::SetpointLimit;
use crate::recipes::record::RecipeRecord;
use crate::recipes::snapshot::{RecipeEntry, RecipeView};
use crate::recipes::timeline::Timeline;

/// Rows of a table; further ones are counted only.
const MAX_ROWS: usize = 40;

pub(super) fn answer(entry: &RecipeEntry, view: &RecipeView<'_>, writer: &mut ReplyWriter) {
    let recipe = entry.recipe();
    let language = writer.language;
    let timeline = Timeline::new(recipe);
    let name = code(&recipe.id);
    let mut rows = vec![say::column_names(
        language,
        &[
            TableColumn::Setting,
            TableColumn::Step,
            TableColumn::Value,
            TableColumn::Limit,
            TableColumn::Verdict,
            TableColumn::Source,
        ],
    )];
    let (mut met, mut violations, mut unmatched) = (0, 0, 0);
    let mut within: Vec<(&RecipeRecord, &SetpointLimit, String, (f64, f64))> = Vec::new();
    for (record, limit) in view.limits() {
        let Some(checked) = limit.check(&timeline) else {
            unmatched += 1;
            continue;
        };
        let channel = channel_name(recipe, checked.channel);
        if checked.outside.is_empty() {
            met += 1;
            within.push((record, limit, channel, checked.range));
            continue;
        }
        for excess in &checked.outside {
            violations += 1;
            let step = &recipe.steps[excess.step];
            let cites = format!(
                "{}{}",
                writer.cite(entry, excess.line),
                writer.cite_in(record, limit.line)
            );
            rows.push(vec![
                channel.clone(),
                code(&step.name()),
                format!("{} (L{})", with_unit(excess.value, limit.unit), excess.line),
                limit.raw.clone(),
                say::outside(language).to_owned(),
                cites.trim().to_owned(),
            ]);
        }
    }
    if met + violations == 0 {
        writer.refuse(&say::no_limits(language, &name));
        return;
    }
    for (record, limit, channel, (lowest, highest)) in within {
        let cite = writer.cite_in(record, limit.line);
        rows.push(vec![
            channel,
            String::new(),
            format!(
                "{} … {}",
                with_unit(lowest, limit.unit),
                with_unit(highest, limit.unit)
            ),
            limit.raw.clone(),
            say::inside(language).to_owned(),
            cite.trim().to_owned(),
        ]);
    }
    writer.line(&say::checked(language, &name, violations, met));
    let further = rows.len().saturating_sub(MAX_ROWS + 1);
    rows.truncate(MAX_ROWS + 1);
    writer.table(&rows);
    if further > 0 {
        writer.paragraph(&say::and_more(language, further));
    }
    writer.paragraph(&say::unmatched(language, unmatched));
}
