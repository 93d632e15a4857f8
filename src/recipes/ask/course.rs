//! The course of a recipe: totals, loops, waits, ramps, carrier and run valves, subroutines.

mod ramps;
mod repeats;
mod totals;
mod valves;
mod waits;

use super::question::{Asked, AskedQuantity};
use super::reply::Writer;
use super::words::says;
use crate::recipes::book::Entry;
use crate::recipes::timeline::Timeline;

/// Rows of a table at most; further ones are counted.
const MOST_ROWS: usize = 40;

const DIFFERENCE: [&str; 23] = [
    "diff",
    "difference",
    "differences",
    "differ",
    "differs",
    "compare",
    "compared",
    "comparison",
    "changed",
    "changes",
    "versus",
    "vs",
    "차이",
    "비교",
    "다른 점",
    "달라",
    "바뀌",
    "바뀐",
    "변경",
    "변한",
    "what changed",
    "다릅",
    "다른가",
];

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

/// Whether a text in small letters asks what differs.
pub(super) fn says_difference(text: &str) -> bool {
    says(text, &DIFFERENCE)
}

pub(super) fn wants_difference(asked: &Asked<'_>) -> bool {
    let is_of_carrier = asked.says(&CARRIER);
    asked.says(&DIFFERENCE) && !is_of_carrier
}

pub(super) fn wants_anything(asked: &Asked<'_>) -> bool {
    [
        &DIFFERENCE[..],
        &WAITS,
        &SUBROUTINES,
        &LOOPS,
        &CARRIER,
        &TOTAL,
    ]
    .iter()
    .any(|phrases| asked.says(phrases))
}

pub(super) fn answer(asked: &Asked<'_>, entry: &Entry, writer: &mut Writer) -> Option<()> {
    let timeline = Timeline::of(entry.recipe());
    if asked.says(&SUBROUTINES) {
        totals::unresolved(entry, writer);
        return Some(());
    }
    if asked.says(&[
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
    ]) && asked.says(&[
        "ramp",
        "ramps",
        "rate",
        "램프",
        "승온",
        "변화",
        "속도",
        "ramp rate",
    ]) {
        ramps::fastest(asked, entry, &timeline, writer);
        return Some(());
    }
    let names_carrier = asked.says(&CARRIER) && !asked.says(&["wafer carrier", "웨이퍼 캐리어"])
        || asked.says(&SWITCHES) && asked.says(&["h2", "n2", "수소", "질소"]);
    if names_carrier {
        valves::carrier(entry, &timeline, writer);
        return Some(());
    }
    if let Some(valves) = valves::run_valves(asked, entry.recipe()) {
        valves::open_times(entry, &timeline, &valves, writer);
        return Some(());
    }
    if asked.says(&WAITS) && asked.bound.is_none() {
        waits::waits(entry, &timeline, writer);
        return Some(());
    }
    let is_count = asked.says(&[
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
    if is_count && asked.says(&REPEATED) || asked.says(&["loops", "루프", "반복 횟수", "반복문"])
    {
        repeats::loops(asked, entry, &timeline, writer);
        return Some(());
    }
    let has_steps = !asked.layers.is_empty() || !asked.codes.is_empty();
    if asked.says(&TOTAL)
        && !has_steps
        && matches!(asked.quantity, None | Some(AskedQuantity::Time))
    {
        totals::total(entry, &timeline, writer);
        return Some(());
    }
    if asked.quantity == Some(AskedQuantity::Time)
        && !has_steps
        && asked.says(&["how long", "duration", "시간", "몇 분", "얼마"])
    {
        totals::total(entry, &timeline, writer);
        return Some(());
    }
    ramps::extreme(asked, entry, &timeline, writer)
}
