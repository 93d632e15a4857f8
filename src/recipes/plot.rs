//! Plots a recipe: temperature, pressure and flows over time, with growth periods shaded and named. Made to be read on
//! a phone.

mod axis;
pub(crate) mod canvas;
mod flows;
mod growth_period;
mod signal;

use axis::{Axis, nice};
use canvas::{Anchor, Canvas, Ink};
use growth_period::{GrowthPeriod, growth_periods};

use super::model::{ChannelKind, Recipe};
use super::timeline::Timeline;
use crate::domain::language::Language;
use crate::domain::units::format::{clock, plain};
use crate::i18n::recipe as say;

const WIDTH: u32 = 1080;
const LEFT: f32 = 150.0;
const RIGHT: f32 = 1050.0;
/// Font sizes, in pixels.
const TITLE: f32 = 40.0;
const TEXT: f32 = 30.0;
const SMALL: f32 = 26.0;
const GAP: f32 = 90.0;
/// Height of a line of text below the panels, in pixels.
const ROW: f32 = 44.0;
/// Number of growth periods and flows that are listed.
const MAX_SPANS: usize = 14;
const MAX_FLOWS: usize = 8;
const BLACK: Ink = (30, 30, 30, 255);
const GREY: Ink = (120, 120, 120, 255);
const GRID: Ink = (225, 225, 225, 255);
const SHADES: [Ink; 2] = [(86, 180, 233, 60), (0, 158, 115, 50)];
/// A palette for colour-blind readers (Okabe and Ito).
pub(crate) const COLOURS: [Ink; 8] = [
    (213, 94, 0, 255),
    (0, 114, 178, 255),
    (0, 158, 115, 255),
    (204, 121, 167, 255),
    (230, 159, 0, 255),
    (86, 180, 233, 255),
    (0, 0, 0, 255),
    (140, 100, 60, 255),
];

/// Plots a recipe as a PNG image; returns `None` if no step has a duration.
///
/// # Errors
/// If the image cannot be encoded.
pub fn draw(recipe: &Recipe, language: Language) -> anyhow::Result<Option<Vec<u8>>> {
    let timeline = Timeline::new(recipe);
    let total = timeline.seconds();
    if total <= 0.0 {
        return Ok(None);
    }
    let spans = growth_periods(&timeline);
    let curves = curves(&timeline);
    let legends = curves.iter().filter_map(Curves::legend_channels);
    let rows: usize = legends.map(|channels| channels.len().div_ceil(2)).sum();
    let rows = rows + spans.len().min(MAX_SPANS + 1);
    let has_waits = timeline.runs.iter().any(|run| run.seconds.is_none());
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let rows = (rows + usize::from(has_waits)) as f32;
    let panels: f32 = curves.iter().map(|curves| curves.height() + GAP).sum();
    let height = 170.0 + panels + rows * ROW + 60.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a height of some thousand pixels"
    )]
    let Some(mut canvas) = Canvas::new(WIDTH, height as u32) else {
        return Ok(None);
    };
    let title = canvas.fitted(&recipe.id, TITLE, RIGHT - 40.0);
    canvas.text(&title, 40.0, 62.0, TITLE, BLACK, Anchor::Left);
    if let Some(about) = &recipe.header.title {
        let about = canvas.fitted(&about.text, SMALL, RIGHT - 40.0);
        canvas.text(&about, 40.0, 104.0, SMALL, GREY, Anchor::Left);
    }
    let mut top = 150.0;
    let axis = Axis { total };
    for (at, curves) in curves_in(&curves) {
        let panel = Panel {
            top,
            bottom: top + curves.height(),
        };
        shade(&mut canvas, &panel, &axis, &spans);
        curves.draw(&mut canvas, &panel, &axis, &timeline);
        axis.draw(&mut canvas, &panel, at, language);
        top = panel.bottom + GAP;
    }
    let mut y = top + 34.0;
    for channels in curves.iter().filter_map(Curves::legend_channels) {
        draw_legend(&mut canvas, &timeline, channels, &mut y);
        y += 10.0;
    }
    draw_names(&mut canvas, &spans, &mut y, language);
    if has_waits {
        let note = canvas.fitted(&say::plot_waits(language), SMALL, RIGHT - 40.0);
        canvas.text(&note, 40.0, y, SMALL, GREY, Anchor::Left);
    }
    canvas.png().map(Some)
}

/// The curves of one panel.
enum Curves {
    /// A single setpoint.
    Single(usize, Ink),
    /// Temperatures of effusion cells.
    Cells(Vec<usize>),
    Flows(Vec<usize>),
}

