//! What epibot says in chat in addition to its answers.

use crate::domain::answer::Citation;
use crate::domain::language::Language;
use crate::i18n::phrase::say;

/// Why a question was not answered, as far as the person can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The documents cannot be searched.
    Search,
    /// Something else on our side.
    Internal,
}

/// The first sign, before anything is known.
#[must_use]
pub fn searching(language: Language) -> String {
    say(
        language,
        "문서를 찾아보고 있습니다…",
        "Looking through the documents…",
    )
}

/// Passages were found and the language model has them.
#[must_use]
pub fn reading(language: Language, passages: usize) -> String {
    match (language, passages) {
        (Language::Korean, _) => format!("관련 내용 {passages}건을 찾아 읽고 있습니다…"),
        (Language::English, 1) => "Found 1 passage, reading it…".to_owned(),
        (Language::English, _) => format!("Found {passages} passages, reading them…"),
    }
}

/// To whoever mentions us without asking anything.
#[must_use]
pub fn help(language: Language) -> String {
    say(
        language,
        "질문을 함께 적어 주시면 매뉴얼과 작업 표준서에서 찾아 출처와 함께 답해 드립니다. \
             예: “리액터 퍼지 유량은 얼마입니까?”",
        "Ask me a question and I will look it up in the manuals and procedures and answer with sources. \
             For example: “What is the purge flow of the reactor?”",
    )
}

/// The help in both languages: a message without words has no language.
#[must_use]
pub fn help_in_both() -> String {
    format!("{}\n{}", help(Language::Korean), help(Language::English))
}

/// To whoever uses a slash command.
#[must_use]
pub fn command() -> String {
    match_both(
        "명령어 대신 채널에서 저를 멘션하거나 다이렉트 메시지로 질문해 주시기 바랍니다.",
        "Instead of a command, please mention me in a channel or send me a direct message with your question.",
    )
}

/// To whoever used a command that failed.
#[must_use]
pub fn command_failed() -> String {
    match_both(
        "문제가 생겨 명령을 처리하지 못했습니다. 잠시 후 다시 시도해 주십시오.",
        "Something went wrong and the command was not carried out. Please try again in a moment.",
    )
}

/// Instead of an answer, when every attempt has failed.
#[must_use]
pub fn failed(language: Language, failure: Failure) -> String {
    match (language, failure) {
        (Language::Korean, Failure::Search) => {
            "지금은 문서를 검색할 수 없어 답해 드리지 못했습니다. 잠시 후 다시 질문해 주십시오. \
             계속되면 관리자에게 색인 상태를 확인해 달라고 요청해 주시기 바랍니다."
        }
        (Language::Korean, Failure::Internal) => {
            "문제가 생겨 이 질문에 답해 드리지 못했습니다. 다시 질문해 주십시오. \
             계속되면 관리자에게 이 메시지의 시각을 알려 주시기 바랍니다."
        }
        (Language::English, Failure::Search) => {
            "I could not answer because the documents cannot be searched at the moment. Please ask again in a few \
             minutes. If it keeps failing, ask your administrator to check the index."
        }
        (Language::English, Failure::Internal) => {
            "Something went wrong and I could not answer this question. Please ask again. If it keeps failing, tell \
             your administrator the time of this message."
        }
    }
    .to_owned()
}

/// The earlier messages of the thread could not be read.
#[must_use]
pub fn thread_not_read(language: Language) -> String {
    say(
        language,
        "이 스레드의 앞선 대화를 읽지 못해 이 질문만 보고 답했습니다.",
        "I could not read the earlier messages of this thread and answered this question on its own.",
    )
}

/// Statements that no cited passage supports follow.
#[must_use]
pub fn unsupported(language: Language) -> String {
    say(
        language,
        "⚠ 출처에서 확인되지 않은 내용이니 사용 전에 확인하시기 바랍니다:",
        "⚠ Not confirmed by the sources; please check before you rely on it:",
    )
}

/// Above the list of sources.
#[must_use]
pub fn sources(language: Language) -> String {
    say(language, "출처", "Sources")
}

/// What follows a source's title: revision, then section and page, as far as they are known.
#[must_use]
pub fn place(language: Language, citation: &Citation) -> (Option<String>, Vec<String>) {
    let revision = citation
        .revision
        .as_ref()
        .map(|name| crate::i18n::phrase::revision(language, name));
    let page = citation
        .page
        .as_ref()
        .map(|label| crate::i18n::phrase::page(language, label));
    (
        revision,
        citation.section.iter().cloned().chain(page).collect(),
    )
}

fn match_both(korean: &str, english: &str) -> String {
    format!("{korean}\n{english}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::DocumentId;
    use crate::domain::passage::PassageId;
    use crate::i18n::phrase::in_both;

    #[test]
    fn every_sentence_of_both_languages() {
        let said = in_both(|language| {
            vec![
                searching(language),
                reading(language, 1),
                reading(language, 8),
                failed(language, Failure::Search),
                failed(language, Failure::Internal),
                thread_not_read(language),
                unsupported(language),
                sources(language),
            ]
        });
        let to_both = [help_in_both(), command(), command_failed()].join("\n");
        insta::assert_snapshot!(format!("{to_both}\n{said}"));
    }

    #[test]
    fn a_source_is_placed_by_its_revision_its_section_and_its_page() {
        let citation = Citation {
            n: 1,
            doc_id: DocumentId("hx7".to_owned()),
            passage: PassageId("hx7-1".to_owned()),
            title: "HX-7 Manual".to_owned(),
            number: None,
            revision: Some("C".to_owned()),
            page: Some("4-12".to_owned()),
            section: Some("Purge".to_owned()),
            url: None,
            quote: String::new(),
        };
        let placed = |language| {
            let (revision, place) = place(language, &citation);
            (revision.unwrap(), place.join(", "))
        };
        let english = ("rev. C".to_owned(), "Purge, p. 4-12".to_owned());
        let korean = ("개정 C".to_owned(), "Purge, 4-12쪽".to_owned());
        assert_eq!(placed(Language::English), english);
        assert_eq!(placed(Language::Korean), korean);
    }
}
