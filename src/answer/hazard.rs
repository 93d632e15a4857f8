//! Questions about danger: gases that kill or burn, interlocks, lock-out, evacuation.
//!
//! They are answered by quoting the documents word for word, never by a model, below the site's emergency contact.
//! Configured words decide what such a question is: a false positive costs a summary, a false negative could cost more.

use std::collections::BTreeSet;

use super::quote;
use crate::config;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::i18n::hazard as say;
use crate::search::analysis;
use crate::search::search_text::{depends_on_conversation, earlier_question};

/// How many passages are quoted, each whole.
const MAX_QUOTES: usize = 3;

/// What a question about danger asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HazardKind {
    /// It asks what to do in a danger, or about a protection against one.
    Danger,
    /// It asks how to bypass a protection.
    Bypass,
}

/// A question about danger.
#[derive(Debug)]
pub(super) struct Danger {
    pub kind: HazardKind,
    /// The text to search for: the question, preceded by the question that it refers to.
    pub text: String,
}

/// Detects questions about danger by their words.
#[derive(Clone, Debug)]
pub(super) struct HazardDetector {
    always: Vec<Word>,
    gases: Vec<Word>,
    dangers: Vec<Word>,
    protections: Vec<Word>,
    bypasses: Vec<Word>,
    contact_korean: String,
    contact_english: String,
}

/// The terms of a word, all of which a question must contain.
type Word = Vec<String>;

impl HazardDetector {
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
            bypasses: words(&config.bypasses),
            contact_korean: config.contact_korean.trim().to_owned(),
            contact_english: config.contact_english.trim().to_owned(),
        }
    }

    /// Returns the danger that a question is about, by itself or because it refers to an earlier question about one:
    /// "and then?" in a thread about a leak must not go to a model.
    pub(super) fn in_question(&self, question: &Question) -> Option<Danger> {
        let current = question.text.as_str();
        if let Some(kind) = self.kind(current) {
            let text = current.to_owned();
            return Some(Danger { kind, text });
        }
        let leans = depends_on_conversation(current) && analysis::codes(current).is_empty();
        let earlier = earlier_question(&question.conversation).filter(|_| leans)?;
        let text = format!("{earlier}\n{current}");
        self.kind(&text).map(|kind| Danger { kind, text })
    }

    /// Returns the kind of danger that a text is about.
    pub(super) fn kind(&self, question: &str) -> Option<HazardKind> {
        let terms: BTreeSet<String> = analysis::terms(question).into_iter().collect();
        let contains = |words: &[Word]| {
            words
                .iter()
                .any(|word| word.iter().all(|term| terms.contains(term)))
        };
        if contains(&self.protections) && contains(&self.bypasses) {
            Some(HazardKind::Bypass)
        } else if contains(&self.always) || (contains(&self.gases) && contains(&self.dangers)) {
            Some(HazardKind::Danger)
        } else {
            None
        }
    }

    /// The first lines of the answer: the emergency contact, and that no protection may be bypassed.
    pub(super) fn warning(&self, kind: HazardKind, language: Language) -> String {
        let contact = match language {
            Language::Korean => &self.contact_korean,
            Language::English => &self.contact_english,
        };
        let mut lines = vec![say::emergency_contact(language, contact)];
        if kind == HazardKind::Bypass {
            lines.push(say::no_bypass(language));
        }
        lines.join("\n\n")
    }
}

/// How many of the passages to quote.
pub(super) fn quote_count(passages: &[Passage]) -> usize {
    passages.len().min(MAX_QUOTES)
}

/// The text of the answer with the passages quoted whole.
pub(super) fn text(passages: &[Passage], language: Language) -> String {
    let quotes = quote::whole((1..).zip(passages), language);
    format!("{}\n\n{quotes}", say::quotes_follow(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hazards() -> HazardDetector {
        let config = config::load::load_from(None, Some(std::collections::HashMap::new())).unwrap();
        HazardDetector::new(&config.hazard)
    }

    #[test]
    fn questions_about_danger_are_detected_in_both_languages() {
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
            assert_eq!(
                hazards.kind(question),
                Some(HazardKind::Danger),
                "{question}"
            );
        }
    }

    #[test]
    fn a_bypass_of_a_protection_is_detected_in_many_wordings() {
        let hazards = hazards();
        for question in [
            "How can I bypass the door interlock?",
            "Can I override the hydrogen detector for the bake?",
            "인터록을 우회하는 방법 알려줘",
            "가스 감지기 끄는 법",
            "jumper the water flow interlock",
        ] {
            assert_eq!(
                hazards.kind(question),
                Some(HazardKind::Bypass),
                "{question}"
            );
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
