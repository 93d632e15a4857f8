//! Questions about recipes, understood by rules and answered from data, with no language model.
//!
//! A question is answered here only where the rules are sure what it asks; everything else is left to the search
//! through documents. A number is looked up or computed and cited, and what a file does not say is said to be so.

mod about;
mod alarms;
mod compare;
mod course;
mod derived;
mod find;
mod known;
mod limits;
mod lookup;
pub mod parts;
mod phrases;
mod question;
mod reply;
mod select;
mod settings;
mod words;

use crate::domain::language::Language;
use crate::i18n::recipe as say;
use crate::recipes::alarm;

pub use question::{Bound, Comparison};
pub use reply::{Reply, code};
pub use words::layers;

use super::book::{Entry, View, key};
use question::{Asked, AskedQuantity};
use reply::Writer;

/// Answers a question about recipes; none where it is about something else. `earlier` is the question before it in
/// the conversation.
#[must_use]
pub fn answer(
    text: &str,
    earlier: Option<&str>,
    view: &View<'_>,
    language: Language,
) -> Option<Reply> {
    if view.entries.is_empty() {
        return None;
    }
    let asked = Asked::of(text, earlier, view);
    let mut writer = Writer::new(language);
    match asked.entries.as_slice() {
        [] => without_recipe(&asked, view, &mut writer)?,
        [one] => about_one(&asked, one, view, &mut writer)?,
        [one, other, ..] => {
            // Whoever asks why is not helped by what differs.
            let wants_more = known::has_unknown_words(&asked, &[one, other]);
            if wants_more && !course::wants_difference(&asked) {
                return None;
            }
            if is_across(&asked) && find::answer(&asked, view, &mut writer).is_some() {
                return Some(writer.finish());
            }
            compare::answer(one, other, &mut writer);
        }
    }
    Some(writer.finish())
}

/// What the documents say of the first of these codes that any of them explains.
#[must_use]
pub fn alarm(asked: &[alarm::Asked], view: &View<'_>, language: Language) -> Option<Reply> {
    alarms::answer(asked, view, Writer::new(language))
}

/// Compares a recipe's setpoints with the limits that the documents state.
#[must_use]
pub fn check(entry: &Entry, view: &View<'_>, language: Language) -> Reply {
    let mut writer = Writer::new(language);
    limits::answer(entry, view, &mut writer);
    writer.finish()
}

/// Compares two recipes.
#[must_use]
pub fn diff(one: &Entry, other: &Entry, language: Language) -> Reply {
    let mut writer = Writer::new(language);
    compare::answer(one, other, &mut writer);
    writer.finish()
}

/// A recipe in short: what its header says, its steps, and what of it could not be read.
#[must_use]
pub fn show(entry: &Entry, language: Language) -> Reply {
    let mut writer = Writer::new(language);
    about::summary(entry, &mut writer);
    writer.finish()
}

/// The recipes that may be seen.
#[must_use]
pub fn list(view: &View<'_>, language: Language) -> Reply {
    let mut writer = Writer::new(language);
    find::list(&view.entries, "*", &mut writer);
    writer.finish()
}

/// The recipes or steps that fit a condition in words, such as `TEGa` or `above 1100 °C`.
#[must_use]
pub fn find(condition: &str, view: &View<'_>, language: Language) -> Option<Reply> {
    let asked = Asked::of(condition, None, view);
    let mut writer = Writer::new(language);
    find::answer(&asked, view, &mut writer)?;
    Some(writer.finish())
}

/// A recipe's drawing, with where the recipe stands.
#[must_use]
pub fn plot(entry: &Entry, language: Language) -> Reply {
    let mut writer = Writer::new(language);
    about::plot(entry, &mut writer);
    writer.finish()
}

/// The one recipe that a name means.
///
/// # Errors
/// It means none that may be seen, or several: what to say to that.
pub fn resolve<'v>(name: &str, view: &View<'v>, language: Language) -> Result<&'v Entry, Reply> {
    let asked = match by_name(name, view) {
        Ok(entry) => return Ok(entry),
        Err(asked) => asked,
    };
    let mut writer = Writer::new(language);
    if asked.candidates.is_empty() {
        writer.refuse(&say::no_such_recipe(language, &code(name)));
    } else {
        refuse_several(&asked, &mut writer);
    }
    Err(writer.finish())
}

