//! What the slash command replies.

use crate::domain::language::Language;
use crate::domain::language::Language::{English, Korean};
use crate::i18n::phrase::say;

#[must_use]
pub fn help(language: Language, command: &str) -> String {
    match language {
        Korean => format!(
            "• `{command} search 검색어` – 언어 모델 없이 문서 구절을 찾아 보여 드립니다\n\
             • `{command} sources` – 등록된 문서와 최근 반영 시각\n\
             • `{command} status` – 색인, 언어 모델, 이 채널의 설정\n\
             • `{command} feedback 의견` – 관리자에게 의견을 남깁니다\n\
             질문은 채널에서 저를 멘션하시거나 다이렉트 메시지로 보내 주십시오."
        ),
        English => format!(
            "• `{command} search WORDS` – finds passages of the documents, without a language model\n\
             • `{command} sources` – what is indexed, and how fresh it is\n\
             • `{command} status` – the index, the language model, and the rules of this channel\n\
             • `{command} feedback REMARK` – leaves a remark for the administrators\n\
             To ask a question, mention me in a channel or send me a direct message."
        ),
    }
}

/// Above the passages of a search.
#[must_use]
pub fn found(language: Language, question: &str, is_enough: bool) -> String {
    match (language, is_enough) {
        (Korean, true) => {
            format!("“{question}” 검색 결과입니다. 이 메시지는 본인에게만 보입니다.")
        }
        (Korean, false) => format!(
            "“{question}”에 꼭 맞는 구절은 없습니다. 가장 가까운 구절입니다. 이 메시지는 본인에게만 보입니다."
        ),
        (English, true) => format!("Passages on “{question}”. Only you see this message."),
        (English, false) => format!(
            "Nothing fits “{question}” well; these passages come closest. Only you see this message."
        ),
    }
}

#[must_use]
pub fn found_nothing(language: Language, question: &str) -> String {
    match language {
        Korean => format!(
            "“{question}” 검색 결과가 없습니다. 문서에 적힌 표현을 그대로 넣어 다시 검색해 주십시오."
        ),
        English => format!(
            "Nothing was found on “{question}”. Search again with the words of the document."
        ),
    }
}

/// Above the list of sources.
#[must_use]
pub fn sources(language: Language) -> String {
    say(
        language,
        "*이곳에서 열람할 수 있는 문서*",
        "*Documents that may be read here*",
    )
}

#[must_use]
pub fn index(language: Language, passages: u64) -> String {
    match language {
        Korean => format!("색인: 정상, 문서 구절 {passages}개"),
        English => format!("Index: works, {passages} passages"),
    }
}

#[must_use]
pub fn no_index(language: Language) -> String {
    say(
        language,
        "⚠️ 색인: 응답하지 않습니다. 관리자에게 알려 주십시오.",
        "⚠️ Index: does not answer. Please tell your administrator.",
    )
}

#[must_use]
pub fn no_model(language: Language) -> String {
    say(
        language,
        "언어 모델: 설정되어 있지 않아 문서 구절을 그대로 인용합니다",
        "Language model: none is configured, so passages are quoted",
    )
}

#[must_use]
pub fn model(language: Language, name: &str) -> String {
    match language {
        Korean => format!("언어 모델: {name}"),
        English => format!("Language model: {name}"),
    }
}

#[must_use]
pub fn model_down(language: Language, name: &str, reason: &str) -> String {
    match language {
        Korean => format!("⚠️ 언어 모델: {name}, 마지막 질문에 응답하지 않았습니다({reason})"),
        English => format!("⚠️ Language model: {name}, which did not answer last time ({reason})"),
    }
}

#[must_use]
pub fn waiting(language: Language, jobs: u64) -> String {
    match language {
        Korean => format!("처리 중인 작업: {jobs}건"),
        English => format!("Work in hand: {jobs}"),
    }
}

#[must_use]
pub fn not_a_member(language: Language) -> String {
    say(
        language,
        "⚠️ 저는 이 채널의 멤버가 아니어서 여기서 답할 수 없습니다. /invite @epibot 으로 초대해 주십시오.",
        "⚠️ I am not a member of this channel and cannot answer here. Invite me with /invite @epibot.",
    )
}

#[must_use]
pub fn mentions_only(language: Language) -> String {
    say(
        language,
        "이 채널에서는 멘션하신 질문에만 답합니다",
        "In this channel I answer only where I am mentioned",
    )
}

#[must_use]
pub fn every_question(language: Language) -> String {
    say(
        language,
        "이 채널에서는 멘션 없이도 모든 질문에 답합니다",
        "In this channel I answer every question, mentioned or not",
    )
}

#[must_use]
pub fn reads_everything(language: Language) -> String {
    say(
        language,
        "열람 범위: 등록된 문서 전체",
        "May be read here: all documents",
    )
}

#[must_use]
pub fn reads(language: Language, collections: &str) -> String {
    match language {
        Korean => format!("열람 범위: {collections} 문서 모음"),
        English => format!("May be read here: the collections {collections}"),
    }
}

/// Questions that are answered in a minute.
#[must_use]
pub fn limits(language: Language, per_user: usize, per_channel: usize) -> String {
    match language {
        Korean => {
            format!("1분에 한 사람당 {per_user}건, 채널당 {per_channel}건까지 질문에 답합니다")
        }
        English => format!(
            "Up to {per_user} questions a minute from one person and {per_channel} in one channel are answered"
        ),
    }
}

#[must_use]
pub fn how_to_remark(language: Language, command: &str) -> String {
    match language {
        Korean => format!(
            "`{command} feedback` 뒤에 의견을 적어 주십시오. 답변 하나에 대한 의견은 답변 아래 👍 👎 단추로 남기실 수 있습니다."
        ),
        English => format!(
            "Write your remark behind `{command} feedback`. What you think of a single answer you can say with the buttons 👍 👎 below it."
        ),
    }
}

#[must_use]
pub fn remarked(language: Language) -> String {
    say(
        language,
        "의견을 관리자에게 남겼습니다. 감사합니다.",
        "Thank you; I have kept your remark for the administrators.",
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
                help(language, "/epibot"),
                found(language, "purge flow", true),
                found(language, "purge flow", false),
                found_nothing(language, "purge flow"),
                sources(language),
                index(language, 810),
                no_index(language),
                no_model(language),
                model(language, "qwen3:32b"),
                model_down(language, "qwen3:32b", "silent"),
                waiting(language, 2),
                not_a_member(language),
                mentions_only(language),
                every_question(language),
                reads_everything(language),
                reads(language, "manuals, recipes"),
                limits(language, 10, 30),
                how_to_remark(language, "/epibot"),
                remarked(language),
            ]
        });
        insta::assert_snapshot!(said);
    }
}
