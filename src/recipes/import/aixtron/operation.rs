//! Parses the operations of a step and their values.

use super::lexer::Lexeme;
use super::parser::Parser;
use crate::recipes::expression::{Expression, Operator};
use crate::recipes::model::{Action, ConditionKind, Operation, Step, Value, WaitCondition};

/// Maximum nesting of parentheses; deeper ones are an accident or an attack.
const MAX_DEPTH: usize = 60;

impl Parser<'_> {
    /// Parses operations up to the `;` of the step.
    pub(super) fn operations(&mut self, step: &mut Step, begin: usize) {
        loop {
            match self.kind(0) {
                None => {
                    self.lose(
                        begin,
                        self.at.saturating_sub(1),
                        "the closing ; is missing; read as if it were there",
                    );
                    return;
                }
                Some(Lexeme::Sign(';')) => {
                    self.at += 1;
                    return;
                }
                Some(Lexeme::Sign(',')) => self.at += 1,
                Some(Lexeme::Sign('}')) => {
                    if self.at > begin {
                        self.lose(
                            begin,
                            self.at - 1,
                            "the closing ; is missing; read as if it were there",
                        );
                    } else {
                        self.at += 1;
                    }
                    return;
                }
                Some(Lexeme::Unclosed) => {
                    self.at += 1;
                    self.lose(
                        self.at - 1,
                        self.at - 1,
                        "a quotation mark is missing, so the rest of the line is not understood",
                    );
                    return;
                }
                Some(Lexeme::Number(_) | Lexeme::Time(_) | Lexeme::Text(_))
                    if self.at_step_start(begin) =>
                {
                    self.lose(
                        begin,
                        self.at - 1,
                        "the closing ; is missing; read as if it were there",
                    );
                    return;
                }
                Some(_) => {
                    let from = self.at;
                    if let Err(reason) = self.operation(step) {
                        self.skip_operation(from, reason);
                    }
                }
            }
        }
    }

    /// Whether another step begins here although the previous one has no `;`.
    fn at_step_start(&self, begin: usize) -> bool {
        let is_named = matches!(self.kind(0), Some(Lexeme::Text(_)))
            || matches!(self.kind(1), Some(Lexeme::Text(_)));
        self.at > begin && is_named && self.line(self.at) > self.line(self.at - 1)
    }

    fn skip_operation(&mut self, from: usize, reason: &'static str) {
        while !matches!(
            self.kind(0),
            None | Some(Lexeme::Sign(',' | ';' | '}' | '{') | Lexeme::Unclosed)
        ) {
            if self.at > from && self.at_step_start(from) {
                break;
            }
            self.at += 1;
        }
        if self.at == from || self.is_sign(0, '{') {
            self.at += 1;
        }
        self.lose(from, self.at - 1, reason);
    }

    fn operation(&mut self, step: &mut Step) -> Result<(), &'static str> {
        let from = self.at;
        let line = self.line(from);
        let Some(Lexeme::Name(name)) = self.kind(0) else {
            return Err("this is no operation");
        };
        self.at += 1;
        match name {
            "until" => return self.until(step, from),
            // Columns of the log.
            "begin" | "end" if self.kind(0) == Some(Lexeme::Name("stat")) => {
                self.at += 1;
                if matches!(self.kind(0), Some(Lexeme::Name(_))) {
                    self.at += 1;
                }
                return self.separated();
            }
            _ => {}
        }
        let action = match self.kind(0) {
            Some(Lexeme::Sign('=')) => {
                self.at += 1;
                match self.state() {
                    Some(state) => Action::Switch(state),
                    None => Action::Set(self.value()?),
                }
            }
            Some(Lexeme::Name("to")) => {
                self.at += 1;
                let to = self.value()?;
                let seconds = if self.kind(0) == Some(Lexeme::Name("in")) {
                    self.at += 1;
                    let time = self.value()?;
                    Some(
                        time.number
                            .ok_or("the ramp's time cannot be computed from this file")?,
                    )
                } else {
                    None
                };
                Action::Ramp { to, seconds }
            }
            Some(Lexeme::Name("follow")) => {
                self.at += 1;
                Action::Follow(self.expression(0)?)
            }
            Some(Lexeme::Name(_)) => match self.state() {
                Some(state) => Action::Switch(state),
                None => return Err("this is no operation that is known"),
            },
            _ => return Err("this is no operation that is known"),
        };
        self.separated()?;
        if let (Action::Set(value), true) = (&action, self.variables.contains_key(name)) {
            // In a loop the value depends on the pass.
            let number = value.number.filter(|_| self.loops == 0);
            if number.is_none() {
                self.lose(from, self.at - 1, "the variable changes here in a way that is not followed; what uses it from here on cannot be computed");
            }
            self.variables.insert(name.to_owned(), number);
            return Ok(());
        }
        let channel = self.channels.index_of(name);
        if matches!(action, Action::Switch(_)) {
            self.channels.mark_switch(channel);
        }
        step.operations.push(Operation {
            channel,
            action,
            raw: self.raw(from, self.at - 1),
            line,
        });
        Ok(())
    }

    /// Checks that a separator follows the operation.
    fn separated(&self) -> Result<(), &'static str> {
        match self.kind(0) {
            None | Some(Lexeme::Sign(',' | ';' | '}') | Lexeme::Unclosed) => Ok(()),
            Some(Lexeme::Number(_) | Lexeme::Time(_) | Lexeme::Text(_))
                if self.at_step_start(0) =>
            {
                Ok(())
            }
            Some(_) => Err("this operation goes on in a way that is not known"),
        }
    }

    /// Parses `open`, `close`, `on` or `off`.
    fn state(&mut self) -> Option<bool> {
        let state = match self.kind(0) {
            Some(Lexeme::Name("open" | "on")) => true,
            Some(Lexeme::Name("close" | "closed" | "off")) => false,
            _ => return None,
        };
        self.at += 1;
        Some(state)
    }

    /// Parses `until X >> value`, `until X << value`, `until X open`; any other condition is kept as written.
    fn until(&mut self, step: &mut Step, from: usize) -> Result<(), &'static str> {
        let line = self.line(from);
        let mut until = WaitCondition {
            raw: String::new(),
            line,
            channel: None,
            passes: ConditionKind::Other,
            value: None,
        };
        if let Some(Lexeme::Name(name)) = self.kind(0) {
            until.channel = Some(self.channels.index_of(name));
            self.at += 1;
            match self.kind(0) {
                Some(sign @ (Lexeme::Above | Lexeme::Below)) => {
                    self.at += 1;
                    until.passes = if sign == Lexeme::Above {
                        ConditionKind::Above
                    } else {
                        ConditionKind::Below
                    };
                    until.value = Some(self.value()?);
                }
                _ => {
                    if let Some(state) = self.state() {
                        until.passes = if state {
                            ConditionKind::Open
                        } else {
                            ConditionKind::Closed
                        };
                    }
                }
            }
        }
        while !matches!(
            self.kind(0),
            None | Some(Lexeme::Sign(',' | ';' | '}') | Lexeme::Unclosed)
        ) {
            self.at += 1;
        }
        until.raw = self.raw(from, self.at - 1);
        if step.until.is_some() {
            return Err("a step waits for one condition; this further one is not followed");
        }
        step.until = Some(until);
        Ok(())
    }

    /// Parses an expression and evaluates it at this point of the script.
    pub(super) fn value(&mut self) -> Result<Value, &'static str> {
        let from = self.at;
        let expression = self.expression(0)?;
        let raw = self.raw(from, self.at - 1);
        let number = expression.evaluate(&|name| self.variables.get(name).copied().flatten());
        let expression = match expression {
            Expression::Number(_) => None,
            other => Some(other),
        };
        Ok(Value {
            number,
            expression,
            raw,
        })
    }

    fn expression(&mut self, depth: usize) -> Result<Expression, &'static str> {
        let mut left = self.product(depth)?;
        loop {
            let operator = match self.kind(0) {
                Some(Lexeme::Sign('+')) => Operator::Add,
                Some(Lexeme::Sign('-')) => Operator::Subtract,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.product(depth)?;
            left = Expression::Binary(Box::new(left), operator, Box::new(right));
        }
    }

    fn product(&mut self, depth: usize) -> Result<Expression, &'static str> {
        let mut left = self.operand(depth)?;
        loop {
            let operator = match self.kind(0) {
                Some(Lexeme::Sign('*')) => Operator::Multiply,
                Some(Lexeme::Sign('/')) => Operator::Divide,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.operand(depth)?;
            left = Expression::Binary(Box::new(left), operator, Box::new(right));
        }
    }

    fn operand(&mut self, depth: usize) -> Result<Expression, &'static str> {
        if depth > MAX_DEPTH {
            return Err("brackets are nested too deep");
        }
        let kind = self.kind(0).ok_or("a value is missing")?;
        self.at += 1;
        match kind {
            Lexeme::Number(number) | Lexeme::Time(number) => Ok(Expression::Number(number)),
            Lexeme::Name(name) => Ok(Expression::Name(name.to_owned())),
            Lexeme::Sign('-') => Ok(Expression::Negative(Box::new(self.operand(depth + 1)?))),
            Lexeme::Sign('+') => self.operand(depth + 1),
            Lexeme::Sign('(') => {
                let inner = self.expression(depth + 1)?;
                if self.is_sign(0, ')') {
                    self.at += 1;
                    Ok(inner)
                } else {
                    Err("a closing bracket is missing")
                }
            }
            _ => {
                self.at -= 1;
                Err("a value is missing")
            }
        }
    }
}
