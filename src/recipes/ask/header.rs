//! Replies from a recipe's header: author, tool, substrate, origin, bubblers, variables.

use super::phrases;
use super::question::RecipeQuestion;
use super::reply::{ReplyWriter, code};
use crate::domain::units::Unit;
use crate::domain::units::format::with_unit;
use crate::i18n::recipe as say;
use crate::i18n::recipe::Fact;
use crate::recipes::model::{LineText, Recipe};
use crate::recipes::snapshot::RecipeEntry;

pub(super) fn answer(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    writer: &mut ReplyWriter,
) -> Option<()> {
    if question.mentions_one_of(phrases::PLOT) {
        plot(entry, writer);
        return Some(());
    }
    if question.mentions_one_of(phrases::ORIGIN) {
        based_on(entry, writer);
        return Some(());
    }
    if question.mentions_one_of(phrases::BUBBLERS) {
        bubblers(question, entry, writer);
        return Some(());
    }
    if question.mentions_one_of(phrases::VARIABLES) {
        variables(entry, writer);
        return Some(());
    }
    let facts: [(Fact, &str); 8] = [
        (Fact::Author, phrases::AUTHOR),
        (Fact::Tool, phrases::TOOL),
        (Fact::Substrate, phrases::SUBSTRATE),
        (Fact::Revision, phrases::REVISION),
        (Fact::Status, phrases::STATUS),
        (Fact::Customer, phrases::CUSTOMER),
        (Fact::Effective, phrases::EFFECTIVE),
        (Fact::Comment, phrases::COMMENT),
    ];
    let (fact, _) = facts
        .iter()
        .find(|(_, phrases)| question.mentions_one_of(phrases))
        .filter(|_| question.quantity.is_none())?;
    let recipe = entry.recipe();
    let language = writer.language;
    match header_field(recipe, *fact) {
        Some(field) => {
            let cite = writer.cite(entry, field.line);
            let text = say::stated(language, *fact, &code(&recipe.id), &code(&field.text));
            writer.line(&format!("{text} (L{}){cite}", field.line));
        }
        None => writer.refuse(&say::fact_not_stated(language, *fact, &code(&recipe.id))),
    }
    Some(())
}

/// Replies with the recipe's plot.
pub(super) fn plot(entry: &RecipeEntry, writer: &mut ReplyWriter) {
    let recipe = entry.recipe();
    let cite = writer.cite(entry, recipe.steps.first().map_or(1, |step| step.lines.0));
    let text = say::plot(writer.language, &code(&recipe.id));
    writer.line(&format!("{text}{cite}"));
    writer.plot(entry);
}

pub(super) fn header_field(recipe: &Recipe, fact: Fact) -> Option<&LineText> {
    let header = &recipe.header;
    match fact {
        Fact::Author => header.author.as_ref(),
        Fact::Tool => header.tool.as_ref(),
        Fact::Comment => header.title.as_ref(),
        Fact::Substrate => header.substrate.as_ref(),
        Fact::Revision => header.revision.as_ref(),
        Fact::Status => header.status.as_ref(),
        Fact::Customer => header.customer.as_ref(),
        Fact::Effective => header.effective.as_ref(),
        Fact::BubblerTemperature | Fact::Variable => None,
    }
}

pub(super) fn based_on(entry: &RecipeEntry, writer: &mut ReplyWriter) {
    let recipe = entry.recipe();
    let name = code(&recipe.id);
    if let Some(origin) = &recipe.header.based_on {
        let cite = writer.cite(entry, origin.line);
        let text = say::based_on(writer.language, &name, &code(&origin.text));
        writer.line(&format!("{text} (L{}){cite}.", origin.line));
    } else {
        let what = code("based on");
        writer.refuse(&say::no_such_channel(writer.language, &name, &what));
    }
}

fn bubblers(question: &RecipeQuestion<'_>, entry: &RecipeEntry, writer: &mut ReplyWriter) {
    let recipe = entry.recipe();
    let name = code(&recipe.id);
    let found: Vec<(String, String, u32)> = recipe
        .sources
        .iter()
        .filter(|source| question.species.is_empty() || question.species.contains(&source.species))
        .filter_map(|source| {
            let bubbler = source.bubbler.as_ref()?;
            Some((
                source.key.clone(),
                with_unit(bubbler.value, bubbler.unit),
                bubbler.line,
            ))
        })
        .collect();
    if found.is_empty() {
        writer.refuse(&say::fact_not_stated(
            writer.language,
            Fact::BubblerTemperature,
            &name,
        ));
        return;
    }
    for (key, value, line) in found {
        let cite = writer.cite(entry, line);
        let text = say::stated(
            writer.language,
            Fact::BubblerTemperature,
            &format!("{name} {}", code(&key)),
            &value,
        );
        writer.line(&format!("{text} (L{line}){cite}"));
    }
}

fn variables(entry: &RecipeEntry, writer: &mut ReplyWriter) {
    let recipe = entry.recipe();
    if recipe.variables.is_empty() {
        writer.refuse(&say::fact_not_stated(
            writer.language,
            Fact::Variable,
            &code(&recipe.id),
        ));
        return;
    }
    for variable in &recipe.variables {
        let cite = writer.cite(entry, variable.line);
        let value = variable.value.map_or_else(
            || say::unknown(writer.language).to_owned(),
            |value| with_unit(value, Unit::None),
        );
        writer.line(&format!(
            "- {} = **{value}** (L{}){cite}",
            code(&variable.shown()),
            variable.line
        ));
    }
}
