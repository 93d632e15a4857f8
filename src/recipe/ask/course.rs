//! The course of a recipe: totals, loops, waits, ramps, carrier and run valves, subroutines.

use super::question::{Asked, Quantity};
use super::reply::{Writer, code};
use super::{lookup, select};
use crate::recipe::book::Entry;
use crate::recipe::model::{Action, Kind, Node, Passes, Recipe};
use crate::recipe::timeline::{Ramp, Timeline};
use crate::recipe::unit::{Unit, clock, plain, with_unit};
use crate::text::recipe::{self as say, Head};

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
        unresolved(entry, writer);
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
        fastest(asked, entry, &timeline, writer);
        return Some(());
    }
    let names_carrier = asked.says(&CARRIER) && !asked.says(&["wafer carrier", "웨이퍼 캐리어"])
        || asked.says(&SWITCHES) && asked.says(&["h2", "n2", "수소", "질소"]);
    if names_carrier {
        carrier(entry, &timeline, writer);
        return Some(());
    }
    if let Some(valves) = run_valves(asked, entry.recipe()) {
        open_times(entry, &timeline, &valves, writer);
        return Some(());
    }
    if asked.says(&WAITS) && asked.bound.is_none() {
        waits(entry, &timeline, writer);
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
        loops(asked, entry, &timeline, writer);
        return Some(());
    }
    let has_steps = !asked.layers.is_empty() || !asked.codes.is_empty();
    if asked.says(&TOTAL) && !has_steps && matches!(asked.quantity, None | Some(Quantity::Time)) {
        total(entry, &timeline, writer);
        return Some(());
    }
    if asked.quantity == Some(Quantity::Time)
        && !has_steps
        && asked.says(&["how long", "duration", "시간", "몇 분", "얼마"])
    {
        total(entry, &timeline, writer);
        return Some(());
    }
    extreme(asked, entry, &timeline, writer)
}

fn unresolved(entry: &Entry, writer: &mut Writer) {
    let recipe = entry.recipe();
    let language = writer.language;
    let name = code(&recipe.id);
    let calls = recipe.unresolved();
    if calls.is_empty() {
        writer.line(&say::no_unresolved(language, &name));
    } else {
        writer.line(&say::unresolved(language, &name, calls.len()));
        for call in calls {
            let cite = writer.cite(entry, call.line);
            writer.line(&format!("- {} (L{}){cite}", code(&call.text), call.line));
        }
    }
    if !recipe.includes.is_empty() {
        let mut names = Vec::new();
        for include in &recipe.includes {
            let cite = writer.cite(entry, include.line);
            names.push(format!("{} (L{}){cite}", code(&include.text), include.line));
        }
        writer.paragraph(&say::includes(language, &names.join(", ")));
    }
}

fn total(entry: &Entry, timeline: &Timeline<'_>, writer: &mut Writer) {
    let recipe = timeline.recipe;
    let language = writer.language;
    let name = code(&recipe.id);
    if !timeline.is_complete {
        writer.refuse(&say::incomplete(language, &name));
        return;
    }
    let minutes = |seconds: f64| plain(seconds / 60.0, 1);
    let seconds = timeline.seconds();
    let first = recipe.steps.first().map_or(1, |step| step.lines.0);
    let last = recipe.steps.last().map_or(1, |step| step.lines.0);
    let cites = format!(
        "{}{}",
        writer.cite(entry, first),
        if last == first {
            String::new()
        } else {
            writer.cite(entry, last)
        }
    );
    writer.line(&format!(
        "{}{cites}",
        say::total(language, &name, &minutes(seconds), &clock(seconds))
    ));
    let sources: Vec<String> = growth_sources(timeline);
    let growth = timeline.growth_seconds();
    if growth > 0.0 {
        writer.line(&say::growth(
            language,
            &minutes(growth),
            &clock(growth),
            &sources.join(", "),
        ));
    }
    let waiting: Vec<usize> = (0..timeline.runs.len())
        .filter(|run| timeline.runs[*run].seconds.is_none())
        .collect();
    writer.line(&say::not_counted(
        language,
        waiting.len(),
        timeline.calls.len(),
    ));
    let mut told = Vec::new();
    for run in &waiting {
        let step = timeline.runs[*run].step;
        if !told.contains(&step) {
            told.push(step);
        }
    }
    for step in told.into_iter().take(12) {
        let step = &recipe.steps[step];
        let cite = writer.cite(entry, step.lines.0);
        let condition = step.until.as_ref().map_or("", |until| until.raw.as_str());
        writer.line(&format!(
            "- {}: {}{cite}",
            code(&step.name()),
            code(condition)
        ));
    }
    for (_, call) in timeline.calls.iter().take(12) {
        let cite = writer.cite(entry, call.line);
        writer.line(&format!("- {}{cite}", code(&call.text)));
    }
}

