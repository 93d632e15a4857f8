//! The recipes that a text names: whole, in part, or none of that name.

use crate::recipes::ask::vocabulary::{Token, find_phrase, mentions, mentions_difference};
use crate::recipes::snapshot::{RecipeEntry, RecipeView, key};

/// Recipes that a text names.
#[derive(Debug, Default)]
pub(super) struct RecipeMentions<'v> {
    pub(super) entries: Vec<&'v RecipeEntry>,
    pub(super) candidates: Vec<&'v RecipeEntry>,
    pub(super) unknown: Option<String>,
    /// Places of the names in the text.
    pub(super) spans: Vec<(usize, usize)>,
}

/// A name has at most so many parts.
const MOST_PARTS: usize = 9;

impl<'v> RecipeMentions<'v> {
    pub(super) fn find(text: &str, words: &[Token], view: &RecipeView<'v>) -> Self {
        let mut found = Self::default();
        let mut at = 0;
        while at < words.len() {
            match whole(text, words, at, view) {
                Some((entries, next)) => {
                    found.spans.push((words[at].start, words[next - 1].end));
                    for entry in meant(&entries, text) {
                        found.add(entry);
                    }
                    at = next;
                }
                None => at += 1,
            }
        }
        found.parts(text, words, view);
        if found.entries.is_empty() && found.candidates.is_empty() {
            found.unknown = unknown(text, words);
        }
        found
    }

    fn add(&mut self, entry: &'v RecipeEntry) {
        if !self.entries.iter().any(|known| std::ptr::eq(*known, entry)) {
            self.entries.push(entry);
        }
    }

    /// Names that are given in part: `T2118` for `T2118GQTs`, `012B` beside `LED450-MQW-012A`.
    fn parts(&mut self, text: &str, words: &[Token], view: &RecipeView<'v>) {
        let mut at = 0;
        while at < words.len() {
            let inside = self
                .spans
                .iter()
                .any(|(start, end)| (*start..*end).contains(&words[at].start));
            if inside {
                at += 1;
                continue;
            }
            let mut taken = at + 1;
            for next in (at + 1..=joined(text, words, at)).rev() {
                let (start, end) = (words[at].start, words[next - 1].end);
                let name = key(&text[start..end]);
                let letters = name.chars().any(|letter| letter.is_ascii_alphabetic());
                let digits = name.chars().filter(char::is_ascii_digit).count();
                if name.len() < 4 || !letters || digits < 2 {
                    continue;
                }
                let some: Vec<&RecipeEntry> = view
                    .entries
                    .iter()
                    .copied()
                    .filter(|entry| begins(&entry.key, &name) || ends(&entry.key, &name))
                    .collect();
                match some.as_slice() {
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
            // What is named whole settles what a part may mean.
            self.candidates.clear();
        }
    }
}

/// Of several revisions of a recipe those that a text means: the one that it names, all where it asks what differs (the
/// earlier ones first), else those in force.
fn meant<'v>(entries: &[&'v RecipeEntry], text: &str) -> Vec<&'v RecipeEntry> {
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

/// The recipe whose whole name begins at a word, and the word behind it. The longest name counts.
fn whole<'v>(
    text: &str,
    words: &[Token],
    at: usize,
    view: &RecipeView<'v>,
) -> Option<(Vec<&'v RecipeEntry>, usize)> {
    for next in (at + 1..=joined(text, words, at)).rev() {
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

/// The word behind the longest chain of words joined by `-`, `_`, `.` or one space.
fn joined(text: &str, words: &[Token], at: usize) -> usize {
    let mut next = at + 1;
    while next < words.len()
        && next - at < MOST_PARTS
        && matches!(
            text.get(words[next - 1].end..words[next].start),
            Some("-" | "_" | "." | " ")
        )
    {
        next += 1;
    }
    next
}

/// Whether a name begins so, and a new part begins there.
fn begins(whole: &str, part: &str) -> bool {
    whole.strip_prefix(part).is_some_and(|rest| {
        !(rest.starts_with(|letter: char| letter.is_ascii_digit())
            && part.ends_with(|letter: char| letter.is_ascii_digit()))
    })
}

fn ends(whole: &str, part: &str) -> bool {
    whole.strip_suffix(part).is_some_and(|rest| {
        !(rest.ends_with(|letter: char| letter.is_ascii_digit())
            && part.starts_with(|letter: char| letter.is_ascii_digit()))
    })
}

/// A name right beside the word "recipe" that is none.
fn unknown(text: &str, words: &[Token]) -> Option<String> {
    let lower = text.to_lowercase();
    let places: Vec<(usize, usize)> = ["레시피", "recipe"]
        .iter()
        .filter_map(|word| find_phrase(&lower, word).map(|at| (at, at + word.len())))
        .collect();
    let is_name = |name: &str| {
        name.chars().filter(char::is_ascii_digit).count() >= 2
            && name.chars().any(|letter| letter.is_ascii_alphabetic())
    };
    for at in 0..words.len() {
        let next = (at + 1..=joined(text, words, at))
            .take_while(|next| {
                *next == at + 1
                    || text.get(words[*next - 2].end..words[*next - 1].start) != Some(" ")
            })
            .last()?;
        let (start, end) = (words[at].start, words[next - 1].end);
        let beside = places.iter().any(|(from, to)| {
            text.get(*to..start)
                .is_some_and(|gap| gap.trim().is_empty())
                || text
                    .get(end..*from)
                    .is_some_and(|gap| gap.trim().is_empty())
        });
        if beside && is_name(&text[start..end]) {
            return Some(text[start..end].to_owned());
        }
    }
    None
}
