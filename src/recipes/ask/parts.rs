//! The same look-ups by their parts, for whoever does not ask in words: the tools of a language model.
//!
//! What makes no sense comes back as a sentence that says what would.

use serde::Deserialize;
use thiserror::Error;

use super::question::{Asked, AskedQuantity, Bound};
use super::reply::{Reply, Writer};
use super::{course, derived, find, limits, lookup, select, settings};
use crate::domain::language::Language;
use crate::i18n::recipe as say;
use crate::recipes::book::{Entry, View, key};
use crate::recipes::model::Kind;
use crate::recipes::substance;
use crate::recipes::timeline::Timeline;

/// Why a look-up cannot be made, and what to give instead.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Unclear(pub String);

/// Recipes that are looked for; what is not given narrows nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Species that reach the reactor.
    pub uses: Vec<String>,
    pub without: Vec<String>,
    /// A part of their names.
    pub named: Option<String>,
    pub based_on: Option<String>,
    /// What one of their steps reaches.
    pub bound: Option<Bound>,
}

/// What is looked up of steps.
#[derive(Clone, Debug, Default)]
pub struct Steps<'v> {
    /// None: all recipes that may be seen, by a bound.
    pub recipe: Option<&'v Entry>,
    /// A step's code, its name, or a layer.
    pub step: Option<String>,
    pub what: Option<What>,
    /// A source, species or channel.
    pub source: Option<String>,
    pub bound: Option<Bound>,
}

/// A quantity of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
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

impl What {
    fn quantity(self) -> AskedQuantity {
        match self {
            Self::Temperature => AskedQuantity::Temperature,
            Self::Pressure => AskedQuantity::Pressure,
            Self::Rotation => AskedQuantity::Rotation,
            Self::Flow => AskedQuantity::Flow(Kind::SourceFlow),
            Self::Push => AskedQuantity::Flow(Kind::Push),
            Self::Dilute => AskedQuantity::Flow(Kind::Dilute),
            Self::Inject => AskedQuantity::Flow(Kind::Inject),
            Self::BubblerPressure => AskedQuantity::Flow(Kind::BubblerPressure),
            Self::Power => AskedQuantity::Power,
            Self::Thickness => AskedQuantity::Thickness,
            Self::Time => AskedQuantity::Time,
        }
    }
}

/// Something that follows from a recipe.
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
    /// The words by which the rules know it.
    fn words(self) -> &'static str {
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

