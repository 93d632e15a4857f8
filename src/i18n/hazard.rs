//! Sentences of answers to questions about danger, in addition to the approved text.

use crate::domain::language::Language;
use crate::domain::language::Language::{English, Korean};
use crate::i18n::phrase::say;

/// Whom to call; `contact` is as configured, and may be empty.
#[must_use]
pub fn emergency_contact(language: Language, contact: &str) -> String {
    match (language, contact) {
        (Korean, "") => "**위험한 상황이면 먼저 대피하고, 사업장의 비상 연락처로 알리십시오.** 여기에는 비상 연락처가 등록되어 있지 않습니다.".to_owned(),
        (English, "") => "**In danger, get out first and call your site's emergency number.** None is configured here.".to_owned(),
        (Korean, contact) => format!("**위험한 상황이면 먼저 대피하고 알리십시오: {contact}**"),
        (English, contact) => format!("**In danger, get out first, then call: {contact}**"),
    }
}

/// No protection may be bypassed.
#[must_use]
pub fn no_bypass(language: Language) -> String {
    say(
        language,
        "인터록이나 감지기를 우회하거나 무력화하는 방법은 안내하지 않습니다. 해제가 필요하면 안전 담당자의 승인을 받으십시오.",
        "I do not help to get around an interlock or a detector. If one has to be released, your safety officer decides.",
    )
}

/// Above the quoted passages.
#[must_use]
pub fn quotes_follow(language: Language) -> String {
    say(
        language,
        "안전에 관한 질문에는 등록된 문서의 문장을 그대로 옮기며, 아무것도 덧붙이지 않습니다.",
        "On questions of safety the documents are quoted word for word, and nothing is added.",
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
                emergency_contact(language, ""),
                emergency_contact(language, "5119"),
                no_bypass(language),
                quotes_follow(language),
            ]
        });
        insta::assert_snapshot!(said);
    }
}
