//! A recipe against the limits that the manuals state.

use super::lookup::channel_name;
use super::reply::{Writer, code};
use crate::domain::units::format::with_unit;
use crate::i18n::recipe as say;
use crate::i18n::recipe::Head;
use crate::recipes::book::{Entry, View};
use crate::recipes::limits::Limit;
use crate::recipes::record::Record;
use crate::recipes::timeline::Timeline;

/// Rows of a table at most; further ones are counted.
const MOST_ROWS: usize = 40;

pub(super) fn answer(entry: &Entry, view: &View<'_>, writer: &mut Writer) {
    let recipe = entry.recipe();
    let language = writer.language;
    let timeline = Timeline::of(recipe);
    let name = code(&recipe.id);
    let mut rows = vec![say::heads(
        language,
        &[
            Head::Setting,
            Head::Step,
            Head::Value,
            Head::Limit,
            Head::Verdict,
            Head::Source,
        ],
    )];
    let (mut held, mut broken, mut unmatched) = (0, 0, 0);
    let mut within: Vec<(&Record, &Limit, String, (f64, f64))> = Vec::new();
    for (record, limit) in view.limits() {
        let Some(checked) = limit.check(&timeline) else {
            unmatched += 1;
            continue;
        };
        let channel = channel_name(recipe, checked.channel);
        if checked.outside.is_empty() {
            held += 1;
            within.push((record, limit, channel, checked.range));
            continue;
        }
        for excess in &checked.outside {
            broken += 1;
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
    if held + broken == 0 {
        writer.refuse(&say::no_limits(language, &name));
        return;
    }
    for (record, limit, channel, (least, most)) in within {
        let cite = writer.cite_in(record, limit.line);
        rows.push(vec![
            channel,
            String::new(),
            format!(
                "{} … {}",
                with_unit(least, limit.unit),
                with_unit(most, limit.unit)
            ),
            limit.raw.clone(),
            say::inside(language).to_owned(),
            cite.trim().to_owned(),
        ]);
    }
    writer.line(&say::checked(language, &name, broken, held));
    let further = rows.len().saturating_sub(MOST_ROWS + 1);
    rows.truncate(MOST_ROWS + 1);
    writer.table(&rows);
    if further > 0 {
        writer.paragraph(&say::and_more(language, further));
    }
    writer.paragraph(&say::unmatched(language, unmatched));
}
