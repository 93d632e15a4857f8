//! Lists of recipes, and recipes by what their headers say.

use super::MOST_ROWS;
use crate::domain::units::format::plain;
use crate::i18n::recipe as say;
use crate::i18n::recipe::Head;
use crate::recipes::ask::question::Asked;
use crate::recipes::ask::reply::{Writer, code};
use crate::recipes::book::{Entry, View, key};
use crate::recipes::model::Noted;
use crate::recipes::timeline::Timeline;

/// Recipes by what their headers say: tool, author, origin.
pub(super) fn by_words(asked: &Asked<'_>, view: &View<'_>, writer: &mut Writer) -> Option<()> {
    let language = writer.language;
    if asked.says(&["based on", "바탕", "기반"]) && !asked.entries.is_empty() {
        let origin = key(&asked.entries[0].recipe().id);
        let found: Vec<&&Entry> = view
            .entries
            .iter()
            .filter(|entry| {
                let based = entry.recipe().header.based_on.as_ref();
                based.is_some_and(|based| key(&based.text) == origin)
            })
            .collect();
        let what = format!("← {}", code(&asked.entries[0].recipe().id));
        if found.is_empty() {
            writer.refuse(&say::nothing_found(language, &what));
            return Some(());
        }
        writer.line(&say::found(language, found.len(), &what));
        for entry in found.iter().take(MOST_ROWS) {
            let line = entry
                .recipe()
                .header
                .based_on
                .as_ref()
                .map_or(1, |based| based.line);
            let cite = writer.cite(entry, line);
            writer.line(&format!("- {} (L{line}){cite}", code(&entry.recipe().id)));
        }
        return Some(());
    }
    let wants_all = asked.says(&[
        "list",
        "list recipes",
        "목록",
        "모든 레시피",
        "전체 레시피",
        "all recipes",
        "레시피 모두",
        "레시피 전부",
    ]) && asked.quantity.is_none();
    let is_plain = asked.layers.is_empty() && asked.words.iter().all(|word| is_plain(&word.small));
    if wants_all && is_plain {
        list(&view.entries, "*", writer);
        return Some(());
    }
    None
}

/// Words of a question for the list of recipes that narrow it in no way.
fn is_plain(word: &str) -> bool {
    [
        "list",
        "all",
        "the",
        "recipes",
        "recipe",
        "of",
        "show",
        "me",
        "please",
        "which",
        "what",
        "are",
        "there",
        "do",
        "you",
        "have",
        "i",
        "can",
        "see",
        "a",
        "epibot",
        "every",
        "available",
    ]
    .contains(&word)
}

/// Recipes with what their headers say, and by what they were chosen.
pub(in crate::recipes::ask) fn list(entries: &[&Entry], what: &str, writer: &mut Writer) {
    let language = writer.language;
    let mut rows = vec![say::heads(
        language,
        &[
            Head::Recipe,
            Head::Title,
            Head::Tool,
            Head::Steps,
            Head::Time,
            Head::Source,
        ],
    )];
    writer.line(&say::found(language, entries.len(), what));
    for entry in entries.iter().take(MOST_ROWS) {
        let recipe = entry.recipe();
        let timeline = Timeline::of(recipe);
        let time = if timeline.is_complete {
            format!("{} min", plain(timeline.seconds() / 60.0, 1))
        } else {
            say::unknown(language).to_owned()
        };
        let noted = |noted: &Option<Noted>| {
            noted
                .as_ref()
                .map_or_else(String::new, |noted| code(&noted.text))
        };
        let cite = writer.cite(entry, recipe.steps.first().map_or(1, |step| step.lines.0));
        rows.push(vec![
            code(&recipe.id),
            noted(&recipe.header.title),
            noted(&recipe.header.tool),
            recipe.steps.len().to_string(),
            time,
            cite.trim().to_owned(),
        ]);
    }
    writer.table(&rows);
    if entries.len() > MOST_ROWS {
        writer.paragraph(&say::and_more(language, entries.len() - MOST_ROWS));
    }
}
