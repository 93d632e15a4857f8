//! Whether what was found may hold the answer.
//!
//! The question is taken apart into words, each of which counts by how telling it is. A passage that answers holds
//! most of them, and holds them close together. A word that stands in no document at all, such as the name of
//! something that is never spoken of, weighs most against an answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::language::{Language, is_hangul};
use crate::domain::passage::Passage;
use crate::domain::units::question::QUANTITIES;
use crate::search::analysis;
use crate::search::index;
use crate::search::index::{Found, Phrase};

/// Hits that are looked at; what stands further down is not what an answer is drawn from.
const HITS: usize = 5;
/// The part of a passage in which words stand close together, in characters.
const WINDOW: usize = 320;
/// How much a word counts that says little: the predicate at the end of a Korean question, a general verb.
const WEAK: f32 = 0.3;
/// How much a word counts in a passage in whose language nobody knows how to say it.
const FOREIGN: f32 = 0.5;
/// How much it says against an answer that no document holds a word of the question, beside that this passage does not.
const UNHEARD_WEIGHT: f32 = 0.4;
/// What is left of the evidence where the question names a code that no document holds.
const UNKNOWN_CODE: f32 = 0.5;
/// The share of a word's terms that must be there for the word to be there.
const HELD: f32 = 0.6;
/// The share of a word's terms that other words must stand for to stand for the word.
const MEANT: f32 = 0.5;

/// Beginnings of Korean words that ask, or only hold a sentence together.
const ASKING: &[&str] = &[
    "몇", "얼마", "언제", "어디", "무엇", "무슨", "뭐", "뭘", "뭔", "누가", "누구", "어떻", "어떤",
    "어느", "왜", "며칠",
];
/// Korean words that say little by themselves.
const WEAK_KOREAN: &[&str] = &[
    "때", "후", "전", "뒤", "동안", "위", "아래", "안", "밖", "다음", "바로", "다시", "새", "새로",
    "총", "때는", "전에", "후에", "뒤에", "중", "중에", "나면", "나서", "이면", "바로", "우리",
    "현재", "지금", "좀", "더", "다", "잘", "꼭", "미만", "이상", "이하", "초과", "정도", "보통",
    "뜻", "방법", "경우", "데", "것", "게", "수", "번", "개", "한", "두", "세", "네",
];
/// Beginnings of Korean verbs that say little by themselves.
const WEAK_VERBS: &[&str] = &[
    "하", "해", "했", "할", "한", "되", "돼", "됐", "될", "된", "있", "없", "같", "괜찮", "보이",
    "봐", "볼", "쓸", "써", "쓰", "걸리", "걸려", "나오", "나왔", "나와", "나가", "뜨", "떴",
    "알려", "부탁", "싶", "넣", "올려", "올라", "올랐", "주세", "받", "두", "둬", "가져", "설명",
    "알고", "기다",
];
/// Endings of Korean words that say what is done or is the case, not what is spoken of.
const WEAK_ENDINGS: &[&str] = &[
    "으면", "이면", "하면", "되면", "나면", "려면", "는데", "은데", "인데", "해서", "어서", "아서",
    "하고", "되고", "열고", "도록", "하는", "되는", "했을", "하기", "되기", "열기", "어요", "아요",
    "에요", "예요", "네요", "나요", "까요", "가요", "죠", "니까", "니다", "해도", "어도", "아도",
    "해야", "어야", "아야", "여야", "으며", "하며", "이건", "그건",
];
/// Words for what no value stands for, in the form of their terms: who asks for the maker of a pump is not helped by
/// all that is said of the pump.
const ESSENTIAL: &[&str] = &[
    "cost",
    "guarante",
    "licens",
    "maker",
    "manufactur",
    "password",
    "phone",
    "price",
    "supplier",
    "vendor",
    "version",
    "warranti",
    "가격",
    "구매",
    "납품",
    "단가",
    "라이",
    "보증",
    "비용",
    "수당",
    "업체",
    "연락",
    "전화",
    "제조",
    "색",
];
/// How much such a word counts.
const ESSENTIAL_WEIGHT: f32 = 2.0;
/// How much the name of a thing counts, such as `Cp2Mg`, `MB-3` or `AFM`: what is said of another thing is no answer.
const NAME_WEIGHT: f32 = 2.0;
/// How much it counts that a passage holds the unit that is asked for.
const UNIT_WEIGHT: f32 = 2.0;

