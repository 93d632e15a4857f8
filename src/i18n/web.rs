//! What the web pages say: source pages, error pages and the demo page.

use std::collections::BTreeMap;

use crate::domain::language::Language;

/// The sentences of a page that tells why there is nothing to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub title: String,
    /// What happened, and what to do about it.
    pub text: String,
}

fn pick(language: Language, korean: &str, english: &str) -> String {
    match language {
        Language::Korean => korean,
        Language::English => english,
    }
    .to_owned()
}

fn message(language: Language, korean: [&str; 2], english: [&str; 2]) -> Message {
    Message {
        title: pick(language, korean[0], english[0]),
        text: pick(language, korean[1], english[1]),
    }
}

/// Also what a forged link gets, so that it tells nothing about what exists.
#[must_use]
pub fn not_found(language: Language) -> Message {
    message(
        language,
        [
            "페이지를 찾을 수 없습니다",
            "주소가 완전한지 확인해 주십시오. 답변의 출처 링크를 그대로 누르면 열립니다.",
        ],
        [
            "Page not found",
            "Please check that the address is complete. The source links in an answer open as they are.",
        ],
    )
}

#[must_use]
pub fn link_expired(language: Language) -> Message {
    message(
        language,
        [
            "링크가 만료되었습니다",
            "출처 링크는 정해진 기간 동안만 열립니다. 같은 질문을 다시 하시면 새 링크를 드립니다.",
        ],
        [
            "This link is too old",
            "Source links open for a limited time only. Ask the question again to get a new one.",
        ],
    )
}

/// `document` names what the passage was in, where that is still known.
#[must_use]
pub fn passage_gone(language: Language, document: Option<&str>) -> Message {
    let title = pick(
        language,
        "문서가 변경되었습니다",
        "The document has changed",
    );
    let text = match (language, document) {
        (Language::Korean, Some(document)) => format!(
            "“{document}” 문서가 이 답변 이후에 변경되어, 인용된 부분이 더 이상 없습니다. 현재 내용을 보시려면 다시 질문해 주십시오."
        ),
        (Language::Korean, None) => {
            "인용된 문서가 이 답변 이후에 변경되거나 삭제되었습니다. 현재 내용을 보시려면 다시 질문해 주십시오.".to_owned()
        }
        (Language::English, Some(document)) => format!(
            "“{document}” was changed after this answer was given, and the cited passage is no longer in it. Ask again to see what it says now."
        ),
        (Language::English, None) => {
            "The cited document was changed or taken away after this answer was given. Ask again to see what holds now."
                .to_owned()
        }
    };
    Message { title, text }
}

#[must_use]
pub fn no_such_page(language: Language) -> Message {
    message(
        language,
        [
            "해당 페이지가 없습니다",
            "이 문서에는 요청하신 페이지가 없습니다.",
        ],
        ["No such page", "The document does not have this page."],
    )
}

#[must_use]
pub fn file_missing(language: Language) -> Message {
    message(
        language,
        [
            "원본 파일이 없습니다",
            "문서의 원본 파일이 원래 위치에 없습니다. 옮겨졌거나 삭제되었을 수 있습니다. 문서 관리 담당자에게 문의해 주십시오.",
        ],
        [
            "The file is missing",
            "The document's file is no longer where it was. It may have been moved or deleted; the people who keep the documents can tell.",
        ],
    )
}

#[must_use]
pub fn unavailable(language: Language) -> Message {
    message(
        language,
        [
            "지금은 열 수 없습니다",
            "문제가 기록되었습니다. 잠시 후 다시 시도해 주십시오.",
        ],
        [
            "This cannot be opened right now",
            "The fault has been recorded. Please try again in a moment.",
        ],
    )
}

#[must_use]
pub fn took_too_long(language: Language) -> Message {
    message(
        language,
        [
            "시간이 너무 오래 걸립니다",
            "제한 시간 안에 준비되지 않았습니다. 잠시 후 다시 시도해 주십시오.",
        ],
        [
            "This takes too long",
            "It was not ready in time. Please try again in a moment.",
        ],
    )
}

