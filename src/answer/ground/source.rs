//! What a passage says, piece by piece: a sentence or a row of a table is what bears a number out, not a page.

use std::collections::{BTreeSet, HashMap};

use super::claim::{self, Claim, Measure, Says, claims, number};
use super::fold::Folded;
use super::formula;
use super::unit::{self, Unit};
use crate::answer::ground::claim_pair::Bonds;
use crate::domain::passage::Passage;
use crate::search::analysis;

/// A passage with what else is known under its number.
#[derive(Debug)]
pub(super) struct Source {
    pub segments: Vec<Segment>,
    /// Title, number, revision, page and headings, which hold for all of it.
    head: Facts,
    /// What belongs together in it.
    pub bonds: Bonds,
    /// What the units measure that are named between parentheses anywhere, as in heads of tables.
    named: BTreeSet<String>,
}

/// A sentence or a row.
#[derive(Debug, Default)]
pub(super) struct Segment {
    pub words: BTreeSet<String>,
    facts: Facts,
}

#[derive(Debug, Default)]
struct Facts {
    /// Every number, whatever it measures.
    numbers: BTreeSet<String>,
    /// Numbers in a row whose unit stands elsewhere, or of a range whose unit stands behind it.
    bare: BTreeSet<String>,
    measures: BTreeSet<(String, String)>,
    names: BTreeSet<String>,
}

impl Source {
    /// A passage, and what look-ups say of it.
    pub(super) fn of(passage: &Passage) -> Self {
        let document = &passage.document;
        let mut head = vec![document.title.clone(), document.path.clone()];
        head.extend(document.number.clone());
        head.extend(document.revision.clone());
        head.extend(document.effective.clone());
        head.extend(passage.page_label());
        head.extend(passage.headings.iter().cloned());
        let mut source = Self::of_texts(&[passage.text.as_str()], &head.join("\n"));
        let above: BTreeSet<String> = words(&head.join(" "));
        for segment in &mut source.segments {
            segment.words.extend(above.iter().cloned());
        }
        source
    }

    /// Texts with what stands above them.
    pub(super) fn of_texts(texts: &[&str], head: &str) -> Self {
        let mut read = Read::default();
        for text in texts {
            read.segments_of(text);
        }
        let mut facts = Facts::default();
        facts.add(head, claims(head), &[], false);
        let named = texts
            .iter()
            .chain([&head])
            .flat_map(|text| unit::named(&Folded::of(text)));
        let named: Vec<Unit> = named.collect();
        Self {
            segments: read.segments,
            head: facts,
            bonds: read.bonds,
            named: named.into_iter().map(|unit| unit.measures).collect(),
        }
    }

    /// Whether what stands above the passage bears a claim out.
    /// A number alone says nothing there: it counts chapters.
    pub(super) fn is_in_head(&self, claim: &Claim) -> bool {
        let is_bare = matches!(&claim.says, Says::Measure(Measure { unit: None, .. }));
        !is_bare && self.head.bears_out(claim, &BTreeSet::new())
    }

    /// Whether a piece of the passage bears a claim out.
    pub(super) fn is_in(&self, segment: &Segment, claim: &Claim) -> bool {
        segment.facts.bears_out(claim, &self.named)
    }

    /// Whether any piece does.
    pub(super) fn states(&self, claim: &Claim) -> bool {
        self.is_in_head(claim)
            || self
                .segments
                .iter()
                .any(|segment| self.is_in(segment, claim))
    }
}

