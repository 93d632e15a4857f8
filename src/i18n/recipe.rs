//! What answers from recipes say.

mod about;
mod check;
mod command;
mod compare;
mod course;
mod derive;
mod find;
mod lookup;
#[cfg(test)]
mod tests;

pub use about::*;
pub use check::*;
pub use command::*;
pub use compare::*;
pub use course::*;
pub use derive::*;
pub use find::*;
pub use lookup::*;

use crate::domain::language::Language;
use crate::domain::language::Language::{English, Korean};

fn pick(language: Language, korean: String, english: String) -> String {
    match language {
        Korean => korean,
        English => english,
    }
}

/// So many of something whose English plural is regular.
fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// What a header may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Author,
    Tool,
    Comment,
    Substrate,
    Revision,
    Status,
    Customer,
    Effective,
    BubblerTemperature,
    Variable,
}

/// A fact's name.
#[must_use]
pub fn fact(language: Language, fact: Fact) -> String {
    let (korean, english) = match fact {
        Fact::Author => ("작성자", "author"),
        Fact::Tool => ("장비", "tool"),
        Fact::Comment => ("설명", "comment"),
        Fact::Substrate => ("기판", "substrate"),
        Fact::Revision => ("개정", "revision"),
        Fact::Status => ("상태", "status"),
        Fact::Customer => ("고객", "customer"),
        Fact::Effective => ("시행일", "date"),
        Fact::BubblerTemperature => ("버블러 온도", "bubbler temperature"),
        Fact::Variable => ("변수", "variables"),
    };
    match language {
        Korean => korean,
        English => english,
    }
    .to_owned()
}

/// Heads of table columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    Recipe,
    Step,
    Setting,
    Before,
    After,
    Value,
    Time,
    Line,
    Source,
    Condition,
    Limit,
    Verdict,
    Title,
    Tool,
    Steps,
    Total,
}

/// The heads of a table's columns.
#[must_use]
pub fn heads(language: Language, heads: &[Head]) -> Vec<String> {
    let heads = heads.iter();
    heads.map(|one| head(language, *one).to_owned()).collect()
}

#[must_use]
pub fn head(language: Language, head: Head) -> &'static str {
    let (korean, english) = match head {
        Head::Recipe => ("레시피", "Recipe"),
        Head::Step => ("단계", "Step"),
        Head::Setting => ("설정", "Setting"),
        Head::Before => ("이전", "Before"),
        Head::After => ("이후", "After"),
        Head::Value => ("값", "Value"),
        Head::Time => ("시간", "Time"),
        Head::Line => ("행", "Line"),
        Head::Source => ("출처", "Source"),
        Head::Condition => ("조건", "Condition"),
        Head::Limit => ("한계", "Limit"),
        Head::Verdict => ("판정", "Verdict"),
        Head::Title => ("설명", "Comment"),
        Head::Tool => ("장비", "Tool"),
        Head::Steps => ("단계 수", "Steps"),
        Head::Total => ("합계", "Total"),
    };
    match language {
        Korean => korean,
        English => english,
    }
}

#[must_use]
pub fn unknown(language: Language) -> &'static str {
    match language {
        Korean => "알 수 없음",
        English => "unknown",
    }
}

#[must_use]
pub fn open(language: Language, is_open: bool) -> &'static str {
    match (language, is_open) {
        (Korean, true) => "열림",
        (Korean, false) => "닫힘",
        (English, true) => "open",
        (English, false) => "closed",
    }
}
