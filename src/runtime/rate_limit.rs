//! Sliding-window rate limits: a maximum number of events per name in any window of time.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::time::Instant;

/// At most `max` events under `name` within `window`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    pub name: String,
    pub max: usize,
    pub window: Duration,
}

/// The events of the current windows, including those reserved for later.
#[derive(Debug, Default)]
pub struct RateLimiter {
    windows: Mutex<HashMap<String, Window>>,
}

#[derive(Debug)]
struct Window {
    /// In order; times later than now are reserved.
    times: VecDeque<Instant>,
    length: Duration,
}

impl RateLimiter {
    /// Reserves the earliest time that all limits allow, and returns it.
    pub fn reserve(&self, limits: &[Limit]) -> Instant {
        let now = Instant::now();
        let mut windows = self.lock(now);
        let free = limits
            .iter()
            .map(|limit| window(&mut windows, limit).next_free(limit.max, now));
        let at = free.max().unwrap_or(now);
        for limit in limits {
            window(&mut windows, limit).insert(at);
        }
        at
    }

    /// Reserves the current time if at least `spare(limit)` places stay free under each limit.
    ///
    /// # Errors
    /// A limit is reached; returns how long to wait before trying again.
    pub fn try_reserve(
        &self,
        limits: &[Limit],
        spare: impl Fn(&Limit) -> usize,
    ) -> Result<(), Duration> {
        let now = Instant::now();
        let mut windows = self.lock(now);
        for limit in limits {
            let max = limit.max.saturating_sub(spare(limit));
            let free = window(&mut windows, limit).next_free(max, now);
            if free > now {
                return Err(free - now);
            }
        }
        for limit in limits {
            window(&mut windows, limit).insert(now);
        }
        Ok(())
    }

    /// Returns the number of events under a name in its current window.
    pub fn count(&self, name: &str) -> usize {
        let windows = self.lock(Instant::now());
        windows.get(name).map_or(0, |window| window.times.len())
    }

    /// Records an event now, regardless of the limits.
    pub fn record(&self, limits: &[Limit]) {
        let now = Instant::now();
        let mut windows = self.lock(now);
        for limit in limits {
            window(&mut windows, limit).insert(now);
        }
    }

    /// Locks the windows and drops expired events.
    fn lock(&self, now: Instant) -> MutexGuard<'_, HashMap<String, Window>> {
        let mut windows = self.windows.lock();
        windows.retain(|_, window| window.prune(now));
        windows
    }
}

fn window<'a>(windows: &'a mut HashMap<String, Window>, limit: &Limit) -> &'a mut Window {
    windows.entry(limit.name.clone()).or_insert_with(|| Window {
        times: VecDeque::new(),
        length: limit.window,
    })
}

impl Window {
    /// Returns the earliest time from now at which fewer than `max` events are in the window.
    fn next_free(&self, max: usize, now: Instant) -> Instant {
        let first = self.times.len().checked_sub(max);
        match first.and_then(|first| self.times.get(first)) {
            Some(first) => now.max(*first + self.length),
            None => now,
        }
    }

    fn insert(&mut self, at: Instant) {
        let index = self.times.partition_point(|time| *time <= at);
        self.times.insert(index, at);
    }

    /// Drops expired events. Returns whether any are left.
    fn prune(&mut self, now: Instant) -> bool {
        while self
            .times
            .front()
            .is_some_and(|time| *time + self.length <= now)
        {
            self.times.pop_front();
        }
        !self.times.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn limit(name: &str, max: usize) -> Limit {
        Limit {
            name: name.to_owned(),
            max,
            window: MINUTE,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reservation_waits_for_the_slowest_of_its_limits() {
        let limiter = RateLimiter::default();
        let limits = [limit("all", 2), limit("one", 1)];
        let now = Instant::now();
        assert_eq!(limiter.reserve(&limits), now);
        assert_eq!(limiter.reserve(&limits), now + MINUTE);
        assert_eq!(limiter.reserve(&limits[..1]), now + MINUTE);
    }

    #[tokio::test(start_paused = true)]
    async fn events_are_counted_until_they_leave_the_window() {
        let limiter = RateLimiter::default();
        limiter.record(&[limit("one", 1)]);
        limiter.record(&[limit("one", 1)]);
        assert_eq!(limiter.count("one"), 2);
        assert!(limiter.try_reserve(&[limit("one", 3)], |_| 1).is_err());
        tokio::time::advance(MINUTE).await;
        assert_eq!(limiter.count("one"), 0);
        assert!(limiter.try_reserve(&[limit("one", 3)], |_| 1).is_ok());
    }
}
