//! Executes the tool calls of the language model, on the data that the person may read.

use super::arguments::{
    self, ComparisonSign, Derive, DiffRecipes, FindRecipes, FindSteps, GetAlarm, GetRecipe, Search,
};
use super::evidence_set::EvidenceSet;
use crate::answer::attachments::Attachments;
use crate::answer::evidence::{EvidenceSource, EvidenceSources, SearchRequest};
use crate::answer::prompt;
use crate::domain::language::Language;
use crate::domain::question::Question;
use crate::domain::units::Unit;
use crate::llm::tools::ToolCall;
use crate::recipes::alarm;
use crate::recipes::ask;
use crate::recipes::ask::structured;
use crate::recipes::ask::structured::{InvalidQuery, RecipeFilter, StepQuery};
use crate::recipes::ask::{Comparison, Reply, Threshold};
use crate::recipes::snapshot::{RecipeEntry, RecipeView};

/// Maximum number of passages that a search returns.
const MAX_PASSAGES: usize = 5;

/// Executes tool calls.
pub(super) struct ToolExecutor<'a> {
    pub(super) view: &'a RecipeView<'a>,
    pub(super) sources: &'a EvidenceSources,
    pub(super) question: &'a Question,
    pub(super) attachments: &'a Attachments,
    pub(super) language: Language,
    pub(super) today: &'a str,
    /// The mark of the fences around text from files.
    pub(super) mark: &'a str,
}

impl ToolExecutor<'_> {
    /// Returns a call's result for the model, and adds what it finds to the evidence.
    pub(super) async fn execute(&self, call: &ToolCall, evidence: &mut EvidenceSet) -> String {
        let result = match self.sources.with_tool(&call.name) {
            Some(source) => self.search(source, &call.arguments, evidence).await,
            None => self
                .look_up(call)
                .map(|reply| self.fenced(&evidence.add_reply(reply))),
        };
        result.unwrap_or_else(|reason| format!("Error: {reason}."))
    }

    fn look_up(&self, call: &ToolCall) -> Result<Reply, String> {
        let arguments = call.arguments.as_str();
        match call.name.as_str() {
            "find_recipes" => self.find_recipes(arguments::parse(arguments)?),
            "get_recipe" => {
                let GetRecipe { recipe } = arguments::parse(arguments)?;
                Ok(ask::show(self.recipe(&recipe)?, self.language))
            }
            "find_steps" => self.find_steps(arguments::parse(arguments)?),
            "diff_recipes" => {
                let DiffRecipes { first, second } = arguments::parse(arguments)?;
                let (one, other) = (self.recipe(&first)?, self.recipe(&second)?);
                Ok(ask::diff(one, other, self.language))
            }
            "derive" => self.derive(arguments::parse(arguments)?),
            "get_alarm" => {
                let GetAlarm { code } = arguments::parse(arguments)?;
                let codes = alarm::queries(&format!("alarm {code}"));
                ask::alarm(&codes, self.view, self.language)
                    .ok_or_else(|| "no document that may be read explains that code".to_owned())
            }
            other => Err(format!("there is no tool \"{}\"", shortened(other))),
        }
    }

    fn find_recipes(&self, arguments: FindRecipes) -> Result<Reply, String> {
        let filter = RecipeFilter {
            uses: arguments.uses.unwrap_or_default(),
            without: arguments.without.unwrap_or_default(),
            named: non_empty(arguments.name),
            based_on: non_empty(arguments.based_on),
            threshold: threshold(
                arguments.comparison,
                arguments.value,
                arguments.unit.as_deref(),
            )?,
        };
        structured::find_recipes(&filter, self.view, self.language).map_err(reason)
    }

    fn find_steps(&self, arguments: FindSteps) -> Result<Reply, String> {
        let recipe = non_empty(arguments.recipe)
            .map(|name| self.recipe(&name))
            .transpose()?;
        let steps = StepQuery {
            recipe,
            step: non_empty(arguments.step),
            what: arguments.quantity,
            source: non_empty(arguments.source),
            threshold: threshold(
                arguments.comparison,
                arguments.value,
                arguments.unit.as_deref(),
            )?,
        };
        structured::find_steps(&steps, self.view, self.language).map_err(reason)
    }

    fn derive(&self, arguments: Derive) -> Result<Reply, String> {
        let steps = StepQuery {
            recipe: Some(self.recipe(&arguments.recipe)?),
            step: non_empty(arguments.step),
            what: arguments.quantity,
            source: non_empty(arguments.source),
            threshold: None,
        };
        structured::derive(arguments.what, &steps, self.view, self.language).map_err(reason)
    }

    /// Finds a recipe by its name. The error is the same if there is none and if it may not be read.
    fn recipe(&self, name: &str) -> Result<&RecipeEntry, String> {
        ask::find_recipe(name, self.view).ok_or_else(|| {
            format!(
                "no recipe that may be read is named \"{}\"; find_recipes lists them",
                shortened(name)
            )
        })
    }

    async fn search(
        &self,
        source: &dyn EvidenceSource,
        arguments: &str,
        evidence: &mut EvidenceSet,
    ) -> Result<String, String> {
        let Search { query } = arguments::parse(arguments)?;
        if query.trim().is_empty() {
            return Err("the query is empty".to_owned());
        }
        let request = SearchRequest {
            question: self.question,
            text: &query,
            attachments: self.attachments,
            language: self.language,
            today: self.today,
            verbatim: true,
        };
        let found = source.retrieve(&request).await.map_err(|error| {
            tracing::warn!(error = format!("{error:#}"), "the model's search failed");
            "the search failed; go on without it".to_owned()
        })?;
        let mut passages = match found.passages {
            passages if passages.is_empty() && found.may_answer => found.nearest,
            passages => passages,
        };
        passages.truncate(MAX_PASSAGES);
        if passages.is_empty() {
            return Err("the documents hold nothing on this".to_owned());
        }
        let numbers = evidence.add_passages(passages);
        let shown = numbers.iter().filter_map(|number| {
            let passage = evidence.passages.get(number - 1)?;
            Some(prompt::fenced(self.mark, *number, passage))
        });
        Ok(shown.collect::<Vec<_>>().join("\n\n"))
    }

    fn fenced(&self, text: &str) -> String {
        format!("<result-{0}>\n{text}\n</result-{0}>", self.mark)
    }
}

fn reason(error: InvalidQuery) -> String {
    error.0
}

fn non_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

fn threshold(
    sign: Option<ComparisonSign>,
    value: Option<f64>,
    unit: Option<&str>,
) -> Result<Option<Threshold>, String> {
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
        ComparisonSign::AtLeast => Comparison::AtLeast,
        ComparisonSign::Above => Comparison::Above,
        ComparisonSign::AtMost => Comparison::AtMost,
        ComparisonSign::Below => Comparison::Below,
        ComparisonSign::Equal => Comparison::Equal,
    };
    Ok(Some(Threshold {
        value,
        unit,
        comparison,
    }))
}
