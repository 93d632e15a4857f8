//! Lists of recipes, and recipes by what their headers say.

use super::MOST_ROWS;
use crate::domain::units::format::plain;
use crate::i18n::recipe as say;
use crate::i18n::recipe::TableColumn;
use crate::recipes::ask::question::RecipeQuestion;
use crate::recipes::ask::reply::{ReplyWriter, code};
use crate::recipes::model::LineText;
use crate::recipes::snapshot::{RecipeEntry, RecipeView, key};
use crate::recipes::timeline::Timeline;

/// Recipes by what their headers say: tool, author, origin.
pub(super) fn by_words(
    question: &RecipeQuestion<'_>,
    view: &RecipeView<'_>,
    writer: &mut ReplyWriter,
) -> Option<()> {
    let language = writer.language;
    if question.mentions(&["based on", "바탕", "기반"]) && !question.entries.is_empty() {
        let origin = key(&question.entries[0].recipe().id);
        let found: Vec<&&RecipeEntry> = view
            .entries
            .iter()
            .filter(|entry| {
                let based = entry.recipe().header.based_on.as_ref();
                based.is_some_and(|based| key(&based.text) == origin)
            })
            .collect();
        let what = format!("← {}", code(&question.entries[0].recipe().id));
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
    let wants_all = question.mentions(&[
        "list",
        "list recipes",
        "목록",
        "모든 레시피",
        "전체 레시피",
        "all recipes",
        "레시피 모두",
        "레시피 전부",
    ]) && question.quantity.is_none();
    let is_plain =
        question.layers.is_empty() && question.words.iter().all(|word| is_plain(&word.lower));
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
pub(in crate::recipes::ask) fn list(
    entries: &[&RecipeEntry],
    what: &str,
    writer: &mut ReplyWriter,
) {
    let language = writer.language;
    let mut rows = vec![say::column_names(
        language,
        &[
            TableColumn::Recipe,
            TableColumn::Title,
            TableColumn::Tool,
            TableColumn::Steps,
            TableColumn::Time,
            TableColumn::Source,
        ],
    )];
    writer.line(&say::found(language, entries.len(), what));
    for entry in entries.iter().take(MOST_ROWS) {
        let recipe = entry.recipe();
        let timeline = Timeline::new(recipe);
        let time = if timeline.is_complete {
            format!("{} min", plain(timeline.seconds() / 60.0, 1))
        } else {
            say::unknown(language).to_owned()
        };
        let noted = |noted: &Option<LineText>| {
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
