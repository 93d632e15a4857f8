//! What the home tab says.

use crate::domain::language::Language;
use crate::domain::language::Language::{English, Korean};
use crate::i18n::phrase::say;

#[must_use]
pub fn title(language: Language) -> String {
    say(language, "epibot에게 묻기", "Ask epibot")
}

#[must_use]
pub fn how_to_ask(language: Language) -> String {
    say(
        language,
        "• 채널에서 저를 멘션하고 질문하시거나, 메시지 탭에서 바로 질문해 주십시오.\n\
         • 제가 답한 스레드에서는 멘션 없이 이어서 질문하실 수 있습니다.\n\
         • 파일이나 알람 화면 사진을 질문에 첨부하시면 그 질문에 한해 읽습니다.\n\
         • 출처의 링크를 누르면 인용한 바로 그 쪽이 열립니다.",
        "• Mention me in a channel with your question, or write to me in the Messages tab.\n\
         • In a thread that I have answered in, go on without mentioning me.\n\
         • Attach a file or a picture of an alarm to a question, and I read it for that question.\n\
         • The link of a source opens the very page that is cited.",
    )
}

#[must_use]
pub fn examples(language: Language) -> String {
    say(language, "예를 들면", "For example")
}

#[must_use]
pub fn documents(language: Language) -> String {
    say(language, "등록된 문서", "What I answer from")
}

#[must_use]
pub fn no_documents(language: Language) -> String {
    say(
        language,
        "열람하실 수 있는 문서가 아직 없습니다. 관리자에게 문의해 주십시오.",
        "There are no documents yet that you may read. Please ask your administrator.",
    )
}

/// A source, its number of documents and pages, and when it last changed.
#[must_use]
pub fn source(
    language: Language,
    name: &str,
    documents: u64,
    pages: u64,
    newest: Option<&str>,
) -> String {
    let documents = match (language, documents) {
        (Korean, _) => format!("문서 {documents}건"),
        (English, 1) => "1 document".to_owned(),
        (English, _) => format!("{documents} documents"),
    };
    let pages = match language {
        _ if pages == 0 => String::new(),
        Korean => format!(", {pages}쪽"),
        English if pages == 1 => ", 1 page".to_owned(),
        English => format!(", {pages} pages"),
    };
    let newest = match (language, newest) {
        (_, None) => String::new(),
        (Korean, Some(newest)) => format!(" · 최근 반영 {newest}"),
        (English, Some(newest)) => format!(" · newest from {newest}"),
    };
    format!("*{name}* · {documents}{pages}{newest}")
}

#[must_use]
pub fn more_sources(language: Language, more: usize) -> String {
    match language {
        Korean => format!("그 밖에 {more}개 출처가 더 있습니다."),
        English if more == 1 => "… and one more source.".to_owned(),
        English => format!("… and {more} more sources."),
    }
}

#[must_use]
pub fn reads_everything(language: Language) -> String {
    say(
        language,
        "다이렉트 메시지에서는 등록된 문서를 모두 열람하실 수 있습니다.",
        "In direct messages you may ask about all of them.",
    )
}

#[must_use]
pub fn reads(language: Language, collections: &str) -> String {
    match language {
        Korean => format!("다이렉트 메시지에서 열람하실 수 있는 문서 모음: {collections}"),
        English => format!("In direct messages you may ask about the collections {collections}."),
    }
}

/// Reindexing is under way; how many files are to be looked into is not known at the beginning.
#[must_use]
pub fn reindexing(language: Language, done: usize, total: usize) -> String {
    match language {
        _ if total == 0 => say(
            language,
            "지금 색인하고 있습니다: 바뀐 문서를 찾는 중입니다",
            "Indexing right now: looking for what changed",
        ),
        Korean => format!("지금 색인하고 있습니다: {total}개 파일 중 {done}개"),
        English => format!("Indexing right now: {done} of {total} files"),
    }
}

/// When reindexing last ended, and what it brought.
#[must_use]
pub fn reindexed(
    language: Language,
    ended: &str,
    changed: usize,
    removed: usize,
    failed: usize,
) -> String {
    match language {
        Korean => format!(
            "마지막 색인: {ended} (반영 {changed}건, 삭제 {removed}건, 읽지 못한 파일 {failed}건)"
        ),
        English => format!(
            "Last indexed: {ended} ({changed} added or changed, {removed} removed, {failed} unreadable)"
        ),
    }
}

#[must_use]
pub fn not_reindexed(language: Language) -> String {
    say(
        language,
        "프로그램을 시작한 뒤 아직 색인이 끝나지 않았습니다.",
        "Nothing has been indexed since the program started.",
    )
}

#[must_use]
pub fn week(language: Language) -> String {
    say(
        language,
        "관리자에게: 지난 7일",
        "For administrators: the last 7 days",
    )
}

/// Answers, unanswered questions, helpful and unhelpful votes; then questions that failed.
#[must_use]
pub fn counts(
    language: Language,
    [answers, unanswered, helpful, unhelpful]: [u64; 4],
    failed: u64,
) -> String {
    match language {
        Korean => format!(
            "답변 {answers}건 · 답을 찾지 못한 질문 {unanswered}건 · 👍 {helpful} · 👎 {unhelpful} · 처리하지 못한 질문 {failed}건"
        ),
        English => format!(
            "Answers: {answers} · not in the documents: {unanswered} · 👍 {helpful} · 👎 {unhelpful} · failed: {failed}"
        ),
    }
}

#[must_use]
pub fn model_trouble(language: Language, reason: &str) -> String {
    match language {
        Korean => format!("⚠️ 언어 모델이 응답하지 않습니다: {reason}"),
        English => format!("⚠️ The language model does not answer: {reason}"),
    }
}

#[must_use]
pub fn unanswered(language: Language) -> String {
    say(
        language,
        "문서에서 답을 찾지 못한 질문",
        "Questions that the documents did not answer",
    )
}

#[must_use]
pub fn unhelpful(language: Language) -> String {
    say(
        language,
        "도움이 안 되었다는 답변과 의견",
        "Answers that were not helpful, and remarks",
    )
}

#[must_use]
pub fn unreadable(language: Language) -> String {
    say(language, "읽지 못한 파일", "Files that cannot be read")
}

#[must_use]
pub fn languages(language: Language) -> String {
    say(
        language,
        "한국어와 영어로 답하며, 질문하신 언어로 답합니다. 이 화면은 Slack에서 사용하시는 언어를 따릅니다.",
        "I answer in Korean and English, in the language of the question. This page follows the language of your Slack.",
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
                title(language),
                how_to_ask(language),
                examples(language),
                documents(language),
                no_documents(language),
                source(language, "manuals", 1, 0, None),
                source(language, "manuals", 1, 1, None),
                source(language, "manuals", 12, 240, Some("2026-01-15 09:00 UTC")),
                more_sources(language, 1),
                more_sources(language, 3),
                reads_everything(language),
                reads(language, "manuals, recipes"),
                reindexing(language, 0, 0),
                reindexing(language, 4, 12),
                reindexed(language, "2026-01-15 09:00 UTC", 3, 1, 2),
                not_reindexed(language),
                week(language),
                counts(language, [40, 3, 9, 1], 2),
                model_trouble(language, "silent"),
                unanswered(language),
                unhelpful(language),
                unreadable(language),
                languages(language),
            ]
        });
        insta::assert_snapshot!(said);
    }
}
