//! Failure messages for users and admins.

use crate::domain::language::Language;
use crate::domain::language::Language::{English, Korean};
use crate::i18n::phrase::say;

/// Trouble that an admin can do something about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// The language model does not answer, in the words of its client.
    Model(String),
    /// The documents cannot be searched.
    Search,
    /// Answers cannot be posted in this channel, by Slack's own code.
    Channel { channel: String, code: String },
    /// Nothing may be read in this channel.
    NoAccess { channel: String },
}

/// To an admin; `conversation` writes a reference to a conversation.
#[must_use]
pub fn for_admin(
    language: Language,
    trouble: &Trouble,
    conversation: &dyn Fn(&str) -> String,
) -> String {
    match (language, trouble) {
        (Korean, Trouble::Model(reason)) => format!(
            "언어 모델이 응답하지 않아 문서 구절만 인용해 답하고 있습니다({reason}). [llm] 설정과 서버를 확인해 주십시오."
        ),
        (English, Trouble::Model(reason)) => format!(
            "The language model does not answer, so answers only quote passages ({reason}). Please check [llm] and its server."
        ),
        (Korean, Trouble::Search) => {
            "문서를 검색할 수 없어 질문에 답하지 못하고 있습니다. `epibot doctor`로 색인을 확인해 주십시오.".to_owned()
        }
        (English, Trouble::Search) => {
            "The documents cannot be searched, so questions are not answered. Please check the index with `epibot doctor`.".to_owned()
        }
        (Korean, Trouble::Channel { channel, code }) => format!(
            "{} 채널의 질문에 답을 올리지 못했습니다: {}",
            conversation(channel),
            channel_korean(code)
        ),
        (English, Trouble::Channel { channel, code }) => format!(
            "A question in {} was not answered there: {}",
            conversation(channel),
            channel_english(code)
        ),
        (Korean, Trouble::NoAccess { channel }) => format!(
            "{} 채널에는 열람할 수 있는 문서 모음이 없어 질문에 답하지 못했습니다. 설정의 [access]를 확인해 주십시오.",
            conversation(channel)
        ),
        (English, Trouble::NoAccess { channel }) => format!(
            "A question in {} was not answered since no collection may be read there. Please check [access] in the configuration.",
            conversation(channel)
        ),
    }
}

fn channel_korean(code: &str) -> String {
    match code {
        "not_in_channel" | "channel_not_found" => {
            "제가 그 채널의 멤버가 아닙니다. 채널에서 /invite @epibot 으로 초대해 주십시오."
                .to_owned()
        }
        "is_archived" => "보관된 채널입니다.".to_owned(),
        _ if code.starts_with("restricted_action") => {
            "그 채널에는 게시 권한이 제한되어 있습니다. 채널 설정에서 허용해 주십시오.".to_owned()
        }
        _ => format!("Slack이 거부했습니다({code})."),
    }
}

fn channel_english(code: &str) -> String {
    match code {
        "not_in_channel" | "channel_not_found" => {
            "I am not a member of that channel. Invite me there with /invite @epibot.".to_owned()
        }
        "is_archived" => "the channel is archived.".to_owned(),
        _ if code.starts_with("restricted_action") => {
            "posting is restricted in that channel. Allow it in the channel's settings.".to_owned()
        }
        _ => format!("Slack refused it ({code})."),
    }
}

/// To whoever asked in a channel where nothing can be posted; the channel and the question are markup.
#[must_use]
pub fn not_posted(language: Language, channel: &str, code: &str, question: &str) -> String {
    match language {
        Korean => format!(
            "{channel} 채널에서 하신 질문에 답을 올리지 못했습니다. {}\n여기에 다시 질문하셔도 됩니다: “{question}”",
            channel_korean(code)
        ),
        English => format!(
            "I could not post an answer to your question in {channel}. {}\nYou may also ask me here: “{question}”",
            channel_english(code)
        ),
    }
}

/// To whoever asks where no collection may be read.
#[must_use]
pub fn no_access(language: Language) -> String {
    say(
        language,
        "이곳에서 열람할 수 있는 문서 모음이 없어 답해 드릴 수 없습니다. 관리자에게 이 채널의 열람 권한([access])을 요청해 주십시오.",
        "No collection of documents may be read here, so I cannot answer. Please ask your administrator to open one to this channel ([access]).",
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
            let channel = |code: &str| Trouble::Channel {
                channel: "C1".to_owned(),
                code: code.to_owned(),
            };
            let troubles = [
                Trouble::Model("the language model was silent for 60 seconds".to_owned()),
                Trouble::Search,
                channel("not_in_channel"),
                channel("is_archived"),
                channel("restricted_action_read_only_channel"),
                channel("ekm_access_denied"),
                Trouble::NoAccess {
                    channel: "C1".to_owned(),
                },
            ];
            said.extend(
                troubles
                    .iter()
                    .map(|trouble| for_admin(language, trouble, &|id| format!("<#{id}>"))),
            );
            said.push(not_posted(
                language,
                "<#C1>",
                "not_in_channel",
                "purge flow?",
            ));
            said.push(no_access(language));
            said
        });
        insta::assert_snapshot!(said);
    }
}
