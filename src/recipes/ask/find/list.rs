//! Lists of recipes, and recipes by their headers.

use super::MAX_ROWS;
use crate::domain::units::format::plain;
use crate::i18n::recipe as say;
use crate::i18n::recipe::TableColumn;
use crate::recipes::ask::question::RecipeQuestion;
use crate::recipes::ask::reply::{ReplyWriter, code};
use crate::recipes::model::LineText;
use crate::recipes::snapshot::{RecipeEntry, RecipeView, key};
use crate::recipes::timeline::Timeline;

/// Finds recipes by their headers: tool, author, origin.
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
        for entry in found.iter().take(MAX_ROWS) {
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
    let is_unfiltered =
        question.layers.is_empty() && question.words.iter().all(|word| is_filler(&word.lower));
    if wants_all && is_unfiltered {
        list(&view.entries, "*", writer);
        return Some(());
    }
    None
}

/// Whether a word of a question for the list of recipes does not narrow it.
fn is_filler(word: &str) -> bool {
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

/// Lists recipes with their headers, and the condition that they match.
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
    for entry in entries.iter().take(MAX_ROWS) {
        let recipe = entry.recipe();
        let timeline = Timeline::new(recipe);
        let time = if timeline.is_complete {
            format!("{} min", plain(timeline.seconds() / 60.0, 1))
        } else {
            say::unknown(language).to_owned()
        };
        let text_of = |field: &Option<LineText>| {
            field
                .as_ref()
                .map_or_else(String::new, |field| code(&field.text))
        };
        let cite = writer.cite(entry, recipe.steps.first().map_or(1, |step| step.lines.0));
        rows.push(vec![
            code(&recipe.id),
            text_of(&recipe.header.title),
            text_of(&recipe.header.tool),
            recipe.steps.len().to_string(),
            time,
            cite.trim().to_owned(),
        ]);
    }
    writer.table(&rows);
    if entries.len() > MAX_ROWS {
        writer.paragraph(&say::and_more(language, entries.len() - MAX_ROWS));
    }
}