/// Returns the panels that have data.
fn curves(timeline: &Timeline<'_>) -> Vec<Curves> {
    let recipe = timeline.recipe;
    let mut found = Vec::new();
    for (kind, ink) in [
        (ChannelKind::Temperature, COLOURS[0]),
        (ChannelKind::Pressure, COLOURS[1]),
    ] {
        let channel = recipe.channels_of(kind).next();
        found.extend(channel.map(|channel| Curves::Single(channel, ink)));
    }
    let mut cells: Vec<usize> = recipe.channels_of(ChannelKind::CellTemperature).collect();
    cells.retain(|cell| (0..timeline.runs.len()).any(|run| timeline.value(run, *cell).is_some()));
    cells.truncate(MAX_FLOWS);
    if !cells.is_empty() {
        found.push(Curves::Cells(cells));
    }
    let flows = flows::flows(timeline);
    if !flows.is_empty() {
        found.push(Curves::Flows(flows));
    }
    found
}

/// Returns the panels from top to bottom, each with whether it is the last.
fn curves_in(curves: &[Curves]) -> impl Iterator<Item = (bool, &Curves)> {
    let last = curves.len();
    (1..)
        .zip(curves)
        .map(move |(at, curves)| (at == last, curves))
}

impl Curves {
    fn height(&self) -> f32 {
        match self {
            Self::Single(_, ink) if *ink == COLOURS[1] => 260.0,
            Self::Cells(_) => 320.0,
            _ => 420.0,
        }
    }

    /// Returns the channels whose colours the legend explains.
    fn legend_channels(&self) -> Option<&[usize]> {
        match self {
            Self::Single(..) => None,
            Self::Cells(channels) | Self::Flows(channels) => Some(channels),
        }
    }

    fn draw(&self, canvas: &mut Canvas, panel: &Panel, axis: &Axis, timeline: &Timeline<'_>) {
        match self {
            Self::Single(channel, ink) => {
                let label = label(timeline.recipe, *channel);
                draw_linear(canvas, panel, axis, timeline, &[(*channel, *ink)], &label);
            }
            Self::Cells(cells) => {
                let inks = COLOURS.iter().cycle();
                let cells: Vec<(usize, Ink)> = cells.iter().copied().zip(inks.copied()).collect();
                draw_linear(canvas, panel, axis, timeline, &cells, "°C");
            }
            Self::Flows(channels) => flows::draw(canvas, panel, axis, timeline, channels),
        }
    }
}

/// Returns a channel's name with its unit, unless the name contains it already.
fn label(recipe: &Recipe, channel: usize) -> String {
    let channel = &recipe.channels[channel];
    let unit = channel.unit.to_string();
    if unit.is_empty() || channel.name.contains(&unit) {
        channel.name.clone()
    } else {
        format!("{} ({unit})", channel.name)
    }
}

/// A part of the image with its own scale.
struct Panel {
    top: f32,
    bottom: f32,
}

fn shade(canvas: &mut Canvas, panel: &Panel, axis: &Axis, spans: &[GrowthPeriod]) {
    let mut free = f32::MIN;
    for (at, span) in spans.iter().enumerate() {
        let (left, right) = (axis.x(span.begin), axis.x(span.end));
        canvas.area(left, panel.top, right, panel.bottom, SHADES[at % 2]);
        let number = (at + 1).to_string();
        let middle = f32::midpoint(left, right);
        let half = canvas.width(&number, SMALL) / 2.0 + 3.0;
        // Overlapping numbers are left out; the list below has them all.
        if at < MAX_SPANS && middle - half > free {
            canvas.text(
                &number,
                middle,
                panel.top - 8.0,
                SMALL,
                BLACK,
                Anchor::Middle,
            );
            free = middle + half;
        }
    }
}

