//! Answers to commands about recipes, from data alone.

use tokio::time::Instant;

use crate::answer::answerer::Answerer;
use crate::answer::lookup;
use crate::domain::access::Access;
use crate::domain::answer::{Answer, Drawing};
use crate::domain::audience::Audience;
use crate::domain::language::Language;
use crate::i18n::recipe as say;
use crate::recipes::ask;
use crate::recipes::ask::Reply;
use crate::recipes::book::Plotted;
use crate::recipes::book::{Entry, View};
use crate::recipes::plot;

/// What a command wants of recipes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecipeCommand {
    List,
    Show(String),
    /// By a condition in words.
    Find(String),
    /// Two names, or one that is compared with what it is based on.
    Diff(String),
    Check(String),
    Plot(String),
    /// A name or a condition.
    Any(String),
}

impl Answerer {
    /// Answers a command about recipes.
    ///
    /// # Errors
    /// The recipes cannot be read.
    pub async fn recipes(
        &self,
        command: &RecipeCommand,
        access: &Access,
        audience: &Audience,
        language: Language,
    ) -> anyhow::Result<Answer> {
        let started = Instant::now();
        let reply = match &self.recipes {
            None => refusal(say::no_recipes(language)),
            Some(recipes) => {
                let book = recipes.book().await?;
                let view = book.view(access);
                if view.entries.is_empty() {
                    refusal(say::no_recipes(language))
                } else {
                    reply(command, &view, language)
                }
            }
        };
        let mut draft = lookup::draft(reply);
        draft.drawing = self.draw(draft.plot.take(), language).await;
        Ok(self.record(draft, audience, language, started, Instant::now()))
    }

    /// Draws a recipe. That it cannot be drawn is no reason not to answer.
    pub(super) async fn draw(&self, plot: Option<Plotted>, language: Language) -> Option<Drawing> {
        let plot = plot?;
        let name = format!("{}.png", plot.recipe().id.replace(['/', '\\'], "_"));
        let drawn = tokio::task::spawn_blocking(move || plot::draw(plot.recipe(), language)).await;
        match drawn {
            Ok(Ok(Some(png))) => Some(Drawing { name, png }),
            Ok(Ok(None)) => None,
            Ok(Err(error)) => {
                tracing::error!(error = format!("{error:#}"), "a recipe cannot be drawn");
                None
            }
            Err(error) => {
                tracing::error!(%error, "a recipe cannot be drawn");
                None
            }
        }
    }
}

fn reply(command: &RecipeCommand, view: &View<'_>, language: Language) -> Reply {
    let of = |name: &str, then: &dyn Fn(&Entry) -> Reply| match ask::resolve(name, view, language) {
        Ok(entry) => then(entry),
        Err(refused) => refused,
    };
    match command {
        RecipeCommand::List => ask::list(view, language),
        RecipeCommand::Show(name) => of(name, &|entry| ask::show(entry, language)),
        RecipeCommand::Check(name) => of(name, &|entry| ask::check(entry, view, language)),
        RecipeCommand::Plot(name) => of(name, &|entry| ask::plot(entry, language)),
        RecipeCommand::Diff(names) => ask::answer(&format!("diff {names}"), None, view, language)
            .unwrap_or_else(|| refusal(say::no_such_recipe(language, &ask::code(names)))),
        RecipeCommand::Find(condition) => found(condition, view, language),
        RecipeCommand::Any(text) => match ask::resolve(text, view, language) {
            Ok(entry) => ask::show(entry, language),
            Err(refused) => match ask::find(text, view, language) {
                Some(found) => found,
                None => ask::answer(text, None, view, language).unwrap_or(refused),
            },
        },
    }
}

fn found(condition: &str, view: &View<'_>, language: Language) -> Reply {
    ask::find(condition, view, language)
        .unwrap_or_else(|| refusal(say::no_condition(language, &ask::code(condition))))
}

fn refusal(text: String) -> Reply {
    Reply {
        text,
        is_refusal: true,
        ..Reply::default()
    }
}
