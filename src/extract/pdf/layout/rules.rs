//! The straight lines that are drawn on a page, which the cells of most tables lie between.

use super::grid::{self, Grid, Rule};

/// Drawings of more parts than this are charts and maps.
const MOST_PATHS: usize = 20_000;
const MOST_SEGMENTS: usize = 2_000;
/// The thickest rule, in points.
const THICKEST: f32 = 3.0;
/// Rules may be rows of dots, each at least so long, in points.
const DOT: f32 = 0.3;
/// Dots as high as they are wide tell no direction.
const SQUARE: f32 = 0.75;

/// A point of the page, in points from its lower left corner.
pub(in crate::extract) type Point = (f32, f32);

/// Collects the rules among the paths of a page.
#[derive(Debug, Default)]
pub(in crate::extract) struct RuleFinder {
    rules: Vec<Rule>,
    paths: usize,
}

impl RuleFinder {
    /// Adds a path that is drawn: its straight pieces, and all points that it touches.
    pub(in crate::extract) fn add(&mut self, lines: &[(Point, Point)], bounds: (Point, Point)) {
        self.paths += 1;
        if self.is_drawing() {
            return;
        }
        let ((left, bottom), (right, top)) = bounds;
        if (right - left).min(top - bottom) <= THICKEST {
            self.line((left, bottom), (right, top));
        } else if lines.len() <= MOST_SEGMENTS {
            for (from, to) in lines {
                self.line(*from, *to);
            }
        }
    }

    /// The tables that they make. None where the page holds a larger drawing.
    pub(in crate::extract) fn tables(self) -> Vec<Grid> {
        if self.is_drawing() {
            Vec::new()
        } else {
            grid::find(self.rules)
        }
    }

    fn is_drawing(&self) -> bool {
        self.paths > MOST_PATHS || self.rules.len() > MOST_PATHS
    }

    /// Keeps a line that runs level or upright.
    fn line(&mut self, from: Point, to: Point) {
        let (width, height) = ((from.0 - to.0).abs(), (from.1 - to.1).abs());
        let (thickness, length) = (width.min(height), width.max(height));
        if thickness > THICKEST || length < DOT || !length.is_finite() {
            return;
        }
        let is_square = length <= THICKEST && thickness >= SQUARE * length;
        if width >= height || is_square {
            self.rules.push(rule(true, (from.1, to.1), (from.0, to.0)));
        }
        if width < height || is_square {
            self.rules.push(rule(false, (from.0, to.0), (from.1, to.1)));
        }
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
