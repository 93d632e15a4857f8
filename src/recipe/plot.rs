//! A recipe as a picture: temperature, pressure and flows over time, with the steps in which layers grow shaded and
//! named. Made to be read on a phone.

mod canvas;
mod signal;

use canvas::{Anchor, Canvas, Ink};

use super::model::{Kind, Recipe, SourceKind};
use super::substance;
use super::timeline::Timeline;
use super::unit::{Unit, clock, plain};
use crate::domain::Language;
use crate::text::recipe as say;

const WIDTH: u32 = 1080;
const LEFT: f32 = 150.0;
const RIGHT: f32 = 1050.0;
/// Sizes of letters, in pixels.
const TITLE: f32 = 40.0;
const TEXT: f32 = 30.0;
const SMALL: f32 = 26.0;
/// Heights of the panels of temperature, pressure and flows.
const PANELS: [f32; 3] = [420.0, 260.0, 420.0];
const GAP: f32 = 90.0;
/// Named spans and sources that have room.
const MOST_SPANS: usize = 14;
const MOST_FLOWS: usize = 8;

const BLACK: Ink = (30, 30, 30, 255);
const GREY: Ink = (120, 120, 120, 255);
const GRID: Ink = (225, 225, 225, 255);
const SHADES: [Ink; 2] = [(86, 180, 233, 60), (0, 158, 115, 50)];
/// Told apart by everyone (Okabe and Ito).
const COLOURS: [Ink; 8] = [
    (213, 94, 0, 255),
    (0, 114, 178, 255),
    (0, 158, 115, 255),
    (204, 121, 167, 255),
    (230, 159, 0, 255),
    (86, 180, 233, 255),
    (0, 0, 0, 255),
    (140, 100, 60, 255),
];

/// A stretch of time in which layers grow.
struct Span {
    begin: f64,
    end: f64,
    name: String,
}

/// Draws a recipe as a PNG file; none where no step of it has a time.
///
/// # Errors
/// The picture cannot be encoded.
pub fn draw(recipe: &Recipe, language: Language) -> anyhow::Result<Option<Vec<u8>>> {
    let timeline = Timeline::of(recipe);
    let total = timeline.seconds();
    if total <= 0.0 {
        return Ok(None);
    }
    let spans = spans(&timeline);
    let flows = flows(&timeline);
    let shown = spans.len().min(MOST_SPANS);
    let legend = flows.len().div_ceil(2);
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let rows = (shown + usize::from(spans.len() > shown) + legend) as f32;
    let notes = if timeline.runs.iter().any(|run| run.seconds.is_none()) {
        1.0
    } else {
        0.0
    };
    let height = 170.0 + PANELS.iter().sum::<f32>() + 3.0 * GAP + (rows + notes) * 44.0 + 30.0;
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
    for (at, size) in PANELS.iter().enumerate() {
        let panel = Panel {
            top,
            bottom: top + size,
        };
        shade(&mut canvas, &panel, &axis, &spans);
        match at {
            0 => single(
                &mut canvas,
                &panel,
                &axis,
                &timeline,
                Kind::Temperature,
                COLOURS[0],
            ),
            1 => single(
                &mut canvas,
                &panel,
                &axis,
                &timeline,
                Kind::Pressure,
                COLOURS[1],
            ),
            _ => several(&mut canvas, &panel, &axis, &timeline, &flows),
        }
        axis.draw(&mut canvas, &panel, at + 1 == PANELS.len(), language);
        top += size + GAP;
    }
    let mut y = top + 34.0;
    key(&mut canvas, &timeline, &flows, &mut y);
    names(&mut canvas, &spans, &mut y, language);
    if notes > 0.0 {
        let note = canvas.fitted(&say::plot_waits(language), SMALL, RIGHT - 40.0);
        canvas.text(&note, 40.0, y, SMALL, GREY, Anchor::Left);
    }
    canvas.png().map(Some)
}

/// A part of the picture with its own scale.
struct Panel {
    top: f32,
    bottom: f32,
}

/// The time that runs from left to right.
struct Axis {
    total: f64,
}

impl Axis {
    #[expect(clippy::cast_possible_truncation, reason = "a place in the picture")]
    fn x(&self, seconds: f64) -> f32 {
        LEFT + (RIGHT - LEFT) * (seconds / self.total) as f32
    }

