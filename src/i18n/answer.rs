//! Sentences of answers in addition to what the documents say.

use std::collections::BTreeSet;

use crate::domain::language::Language;
use crate::domain::language::Language::{English, Korean};
use crate::i18n::phrase::say;

/// Why the language model failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelFailure {
    Unreachable,
    /// The server refused the key.
    KeyRefused,
    /// The server refused for another reason, with this HTTP status (0: none).
    Refused(u16),
    Overloaded,
    Silent,
    BrokeOff,
    Unusable,
}

/// The answer to a question without words.
#[must_use]
pub fn help(language: Language) -> String {
    match language {
        Korean => "질문이 비어 있습니다. 알고 싶은 내용을 한 문장으로 적어 주십시오. \
                   예: \"E-1042 알람의 원인과 조치는 무엇입니까?\""
            .to_owned(),
        English => "There is no question yet. Write in a sentence what you want to know, such as: \
                    \"What causes alarm E-1042 and what is to be done?\""
            .to_owned(),
    }
}

/// What was looked for where nothing was found.
#[derive(Clone, Copy, Debug)]
pub struct Searched<'a> {
    /// The question, shortened and fit to be shown.
    pub question: &'a str,
    /// How many passages there are; none if the person may see only a part of them.
    pub passages: Option<u64>,
    /// The collections that were searched; none for all.
    pub collections: Option<&'a BTreeSet<String>>,
    /// How many passages come nearest, the first of the sources.
    pub nearest: usize,
}

/// The answer if the documents do not contain one.
#[must_use]
pub fn none_found(language: Language, searched: &Searched<'_>) -> String {
    let mut lines = Vec::new();
    let question = searched.question;
    let collections = searched.collections.map(|names| {
        names
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    });
    match language {
        Korean => {
            lines.push("등록된 문서에서 답을 찾지 못했습니다.".to_owned());
            lines.push(format!("- 검색한 질문: \"{question}\""));
            lines.extend(
                searched
                    .passages
                    .map(|count| format!("- 검색 범위: 문서 구절 {}개", grouped(count))),
            );
            lines.extend(collections.map(|names| format!("- 검색 범위: {names} 문서 모음")));
            if searched.nearest > 0 {
                lines.push(format!(
                    "- 가장 가까운 구절(답이 아닐 수 있음): {}",
                    marks(searched.nearest)
                ));
            }
            lines.push(String::new());
            lines.push(if searched.passages == Some(0) {
                "아직 색인된 문서가 없습니다. 관리자에게 문서 등록을 요청해 주십시오.".to_owned()
            } else {
                "장비 이름, 문서 번호, 알람 코드처럼 문서에 적힌 표현을 그대로 넣어 다시 질문해 주십시오.".to_owned()
            });
        }
        English => {
            lines.push("I did not find an answer in the documents.".to_owned());
            lines.push(format!("- Searched for: \"{question}\""));
            lines.extend(
                searched
                    .passages
                    .map(|count| format!("- Searched in: {} passages", grouped(count))),
            );
            lines
                .extend(collections.map(|names| format!("- Searched in: the collections {names}")));
            if searched.nearest > 0 {
                lines.push(format!(
                    "- Nearest passages, which may not answer it: {}",
                    marks(searched.nearest)
                ));
            }
            lines.push(String::new());
            lines.push(if searched.passages == Some(0) {
                "No document has been indexed yet. Ask your administrator to add some.".to_owned()
            } else {
                "Ask again with the words of the document: the tool's name, a document number, an alarm code.".to_owned()
            });
        }
    }
    lines.join("\n")
}

/// In addition to what recipes say: the documents contain nothing beyond it.
#[must_use]
pub fn nothing_beyond(language: Language) -> String {
    say(
        language,
        "질문의 나머지 부분에 대한 답은 열람하실 수 있는 문서에서 찾지 못했습니다.",
        "To the rest of the question, the documents that you may read hold no answer.",
    )
}

/// Why lookup results or quotes are shown in place of the language model's words.
#[must_use]
pub fn unsupported_not_shown(language: Language) -> String {
    say(
        language,
        "언어 모델의 답변에 출처로 확인되지 않는 내용이 있어 표시하지 않았습니다. 파일과 문서에서 확인된 내용만 보여 드립니다.",
        "The language model's answer contains statements that its sources do not support, so it is not shown. This is what the files and documents say.",
    )
}