/// The recipes that fit.
///
/// # Errors
/// A part makes no sense.
pub fn recipes(filter: &Filter, view: &View<'_>, language: Language) -> Result<Reply, Unclear> {
    let (uses, without) = (species(&filter.uses)?, species(&filter.without)?);
    let (named, origin) = (
        filter.named.as_deref().map(key),
        filter.based_on.as_deref().map(key),
    );
    let fits = |entry: &&Entry| {
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
    let entries: Vec<&Entry> = view.entries.iter().copied().filter(fits).collect();
    let mut writer = Writer::new(language);
    if let Some(bound) = filter.bound {
        let asked = Asked {
            species: uses,
            ..Asked::about("")
        };
        find::by_bound(&asked, bound, false, &entries, &mut writer).ok_or_else(not_comparable)?;
    } else if entries.is_empty() {
        writer.refuse(&say::nothing_found(language, &described(filter)));
    } else if uses.is_empty() {
        find::list(&entries, &described(filter), &mut writer);
    } else {
        find::by_species(&uses, false, &entries, &mut writer);
    }
    Ok(writer.finish())
}

/// Setpoints or times of steps, or everything that they set.
///
/// # Errors
/// A part makes no sense.
pub fn steps(wanted: &Steps<'_>, view: &View<'_>, language: Language) -> Result<Reply, Unclear> {
    let mut writer = Writer::new(language);
    let parts = [wanted.step.as_deref(), wanted.source.as_deref()];
    let words: Vec<&str> = parts.into_iter().flatten().collect();
    let mut asked = Asked {
        quantity: wanted.what.map(What::quantity),
        bound: wanted.bound,
        ..Asked::about(&words.join(" "))
    };
    if let Some(bound) = wanted.bound {
        let entries = wanted
            .recipe
            .map_or_else(|| view.entries.clone(), |entry| vec![entry]);
        find::by_bound(&asked, bound, true, &entries, &mut writer).ok_or_else(not_comparable)?;
        return Ok(writer.finish());
    }
    let Some(entry) = wanted.recipe else {
        let how = "give the recipe, or comparison, value and unit to search all recipes";
        return Err(Unclear(how.to_owned()));
    };
    if let Some(step) = &wanted.step {
        asked.steps = select::by_description(step, &asked, &Timeline::of(entry.recipe()));
        if asked.steps.is_empty() {
            select::refuse(entry, step, &mut writer);
            return Ok(writer.finish());
        }
    }
    let answered = match (wanted.what, &wanted.source) {
        (None, None) => {
            settings::all(&asked.steps, entry, &mut writer);
            Some(())
        }
        (None, Some(source)) => {
            if !is_known(source, entry) {
                return Err(no_source(source, entry));
            }
            asked.quantity = Some(AskedQuantity::Flow(Kind::SourceFlow));
            lookup::answer(&asked, entry, &mut writer)
        }
        _ => lookup::answer(&asked, entry, &mut writer),
    };
    answered.ok_or_else(|| Unclear("give the step, as get_recipe names it".to_owned()))?;
    Ok(writer.finish())
}

/// What follows from a recipe, or how it stands against the limits of the documents.
///
/// # Errors
/// A part makes no sense.
pub fn derived(
    derivation: Derivation,
    wanted: &Steps<'_>,
    view: &View<'_>,
    language: Language,
) -> Result<Reply, Unclear> {
    let Some(entry) = wanted.recipe else {
        return Err(Unclear("give the recipe".to_owned()));
    };
    if let Some(source) = &wanted.source
        && !is_known(source, entry)
    {
        return Err(no_source(source, entry));
    }
    let mut writer = Writer::new(language);
    let source = wanted.source.as_deref().unwrap_or_default();
    let mut asked = Asked::about(&format!("{} {source}", derivation.words()));
    asked.quantity = wanted.what.map(What::quantity);
    if let Some(step) = &wanted.step {
        let meant = Asked::about(step);
        asked.steps = select::by_description(step, &meant, &Timeline::of(entry.recipe()));
        if asked.steps.is_empty() {
            select::refuse(entry, step, &mut writer);
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
        | Derivation::GasUse => derived::answer(&asked, entry, &mut writer),
        Derivation::Highest | Derivation::Lowest if wanted.what.is_none() => {
            asked.quantity = Some(AskedQuantity::Temperature);
            course::answer(&asked, entry, &mut writer)
        }
        _ => course::answer(&asked, entry, &mut writer),
    };
    answered.ok_or_else(|| match derivation {
        Derivation::Highest | Derivation::Lowest => Unclear(
            "only temperature, pressure and rotation have a highest and a lowest".to_owned(),
        ),
        _ => Unclear(format!("give the source, one of {}", sources(entry))),
    })?;
    Ok(writer.finish())
}

fn species(names: &[String]) -> Result<Vec<String>, Unclear> {
    let known = names.iter().map(|name| {
        let known = substance::find(name.trim());
        known.map(|known| known.name.to_owned()).ok_or_else(|| {
            Unclear(format!(
                "\"{name}\" is no source that is known; write it such as TMGa, NH3 or Cp2Mg"
            ))
        })
    });
    known.collect()
}

fn not_comparable() -> Unclear {
    Unclear("only temperature (°C, K), pressure (mbar, Torr) and rotation (rpm) can be compared with a value".to_owned())
}

/// Whether a recipe has such a source, species or channel.
fn is_known(name: &str, entry: &Entry) -> bool {
    let recipe = entry.recipe();
    let species = substance::find(name).map(|known| known.name);
    let is_source = recipe.sources.iter().any(|source| {
        source.key.eq_ignore_ascii_case(name)
            || source.species.eq_ignore_ascii_case(name)
            || Some(source.species.as_str()) == species
    });
    is_source || recipe.channel(name).is_some()
}

fn no_source(name: &str, entry: &Entry) -> Unclear {
    Unclear(format!(
        "the recipe has no source \"{name}\"; it has {}",
        sources(entry)
    ))
}

fn sources(entry: &Entry) -> String {
    let sources = entry.recipe().sources.iter();
    let keys: Vec<&str> = sources.map(|source| source.key.as_str()).take(40).collect();
    keys.join(", ")
}

/// A filter in short.
fn described(filter: &Filter) -> String {
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
