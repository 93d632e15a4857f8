//! The setpoint of a channel over time.

use crate::recipes::model::Action;
use crate::recipes::timeline::Timeline;

/// Returns the points (time in seconds, value) of a setpoint, in pieces separated by unknown values.
pub(super) fn points(timeline: &Timeline<'_>, channel: usize) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut piece: Vec<(f64, f64)> = Vec::new();
    // A ramp in progress: from, to, begin, end.
    let mut ramp: Option<(f64, f64, f64, f64)> = None;
    let mut now: Option<f64> = None;
    for (run, at) in timeline.runs.iter().enumerate() {
        let begin = at.begin;
        let end = begin + at.seconds.unwrap_or(0.0);
        let target = timeline.value(run, channel);
        let step = timeline.step(run);
        let own = step.last_of(channel);
        if let Some((from, to, start, stop)) = ramp {
            now = Some(between(from, to, start, stop, begin));
        }
        if let Some(operation) = own {
            ramp = match (&operation.action, now, target) {
                (Action::Ramp { seconds, .. }, Some(from), Some(to)) => {
                    let own = seconds
                        .or(step.ramp.as_ref().map(|ramp| ramp.seconds))
                        .unwrap_or(end - begin);
                    Some((from, to, begin, begin + own.max(0.0)))
                }
                (Action::Sweep { from, .. }, _, Some(to)) => {
                    Some((from.number.unwrap_or(to), to, begin, end))
                }
                _ => None,
            };
            now = match (ramp, target) {
                (Some((from, ..)), _) => Some(from),
                (None, target) => target,
            };
        } else if ramp.is_none() {
            // The channel follows another one, or a subroutine made it unknown.
            now = target;
        }
        let Some(value) = now else {
            if !piece.is_empty() {
                pieces.push(std::mem::take(&mut piece));
            }
            continue;
        };
        piece.push((begin, value));
        if let Some((from, to, start, stop)) = ramp {
            if stop > begin && stop < end {
                piece.push((stop, to));
            }
            let reached = between(from, to, start, stop, end);
            piece.push((end, reached));
            now = Some(reached);
            if stop <= end {
                ramp = None;
            }
        } else {
            piece.push((end, value));
        }
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

fn between(from: f64, to: f64, start: f64, stop: f64, at: f64) -> f64 {
    if at >= stop || stop <= start {
        return to;
    }
    from + (to - from) * ((at - start) / (stop - start)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipes::import::aixtron;

    #[test]
    fn a_ramp_longer_than_its_step_continues_in_the_next() {
        let recipe = aixtron::read(
            "x.epi",
            "layer { 10 \"a\", T = 100; 30 \"b\", T to 200 in 60; 60 \"c\", U = 1; 10 \"d\", T = 50; }",
        );
        let timeline = Timeline::new(&recipe);
        let pieces = points(&timeline, 0);
        assert_eq!(
            pieces,
            [vec![
                (0.0, 100.0),
                (10.0, 100.0),
                (10.0, 100.0),
                (40.0, 150.0),
                (40.0, 150.0),
                (70.0, 200.0),
                (100.0, 200.0),
                (100.0, 50.0),
                (110.0, 50.0),
            ]]
        );
    }
}
