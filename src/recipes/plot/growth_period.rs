//! Periods of growth in the timeline.

use crate::recipes::timeline::Timeline;

/// A period in which layers grow; times in seconds.
pub(super) struct GrowthPeriod {
    pub(super) begin: f64,
    pub(super) end: f64,
    pub(super) name: String,
}

/// Returns the periods in which layers grow; all passes of a loop are one period.
pub(super) fn growth_periods(timeline: &Timeline<'_>) -> Vec<GrowthPeriod> {
    let loops = loops(timeline);
    let mut spans: Vec<(f64, f64, Vec<String>, Option<usize>)> = Vec::new();
    for (at, run) in timeline.runs.iter().enumerate() {
        if !timeline.is_growth(at) {
            continue;
        }
        let end = run.begin + run.seconds.unwrap_or(0.0);
        let name = timeline.step(at).name();
        match spans.last_mut() {
            Some((_, until, names, of)) if of.is_some() && *of == loops[at] => {
                *until = end;
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            _ => spans.push((run.begin, end, vec![name], loops[at])),
        }
    }
    spans
        .into_iter()
        .map(|(begin, end, names, of)| {
            let names = names.join(" / ");
            let count = of
                .and_then(|of| timeline.runs[of].passes.first())
                .map(|(_, count)| *count);
            let name = match count {
                Some(count) => format!("{count} × ({names})"),
                None => names,
            };
            GrowthPeriod { begin, end, name }
        })
        .collect()
}

/// Returns for each run the first run of its outermost loop.
fn loops(timeline: &Timeline<'_>) -> Vec<Option<usize>> {
    let mut found: Vec<Option<usize>> = Vec::with_capacity(timeline.runs.len());
    for (at, run) in timeline.runs.iter().enumerate() {
        let own = run.passes.first();
        let before = at.checked_sub(1).map(|before| &timeline.runs[before]);
        let goes_on = match (own, before.and_then(|before| before.passes.first())) {
            (Some((pass, count)), Some((last, of))) => pass >= last && count == of,
            _ => false,
        };
        found.push(match own {
            None => None,
            Some(_) if goes_on => found[at - 1],
            Some(_) => Some(at),
        });
    }
    found
}
