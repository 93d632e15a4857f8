//! Ruled tables: cells formed by drawn rules.

pub(super) mod cells;

/// Distance below which two rules count as one, in points.
const TOLERANCE: f32 = 2.5;
/// Largest gap between the dashes of a rule, in points.
const MAX_DASH_GAP: f32 = 4.0;
/// Shortest line that is a rule, in points.
const MIN_LENGTH: f32 = 4.0;
/// Rules, columns and rows of a table; a page with more contains a drawing.
const MAX_RULES: usize = 1_500;
const MAX_COLUMNS: usize = 40;
const MAX_ROWS: usize = 200;

/// A horizontal or vertical line on a page; lengths in points from the lower left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) is_horizontal: bool,
    /// Height of a horizontal rule, or x position of a vertical one.
    pub(super) at: f32,
    pub(super) from: f32,
    pub(super) to: f32,
}

/// The cells of a ruled table.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::extract) struct Grid {
    /// Borders of columns, from left to right.
    xs: Vec<f32>,
    /// Borders of rows, from top to bottom.
    ys: Vec<f32>,
    /// For each position of the grid, row by row, the first position of the cell that contains it.
    owners: Vec<usize>,
}

/// A cell: index of its table, and its first position in the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    grid: usize,
    position: usize,
}

/// Finds the tables that rules form.
pub(super) fn find(rules: Vec<Rule>) -> Vec<Grid> {
    if rules.len() < 5 {
        return Vec::new();
    }
    let mut rules = merge_parts(rules);
    rules.retain(|rule| rule.to - rule.from >= MIN_LENGTH);
    if rules.len() > MAX_RULES {
        return Vec::new();
    }
    let mut grids: Vec<Grid> = groups(&rules)
        .iter()
        .filter_map(|group| Grid::from_rules(group))
        .collect();
    // A nested table comes before the one around it.
    grids.sort_by(|one, other| one.area().total_cmp(&other.area()));
    grids
}

/// Returns the cell that contains a point.
pub(super) fn cell(grids: &[Grid], x: f32, y: f32) -> Option<Cell> {
    grids.iter().enumerate().find_map(|(grid, cells)| {
        let position = cells.cell_at(x, y)?;
        Some(Cell { grid, position })
    })
}

/// Merges the parts of broken rules.
fn merge_parts(mut rules: Vec<Rule>) -> Vec<Rule> {
    rules.sort_by(|one, other| {
        let sort_key = |rule: &Rule| [rule.at, rule.from];
        let (one_key, other_key) = (sort_key(one), sort_key(other));
        one.is_horizontal
            .cmp(&other.is_horizontal)
            .then(one_key[0].total_cmp(&other_key[0]))
            .then(one_key[1].total_cmp(&other_key[1]))
    });
    let mut merged: Vec<Rule> = Vec::new();
    for rule in rules {
        let same = merged.iter_mut().rev().take_while(|other| {
            other.is_horizontal == rule.is_horizontal && rule.at - other.at <= TOLERANCE
        });
        let joined = same.into_iter().find(|other| {
            rule.from <= other.to + MAX_DASH_GAP && other.from <= rule.to + MAX_DASH_GAP
        });
        match joined {
            Some(other) => {
                other.from = other.from.min(rule.from);
                other.to = other.to.max(rule.to);
            }
            None => merged.push(rule),
        }
    }
    merged
}

/// Groups rules that touch one another.
fn groups(rules: &[Rule]) -> Vec<Vec<Rule>> {
    let mut group: Vec<usize> = (0..rules.len()).collect();
    for (index, level) in rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.is_horizontal)
    {
        for (other, upright) in rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| !rule.is_horizontal)
        {
            let meets =
                |rule: &Rule, at: f32| rule.from - TOLERANCE <= at && at <= rule.to + TOLERANCE;
            if meets(level, upright.at) && meets(upright, level.at) {
                let (one, two) = (root(&mut group, index), root(&mut group, other));
                group[two] = one;
            }
        }
    }
    let mut groups: std::collections::BTreeMap<usize, Vec<Rule>> =
        std::collections::BTreeMap::new();
    for (index, rule) in rules.iter().enumerate() {
        groups
            .entry(root(&mut group, index))
            .or_default()
            .push(*rule);
    }
    groups.into_values().collect()
}

