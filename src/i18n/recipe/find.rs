//! Recipes and steps that were found, and names that mean none or several.

use super::pick;
use crate::domain::language::Language;
use crate::i18n::particle::{Particle, with};

/// A name that no recipe bears that the person may see. The same whether there is none or it may not be seen.
#[must_use]
pub fn no_such_recipe(language: Language, name: &str) -> String {
    pick(
        language,
        format!(
            "열람하실 수 있는 레시피 가운데 {} 이름은 없습니다. 이름을 확인해 주십시오.",
            with(name, Particle::Named)
        ),
        format!("No recipe that you may read is named {name}. Please check the name."),
    )
}

/// A name that may mean several recipes.
#[must_use]
pub fn several(language: Language, names: &[String]) -> String {
    let names = names.join(", ");
    pick(
        language,
        format!(
            "이 이름에 해당하는 레시피가 여러 개입니다. 어느 것인지 이름을 모두 적어 주십시오: {names}"
        ),
        format!("Several recipes fit that name. Please write the whole name of one: {names}"),
    )
}

/// No step is named so.
#[must_use]
pub fn no_such_step(language: Language, recipe: &str, wanted: &str, steps: &[String]) -> String {
    let names = steps.join(", ");
    pick(
        language,
        format!(
            "{recipe}에는 {wanted}에 해당하는 단계가 없어 답할 수 없습니다. 있는 단계: {names}"
        ),
        format!(
            "{recipe} has no step that fits {wanted}, so there is no answer. Its steps: {names}"
        ),
    )
}

/// The recipe has no such channel.
#[must_use]
pub fn no_such_channel(language: Language, recipe: &str, wanted: &str) -> String {
    pick(
        language,
        format!("{recipe} 파일에는 {wanted}에 대한 설정이 적혀 있지 않습니다. 추정하지 않습니다."),
        format!("{recipe} does not state {wanted}. I do not guess it."),
    )
}

/// Recipes that were found, and by what.
#[must_use]
pub fn found(language: Language, count: usize, what: &str) -> String {
    pick(
        language,
        format!("열람하실 수 있는 레시피 가운데 조건({what})에 맞는 것은 **{count}개**입니다."),
        format!("Recipes that fit ({what}): **{count}** of those that you may read"),
    )
}

#[must_use]
pub fn found_steps(language: Language, count: usize, recipes: usize, what: &str) -> String {
    pick(
        language,
        format!("조건({what})에 맞는 단계는 레시피 {recipes}개에서 **{count}개**입니다."),
        format!(
            "Steps that fit ({what}): **{count}**, in {recipes} of the recipes that you may read"
        ),
    )
}

#[must_use]
pub fn nothing_found(language: Language, what: &str) -> String {
    pick(
        language,
        format!("열람하실 수 있는 레시피 가운데 조건({what})에 맞는 것이 없습니다."),
        format!("Nothing in the recipes that you may read fits ({what})."),
    )
}

#[must_use]
pub fn and_more(language: Language, count: usize) -> String {
    pick(
        language,
        format!("그 밖에 {count}개가 더 있습니다. 조건을 좁혀 주십시오."),
        format!("Not shown: {count} more. Please narrow it down."),
    )
}
