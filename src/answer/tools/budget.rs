//! Limits of the tool calls for one question: calls, turns, time and tokens.

use std::time::Duration;

use tokio::time::Instant;

use crate::config;
use crate::llm::tokens::{estimate_tokens, truncate};
use crate::llm::tools::ToolCall;

/// Maximum number of replies that only call tools.
pub(super) const MAX_TURNS: usize = 6;
/// Maximum number of calls that are executed in one turn.
const MAX_CALLS_PER_TURN: usize = 6;

/// The remaining limits of one question.
pub(super) struct CallBudget {
    calls: usize,
    turns: usize,
    calls_this_turn: usize,
    /// Remaining tokens for results.
    tokens: usize,
    deadline: Instant,
    executed: Vec<(String, String)>,
}

impl CallBudget {
    /// `tokens` is the limit for all results.
    pub(super) fn new(config: &config::tools::Tools, tokens: usize, with_tools: bool) -> Self {
        Self {
            calls: if with_tools { config.max_calls } else { 0 },
            turns: MAX_TURNS,
            calls_this_turn: 0,
            tokens,
            deadline: Instant::now() + Duration::from_secs(config.timeout_s),
            executed: Vec::new(),
        }
    }

    /// Begins a turn of the model. Returns whether it may call tools in it.
    pub(super) fn begin_turn(&mut self) -> bool {
        let may_call = self.calls > 0 && self.turns > 0 && Instant::now() < self.deadline;
        self.turns = self.turns.saturating_sub(1);
        self.calls_this_turn = 0;
        may_call
    }

    /// Spends a call, or returns the sentence for the model why it is not executed.
    pub(super) fn admit(&mut self, call: &ToolCall) -> Result<(), &'static str> {
        let key = (call.name.clone(), call.arguments.clone());
        if self.executed.contains(&key) {
            self.calls = self.calls.saturating_sub(1);
            return Err("Error: this was looked up already, see above.");
        }
        if self.calls == 0 {
            return Err("Error: nothing more may be looked up. Answer from what there is.");
        }
        if self.calls_this_turn == MAX_CALLS_PER_TURN {
            return Err("Error: too many calls at once. Make this one in your next turn.");
        }
        self.calls -= 1;
        self.calls_this_turn += 1;
        self.executed.push(key);
        Ok(())
    }

    pub(super) fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Cuts a result to the remaining tokens.
    pub(super) fn fit(&mut self, result: String) -> String {
        let length = estimate_tokens(&result);
        if length <= self.tokens {
            self.tokens -= length;
            return result;
        }
        let shown = truncate(&result, self.tokens).to_owned();
        self.tokens = 0;
        format!("{shown}\n… (cut: ask for less)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tools::Tools;

    fn budget(max_calls: usize) -> CallBudget {
        let config = config::load::load_from(None, Some(std::collections::HashMap::new())).unwrap();
        let config = Tools {
            max_calls,
            ..config.tools
        };
        CallBudget::new(&config, 1_000, true)
    }

    fn call(number: usize) -> ToolCall {
        ToolCall {
            name: "get_recipe".to_owned(),
            arguments: format!("{{\"recipe\": \"R{number}\"}}"),
            ..ToolCall::default()
        }
    }

    #[test]
    fn every_permitted_call_is_executed() {
        for max_calls in 1..=20 {
            let mut budget = budget(max_calls);
            let mut executed_calls = 0;
            for turn in 0..MAX_TURNS {
                if !budget.begin_turn() {
                    break;
                }
                for number in 0..4 {
                    executed_calls += usize::from(budget.admit(&call(10 * turn + number)).is_ok());
                }
            }
            assert_eq!(executed_calls, max_calls);
        }
    }

    #[test]
    fn at_most_six_calls_of_a_turn_are_executed() {
        let mut budget = budget(20);
        for turn in 0..2 {
            assert!(budget.begin_turn());
            let admitted =
                (0..10).filter(|number| budget.admit(&call(100 * turn + number)).is_ok());
            assert_eq!(admitted.count(), MAX_CALLS_PER_TURN);
        }
    }

    #[test]
    fn a_call_is_executed_once() {
        let mut budget = budget(3);
        assert!(budget.begin_turn());
        assert!(budget.admit(&call(1)).is_ok());
        assert!(budget.admit(&call(1)).unwrap_err().contains("already"));
        assert!(budget.admit(&call(2)).is_ok());
        assert!(budget.admit(&call(3)).unwrap_err().contains("nothing more"));
        assert!(!budget.begin_turn());
    }
}