#[must_use]
pub fn foreign_host(language: Language) -> Message {
    message(
        language,
        [
            "이 컴퓨터에서만 열 수 있습니다",
            "데모 페이지는 실행 중인 컴퓨터에서만 열립니다. 화면에 표시된 127.0.0.1 주소를 사용해 주십시오.",
        ],
        [
            "This page opens on this computer only",
            "The demo answers the computer that it runs on. Use the 127.0.0.1 address that it printed.",
        ],
    )
}

/// Words on a source page, by the name under which its template knows them.
#[must_use]
pub fn source_words(language: Language) -> BTreeMap<&'static str, String> {
    let say = |korean, english| pick(language, korean, english);
    BTreeMap::from([
        ("revision", say("개정", "Revision")),
        ("effective", say("시행일", "Effective")),
        ("page", say("페이지", "Page")),
        ("section", say("위치", "Section")),
        ("previous", say("이전 페이지", "Previous page")),
        ("next", say("다음 페이지", "Next page")),
        ("back", say("인용된 페이지로", "Back to the cited page")),
        ("open_pdf", say("PDF 열기", "Open the PDF")),
        ("zoom", say("확대", "Zoom")),
        ("fit", say("맞춤", "Fit")),
        ("quoted", say("인용된 내용", "The cited passage")),
        ("to_quote", say("인용된 곳으로", "Go to the cited passage")),
        ("pages", say("페이지 이동", "Pages")),
        (
            "ocr",
            say(
                "이미지에서 인식한 글이므로 오인식이 있을 수 있습니다. 원본을 확인해 주십시오.",
                "These words were read from an image and may be misread. Check them against the page.",
            ),
        ),
        (
            "unmarked",
            say(
                "이미지에 인용된 부분을 표시하지 못했습니다. 아래의 인용문을 참고해 주십시오.",
                "The cited words could not be marked on the image; they are quoted below.",
            ),
        ),
        (
            "no_image",
            say(
                "이 서버에서는 페이지 이미지를 만들 수 없습니다. PDF를 열면 해당 페이지가 표시됩니다.",
                "This server cannot draw pages. The PDF opens at the cited page.",
            ),
        ),
        (
            "changed",
            say(
                "문서가 이 답변 이후에 변경되었습니다. 아래는 답변에 사용된 당시의 내용입니다.",
                "The document was changed after this answer was given. Below is the passage as it was when it was cited.",
            ),
        ),
        (
            "shortened",
            say(
                "긴 문서이므로 인용된 곳의 앞뒤만 표시합니다.",
                "The document is long; only what surrounds the cited passage is shown.",
            ),
        ),
    ])
}

/// The description of a page image for those who cannot see it.
#[must_use]
pub fn page_image(language: Language, title: &str, page: &str) -> String {
    match language {
        Language::Korean => format!("{title} {page}페이지 이미지"),
        Language::English => format!("Image of page {page} of {title}"),
    }
}

