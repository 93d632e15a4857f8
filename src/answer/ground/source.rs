//! Facts of a passage, segment by segment: a number is supported by a sentence or a table row, not by a page.

use std::collections::{BTreeSet, HashMap};

use super::claim::{self, Claim, ClaimValue, Measure, claims, number};
use super::formula;
use super::normalized_text::NormalizedText;
use super::unit::{self, Unit};
use crate::answer::ground::claim_pair::ClaimPairs;
use crate::domain::passage::Passage;
use crate::search::analysis;

/// A passage with its title and headings, parsed into facts.
#[derive(Debug)]
pub(super) struct Source {
    pub segments: Vec<Segment>,
    /// Title, number, revision, page and headings, which apply to all of it.
    head: Facts,
    /// The pairs of claims in it.
    pub pairs: ClaimPairs,
    /// Base units of the units between parentheses, as in table heads.
    units_in_parentheses: BTreeSet<String>,
}

/// A sentence or a row.
#[derive(Debug, Default)]
pub(super) struct Segment {
    pub words: BTreeSet<String>,
    facts: Facts,
}

#[derive(Debug, Default)]
struct Facts {
    /// All numbers, without their units.
    numbers: BTreeSet<String>,
    /// Numbers in a row whose unit is elsewhere, or of a range whose unit follows the range.
    without_unit: BTreeSet<String>,
    measures: BTreeSet<(String, String)>,
    names: BTreeSet<String>,
}

impl Source {
    /// Parses a passage with its title and headings.
    pub(super) fn from_passage(passage: &Passage) -> Self {
        let document = &passage.document;
        let mut head = vec![document.title.clone(), document.path.clone()];
        head.extend(document.number.clone());
        head.extend(document.revision.clone());
        head.extend(document.effective.clone());
        head.extend(passage.page_label());
        head.extend(passage.headings.iter().cloned());
        let mut source = Self::from_texts(&[passage.text.as_str()], &head.join("\n"));
        let heading_words: BTreeSet<String> = words(&head.join(" "));
        for segment in &mut source.segments {
            segment.words.extend(heading_words.iter().cloned());
        }
        source
    }

    /// Parses texts with the title and headings above them.
    pub(super) fn from_texts(texts: &[&str], head: &str) -> Self {
        let mut parser = SourceParser::default();
        for text in texts {
            parser.parse(text);
        }
        let mut facts = Facts::default();
        facts.add(head, claims(head), &[], false);
        let units_in_parentheses = texts
            .iter()
            .chain([&head])
            .flat_map(|text| unit::in_parentheses(&NormalizedText::new(text)));
        let units_in_parentheses: Vec<Unit> = units_in_parentheses.collect();
        Self {
            segments: parser.segments,
            head: facts,
            pairs: parser.pairs,
            units_in_parentheses: units_in_parentheses
                .into_iter()
                .map(|unit| unit.measures)
                .collect(),
        }
    }

    /// Returns true if the title and headings of the passage support a claim. A number without a unit does not count: it
    /// may be a chapter number.
    pub(super) fn is_in_headings(&self, claim: &Claim) -> bool {
        let is_bare = matches!(
            &claim.value,
            ClaimValue::Measure(Measure { unit: None, .. })
        );
        !is_bare && self.head.supports(claim, &BTreeSet::new())
    }

    /// Returns true if a segment of the passage supports a claim.
    pub(super) fn segment_supports(&self, segment: &Segment, claim: &Claim) -> bool {
        segment.facts.supports(claim, &self.units_in_parentheses)
    }

    /// Returns true if the headings or any segment support a claim.
    pub(super) fn states(&self, claim: &Claim) -> bool {
        self.is_in_headings(claim)
            || self
                .segments
                .iter()
                .any(|segment| self.segment_supports(segment, claim))
    }
}

