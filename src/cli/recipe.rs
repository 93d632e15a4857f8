//! `epibot recipe`: recipes in the terminal.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde::Serialize;

use crate::app::services::Services;
use crate::config::settings::Config;
use crate::domain::access::Access;
use crate::domain::language::Language;
use crate::recipes::ask;
use crate::recipes::ask::Reply;
use crate::recipes::diff;
use crate::recipes::diff::RecipeDiff;
use crate::recipes::model::{ImportLoss, Recipe};
use crate::recipes::plot;
use crate::recipes::snapshot::{RecipeEntry, RecipeSnapshot, RecipeView};
use crate::recipes::timeline::Timeline;

use super::output::Output;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the recipes that are indexed
    List(Scope),
    /// Show a recipe: what its header says, its steps, what could not be read
    Show(Show),
    /// Find recipes or steps by a condition, such as "`TEGa`" or "steps above 1100 °C"
    Find(Find),
    /// Compare two recipes
    Diff(Compare),
    /// Hold a recipe's setpoints against the limits that the manuals' tables state
    Check(Show),
    /// Draw temperature, pressure and flows over time into a PNG file
    Plot(Plot),
}

#[derive(Debug, clap::Args)]
pub(super) struct Scope {
    /// Only recipes of this collection; may be repeated
    #[arg(long, value_name = "NAME")]
    collection: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// The recipe's name, or a file
    recipe: String,
    #[command(flatten)]
    scope: Scope,
}

#[derive(Debug, clap::Args)]
pub(super) struct Find {
    /// The condition, in Korean or English
    #[arg(required = true)]
    condition: Vec<String>,
    #[command(flatten)]
    scope: Scope,
}

#[derive(Debug, clap::Args)]
pub(super) struct Compare {
    /// The recipe to compare, or a file
    before: String,
    /// The recipe to compare it with, or a file
    after: String,
    #[command(flatten)]
    scope: Scope,
}

#[derive(Debug, clap::Args)]
pub(super) struct Plot {
    /// The recipe's name, or a file
    recipe: String,
    /// The picture; NAME.png in this folder where it is not given
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Names in Korean instead of English
    #[arg(long)]
    korean: bool,
    #[command(flatten)]
    scope: Scope,
}

#[derive(Serialize)]
struct PlottedRecipe<'a> {
    recipe: &'a str,
    file: &'a Path,
    bytes: usize,
}

/// A recipe in a list.
#[derive(Serialize)]
struct RecipeSummary<'a> {
    id: &'a str,
    title: Option<&'a str>,
    tool: Option<&'a str>,
    file: &'a str,
    collection: &'a str,
    format: &'a str,
    steps: usize,
    /// Seconds of the steps with a set time; `None` if its loops cannot be counted.
    seconds: Option<f64>,
    growth_seconds: Option<f64>,
    waits: usize,
    unresolved: usize,
    losses: &'a [ImportLoss],
}

/// A recipe in full.
#[derive(Serialize)]
struct RecipeDetails<'a> {
    #[serde(flatten)]
    listed: RecipeSummary<'a>,
    recipe: &'a Recipe,
}

#[derive(Serialize)]
struct Comparison<'a> {
    before: &'a str,
    after: &'a str,
    diff: RecipeDiff,
}

/// An answer with its citations.
#[derive(Serialize)]
struct FindResult<'a> {
    answer: &'a str,
    /// Nothing is stated, or nothing matches.
    refused: bool,
    citations: Vec<CitedPlace<'a>>,
}

#[derive(Serialize)]
struct CitedPlace<'a> {
    n: usize,
    file: &'a str,
    section: Option<&'a str>,
}

