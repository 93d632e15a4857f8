//! Values that are computed, and what they lack.

use super::pick;
use crate::domain::language::Language;
use crate::i18n::particle::{Particle, with};

/// A derived value.
#[must_use]
pub fn derived(language: Language, what: &str, value: &str, step: &str, recipe: &str) -> String {
    pick(
        language,
        format!("**{value}** — {recipe}의 {step} 단계에서 계산한 {what}입니다."),
        format!("**{value}** — {what} in the step {step} of {recipe}, computed."),
    )
}

#[must_use]
pub fn derived_total(language: Language, what: &str, value: &str, recipe: &str) -> String {
    pick(
        language,
        format!("**{value}** — {recipe} 전체에서 계산한 {what}입니다."),
        format!("**{value}** — {what} over the whole of {recipe}, computed."),
    )
}

#[must_use]
pub fn formula(language: Language, formula: &str) -> String {
    pick(
        language,
        format!("- 계산식: {formula}"),
        format!("- Formula: {formula}"),
    )
}

#[must_use]
pub fn inputs(language: Language, inputs: &str) -> String {
    pick(
        language,
        format!("- 입력값: {inputs}"),
        format!("- Inputs: {inputs}"),
    )
}

#[must_use]
pub fn assumptions(language: Language, assumptions: &str) -> String {
    pick(
        language,
        format!("- 가정: {assumptions}"),
        format!("- Assumptions: {assumptions}"),
    )
}

#[must_use]
pub fn assume_bubbler(language: Language) -> String {
    pick(
        language,
        "캐리어가 버블러에서 포화됨, 버블러 압력은 mbar, 유량은 표준 상태(0 °C, 1013 mbar), 증기압 상수는 공급사 자료".to_owned(),
        "the carrier leaves the bubbler saturated, bubbler pressure in mbar, flows at 0 °C and 1013 mbar, vapour pressure constants as suppliers publish them".to_owned(),
    )
}

#[must_use]
pub fn assume_gas(language: Language) -> String {
    pick(
        language,
        "유량은 표준 상태(0 °C, 1013 mbar)의 순수한 기체".to_owned(),
        "flows are of the pure gas at 0 °C and 1013 mbar".to_owned(),
    )
}

#[must_use]
pub fn assume_use(language: Language) -> String {
    pick(
        language,
        "런 밸브가 열린 단계만, 램프는 직선, 조건을 기다리는 시간은 제외".to_owned(),
        "only steps with the run valve open, ramps in a straight line, time spent waiting on conditions left out".to_owned(),
    )
}

/// What keeps a value from being derived.
#[must_use]
pub fn cannot_derive(
    language: Language,
    what: &str,
    recipe: &str,
    step: &str,
    missing: &str,
) -> String {
    pick(
        language,
        format!(
            "{recipe}의 {step} 단계에서 {} 계산할 수 없습니다. {missing}",
            with(what, Particle::Topic)
        ),
        format!("{what} cannot be computed for the step {step} of {recipe}. {missing}"),
    )
}

#[must_use]
pub fn missing_setpoint(language: Language, name: &str) -> String {
    pick(
        language,
        format!("파일에 {name} 값이 적혀 있지 않습니다."),
        format!("The file does not state {name}."),
    )
}

#[must_use]
pub fn missing_bubbler(language: Language, name: &str) -> String {
    pick(
        language,
        format!("파일 머리말에 {name} 버블러 온도가 없습니다."),
        format!("The header does not state the bubbler temperature of {name}."),
    )
}

#[must_use]
pub fn missing_vapour(language: Language, name: &str) -> String {
    pick(
        language,
        format!("{name}의 증기압 상수를 알지 못합니다."),
        format!("The vapour pressure constants of {name} are not known."),
    )
}

#[must_use]
pub fn missing_unit(language: Language, name: &str) -> String {
    pick(
        language,
        format!("{name}의 단위가 적혀 있지 않습니다."),
        format!("The unit of {name} is not stated."),
    )
}

#[must_use]
pub fn bubbler_boils(language: Language, name: &str) -> String {
    pick(
        language,
        format!("{name} 버블러 압력이 증기압보다 낮아 식이 성립하지 않습니다."),
        format!(
            "The pressure in the bubbler of {name} is below the vapour pressure, so the formula does not hold."
        ),
    )
}

#[must_use]
pub fn no_source_open(language: Language, group: &str) -> String {
    pick(
        language,
        format!("이 단계에서 런 밸브가 열린 {group}족 소스가 없습니다."),
        format!("No group-{group} source has its run valve open in that step."),
    )
}
