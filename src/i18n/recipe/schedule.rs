//! The course of a recipe: totals, loops, waits, valves, ramps.

use super::{counted, pick};
use crate::domain::language::Language;
use crate::i18n::particle::{Particle, with};

/// Loops of a recipe.
#[must_use]
pub fn loops(language: Language, recipe: &str, count: u32, what: &str) -> String {
    pick(
        language,
        format!("**{count}회** — {recipe}의 반복문이 {what} 단계를 포함하여 {count}번 실행됩니다"),
        format!("**{count}** — the loop of {recipe} with the step {what} runs {count} times"),
    )
}

#[must_use]
pub fn no_loops(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!("{recipe}에는 해당하는 반복문이 없습니다."),
        format!("{recipe} has no such loop."),
    )
}

/// Total and growth time.
#[must_use]
pub fn total(language: Language, recipe: &str, minutes: &str, clock: &str) -> String {
    pick(
        language,
        format!("{recipe}: 시간이 정해진 단계의 합계는 **{minutes}분**({clock})입니다."),
        format!("{recipe}: the steps with a set time take **{minutes} min** in all ({clock})."),
    )
}

#[must_use]
pub fn growth(language: Language, minutes: &str, clock: &str, sources: &str) -> String {
    pick(
        language,
        format!("성장 시간({sources} 런 밸브 열림)은 **{minutes}분**({clock})입니다."),
        format!("Growth time (run valve of {sources} open): **{minutes} min** ({clock})."),
    )
}

#[must_use]
pub fn not_counted(language: Language, waits: usize, calls: usize) -> String {
    match (waits, calls) {
        (0, 0) => String::new(),
        _ => pick(
            language,
            format!(
                "조건을 기다리는 단계 {waits}회와 정의되지 않은 서브루틴 {calls}개는 시간이 정해져 있지 않아 빠져 있습니다."
            ),
            format!(
                "Not counted, since they have no set time: {} on a condition, {} that the file does not define.",
                counted(waits, "wait"),
                counted(calls, "subroutine")
            ),
        ),
    }
}

/// A recipe could not be run through to its end.
#[must_use]
pub fn incomplete(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!(
            "{recipe}의 반복 횟수를 이 파일만으로는 모두 알 수 없어 합계를 계산할 수 없습니다."
        ),
        format!(
            "Not every loop of {recipe} can be counted from this file, so no total can be given."
        ),
    )
}

/// Steps that wait on a condition.
#[must_use]
pub fn waits(language: Language, recipe: &str, count: usize) -> String {
    pick(
        language,
        format!("{recipe}에서 조건을 기다리는 단계는 **{count}개**입니다."),
        format!("Steps of {recipe} that wait on a condition: **{count}**"),
    )
}

#[must_use]
pub fn no_waits(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!("{recipe}에는 조건을 기다리는 단계가 없습니다."),
        format!("No step of {recipe} waits on a condition."),
    )
}

/// Subroutines that are not defined.
#[must_use]
pub fn unresolved(language: Language, recipe: &str, count: usize) -> String {
    pick(
        language,
        format!(
            "{} 호출하지만 이 파일에 정의되지 않은 서브루틴은 **{count}개**입니다.",
            with(recipe, Particle::Subject)
        ),
        format!("Subroutines that {recipe} calls and does not define: **{count}**"),
    )
}

#[must_use]
pub fn no_unresolved(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!("{recipe}에는 정의되지 않은 서브루틴 호출이 없습니다."),
        format!("{recipe} calls no subroutine that it does not define."),
    )
}

/// Files that it reads.
#[must_use]
pub fn includes(language: Language, names: &str) -> String {
    pick(
        language,
        format!("먼저 읽는 파일: {names}"),
        format!("It reads before: {names}"),
    )
}

/// The carrier gas changes.
#[must_use]
pub fn carrier(language: Language, recipe: &str, count: usize) -> String {
    pick(
        language,
        format!("{recipe}의 캐리어 밸브 전환은 {count}번입니다."),
        format!("Steps of {recipe} in which carrier valves switch: {count}"),
    )
}

/// When a run valve is open.
#[must_use]
pub fn open_times(language: Language, recipe: &str, valve: &str, count: usize) -> String {
    pick(
        language,
        format!(
            "{recipe}에서 {} 열려 있는 구간은 {count}개입니다.",
            with(valve, Particle::Subject)
        ),
        format!("Spans of {recipe} with {valve} open: {count}"),
    )
}

#[must_use]
pub fn never_opens(language: Language, recipe: &str, valve: &str) -> String {
    pick(
        language,
        format!(
            "{recipe}에서 {} 열리지 않습니다.",
            with(valve, Particle::Topic)
        ),
        format!("{valve} of {recipe} never opens."),
    )
}

/// The fastest ramp.
#[must_use]
pub fn fastest(
    language: Language,
    recipe: &str,
    channel: &str,
    rate: &str,
    from_to: &str,
    time: &str,
    step: &str,
) -> String {
    pick(
        language,
        format!(
            "**{rate}** — {recipe}에서 {channel}의 가장 빠른 램프는 {step} 단계입니다: {from_to}, {time}"
        ),
        format!(
            "**{rate}** — the fastest ramp of {channel} in {recipe} is in the step {step}: {from_to} in {time}"
        ),
    )
}

#[must_use]
pub fn no_ramp(language: Language, recipe: &str, channel: &str) -> String {
    pick(
        language,
        format!("{recipe}에는 시작값과 시간이 모두 알려진 {channel} 램프가 없습니다."),
        format!("{recipe} has no ramp of {channel} whose beginning and time are known."),
    )
}

#[must_use]
pub fn unknown_ramps(language: Language, count: usize) -> String {
    pick(
        language,
        format!("시작값이나 시간을 알 수 없는 램프 {count}개는 비교하지 않았습니다."),
        format!("Ramps whose beginning or time is unknown were not compared: {count}."),
    )
}

/// The highest or lowest setpoint.
#[must_use]
pub fn extreme(
    language: Language,
    recipe: &str,
    channel: &str,
    value: &str,
    step: &str,
    is_most: bool,
) -> String {
    let (korean, english) = if is_most {
        ("가장 높은", "highest")
    } else {
        ("가장 낮은", "lowest")
    };
    pick(
        language,
        format!("**{value}** — {recipe}에서 {korean} {channel} 설정값이며, {step} 단계입니다"),
        format!(
            "**{value}** — the {english} setpoint of {channel} in {recipe}, in the step {step}"
        ),
    )
}