/// Draws a panel of setpoints on a linear scale.
fn draw_linear(
    canvas: &mut Canvas,
    panel: &Panel,
    axis: &Axis,
    timeline: &Timeline<'_>,
    channels: &[(usize, Ink)],
    label: &str,
) {
    let drawn = channels.iter();
    let pieces: Vec<_> = drawn
        .map(|(channel, ink)| (signal::points(timeline, *channel), *ink))
        .collect();
    let values = pieces.iter().flat_map(|(pieces, _)| pieces).flatten();
    let most = values.map(|(_, value)| *value).fold(0.0_f64, f64::max);
    let step = nice(most.max(1.0) / 6.0);
    // Leaves room for the name above the curve.
    let top = (most * 1.15 / step).ceil().max(1.0) * step;
    #[expect(clippy::cast_possible_truncation, reason = "a place in the picture")]
    let y = |value: f64| panel.bottom - (panel.bottom - panel.top) * (value.max(0.0) / top) as f32;
    let mut tick = 0.0;
    while tick <= top * 1.0001 {
        canvas.line(&[(LEFT, y(tick)), (RIGHT, y(tick))], 1.5, GRID, false);
        canvas.text(
            &plain(tick, 1),
            LEFT - 12.0,
            y(tick) + 9.0,
            SMALL,
            BLACK,
            Anchor::Right,
        );
        tick += step;
    }
    let ink = match channels {
        [(_, ink)] => *ink,
        _ => BLACK,
    };
    canvas.text(
        label,
        LEFT + 12.0,
        panel.top + 34.0,
        TEXT,
        ink,
        Anchor::Left,
    );
    for (pieces, ink) in pieces {
        for piece in pieces {
            let points: Vec<(f32, f32)> = piece
                .iter()
                .map(|(seconds, value)| (axis.x(*seconds), y(*value)))
                .collect();
            canvas.line(&points, 4.0, ink, false);
        }
    }
}

/// Draws the legend of the flows, two per row.
fn draw_legend(canvas: &mut Canvas, timeline: &Timeline<'_>, flows: &[usize], y: &mut f32) {
    let recipe = timeline.recipe;
    for (row, pair) in flows.chunks(2).enumerate() {
        for (column, channel) in pair.iter().enumerate() {
            let x = if column == 0 { 40.0 } else { 560.0 };
            let ink = COLOURS[(row * 2 + column) % COLOURS.len()];
            canvas.area(x, *y - 18.0, x + 44.0, *y - 8.0, ink);
            let name = canvas.fitted(&recipe.channels[*channel].name, TEXT, 420.0);
            canvas.text(&name, x + 58.0, *y, TEXT, BLACK, Anchor::Left);
        }
        *y += ROW;
    }
}

/// Lists the growth periods.
fn draw_names(canvas: &mut Canvas, spans: &[GrowthPeriod], y: &mut f32, language: Language) {
    for (at, span) in spans.iter().enumerate().take(MAX_SPANS) {
        let shade = SHADES[at % 2];
        canvas.area(
            40.0,
            *y - 28.0,
            84.0,
            *y + 8.0,
            (shade.0, shade.1, shade.2, 110),
        );
        canvas.text(&(at + 1).to_string(), 62.0, *y, TEXT, BLACK, Anchor::Middle);
        let time = clock(span.end - span.begin);
        let room = RIGHT - 120.0 - canvas.width(&time, TEXT);
        let name = canvas.fitted(&span.name, TEXT, room);
        canvas.text(&name, 100.0, *y, TEXT, BLACK, Anchor::Left);
        canvas.text(&time, RIGHT, *y, TEXT, GREY, Anchor::Right);
        *y += ROW;
    }
    if spans.len() > MAX_SPANS {
        let more = say::and_more(language, spans.len() - MAX_SPANS);
        let more = canvas.fitted(&more, SMALL, RIGHT - 40.0);
        canvas.text(&more, 40.0, *y, SMALL, GREY, Anchor::Left);
        *y += ROW;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipes::import::aixtron;

    #[test]
    fn a_recipe_without_times_has_no_picture() {
        let recipe = aixtron::read("x.epi", "layer { \"a\", until T >> 5; }");
        assert_eq!(draw(&recipe, Language::English).unwrap(), None);
    }

    #[test]
    fn a_loop_is_one_growth_period_with_its_count() {
        let recipe = aixtron::read(
            "x.epi",
            "layer { 60 \"buffer\", TMGa_1.run open; 5 \"stop\", TMGa_1.run close; loop 3 { 10 \"well\", TMGa_1.run open; 5 \"up\", TMGa_1.run close; \
             20 \"barrier\", TMGa_1.run open; } 5 \"stop\", TMGa_1.run close; 30 \"cap\", TMGa_1.run open; }",
        );
        let timeline = Timeline::new(&recipe);
        let names: Vec<String> = growth_periods(&timeline)
            .into_iter()
            .map(|span| span.name)
            .collect();
        assert_eq!(names, ["buffer", "3 × (well / barrier)", "cap"]);
        let png = draw(&recipe, Language::Korean).unwrap().unwrap();
        assert_eq!(&png[1..4], b"PNG");
    }
}
