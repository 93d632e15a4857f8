//! From the rows of a table to recipes.

use std::collections::BTreeMap;

use super::cell;
use super::grid::{Grid, Row};
use super::legend::{Entry, Legend};
use super::map::{ColumnMap, Field};
use crate::recipes::import::name::{Channels, Meaning, meaning};
use crate::recipes::import::{shortened, stem};
use crate::recipes::model::{
    Action, Duration, Header, Kind, Loop, Loss, Node, Noted, Operation, Passes, Recipe, Step, Until,
};
use crate::recipes::unit::Unit;

/// What a column does to a step.
#[derive(Clone, Debug)]
struct Column {
    /// As the header names it.
    name: String,
    field: Field,
    /// The legend's entry, where the field is the legend's.
    entry: Option<Entry>,
    unit: Option<Unit>,
}

/// What a row says beside its operations.
#[derive(Debug, Default)]
struct Shape {
    number: Option<String>,
    nesting: u32,
    periods: u32,
    count: u32,
    end: Option<String>,
}

/// A recipe that is being put together.
#[derive(Default)]
struct Draft {
    recipe: Recipe,
    channels: Channels,
    shapes: Vec<Shape>,
    section: Option<String>,
}

/// Reads the rows below a header.
pub(super) fn read(
    file: &str,
    grid: &Grid,
    header: usize,
    map: &ColumnMap,
    legend: &Legend,
) -> Vec<Recipe> {
    let mut losses = Vec::new();
    let columns = columns(grid, header, map, legend, &mut losses);
    let (id, about) = preamble(&grid.rows[..header], map, &mut losses);
    let mut drafts: Vec<Draft> = Vec::new();
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    for row in &grid.rows[header + 1..] {
        let first = row.cells.first().map_or("", String::as_str);
        let is_comment = map
            .comment
            .as_ref()
            .is_some_and(|comment| first.starts_with(comment.as_str()));
        if is_comment || row.cells.iter().all(String::is_empty) {
            continue;
        }
        let name = named(&columns, row, "id")
            .or(id.clone())
            .unwrap_or_else(|| stem(file).to_owned());
        let at = *by_id.entry(name.clone()).or_insert_with(|| {
            drafts.push(Draft::new(name, file, grid, map, about.clone()));
            drafts.len() - 1
        });
        drafts[at].row(&columns, row);
    }
    if drafts.is_empty() {
        let name = id.unwrap_or_else(|| stem(file).to_owned());
        drafts.push(Draft::new(name, file, grid, map, about));
    }
    // What is wrong with the table as a whole is told once.
    drafts[0].recipe.losses.splice(0..0, losses);
    drafts.into_iter().map(Draft::finish).collect()
}

fn columns(
    grid: &Grid,
    header: usize,
    map: &ColumnMap,
    legend: &Legend,
    losses: &mut Vec<Loss>,
) -> Vec<Option<Column>> {
    let row = &grid.rows[header];
    let units = map.units.as_ref().and_then(|begin| {
        let mut above = grid.rows[..header].iter();
        above.find(|row| {
            row.cells
                .first()
                .is_some_and(|cell| cell.starts_with(begin.as_str()))
        })
    });
    let unknown: Vec<&str> = row
        .cells
        .iter()
        .filter(|name| !name.is_empty() && map.field(name).is_none())
        .map(String::as_str)
        .collect();
    if !unknown.is_empty() {
        losses.push(Loss {
            lines: (row.line, row.last),
            raw: shortened(&unknown.join(", ")),
            reason: format!("the column map {} does not know these columns", map.name),
        });
    }
    row.cells
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let field = map.field(name)?;
            let entry = field
                .name
                .starts_with("legend")
                .then(|| legend.get(name).cloned().unwrap_or_default());
            let of_row = units
                .and_then(|row| row.cells.get(at))
                .and_then(|unit| Unit::parse(unit))
                .filter(|unit| *unit != Unit::None);
            let of_legend = entry
                .as_ref()
                .and_then(|entry| Unit::parse(entry.unit.as_deref()?));
            Some(Column {
                name: name.clone(),
                unit: of_legend.or(field.unit).or(of_row),
                field,
                entry,
            })
        })
        .collect()
}