/// The sources whose valves make a step one of growth.
fn growth_sources(timeline: &Timeline<'_>) -> Vec<String> {
    let recipe = timeline.recipe;
    let mut names = Vec::new();
    for (at, channel) in recipe.channels.iter().enumerate() {
        let Some(source) = channel.source else {
            continue;
        };
        let is_gate = matches!(channel.kind, Kind::Run | Kind::Shutter);
        let opens = (0..timeline.runs.len())
            .any(|run| timeline.is_growth(run) && timeline.is_open(run, at));
        let is_metal = matches!(
            recipe.sources[source].group,
            Some(crate::recipe::model::Group::III | crate::recipe::model::Group::IV)
        );
        if is_gate && opens && is_metal {
            names.push(recipe.sources[source].key.clone());
        }
    }
    names
}

/// A loop with its count, its line and the steps in it.
struct Counted {
    count: u32,
    line: u32,
    steps: Vec<usize>,
}

fn collect(nodes: &[Node], found: &mut Vec<Counted>) -> Vec<usize> {
    let mut steps = Vec::new();
    for node in nodes {
        match node {
            Node::Step(step) => steps.push(*step),
            Node::Loop(inner) => {
                let at = found.len();
                let within = collect(&inner.body, found);
                if let Some(count) = inner.count {
                    found.insert(
                        at,
                        Counted {
                            count,
                            line: inner.line,
                            steps: within.clone(),
                        },
                    );
                }
                steps.extend(within);
            }
            Node::Call(_) => {}
        }
    }
    steps
}

fn loops(asked: &Asked<'_>, entry: &Entry, timeline: &Timeline<'_>, writer: &mut Writer) {
    let recipe = entry.recipe();
    let language = writer.language;
    let name = code(&recipe.id);
    let mut all = Vec::new();
    collect(&recipe.body, &mut all);
    let wanted = match select::steps(asked, timeline) {
        Ok(steps) => steps,
        Err(wanted) => {
            lookup::refuse_step(entry, &wanted, writer);
            return;
        }
    };
    let found: Vec<&Counted> = all
        .iter()
        .filter(|counted| {
            wanted.is_empty() || wanted.iter().any(|step| counted.steps.contains(step))
        })
        .collect();
    if found.is_empty() {
        writer.refuse(&say::no_loops(language, &name));
        return;
    }
    for counted in found {
        let step = counted
            .steps
            .iter()
            .find(|step| wanted.contains(step))
            .or(counted.steps.first());
        let Some(step) = step.map(|step| &recipe.steps[*step]) else {
            continue;
        };
        let here = writer.cite(entry, counted.line);
        let there = writer.cite(entry, step.lines.0);
        let cites = if here == there {
            here
        } else {
            format!("{here}{there}")
        };
        let mut line = say::loops(language, &name, counted.count, &code(&step.name()));
        if let Some(seconds) = step.seconds() {
            let total = clock(seconds * f64::from(counted.count));
            line = format!("{line} ({} × {} = {total})", counted.count, clock(seconds));
        }
        writer.line(&format!("{line} (L{}){cites}.", counted.line));
    }
}

