//! Limits that the tables of manuals state, and the setpoints of a recipe outside of them.

use serde::{Deserialize, Serialize};

use super::model::{Action, ChannelKind, Recipe};
use super::timeline::Timeline;
use crate::domain::units::Unit;

/// Names of table columns that contain the range of a setpoint, in lower case.
const RANGE_HEADS: [&str; 15] = [
    "setpoint range",
    "allowed",
    "allowed range",
    "permitted",
    "permitted range",
    "range",
    "limits",
    "limit",
    "setpoint limits",
    "허용",
    "허용 범위",
    "설정 범위",
    "허용범위",
    "설정범위",
    "한계",
];

/// A range that a table states for a quantity. `None` is an open end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetpointLimit {
    /// As the table names it.
    pub quantity: String,
    pub least: Option<f64>,
    pub most: Option<f64>,
    pub unit: Unit,
    /// As written.
    pub raw: String,
    /// Line of the row in the document's text, counted from 1.
    pub line: u32,
}

/// A setpoint of a recipe outside a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitViolation {
    /// Index into [`Recipe::steps`].
    pub step: usize,
    /// In the unit of the limit.
    pub value: f64,
    pub line: u32,
}

/// The result of comparing a recipe with a limit.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitCheck {
    /// Index into [`Recipe::channels`].
    pub channel: usize,
    /// The lowest and the highest setpoint, in the unit of the limit.
    pub range: (f64, f64),
    pub outside: Vec<LimitViolation>,
}

impl SetpointLimit {
    /// Returns the quantity without a trailing remark in brackets.
    #[must_use]
    pub fn name(&self) -> &str {
        self.quantity.split('(').next().unwrap_or_default().trim()
    }

    /// Compares the limit with the setpoints of the channel of its name. Returns `None` if the recipe has no such channel,
    /// or its unit cannot be converted.
    #[must_use]
    pub fn check(&self, timeline: &Timeline<'_>) -> Option<LimitCheck> {
        let recipe: &Recipe = timeline.recipe;
        let channel = recipe.channel(self.name())?;
        let unit = recipe.channels[channel].unit;
        // A temperature of zero means that the heater is off.
        let is_off = |value: f64| {
            recipe.channels[channel].kind == ChannelKind::Temperature && value.abs() < f64::EPSILON
        };
        let mut range: Option<(f64, f64)> = None;
        let mut outside: Vec<LimitViolation> = Vec::new();
        for run in 0..timeline.runs.len() {
            let step = timeline.step(run);
            let own = step.last_of(channel);
            let Some(operation) =
                own.filter(|operation| !matches!(operation.action, Action::Switch(_)))
            else {
                continue;
            };
            let Some(given) = timeline.value(run, channel).filter(|value| !is_off(*value)) else {
                continue;
            };
            let value = unit.convert(given, self.unit)?;
            range = Some(range.map_or((value, value), |(least, most)| {
                (least.min(value), most.max(value))
            }));
            let slack = 1e-9 * value.abs().max(1.0);
            let is_outside = self.least.is_some_and(|least| value < least - slack)
                || self.most.is_some_and(|most| value > most + slack);
            let excess = LimitViolation {
                step: timeline.runs[run].step,
                value,
                line: operation.line,
            };
            if is_outside && !outside.contains(&excess) {
                outside.push(excess);
            }
        }
        Some(LimitCheck {
            channel,
            range: range?,
            outside,
        })
    }
}

/// Reads limits from a document's text: rows of cells separated by `|` below a header with a column of ranges.
#[must_use]
pub fn in_text(text: &str) -> Vec<SetpointLimit> {
    let mut found = Vec::new();
    let mut head: Option<usize> = None;
    let mut before = "";
    for (line, text) in (1..).zip(text.lines()) {
        let cells = cells(text);
        if cells.len() < 2 {
            // A row's quantity may begin on the previous line; an empty line may separate a header from its rows.
            if !text.trim().is_empty() {
                if text.trim_start().starts_with('#') {
                    head = None;
                }
                before = text.trim();
            }
            continue;
        }
        let is_head = |cell: &&str| RANGE_HEADS.contains(&cell.to_lowercase().as_str());
        if let Some(column) = cells.iter().position(is_head).filter(|column| *column > 0) {
            head = Some(column);
            before = "";
            continue;
        }
        if cells
            .iter()
            .all(|cell| cell.trim_matches(['-', ':']).is_empty())
        {
            continue;
        }
        if let Some(column) = head
            && let Some((least, most, unit)) = cells.get(column).and_then(|cell| range(cell))
        {
            let own = cells[0];
            let quantity = if own.starts_with('(') || own.ends_with(')') && !own.contains('(') {
                format!("{before} {own}")
            } else {
                own.to_owned()
            };
            found.push(SetpointLimit {
                quantity: quantity.trim().to_owned(),
                least,
                most,
                unit,
                raw: cells[column].to_owned(),
                line,
            });
        }
        before = "";
    }
    found
}

