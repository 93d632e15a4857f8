//! What a recipe says of itself, and its drawing.

use super::{Fact, fact, pick};
use crate::domain::language::Language;
use crate::i18n::particle::{Particle, with};

/// The recipe in short.
#[must_use]
pub fn summary(language: Language, recipe: &str, steps: usize, runs: usize) -> String {
    pick(
        language,
        format!("**{recipe}** — 단계 {steps}개, 반복을 펼치면 {runs}개입니다."),
        format!("**{recipe}** — {steps} steps, {runs} with its loops run through."),
    )
}

/// What the recipe was made from.
#[must_use]
pub fn based_on(language: Language, recipe: &str, origin: &str) -> String {
    pick(
        language,
        format!(
            "{} {} 바탕으로 합니다",
            with(recipe, Particle::Topic),
            with(&format!("**{origin}**"), Particle::Object)
        ),
        format!("{recipe} is based on **{origin}**"),
    )
}

/// What a header says.
#[must_use]
pub fn stated(language: Language, what: Fact, recipe: &str, value: &str) -> String {
    let what = fact(language, what);
    pick(
        language,
        format!("{recipe}의 {what}: **{value}**"),
        format!("{what} of {recipe}: **{value}**"),
    )
}

#[must_use]
pub fn fact_not_stated(language: Language, what: Fact, recipe: &str) -> String {
    let what = fact(language, what);
    pick(
        language,
        format!(
            "{recipe} 파일에는 {} 적혀 있지 않습니다.",
            with(&what, Particle::Subject)
        ),
        format!("{recipe} does not state its {what}."),
    )
}

/// A drawing goes with the answer.
#[must_use]
pub fn plot(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!("{recipe}의 온도, 압력, 유량 그래프입니다."),
        format!("Temperature, pressure and flows of {recipe} over time."),
    )
}

/// Waits have no length in a drawing.
#[must_use]
pub fn plot_waits(language: Language) -> String {
    pick(
        language,
        "조건을 기다리는 시간은 그래프에 나타나지 않습니다.".to_owned(),
        "Time spent waiting on conditions is not shown.".to_owned(),
    )
}
