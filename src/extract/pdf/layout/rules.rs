//! Collects the straight lines drawn on a page, which separate the cells of most tables.

use super::grid::{self, Grid, Rule};

/// Paths and segments of a page; drawings with more are charts and maps.
const MAX_PATHS: usize = 20_000;
const MAX_SEGMENTS: usize = 2_000;
/// Thickest rule, in points.
const MAX_THICKNESS: f32 = 3.0;
/// Length of the shortest dot of a dotted rule, in points.
const MIN_DOT: f32 = 0.3;
/// Aspect ratio from which a dot is square and shows no direction.
const MIN_SQUARE: f32 = 0.75;

/// A position in points from the lower left corner of the page.
pub(in crate::extract) type Point = (f32, f32);

/// Collects the rules among the paths of a page.
#[derive(Debug, Default)]
pub(in crate::extract) struct RuleFinder {
    rules: Vec<Rule>,
    paths: usize,
}

impl RuleFinder {
    /// Adds a drawn path: its straight segments and its bounding box.
    pub(in crate::extract) fn add(&mut self, lines: &[(Point, Point)], bounds: (Point, Point)) {
        self.paths += 1;
        if self.is_drawing() {
            return;
        }
        let ((left, bottom), (right, top)) = bounds;
        if (right - left).min(top - bottom) <= MAX_THICKNESS {
            self.line((left, bottom), (right, top));
        } else if lines.len() <= MAX_SEGMENTS {
            for (from, to) in lines {
                self.line(*from, *to);
            }
        }
    }

    /// Returns the tables that the rules form; empty if the page contains a larger drawing.
    pub(in crate::extract) fn tables(self) -> Vec<Grid> {
        if self.is_drawing() {
            Vec::new()
        } else {
            grid::find(self.rules)
        }
    }

    fn is_drawing(&self) -> bool {
        self.paths > MAX_PATHS || self.rules.len() > MAX_PATHS
    }

    /// Keeps a horizontal or vertical line.
    fn line(&mut self, from: Point, to: Point) {
        let (width, height) = ((from.0 - to.0).abs(), (from.1 - to.1).abs());
        let (thickness, length) = (width.min(height), width.max(height));
        if thickness > MAX_THICKNESS || length < MIN_DOT || !length.is_finite() {
            return;
        }
        let is_square = length <= MAX_THICKNESS && thickness >= MIN_SQUARE * length;
        if width >= height || is_square {
            self.rules.push(rule(true, (from.1, to.1), (from.0, to.0)));
        }
        if width < height || is_square {
            self.rules.push(rule(false, (from.0, to.0), (from.1, to.1)));
        }
    }
}

fn rule(is_horizontal: bool, across: (f32, f32), along: (f32, f32)) -> Rule {
    Rule {
        is_horizontal,
        at: f32::midpoint(across.0, across.1),
        from: along.0.min(along.1),
        to: along.0.max(along.1),
    }
}
