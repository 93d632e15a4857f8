//! The time axis.

use super::canvas::{Anchor, Canvas};
use super::{BLACK, GREY, LEFT, Panel, RIGHT, SMALL, TEXT};
use crate::domain::language::Language;
use crate::domain::units::format::plain;
use crate::i18n::recipe as say;

/// The time axis, from left to right.
pub(super) struct Axis {
    pub(super) total: f64,
}

impl Axis {
    #[expect(clippy::cast_possible_truncation, reason = "a place in the picture")]
    pub(super) fn x(&self, seconds: f64) -> f32 {
        LEFT + (RIGHT - LEFT) * (seconds / self.total) as f32
    }

    pub(super) fn draw(
        &self,
        canvas: &mut Canvas,
        panel: &Panel,
        is_last: bool,
        language: Language,
    ) {
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
            let label = format!(
                "{} ({name})",
                say::column_name(language, say::TableColumn::Time)
            );
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

/// Rounds up to one, two or five times a power of ten.
pub(super) fn nice(step: f64) -> f64 {
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
