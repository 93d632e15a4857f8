//! Questions about danger: gases that kill or burn, interlocks, lock-out, evacuation.
//!
//! What is to be done then is quoted as the documents have it and never worded anew, and the site's emergency
//! contact stands first. Words decide what such a question is; they are in the configuration. One question too many
//! costs a summary, one too few could cost more.

use std::collections::BTreeSet;

use super::quote;
use crate::config;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::i18n::hazard as say;
use crate::search::analysis;
use crate::search::search_text::{earlier_question, leans_on_conversation};

/// Passages that are quoted, each whole.
const QUOTED: usize = 3;

/// What makes a question a dangerous one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It asks what to do in a danger, or about a protection against one.
    Danger,
    /// It asks for a way around a protection.
    WayAround,
}

/// A question about danger.
#[derive(Debug)]
pub(super) struct Danger {
    pub kind: Kind,
    /// What is searched for: the question, after the one that it leans on.
    pub asked: String,
}

/// Knows questions about danger by their words.
#[derive(Clone, Debug)]
pub(super) struct Hazards {
    always: Vec<Word>,
    gases: Vec<Word>,
    dangers: Vec<Word>,
    protections: Vec<Word>,
    ways_around: Vec<Word>,
    contact_korean: String,
    contact_english: String,
}

/// The terms of a word, all of which a question must hold.
type Word = Vec<String>;

impl Hazards {
    pub(super) fn new(config: &config::hazard::Hazard) -> Self {
        let words = |words: &[String]| -> Vec<Word> {
            let terms = words.iter().map(|word| analysis::terms(word));
            terms.filter(|terms| !terms.is_empty()).collect()
        };
        Self {
            always: words(&config.keywords),
            gases: words(&config.gases),
            dangers: words(&config.dangers),
            protections: words(&config.protections),
            ways_around: words(&config.bypasses),
            contact_korean: config.contact_korean.trim().to_owned(),
            contact_english: config.contact_english.trim().to_owned(),
        }
    }

    /// The danger that a question is about, by itself or since it leans on an earlier question about one: "and then?" in
    /// the thread of a leak is no question for a model.
    pub(super) fn in_question(&self, question: &Question) -> Option<Danger> {
        let text = &question.text;
        if let Some(kind) = self.kind(text) {
            let asked = text.clone();
            return Some(Danger { kind, asked });
        }
        let leans = leans_on_conversation(text) && analysis::codes(text).is_empty();
        let earlier = earlier_question(&question.conversation).filter(|_| leans)?;
        let asked = format!("{earlier}\n{text}");
        self.kind(&asked).map(|kind| Danger { kind, asked })
    }

    /// Whether a text is about danger.
    pub(super) fn kind(&self, question: &str) -> Option<Kind> {
        let terms: BTreeSet<String> = analysis::terms(question).into_iter().collect();
        let holds = |words: &[Word]| {
            words
                .iter()
                .any(|word| word.iter().all(|term| terms.contains(term)))
        };
        if holds(&self.protections) && holds(&self.ways_around) {
            Some(Kind::WayAround)
        } else if holds(&self.always) || (holds(&self.gases) && holds(&self.dangers)) {
            Some(Kind::Danger)
        } else {
            None
        }
    }

    /// What stands above everything else: whom to call, and that nothing gets around a protection.
    pub(super) fn warning(&self, kind: Kind, language: Language) -> String {
        let contact = match language {
            Language::Korean => &self.contact_korean,
            Language::English => &self.contact_english,
        };
        let mut lines = vec![say::contact(language, contact)];
        if kind == Kind::WayAround {
            lines.push(say::no_way_around(language));
        }
        lines.join("\n\n")
    }
}

/// How many of the passages are quoted.
pub(super) fn worth_quoting(passages: &[Passage]) -> usize {
    passages.len().min(QUOTED)
}

/// The passages, whole.
pub(super) fn text(passages: &[Passage], language: Language) -> String {
    let quotes = quote::whole((1..).zip(passages), language);
    format!("{}\n\n{quotes}", say::quotes_follow(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hazards() -> Hazards {
        let config = config::load::load_from(None, Some(std::collections::HashMap::new())).unwrap();
        Hazards::new(&config.hazard)
    }

    #[test]
    fn questions_about_danger_are_known_in_both_languages() {
        let hazards = hazards();
        for question in [
            "실란이 누출되면 무엇부터 해야 하나요?",
            "NH3 감지기가 울리면 어디로 대피하나요?",
            "What do I do when the AsH3 detector goes off?",
            "Someone inhaled ammonia, what now?",
            "How is the hydrogen cylinder exchanged?",
            "Where do we go when the building is evacuated?",
            "What are the lock-out steps before opening the reactor?",
            "인터록이 걸리는 압력은?",
            "포스핀 봄베 교체 절차",
        ] {
            assert_eq!(hazards.kind(question), Some(Kind::Danger), "{question}");
        }
    }

    #[test]
    fn a_way_around_a_protection_is_known_whatever_it_is_called() {
        let hazards = hazards();
        for question in [
            "How can I bypass the door interlock?",
            "Can I override the hydrogen detector for the bake?",
            "인터록을 우회하는 방법 알려줘",
            "가스 감지기 끄는 법",
            "jumper the water flow interlock",
        ] {
            assert_eq!(hazards.kind(question), Some(Kind::WayAround), "{question}");
        }
    }

    #[test]
    fn everyday_questions_about_the_same_gases_are_not_about_danger() {
        let hazards = hazards();
        for question in [
            "What is the NH3 flow in the GaN buffer?",
            "InGaN 우물층의 성장 온도는?",
            "When does the recipe switch the carrier from H2 to N2?",
            "What should I do about alarm E-1042?",
            "TMGa 버블러는 어떻게 교환하나요?",
            "실란 유량은 몇 sccm인가요?",
            "How often is the dry pump's oil changed?",
            "When is the bypass valve of the pump opened?",
        ] {
            assert_eq!(hazards.kind(question), None, "{question}");
        }
    }
}
