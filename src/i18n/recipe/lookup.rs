//! Setpoints and times of steps.

use super::{counted, pick};
use crate::domain::language::Language;
use crate::i18n::particle::{Particle, with};

/// A setpoint of one step.
#[must_use]
pub fn setpoint(
    language: Language,
    value: &str,
    channel: &str,
    step: &str,
    recipe: &str,
) -> String {
    pick(
        language,
        format!("**{value}** — {recipe}의 {step} 단계에서 {channel} 설정값입니다"),
        format!("**{value}** — the setpoint of {channel} in the step {step} of {recipe}"),
    )
}

/// Where a setpoint was given that still holds.
#[must_use]
pub fn given_in(language: Language, step: &str, raw: &str, line: u32) -> String {
    pick(
        language,
        format!(
            "이 값은 {step} 단계에서 {} 정해집니다({line}행)",
            with(raw, Particle::To)
        ),
        format!("It is given in the step {step} as {raw} (line {line})"),
    )
}

/// What the expression of a setpoint is made of.
#[must_use]
pub fn with_variable(language: Language, name: &str, value: &str, line: u32) -> String {
    pick(
        language,
        format!("변수 {name} = {value}({line}행)"),
        format!("variable {name} = {value} (line {line})"),
    )
}

/// A ramp that takes longer than its step.
#[must_use]
pub fn ramp_outlasts(language: Language, ramp: &str, step: &str) -> String {
    pick(
        language,
        format!(
            "램프 시간 {} 단계 시간 {step}보다 길어, 이 단계가 끝날 때는 아직 이 값에 이르지 않습니다",
            with(ramp, Particle::Subject)
        ),
        format!(
            "Its ramp takes {ramp}, longer than the step ({step}), so the value is not reached when the step ends"
        ),
    )
}

/// Several steps fit; each has its row.
#[must_use]
pub fn setpoints(language: Language, recipe: &str, channel: &str, count: usize) -> String {
    pick(
        language,
        format!("{recipe}에서 해당하는 단계 {count}개의 {channel} 설정값입니다."),
        format!("{channel} in the {count} steps of {recipe} that fit:"),
    )
}

/// How long a step takes.
#[must_use]
pub fn step_time(language: Language, recipe: &str, step: &str, time: &str) -> String {
    pick(
        language,
        format!("**{time}** — {recipe}의 {step} 단계 시간입니다"),
        format!("**{time}** — the time of the step {step} of {recipe}"),
    )
}

/// How often a loop around a step runs, and what that makes.
#[must_use]
pub fn repeated(language: Language, count: u32, total: &str) -> String {
    pick(
        language,
        format!("반복 {count}회, 합계 {total}"),
        format!("repeated {count} times, {total} in all"),
    )
}

/// A step that waits has no time.
#[must_use]
pub fn step_waits(language: Language, step: &str, condition: &str) -> String {
    pick(
        language,
        format!("{step} 단계는 조건({condition})을 기다리므로 정해진 시간이 없습니다"),
        format!("The step {step} waits for a condition ({condition}), so it has no set time"),
    )
}

/// A label's claim is no setpoint.
#[must_use]
pub fn claim(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!("{recipe}의 단계 이름에 적힌 내용입니다. 이름일 뿐 설정값이나 측정값이 아닙니다."),
        format!(
            "This is what the names of the steps of {recipe} say. It is a name, neither a setpoint nor measured."
        ),
    )
}

/// The value is not known at a step; the subroutines before it may set it.
#[must_use]
pub fn not_stated(language: Language, channel: &str, step: &str, calls: &[String]) -> String {
    let because = if calls.is_empty() {
        String::new()
    } else {
        let calls = calls.join(", ");
        pick(
            language,
            format!(" 이 파일에 정의되지 않은 서브루틴({calls})이 정할 수는 있습니다."),
            format!(" A subroutine that this file does not define may set it: {calls}."),
        )
    };
    pick(
        language,
        format!("{step} 단계까지 {channel} 값이 파일에 적혀 있지 않아 답할 수 없습니다.{because}"),
        format!(
            "The file states no value of {channel} up to the step {step}, so there is no answer.{because}"
        ),
    )
}

/// Recipes hold setpoints, nothing measured.
#[must_use]
pub fn setpoints_only(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!(
            "{recipe} 레시피에는 설정값만 있고 측정값은 없어 답할 수 없습니다. 측정값은 런 로그에서 확인해 주십시오."
        ),
        format!(
            "The recipe {recipe} holds setpoints only and nothing measured, so there is no answer. Measured values are in the log of the run."
        ),
    )
}

/// Everything that steps set.
#[must_use]
pub fn step_settings(language: Language, recipe: &str, steps: usize) -> String {
    pick(
        language,
        format!("{recipe}의 단계 {steps}개에 적힌 설정 전부입니다."),
        format!("All settings of {} of {recipe}:", counted(steps, "step")),
    )
}