/// Returns the representative of a set (union-find).
fn root(sets: &mut [usize], mut index: usize) -> usize {
    while sets[index] != index {
        sets[index] = sets[sets[index]];
        index = sets[index];
    }
    index
}

/// Removes positions that nearly repeat another one.
fn distinct(mut places: Vec<f32>) -> Vec<f32> {
    places.sort_by(f32::total_cmp);
    places.dedup_by(|next, before| *next - *before <= TOLERANCE);
    places
}

impl Grid {
    fn from_rules(rules: &[Rule]) -> Option<Self> {
        let (levels, uprights): (Vec<Rule>, Vec<Rule>) =
            rules.iter().partition(|rule| rule.is_horizontal);
        if levels.len() < 3 || uprights.is_empty() {
            return None;
        }
        let ends = |rules: &[Rule]| {
            let from = rules.iter().map(|rule| rule.from).fold(f32::MAX, f32::min);
            let to = rules.iter().map(|rule| rule.to).fold(f32::MIN, f32::max);
            [from, to]
        };
        // Many tables have no rules at their sides.
        let across = uprights.iter().map(|rule| rule.at).chain(ends(&levels));
        let xs = distinct(across.collect());
        let columns = xs.len() - 1;
        let covers = |rules: &[Rule], at: f32, point: f32| {
            let mut near = rules
                .iter()
                .filter(|rule| (rule.at - at).abs() <= TOLERANCE);
            near.any(|rule| rule.from - TOLERANCE <= point && point <= rule.to + TOLERANCE)
        };
        let middle_x = |column: usize| f32::midpoint(xs[column], xs[column + 1]);
        // A table begins and ends with a rule of its full width; other rules that touch it do not belong to it.
        let is_closed = |y: &f32| (0..columns).all(|column| covers(&levels, *y, middle_x(column)));
        let mut ys = distinct(levels.iter().map(|rule| rule.at).collect());
        ys.reverse();
        let (first, last) = (
            ys.iter().position(is_closed)?,
            ys.iter().rposition(is_closed)?,
        );
        let ys = ys[first..=last].to_vec();
        let rows = ys.len() - 1;
        if !(2..=MAX_COLUMNS).contains(&columns) || !(2..=MAX_ROWS).contains(&rows) {
            return None;
        }
        let middle_y = |row: usize| f32::midpoint(ys[row], ys[row + 1]);
        let mut sets: Vec<usize> = (0..rows * columns).collect();
        let mut join = |one: usize, other: usize| {
            let (one, other) = (root(&mut sets, one), root(&mut sets, other));
            sets[one.max(other)] = one.min(other);
        };
        for position in 0..rows * columns {
            let (row, column) = (position / columns, position % columns);
            if column > 0 && !covers(&uprights, xs[column], middle_y(row)) {
                join(position - 1, position);
            }
            if row > 0 && !covers(&levels, ys[row], middle_x(column)) {
                join(position - columns, position);
            }
        }
        let owners: Vec<usize> = (0..sets.len())
            .map(|position| root(&mut sets, position))
            .collect();
        let grid = Self { xs, ys, owners };
        grid.is_table().then_some(grid)
    }

    fn columns(&self) -> usize {
        self.xs.len() - 1
    }

    fn rows(&self) -> usize {
        self.ys.len() - 1
    }

    fn area(&self) -> f32 {
        let (width, height) = (
            self.xs[self.columns()] - self.xs[0],
            self.ys[0] - self.ys[self.rows()],
        );
        width * height
    }