/// What the lines above the header say: the recipe's name, and its header.
fn preamble(rows: &[Row], map: &ColumnMap, losses: &mut Vec<Loss>) -> (Option<String>, Header) {
    let (mut id, mut about) = (None, Header::default());
    let mut places = map.lines.iter();
    for row in rows {
        let is_comment = map.comment.as_ref().is_some_and(|comment| {
            row.cells
                .first()
                .is_some_and(|cell| cell.starts_with(comment.as_str()))
        });
        if is_comment {
            continue;
        }
        let mut free = Vec::new();
        for cell in row.cells.iter().filter(|cell| !cell.is_empty()) {
            let key = map
                .preamble
                .iter()
                .find_map(|(begin, meaning)| Some((meaning.as_str(), cell.strip_prefix(begin)?)));
            match key {
                Some((meaning, value)) => {
                    note(meaning, value.trim(), row.line, &mut id, &mut about);
                }
                None => free.push(cell.as_str()),
            }
        }
        if free.is_empty() {
            continue;
        }
        let text = free.join(" ");
        match places.next() {
            Some(meaning) => note(meaning, &text, row.line, &mut id, &mut about),
            None => losses.push(Loss {
                lines: (row.line, row.last),
                raw: shortened(&text),
                reason: format!(
                    "the column map {} does not say what this line above the table means",
                    map.name
                ),
            }),
        }
    }
    (id, about)
}

fn note(meaning: &str, value: &str, line: u32, id: &mut Option<String>, about: &mut Header) {
    if value.is_empty() {
        return;
    }
    let noted = Some(Noted {
        text: value.to_owned(),
        line,
    });
    match meaning {
        "id" => *id = Some(value.to_owned()),
        "title" => about.title = noted,
        "tool" => about.tool = noted,
        "author" => about.author = noted,
        "based_on" => about.based_on = noted,
        "revision" => about.revision = noted,
        "status" => about.status = noted,
        "effective" => about.effective = noted,
        "customer" => about.customer = noted,
        "substrate" => about.substrate = noted,
        _ => {}
    }
}

/// The cell of the column with a meaning.
fn named(columns: &[Option<Column>], row: &Row, field: &str) -> Option<String> {
    let at = columns.iter().position(|column| {
        column
            .as_ref()
            .is_some_and(|column| column.field.name == field)
    })?;
    row.cells.get(at).filter(|cell| !cell.is_empty()).cloned()
}