impl Facts {
    /// Adds a text and its claims. Numbers without a unit get `units`; in a cell without `units`, the unit may be anywhere.
    fn add(&mut self, text: &str, claims: Vec<Claim>, units: &[Unit], is_cell: bool) {
        for claim in claims {
            match claim.value {
                ClaimValue::Name(name) => self.name(&name),
                ClaimValue::Measure(Measure {
                    value,
                    unit,
                    is_shared,
                    ..
                }) => {
                    self.numbers.insert(number(value));
                    if is_shared || (is_cell && unit.is_none() && units.is_empty()) {
                        self.without_unit.insert(number(value));
                    }
                    for unit in unit.iter().chain(units.iter().filter(|_| unit.is_none())) {
                        self.measures
                            .insert((unit.measures.clone(), number(value * unit.scale)));
                    }
                }
            }
        }
        // Parts of names, and groups of digits, count by themselves.
        for word in text.split(|letter: char| {
            !(letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
        }) {
            for part in word.split(['-', '_']) {
                let is_number_of_code = part.len() < word.len()
                    && part.contains(|letter: char| letter.is_ascii_digit());
                if is_number_of_code || formula::is_formula(part) {
                    self.name(&claim::normalize_name(part));
                }
            }
            self.numbers.extend(word.parse().ok().map(number));
        }
        self.names
            .extend(formula::in_words(&text.to_lowercase()).map(str::to_owned));
    }

    fn name(&mut self, name: &str) {
        // The compound of an alloy without its composition, and the species of `TMGa_1`.
        let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        if name.contains('.') && letters.len() >= 3 {
            self.names.insert(letters);
        }
        if name.len() == 8 && name.bytes().all(|byte| byte.is_ascii_digit()) {
            // A date, whose parts may be written separately.
            for part in [&name[..4], &name[4..6], &name[6..]] {
                self.numbers.extend(part.parse().ok().map(number));
            }
        }
        for part in name.split('.') {
            self.names.insert(part.to_owned());
        }
        self.names.insert(name.to_owned());
    }

    fn supports(&self, claim: &Claim, units_in_parentheses: &BTreeSet<String>) -> bool {
        match &claim.value {
            ClaimValue::Name(name) => self.names.contains(name),
            ClaimValue::Measure(Measure {
                value, unit: None, ..
            }) => self.numbers.contains(&number(*value)),
            ClaimValue::Measure(Measure {
                value,
                unit: Some(unit),
                is_shared,
                ..
            }) => {
                let measure = (unit.measures.clone(), number(value * unit.scale));
                self.measures.contains(&measure)
                    || ((*is_shared || units_in_parentheses.contains(&unit.measures))
                        && self.without_unit.contains(&number(*value)))
            }
        }
    }
}

/// Parses texts into segments.
#[derive(Default)]
struct SourceParser {
    segments: Vec<Segment>,
    pairs: ClaimPairs,
}

impl SourceParser {
    /// Splits a text into sentences and rows.
    fn parse(&mut self, text: &str) {
        let mut columns: Vec<Vec<Unit>> = Vec::new();
        let mut in_table = false;
        let mut paragraph = String::new();
        for line in text.lines().chain([""]) {
            let cells = cells(line);
            if cells.len() < 2 && !line.trim_start().starts_with('|') {
                in_table = false;
                let ends = line.trim().is_empty() || is_item(line);
                if ends {
                    self.prose(&paragraph);
                    paragraph.clear();
                }
                // Lines of a PDF end anywhere, also in the middle of a sentence.
                paragraph.push_str(line.trim());
                paragraph.push(' ');
                continue;
            }
            self.prose(&paragraph);
            paragraph.clear();
            if !in_table {
                in_table = true;
                columns = cells
                    .iter()
                    .map(|cell| unit::in_parentheses(&NormalizedText::new(cell)))
                    .collect();
            }
            let mut segment = Segment {
                words: words(line),
                ..Segment::default()
            };
            let row_units = unit::in_parentheses(&NormalizedText::new(cells[0]));
            for (at, cell) in cells.iter().enumerate() {
                let units = match columns.get(at) {
                    Some(units) if !units.is_empty() => units.as_slice(),
                    _ if at > 0 => row_units.as_slice(),
                    _ => &[],
                };
                let claims = claims(cell);
                self.pairs.add(cell, &claims);
                segment.facts.add(cell, claims, units, true);
            }
            self.segments.push(segment);
        }
        self.prose(&paragraph);
    }

    fn prose(&mut self, paragraph: &str) {
        let mut rest = paragraph.trim();
        while !rest.is_empty() {
            let stop = rest.char_indices().find(|(at, letter)| {
                matches!(letter, '.' | '?' | '!') && rest[at + 1..].starts_with(' ') && *at > 3
            });
            let (sentence, after) = rest.split_at(stop.map_or(rest.len(), |(at, _)| at + 1));
            let mut segment = Segment {
                words: words(sentence),
                ..Segment::default()
            };
            let claims = claims(sentence);
            self.pairs.add(sentence, &claims);
            segment.facts.add(sentence, claims, &[], false);
            self.segments.push(segment);
            rest = after.trim_start();
        }
    }
}

fn cells(line: &str) -> Vec<&str> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line.strip_suffix('|').unwrap_or(line);
    line.split('|').map(str::trim).collect()
}

fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let is_numbered = digits > 0
        && line[digits..].starts_with(['.', ')'])
        && !line[digits + 1..].starts_with(|next: char| next.is_alphanumeric());
    is_numbered
        || ["- ", "* ", "• ", "+ "]
            .iter()
            .any(|bullet| line.starts_with(bullet))
}

/// The search terms of a text, without numbers and units.
pub(super) fn words(text: &str) -> BTreeSet<String> {
    let is_word = |term: &String| {
        !term.contains(|letter: char| letter.is_ascii_digit() || letter == '°') && term.len() > 1
    };
    analysis::terms(text).into_iter().filter(is_word).collect()
}

/// Inverse frequencies of words among the segments of the given passages.
pub(super) struct Weights {
    segment_count: f64,
    segments_with_word: HashMap<String, f64>,
}

impl Weights {
    pub(super) fn new<'a>(sources: impl Iterator<Item = &'a Source>) -> Self {
        let (mut segment_count, mut segments_with_word) = (0.0, HashMap::new());
        for segment in sources.flat_map(|source| &source.segments) {
            segment_count += 1.0;
            for word in &segment.words {
                *segments_with_word.entry(word.clone()).or_insert(0.0) += 1.0;
            }
        }
        Self {
            segment_count,
            segments_with_word,
        }
    }

    pub(super) fn weight(&self, word: &str) -> f64 {
        let segments_with_word = self.segments_with_word.get(word).copied().unwrap_or(0.5);
        (1.0 + self.segment_count / segments_with_word).ln()
    }
}
