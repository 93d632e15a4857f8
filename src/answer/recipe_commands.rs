//! Commands about recipes, answered without a language model.

use crate::domain::access::Access;
use crate::domain::language::Language;
use crate::i18n::recipe as say;
use crate::recipes::ask::{self, Reply};
use crate::recipes::snapshot::{RecipeEntry, RecipeView};
use crate::recipes::store::RecipeStore;

/// A command about recipes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecipeCommand {
    List,
    Show(String),
    /// A condition in words.
    Find(String),
    /// Two names, or one that is compared with the recipe it is based on.
    Diff(String),
    Check(String),
    Plot(String),
    /// A name or a condition.
    Any(String),
}

/// Executes a command.
///
/// # Errors
/// The recipes cannot be read.
pub(super) async fn reply(
    recipes: Option<&RecipeStore>,
    command: &RecipeCommand,
    access: &Access,
    language: Language,
) -> anyhow::Result<Reply> {
    let Some(recipes) = recipes else {
        return Ok(refusal(say::no_recipes(language)));
    };
    let snapshot = recipes.snapshot().await?;
    let view = snapshot.view(access);
    Ok(if view.entries.is_empty() {
        refusal(say::no_recipes(language))
    } else {
        reply_in(&view, command, language)
    })
}

fn reply_in(view: &RecipeView<'_>, command: &RecipeCommand, language: Language) -> Reply {
    let with_recipe =
        |name: &str, then: &dyn Fn(&RecipeEntry) -> Reply| match ask::resolve(name, view, language)
        {
            Ok(entry) => then(entry),
            Err(refused) => refused,
        };
    match command {
        RecipeCommand::List => ask::list(view, language),
        RecipeCommand::Show(name) => with_recipe(name, &|entry| ask::show(entry, language)),
        RecipeCommand::Check(name) => with_recipe(name, &|entry| ask::check(entry, view, language)),
        RecipeCommand::Plot(name) => with_recipe(name, &|entry| ask::plot(entry, language)),
        RecipeCommand::Diff(names) => ask::answer(&format!("diff {names}"), None, view, language)
            .unwrap_or_else(|| refusal(say::no_such_recipe(language, &ask::code(names)))),
        RecipeCommand::Find(condition) => ask::find(condition, view, language)
            .unwrap_or_else(|| refusal(say::no_condition(language, &ask::code(condition)))),
        RecipeCommand::Any(text) => match ask::resolve(text, view, language) {
            Ok(entry) => ask::show(entry, language),
            Err(refused) => match ask::find(text, view, language) {
                Some(found) => found,
                None => ask::answer(text, None, view, language).unwrap_or(refused),
            },
        },
    }
}

fn refusal(text: String) -> Reply {
    Reply {
        text,
        is_refusal: true,
        ..Reply::default()
    }
}
