//! What answers from recipes say.

mod command;
mod compare;
mod derivation;
mod find;
mod limits;
mod lookup;
mod overview;
mod schedule;
#[cfg(test)]
mod tests;

pub use command::*;
pub use compare::*;
pub use derivation::*;
pub use find::*;
pub use limits::*;
pub use lookup::*;
pub use overview::*;
pub use schedule::*;

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
pub enum TableColumn {
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
pub fn column_names(language: Language, heads: &[TableColumn]) -> Vec<String> {
    let heads = heads.iter();
    heads
        .map(|one| column_name(language, *one).to_owned())
        .collect()
}

#[must_use]
pub fn column_name(language: Language, head: TableColumn) -> &'static str {
    let (korean, english) = match head {
        TableColumn::Recipe => ("레시피", "Recipe"),
        TableColumn::Step => ("단계", "Step"),
        TableColumn::Setting => ("설정", "Setting"),
        TableColumn::Before => ("이전", "Before"),
        TableColumn::After => ("이후", "After"),
        TableColumn::Value => ("값", "Value"),
        TableColumn::Time => ("시간", "Time"),
        TableColumn::Line => ("행", "Line"),
        TableColumn::Source => ("출처", "Source"),
        TableColumn::Condition => ("조건", "Condition"),
        TableColumn::Limit => ("한계", "Limit"),
        TableColumn::Verdict => ("판정", "Verdict"),
        TableColumn::Title => ("설명", "Comment"),
        TableColumn::Tool => ("장비", "Tool"),
        TableColumn::Steps => ("단계 수", "Steps"),
        TableColumn::Total => ("합계", "Total"),
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
