//! Paths, whose straight segments may be rules of a table.

use hayro_font::kurbo::Point;

use super::runs::single;
use crate::extract::pdf::layout;
use crate::extract::pdf::layout::RuleFinder;

/// The current path.
#[derive(Default)]
pub(super) struct Path {
    lines: Vec<(layout::Point, layout::Point)>,
    bounds: Option<(layout::Point, layout::Point)>,
    begin: layout::Point,
    at: layout::Point,
}

impl Path {
    pub(super) fn move_to(&mut self, to: Point) {
        self.touch(to);
        self.begin = self.at;
    }

    pub(super) fn line_to(&mut self, to: Point) {
        let from = self.at;
        self.touch(to);
        self.lines.push((from, self.at));
    }

    pub(super) fn curve_to(&mut self, points: &[Point]) {
        for point in points {
            self.touch(*point);
        }
    }

    pub(super) fn polygon(&mut self, corners: [Point; 4]) {
        self.move_to(corners[0]);
        for corner in &corners[1..] {
            self.line_to(*corner);
        }
        self.close();
    }

    pub(super) fn close(&mut self) {
        if self.at != self.begin {
            self.lines.push((self.at, self.begin));
            self.at = self.begin;
        }
    }

    pub(super) fn draw(&mut self, rules: &mut RuleFinder) {
        let path = std::mem::take(self);
        if let Some(bounds) = path.bounds {
            rules.add(&path.lines, bounds);
        }
    }

    fn touch(&mut self, point: Point) {
        let (x, y) = (single(point.x), single(point.y));
        self.at = (x, y);
        self.bounds = Some(match self.bounds {
            None => ((x, y), (x, y)),
            Some((low, high)) => ((low.0.min(x), low.1.min(y)), (high.0.max(x), high.1.max(y))),
        });
    }
}