    fn draw(&self, canvas: &mut Canvas, panel: &Panel, is_last: bool, language: Language) {
        canvas.line(
            &[
                (LEFT, panel.top),
                (LEFT, panel.bottom),
                (RIGHT, panel.bottom),
                (RIGHT, panel.top),
                (LEFT, panel.top),
            ],
            2.0,
            GREY,
            false,
        );
        let (unit, name) = if self.total > 7200.0 * 4.0 {
            (3600.0, "h")
        } else if self.total > 600.0 {
            (60.0, "min")
        } else {
            (1.0, "s")
        };
        let step = nice(self.total / unit / 6.0);
        let mut tick = 0.0;
        while tick * unit <= self.total * 1.0001 {
            let x = self.x(tick * unit);
            canvas.line(
                &[(x, panel.bottom), (x, panel.bottom + 8.0)],
                2.0,
                GREY,
                false,
            );
            canvas.text(
                &plain(tick, 2),
                x,
                panel.bottom + 38.0,
                SMALL,
                BLACK,
                Anchor::Middle,
            );
            tick += step;
        }
        if is_last {
            let label = format!("{} ({name})", say::head(language, say::Head::Time));
            canvas.text(
                &label,
                f32::midpoint(LEFT, RIGHT),
                panel.bottom + 74.0,
                TEXT,
                BLACK,
                Anchor::Middle,
            );
        }
    }
}

/// A step of one, two or five times a power of ten.
fn nice(step: f64) -> f64 {
    let power = 10_f64.powf(step.max(1e-9).log10().floor());
    let digit = step / power;
    let rounded = if digit <= 1.0 {
        1.0
    } else if digit <= 2.0 {
        2.0
    } else if digit <= 5.0 {
        5.0
    } else {
        10.0
    };
    rounded * power
}

/// The stretches in which layers grow; what a loop grows is one.
fn spans(timeline: &Timeline<'_>) -> Vec<Span> {
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
            Span { begin, end, name }
        })
        .collect()
}

/// For each run the one that its outermost loop begins with.
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

