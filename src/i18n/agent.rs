//! What epibot says in direct messages before anything is asked.

use crate::domain::language::Language;
use crate::i18n::phrase::say;

/// To whoever opens the conversation for the first time.
#[must_use]
pub fn greeting(language: Language) -> String {
    say(
        language,
        "안녕하세요. 매뉴얼과 작업 표준서, 레시피에서 답을 찾아 출처와 함께 알려 드립니다. 한국어나 영어로 질문해 주십시오. \
         알람 화면 사진이나 파일을 함께 올리셔도 됩니다. 문서에 답이 없으면 없다고 말씀드립니다.",
        "Hello. I look things up in the manuals, procedures and recipes and answer with sources. Ask me in English or \
         Korean. You may attach a picture of an alarm or a file. Where the documents do not hold the answer, I say so.",
    )
}

/// Above the suggested questions.
#[must_use]
pub fn suggestions(language: Language) -> String {
    say(
        language,
        "이렇게 질문해 보십시오",
        "Questions to begin with",
    )
}

/// Behind our name, while the documents are searched.
#[must_use]
pub fn status(language: Language) -> String {
    say(
        language,
        "문서를 찾아보고 있습니다…",
        "is looking through the documents…",
    )
}

#[must_use]
pub fn about_alarm(language: Language, code: &str) -> String {
    match language {
        Language::Korean => format!("{code} 알람이 뜨면 어떻게 해야 합니까?"),
        Language::English => format!("What should I do about alarm {code}?"),
    }
}

#[must_use]
pub fn about_recipe(language: Language, name: &str) -> String {
    match language {
        Language::Korean => format!("{name} 레시피의 성장 온도는?"),
        Language::English => format!("What is the growth temperature in {name}?"),
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
                greeting(language),
                suggestions(language),
                status(language),
                about_alarm(language, "E-1042"),
                about_recipe(language, "LED450"),
            ]
        });
        insta::assert_snapshot!(said);
    }
}
