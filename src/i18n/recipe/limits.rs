//! Recipes against the limits of the documents.

use super::{counted, pick};
use crate::domain::language::Language;
use crate::domain::language::Language::{English, Korean};

/// A recipe was held against the limits of the documents.
#[must_use]
pub fn checked(language: Language, recipe: &str, broken: usize, held: usize) -> String {
    pick(
        language,
        format!(
            "{recipe}: 문서의 한계를 벗어난 설정 **{broken}개**, 한계 안에 있는 항목 {held}개입니다."
        ),
        format!(
            "{recipe}: **{}** outside the limits that the documents state, {held} of its quantities inside.",
            counted(broken, "setpoint")
        ),
    )
}

/// No limit fits any setting of the recipe.
#[must_use]
pub fn no_limits(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!(
            "열람하실 수 있는 문서의 표에서 {recipe}의 설정에 해당하는 한계를 찾지 못했습니다."
        ),
        format!(
            "No table of the documents that you may read states a limit for a setting of {recipe}."
        ),
    )
}

/// Limits that were not compared.
#[must_use]
pub fn unmatched(language: Language, count: usize) -> String {
    if count == 0 {
        return String::new();
    }
    pick(
        language,
        format!(
            "표의 한계 {count}개는 조건이 붙어 있거나 이 레시피의 설정 이름과 맞지 않아 비교하지 않았습니다. 온도 0은 히터 꺼짐으로 보았습니다."
        ),
        format!(
            "Limits that were not compared, since they hold under a condition or name no setting of this recipe: {count}. A temperature of 0 counts as heater off."
        ),
    )
}

#[must_use]
pub fn outside(language: Language) -> &'static str {
    match language {
        Korean => "벗어남",
        English => "outside",
    }
}

#[must_use]
pub fn inside(language: Language) -> &'static str {
    match language {
        Korean => "안",
        English => "inside",
    }
}
