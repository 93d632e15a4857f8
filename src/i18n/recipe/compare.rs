//! Two recipes side by side.

use super::{counted, pick};
use crate::domain::language::Language;
use crate::domain::language::Language::{English, Korean};
use crate::i18n::particle::{Particle, with};

/// Two recipes, compared.
#[must_use]
pub fn differences(
    language: Language,
    one: &str,
    other: &str,
    changed: usize,
    added: usize,
    removed: usize,
) -> String {
    pick(
        language,
        format!(
            "{one}에서 {}: 바뀐 단계 {changed}개, 추가된 단계 {added}개, 없어진 단계 {removed}개입니다.",
            with(other, Particle::To)
        ),
        format!(
            "From {one} to {other}: {} changed, {added} added, {removed} removed.",
            counted(changed, "step")
        ),
    )
}

#[must_use]
pub fn no_differences(language: Language, one: &str, other: &str) -> String {
    pick(
        language,
        format!(
            "{} {} 설정값이 모두 같습니다.",
            with(one, Particle::With),
            with(other, Particle::Topic)
        ),
        format!("{one} and {other} have the same settings."),
    )
}

#[must_use]
pub fn losses(language: Language, recipe: &str, count: usize) -> String {
    pick(
        language,
        format!("{recipe}의 {count}곳은 읽지 못했으며 위 내용에 들어 있지 않습니다."),
        format!(
            "{} of {recipe} could not be read, so the comparison leaves them out.",
            counted(count, "place")
        ),
    )
}

/// Nothing to compare with.
#[must_use]
pub fn compare_with_what(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!(
            "{} 어느 레시피와 비교할지 이름을 함께 적어 주십시오.",
            with(recipe, Particle::Object)
        ),
        format!("Please name the recipe that {recipe} is to be compared with."),
    )
}

/// The recipe that this one is based on is not there.
#[must_use]
pub fn origin_not_there(language: Language, recipe: &str, origin: &str) -> String {
    pick(
        language,
        format!(
            "{} {} 바탕으로 하지만, 그 레시피는 열람하실 수 있는 레시피에 없어 비교할 수 없습니다",
            with(recipe, Particle::Topic),
            with(origin, Particle::Object)
        ),
        format!(
            "{recipe} is based on {origin}, which is not among the recipes that you may read, so they cannot be compared"
        ),
    )
}

/// What happened to a step.
#[must_use]
pub fn added(language: Language) -> &'static str {
    match language {
        Korean => "추가됨",
        English => "added",
    }
}

#[must_use]
pub fn removed(language: Language) -> &'static str {
    match language {
        Korean => "없어짐",
        English => "removed",
    }
}

/// A value that comes from a step before.
#[must_use]
pub fn inherited(language: Language) -> &'static str {
    match language {
        Korean => "앞 단계에서",
        English => "from before",
    }
}

/// The settings of a step that are not a channel: its time, and how often it is repeated.
#[must_use]
pub fn loop_count(language: Language) -> &'static str {
    match language {
        Korean => "반복 횟수",
        English => "loop count",
    }
}

/// What stands in the place of a step where a variable differs.
#[must_use]
pub fn variable(language: Language) -> &'static str {
    match language {
        Korean => "변수",
        English => "variable",
    }
}

/// The same where the temperature of a bubbler does.
#[must_use]
pub fn bubbler(language: Language) -> &'static str {
    match language {
        Korean => "버블러 온도",
        English => "bubbler temperature",
    }
}