pub(super) async fn run(
    config: &Config,
    command: Command,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let app = Services::open(config).await?;
    let scope = match &command {
        Command::List(scope) => scope,
        Command::Show(arguments) | Command::Check(arguments) => &arguments.scope,
        Command::Find(arguments) => &arguments.scope,
        Command::Diff(arguments) => &arguments.scope,
        Command::Plot(arguments) => &arguments.scope,
    };
    let access = if scope.collection.is_empty() {
        config.access.for_everyone()
    } else {
        Access::Only(scope.collection.iter().cloned().collect())
    };
    let snapshot = app.stores.recipes.snapshot().await?;
    let view = snapshot.view(&access);
    match &command {
        Command::List(_) => {
            ensure_not_empty(&view)?;
            show(&ask::list(&view, Language::English), output);
            output.document(
                &view
                    .entries
                    .iter()
                    .map(|entry| listed(entry))
                    .collect::<Vec<_>>(),
            )?;
        }
        Command::Show(arguments) => {
            let from_file = from_file(&app, &arguments.recipe).await?;
            let entry = find(&arguments.recipe, &view, from_file.as_ref())?;
            show(&ask::show(entry, language(&[&arguments.recipe])), output);
            output.document(&RecipeDetails {
                listed: listed(entry),
                recipe: entry.recipe(),
            })?;
        }
        Command::Check(arguments) => {
            let from_file = from_file(&app, &arguments.recipe).await?;
            let entry = find(&arguments.recipe, &view, from_file.as_ref())?;
            let reply = ask::check(entry, &view, language(&[&arguments.recipe]));
            show(&reply, output);
            output.document(&found(&reply))?;
        }
        Command::Find(arguments) => {
            ensure_not_empty(&view)?;
            let condition = arguments.condition.join(" ");
            let reply = ask::find(&condition, &view, Language::detect(&condition)).with_context(|| {
                format!(
                    "\"{condition}\" is no condition that is understood; name a source (\"TEGa\"), or a bound with its unit \
                     (\"above 1100 °C\", \"steps at 200 Torr or more\")"
                )
            })?;
            show(&reply, output);
            output.document(&found(&reply))?;
        }
        Command::Diff(arguments) => {
            let first = from_file(&app, &arguments.before).await?;
            let second = from_file(&app, &arguments.after).await?;
            let one = find(&arguments.before, &view, first.as_ref())?;
            let other = find(&arguments.after, &view, second.as_ref())?;
            show(&ask::diff(one, other, Language::English), output);
            output.document(&Comparison {
                before: &one.recipe().id,
                after: &other.recipe().id,
                diff: diff::compare(one.recipe(), other.recipe()),
            })?;
        }
        Command::Plot(arguments) => {
            let from_file = from_file(&app, &arguments.recipe).await?;
            let entry = find(&arguments.recipe, &view, from_file.as_ref())?;
            draw(entry.recipe(), arguments, output)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn draw(recipe: &Recipe, arguments: &Plot, output: Output) -> anyhow::Result<()> {
    let language = if arguments.korean {
        Language::Korean
    } else {
        Language::English
    };
    let png = plot::draw(recipe, language)?.with_context(|| {
        format!(
            "{} has no step with a set time, so there is nothing to draw",
            recipe.id
        )
    })?;
    let name = format!("{}.png", recipe.id.replace(['/', '\\'], "_"));
    let file = arguments
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from(name));
    std::fs::write(&file, &png).with_context(|| {
        format!(
            "{} cannot be written; name another with --output",
            file.display()
        )
    })?;
    output.line(file.display().to_string());
    output.document(&PlottedRecipe {
        recipe: &recipe.id,
        file: &file,
        bytes: png.len(),
    })
}

fn language(names: &[&str]) -> Language {
    Language::detect(&names.concat())
}

fn ensure_not_empty(view: &RecipeView<'_>) -> anyhow::Result<()> {
    if view.entries.is_empty() {
        bail!(
            "no recipe is indexed here yet; add a [[sources]] block with a folder of recipes and run `epibot reindex`"
        );
    }
    Ok(())
}

/// Imports the recipes of a file, if the name is that of a file.
async fn from_file(app: &Services, name: &str) -> anyhow::Result<Option<RecipeSnapshot>> {
    let path = PathBuf::from(name);
    if !path.is_file() {
        return Ok(None);
    }
    let imported = app
        .stores
        .extractor
        .import(&path)
        .await
        .map_err(|failure| anyhow::anyhow!("{name} cannot be read: {failure}"))?
        .with_context(|| {
            format!("{name} holds no recipe that is known; a table needs a column map (see docs/RECIPES.md)")
        })?;
    Ok(Some(RecipeSnapshot::from_file(&absolute(&path), imported)))
}

fn absolute(path: &Path) -> String {
    path.canonicalize()
        .unwrap_or_else(|_| path.to_owned())
        .display()
        .to_string()
}

fn find<'v>(
    name: &str,
    view: &RecipeView<'v>,
    from_file: Option<&'v RecipeSnapshot>,
) -> anyhow::Result<&'v RecipeEntry> {
    if let Some(snapshot) = from_file {
        return snapshot
            .entries()
            .first()
            .with_context(|| format!("{name} holds no recipe"));
    }
    ask::find_recipe(name, view).with_context(|| {
        format!("there is no recipe \"{name}\" here; `epibot recipe list` names them")
    })
}

fn listed(entry: &RecipeEntry) -> RecipeSummary<'_> {
    let recipe = entry.recipe();
    let timeline = Timeline::new(recipe);
    RecipeSummary {
        id: &recipe.id,
        title: recipe
            .header
            .title
            .as_ref()
            .map(|title| title.text.as_str()),
        tool: recipe.header.tool.as_ref().map(|tool| tool.text.as_str()),
        file: &recipe.file,
        collection: &entry.record().document.collection,
        format: &recipe.format,
        steps: recipe.steps.len(),
        seconds: timeline.is_complete.then(|| timeline.seconds()),
        growth_seconds: timeline.is_complete.then(|| timeline.growth_seconds()),
        waits: recipe
            .steps
            .iter()
            .filter(|step| step.until.is_some())
            .count(),
        unresolved: recipe.unresolved().len(),
        losses: &recipe.losses,
    }
}

fn show(reply: &Reply, output: Output) {
    output.line(&reply.text);
    for (n, passage) in (1..).zip(&reply.cited) {
        let section = passage.section().unwrap_or_default();
        let gap = if n == 1 { "\n" } else { "" };
        output.line(format!("{gap}[{n}] {} · {section}", passage.document.title));
    }
}

fn found(reply: &Reply) -> FindResult<'_> {
    FindResult {
        answer: &reply.text,
        refused: reply.is_refusal,
        citations: (1..)
            .zip(&reply.cited)
            .map(|(n, passage)| CitedPlace {
                n,
                file: &passage.document.path,
                section: passage.section(),
            })
            .collect(),
    }
}
