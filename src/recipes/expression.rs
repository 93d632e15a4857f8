//! Arithmetic expressions in recipes: numbers, names, `+ - * /` and parentheses.

use serde::{Deserialize, Serialize};

/// An arithmetic expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expression {
    Number(f64),
    /// A variable or channel.
    Name(String),
    Negative(Box<Expression>),
    Binary(Box<Expression>, Operator, Box<Expression>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Expression {
    /// Evaluates the expression; returns `None` if a name has no value or the result is not finite.
    pub fn evaluate(&self, value_of: &impl Fn(&str) -> Option<f64>) -> Option<f64> {
        let result = match self {
            Self::Number(number) => *number,
            Self::Name(name) => value_of(name)?,
            Self::Negative(inner) => -inner.evaluate(value_of)?,
            Self::Binary(left, operator, right) => {
                let (left, right) = (left.evaluate(value_of)?, right.evaluate(value_of)?);
                match operator {
                    Operator::Add => left + right,
                    Operator::Subtract => left - right,
                    Operator::Multiply => left * right,
                    Operator::Divide => left / right,
                }
            }
        };
        result.is_finite().then_some(result)
    }

    /// Returns the names in the expression, each once, in order of appearance.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.collect(&mut names);
        names
    }

    fn collect<'a>(&'a self, names: &mut Vec<&'a str>) {
        match self {
            Self::Number(_) => {}
            Self::Name(name) => {
                if !names.contains(&name.as_str()) {
                    names.push(name);
                }
            }
            Self::Negative(inner) => inner.collect(names),
            Self::Binary(left, _, right) => {
                left.collect(names);
                right.collect(names);
            }
        }
    }
}