/// English words that ask with `how` and `what`, or say little by themselves; stems.
const WEAK_ENGLISH: &[&str] = &[
    "allow", "befor", "after", "begin", "between", "dure", "each", "exact", "far", "fast", "find",
    "get", "give", "goe", "happen", "have", "hold", "kind", "leav", "held", "list", "long", "look",
    "made", "make", "mani", "mean", "most", "much", "must", "need", "often", "old", "onli",
    "other", "put", "say", "see", "show", "soon", "start", "take", "tell", "until", "usual",
    "valu", "want",
];

/// A word of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    pub text: String,
    /// How much it counts beside the others.
    pub weight: f32,
    /// The best part of a passage holds it.
    pub held: bool,
    /// No document holds it, in this or other words.
    pub unheard: bool,
}

/// How well the question's words are held by what was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weighed {
    pub words: Vec<Word>,
    /// The share of the words, by weight, that the best part of a passage holds, less a part of the share that no
    /// document holds: at most 1.
    pub score: f32,
}

struct Sought {
    text: String,
    weight: f32,
    terms: Vec<String>,
    /// Each of these says the word as well, if all its terms are there.
    others: Vec<Vec<String>>,
    unheard: bool,
}

/// Weighs what a search found for a text; `also` are the other words that were searched for.
pub(crate) fn weigh(text: &str, also: &[Phrase], found: &Found) -> Weighed {
    let words = words(text, also, found);
    let mut best = Weighed::default();
    for hit in found.hits.iter().take(HITS) {
        let language = Language::of(&hit.passage.text);
        let weights: Vec<f32> = words.iter().map(|word| word.weight_in(language)).collect();
        let all: f32 = weights.iter().sum();
        if all <= 0.0 {
            continue;
        }
        let above = terms(&above(&hit.passage));
        let unheard = words.iter().zip(&weights).filter(|(word, _)| word.unheard);
        let unheard = unheard.map(|(_, weight)| weight).sum::<f32>() / all;
        for mut there in windows(&hit.passage.text) {
            there.extend(above.iter().cloned());
            let held = words.iter().zip(&weights);
            let held = held.filter(|(word, _)| word.is_in(&there));
            let held = held.map(|(_, weight)| weight).sum::<f32>() / all;
            let score = held - UNHEARD_WEIGHT * unheard;
            if best.words.is_empty() || score > best.score {
                best = Weighed {
                    words: told(&words, &weights, &there),
                    score,
                };
            }
        }
    }
    if asks_for_unknown_code(text, found) {
        best.score *= UNKNOWN_CODE;
    }
    best
}

/// Whether the text names codes, and no document holds the number of any of them.
fn asks_for_unknown_code(text: &str, found: &Found) -> bool {
    let codes = analysis::codes(text);
    let is_known = |name: &str| {
        let mut numbers = name.split(|letter: char| !letter.is_ascii_digit());
        numbers.any(|number| {
            number.len() > 2
                && found
                    .terms
                    .iter()
                    .any(|term| term.term == number && term.holding > 0)
        })
    };
    !codes.is_empty()
        && !found.hits.iter().any(|hit| hit.exact)
        && !codes.iter().any(|code| is_known(&code.name))
}

fn told(words: &[Sought], weights: &[f32], there: &BTreeSet<String>) -> Vec<Word> {
    let told = words.iter().zip(weights).map(|(word, weight)| Word {
        text: word.text.clone(),
        weight: *weight,
        held: word.is_in(there),
        unheard: word.unheard,
    });
    told.collect()
}

