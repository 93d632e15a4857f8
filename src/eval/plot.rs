//! Recall against the number of passages, and how long searches take, as a picture.

use anyhow::anyhow;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::reference::Reference;

const SIZE: (u32, u32) = (1120, 460);
/// Colours that people with any colour vision tell apart (Okabe and Ito, 2008).
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];
const GREY: RGBColor = RGBColor(130, 130, 130);
/// The ranks that published recall is given for.
const REFERENCE_CUTS: [usize; 4] = [1, 3, 5, 10];

/// What one engine or setting reached.
#[derive(Clone, Debug)]
pub struct Series {
    pub name: String,
    /// Recall among the first 1, 2, 3 …
    pub recall: Vec<f64>,
    /// The shortest first.
    pub times_ms: Vec<f64>,
}

/// The picture, as SVG.
///
/// # Errors
/// There is nothing to draw.
pub fn svg(series: &[Series], references: &[Reference]) -> anyhow::Result<String> {
    let mut picture = String::new();
    {
        let area = SVGBackend::with_string(&mut picture, SIZE).into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        let (left, right) = area.split_horizontally(SIZE.0 / 2);
        recall(&left, series, references)?;
        times(&right, series)?;
        area.present().map_err(failed)?;
    }
    Ok(picture)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn recall(area: &Area<'_>, series: &[Series], references: &[Reference]) -> anyhow::Result<()> {
    let most = series.iter().map(|one| one.recall.len()).max().unwrap_or(1);
    let known = references
        .iter()
        .flat_map(|row| row.recall.into_iter().flatten());
    let measured = series.iter().flat_map(|one| one.recall.iter().copied());
    // A tenth below the lowest, so that curves near the top are told apart.
    let lowest = known.chain(measured).fold(1.0_f64, f64::min);
    let floor = ((lowest * 10.0).floor() / 10.0 - 0.1).max(0.0);
    let mut chart = ChartBuilder::on(area)
        .caption("Recall among the first k", ("sans-serif", 18))
        .margin(14)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d(axis(1)..axis(most), floor..1.0)
        .map_err(failed)?;
    chart
        .configure_mesh()
        .x_labels(most)
        .x_label_formatter(&|k| format!("{k:.0}"))
        .y_label_formatter(&|share| format!("{share:.1}"))
        .x_desc("k")
        .light_line_style(TRANSPARENT)
        .draw()
        .map_err(failed)?;
    for row in references {
        let points = REFERENCE_CUTS.iter().zip(row.recall);
        let points: Vec<(f64, f64)> = points
            .filter_map(|(cut, recall)| Some((axis(*cut), recall?)))
            .collect();
        chart
            .draw_series(LineSeries::new(points.clone(), GREY.stroke_width(1)))
            .map_err(failed)?;
        let dots = points
            .iter()
            .map(|point| Circle::new(*point, 2, GREY.filled()));
        chart.draw_series(dots).map_err(failed)?;
    }
    if !references.is_empty() {
        chart
            .draw_series(LineSeries::new(Vec::new(), GREY))
            .map_err(failed)?
            .label("reference figures")
            .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], GREY));
    }
    for (one, colour) in series.iter().zip(COLOURS.iter().cycle()) {
        let points = (1..).map(axis).zip(one.recall.iter().copied());
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))
            .map_err(failed)?
            .label(one.name.as_str())
            .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    legend(&mut chart, SeriesLabelPosition::LowerRight)
}

fn times(area: &Area<'_>, series: &[Series]) -> anyhow::Result<()> {
    let longest = series.iter().filter_map(|one| one.times_ms.last());
    let longest = longest.copied().fold(1.0_f64, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption("Searches done within a time", ("sans-serif", 18))
        .margin(14)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d(0.0..longest * 1.05, 0.0..1.0)
        .map_err(failed)?;
    chart
        .configure_mesh()
        .x_desc("milliseconds")
        .y_label_formatter(&|share| format!("{share:.1}"))
        .light_line_style(TRANSPARENT)
        .draw()
        .map_err(failed)?;
    for (one, colour) in series.iter().zip(COLOURS.iter().cycle()) {
        let all = axis(one.times_ms.len().max(1));
        let points = (1..).map(axis).zip(&one.times_ms);
        let points = points.map(|(done, time)| (*time, done / all));
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))
            .map_err(failed)?
            .label(one.name.as_str())
            .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    legend(&mut chart, SeriesLabelPosition::LowerRight)
}

type Chart<'a> = ChartContext<
    'a,
    SVGBackend<'a>,
    Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>,
>;

fn legend(chart: &mut Chart<'_>, position: SeriesLabelPosition) -> anyhow::Result<()> {
    chart
        .configure_series_labels()
        .position(position)
        .background_style(WHITE.mix(0.85))
        .border_style(GREY)
        .draw()
        .map_err(failed)
}

#[expect(clippy::cast_precision_loss, reason = "no list is as long as 2^52")]
fn axis(number: usize) -> f64 {
    number as f64
}

fn failed(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("the plot cannot be drawn: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_is_named_in_the_picture() {
        let one = |name: &str| Series {
            name: name.to_owned(),
            recall: vec![0.5, 0.8, 0.9],
            times_ms: vec![1.0, 2.0, 8.0],
        };
        let picture = svg(&[one("embedded"), one("no glossary")], &[]).unwrap();
        assert_eq!(picture.matches("no glossary").count(), 2);
        assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"));
    }
}