impl Facts {
    /// Takes in what a text says in these claims; numbers in it measure `units` where they name none. Where that is not known, either, the
    /// unit of a `cell` may stand anywhere.
    fn add(&mut self, text: &str, claims: Vec<Claim>, units: &[Unit], is_cell: bool) {
        for Claim { says, .. } in claims {
            match says {
                Says::Name(name) => self.name(&name),
                Says::Measure(Measure {
                    value,
                    unit,
                    is_shared,
                    ..
                }) => {
                    self.numbers.insert(number(value));
                    if is_shared || (is_cell && unit.is_none() && units.is_empty()) {
                        self.bare.insert(number(value));
                    }
                    for unit in unit.iter().chain(units.iter().filter(|_| unit.is_none())) {
                        self.measures
                            .insert((unit.measures.clone(), number(value * unit.scale)));
                    }
                }
            }
        }
        // The parts of names and groups of digits that a reader may take for themselves.
        for word in text.split(|letter: char| {
            !(letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
        }) {
            for part in word.split(['-', '_']) {
                let is_number_of_code = part.len() < word.len()
                    && part.contains(|letter: char| letter.is_ascii_digit());
                if is_number_of_code || formula::is_one(part) {
                    self.name(&claim::plain(part));
                }
            }
            self.numbers.extend(word.parse().ok().map(number));
        }
        self.names
            .extend(formula::in_words(&text.to_lowercase()).map(str::to_owned));
    }

    fn name(&mut self, name: &str) {
        // The compound of an alloy whatever its composition, and the species of `TMGa_1`.
        let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        if name.contains('.') && letters.len() >= 3 {
            self.names.insert(letters);
        }
        if name.len() == 8 && name.bytes().all(|byte| byte.is_ascii_digit()) {
            // A date, whose parts may be written in another form.
            for part in [&name[..4], &name[4..6], &name[6..]] {
                self.numbers.extend(part.parse().ok().map(number));
            }
        }
        for part in name.split('.') {
            self.names.insert(part.to_owned());
        }
        self.names.insert(name.to_owned());
    }

    fn bears_out(&self, claim: &Claim, named: &BTreeSet<String>) -> bool {
        match &claim.says {
            Says::Name(name) => self.names.contains(name),
            Says::Measure(Measure {
                value, unit: None, ..
            }) => self.numbers.contains(&number(*value)),
            Says::Measure(Measure {
                value,
                unit: Some(unit),
                is_shared,
                ..
            }) => {
                let measure = (unit.measures.clone(), number(value * unit.scale));
                self.measures.contains(&measure)
                    || ((*is_shared || named.contains(&unit.measures))
                        && self.bare.contains(&number(*value)))
            }
        }
    }
}

/// What has been read of some texts.
#[derive(Default)]
struct Read {
    segments: Vec<Segment>,
    bonds: Bonds,
}

impl Read {
    /// Cuts a text into sentences and rows.
    fn segments_of(&mut self, text: &str) {
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
                    .map(|cell| unit::named(&Folded::of(cell)))
                    .collect();
            }
            let mut segment = Segment {
                words: words(line),
                ..Segment::default()
            };
            let of_row = unit::named(&Folded::of(cells[0]));
            for (at, cell) in cells.iter().enumerate() {
                let units = match columns.get(at) {
                    Some(units) if !units.is_empty() => units.as_slice(),
                    _ if at > 0 => of_row.as_slice(),
                    _ => &[],
                };
                let claims = claims(cell);
                self.bonds.add(cell, &claims);
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
            self.bonds.add(sentence, &claims);
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

/// The words of a text as the search knows them, without numbers and units.
pub(super) fn words(text: &str) -> BTreeSet<String> {
    let is_word = |term: &String| {
        !term.contains(|letter: char| letter.is_ascii_digit() || letter == '°') && term.len() > 1
    };
    analysis::terms(text).into_iter().filter(is_word).collect()
}

/// How telling a word is among all pieces of the given passages.
pub(super) struct Weights {
    pieces: f64,
    holding: HashMap<String, f64>,
}

impl Weights {
    pub(super) fn of<'a>(sources: impl Iterator<Item = &'a Source>) -> Self {
        let (mut pieces, mut holding) = (0.0, HashMap::new());
        for segment in sources.flat_map(|source| &source.segments) {
            pieces += 1.0;
            for word in &segment.words {
                *holding.entry(word.clone()).or_insert(0.0) += 1.0;
            }
        }
        Self { pieces, holding }
    }

    pub(super) fn weight(&self, word: &str) -> f64 {
        let holding = self.holding.get(word).copied().unwrap_or(0.5);
        (1.0 + self.pieces / holding).ln()
    }
}
