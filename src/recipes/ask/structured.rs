//! Recipe look-ups with structured parameters, for the tools of a language model.
//!
//! Invalid parameters are reported by a sentence that says what to give instead.

use serde::Deserialize;
use thiserror::Error;

use super::question::{AskedQuantity, RecipeQuestion, Threshold};
use super::reply::{Reply, ReplyWriter};
use super::{find, limits, lookup, settings};
use crate::domain::language::Language;
use crate::i18n::recipe as say;
use crate::recipes::ask::{derivation, schedule, step_selection};
use crate::recipes::model::ChannelKind;
use crate::recipes::snapshot::{RecipeEntry, RecipeView, key};
use crate::recipes::species;
use crate::recipes::timeline::Timeline;

/// Why a look-up is invalid, and what to give instead.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct InvalidQuery(pub String);

/// Conditions on recipes; absent ones match everything.
#[derive(Clone, Debug, Default)]
pub struct RecipeFilter {
    /// Species that reach the reactor.
    pub uses: Vec<String>,
    pub without: Vec<String>,
    /// Part of the name.
    pub named: Option<String>,
    pub based_on: Option<String>,
    /// A threshold that at least one step meets.
    pub threshold: Option<Threshold>,
}

/// A look-up of steps.
#[derive(Clone, Debug, Default)]
pub struct StepQuery<'v> {
    /// `None` searches all visible recipes by `threshold`.
    pub recipe: Option<&'v RecipeEntry>,
    /// A step's code, its name, or a layer.
    pub step: Option<String>,
    pub what: Option<StepQuantity>,
    /// A source, species or channel.
    pub source: Option<String>,
    pub threshold: Option<Threshold>,
}

/// A quantity of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepQuantity {
    Temperature,
    Pressure,
    Rotation,
    Flow,
    Push,
    Dilute,
    Inject,
    BubblerPressure,
    Power,
    Thickness,
    Time,
}

impl StepQuantity {
    fn quantity(self) -> AskedQuantity {
        match self {
            Self::Temperature => AskedQuantity::Temperature,
            Self::Pressure => AskedQuantity::Pressure,
            Self::Rotation => AskedQuantity::Rotation,
            Self::Flow => AskedQuantity::Flow(ChannelKind::SourceFlow),
            Self::Push => AskedQuantity::Flow(ChannelKind::Push),
            Self::Dilute => AskedQuantity::Flow(ChannelKind::Dilute),
            Self::Inject => AskedQuantity::Flow(ChannelKind::Inject),
            Self::BubblerPressure => AskedQuantity::Flow(ChannelKind::BubblerPressure),
            Self::Power => AskedQuantity::Power,
            Self::Thickness => AskedQuantity::Thickness,
            Self::Time => AskedQuantity::Time,
        }
    }
}

/// A value derived from a recipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Derivation {
    VIiiRatio,
    MolarFlow,
    DopantFlow,
    GasUse,
    TotalTime,
    Repeats,
    Waits,
    CarrierSwitches,
    ValveOpenings,
    FastestRamp,
    Highest,
    Lowest,
    LimitCheck,
}

impl Derivation {
    /// The phrase that the rules for questions understand.
    fn phrase(self) -> &'static str {
        match self {
            Self::VIiiRatio => "v/iii",
            Self::MolarFlow => "molar flow",
            Self::DopantFlow => "effective dopant flow",
            Self::GasUse => "consumption",
            Self::TotalTime => "total time",
            Self::Repeats => "loops",
            Self::Waits => "waits",
            Self::CarrierSwitches => "carrier",
            Self::ValveOpenings => "when is the run valve open",
            Self::FastestRamp => "fastest ramp",
            Self::Highest => "highest",
            Self::Lowest => "lowest",
            Self::LimitCheck => "limits",
        }
    }
}

