//! What a question looks for, and how much of it a passage holds: the same for every engine.

use std::collections::BTreeSet;

use super::{Phrase, Query, Weighed};
use crate::analysis;
use crate::domain::Passage;

/// Questions are cut to so many different terms; a pasted log has thousands.
const MOST_TERMS: usize = 64;
/// A code in more passages than this is the name of something that is everywhere, such as a document's number.
const CODE_PASSAGES: u64 = 40;

/// What a question looks for, before an engine has said how frequent it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sought {
    /// Each once, the question's own before those of other words for it.
    pub(super) terms: Vec<SoughtTerm>,
    pub(super) codes: BTreeSet<String>,
    /// What says terms of the question in other words.
    stand_ins: Vec<StandIn>,
}

/// Terms of which a passage must hold all to hold those that they stand for.
#[derive(Clone, Debug, PartialEq)]
struct StandIn {
    terms: Vec<String>,
    stands_for: Vec<String>,
}

/// A term of a question.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SoughtTerm {
    pub(super) term: String,
    /// How much it counts beside the others.
    pub(super) weight: f32,
    /// It stands in the question itself.
    pub(super) own: bool,
}

impl Sought {
    pub(super) fn of(query: &Query<'_>) -> Self {
        let mut terms: Vec<SoughtTerm> = analysis::asked(query.text)
            .into_iter()
            .take(MOST_TERMS)
            .map(|asked| SoughtTerm {
                term: asked.term,
                weight: asked.weight,
                own: true,
            })
            .collect();
        let mut stand_ins = Vec::new();
        for Phrase {
            text,
            weight,
            stands_for,
        } in query.also
        {
            stand_ins.push(StandIn {
                terms: analysis::terms(text),
                stands_for: stands_for.clone(),
            });
            for asked in analysis::asked(text) {
                let known = terms.iter().any(|known| known.term == asked.term);
                if !known && terms.len() < 2 * MOST_TERMS {
                    terms.push(SoughtTerm {
                        term: asked.term,
                        weight: asked.weight * weight,
                        own: false,
                    });
                }
            }
        }
        let codes = analysis::codes(query.text);
        Self {
            terms,
            codes: codes.into_iter().map(|code| code.name).collect(),
            stand_ins,
        }
    }

    /// The terms as they are told of, given how many passages hold each.
    pub(super) fn weighed(&self, holding: impl Fn(&str) -> u64) -> Vec<Weighed> {
        let weighed = self.terms.iter().map(|sought| Weighed {
            term: sought.term.clone(),
            weight: sought.weight,
            own: sought.own,
            holding: holding(&sought.term),
        });
        weighed.collect()
    }

    /// Drops the codes that are no name of one thing, given how many passages hold each.
    ///
    /// # Errors
    /// What `holding` fails with.
    pub(super) fn keep_telling_codes<E>(
        &mut self,
        mut holding: impl FnMut(&str) -> Result<u64, E>,
    ) -> Result<(), E> {
        let mut kept = BTreeSet::new();
        for code in std::mem::take(&mut self.codes) {
            if (1..=CODE_PASSAGES).contains(&holding(&code)?) {
                kept.insert(code);
            }
        }
        self.codes = kept;
        Ok(())
    }

    /// Whether a code of the question stands in the passage.
    pub(super) fn names_code_in(&self, passage: &Passage) -> bool {
        let holds = |text: &str| {
            analysis::codes(text)
                .iter()
                .any(|code| self.codes.contains(&code.name))
        };
        !self.codes.is_empty() && (holds(&passage.text) || holds(&heading(passage)))
    }

    /// The share of what the question itself says that the passage holds, 0 to 1, in its own words or in others for
    /// them. Each term counts by how telling it is: its inverse document frequency, which `telling` gives.
    pub(super) fn coverage(&self, passage: &Passage, telling: impl Fn(&str) -> f32) -> f32 {
        let held: BTreeSet<String> = analysis::terms(&passage.text)
            .into_iter()
            .chain(analysis::terms(&heading(passage)))
            .collect();
        let stand_ins = self.stand_ins.iter();
        let said: BTreeSet<&String> = stand_ins
            .filter(|stand_in| stand_in.terms.iter().all(|term| held.contains(term)))
            .flat_map(|stand_in| &stand_in.stands_for)
            .collect();
        let (mut all, mut found) = (0.0, 0.0);
        for sought in self.terms.iter().filter(|sought| sought.own) {
            let counts = sought.weight * telling(&sought.term);
            all += counts;
            if held.contains(&sought.term) || said.contains(&sought.term) {
                found += counts;
            }
        }
        if all > 0.0 { found / all } else { 0.0 }
    }
}

/// BM25's inverse document frequency: of `all` passages, `holding` hold the term (Robertson and Zaragoza, 2009, with
/// one added inside the logarithm so that no term counts against a passage).
#[expect(
    clippy::cast_precision_loss,
    reason = "a rounded count of passages is as good"
)]
pub(super) fn inverse_frequency(all: u64, holding: u64) -> f32 {
    let (all, holding) = (all as f32, holding.min(all) as f32);
    ((all - holding + 0.5) / (holding + 0.5)).ln_1p()
}

/// The words above a passage, a line each.
pub(super) fn heading(passage: &Passage) -> String {
    let document = &passage.document;
    let above = std::iter::once(&document.title)
        .chain(&document.number)
        .chain(&passage.headings);
    above.map(String::as_str).collect::<Vec<_>>().join("\n")
}