impl Sought {
    /// How much the word counts in a passage of this language. A Korean word that the glossary does not know cannot
    /// stand in an English passage, and says less against it.
    fn weight_in(&self, language: Language) -> f32 {
        let is_foreign = language == Language::English && self.text.chars().any(is_hangul);
        if is_foreign && self.others.is_empty() {
            FOREIGN * self.weight
        } else {
            self.weight
        }
    }

    fn is_in(&self, held: &BTreeSet<String>) -> bool {
        let there = self
            .terms
            .iter()
            .filter(|term| held.contains(*term))
            .count();
        (!self.terms.is_empty() && count(there) >= HELD * count(self.terms.len()))
            || self
                .others
                .iter()
                .any(|terms| terms.iter().all(|term| held.contains(term)))
    }
}

/// The words of a question that say what is asked.
fn words(text: &str, also: &[Phrase], found: &Found) -> Vec<Sought> {
    let known: BTreeMap<&str, &index::Weighed> = found
        .terms
        .iter()
        .map(|term| (term.term.as_str(), term))
        .collect();
    let asked: BTreeMap<String, f32> = analysis::asked(text)
        .into_iter()
        .map(|asked| (asked.term, asked.weight))
        .collect();
    let mut words: Vec<Sought> = Vec::new();
    let mut counts = false;
    let chunks: Vec<&str> = text.split_whitespace().collect();
    for (place, chunk) in chunks.iter().enumerate() {
        let bare = chunk.trim_matches(|letter: char| !letter.is_alphanumeric());
        let was_count = std::mem::take(&mut counts);
        if let Some(asking) = ASKING.iter().find(|asking| bare.starts_with(**asking)) {
            counts = *asking == "몇";
            continue;
        }
        if bare.is_empty() {
            continue;
        }
        // What stands behind `몇` is a unit.
        if was_count {
            words.extend(unit(bare));
            continue;
        }
        let own = analysis::terms(chunk);
        let strong = |term: &&String| asked.get(*term).is_some_and(|weight| *weight >= 1.0);
        let mut terms: Vec<String> = own.iter().filter(strong).cloned().collect();
        if terms.is_empty() {
            terms = own
                .iter()
                .filter(|term| asked.contains_key(*term))
                .cloned()
                .collect();
        }
        if terms.is_empty() || words.iter().any(|word| word.terms == terms) {
            continue;
        }
        let phrases = also.iter().filter(|phrase| stands_for(phrase, &terms));
        let phrases = phrases.map(|phrase| analysis::terms(&phrase.text));
        let others: Vec<Vec<String>> = phrases.chain(units(&terms)).collect();
        let holding = |term: &String| known.get(term.as_str()).map_or(0, |known| known.holding);
        let heard = |terms: &[String]| terms.iter().filter(|term| holding(term) > 0).count();
        let is_heard = count(heard(&terms)) >= HELD * count(terms.len())
            || others.iter().any(|other| heard(other) == other.len());
        // As rare as its rarest term that stands anywhere.
        let fewest = terms
            .iter()
            .map(holding)
            .filter(|holding| *holding > 0)
            .min();
        let weight = inverse_frequency(found.of, fewest.filter(|_| is_heard).unwrap_or(1));
        let say = say(bare, &terms, place + 1 == chunks.len());
        words.push(Sought {
            text: bare.to_owned(),
            weight: weight * say,
            terms,
            others,
            unheard: !is_heard && say >= 1.0,
        });
    }
    words
}

/// The units of the quantity that the terms name.
fn units(terms: &[String]) -> impl Iterator<Item = Vec<String>> {
    let names = |names: &[&str]| terms.iter().any(|term| names.contains(&term.as_str()));
    let quantities = QUANTITIES
        .iter()
        .filter(move |quantity| names(quantity.names));
    let units: Vec<Vec<String>> = quantities
        .flat_map(|quantity| quantity.units.iter().map(|unit| vec![(*unit).to_owned()]))
        .collect();
    units.into_iter()
}

