//! Does what the model calls for, within what the question's channel may see.

use super::arguments::{
    self, Derive, DiffRecipes, FindRecipes, FindSteps, GetAlarm, GetRecipe, SearchDocuments, Sign,
};
use crate::answer::prompt;
use crate::answer::tools::evidence_set::Gathered;
use crate::domain::language::Language;
use crate::domain::question::Question;
use crate::domain::units::Unit;
use crate::llm::tools::Call;
use crate::recipes::alarm;
use crate::recipes::ask;
use crate::recipes::ask::parts;
use crate::recipes::ask::parts::{Filter, Steps, Unclear};
use crate::recipes::ask::{Bound, Comparison, Reply};
use crate::recipes::book::{Entry, View};
use crate::search::retrieve::Retriever;

/// Passages of a search.
const PASSAGES: usize = 5;

/// Where calls are carried out.
pub(super) struct Desk<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) retriever: &'a Retriever,
    pub(super) question: &'a Question,
    pub(super) language: Language,
    pub(super) today: &'a str,
    /// Fences what comes from files.
    pub(super) mark: &'a str,
}

impl Desk<'_> {
    /// What a call came to, as the model is told. What it finds is gathered.
    pub(super) async fn carry_out(&self, call: &Call, gathered: &mut Gathered) -> String {
        let found = match call.name.as_str() {
            "search_documents" => self.search(&call.arguments, gathered).await,
            _ => self
                .look_up(call)
                .map(|reply| self.fenced(&gathered.add_reply(reply))),
        };
        found.unwrap_or_else(|reason| format!("Error: {reason}."))
    }

    fn look_up(&self, call: &Call) -> Result<Reply, String> {
        let arguments = call.arguments.as_str();
        match call.name.as_str() {
            "find_recipes" => self.find_recipes(arguments::read(arguments)?),
            "get_recipe" => {
                let GetRecipe { recipe } = arguments::read(arguments)?;
                Ok(ask::show(self.recipe(&recipe)?, self.language))
            }
            "find_steps" => self.find_steps(arguments::read(arguments)?),
            "diff_recipes" => {
                let DiffRecipes { first, second } = arguments::read(arguments)?;
                let (one, other) = (self.recipe(&first)?, self.recipe(&second)?);
                Ok(ask::diff(one, other, self.language))
            }
            "derive" => self.derive(arguments::read(arguments)?),
            "get_alarm" => {
                let GetAlarm { code } = arguments::read(arguments)?;
                let asked = alarm::asked(&format!("alarm {code}"));
                ask::alarm(&asked, self.view, self.language)
                    .ok_or_else(|| "no document that may be read explains that code".to_owned())
            }
            other => Err(format!("there is no tool \"{}\"", shortened(other))),
        }
    }

    fn find_recipes(&self, wanted: FindRecipes) -> Result<Reply, String> {
        let filter = Filter {
            uses: wanted.uses.unwrap_or_default(),
            without: wanted.without.unwrap_or_default(),
            named: some(wanted.name),
            based_on: some(wanted.based_on),
            bound: bound(wanted.comparison, wanted.value, wanted.unit.as_deref())?,
        };
        parts::recipes(&filter, self.view, self.language).map_err(said)
    }

    fn find_steps(&self, wanted: FindSteps) -> Result<Reply, String> {
        let recipe = some(wanted.recipe)
            .map(|name| self.recipe(&name))
            .transpose()?;
        let steps = Steps {
            recipe,
            step: some(wanted.step),
            what: wanted.quantity,
            source: some(wanted.source),
            bound: bound(wanted.comparison, wanted.value, wanted.unit.as_deref())?,
        };
        parts::steps(&steps, self.view, self.language).map_err(said)
    }

    fn derive(&self, wanted: Derive) -> Result<Reply, String> {
        let steps = Steps {
            recipe: Some(self.recipe(&wanted.recipe)?),
            step: some(wanted.step),
            what: wanted.quantity,
            source: some(wanted.source),
            bound: None,
        };
        parts::derived(wanted.what, &steps, self.view, self.language).map_err(said)
    }

    /// The recipe of a name. Whether there is none or it may not be seen makes no difference.
    fn recipe(&self, name: &str) -> Result<&Entry, String> {
        ask::find_recipe(name, self.view).ok_or_else(|| {
            format!(
                "no recipe that may be read is named \"{}\"; find_recipes lists them",
                shortened(name)
            )
        })
    }

    async fn search(&self, arguments: &str, gathered: &mut Gathered) -> Result<String, String> {
        let SearchDocuments { query } = arguments::read(arguments)?;
        if query.trim().is_empty() {
            return Err("the query is empty".to_owned());
        }
        let access = &self.question.access;
        let gathered_for = self.retriever.gather_for(&query, access, self.today).await;
        let evidence = match gathered_for {
            Ok(evidence) => evidence,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the model's search failed");
                return Err("the search failed; go on without it".to_owned());
            }
        };
        let mut passages = match evidence.passages {
            passages if passages.is_empty() && evidence.may_hold_it => evidence.nearest,
            passages => passages,
        };
        passages.truncate(PASSAGES);
        if passages.is_empty() {
            return Err("the documents hold nothing on this".to_owned());
        }
        let numbers = gathered.add_passages(passages);
        let shown = numbers.iter().filter_map(|number| {
            let passage = gathered.passages.get(number - 1)?;
            Some(prompt::fenced(self.mark, *number, passage))
        });
        Ok(shown.collect::<Vec<_>>().join("\n\n"))
    }

    fn fenced(&self, text: &str) -> String {
        format!("<result-{0}>\n{text}\n</result-{0}>", self.mark)
    }
}

fn said(unclear: Unclear) -> String {
    unclear.0
}

fn some(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

fn bound(
    sign: Option<Sign>,
    value: Option<f64>,
    unit: Option<&str>,
) -> Result<Option<Bound>, String> {
    let unit = unit.filter(|unit| !unit.trim().is_empty());
    let (sign, value, unit) = match (sign, value, unit) {
        (None, None, _) => return Ok(None),
        (Some(sign), Some(value), Some(unit)) => (sign, value, unit),
        _ => return Err("comparison, value and unit go together".to_owned()),
    };
    let unit = Unit::parse(unit)
        .filter(|unit| unit.quantity().is_some())
        .ok_or_else(|| format!("\"{}\" is no unit that is known", shortened(unit)))?;
    if !value.is_finite() {
        return Err("the value is no number".to_owned());
    }
    let comparison = match sign {
        Sign::AtLeast => Comparison::AtLeast,
        Sign::Above => Comparison::Above,
        Sign::AtMost => Comparison::AtMost,
        Sign::Below => Comparison::Below,
        Sign::Equal => Comparison::Equal,
    };
    Ok(Some(Bound {
        value,
        unit,
        comparison,
    }))
}
