//! The clock. Only this file reads the system time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// The system's clock, or a fixed one for tests.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// Returns the system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(None)
    }

    /// Returns a clock that does not advance by itself.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.as_millisecond()))))
    }

    /// Advances a fixed clock; does nothing on the system's clock.
    pub fn advance(&self, milliseconds: i64) {
        if let Some(fixed) = &self.0 {
            fixed.fetch_add(milliseconds, Ordering::SeqCst);
        }
    }

    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock's one home")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            None => Timestamp::now(),
            Some(fixed) => {
                Timestamp::from_millisecond(fixed.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
            }
        }
    }
}