/// Finds the recipes that match a filter.
///
/// # Errors
/// If a condition is invalid.
pub fn find_recipes(
    filter: &RecipeFilter,
    view: &RecipeView<'_>,
    language: Language,
) -> Result<Reply, InvalidQuery> {
    let (uses, without) = (species(&filter.uses)?, species(&filter.without)?);
    let (named, origin) = (
        filter.named.as_deref().map(key),
        filter.based_on.as_deref().map(key),
    );
    let is_match = |entry: &&RecipeEntry| {
        let header = &entry.recipe().header;
        let based_on = header.based_on.as_ref().map(|based| key(&based.text));
        let has = |name: &String| entry.summary.species.contains(name);
        named.as_ref().is_none_or(|named| entry.key.contains(named))
            && origin
                .as_ref()
                .is_none_or(|origin| based_on.as_ref() == Some(origin))
            && uses.iter().all(has)
            && !without.iter().any(has)
    };
    let entries: Vec<&RecipeEntry> = view.entries.iter().copied().filter(is_match).collect();
    let mut writer = ReplyWriter::new(language);
    if let Some(threshold) = filter.threshold {
        let question = RecipeQuestion {
            species: uses,
            ..RecipeQuestion::without_recipe("")
        };
        find::by_threshold(&question, threshold, false, &entries, &mut writer)
            .ok_or_else(not_comparable)?;
    } else if entries.is_empty() {
        writer.refuse(&say::nothing_found(language, &describe(filter)));
    } else if uses.is_empty() {
        find::list(&entries, &describe(filter), &mut writer);
    } else {
        find::by_species(&uses, false, &entries, &mut writer);
    }
    Ok(writer.finish())
}

/// Looks up setpoints or times of steps, or all their settings.
///
/// # Errors
/// If a part of the query is invalid.
pub fn find_steps(
    wanted: &StepQuery<'_>,
    view: &RecipeView<'_>,
    language: Language,
) -> Result<Reply, InvalidQuery> {
    let mut writer = ReplyWriter::new(language);
    let parts = [wanted.step.as_deref(), wanted.source.as_deref()];
    let words: Vec<&str> = parts.into_iter().flatten().collect();
    let mut question = RecipeQuestion {
        quantity: wanted.what.map(StepQuantity::quantity),
        threshold: wanted.threshold,
        ..RecipeQuestion::without_recipe(&words.join(" "))
    };
    if let Some(threshold) = wanted.threshold {
        let entries = wanted
            .recipe
            .map_or_else(|| view.entries.clone(), |entry| vec![entry]);
        find::by_threshold(&question, threshold, true, &entries, &mut writer)
            .ok_or_else(not_comparable)?;
        return Ok(writer.finish());
    }
    let Some(entry) = wanted.recipe else {
        let how = "give the recipe, or comparison, value and unit to search all recipes";
        return Err(InvalidQuery(how.to_owned()));
    };
    if let Some(step) = &wanted.step {
        question.steps =
            step_selection::by_description(step, &question, &Timeline::new(entry.recipe()));
        if question.steps.is_empty() {
            step_selection::refuse(entry, step, &mut writer);
            return Ok(writer.finish());
        }
    }
    let answered = match (wanted.what, &wanted.source) {
        (None, None) => {
            settings::all(&question.steps, entry, &mut writer);
            Some(())
        }
        (None, Some(source)) => {
            if !is_known(source, entry) {
                return Err(no_source(source, entry));
            }
            question.quantity = Some(AskedQuantity::Flow(ChannelKind::SourceFlow));
            lookup::answer(&question, entry, &mut writer)
        }
        _ => lookup::answer(&question, entry, &mut writer),
    };
    answered.ok_or_else(|| InvalidQuery("give the step, as get_recipe names it".to_owned()))?;
    Ok(writer.finish())
}