/// Replaces an unsupported sentence of an answer.
#[must_use]
pub fn withheld(language: Language) -> String {
    say(
        language,
        "(출처에서 확인되지 않은 문장은 표시하지 않았습니다.)",
        "(A sentence that the sources do not support is not shown.)",
    )
}

/// The language model only called tools until the limits were reached.
#[must_use]
pub fn call_limit_reached(language: Language) -> String {
    say(
        language,
        "언어 모델이 조회만 되풀이하여 답변을 마치지 못했습니다. 파일과 문서에서 확인된 내용만 보여 드립니다.",
        "The language model went on looking things up and did not come to an answer. This is what the files and documents say.",
    )
}

/// Above lookup results.
#[must_use]
pub fn lookup_results(language: Language) -> String {
    say(
        language,
        "조회한 내용을 그대로 보여 드립니다.",
        "What was looked up, as it stands:",
    )
}

/// The marks of the first sources.
fn marks(count: usize) -> String {
    let marks = (1..=count).map(|n| format!("[{n}]"));
    marks.collect::<Vec<_>>().join(" ")
}

/// Above the quoted passages of an answer without a language model.
#[must_use]
pub fn quotes_follow(language: Language) -> String {
    say(
        language,
        "질문과 가장 가까운 문서 구절을 그대로 인용합니다.",
        "These passages of the documents come closest to the question, word for word.",
    )
}

/// Below an answer that broke off, above the passages that it was drawn from.
#[must_use]
pub fn broken_off(language: Language) -> String {
    say(
        language,
        "답변 작성이 여기서 중단되었습니다. 근거가 된 문서 구절을 그대로 인용합니다.",
        "The answer broke off here. These are the passages that it was being drawn from, word for word.",
    )
}

/// The line that names a quoted passage. All parts are fit to be shown.
#[must_use]
pub fn passage_heading(
    language: Language,
    title: &str,
    revision: Option<&str>,
    page: Option<&str>,
    section: Option<&str>,
) -> String {
    let mut place = format!("**{title}**");
    let mut add = |part: String| {
        place.push_str(", ");
        place.push_str(&part);
    };
    if let Some(revision) = revision {
        add(crate::i18n::phrase::revision(language, revision));
    }
    if let Some(page) = page {
        add(crate::i18n::phrase::page(language, page));
    }
    if let Some(section) = section {
        add(section.to_owned());
    }
    place
}

/// No language model is configured.
#[must_use]
pub fn no_model(language: Language) -> String {
    say(
        language,
        "언어 모델이 설정되어 있지 않아, 문서 구절을 그대로 인용했습니다.",
        "No language model is configured, so the passages are quoted as they stand.",
    )
}

/// The language model failed before it said anything of use.
#[must_use]
pub fn model_failed(language: Language, failure: ModelFailure) -> String {
    match language {
        Korean => format!(
            "{} 그래서 문서 구절을 그대로 인용했습니다.",
            failure_sentence(language, failure)
        ),
        English => format!(
            "{} So the passages are quoted as they stand.",
            failure_sentence(language, failure)
        ),
    }
}

/// The language model failed while it was answering.
#[must_use]
pub fn model_broke_off(language: Language, failure: ModelFailure) -> String {
    match language {
        Korean => format!(
            "{} 답변이 끝까지 작성되지 않았습니다.",
            failure_sentence(language, failure)
        ),
        English => format!(
            "{} The answer is not complete.",
            failure_sentence(language, failure)
        ),
    }
}