fn waits(entry: &Entry, timeline: &Timeline<'_>, writer: &mut Writer) {
    let recipe = timeline.recipe;
    let language = writer.language;
    let name = code(&recipe.id);
    let waiting: Vec<&crate::recipe::model::Step> = recipe
        .steps
        .iter()
        .filter(|step| step.until.is_some())
        .collect();
    if waiting.is_empty() {
        writer.line(&say::no_waits(language, &name));
        return;
    }
    writer.line(&say::waits(language, &name, waiting.len()));
    let mut rows = vec![vec![
        say::head(language, Head::Step).to_owned(),
        say::head(language, Head::Condition).to_owned(),
        say::head(language, Head::Value).to_owned(),
        say::head(language, Head::Line).to_owned(),
        say::head(language, Head::Source).to_owned(),
    ]];
    for step in waiting.iter().take(MOST_ROWS) {
        let Some(until) = &step.until else {
            continue;
        };
        let value = until
            .value
            .as_ref()
            .and_then(|value| value.number)
            .map(|number| {
                let unit = until
                    .channel
                    .map_or(Unit::None, |channel| recipe.channels[channel].unit);
                let sign = match until.passes {
                    Passes::Above => "> ",
                    Passes::Below => "< ",
                    _ => "",
                };
                format!("{sign}{}", with_unit(number, unit))
            });
        let cite = writer.cite(entry, until.line);
        rows.push(vec![
            code(&step.name()),
            code(&until.raw),
            value.unwrap_or_default(),
            until.line.to_string(),
            cite.trim().to_owned(),
        ]);
    }
    writer.table(&rows);
    if waiting.len() > MOST_ROWS {
        writer.paragraph(&say::and_more(language, waiting.len() - MOST_ROWS));
    }
}

fn carrier(entry: &Entry, timeline: &Timeline<'_>, writer: &mut Writer) {
    let recipe = timeline.recipe;
    let language = writer.language;
    let mut valves: Vec<usize> = recipe
        .channels_of(Kind::Carrier)
        .filter(|channel| {
            recipe.channels[*channel]
                .name
                .to_lowercase()
                .ends_with(".run")
        })
        .collect();
    if valves.is_empty() {
        valves = recipe.channels_of(Kind::Carrier).collect();
    }
    if valves.is_empty() {
        valves = (0..recipe.channels.len())
            .filter(|channel| {
                let name = recipe.channels[*channel].name.to_lowercase();
                // Those of single sources end in the state that they are for.
                name.ends_with("carrierchange") || name.ends_with("gaschange")
            })
            .collect();
    }
    if valves.is_empty() {
        writer.refuse(&say::no_such_channel(
            language,
            &code(&recipe.id),
            &code("carrier"),
        ));
        return;
    }
    // One row a step in which a valve changes; the first states are no change.
    let mut switches: Vec<(usize, Vec<(usize, bool)>)> = Vec::new();
    for run in 1..timeline.runs.len() {
        let changed: Vec<(usize, bool)> = valves
            .iter()
            .filter_map(|valve| {
                let (before, now) = (
                    timeline.value_before(run, *valve),
                    timeline.value(run, *valve)?,
                );
                (before != Some(now)).then_some((*valve, now > 0.5))
            })
            .collect();
        if !changed.is_empty() {
            switches.push((run, changed));
        }
    }
    if timeline.runs.first().is_some_and(|_| {
        valves
            .iter()
            .all(|valve| timeline.value(0, *valve).is_none())
    }) && switches.is_empty()
    {
        writer.refuse(&say::no_such_channel(
            language,
            &code(&recipe.id),
            &code("carrier"),
        ));
        return;
    }
    writer.line(&say::carrier(language, &code(&recipe.id), switches.len()));
    let mut rows = vec![vec![
        say::head(language, Head::Step).to_owned(),
        say::head(language, Head::Setting).to_owned(),
        say::head(language, Head::Line).to_owned(),
        say::head(language, Head::Source).to_owned(),
    ]];
    for (run, changed) in switches.iter().take(MOST_ROWS) {
        let step = timeline.step(*run);
        let what: Vec<String> = changed
            .iter()
            .map(|(valve, is_open)| {
                format!(
                    "{} {}",
                    lookup::channel_name(recipe, *valve),
                    say::open(language, *is_open)
                )
            })
            .collect();
        let line = step
            .operations
            .iter()
            .find(|operation| changed.iter().any(|(valve, _)| *valve == operation.channel))
            .map_or(step.lines.0, |operation| operation.line);
        let cite = writer.cite(entry, line);
        rows.push(vec![
            code(&step.name()),
            what.join(", "),
            line.to_string(),
            cite.trim().to_owned(),
        ]);
    }
    writer.table(&rows);
}