impl Draft {
    fn new(id: String, file: &str, grid: &Grid, map: &ColumnMap, header: Header) -> Self {
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

    fn row(&mut self, columns: &[Option<Column>], row: &Row) {
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

    /// The time in the column with this meaning.
    fn time(&mut self, columns: &[Option<Column>], row: &Row, field: &str) -> Option<Duration> {
        let at = columns.iter().position(|column| {
            column
                .as_ref()
                .is_some_and(|column| column.field.name == field)
        })?;
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
        let whole = || {
            cell::number(text)
                .map(|(value, _)| value)
                .filter(|value| value.fract() == 0.0)
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it saturates, and negative counts are none"
        )]
        let count = || whole().map(|value| value as u32);
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
                note(about, text, row.line, &mut id, &mut self.recipe.header);
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
            // "At Run Time": whoever runs it decides.
            step.until = Some(Until {
                raw: text.to_owned(),
                line: row.line,
                channel: None,
                passes: Passes::Other,
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
            let ramp = ramp.filter(|_| kind != Kind::Thickness);
            cell::action(text, column.field.scale, ramp)
        };
        match action {
            Some(action) => step.operations.push(Operation {
                channel,
                action,
                raw: format!("{} = {text}", column.name),
                line: row.line,
            }),
            None if kind == Kind::Other && cell::state(text).is_some() => {
                self.channels.is_switch(channel);
                self.operation(column, text, row, step, species, ramp);
            }
            // A text such as the name of a carrier gas is kept as it stands.
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

    /// The channel that a column sets.
    fn channel(&mut self, column: &Column, species: Option<&str>) -> usize {
        let name = match &column.entry {
            Some(entry) if entry.name.is_empty() => column.name.clone(),
            Some(entry) => entry.name.clone(),
            None => match column.field.name.as_str() {
                "temperature" | "pressure" | "rotation" | "thickness" | "other" | "flow"
                | "switch" | "note" | "power" => column.name.clone(),
                field => field.replace("{species}", species.unwrap_or("unnamed")),
            },
        };
        if let Some(at) = self
            .channels
            .all
            .iter()
            .position(|channel| channel.name == name)
        {
            return at;
        }
        let mut meant = match column.field.name.as_str() {
            "temperature" => plain(Kind::Temperature, Unit::Celsius),
            "pressure" => plain(Kind::Pressure, Unit::Millibar),
            "rotation" => plain(Kind::Rotation, Unit::Rpm),
            "thickness" => plain(Kind::Thickness, Unit::Nanometre),
            "flow" => plain(Kind::Flow, Unit::Sccm),
            "power" => plain(Kind::Power, Unit::None),
            "switch" => plain(Kind::Switch, Unit::None),
            "other" | "note" => plain(Kind::Other, Unit::None),
            _ => meaning(&name),
        };
        if column.field.name == "legend_switch" && !meant.kind.is_digital() {
            meant.kind = Kind::Switch;
        }
        if let Some(unit) = column.unit {
            meant.unit = unit;
        }
        let label = column.entry.as_ref().and_then(|entry| {
            let said = entry.label.as_deref().filter(|label| *label != name);
            let code = Some(column.name.as_str()).filter(|code| *code != name);
            let parts: Vec<&str> = code.into_iter().chain(said).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        });
        let at = self.channels.add(&name, label, meant);
        if let Some(entry) = &column.entry
            && (entry.least.is_some() || entry.most.is_some())
        {
            self.channels.all[at].range = Some((entry.least, entry.most));
        }
        at
    }

    fn lose(&mut self, row: &Row, raw: &str, reason: &str) {
        self.recipe.losses.push(Loss {
            lines: (row.line, row.last),
            raw: shortened(raw),
            reason: reason.to_owned(),
        });
    }

    fn finish(mut self) -> Recipe {
        let shapes = std::mem::take(&mut self.shapes);
        self.recipe.body = self.body(&shapes, 0, shapes.len());
        self.channels.put_into(&mut self.recipe);
        self.recipe
    }

    /// The rows from one to another, with their loops.
    fn body(&mut self, shapes: &[Shape], from: usize, to: usize) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut at = from;
        while at < to {
            let shape = &shapes[at];
            let line = self.recipe.steps[at].lines.0;
            let wanted = if shape.periods > 1 && shape.nesting > 0 {
                let end = (at + 1..to)
                    .find(|next| shapes[*next].nesting < shape.nesting)
                    .unwrap_or(to);
                Some((shape.periods, end))
            } else if shape.count > 0 {
                let named = shape.end.as_deref().unwrap_or_default();
                let end = (at..to).find(|next| shapes[*next].number.as_deref() == Some(named));
                if end.is_none() {
                    self.recipe.losses.push(Loss {
                        lines: (line, line),
                        raw: format!("{} × … {named}", shape.count),
                        reason:
                            "the row at which the repeat ends is not there; its rows are read once"
                                .to_owned(),
                    });
                }
                end.map(|end| (shape.count, end + 1))
            } else {
                None
            };
            if let Some((count, end)) = wanted {
                // Its first row must not begin the same loop again.
                let mut body = vec![Node::Step(at)];
                body.extend(self.body(shapes, at + 1, end));
                nodes.push(Node::Loop(Loop {
                    count: Some(count),
                    raw: count.to_string(),
                    line,
                    body,
                }));
                at = end;
            } else {
                nodes.push(Node::Step(at));
                at += 1;
            }
        }
        nodes
    }
}

fn plain(kind: Kind, unit: Unit) -> Meaning {
    Meaning {
        kind,
        source: None,
        unit,
    }
}