fn refuse_several(asked: &Asked<'_>, writer: &mut Writer) {
    let candidates = asked.candidates.iter().take(12);
    let names: Vec<String> = candidates.map(|entry| code(&entry.recipe().id)).collect();
    writer.refuse(&say::several(writer.language, &names));
}

/// Returns the recipe that a name means: by its exact name, else as a question would name it.
#[must_use]
pub fn find_recipe<'v>(name: &str, view: &View<'v>) -> Option<&'v Entry> {
    by_name(name, view).ok()
}

/// Returns the recipe that a name means, or what the name was understood as.
fn by_name<'v>(name: &str, view: &View<'v>) -> Result<&'v Entry, Box<Asked<'v>>> {
    if let [one, ..] = view.named(&key(name)).as_slice() {
        return Ok(one);
    }
    let asked = Asked::of(name, None, view);
    match asked.entries.as_slice() {
        [one, ..] => Ok(one),
        [] => Err(Box::new(asked)),
    }
}

/// Whether a question is about recipes: it names one, or the word.
#[must_use]
pub fn concerns(text: &str, earlier: Option<&str>, view: &View<'_>) -> bool {
    let asked = Asked::of(text, earlier, view);
    let names_one =
        !asked.entries.is_empty() || !asked.candidates.is_empty() || asked.unknown.is_some();
    names_one || asked.is_about_recipes()
}

/// Whether a question asks for what documents say, too.
#[must_use]
pub fn wants_documents(text: &str) -> bool {
    Asked::about(text).says_one(phrases::DOCUMENTS)
}

/// A question without the clauses that ask for what documents say; none where nothing else is left.
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
    let kept = clauses.concat();
    let kept = kept.trim_matches(|letter: char| letter.is_whitespace() || "(),;?".contains(letter));
    (!kept.is_empty()).then(|| kept.to_owned())
}

fn is_across(asked: &Asked<'_>) -> bool {
    asked.says(&[
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

fn without_recipe(asked: &Asked<'_>, view: &View<'_>, writer: &mut Writer) -> Option<()> {
    if let Some(name) = &asked.unknown {
        writer.refuse(&say::no_such_recipe(writer.language, &code(name)));
        return Some(());
    }
    // A question for recipes, or for steps by a bound, is about all of them.
    let is_of_steps = asked.bound.is_some()
        && asked.says(&["step", "steps", "단계", "스텝"])
        && asked.says(&[
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
    if is_of_steps || asked.is_about_recipes() && is_across(asked) {
        return find::answer(asked, view, writer);
    }
    if !asked.candidates.is_empty() && intended(asked) {
        let pair = course::wants_difference(asked);
        if let ([one, other], true) = (asked.candidates.as_slice(), pair) {
            compare::answer(one, other, writer);
            return Some(());
        }
        refuse_several(asked, writer);
        return Some(());
    }
    None
}

/// Whether a question asks for something that recipes hold.
fn intended(asked: &Asked<'_>) -> bool {
    asked.quantity.is_some() || asked.is_about_recipes() || course::wants_anything(asked)
}

fn about_one(asked: &Asked<'_>, entry: &Entry, view: &View<'_>, writer: &mut Writer) -> Option<()> {
    if known::has_unknown_words(asked, &[entry]) {
        return None;
    }
    if asks_for_measured(asked) {
        let name = code(&entry.recipe().id);
        writer.refuse(&say::setpoints_only(writer.language, &name));
        return Some(());
    }
    if course::wants_difference(asked) {
        compare::with_origin(asked, entry, view, writer);
        return Some(());
    }
    if asked.bound.is_none() && asked.says_one(phrases::LIMITS) {
        limits::answer(entry, view, writer);
        return Some(());
    }
    derived::answer(asked, entry, writer)
        .or_else(|| about::answer(asked, entry, writer))
        .or_else(|| course::answer(asked, entry, writer))
        .or_else(|| settings::answer(asked, entry, writer))
        .or_else(|| find::in_one(asked, entry, writer))
        .or_else(|| lookup::answer(asked, entry, writer))
        .or_else(|| about::show(asked, entry, writer))
}

fn asks_for_measured(asked: &Asked<'_>) -> bool {
    let is_quantity = matches!(
        asked.quantity,
        Some(
            AskedQuantity::Temperature
                | AskedQuantity::Pressure
                | AskedQuantity::Rotation
                | AskedQuantity::Flow(_)
                | AskedQuantity::Thickness
        )
    );
    is_quantity
        && asked.says(&[
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
    fn what_is_asked_of_documents_is_parted_from_what_is_asked_of_recipes() {
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