/// The valves or shutters of the species that a question about open valves names.
fn run_valves(asked: &Asked<'_>, recipe: &Recipe) -> Option<Vec<usize>> {
    let is_asked = asked.says(&[
        "open", "opens", "opened", "close", "closes", "closed", "열", "닫",
    ]) && asked.says(&[
        "when", "run", "valve", "valves", "shutter", "steps", "언제", "밸브", "셔터", "런", "단계",
        "구간", "where", "how long",
    ]);
    if !is_asked {
        return None;
    }
    let kind = if asked.says(&["line", "라인"]) && !asked.says(&["run", "런"]) {
        Kind::Line
    } else {
        Kind::Run
    };
    let mut valves = select::channels(asked, recipe, kind);
    valves.extend(select::channels(asked, recipe, Kind::Shutter));
    valves.retain(|valve| recipe.channels[*valve].source.is_some());
    // Cells are named by elements.
    if valves.is_empty() {
        valves = recipe
            .channels_of(Kind::Shutter)
            .filter(|channel| {
                recipe.channels[*channel].source.is_some_and(|source| {
                    let source = &recipe.sources[source];
                    asked.words.iter().any(|word| {
                        word.raw == source.key || word.raw == source.species && word.raw.len() == 2
                    })
                })
            })
            .collect();
    }
    (!valves.is_empty()).then_some(valves)
}

fn open_times(entry: &Entry, timeline: &Timeline<'_>, valves: &[usize], writer: &mut Writer) {
    let recipe = timeline.recipe;
    let language = writer.language;
    let name = code(&recipe.id);
    for valve in valves {
        let shown = lookup::channel_name(recipe, *valve);
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for run in 0..timeline.runs.len() {
            if !timeline.is_open(run, *valve) {
                continue;
            }
            match spans.last_mut() {
                Some((_, last)) if *last + 1 == run => *last = run,
                _ => spans.push((run, run)),
            }
        }
        if spans.is_empty() {
            let line = recipe
                .steps
                .iter()
                .flat_map(|step| &step.operations)
                .find(|operation| operation.channel == *valve)
                .map_or(1, |operation| operation.line);
            let cite = writer.cite(entry, line);
            writer.paragraph(&format!(
                "{}{cite}",
                say::never_opens(language, &name, &shown)
            ));
            continue;
        }
        writer.paragraph(&say::open_times(language, &name, &shown, spans.len()));
        let mut rows = vec![vec![
            say::head(language, Head::Step).to_owned(),
            say::head(language, Head::Time).to_owned(),
            say::head(language, Head::Line).to_owned(),
            say::head(language, Head::Source).to_owned(),
        ]];
        // The passes of a loop differ in nothing but their number.
        let mut grouped: Vec<((usize, usize), Option<f64>, usize)> = Vec::new();
        for (first, last) in spans {
            let steps = (timeline.runs[first].step, timeline.runs[last].step);
            let seconds = (first..=last)
                .map(|run| timeline.runs[run].seconds)
                .sum::<Option<f64>>();
            match grouped.last_mut() {
                Some((same, time, count)) if *same == steps && *time == seconds => *count += 1,
                _ => grouped.push((steps, seconds, 1)),
            }
        }
        for ((first, last), seconds, count) in grouped.iter().take(MOST_ROWS) {
            let (from, to) = (&recipe.steps[*first], &recipe.steps[*last]);
            let mut steps = code(&from.name());
            if first != last {
                steps = format!("{steps} – {}", code(&to.name()));
            }
            let mut time = seconds.map_or_else(|| say::unknown(language).to_owned(), clock);
            if *count > 1 {
                time = format!("{time} × {count}");
            }
            let mut cite = writer.cite(entry, from.lines.0);
            if first != last {
                cite.push_str(&writer.cite(entry, to.lines.0));
            }
            rows.push(vec![
                steps,
                time,
                from.lines.0.to_string(),
                cite.trim().to_owned(),
            ]);
        }
        writer.table(&rows);
    }
}

