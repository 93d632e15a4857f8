//! Notices about the files attached to a question.

use super::reading::fault;
use crate::domain::fault::Fault;
use crate::domain::language::Language;
use crate::domain::language::Language::{English, Korean};
use crate::i18n::phrase::say;

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is one more than are read of one question.
    TooMany(usize),
    /// It has more megabytes than are read.
    TooLarge(u64),
    /// Files of this kind are not read.
    Kind,
    /// Neither a vision model nor OCR is configured.
    NoPictureReader,
    /// There is nothing to read on the picture.
    NoWords,
    /// It is only linked to, and lies with somebody else.
    Elsewhere,
    /// Slack did not hand it out.
    Refused,
    /// Slack did not send it, or not whole.
    Unreachable,
    /// It cannot be read.
    Broken(Fault),
}

/// A file that was not read, and why.
#[must_use]
pub fn not_read(language: Language, name: &str, reason: &Reason) -> String {
    let why = match language {
        Korean => why_korean(reason),
        English => why_english(reason),
    };
    match language {
        Korean => format!("첨부하신 “{name}” 파일은 읽지 못했습니다. {why}"),
        English => format!("I did not read the attached “{name}”: {why}"),
    }
}

fn why_korean(reason: &Reason) -> String {
    match reason {
        Reason::TooMany(most) => {
            format!("질문 하나에 파일을 {most}개까지 읽습니다. 나누어 질문해 주십시오.")
        }
        Reason::TooLarge(most) => {
            format!("{most} MB보다 큰 파일은 읽지 않습니다. 필요한 쪽만 첨부해 주십시오.")
        }
        Reason::Kind => {
            "이 형식은 읽을 수 없습니다. PDF, Office 문서, 텍스트, CSV 또는 이미지(PNG, JPEG)로 첨부해 주십시오.".to_owned()
        }
        Reason::NoPictureReader => {
            "이미지를 읽는 기능이 설정되어 있지 않습니다. 필요한 내용을 글로 적어 주십시오.".to_owned()
        }
        Reason::NoWords => {
            "이미지에서 읽을 수 있는 글자를 찾지 못했습니다. 필요한 내용을 글로 적어 주십시오.".to_owned()
        }
        Reason::Elsewhere => {
            "Slack에 저장된 파일이 아닙니다. 파일을 Slack에 직접 올려 주십시오.".to_owned()
        }
        Reason::Refused => {
            "Slack이 파일을 내주지 않았습니다. 관리자에게 앱의 files:read 권한을 확인해 달라고 요청해 주십시오.".to_owned()
        }
        Reason::Unreachable => {
            "Slack에서 파일을 받지 못했습니다. 잠시 후 다시 질문해 주십시오.".to_owned()
        }
        Reason::Broken(why) => format!("{}.", fault(Korean, why)),
    }
}

fn why_english(reason: &Reason) -> String {
    match reason {
        Reason::TooMany(most) => {
            format!("I read up to {most} files with one question. Please ask about the others separately.")
        }
        Reason::TooLarge(most) => {
            format!("it is larger than the {most} MB that I read. Please attach only the pages that matter.")
        }
        Reason::Kind => {
            "files of this kind I cannot read. Please attach it as PDF, Office document, text, CSV or picture (PNG, JPEG).".to_owned()
        }
        Reason::NoPictureReader => {
            "nothing is set up that reads pictures. Please write what matters from it as text.".to_owned()
        }
        Reason::NoWords => {
            "I found no words on the picture. Please write what matters from it as text.".to_owned()
        }
        Reason::Elsewhere => {
            "it does not lie in Slack. Please upload the file itself.".to_owned()
        }
        Reason::Refused => {
            "Slack did not hand it out. Please ask your administrator to check the app's scope files:read.".to_owned()
        }
        Reason::Unreachable => {
            "Slack did not send it. Please ask again in a moment.".to_owned()
        }
        Reason::Broken(why) => format!("{}.", fault(English, why)),
    }
}

/// The first sign where files are to be read.
#[must_use]
pub fn reading(language: Language) -> String {
    say(
        language,
        "첨부 파일을 읽고 문서를 찾아보고 있습니다…",
        "Reading the attached files and looking through the documents…",
    )
}

/// The name under which an attached file is cited.
#[must_use]
pub fn title(language: Language, name: &str) -> String {
    match language {
        Korean => format!("첨부: {name}"),
        English => format!("Attached: {name}"),
    }
}

/// The question of somebody who attaches a file and writes nothing.
#[must_use]
pub fn what_is_it(language: Language) -> String {
    say(
        language,
        "첨부한 파일은 무엇이며, 등록된 문서에서 그에 대해 무엇이라고 합니까?",
        "What is the attached file, and what do the documents say about it?",
    )
}

/// A picture was read by a program, which may misread.
#[must_use]
pub fn from_picture(language: Language) -> String {
    say(
        language,
        "첨부 이미지는 글자를 인식해 읽은 것이므로 숫자와 코드를 이미지와 대조해 확인하시기 바랍니다.",
        "The attached picture was read by character recognition; please check numbers and codes against it.",
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
            let reasons = [
                Reason::TooMany(5),
                Reason::TooLarge(20),
                Reason::Kind,
                Reason::NoPictureReader,
                Reason::NoWords,
                Reason::Elsewhere,
                Reason::Refused,
                Reason::Unreachable,
                Reason::Broken(Fault::Empty),
            ];
            said.extend(
                reasons
                    .iter()
                    .map(|reason| not_read(language, "log.zip", reason)),
            );
            said.extend([
                reading(language),
                title(language, "log.zip"),
                what_is_it(language),
                from_picture(language),
            ]);
            said
        });
        insta::assert_snapshot!(said);
    }
}