    /// Whether its cells are rectangles, with some side by side and some below one another. Those of a drawing are not.
    fn is_table(&self) -> bool {
        let columns = self.columns();
        let mut bounds = vec![(usize::MAX, usize::MAX, 0, 0, 0); self.owners.len()];
        for (position, owner) in self.owners.iter().enumerate() {
            let (row, column) = (position / columns, position % columns);
            let (top, left, bottom, right, count) = &mut bounds[*owner];
            (*top, *left) = ((*top).min(row), (*left).min(column));
            (*bottom, *right) = ((*bottom).max(row), (*right).max(column));
            *count += 1;
        }
        let are_rectangles = bounds.iter().all(|(top, left, bottom, right, count)| {
            *count == 0 || (bottom - top + 1) * (right - left + 1) == *count
        });
        let has_neighbours = (0..self.owners.len()).any(|position| {
            position % columns > 0 && self.owners[position] != self.owners[position - 1]
        });
        let below = (columns..self.owners.len())
            .any(|position| self.owners[position] != self.owners[position - columns]);
        are_rectangles && has_neighbours && below
    }

    /// Returns the right edge of a cell.
    fn right(&self, owner: usize) -> f32 {
        let columns = self.columns();
        let last = self.owners.iter().rposition(|other| *other == owner);
        self.xs[last.unwrap_or(owner) % columns + 1]
    }

