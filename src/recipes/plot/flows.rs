//! Flows on a logarithmic scale, each drawn while its source reaches the reactor.

use super::axis::Axis;
use super::canvas::{Anchor, Canvas};
use super::{BLACK, COLOURS, GRID, LEFT, MAX_FLOWS, Panel, RIGHT, SMALL, TEXT, signal};
use crate::domain::units::Unit;
use crate::domain::units::format::plain;
use crate::recipes::model::{ChannelKind, SourceKind};
use crate::recipes::species;
use crate::recipes::timeline::Timeline;

/// Returns the flows to draw: of every source that reaches the reactor, including carriers and dopants.
pub(super) fn flows(timeline: &Timeline<'_>) -> Vec<usize> {
    let recipe = timeline.recipe;
    let mut found: Vec<usize> = recipe
        .channels_of(ChannelKind::SourceFlow)
        .filter(|channel| {
            // Dummy lines carry no gas to the reactor.
            recipe.channels[*channel]
                .source
                .is_none_or(|source| species::find(&recipe.sources[source].species).is_some())
        })
        .filter(|channel| {
            (0..timeline.runs.len()).any(|run| {
                reaches(timeline, run, *channel)
                    && timeline.value(run, *channel).is_some_and(|flow| flow > 0.0)
            })
        })
        .collect();
    // Hydrides come first, so that they keep their colours if there are many flows.
    found.sort_by_key(|channel| {
        recipe.channels[*channel]
            .source
            .map(|source| recipe.sources[source].kind != SourceKind::Hydride)
    });
    found.truncate(MAX_FLOWS);
    found
}

fn reaches(timeline: &Timeline<'_>, run: usize, channel: usize) -> bool {
    let recipe = timeline.recipe;
    let valve = recipe.channels[channel].source.and_then(|source| {
        recipe
            .channel_of(source, ChannelKind::Run)
            .or(recipe.channel_of(source, ChannelKind::Shutter))
    });
    valve.is_none_or(|valve| timeline.is_open(run, valve))
}

/// Draws a panel of flows on a logarithmic scale, each while its run valve is open.
pub(super) fn draw(
    canvas: &mut Canvas,
    panel: &Panel,
    axis: &Axis,
    timeline: &Timeline<'_>,
    flows: &[usize],
) {
    let recipe = timeline.recipe;
    let in_sccm = |channel: usize, value: f64| {
        recipe.channels[channel]
            .unit
            .convert(value, Unit::Sccm)
            .unwrap_or(value)
    };
    let mut highest = 10.0_f64;
    let mut lowest = 10.0_f64;
    for channel in flows {
        for (_, value) in signal::points(timeline, *channel).iter().flatten() {
            let value = in_sccm(*channel, *value);
            if value > 0.0 {
                highest = highest.max(value);
                lowest = lowest.min(value);
            }
        }
    }
    let (low, high) = (
        // Keeps the curves off the axis.
        (lowest * 0.8).log10().floor(),
        highest
            .log10()
            .ceil()
            .max((lowest * 0.8).log10().floor() + 1.0),
    );
    #[expect(clippy::cast_possible_truncation, reason = "a place in the picture")]
    let y = |value: f64| {
        let part = (value.max(1e-12).log10() - low) / (high - low);
        panel.bottom - (panel.bottom - panel.top) * part.clamp(0.0, 1.0) as f32
    };
    let mut power = low;
    while power <= high {
        let value = 10_f64.powf(power);
        canvas.line(&[(LEFT, y(value)), (RIGHT, y(value))], 1.5, GRID, false);
        canvas.text(
            &plain(value, 3),
            LEFT - 12.0,
            y(value) + 9.0,
            SMALL,
            BLACK,
            Anchor::Right,
        );
        power += 1.0;
    }
    canvas.text(
        "sccm",
        LEFT + 12.0,
        panel.top + 34.0,
        TEXT,
        BLACK,
        Anchor::Left,
    );
    for (at, channel) in flows.iter().enumerate() {
        let pieces = signal::points(timeline, *channel);
        for (first, last) in open_spans(timeline, *channel) {
            for piece in &pieces {
                let points: Vec<(f32, f32)> = piece
                    .iter()
                    .filter(|(seconds, value)| (first..=last).contains(seconds) && *value > 0.0)
                    .map(|(seconds, value)| (axis.x(*seconds), y(in_sccm(*channel, *value))))
                    .collect();
                canvas.line(&points, 4.0, COLOURS[at % COLOURS.len()], false);
            }
        }
    }
}

/// Returns the periods in which a source reaches the reactor, in seconds.
fn open_spans(timeline: &Timeline<'_>, channel: usize) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> = Vec::new();
    let mut was_open = false;
    for (at, run) in timeline.runs.iter().enumerate() {
        let is_open = reaches(timeline, at, channel);
        let end = run.begin + run.seconds.unwrap_or(0.0);
        match spans.last_mut() {
            Some((_, last)) if is_open && was_open => *last = end,
            _ if is_open => spans.push((run.begin, end)),
            _ => {}
        }
        was_open = is_open;
    }
    spans
}
