//! What a recipe says of itself, and the recipe in short.

use super::course;
use super::phrases;
use super::question::Asked;
use super::reply::{Writer, code};
use crate::domain::units::Unit;
use crate::domain::units::format::{clock, plain, with_unit};
use crate::i18n::recipe as say;
use crate::i18n::recipe::{Fact, Head};
use crate::recipes::book::Entry;
use crate::recipes::model::{Kind, Noted, Recipe};
use crate::recipes::timeline::Timeline;

/// Steps of a summary at most; further ones are counted.
const MOST_STEPS: usize = 45;

pub(super) fn answer(asked: &Asked<'_>, entry: &Entry, writer: &mut Writer) -> Option<()> {
    if asked.says_one(phrases::PLOT) {
        plot(entry, writer);
        return Some(());
    }
    if asked.says_one(phrases::ORIGIN) {
        based_on(entry, writer);
        return Some(());
    }
    if asked.says_one(phrases::BUBBLERS) {
        bubblers(asked, entry, writer);
        return Some(());
    }
    if asked.says_one(phrases::VARIABLES) {
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
        .find(|(_, phrases)| asked.says_one(phrases))
        .filter(|_| asked.quantity.is_none())?;
    let recipe = entry.recipe();
    let language = writer.language;
    match noted(recipe, *fact) {
        Some(noted) => {
            let cite = writer.cite(entry, noted.line);
            let text = say::stated(language, *fact, &code(&recipe.id), &code(&noted.text));
            writer.line(&format!("{text} (L{}){cite}", noted.line));
        }
        None => writer.refuse(&say::fact_not_stated(language, *fact, &code(&recipe.id))),
    }
    Some(())
}

/// Names the recipe that is to be drawn.
pub(super) fn plot(entry: &Entry, writer: &mut Writer) {
    let recipe = entry.recipe();
    let cite = writer.cite(entry, recipe.steps.first().map_or(1, |step| step.lines.0));
    let text = say::plot(writer.language, &code(&recipe.id));
    writer.line(&format!("{text}{cite}"));
    writer.plot(entry);
}

fn noted(recipe: &Recipe, fact: Fact) -> Option<&Noted> {
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

fn based_on(entry: &Entry, writer: &mut Writer) {
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

fn bubblers(asked: &Asked<'_>, entry: &Entry, writer: &mut Writer) {
    let recipe = entry.recipe();
    let name = code(&recipe.id);
    let found: Vec<(String, String, u32)> = recipe
        .sources
        .iter()
        .filter(|source| asked.species.is_empty() || asked.species.contains(&source.species))
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

fn variables(entry: &Entry, writer: &mut Writer) {
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

/// The recipe in short, where somebody asks to see it.
pub(super) fn show(asked: &Asked<'_>, entry: &Entry, writer: &mut Writer) -> Option<()> {
    let is_asked = asked.says(&[
        "show",
        "summary",
        "summarise",
        "summarize",
        "overview",
        "describe",
        "what does",
        "steps",
        "요약",
        "보여",
        "개요",
        "단계 목록",
        "내용",
        "알려줘",
        "알려 줘",
    ]);
    // Words that nothing else understood may ask for something that is not in a summary.
    let is_bare = asked.words.len() <= 2 && asked.text.trim().chars().count() <= 20;
    let is_open = asked.quantity.is_none()
        && asked.layers.is_empty()
        && asked.codes.is_empty()
        && asked.species.is_empty();
    if !(is_open && is_asked && is_bare) || course::wants_difference(asked) {
        return None;
    }
    summary(entry, writer);
    Some(())
}

pub(super) fn summary(entry: &Entry, writer: &mut Writer) {
    let recipe = entry.recipe();
    let language = writer.language;
    let timeline = Timeline::of(recipe);
    writer.line(&say::summary(
        language,
        &recipe.id,
        recipe.steps.len(),
        timeline.runs.len(),
    ));
    for fact in [
        Fact::Comment,
        Fact::Tool,
        Fact::Author,
        Fact::Substrate,
        Fact::Effective,
    ] {
        if let Some(noted) = noted(recipe, fact) {
            let cite = writer.cite(entry, noted.line);
            writer.line(&format!(
                "- {}: {}{cite}",
                say::fact(language, fact),
                code(&noted.text)
            ));
        }
    }
    if recipe.header.based_on.is_some() {
        based_on(entry, writer);
    }
    if timeline.is_complete {
        let seconds = timeline.seconds();
        writer.line(&say::total(
            language,
            &code(&recipe.id),
            &plain(seconds / 60.0, 1),
            &clock(seconds),
        ));
    }
    steps(entry, &timeline, writer);
    if !recipe.losses.is_empty() {
        writer.paragraph(&say::losses(
            language,
            &code(&recipe.id),
            recipe.losses.len(),
        ));
        for loss in recipe.losses.iter().take(10) {
            writer.line(&format!(
                "- L{}: {} — {}",
                loss.lines.0,
                code(&loss.raw),
                loss.reason
            ));
        }
    }
}

fn steps(entry: &Entry, timeline: &Timeline<'_>, writer: &mut Writer) {
    let recipe = timeline.recipe;
    let language = writer.language;
    let channel = |kind: Kind| recipe.channels_of(kind).next();
    let columns: Vec<usize> = [Kind::Temperature, Kind::Pressure, Kind::Rotation]
        .into_iter()
        .filter_map(channel)
        .collect();
    let mut head = say::heads(language, &[Head::Line, Head::Step, Head::Time]);
    head.extend(columns.iter().map(|channel| {
        let channel = &recipe.channels[*channel];
        match channel.unit {
            Unit::None => channel.name.clone(),
            unit => format!("{} ({unit})", channel.name),
        }
    }));
    head.push(say::head(language, Head::Source).to_owned());
    let mut rows = vec![head];
    for (at, step) in recipe.steps.iter().enumerate().take(MOST_STEPS) {
        let runs: Vec<usize> = (0..timeline.runs.len())
            .filter(|run| timeline.runs[*run].step == at)
            .collect();
        let Some(last) = runs.last() else {
            continue;
        };
        let mut time = match (step.seconds(), &step.until) {
            (Some(seconds), _) => clock(seconds),
            (None, Some(until)) => code(&until.raw),
            (None, None) => String::new(),
        };
        if runs.len() > 1 {
            time = format!("{time} × {}", runs.len());
        }
        let mut row = vec![step.lines.0.to_string(), code(&step.name()), time];
        row.extend(columns.iter().map(|channel| {
            timeline
                .value(*last, *channel)
                .map_or_else(String::new, |value| plain(value, 2))
        }));
        row.push(writer.cite(entry, step.lines.0).trim().to_owned());
        rows.push(row);
    }
    writer.table(&rows);
    if recipe.steps.len() > MOST_STEPS {
        writer.paragraph(&say::and_more(language, recipe.steps.len() - MOST_STEPS));
    }
}