/// Words on the demo page, by the name under which its template and script know them.
#[must_use]
pub fn demo_words(language: Language) -> BTreeMap<&'static str, String> {
    let say = |korean, english| pick(language, korean, english);
    BTreeMap::from([
        ("title", say("epibot 데모", "epibot demo")),
        (
            "tagline",
            say(
                "매뉴얼과 SOP에서 찾아 출처와 함께 답합니다",
                "Answers from your manuals and SOPs, with sources that open",
            ),
        ),
        (
            "greeting",
            say("무엇을 찾아 드릴까요?", "What would you like to know?"),
        ),
        (
            "introduction",
            say(
                "함께 제공되는 예제 문서에서 답을 찾습니다. 답변의 번호를 누르면 근거가 되는 페이지가 열립니다.",
                "Answers come from the sample documents. Each number in an answer opens the very page it rests on.",
            ),
        ),
        ("examples", say("예시 질문", "Questions to try")),
        ("question", say("질문", "Question")),
        ("placeholder", say("질문을 입력하십시오", "Ask a question")),
        ("send", say("보내기", "Send")),
        ("stop", say("중지", "Stop")),
        ("new", say("새 대화", "New conversation")),
        (
            "hint",
            say(
                "Enter로 보내고, Shift+Enter로 줄을 바꿉니다",
                "Enter sends, Shift+Enter starts a new line",
            ),
        ),
        ("conversation", say("대화", "Conversation")),
        ("you", say("나", "You")),
        (
            "searching",
            say("문서를 검색하고 있습니다…", "Searching the documents…"),
        ),
        (
            "reading",
            say("찾은 부분을 읽고 있습니다…", "Reading the passages found…"),
        ),
        (
            "writing",
            say("답변을 작성하고 있습니다…", "Writing the answer…"),
        ),
        (
            "done",
            say("답변이 완료되었습니다.", "The answer is complete."),
        ),
        ("stopped", say("중지되었습니다.", "Stopped.")),
        ("sources", say("출처", "Sources")),
        ("source", say("출처", "Source")),
        ("revision", say("개정", "Rev.")),
        ("page", say("p.", "p.")),
        (
            "unsupported",
            say(
                "출처에서 확인되지 않은 내용",
                "Not supported by the sources",
            ),
        ),
        ("close", say("닫기", "Close")),
        ("new_tab", say("새 탭에서 열기", "Open in a new tab")),
        ("retry", say("다시 시도", "Try again")),
        (
            "unreachable",
            say(
                "서버에 연결할 수 없습니다. 데모가 실행 중인지 확인한 후 다시 시도해 주십시오.",
                "The server cannot be reached. Check that the demo is still running, then try again.",
            ),
        ),
        (
            "cut_off",
            say(
                "답변이 도중에 끊겼습니다. 다시 시도해 주십시오.",
                "The answer was cut off. Please try again.",
            ),
        ),
    ])
}

#[must_use]
pub fn empty_question(language: Language) -> String {
    pick(
        language,
        "질문이 비어 있습니다. 질문을 입력해 주십시오.",
        "The question is empty. Please type one.",
    )
}

/// `limit` is in characters.
#[must_use]
pub fn question_too_long(language: Language, limit: usize) -> String {
    match language {
        Language::Korean => format!("질문이 너무 깁니다. {limit}자 이내로 줄여 주십시오."),
        Language::English => {
            format!("The question is too long. Please keep it within {limit} characters.")
        }
    }
}

#[must_use]
pub fn unreadable_request(language: Language) -> String {
    pick(
        language,
        "요청을 읽을 수 없습니다. 페이지를 새로 고친 후 다시 시도해 주십시오.",
        "The request could not be read. Please reload the page and try again.",
    )
}

#[must_use]
pub fn answer_failed(language: Language) -> String {
    pick(
        language,
        "답변하지 못했습니다. 문제가 기록되었습니다. 잠시 후 다시 시도해 주십시오.",
        "The question could not be answered. The fault has been recorded; please try again in a moment.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::phrase::in_both;

    #[test]
    fn every_sentence_of_both_languages() {
        let said = in_both(|language| {
            let mut said = Vec::new();
            let messages = [
                not_found(language),
                link_expired(language),
                passage_gone(language, None),
                passage_gone(language, Some("manual.pdf")),
                no_such_page(language),
                file_missing(language),
                unavailable(language),
                took_too_long(language),
                foreign_host(language),
            ];
            said.extend(messages.map(|message| format!("{}: {}", message.title, message.text)));
            let words = [source_words(language), demo_words(language)];
            let words = words.into_iter().flatten();
            said.extend(words.map(|(name, words)| format!("{name}: {words}")));
            said.extend([
                page_image(language, "HX-7 Manual", "4-12"),
                empty_question(language),
                question_too_long(language, 4_000),
                unreadable_request(language),
                answer_failed(language),
            ]);
            said
        });
        insta::assert_snapshot!(said);
    }
}
