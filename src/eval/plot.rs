//! Draws recall against the number of passages, and the distribution of latencies, as a PNG picture.

use anyhow::Context;

use super::reference::Reference;
use crate::recipes::plot::COLOURS;
use crate::recipes::plot::canvas::{Anchor, Canvas, Ink};

/// Size of the picture and positions in it, in pixels.
const SIZE: (u32, u32) = (1600, 700);
const TOP: f32 = 90.0;
const BOTTOM: f32 = 590.0;
/// Left and right edge of each panel.
const RECALL: (f32, f32) = (100.0, 760.0);
const LATENCY: (f32, f32) = (900.0, 1560.0);
/// Font sizes and line height, in pixels.
const TITLE: f32 = 28.0;
const TEXT: f32 = 20.0;
const LINE: f32 = 28.0;
const BLACK: Ink = (30, 30, 30, 255);
const GREY: Ink = (130, 130, 130, 255);
const GRID: Ink = (225, 225, 225, 255);
const VEIL: Ink = (255, 255, 255, 215);
/// The ranks for which published recall is given.
const REFERENCE_CUTS: [usize; 4] = [1, 3, 5, 10];
/// Ticks of an axis.
const TICKS: usize = 5;

/// The results of one engine or setting.
#[derive(Clone, Debug)]
pub struct Series {
    pub name: String,
    /// Recall among the first 1, 2, 3 …
    pub recall: Vec<f64>,
    /// Sorted, the shortest first.
    pub times_ms: Vec<f64>,
}

/// Draws the picture and encodes it as PNG.
///
/// # Errors
/// It cannot be encoded.
pub fn png(series: &[Series], references: &[Reference]) -> anyhow::Result<Vec<u8>> {
    let mut canvas = Canvas::new(SIZE.0, SIZE.1).context("the plot has no max_width in memory")?;
    recall(&mut canvas, series, references);
    latency(&mut canvas, series);
    canvas.png().context("the plot cannot be encoded")
}

/// A panel with its two scales.
struct Panel {
    left: f32,
    right: f32,
    x: (f64, f64),
    y: (f64, f64),
}

impl Panel {
    #[expect(clippy::cast_possible_truncation, reason = "a place in the picture")]
    fn point(&self, x: f64, y: f64) -> (f32, f32) {
        let across = ((x - self.x.0) / (self.x.1 - self.x.0)) as f32;
        let up = ((y - self.y.0) / (self.y.1 - self.y.0)) as f32;
        (
            self.left + (self.right - self.left) * across,
            BOTTOM - (BOTTOM - TOP) * up,
        )
    }

    /// Draws the frame with these ticks of the horizontal axis.
    fn frame(&self, canvas: &mut Canvas, title: &str, x_label: &str, ticks: &[f64]) {
        let middle = f32::midpoint(self.left, self.right);
        canvas.text(title, middle, TOP - 30.0, TITLE, BLACK, Anchor::Middle);
        canvas.text(x_label, middle, BOTTOM + 70.0, TEXT, BLACK, Anchor::Middle);
        for tick in 0..=TICKS {
            let share = self.y.0 + (self.y.1 - self.y.0) * number(tick) / number(TICKS);
            let (_, y) = self.point(self.x.0, share);
            canvas.line(&[(self.left, y), (self.right, y)], 1.5, GRID, false);
            let label = format!("{share:.2}");
            canvas.text(
                &label,
                self.left - 12.0,
                y + 7.0,
                TEXT,
                BLACK,
                Anchor::Right,
            );
        }
        for tick in ticks {
            let (x, _) = self.point(*tick, self.y.0);
            canvas.line(&[(x, BOTTOM), (x, BOTTOM + 8.0)], 1.5, GREY, false);
            let label = if tick.fract() == 0.0 {
                format!("{tick:.0}")
            } else {
                format!("{tick:.1}")
            };
            canvas.text(&label, x, BOTTOM + 34.0, TEXT, BLACK, Anchor::Middle);
        }
        let corners = [
            (self.left, TOP),
            (self.left, BOTTOM),
            (self.right, BOTTOM),
            (self.right, TOP),
            (self.left, TOP),
        ];
        canvas.line(&corners, 1.5, GREY, false);
    }

    fn curve(&self, canvas: &mut Canvas, points: &[(f64, f64)], width: f32, ink: Ink) {
        let points: Vec<(f32, f32)> = points.iter().map(|(x, y)| self.point(*x, *y)).collect();
        canvas.line(&points, width, ink, false);
    }

