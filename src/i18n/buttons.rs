//! The buttons below an answer, and what they say.

use crate::domain::language::Language;
use crate::i18n::phrase::say;

#[must_use]
pub fn helpful(language: Language) -> String {
    say(language, "👍 도움이 됨", "👍 Helpful")
}

#[must_use]
pub fn unhelpful(language: Language) -> String {
    say(language, "👎 도움이 안 됨", "👎 Not helpful")
}

#[must_use]
pub fn show_passages(language: Language) -> String {
    say(language, "원문 보기", "Show passages")
}

#[must_use]
pub fn ask_person(language: Language) -> String {
    say(language, "담당자에게 묻기", "Ask a person")
}

/// A question about a section that was found but not used.
#[must_use]
pub fn proposed(language: Language, title: &str, section: &str) -> String {
    match language {
        Language::Korean => format!("{title} 문서의 “{section}” 내용은 무엇입니까?"),
        Language::English => format!("What does {title} say under “{section}”?"),
    }
}

#[must_use]
pub fn thanks(language: Language) -> String {
    say(
        language,
        "의견을 주셔서 감사합니다.",
        "Thank you for telling me.",
    )
}

/// The texts of the dialog in which a person may say what was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentDialog {
    pub title: String,
    pub send: String,
    pub close: String,
    pub label: String,
    pub hint: String,
}

#[must_use]
pub fn comment_dialog(language: Language) -> CommentDialog {
    CommentDialog {
        title: say(language, "답변 의견", "About this answer"),
        send: say(language, "보내기", "Send"),
        close: say(language, "닫기", "Close"),
        label: say(
            language,
            "무엇이 잘못되었습니까?",
            "What was wrong with it?",
        ),
        hint: say(
            language,
            "적지 않으셔도 됩니다. 관리자가 문서를 개선하는 데 사용합니다.",
            "You may leave this empty. The people in charge of the documents read it.",
        ),
    }
}

#[must_use]
pub fn passages_follow(language: Language) -> String {
    say(
        language,
        "이 답변에 쓰인 원문입니다. 이 메시지는 본인에게만 보입니다.",
        "The passages that this answer was drawn from. Only you see this message.",
    )
}

#[must_use]
pub fn pages_follow(language: Language) -> String {
    say(
        language,
        "인용한 쪽입니다. 인용한 부분에 표시해 두었습니다. 이 메시지는 본인에게만 보입니다.",
        "The cited pages, with the cited words marked. Only you see this message.",
    )
}

#[must_use]
pub fn passages_not_kept(language: Language) -> String {
    say(
        language,
        "이 답변의 원문은 더 이상 보관되어 있지 않습니다. 출처의 링크를 이용하시거나 다시 질문해 주십시오.",
        "The passages of this answer are no longer kept. Please use the links of its sources, or ask again.",
    )
}

#[must_use]
pub fn nobody_to_ask(language: Language) -> String {
    say(
        language,
        "이 질문의 담당자가 정해져 있지 않습니다. 관리자에게 문의해 주시기 바랍니다.",
        "Nobody is named for questions like this. Please ask your administrator.",
    )
}

#[must_use]
pub fn passed_on(language: Language) -> String {
    say(
        language,
        "담당자에게 질문을 전달합니다. 답변은 이 스레드에서 받으실 수 있습니다.",
        "I am passing the question on. The person in charge will find this thread.",
    )
}

#[must_use]
pub fn passed_on_before(language: Language) -> String {
    say(
        language,
        "이 질문은 이미 담당자에게 전달되었습니다.",
        "This question has been passed on already.",
    )
}

/// The label of the link to the thread of a question.
#[must_use]
pub fn open_thread(language: Language) -> String {
    say(language, "스레드 열기", "Open the thread")
}

/// To an expert: who asks, and the link to the thread. Both are markup.
#[must_use]
pub fn consult(language: Language, person: &str, link: Option<&str>) -> String {
    let link = link.map(|link| format!(" {link}")).unwrap_or_default();
    match language {
        Language::Korean => format!("{person} 님이 담당자의 답변을 기다립니다.{link}"),
        Language::English => format!("{person} would like an answer from a person.{link}"),
    }
}

#[must_use]
pub fn consulted_question(language: Language) -> String {
    say(language, "질문", "Question")
}

#[must_use]
pub fn consulted_answer(language: Language) -> String {
    say(language, "epibot의 답변", "epibot's answer")
}

/// Into the thread, once the expert has been notified.
#[must_use]
pub fn consulted(language: Language) -> String {
    say(
        language,
        "담당자에게 이 질문을 전달했습니다.",
        "I have passed this question on to the person in charge.",
    )
}

/// To whoever asks more than is answered in a minute.
#[must_use]
pub fn too_many(language: Language) -> String {
    say(
        language,
        "짧은 시간에 질문이 많이 들어와 이 질문에는 아직 답해 드리지 못했습니다. 1분쯤 뒤에 다시 질문해 주십시오.",
        "Many questions have come in within a short time, and I have not answered this one. Please ask it again in a minute.",
    )
}

/// Above the answer to a question that a button asked.
#[must_use]
pub fn asked_by_button(language: Language, question: &str) -> String {
    match language {
        Language::Korean => format!("질문: {question}"),
        Language::English => format!("Question: {question}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::phrase::in_both;

    #[test]
    fn every_sentence_of_both_languages() {
        let said = in_both(|language| {
            vec![
                helpful(language),
                unhelpful(language),
                show_passages(language),
                ask_person(language),
                proposed(language, "HX-7 Manual", "Purge"),
                thanks(language),
                format!("{:?}", comment_dialog(language)),
                passages_follow(language),
                pages_follow(language),
                passages_not_kept(language),
                nobody_to_ask(language),
                passed_on(language),
                passed_on_before(language),
                consult(
                    language,
                    "<@U1>",
                    Some(&format!(
                        "<https://solmaru.slack.com/p1|{}>",
                        open_thread(language)
                    )),
                ),
                consult(language, "<@U1>", None),
                consulted_question(language),
                consulted_answer(language),
                consulted(language),
                too_many(language),
                asked_by_button(language, "purge flow?"),
            ]
        });
        insta::assert_snapshot!(said);
    }
}