/// Derives a value from a recipe, or checks it against the limits of the documents.
///
/// # Errors
/// If a part of the query is invalid.
pub fn derive(
    derivation: Derivation,
    wanted: &StepQuery<'_>,
    view: &RecipeView<'_>,
    language: Language,
) -> Result<Reply, InvalidQuery> {
    let Some(entry) = wanted.recipe else {
        return Err(InvalidQuery("give the recipe".to_owned()));
    };
    if let Some(source) = &wanted.source
        && !is_known(source, entry)
    {
        return Err(no_source(source, entry));
    }
    let mut writer = ReplyWriter::new(language);
    let source = wanted.source.as_deref().unwrap_or_default();
    let mut question = RecipeQuestion::without_recipe(&format!("{} {source}", derivation.phrase()));
    question.quantity = wanted.what.map(StepQuantity::quantity);
    if let Some(step) = &wanted.step {
        let step_question = RecipeQuestion::without_recipe(step);
        question.steps =
            step_selection::by_description(step, &step_question, &Timeline::new(entry.recipe()));
        if question.steps.is_empty() {
            step_selection::refuse(entry, step, &mut writer);
            return Ok(writer.finish());
        }
    }
    let answered = match derivation {
        Derivation::LimitCheck => {
            limits::answer(entry, view, &mut writer);
            Some(())
        }
        Derivation::VIiiRatio
        | Derivation::MolarFlow
        | Derivation::DopantFlow
        | Derivation::GasUse => derivation::answer(&question, entry, &mut writer),
        Derivation::Highest | Derivation::Lowest if wanted.what.is_none() => {
            question.quantity = Some(AskedQuantity::Temperature);
            schedule::answer(&question, entry, &mut writer)
        }
        _ => schedule::answer(&question, entry, &mut writer),
    };
    answered.ok_or_else(|| match derivation {
        Derivation::Highest | Derivation::Lowest => InvalidQuery(
            "only temperature, pressure and rotation have a highest and a lowest".to_owned(),
        ),
        _ => InvalidQuery(format!("give the source, one of {}", sources(entry))),
    })?;
    Ok(writer.finish())
}

fn species(names: &[String]) -> Result<Vec<String>, InvalidQuery> {
    let known = names.iter().map(|name| {
        let known = species::find(name.trim());
        known.map(|known| known.name.to_owned()).ok_or_else(|| {
            InvalidQuery(format!(
                "\"{name}\" is no source that is known; write it such as TMGa, NH3 or Cp2Mg"
            ))
        })
    });
    known.collect()
}

fn not_comparable() -> InvalidQuery {
    InvalidQuery("only temperature (°C, K), pressure (mbar, Torr) and rotation (rpm) can be compared with a value".to_owned())
}

/// Whether a recipe has this source, species or channel.
fn is_known(name: &str, entry: &RecipeEntry) -> bool {
    let recipe = entry.recipe();
    let species = species::find(name).map(|known| known.name);
    let is_source = recipe.sources.iter().any(|source| {
        source.key.eq_ignore_ascii_case(name)
            || source.species.eq_ignore_ascii_case(name)
            || Some(source.species.as_str()) == species
    });
    is_source || recipe.channel(name).is_some()
}

fn no_source(name: &str, entry: &RecipeEntry) -> InvalidQuery {
    InvalidQuery(format!(
        "the recipe has no source \"{name}\"; it has {}",
        sources(entry)
    ))
}

fn sources(entry: &RecipeEntry) -> String {
    let sources = entry.recipe().sources.iter();
    let keys: Vec<&str> = sources.map(|source| source.key.as_str()).take(40).collect();
    keys.join(", ")
}

/// Describes a filter.
fn describe(filter: &RecipeFilter) -> String {
    let mut parts = filter.uses.clone();
    parts.extend(filter.without.iter().map(|name| format!("¬ {name}")));
    parts.extend(filter.named.iter().map(|name| format!("*{name}*")));
    parts.extend(filter.based_on.iter().map(|name| format!("← {name}")));
    let text = parts.join(", ");
    if text.is_empty() {
        "*".to_owned()
    } else {
        super::reply::code(&text)
    }
}
