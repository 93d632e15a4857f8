//! Questions about recipes, understood by rules and answered from data without a language model.
//!
//! A question is answered here only if the rules are sure of its meaning; everything else is left to document search.
//! A number is looked up or computed, and cited; what a file does not say is reported as missing.

mod alarms;
mod compare;
mod derivation;
mod find;
mod header;
mod known_words;
mod limits;
mod lookup;
mod phrases;
mod question;
mod reply;
mod schedule;
mod settings;
mod step_selection;
pub mod structured;
mod summary;
mod vocabulary;

use crate::domain::language::Language;
use crate::i18n::recipe as say;
use crate::recipes::alarm;

pub use question::{Comparison, Threshold};
pub use reply::{Reply, code};
pub use vocabulary::layers;

use crate::recipes::snapshot::{RecipeEntry, RecipeView, key};
use question::{AskedQuantity, RecipeQuestion};
use reply::ReplyWriter;

/// Answers a question about recipes; returns `None` if it is about something else. `earlier` is the previous question
/// of the conversation.
#[must_use]
pub fn answer(
    text: &str,
    earlier: Option<&str>,
    view: &RecipeView<'_>,
    language: Language,
) -> Option<Reply> {
    if view.entries.is_empty() {
        return None;
    }
    let question = RecipeQuestion::parse(text, earlier, view);
    let mut writer = ReplyWriter::new(language);
    match question.entries.as_slice() {
        [] => without_recipe(&question, view, &mut writer)?,
        [one] => about_one(&question, one, view, &mut writer)?,
        [one, other, ..] => {
            // A list of differences does not answer a question for reasons.
            let wants_more = known_words::has_unknown_words(&question, &[one, other]);
            if wants_more && !schedule::wants_difference(&question) {
                return None;
            }
            if is_across(&question) && find::answer(&question, view, &mut writer).is_some() {
                return Some(writer.finish());
            }
            compare::answer(one, other, &mut writer);
        }
    }
    Some(writer.finish())
}

/// Returns what the documents say of the first of these codes that any of them explains.
#[must_use]
pub fn alarm(
    queries: &[alarm::AlarmQuery],
    view: &RecipeView<'_>,
    language: Language,
) -> Option<Reply> {
    alarms::answer(queries, view, ReplyWriter::new(language))
}

/// Compares a recipe's setpoints with the limits that the documents state.
#[must_use]
pub fn check(entry: &RecipeEntry, view: &RecipeView<'_>, language: Language) -> Reply {
    let mut writer = ReplyWriter::new(language);
    limits::answer(entry, view, &mut writer);
    writer.finish()
}

/// Compares two recipes.
#[must_use]
pub fn diff(one: &RecipeEntry, other: &RecipeEntry, language: Language) -> Reply {
    let mut writer = ReplyWriter::new(language);
    compare::answer(one, other, &mut writer);
    writer.finish()
}

/// Summarizes a recipe: header, steps, and the lines that could not be read.
#[must_use]
pub fn show(entry: &RecipeEntry, language: Language) -> Reply {
    let mut writer = ReplyWriter::new(language);
    summary::summary(entry, &mut writer);
    writer.finish()
}

/// Lists the recipes that the person may see.
#[must_use]
pub fn list(view: &RecipeView<'_>, language: Language) -> Reply {
    let mut writer = ReplyWriter::new(language);
    find::list(&view.entries, "*", &mut writer);
    writer.finish()
}

/// Finds recipes or steps by a condition in words, such as `TEGa` or `above 1100 °C`.
#[must_use]
pub fn find(condition: &str, view: &RecipeView<'_>, language: Language) -> Option<Reply> {
    let question = RecipeQuestion::parse(condition, None, view);
    let mut writer = ReplyWriter::new(language);
    find::answer(&question, view, &mut writer)?;
    Some(writer.finish())
}

/// Draws a recipe, with a link to its file.
#[must_use]
pub fn plot(entry: &RecipeEntry, language: Language) -> Reply {
    let mut writer = ReplyWriter::new(language);
    header::plot(entry, &mut writer);
    writer.finish()
}

