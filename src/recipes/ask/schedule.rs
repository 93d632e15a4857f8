//! Replies about the course of a recipe: totals, loops, waits, ramps, carrier and run valves, subroutines.

mod loops;
mod ramps;
mod totals;
mod valves;
mod waits;

use super::question::{AskedQuantity, RecipeQuestion};
use super::reply::ReplyWriter;
use crate::recipes::ask::vocabulary::DIFFERENCE;
use crate::recipes::snapshot::RecipeEntry;
use crate::recipes::timeline::Timeline;

/// Rows of a table; further ones are counted only.
const MAX_ROWS: usize = 40;

const WAITS: [&str; 11] = [
    "wait",
    "waits",
    "waiting",
    "until",
    "conditions",
    "condition",
    "조건",
    "기다리",
    "대기하",
    "대기 단계",
    "기다릴",
];

const SUBROUTINES: [&str; 9] = [
    "subroutine",
    "subroutines",
    "unresolved",
    "undefined",
    "서브루틴",
    "정의되지",
    "미해결",
    "includes",
    "include",
];

const LOOPS: [&str; 12] = [
    "how many",
    "number of",
    "how often",
    "how many times",
    "loop",
    "loops",
    "몇 개",
    "몇개",
    "몇 번",
    "몇 회",
    "반복",
    "루프",
];

const REPEATED: [&str; 16] = [
    "well", "wells", "qw", "qws", "loop", "loops", "period", "periods", "repeat", "repeats",
    "우물", "루프", "반복", "주기", "쌍", "pairs",
];

const CARRIER: [&str; 6] = [
    "carrier",
    "carrier gas",
    "carriers",
    "캐리어",
    "운반 가스",
    "운반가스",
];

const SWITCHES: [&str; 9] = [
    "switch", "switches", "switched", "change", "changes", "전환", "바뀌", "바뀐", "바꾸",
];

const TOTAL: [&str; 14] = [
    "total",
    "in all",
    "whole",
    "overall",
    "entire",
    "how long is the recipe",
    "how long does",
    "run time",
    "growth time",
    "전체",
    "총",
    "소요",
    "성장 시간",
    "얼마나 걸",
];

pub(super) fn wants_difference(question: &RecipeQuestion<'_>) -> bool {
    let is_of_carrier = question.mentions(&CARRIER);
    question.mentions(&DIFFERENCE) && !is_of_carrier
}

pub(super) fn wants_anything(question: &RecipeQuestion<'_>) -> bool {
    [
        &DIFFERENCE[..],
        &WAITS,
        &SUBROUTINES,
        &LOOPS,
        &CARRIER,
        &TOTAL,
    ]
    .iter()
    .any(|phrases| question.mentions(phrases))
}

pub(super) fn answer(
    question: &RecipeQuestion<'_>,
    entry: &RecipeEntry,
    writer: &mut ReplyWriter,
) -> Option<()> {
    let timeline = Timeline::new(entry.recipe());
    if question.mentions(&SUBROUTINES) {
        totals::unresolved(entry, writer);
        return Some(());
    }
    if question.mentions(&[
        "fastest",
        "steepest",
        "quickest",
        "ramp rate",
        "fast ramp",
        "가장 빠른",
        "제일 빠른",
        "가장 급",
        "최대 램프",
        "램프 속도",
        "램프율",
    ]) && question.mentions(&[
        "ramp",
        "ramps",
        "rate",
        "램프",
        "승온",
        "변화",
        "속도",
        "ramp rate",
    ]) {
        ramps::fastest(question, entry, &timeline, writer);
        return Some(());
    }
    let names_carrier = question.mentions(&CARRIER)
        && !question.mentions(&["wafer carrier", "웨이퍼 캐리어"])
        || question.mentions(&SWITCHES) && question.mentions(&["h2", "n2", "수소", "질소"]);
    if names_carrier {
        valves::carrier(entry, &timeline, writer);
        return Some(());
    }
    if let Some(valves) = valves::run_valves(question, entry.recipe()) {
        valves::open_times(entry, &timeline, &valves, writer);
        return Some(());
    }
    if question.mentions(&WAITS) && question.threshold.is_none() {
        waits::waits(entry, &timeline, writer);
        return Some(());
    }
    let is_count = question.mentions(&[
        "how many",
        "number of",
        "how often",
        "몇 개",
        "몇개",
        "몇 번",
        "몇 회",
        "몇회",
        "몇 쌍",
        "몇 주기",
        "횟수",
        "개수",
    ]);
    if is_count && question.mentions(&REPEATED)
        || question.mentions(&["loops", "루프", "반복 횟수", "반복문"])
    {
        loops::loops(question, entry, &timeline, writer);
        return Some(());
    }
    let has_steps = !question.layers.is_empty() || !question.codes.is_empty();
    if question.mentions(&TOTAL)
        && !has_steps
        && matches!(question.quantity, None | Some(AskedQuantity::Time))
    {
        totals::total(entry, &timeline, writer);
        return Some(());
    }
    if question.quantity == Some(AskedQuantity::Time)
        && !has_steps
        && question.mentions(&["how long", "duration", "시간", "몇 분", "얼마"])
    {
        totals::total(entry, &timeline, writer);
        return Some(());
    }
    ramps::extreme(question, entry, &timeline, writer)
}