/// The unit that is counted in, as a word that a passage should hold; none where it is no unit of a quantity.
fn unit(word: &str) -> Option<Sought> {
    let letters: String = word
        .chars()
        .take_while(|letter| !is_hangul(*letter))
        .collect();
    let others: Vec<Vec<String>> = if letters.is_empty() {
        let named = QUANTITIES.iter().filter(|quantity| {
            quantity
                .names
                .iter()
                .any(|name| name.chars().all(is_hangul) && word.starts_with(*name))
        });
        let units = named.flat_map(|quantity| quantity.units);
        units.map(|unit| vec![(*unit).to_owned()]).collect()
    } else {
        // As it is spelled behind a number.
        vec![analysis::terms(&format!("1 {letters}")).split_off(1)]
    };
    (!others.is_empty()).then(|| Sought {
        text: word.to_owned(),
        weight: UNIT_WEIGHT,
        terms: Vec::new(),
        others,
        unheard: false,
    })
}

/// Whether a phrase says most of a word's terms.
fn stands_for(phrase: &Phrase, terms: &[String]) -> bool {
    let said = terms
        .iter()
        .filter(|term| phrase.stands_for.contains(term))
        .count();
    count(said) >= MEANT * count(terms.len())
}

/// How much a word says, whatever the documents are.
fn say(word: &str, terms: &[String], is_last: bool) -> f32 {
    let is_korean = word.chars().any(is_hangul);
    let is_number = word.chars().all(|letter| !letter.is_alphabetic());
    let is_weak = if is_korean {
        is_last
            || WEAK_KOREAN.contains(&word)
            || WEAK_ENDINGS.iter().any(|ending| word.ends_with(*ending))
            || WEAK_VERBS.iter().any(|verb| word.starts_with(*verb))
    } else {
        terms
            .iter()
            .all(|term| WEAK_ENGLISH.contains(&term.as_str()))
    };
    let is_essential = terms
        .first()
        .is_some_and(|term| ESSENTIAL.contains(&term.as_str()));
    match () {
        () if is_essential => ESSENTIAL_WEIGHT,
        () if is_name(word) => NAME_WEIGHT,
        () if is_weak || is_number => WEAK,
        () => 1.0,
    }
}

/// Whether a word is a formula, a tool's id or an abbreviation: letters with figures among them, or with capitals
/// elsewhere than at the beginning.
fn is_name(word: &str) -> bool {
    let latin: Vec<char> = word.chars().take_while(char::is_ascii).collect();
    let has = |is: fn(&char) -> bool| latin.iter().any(is);
    let later_capital = latin.iter().skip(1).any(char::is_ascii_uppercase);
    has(char::is_ascii_uppercase) && (later_capital || has(char::is_ascii_digit))
}

fn inverse_frequency(of: u64, holding: u64) -> f32 {
    let term = index::Weighed {
        term: String::new(),
        weight: 1.0,
        own: true,
        holding,
    };
    term.inverse_frequency(of)
}

fn terms(text: &str) -> BTreeSet<String> {
    analysis::terms(text).into_iter().collect()
}

fn above(passage: &Passage) -> String {
    let mut above = vec![passage.document.title.as_str()];
    above.extend(passage.headings.iter().map(String::as_str));
    above.join("\n")
}

/// The terms of overlapping parts of a text, each of whole lines or sentences.
fn windows(text: &str) -> Vec<BTreeSet<String>> {
    let mut pieces: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut piece = String::new();
        for sentence in line.split_inclusive(". ") {
            if piece.chars().count() + sentence.chars().count() > WINDOW && !piece.is_empty() {
                pieces.push(std::mem::take(&mut piece));
            }
            piece.push_str(sentence);
        }
        pieces.push(piece);
    }
    let analysed: Vec<(usize, BTreeSet<String>)> = pieces
        .iter()
        .map(|piece| (piece.chars().count(), terms(piece)))
        .collect();
    let window = |first: usize| {
        let mut together = BTreeSet::new();
        let mut length = 0;
        for (place, (letters, terms)) in analysed[first..].iter().enumerate() {
            length += letters;
            if place > 0 && length > WINDOW {
                break;
            }
            together.extend(terms.iter().cloned());
        }
        together
    };
    (0..analysed.len()).map(window).collect()
}

fn count(number: usize) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}