/// Returns the recipe that a name means.
///
/// # Errors
/// If no visible recipe matches, or several do; contains the reply to the person.
pub fn resolve<'v>(
    name: &str,
    view: &RecipeView<'v>,
    language: Language,
) -> Result<&'v RecipeEntry, Reply> {
    let question = match by_name(name, view) {
        Ok(entry) => return Ok(entry),
        Err(question) => question,
    };
    let mut writer = ReplyWriter::new(language);
    if question.candidates.is_empty() {
        writer.refuse(&say::no_such_recipe(language, &code(name)));
    } else {
        refuse_several(&question, &mut writer);
    }
    Err(writer.finish())
}

fn refuse_several(question: &RecipeQuestion<'_>, writer: &mut ReplyWriter) {
    let candidates = question.candidates.iter().take(12);
    let names: Vec<String> = candidates.map(|entry| code(&entry.recipe().id)).collect();
    writer.refuse(&say::several(writer.language, &names));
}

/// Returns the recipe that a name means: by its exact name, else as a question would name it.
#[must_use]
pub fn find_recipe<'v>(name: &str, view: &RecipeView<'v>) -> Option<&'v RecipeEntry> {
    by_name(name, view).ok()
}

/// Returns the recipe that a name means, or the parsed name if it is not unique.
fn by_name<'v>(
    name: &str,
    view: &RecipeView<'v>,
) -> Result<&'v RecipeEntry, Box<RecipeQuestion<'v>>> {
    if let [one, ..] = view.named(&key(name)).as_slice() {
        return Ok(one);
    }
    let question = RecipeQuestion::parse(name, None, view);
    match question.entries.as_slice() {
        [one, ..] => Ok(one),
        [] => Err(Box::new(question)),
    }
}

/// Whether a question names a recipe or mentions recipes.
#[must_use]
pub fn concerns(text: &str, earlier: Option<&str>, view: &RecipeView<'_>) -> bool {
    let question = RecipeQuestion::parse(text, earlier, view);
    let names_one = !question.entries.is_empty()
        || !question.candidates.is_empty()
        || question.unknown.is_some();
    names_one || question.is_about_recipes()
}

/// Whether a question also asks for what documents say.
#[must_use]
pub fn wants_documents(text: &str) -> bool {
    RecipeQuestion::without_recipe(text).mentions_one_of(phrases::DOCUMENTS)
}

/// Removes the clauses that ask for what documents say; returns `None` if nothing is left.
#[must_use]
pub fn without_documents(text: &str) -> Option<String> {
    let mut clauses: Vec<&str> = Vec::new();
    let mut begin = 0;
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        let rest = &text[end..];
        let is_sign =
            matches!(letter, ',' | ';' | '?' | '.') && !rest.starts_with(char::is_alphanumeric);
        let is_particle = matches!(letter, '와' | '과') && rest.starts_with(' ');
        let is_word = letter == ' '
            && ["and ", "그리고 ", "및 ", "but "]
                .iter()
                .any(|word| rest.starts_with(word));
        if is_sign || is_particle || is_word || letter == '(' {
            clauses.push(&text[begin..end]);
            begin = end;
        }
    }
    clauses.push(&text[begin..]);
    clauses.retain(|clause| !wants_documents(clause));
    let rest_of_text = clauses.concat();
    let rest_of_text = rest_of_text
        .trim_matches(|letter: char| letter.is_whitespace() || "(),;?".contains(letter));
    (!rest_of_text.is_empty()).then(|| rest_of_text.to_owned())
}

fn is_across(question: &RecipeQuestion<'_>) -> bool {
    question.mentions(&[
        "which recipe",
        "which recipes",
        "what recipes",
        "list recipes",
        "list all recipes",
        "all recipes",
        "any recipe",
        "recipes that",
        "recipes with",
        "recipes using",
        "how many recipes",
        "which growth runs",
        "which of the recipes",
        "어떤 레시피",
        "어느 레시피",
        "무슨 레시피",
        "레시피 목록",
        "레시피는 무엇",
        "레시피는 어떤",
        "레시피를 모두",
        "레시피 모두",
        "모든 레시피",
        "전체 레시피",
        "레시피가 있",
        "레시피는?",
        "레시피 찾",
        "레시피를 찾",
        "레시피는 몇",
        "레시피 전부",
    ])
}

