//! The straight lines that are drawn on a page, which the cells of most tables lie between.

use pdfium_render::prelude::*;

use crate::corpus::extract::layout::Rule;

/// Drawings of more parts than this are charts and maps.
const MOST_PATHS: usize = 20_000;
const MOST_SEGMENTS: usize = 2_000;
/// The thickest rule, in points.
const THICKEST: f32 = 3.0;
/// Rules may be rows of dots, each at least so long, in points.
const DOT: f32 = 0.3;
/// Dots as high as they are wide tell no direction.
const SQUARE: f32 = 0.75;

/// The rules of a page. None where it holds a larger drawing.
pub(super) fn of(page: &PdfPage<'_>) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut paths = 0;
    for object in page.objects().iter() {
        let Some(path) = object.as_path_object() else {
            continue;
        };
        paths += 1;
        if paths > MOST_PATHS || rules.len() > MOST_PATHS {
            return Vec::new();
        }
        if let Ok(bounds) = object.bounds() {
            let (width, height) = (bounds.width().value, bounds.height().value);
            if width.min(height) > THICKEST {
                trace(path, &mut rules);
            } else {
                let (left, bottom) = (bounds.left().value, bounds.bottom().value);
                line((left, bottom), (left + width, bottom + height), &mut rules);
            }
        }
    }
    rules
}

/// Follows a path along its straight pieces.
fn trace(path: &PdfPagePathObject<'_>, rules: &mut Vec<Rule>) {
    let Ok(matrix) = path.matrix() else { return };
    let segments = path.segments().transform(matrix);
    if segments.len() > u32::try_from(MOST_SEGMENTS).unwrap_or(u32::MAX) {
        return;
    }
    let (mut begin, mut at) = ((0.0, 0.0), (0.0, 0.0));
    for segment in segments.iter() {
        let (x, y) = segment.point();
        let to = (x.value, y.value);
        match segment.segment_type() {
            PdfPathSegmentType::MoveTo => begin = to,
            PdfPathSegmentType::LineTo => line(at, to, rules),
            PdfPathSegmentType::BezierTo | PdfPathSegmentType::Unknown => {}
        }
        if segment.is_close() {
            line(to, begin, rules);
        }
        at = to;
    }
}

/// Keeps a line that runs level or upright.
fn line(from: (f32, f32), to: (f32, f32), rules: &mut Vec<Rule>) {
    let (width, height) = ((from.0 - to.0).abs(), (from.1 - to.1).abs());
    let (thickness, length) = (width.min(height), width.max(height));
    if thickness > THICKEST || length < DOT || !length.is_finite() {
        return;
    }
    let is_square = length <= THICKEST && thickness >= SQUARE * length;
    if width >= height || is_square {
        rules.push(rule(true, (from.1, to.1), (from.0, to.0)));
    }
    if width < height || is_square {
        rules.push(rule(false, (from.0, to.0), (from.1, to.1)));
    }
}

fn rule(is_level: bool, across: (f32, f32), along: (f32, f32)) -> Rule {
    Rule {
        is_level,
        at: f32::midpoint(across.0, across.1),
        from: along.0.min(along.1),
        to: along.0.max(along.1),
    }
}