    /// Draws the names of the curves at the lower right, above everything else.
    fn legend(&self, canvas: &mut Canvas, entries: &[(&str, Ink)]) {
        let max_width = (self.right - self.left) * 0.7;
        let names: Vec<String> = entries
            .iter()
            .map(|(name, _)| canvas.fitted(name, TEXT, max_width))
            .collect();
        let widths = names.iter().map(|name| canvas.width(name, TEXT));
        let widest = widths.fold(0.0, f32::max);
        let left = self.right - widest - 90.0;
        let height = names.iter().fold(16.0, |height, _| height + LINE);
        canvas.area(
            left,
            BOTTOM - height - 10.0,
            self.right - 10.0,
            BOTTOM - 10.0,
            VEIL,
        );
        let mut y = BOTTOM - height + 18.0;
        for (name, (_, ink)) in names.iter().zip(entries) {
            canvas.line(
                &[(left + 12.0, y - 7.0), (left + 52.0, y - 7.0)],
                4.0,
                *ink,
                false,
            );
            canvas.text(name, left + 64.0, y, TEXT, BLACK, Anchor::Left);
            y += LINE;
        }
    }
}

fn recall(canvas: &mut Canvas, series: &[Series], references: &[Reference]) {
    let max_rank = series.iter().map(|one| one.recall.len()).max().unwrap_or(1);
    let published = references
        .iter()
        .flat_map(|row| row.recall.into_iter().flatten());
    let measured = series.iter().flat_map(|one| one.recall.iter().copied());
    // A tenth below the lowest, so that curves near the top are distinguishable.
    let lowest = published.chain(measured).fold(1.0_f64, f64::min);
    let floor = ((lowest * 10.0).floor() / 10.0 - 0.1).max(0.0);
    let panel = Panel {
        left: RECALL.0,
        right: RECALL.1,
        x: (1.0, number(max_rank.max(2))),
        y: (floor, 1.0),
    };
    let ticks: Vec<f64> = (1..=max_rank).map(number).collect();
    panel.frame(canvas, "Recall among the first k", "k", &ticks);
    for row in references {
        let points = REFERENCE_CUTS.iter().zip(row.recall);
        let points: Vec<(f64, f64)> = points
            .filter(|(cut, _)| **cut <= max_rank)
            .filter_map(|(cut, recall)| Some((number(*cut), recall?)))
            .collect();
        panel.curve(canvas, &points, 1.5, GREY);
    }
    let mut entries = Vec::new();
    if !references.is_empty() {
        entries.push(("reference figures", GREY));
    }
    for (one, ink) in series.iter().zip(COLOURS.iter().cycle()) {
        let points: Vec<(f64, f64)> = (1..).map(number).zip(one.recall.iter().copied()).collect();
        panel.curve(canvas, &points, 3.0, *ink);
        entries.push((one.name.as_str(), *ink));
    }
    panel.legend(canvas, &entries);
}

fn latency(canvas: &mut Canvas, series: &[Series]) {
    let max_ms = series.iter().filter_map(|one| one.times_ms.last());
    let max_ms = max_ms.copied().fold(1.0_f64, f64::max) * 1.05;
    let panel = Panel {
        left: LATENCY.0,
        right: LATENCY.1,
        x: (0.0, max_ms),
        y: (0.0, 1.0),
    };
    let ticks: Vec<f64> = (0..=TICKS)
        .map(|tick| max_ms * number(tick) / number(TICKS))
        .collect();
    panel.frame(
        canvas,
        "Share of searches done within a time",
        "milliseconds",
        &ticks,
    );
    let mut entries = Vec::new();
    for (one, ink) in series.iter().zip(COLOURS.iter().cycle()) {
        let all = number(one.times_ms.len().max(1));
        let points: Vec<(f64, f64)> = (1..)
            .map(number)
            .zip(&one.times_ms)
            .map(|(done, time)| (*time, done / all))
            .collect();
        panel.curve(canvas, &points, 3.0, *ink);
        entries.push((one.name.as_str(), *ink));
    }
    panel.legend(canvas, &entries);
}

#[expect(clippy::cast_precision_loss, reason = "no list is as long as 2^52")]
fn number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str) -> Series {
        Series {
            name: name.to_owned(),
            recall: vec![0.5, 0.8, 0.9],
            times_ms: vec![1.0, 2.0, 8.0],
        }
    }

    #[test]
    fn every_series_adds_to_the_picture() {
        let one = png(&[series("embedded")], &[]).unwrap();
        let two = png(&[series("embedded"), series("no glossary")], &[]).unwrap();
        assert_eq!(&one[1..4], b"PNG");
        assert_ne!(one, two);
    }

    #[test]
    fn a_run_without_questions_or_ranks_is_drawn_too() {
        let empty = Series {
            name: String::new(),
            recall: Vec::new(),
            times_ms: Vec::new(),
        };
        assert!(png(&[empty], &[]).is_ok());
    }
}