fn without_recipe(
    question: &RecipeQuestion<'_>,
    view: &RecipeView<'_>,
    writer: &mut ReplyWriter,
) -> Option<()> {
    if let Some(name) = &question.unknown {
        writer.refuse(&say::no_such_recipe(writer.language, &code(name)));
        return Some(());
    }
    // A search for recipes, or for steps by a threshold, covers all recipes.
    let is_of_steps = question.threshold.is_some()
        && question.mentions(&["step", "steps", "단계", "스텝"])
        && question.mentions(&[
            "which",
            "what",
            "list",
            "all",
            "show",
            "find",
            "steps",
            "어떤",
            "어느",
            "모두",
            "찾",
            "몇",
            "단계는",
            "단계를",
            "목록",
        ]);
    if is_of_steps || question.is_about_recipes() && is_across(question) {
        return find::answer(question, view, writer);
    }
    if !question.candidates.is_empty() && asks_for_recipe_data(question) {
        let pair = schedule::wants_difference(question);
        if let ([one, other], true) = (question.candidates.as_slice(), pair) {
            compare::answer(one, other, writer);
            return Some(());
        }
        refuse_several(question, writer);
        return Some(());
    }
    None
}

/// Whether a question asks for something that recipes contain.
fn asks_for_recipe_data(question: &RecipeQuestion<'_>) -> bool {
    question.quantity.is_some() || question.is_about_recipes() || schedule::wants_anything(question)
}

fn about_one(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    view: &RecipeView<'_>,
    writer: &mut ReplyWriter,
) -> Option<()> {
    if known_words::has_unknown_words(question, &[entry]) {
        return None;
    }
    if asks_for_measured(question) {
        let name = code(&entry.recipe().id);
        writer.refuse(&say::setpoints_only(writer.language, &name));
        return Some(());
    }
    if schedule::wants_difference(question) {
        compare::with_origin(question, entry, view, writer);
        return Some(());
    }
    if question.threshold.is_none() && question.mentions_one_of(phrases::LIMITS) {
        limits::answer(entry, view, writer);
        return Some(());
    }
    derivation::answer(question, entry, writer)
        .or_else(|| header::answer(question, entry, writer))
        .or_else(|| schedule::answer(question, entry, writer))
        .or_else(|| settings::answer(question, entry, writer))
        .or_else(|| find::in_one(question, entry, writer))
        .or_else(|| lookup::answer(question, entry, writer))
        .or_else(|| summary::show(question, entry, writer))
}

fn asks_for_measured(question: &RecipeQuestion<'_>) -> bool {
    let is_quantity = matches!(
        question.quantity,
        Some(
            AskedQuantity::Temperature
                | AskedQuantity::Pressure
                | AskedQuantity::Rotation
                | AskedQuantity::Flow(_)
                | AskedQuantity::Thickness
        )
    );
    is_quantity
        && question.mentions(&[
            "measured",
            "actual",
            "actually",
            "pyrometer",
            "real temperature",
            "logged",
            "실측",
            "실제",
            "측정",
            "파이로",
        ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_about_documents_are_separated_from_those_about_recipes() {
        for (text, part) in [
            (
                "What is the well temperature of R1, and what does the manual allow?",
                "What is the well temperature of R1",
            ),
            ("R1 우물 온도와 매뉴얼의 한계는?", "R1 우물 온도와"),
            ("R1과 R2의 차이는? 절차서도 찾아 줘", "R1과 R2의 차이는"),
            ("R1 total time (manual)", "R1 total time"),
        ] {
            assert_eq!(without_documents(text).as_deref(), Some(part), "{text}");
        }
        assert_eq!(without_documents("매뉴얼의 온도 한계는?"), None);
    }
}
