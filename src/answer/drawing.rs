//! The drawing of a recipe that goes with an answer.

use crate::domain::answer::Drawing;
use crate::domain::language::Language;
use crate::recipes::plot;
use crate::recipes::snapshot::PlottedRecipe;

/// Draws a recipe. A failure is logged only: the answer is complete without its drawing.
pub(super) async fn draw(plot: Option<PlottedRecipe>, language: Language) -> Option<Drawing> {
    let plot = plot?;
    let name = format!("{}.png", plot.recipe().id.replace(['/', '\\'], "_"));
    let drawn = tokio::task::spawn_blocking(move || plot::draw(plot.recipe(), language)).await;
    match drawn {
        Ok(Ok(Some(png))) => Some(Drawing { name, png }),
        Ok(Ok(None)) => None,
        Ok(Err(error)) => {
            tracing::error!(error = format!("{error:#}"), "cannot draw the recipe");
            None
        }
        Err(error) => {
            tracing::error!(%error, "cannot draw the recipe");
            None
        }
    }
}
