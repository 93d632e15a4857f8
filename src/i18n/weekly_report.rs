//! The weekly report of questions that the documents did not answer.

use crate::domain::language::Language;
use crate::domain::language::Language::{English, Korean};
use crate::i18n::phrase::say;

#[must_use]
pub fn head(language: Language, week: &str, questions: usize) -> String {
    match (language, questions) {
        (Korean, _) => format!("{week}: 담당하시는 문서에서 답을 찾지 못한 질문 {questions}건"),
        (English, 1) => format!("{week}: a question that your documents did not answer"),
        (English, _) => {
            format!("{week}: {questions} questions that your documents did not answer")
        }
    }
}

/// A question, how often it was asked, and the document that comes closest. All are fit to be shown.
#[must_use]
pub fn question(language: Language, question: &str, times: usize, nearest: Option<&str>) -> String {
    let times = match language {
        _ if times < 2 => String::new(),
        Korean => format!(" ({times}회)"),
        English => format!(" ({times} times)"),
    };
    let nearest = match (language, nearest) {
        (_, None) => String::new(),
        (Korean, Some(nearest)) => format!("\n   가장 가까운 문서: {nearest}"),
        (English, Some(nearest)) => format!("\n   Nearest document: {nearest}"),
    };
    format!("• {question}{times}{nearest}")
}

#[must_use]
pub fn more(language: Language, more: usize) -> String {
    match language {
        Korean => format!(
            "그 밖에 {more}건이 더 있습니다. `epibot feedback export`로 모두 보실 수 있습니다."
        ),
        English => format!("… and {more} more; `epibot feedback export` lists them all."),
    }
}

#[must_use]
pub fn what_to_do(language: Language) -> String {
    say(
        language,
        "문서를 보완하거나 등록하시면 다음 색인부터 답할 수 있습니다.",
        "Once a document says it and is indexed, I can answer it.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::phrase::in_both;

    #[test]
    fn every_sentence_of_both_languages() {
        let said = in_both(|language| {
            vec![
                head(language, "2026-W03", 1),
                head(language, "2026-W03", 7),
                question(language, "chiller?", 1, None),
                question(language, "chiller?", 3, Some("Chiller manual")),
                more(language, 4),
                what_to_do(language),
            ]
        });
        insta::assert_snapshot!(said);
    }
}
