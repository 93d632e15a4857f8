//! Replies about alarms from the tables of the documents.

use super::reply::{Reply, ReplyWriter, code};
use crate::recipes::alarm::{Alarm, AlarmQuery};
use crate::recipes::record::RecipeRecord;
use crate::recipes::snapshot::RecipeView;

/// Documents shown per code.
const MAX_DOCUMENTS: usize = 6;

/// Shows the records of the first of these codes that any document explains.
pub(super) fn answer(
    queries: &[AlarmQuery],
    view: &RecipeView<'_>,
    mut writer: ReplyWriter,
) -> Option<Reply> {
    let found = queries.iter().find_map(|wanted| {
        let found: Vec<(&RecipeRecord, &Alarm)> = view
            .alarms()
            .filter(|(_, alarm)| wanted.means(&alarm.code))
            .collect();
        (!found.is_empty()).then_some(found)
    })?;
    let mut last = "";
    for (record, alarm) in found.into_iter().take(MAX_DOCUMENTS) {
        if alarm.code != last {
            writer.paragraph(&format!("**{}**", alarm.code));
            last = &alarm.code;
        }
        let cite = writer.cite_in(record, alarm.line);
        writer.line(&format!("\n_{}_{cite}", plain(&record.document.title)));
        for (name, text) in &alarm.fields {
            let name = plain(name);
            let text = plain(text);
            writer.line(&if name.is_empty() {
                format!("- {text}")
            } else {
                format!("- {name}: {text}")
            });
        }
    }
    Some(writer.finish())
}

/// Neutralizes a cell's text that could become active markup in an answer.
fn plain(text: &str) -> String {
    let is_tame = !text.contains(['[', '<', '@', '`', '*', '_']) && !text.contains("://");
    if is_tame {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        code(text)
    }
}