fn failure_sentence(language: Language, failure: ModelFailure) -> String {
    match (language, failure) {
        (Korean, ModelFailure::Unreachable) => "언어 모델 서버에 연결할 수 없습니다.".to_owned(),
        (English, ModelFailure::Unreachable) => "The language model cannot be reached.".to_owned(),
        (Korean, ModelFailure::KeyRefused) => {
            "언어 모델 서버가 인증 키를 거부했습니다. 관리자에게 알려 주십시오.".to_owned()
        }
        (English, ModelFailure::KeyRefused) => {
            "The language model refused our key; please tell your administrator.".to_owned()
        }
        (Korean, ModelFailure::Refused(0)) => "언어 모델 서버가 요청을 거부했습니다.".to_owned(),
        (English, ModelFailure::Refused(0)) => "The language model refused the request.".to_owned(),
        (Korean, ModelFailure::Refused(status)) => {
            format!("언어 모델 서버가 요청을 거부했습니다(상태 {status}).")
        }
        (English, ModelFailure::Refused(status)) => {
            format!("The language model refused the request (status {status}).")
        }
        (Korean, ModelFailure::Overloaded) => {
            "언어 모델 서버에 요청이 많아 지금은 응답하지 못합니다.".to_owned()
        }
        (English, ModelFailure::Overloaded) => {
            "The language model has too many requests at the moment.".to_owned()
        }
        (Korean, ModelFailure::Silent) => {
            "언어 모델이 정해진 시간 안에 응답하지 않았습니다.".to_owned()
        }
        (English, ModelFailure::Silent) => "The language model did not respond in time.".to_owned(),
        (Korean, ModelFailure::BrokeOff) => "언어 모델과의 연결이 끊어졌습니다.".to_owned(),
        (English, ModelFailure::BrokeOff) => {
            "The connection to the language model broke off.".to_owned()
        }
        (Korean, ModelFailure::Unusable) => {
            "언어 모델 서버가 쓸 수 있는 답변을 보내지 않았습니다.".to_owned()
        }
        (English, ModelFailure::Unusable) => {
            "The language model's server sent no usable answer.".to_owned()
        }
    }
}

/// The language model named no source for what it said.
#[must_use]
pub fn no_sources_named(language: Language) -> String {
    say(
        language,
        "언어 모델의 답변에 출처가 없어 표시하지 않고, 문서 구절을 그대로 인용했습니다.",
        "The language model named no source for its answer, so the passages are quoted as they stand instead.",
    )
}

/// The answer reached the longest length that is configured.
#[must_use]
pub fn too_long(language: Language) -> String {
    say(
        language,
        "답변이 설정된 최대 길이에 이르러 여기서 끝났습니다. 질문을 나누어 다시 물어 주십시오.",
        "The answer ends here because it reached its length limit. Ask again in smaller parts.",
    )
}

/// The server's content filter ended the answer.
#[must_use]
pub fn filtered(language: Language) -> String {
    say(
        language,
        "언어 모델 서버의 콘텐츠 필터가 답변을 중간에 멈추었습니다.",
        "The content filter of the language model's server stopped the answer.",
    )
}

/// The question was longer than what is read of it.
#[must_use]
pub fn question_shortened(language: Language, characters: usize) -> String {
    let characters = grouped(characters as u64);
    match language {
        Korean => format!("질문이 {characters}자로 길어, 처음과 끝부분만 사용했습니다."),
        English => format!(
            "The question has {characters} characters; only its beginning and its end were used."
        ),
    }
}

/// A number with a comma between thousands, as both languages write it.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::phrase::in_both;

    #[test]
    fn every_sentence_of_both_languages() {
        let said = in_both(|language| {
            let mut said = Vec::new();
            let collections = ["manuals".to_owned()].into();
            let searched = |passages, collections, nearest| Searched {
                question: "chiller?",
                passages,
                collections,
                nearest,
            };
            let failures = [
                ModelFailure::Unreachable,
                ModelFailure::KeyRefused,
                ModelFailure::Refused(0),
                ModelFailure::Refused(400),
                ModelFailure::Overloaded,
                ModelFailure::Silent,
                ModelFailure::BrokeOff,
                ModelFailure::Unusable,
            ];
            said.extend([
                help(language),
                none_found(language, &searched(Some(0), None, 0)),
                none_found(language, &searched(Some(1_200), None, 1)),
                none_found(language, &searched(None, Some(&collections), 3)),
                quotes_follow(language),
                broken_off(language),
                withheld(language),
                nothing_beyond(language),
                unsupported_not_shown(language),
                call_limit_reached(language),
                lookup_results(language),
                passage_heading(
                    language,
                    "HX-7 Manual",
                    Some("C"),
                    Some("4-12"),
                    Some("Purge"),
                ),
                no_model(language),
                no_sources_named(language),
                too_long(language),
                filtered(language),
                question_shortened(language, 12_000),
                model_broke_off(language, ModelFailure::Silent),
            ]);
            said.extend(failures.map(|failure| model_failed(language, failure)));
            said
        });
        insta::assert_snapshot!(said);
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
