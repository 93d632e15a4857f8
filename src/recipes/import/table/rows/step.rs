//! Builds the steps of a recipe from rows, one row a step.

use super::column::{Column, position};
use super::loops::{self, Shape};
use super::preamble::set_field;
use crate::recipes::import::channel_name::ChannelTable;
use crate::recipes::import::shorten;
use crate::recipes::import::table::cell;
use crate::recipes::import::table::column_map::ColumnMap;
use crate::recipes::import::table::grid::{Grid, Row};
use crate::recipes::model::{
    Action, ChannelKind, ConditionKind, Duration, Header, ImportLoss, Operation, Recipe, Step,
    WaitCondition,
};

/// A recipe under construction.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) recipe: Recipe,
    pub(super) channels: ChannelTable,
    shapes: Vec<Shape>,
    section: Option<String>,
}

impl Draft {
    pub(super) fn new(
        id: String,
        file: &str,
        grid: &Grid,
        map: &ColumnMap,
        header: Header,
    ) -> Self {
        Self {
            recipe: Recipe {
                id,
                file: file.to_owned(),
                format: map.name.clone(),
                technique: map.technique,
                header,
                lines: grid.lines,
                ..Recipe::default()
            },
            ..Self::default()
        }
    }

    pub(super) fn row(&mut self, columns: &[Option<Column>], row: &Row) {
        let mut step = Step {
            lines: (row.line, row.last),
            ..Step::default()
        };
        let mut shape = Shape::default();
        let mut species = None;
        let (ramp, hold) = (
            self.time(columns, row, "ramp"),
            self.time(columns, row, "hold"),
        );
        let ramp_seconds = ramp.as_ref().map(|ramp| ramp.seconds);
        for (at, text) in row.cells.iter().enumerate() {
            match columns.get(at) {
                Some(Some(column)) if !text.is_empty() => {
                    self.cell(
                        column,
                        text,
                        row,
                        &mut step,
                        &mut shape,
                        &mut species,
                        ramp_seconds,
                    );
                }
                None if !text.is_empty() => {
                    self.lose(row, text, "this cell stands under no column");
                }
                _ => {}
            }
        }
        if ramp.is_some() || hold.is_some() {
            let times: Vec<&Duration> = ramp.iter().chain(&hold).collect();
            step.duration = Some(Duration {
                seconds: times.iter().map(|time| time.seconds).sum(),
                raw: times
                    .iter()
                    .map(|time| time.raw.as_str())
                    .collect::<Vec<_>>()
                    .join(" + "),
                line: row.line,
            });
            (step.ramp, step.hold) = (ramp, hold);
        }
        step.section.clone_from(&self.section);
        let is_heading =
            step.operations.is_empty() && step.duration.is_none() && step.until.is_none();
        if is_heading {
            self.section.clone_from(&step.label);
        }
        self.recipe.steps.push(step);
        self.shapes.push(shape);
    }

    /// Returns the time in the column with this meaning.
    fn time(&mut self, columns: &[Option<Column>], row: &Row, field: &str) -> Option<Duration> {
        let at = position(columns, field)?;
        let column = columns[at].as_ref()?;
        let text = row.cells.get(at).filter(|cell| !cell.is_empty())?;
        let seconds = cell::time(text, column.unit.unwrap_or_default());
        if seconds.is_none() {
            self.lose(row, &format!("{} = {text}", column.name), "this is no time");
        }
        Some(Duration {
            seconds: seconds? * column.field.scale,
            raw: text.clone(),
            line: row.line,
        })
    }

    #[expect(clippy::too_many_arguments, reason = "they are what a cell may change")]
    fn cell(
        &mut self,
        column: &Column,
        text: &str,
        row: &Row,
        step: &mut Step,
        shape: &mut Shape,
        species: &mut Option<String>,
        ramp: Option<f64>,
    ) {
        let integer = || {
            cell::number(text)
                .map(|(value, _)| value)
                .filter(|value| value.fract() == 0.0)
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it saturates, and negative counts are none"
        )]
        let count = || integer().map(|value| value as u32);
        match column.field.name.as_str() {
            "id" | "ignore" | "ramp" | "hold" => {}
            "number" => {
                step.number = Some(text.to_owned());
                shape.number.clone_from(&step.number);
            }
            "label" => step.label = Some(text.split_whitespace().collect::<Vec<_>>().join(" ")),
            "species" => *species = Some(text.to_owned()),
            "nesting" => shape.nesting = count().unwrap_or_default(),
            "periods" => shape.periods = count().unwrap_or_default(),
            "loop_count" => shape.count = count().unwrap_or_default(),
            "loop_end" => shape.end = Some(text.to_owned()),
            "duration" => self.duration(column, text, row, step),
            about @ ("title" | "tool" | "author" | "based_on" | "revision" | "status"
            | "substrate") => {
                let mut id = None;
                set_field(about, text, row.line, &mut id, &mut self.recipe.header);
            }
            _ => {
                if text != "-" {
                    self.operation(column, text, row, step, species.as_deref(), ramp);
                }
            }
        }
    }

    fn duration(&mut self, column: &Column, text: &str, row: &Row, step: &mut Step) {
        if let Some(seconds) = cell::time(text, column.unit.unwrap_or_default()) {
            step.duration = Some(Duration {
                seconds: seconds * column.field.scale,
                raw: text.to_owned(),
                line: row.line,
            });
        } else if text.chars().next().is_some_and(char::is_alphabetic) {
            // "At Run Time": the operator decides.
            step.until = Some(WaitCondition {
                raw: text.to_owned(),
                line: row.line,
                channel: None,
                passes: ConditionKind::Other,
                value: None,
            });
        } else {
            self.lose(row, &format!("{} = {text}", column.name), "this is no time");
        }
    }

    fn operation(
        &mut self,
        column: &Column,
        text: &str,
        row: &Row,
        step: &mut Step,
        species: Option<&str>,
        ramp: Option<f64>,
    ) {
        let channel = self.channel(column, species);
        let kind = self.channels.all[channel].kind;
        let action = if kind.is_digital() {
            cell::state(text).map(Action::Switch)
        } else {
            let ramp = ramp.filter(|_| kind != ChannelKind::Thickness);
            cell::action(text, column.field.scale, ramp)
        };
        match action {
            Some(action) => step.operations.push(Operation {
                channel,
                action,
                raw: format!("{} = {text}", column.name),
                line: row.line,
            }),
            None if kind == ChannelKind::Other && cell::state(text).is_some() => {
                self.channels.mark_switch(channel);
                self.operation(column, text, row, step, species, ramp);
            }
            // A text such as the name of a carrier gas is kept as written.
            None if column.field.name == "note" => {
                let label = step.label.take().unwrap_or_default();
                step.label = Some(format!("{label} [{}: {text}]", column.name));
            }
            None => self.lose(
                row,
                &format!("{} = {text}", column.name),
                "this is neither a number nor a state",
            ),
        }
    }

    fn lose(&mut self, row: &Row, raw: &str, reason: &str) {
        self.recipe.losses.push(ImportLoss {
            lines: (row.line, row.last),
            raw: shorten(raw),
            reason: reason.to_owned(),
        });
    }

    pub(super) fn finish(mut self) -> Recipe {
        let shapes = std::mem::take(&mut self.shapes);
        self.recipe.body = loops::nodes(&mut self.recipe, &shapes, 0, shapes.len());
        self.channels.put_into(&mut self.recipe);
        self.recipe
    }
}