fn shade(canvas: &mut Canvas, panel: &Panel, axis: &Axis, spans: &[Span]) {
    let mut free = f32::MIN;
    for (at, span) in spans.iter().enumerate() {
        let (left, right) = (axis.x(span.begin), axis.x(span.end));
        canvas.area(left, panel.top, right, panel.bottom, SHADES[at % 2]);
        let number = (at + 1).to_string();
        let middle = f32::midpoint(left, right);
        let half = canvas.width(&number, SMALL) / 2.0 + 3.0;
        // Numbers that would stand on each other are left out; the list below has all.
        if at < MOST_SPANS && middle - half > free {
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

/// A panel with one channel on a straight scale.
fn single(
    canvas: &mut Canvas,
    panel: &Panel,
    axis: &Axis,
    timeline: &Timeline<'_>,
    kind: Kind,
    ink: Ink,
) {
    let recipe = timeline.recipe;
    let Some(channel) = recipe.channels_of(kind).next() else {
        return;
    };
    let pieces = signal::points(timeline, channel);
    let values = pieces.iter().flatten().map(|(_, value)| *value);
    let most = values.fold(0.0_f64, f64::max);
    let step = nice(most.max(1.0) / 4.0);
    // Room for the name above the line.
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
    let unit = recipe.channels[channel].unit;
    let label = match unit {
        Unit::None => recipe.channels[channel].name.clone(),
        unit => format!("{} ({unit})", recipe.channels[channel].name),
    };
    canvas.text(
        &label,
        LEFT + 12.0,
        panel.top + 34.0,
        TEXT,
        ink,
        Anchor::Left,
    );
    for piece in pieces {
        let points: Vec<(f32, f32)> = piece
            .iter()
            .map(|(seconds, value)| (axis.x(*seconds), y(*value)))
            .collect();
        canvas.line(&points, 4.0, ink, false);
    }
}

/// The flows to draw: of every source that reaches the reactor, carriers and dopants among them.
fn flows(timeline: &Timeline<'_>) -> Vec<usize> {
    let recipe = timeline.recipe;
    let mut found: Vec<usize> = recipe
        .channels_of(Kind::SourceFlow)
        .filter(|channel| {
            // Dummy lines carry nothing.
            recipe.channels[*channel]
                .source
                .is_none_or(|source| substance::find(&recipe.sources[source].species).is_some())
        })
        .filter(|channel| {
            (0..timeline.runs.len()).any(|run| {
                reaches(timeline, run, *channel)
                    && timeline.value(run, *channel).is_some_and(|flow| flow > 0.0)
            })
        })
        .collect();
    // Hydrides first, so that they keep their colours where there are many.
    found.sort_by_key(|channel| {
        recipe.channels[*channel]
            .source
            .map(|source| recipe.sources[source].kind != SourceKind::Hydride)
    });
    found.truncate(MOST_FLOWS);
    found
}

fn reaches(timeline: &Timeline<'_>, run: usize, channel: usize) -> bool {
    let recipe = timeline.recipe;
    let gate = recipe.channels[channel].source.and_then(|source| {
        recipe
            .channel_of(source, Kind::Run)
            .or(recipe.channel_of(source, Kind::Shutter))
    });
    gate.is_none_or(|gate| timeline.is_open(run, gate))
}

/// A panel with many flows on a scale of powers of ten, each drawn while its run valve is open.
fn several(
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
    let mut most = 10.0_f64;
    let mut least = 10.0_f64;
    for channel in flows {
        for (_, value) in signal::points(timeline, *channel).iter().flatten() {
            let value = in_sccm(*channel, *value);
            if value > 0.0 {
                most = most.max(value);
                least = least.min(value);
            }
        }
    }
    let (low, high) = (
        least.log10().floor(),
        most.log10().ceil().max(least.log10().floor() + 1.0),
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

/// The stretches in which a source reaches the reactor, in seconds.
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

/// The colours of the flows, two a row.
fn key(canvas: &mut Canvas, timeline: &Timeline<'_>, flows: &[usize], y: &mut f32) {
    let recipe = timeline.recipe;
    for (row, pair) in flows.chunks(2).enumerate() {
        for (column, channel) in pair.iter().enumerate() {
            let x = if column == 0 { 40.0 } else { 560.0 };
            let ink = COLOURS[(row * 2 + column) % COLOURS.len()];
            canvas.area(x, *y - 18.0, x + 44.0, *y - 8.0, ink);
            let name = canvas.fitted(&recipe.channels[*channel].name, TEXT, 420.0);
            canvas.text(&name, x + 58.0, *y, TEXT, BLACK, Anchor::Left);
        }
        *y += 44.0;
    }
}

/// What grows in the shaded stretches.
fn names(canvas: &mut Canvas, spans: &[Span], y: &mut f32, language: Language) {
    for (at, span) in spans.iter().enumerate().take(MOST_SPANS) {
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
        *y += 44.0;
    }
    if spans.len() > MOST_SPANS {
        let more = say::and_more(language, spans.len() - MOST_SPANS);
        let more = canvas.fitted(&more, SMALL, RIGHT - 40.0);
        canvas.text(&more, 40.0, *y, SMALL, GREY, Anchor::Left);
        *y += 44.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::import::aixtron;

    #[test]
    fn a_recipe_without_times_has_no_picture() {
        let recipe = aixtron::read("x.epi", "layer { \"a\", until T >> 5; }");
        assert_eq!(draw(&recipe, Language::English).unwrap(), None);
    }

    #[test]
    fn a_loop_is_one_stretch_with_its_count() {
        let recipe = aixtron::read(
            "x.epi",
            "layer { 60 \"buffer\", TMGa_1.run open; 5 \"stop\", TMGa_1.run close; loop 3 { 10 \"well\", TMGa_1.run open; 5 \"up\", TMGa_1.run close; \
             20 \"barrier\", TMGa_1.run open; } 5 \"stop\", TMGa_1.run close; 30 \"cap\", TMGa_1.run open; }",
        );
        let timeline = Timeline::of(&recipe);
        let names: Vec<String> = spans(&timeline).into_iter().map(|span| span.name).collect();
        assert_eq!(names, ["buffer", "3 × (well / barrier)", "cap"]);
        let png = draw(&recipe, Language::Korean).unwrap().unwrap();
        assert_eq!(&png[1..4], b"PNG");
    }
}