fn cells(line: &str) -> Vec<&str> {
    if !line.contains('|') {
        return Vec::new();
    }
    let inner = line.trim();
    let inner = inner.strip_prefix('|').unwrap_or(inner);
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    inner.split('|').map(str::trim).collect()
}

/// Parses `450–1150 °C`, `at least 50 mbar`, `≤ 60 sccm`, `50 mbar 이상`. Anything after it is refused, so that no
/// condition is lost.
fn range(text: &str) -> Option<(Option<f64>, Option<f64>, Unit)> {
    let text = text.trim();
    for (phrase, is_least) in [
        ("at least ", true),
        ("min. ", true),
        ("≥", true),
        (">=", true),
        ("at most ", false),
        ("max. ", false),
        ("≤", false),
        ("<=", false),
        ("up to ", false),
    ] {
        if let Some(rest) = text.strip_prefix(phrase) {
            let (value, unit) = number(rest)?;
            return Some(if is_least {
                (Some(value), None, unit)
            } else {
                (None, Some(value), unit)
            });
        }
    }
    for (phrase, is_least) in [
        ("이상", true),
        ("이하", false),
        ("or more", true),
        ("or less", false),
    ] {
        if let Some(rest) = text.strip_suffix(phrase) {
            let (value, unit) = number(rest)?;
            return Some(if is_least {
                (Some(value), None, unit)
            } else {
                (None, Some(value), unit)
            });
        }
    }
    let (from, to) = ["–", "—", "~", "−", " to ", "-"]
        .iter()
        .find_map(|sign| text.split_once(sign))?;
    let (most, unit) = number(to)?;
    let (least, own) = number(from)?;
    (own == Unit::None || own == unit).then_some((Some(least), Some(most), unit))
}

/// Parses a number with its unit and nothing after it.
fn number(text: &str) -> Option<(f64, Unit)> {
    let text = text.trim();
    let end = text
        .find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | ','))
        .unwrap_or(text.len());
    let value = text[..end].replace(',', "").parse().ok()?;
    Some((value, Unit::parse(&text[end..])?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipes::import::aixtron;

    const TABLE: &str = "Table 5-1\n\nQuantity | Setpoint range | Warning\n\nReactorTemp\n(pyrometer) | 450–1150 °C | 1160 °C\nTC-1 | not set | –\n\
        ReactorPress, MO run open | at least 50 mbar | –\nTMGa_1.source | 2–100 sccm | MFC\nTotal | 8–45 slm above 450 °C | x\n";

    #[test]
    fn ranges_are_read_from_tables_and_conditions_are_not_lost() {
        let limits = in_text(TABLE);
        let found: Vec<_> = limits
            .iter()
            .map(|limit| {
                (
                    limit.name(),
                    limit.least,
                    limit.most,
                    limit.unit,
                    limit.line,
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("ReactorTemp", Some(450.0), Some(1150.0), Unit::Celsius, 6),
                (
                    "ReactorPress, MO run open",
                    Some(50.0),
                    None,
                    Unit::Millibar,
                    8
                ),
                ("TMGa_1.source", Some(2.0), Some(100.0), Unit::Sccm, 9),
            ]
        );
    }

    #[test]
    fn a_setpoint_outside_is_found_with_its_line() {
        let recipe = aixtron::read(
            "x.epi",
            "layer { 5 \"a\", ReactorTemp to 700;\n5 \"b\", ReactorTemp to 1165; }",
        );
        let limits = in_text(TABLE);
        let checked = limits[0].check(&Timeline::new(&recipe)).unwrap();
        assert_eq!(checked.range, (700.0, 1165.0));
        assert_eq!(
            checked.outside,
            [LimitViolation {
                step: 1,
                value: 1165.0,
                line: 2
            }]
        );
        assert_eq!(limits[1].check(&Timeline::new(&recipe)), None);
    }
}