    /// Returns the first position of the cell at a point.
    fn cell_at(&self, x: f32, y: f32) -> Option<usize> {
        let column = self
            .xs
            .windows(2)
            .position(|ends| ends[0] <= x && x < ends[1])?;
        let row = self
            .ys
            .windows(2)
            .position(|ends| ends[0] >= y && y > ends[1])?;
        Some(self.owners[row * self.columns() + column])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::cells::{Piece, fold};
    use super::*;
    use crate::extract::pdf::layout::Line;

    fn level(at: f32, from: f32, to: f32) -> Rule {
        Rule {
            is_horizontal: true,
            at,
            from,
            to,
        }
    }

    fn upright(at: f32, from: f32, to: f32) -> Rule {
        Rule {
            is_horizontal: false,
            at,
            from,
            to,
        }
    }

    /// Three rows of 20 points from 100 down, columns of 50 points from 0 on.
    fn ruled(columns: u8) -> Vec<Rule> {
        let right = f32::from(columns) * 50.0;
        let levels = (0..4).map(|row: u8| level(100.0 - f32::from(row) * 20.0, 0.0, right));
        let uprights = (0..=columns).map(|column| upright(f32::from(column) * 50.0, 40.0, 100.0));
        levels.chain(uprights).collect()
    }

    fn piece(grids: &[Grid], text: &str, x: f32, y: f32) -> Piece {
        Piece {
            cell: cell(grids, x, y),
            line: Line {
                text: text.to_owned(),
                left: x,
                right: x + 38.0,
                bottom: y,
                size: 10.0,
                ..Line::default()
            },
        }
    }

    fn texts(grids: &[Grid], pieces: Vec<Piece>) -> Vec<String> {
        fold(grids, pieces)
            .into_iter()
            .map(|line| line.text)
            .collect()
    }

    #[test]
    fn words_belong_to_the_cell_around_them_in_any_order() {
        let grids = find(ruled(2));
        let pieces = vec![
            piece(&grids, "Table 1", 10.0, 120.0),
            piece(&grids, "Level", 10.0, 90.0),
            piece(&grids, "Cause", 60.0, 90.0),
            piece(&grids, "A1", 10.0, 70.0),
            piece(&grids, "Bubbler", 60.0, 75.0),
            piece(&grids, "deviation", 60.0, 65.0),
            piece(&grids, "EMO", 60.0, 50.0),
            piece(&grids, "A3", 10.0, 50.0),
            piece(&grids, "Below", 10.0, 20.0),
        ];
        assert_eq!(
            texts(&grids, pieces),
            [
                "Table 1",
                "Level | Cause",
                "A1 | Bubbler\ndeviation",
                "A3 | EMO",
                "Below"
            ]
        );
    }

    #[test]
    fn a_cell_over_two_rows_is_repeated_and_one_over_two_columns_is_not() {
        let mut rules = ruled(2);
        // The first column has no rule below its second row; the head none between its columns.
        rules.retain(|rule| !(rule.is_horizontal && (rule.at - 60.0).abs() < 1.0));
        rules.push(level(60.0, 50.0, 100.0));
        rules.retain(|rule| rule.is_horizontal || (rule.at - 50.0).abs() > 1.0);
        rules.push(upright(50.0, 40.0, 80.0));
        let grids = find(rules);
        let pieces = vec![
            piece(&grids, "Limits", 40.0, 90.0),
            piece(&grids, "Heater", 10.0, 60.5),
            piece(&grids, "warning", 60.0, 70.0),
            piece(&grids, "trip", 60.0, 50.0),
        ];
        assert_eq!(
            texts(&grids, pieces),
            ["Limits | ", "Heater | warning", "Heater | trip"]
        );
    }

    #[test]
    fn a_table_may_be_open_at_its_sides_and_its_rules_dashed() {
        let mut rules = ruled(2);
        rules.retain(|rule| rule.is_horizontal || (rule.at - 50.0).abs() < 1.0);
        let dashes = |rule: &Rule| {
            let rule = *rule;
            let begins = (0..30_u8).map(move |dash| rule.from + f32::from(dash) * 10.0);
            let within = begins.take_while(move |from| from + 8.0 <= rule.to);
            within.map(move |from| Rule {
                from,
                to: from + 8.0,
                ..rule
            })
        };
        let broken: Vec<Rule> = rules.iter().flat_map(dashes).collect();
        assert_eq!(find(broken).len(), 1);
        assert_eq!(find(rules)[0].columns(), 2);
    }

    #[test]
    fn frames_strips_and_drawings_are_not_tables() {
        let frame = [
            level(0.0, 0.0, 100.0),
            level(100.0, 0.0, 100.0),
            upright(0.0, 0.0, 100.0),
            upright(100.0, 0.0, 100.0),
        ];
        assert_eq!(find(frame.to_vec()), []);
        let boxes = |x: f32, y: f32| {
            [
                level(y, x, x + 30.0),
                level(y + 20.0, x, x + 30.0),
                upright(x, y, y + 20.0),
                upright(x + 30.0, y, y + 20.0),
            ]
        };
        // Two boxes, and a line from one to the other.
        let drawing = [boxes(0.0, 0.0), boxes(100.0, 40.0)].concat();
        let drawing = [
            drawing,
            vec![level(10.0, 30.0, 115.0), upright(115.0, 10.0, 40.0)],
        ]
        .concat();
        assert_eq!(find(drawing), []);
    }

    proptest! {
        #[test]
        fn no_word_is_lost_whatever_the_rules(
            rules in proptest::collection::vec((any::<bool>(), 0..12_u8, 0..12_u8, 0..12_u8), 0..60),
            places in proptest::collection::vec((0..110_u8, 0..110_u8), 1..20),
        ) {
            let rules = rules.into_iter().map(|(is_horizontal, at, one, other)| {
                let position = |number: u8| f32::from(number) * 10.0;
                let (from, to) = (position(one.min(other)), position(one.max(other)));
                Rule { is_horizontal, at: position(at), from, to }
            });
            let grids = find(rules.collect());
            let pieces = places.iter().enumerate().map(|(number, (x, y))| {
                piece(&grids, &format!("w{number}w"), f32::from(*x), f32::from(*y))
            });
            let text = texts(&grids, pieces.collect()).join("\n");
            for number in 0..places.len() {
                let word = format!("w{number}w");
                prop_assert!(text.contains(&word), "{} is not in {}", word, text);
            }
        }
    }
}
