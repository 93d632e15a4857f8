//! Finds the recipes that a text names: in full, in part, or by a name that no recipe has.

use crate::recipes::ask::vocabulary::{Token, find_phrase, mentions, mentions_difference};
use crate::recipes::snapshot::{RecipeEntry, RecipeView, key};

/// The recipes that a text names.
#[derive(Debug, Default)]
pub(super) struct RecipeMentions<'v> {
    pub(super) entries: Vec<&'v RecipeEntry>,
    pub(super) candidates: Vec<&'v RecipeEntry>,
    pub(super) unknown: Option<String>,
    /// Byte ranges of the names in the text.
    pub(super) spans: Vec<(usize, usize)>,
}

/// Number of parts in a name.
const MAX_PARTS: usize = 9;

impl<'v> RecipeMentions<'v> {
    pub(super) fn find(text: &str, words: &[Token], view: &RecipeView<'v>) -> Self {
        let mut found = Self::default();
        let mut at = 0;
        while at < words.len() {
            match full_name_at(text, words, at, view) {
                Some((entries, next)) => {
                    found.spans.push((words[at].start, words[next - 1].end));
                    for entry in select_revisions(&entries, text) {
                        found.add(entry);
                    }
                    at = next;
                }
                None => at += 1,
            }
        }
        found.add_partial_names(text, words, view);
        if found.entries.is_empty() && found.candidates.is_empty() {
            found.unknown = unknown_name(text, words);
        }
        found
    }

    fn add(&mut self, entry: &'v RecipeEntry) {
        if !self.entries.iter().any(|known| std::ptr::eq(*known, entry)) {
            self.entries.push(entry);
        }
    }

    /// Adds names that are given in part: `T2118` for `T2118GQTs`, `012B` next to `LED450-MQW-012A`.
    fn add_partial_names(&mut self, text: &str, words: &[Token], view: &RecipeView<'v>) {
        let mut at = 0;
        while at < words.len() {
            let is_inside_name = self
                .spans
                .iter()
                .any(|(start, end)| (*start..*end).contains(&words[at].start));
            if is_inside_name {
                at += 1;
                continue;
            }
            let mut taken = at + 1;
            for next in (at + 1..=chain_end(text, words, at)).rev() {
                let (start, end) = (words[at].start, words[next - 1].end);
                let name = key(&text[start..end]);
                let letters = name.chars().any(|letter| letter.is_ascii_alphabetic());
                let digits = name.chars().filter(char::is_ascii_digit).count();
                if name.len() < 4 || !letters || digits < 2 {
                    continue;
                }
                let matching: Vec<&RecipeEntry> = view
                    .entries
                    .iter()
                    .copied()
                    .filter(|entry| has_prefix(&entry.key, &name) || has_suffix(&entry.key, &name))
                    .collect();
                match matching.as_slice() {
                    [] => continue,
                    [one] => self.add(one),
                    several if self.candidates.is_empty() => self.candidates = several.to_vec(),
                    _ => {}
                }
                self.spans.push((start, end));
                taken = next;
                break;
            }
            at = taken;
        }
        if !self.entries.is_empty() {
            // A full name resolves an ambiguous part.
            self.candidates.clear();
        }
    }
}

/// Of several revisions of a recipe, selects those that a text means: the named one; all if it asks for differences
/// (earlier ones first); else the current ones.
fn select_revisions<'v>(entries: &[&'v RecipeEntry], text: &str) -> Vec<&'v RecipeEntry> {
    let is_outdated = |entry: &&&RecipeEntry| entry.is_superseded();
    if !entries.iter().any(|entry| entry.is_superseded()) {
        return entries.to_vec();
    }
    let lower = text.to_lowercase();
    let is_named = |entry: &&&RecipeEntry| {
        let revision = entry.record().document.revision.as_deref();
        revision.is_some_and(|revision| {
            let revision = revision.to_lowercase();
            ["rev ", "rev. ", "rev.", "revision ", "개정 "]
                .iter()
                .any(|word| mentions(&lower, &[format!("{word}{revision}").as_str()]))
        })
    };
    let named: Vec<&RecipeEntry> = entries.iter().filter(is_named).copied().collect();
    if !named.is_empty() {
        return named;
    }
    let (old, current): (Vec<&RecipeEntry>, Vec<&RecipeEntry>) =
        entries.iter().partition(|entry| is_outdated(entry));
    if current.is_empty() || mentions_difference(&lower) {
        return [old, current].concat();
    }
    current
}

/// Returns the recipes whose full name starts at a word, and the index after the name. The longest name wins.
fn full_name_at<'v>(
    text: &str,
    words: &[Token],
    at: usize,
    view: &RecipeView<'v>,
) -> Option<(Vec<&'v RecipeEntry>, usize)> {
    for next in (at + 1..=chain_end(text, words, at)).rev() {
        let name = key(&text[words[at].start..words[next - 1].end]);
        if name.len() < 3 {
            continue;
        }
        let found = view.named(&name);
        if !found.is_empty() {
            return Some((found, next));
        }
    }
    None
}

/// Returns the index after the longest chain of words joined by `-`, `_`, `.` or one space.
fn chain_end(text: &str, words: &[Token], at: usize) -> usize {
    let mut next = at + 1;
    while next < words.len()
        && next - at < MAX_PARTS
        && matches!(
            text.get(words[next - 1].end..words[next].start),
            Some("-" | "_" | "." | " ")
        )
    {
        next += 1;
    }
    next
}

/// Whether a name starts with `part` at the boundary of a number.
fn has_prefix(whole: &str, part: &str) -> bool {
    whole.strip_prefix(part).is_some_and(|rest| {
        !(rest.starts_with(|letter: char| letter.is_ascii_digit())
            && part.ends_with(|letter: char| letter.is_ascii_digit()))
    })
}

fn has_suffix(whole: &str, part: &str) -> bool {
    whole.strip_suffix(part).is_some_and(|rest| {
        !(rest.ends_with(|letter: char| letter.is_ascii_digit())
            && part.starts_with(|letter: char| letter.is_ascii_digit()))
    })
}

/// Returns a name next to the word "recipe" that no recipe has.
fn unknown_name(text: &str, words: &[Token]) -> Option<String> {
    let lower = text.to_lowercase();
    let positions: Vec<(usize, usize)> = ["레시피", "recipe"]
        .iter()
        .filter_map(|word| find_phrase(&lower, word).map(|at| (at, at + word.len())))
        .collect();
    let is_name = |name: &str| {
        name.chars().filter(char::is_ascii_digit).count() >= 2
            && name.chars().any(|letter| letter.is_ascii_alphabetic())
    };
    for at in 0..words.len() {
        let next = (at + 1..=chain_end(text, words, at))
            .take_while(|next| {
                *next == at + 1
                    || text.get(words[*next - 2].end..words[*next - 1].start) != Some(" ")
            })
            .last()?;
        let (start, end) = (words[at].start, words[next - 1].end);
        let is_adjacent = positions.iter().any(|(from, to)| {
            text.get(*to..start)
                .is_some_and(|gap| gap.trim().is_empty())
                || text
                    .get(end..*from)
                    .is_some_and(|gap| gap.trim().is_empty())
        });
        if is_adjacent && is_name(&text[start..end]) {
            return Some(text[start..end].to_owned());
        }
    }
    None
}