fn fastest(asked: &Asked<'_>, entry: &Entry, timeline: &Timeline<'_>, writer: &mut Writer) {
    let recipe = timeline.recipe;
    let language = writer.language;
    let kind = match asked.quantity {
        Some(Quantity::Pressure) => Kind::Pressure,
        Some(Quantity::Rotation) => Kind::Rotation,
        _ => Kind::Temperature,
    };
    let name = code(&recipe.id);
    let Some(channel) = recipe.channels_of(kind).next() else {
        writer.refuse(&say::no_such_channel(language, &name, &code("temperature")));
        return;
    };
    let shown = code(&recipe.channels[channel].name);
    let mut ramps = timeline.ramps(channel);
    let written = ramp_count(timeline, channel);
    let known = ramps.len();
    if asked.says(&["heating", "heat-up", "heat up", "승온"]) {
        ramps.retain(|ramp| ramp.to > ramp.from);
    }
    if asked.says(&["cooling", "cool-down", "cool down", "강온", "냉각"]) {
        ramps.retain(|ramp| ramp.to < ramp.from);
    }
    let best = ramps
        .iter()
        .fold(None, |best: Option<&Ramp>, ramp| match best {
            Some(best) if best.rate().abs() >= ramp.rate().abs() - 1e-12 => Some(best),
            _ => Some(ramp),
        });
    let Some(best) = best else {
        writer.refuse(&say::no_ramp(language, &name, &shown));
        return;
    };
    let unit = recipe.channels[channel].unit;
    let step = timeline.step(best.run);
    let rate = format!(
        "{} {unit}/s ({} {unit}/min)",
        plain(best.rate(), 3),
        plain(best.rate() * 60.0, 1)
    );
    let from_to = format!(
        "{} → {}",
        with_unit(best.from, unit),
        with_unit(best.to, unit)
    );
    let line = step
        .operations
        .iter()
        .rev()
        .find(|operation| operation.channel == channel)
        .map_or(step.lines.0, |operation| operation.line);
    let cite = writer.cite(entry, line);
    let sentence = say::fastest(
        language,
        &name,
        &shown,
        &rate,
        &from_to,
        &clock(best.seconds),
        &code(&step.name()),
    );
    writer.line(&format!("{sentence} (L{line}){cite}."));
    if written > known {
        writer.line(&say::unknown_ramps(language, written - known));
    }
}

/// How many ramps of a channel a recipe makes, whether their beginning is known or not; those that stay are none.
fn ramp_count(timeline: &Timeline<'_>, channel: usize) -> usize {
    (0..timeline.runs.len())
        .filter(|run| {
            timeline.step(*run).operations.iter().any(|operation| {
                let is_ramp =
                    matches!(operation.action, Action::Ramp { .. } | Action::Sweep { .. });
                let before = timeline.value_before(*run, channel);
                let stays = before.is_some() && before == timeline.value(*run, channel);
                operation.channel == channel && is_ramp && !stays
            })
        })
        .count()
}

/// The highest or lowest setpoint of temperature, pressure or rotation.
fn extreme(
    asked: &Asked<'_>,
    entry: &Entry,
    timeline: &Timeline<'_>,
    writer: &mut Writer,
) -> Option<()> {
    let is_most = asked.says(&[
        "highest",
        "maximum",
        "max",
        "peak",
        "hottest",
        "최고",
        "최대",
        "가장 높은",
        "제일 높은",
    ]);
    let is_least = asked.says(&[
        "lowest",
        "minimum",
        "min",
        "coldest",
        "최저",
        "최소",
        "가장 낮은",
        "제일 낮은",
    ]);
    let has_steps = !asked.layers.is_empty() || !asked.codes.is_empty();
    if !is_most && !is_least || has_steps {
        return None;
    }
    let recipe = timeline.recipe;
    let kind = match asked.quantity? {
        Quantity::Temperature => Kind::Temperature,
        Quantity::Pressure => Kind::Pressure,
        Quantity::Rotation => Kind::Rotation,
        _ => return None,
    };
    let language = writer.language;
    let name = code(&recipe.id);
    let Some(channel) = recipe.channels_of(kind).next() else {
        writer.refuse(&say::no_such_channel(
            language,
            &name,
            &code(&asked.species.join(" ")),
        ));
        return Some(());
    };
    let best = (0..timeline.runs.len())
        .filter_map(|run| Some((run, timeline.value(run, channel)?)))
        .reduce(|best, next| {
            let is_better = if is_most {
                next.1 > best.1
            } else {
                next.1 < best.1
            };
            if is_better { next } else { best }
        });
    let Some((run, value)) = best else {
        writer.refuse(&say::no_such_channel(
            language,
            &name,
            &code(&recipe.channels[channel].name),
        ));
        return Some(());
    };
    let step = timeline.step(run);
    let shown = lookup::shown(recipe, channel, value, writer);
    let cite = writer.cite(entry, step.lines.0);
    let sentence = say::extreme(
        language,
        &name,
        &lookup::channel_name(recipe, channel),
        &shown,
        &code(&step.name()),
        is_most,
    );
    writer.line(&format!("{sentence} (L{}){cite}.", step.lines.0));
    if !timeline.calls.is_empty() {
        writer.line(&say::not_counted(language, 0, timeline.calls.len()));
    }
    Some(())
}
