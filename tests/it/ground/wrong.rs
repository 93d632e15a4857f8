//! Statements spelled anew, and made wrong.

use super::{Said, Shown, pick};
use crate::support::scripted_slack::Chance;

/// What is made wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wrong {
    Number,
    Unit,
    Code,
    Citation,
}

pub(super) const KINDS: [Wrong; 4] = [Wrong::Number, Wrong::Unit, Wrong::Code, Wrong::Citation];

/// Units, each with another of the same kind.
const UNITS: [(&str, &str); 30] = [
    ("°C/min", "K/min"),
    ("°C", "K"),
    ("℃", "K"),
    ("mbar", "Torr"),
    ("slm", "sccm"),
    ("sccm", "slm"),
    ("l/min", "ml/min"),
    ("nm/s", "µm/s"),
    ("nm", "µm"),
    ("µm", "nm"),
    ("mm", "cm"),
    ("bar(g)", "Pa"),
    ("Pa", "mbar"),
    ("ppm", "%"),
    ("%", "ppm"),
    ("kg", "g"),
    ("N·m", "N"),
    ("rpm", "Hz"),
    ("ms", "s"),
    ("min", "h"),
    ("h", "min"),
    ("s", "min"),
    ("kW", "W"),
    ("V", "kV"),
    ("Ω", "kΩ"),
    ("시간", "분"),
    ("분", "시간"),
    ("초", "분"),
    ("개월", "일"),
    ("g", "kg"),
];

/// Formulas that stand in one another's place.
const FORMULAS: [(&str, &str); 12] = [
    ("TMGa", "TMIn"),
    ("TMAl", "TEGa"),
    ("TEGa", "TMAl"),
    ("TMIn", "TMGa"),
    ("Cp2Mg", "DEZn"),
    ("NH3", "PH3"),
    ("SiH4", "GeH4"),
    ("InGaN", "InAlN"),
    ("AlGaN", "InGaAs"),
    ("AlN", "TiN"),
    ("H2", "O2"),
    ("GaN", "ZnO"),
];

/// Numbers and codes of a text as they are written, but for separators of thousands.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || ".-_:".contains(letter);
    let text = text.replace('\u{2009}', "").replace(['–', '~'], " ");
    let text = without_thousands(&text);
    for word in text.split(|letter: char| !is_part(letter)) {
        let word = word.trim_matches(['.', '-', '_', ':']);
        let digits = word.find(|letter: char| !(letter.is_ascii_digit() || letter == '.'));
        let word = match digits {
            // "20sccm"
            Some(end) if end > 0 => &word[..end],
            _ => word,
        };
        if word.contains(|letter: char| letter.is_ascii_digit()) {
            found.push(word.trim_end_matches('.').to_owned());
        }
    }
    found
}

/// The numbers of an answer, each with what follows it, as they stand in a text without spaces.
pub(super) fn measures(text: &str) -> Vec<String> {
    let text = squeezed(text);
    let mut found = Vec::new();
    // A code or a power of ten stands there as it is, or not at all.
    if text.contains("×10") || text.contains('-') {
        found.push(text.clone());
    }
    let mut rest = text.as_str();
    while let Some(begin) = rest.find(|letter: char| letter.is_ascii_digit()) {
        rest = &rest[begin..];
        let end = rest
            .find(|letter: char| !(letter.is_ascii_digit() || letter == '.'))
            .unwrap_or(rest.len());
        let unit: String = rest[end..]
            .chars()
            .take_while(|letter| letter.is_alphabetic() || "°%/·".contains(*letter))
            .take(6)
            .collect();
        found.push(format!("{}{unit}", &rest[..end]));
        rest = &rest[end..];
    }
    found
}

/// Whether a measure stands in a text without spaces, and not as the end of a longer number.
pub(super) fn holds(text: &str, measure: &str) -> bool {
    text.match_indices(measure).any(|(at, _)| {
        !text[..at].ends_with(|before: char| before.is_ascii_digit() || before == '.')
    })
}

/// Without spaces and separators of thousands, in small letters.
pub(super) fn squeezed(text: &str) -> String {
    let plain = without_thousands(text).replace('℃', "°C");
    plain
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

fn without_thousands(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut plain = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
        let parts = matches!(letter, ',' | ' ')
            && at > 0
            && digit(at - 1)
            && (1..=3).all(|next| digit(at + next))
            && !digit(at + 4);
        if !parts {
            plain.push(*letter);
        }
    }
    plain
}

/// The same in other signs and spellings.
pub(super) fn respelled(statement: &str, chance: &mut Chance) -> String {
    let mut text = statement.to_owned();
    let others: [(&str, &str); 15] = [
        (" °C", "°C"),
        ("°C", "℃"),
        ("–", "~"),
        ("–", "-"),
        (" mbar", "mbar"),
        (" min.", " minutes."),
        (" min,", " minutes,"),
        (" s,", " seconds,"),
        (" h,", " hours,"),
        ("µm", "μm"),
        (" %", "%"),
        ("10회", "열 번"),
        ("five", "5"),
        ("2시간", "두 시간"),
        (" sccm", "sccm"),
    ];
    for (one, other) in others {
        if chance.below(2) == 0 {
            text = text.replace(one, other);
        }
    }
    if chance.below(2) == 0 {
        text = with_thousands(&text);
    }
    text
}

/// `1050 °C` as `1,050 °C`.
fn with_thousands(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut spelled = String::new();
    for (at, letter) in letters.iter().enumerate() {
        spelled.push(*letter);
        let run = |from: usize| {
            letters[from..]
                .iter()
                .take_while(|letter| letter.is_ascii_digit())
                .count()
        };
        let begins = at == 0
            || !(letters[at - 1].is_ascii_alphanumeric() || "-.,_:".contains(letters[at - 1]));
        let behind: String = letters[at..].iter().skip(4).take(3).collect();
        let is_measure = [" °C", "°C", " mb", "mba", "℃", " h", " ℃"]
            .iter()
            .any(|unit| behind.starts_with(unit));
        if begins && run(at) == 4 && is_measure {
            spelled.push(',');
        }
    }
    spelled
}

/// Makes one statement wrong; none where it has nothing of this kind.
pub(super) fn make(
    said: &mut [Said],
    wrong: Wrong,
    chance: &mut Chance,
    passages: &[Shown],
) -> Option<()> {
    let mut places: Vec<usize> = (0..said.len()).collect();
    while !places.is_empty() {
        let place = *pick(chance, &places)?;
        places.retain(|other| *other != place);
        let one = &mut said[place];
        let spoilt = match wrong {
            Wrong::Number => number(&one.text, chance),
            Wrong::Unit => unit(&one.text, chance),
            Wrong::Code => code(&one.text, chance),
            Wrong::Citation => match citation(one, chance, passages) {
                Some(cites) => {
                    one.cites = cites;
                    return Some(());
                }
                None => None,
            },
        };
        let is_wrong =
            |spoilt: &String| *spoilt != one.text && !is_listed(&one.text, spoilt, passages);
        if let Some(spoilt) = spoilt.filter(is_wrong) {
            one.text = spoilt;
            return Some(());
        }
    }
    None
}

/// Whether a line names what was written and what is written now, as a list does: both may be right.
fn is_listed(written: &str, spoilt: &str, passages: &[Shown]) -> bool {
    let (before, after) = (tokens(written), tokens(spoilt));
    let gone = before.iter().find(|token| !after.contains(token));
    let new = after.iter().find(|token| !before.contains(token));
    let (Some(gone), Some(new)) = (gone, new) else {
        return false;
    };
    let is_code = new.contains('-');
    let mut lines = passages.iter().flat_map(|passage| passage.text.lines());
    is_code && lines.any(|line| line.contains(gone.as_str()) && line.contains(new.as_str()))
}

/// Numbers that belong to no code: where they begin and end.
fn numbers(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = (at..bytes.len())
            .find(|end| !bytes[*end].is_ascii_digit())
            .unwrap_or(bytes.len());
        let before = at.checked_sub(1).map(|at| bytes[at]);
        let after = bytes.get(end).copied().unwrap_or(b' ');
        let joins = |byte: u8| byte.is_ascii_alphabetic() || b"-_.:^/".contains(&byte);
        let in_code = before.is_some_and(joins)
            || (after == b'-' && bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric));
        if !in_code {
            found.push((at, end));
        }
        at = end;
    }
    found
}

fn number(text: &str, chance: &mut Chance) -> Option<String> {
    let (begin, end) = *pick(chance, &numbers(text))?;
    let written = &text[begin..end];
    let changed = match chance.below(4) {
        // Ten times as much.
        0 if written != "0" => format!("{written}0"),
        // One digit is another.
        _ => {
            let place = usize::try_from(chance.below(u64::try_from(written.len()).ok()?)).ok()?;
            let digit = written[place..=place].parse::<u64>().ok()?;
            let other = (digit + 1 + chance.below(8)) % 10;
            let other = if place == 0 && other == 0 {
                9 - digit % 9
            } else {
                other
            };
            format!("{}{other}{}", &written[..place], &written[place + 1..])
        }
    };
    Some(format!("{}{changed}{}", &text[..begin], &text[end..]))
}

fn unit(text: &str, chance: &mut Chance) -> Option<String> {
    let mut places = Vec::new();
    for (begin, end) in numbers(text) {
        // No seconds are no minutes.
        if text[begin..end].trim_start_matches('0').is_empty() {
            continue;
        }
        let rest = &text[end..];
        let rest = rest
            .strip_prefix(|letter: char| letter == '.')
            .map_or(rest, |rest| {
                rest.trim_start_matches(|letter: char| letter.is_ascii_digit())
            });
        let trimmed = rest.strip_prefix(' ').unwrap_or(rest);
        let at = text.len() - trimmed.len();
        let found = UNITS.iter().find(|(unit, _)| {
            let after = trimmed
                .strip_prefix(unit)
                .and_then(|after| after.chars().next());
            trimmed.starts_with(unit)
                && !after.is_some_and(|next| next.is_ascii_alphanumeric() || "/·".contains(next))
        });
        places.extend(found.map(|(unit, other)| (at, *unit, *other)));
    }
    let (at, unit, other) = *pick(chance, &places)?;
    Some(format!(
        "{}{other}{}",
        &text[..at],
        &text[at + unit.len()..]
    ))
}

/// Another code, or another formula.
fn code(text: &str, chance: &mut Chance) -> Option<String> {
    let mut codes = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive(|letter: char| {
        !(letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
    }) {
        let code = word.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        let begins = code.starts_with(|letter: char| letter.is_ascii_uppercase());
        let is_code =
            begins && code.contains('-') && code.contains(|letter: char| letter.is_ascii_digit());
        if is_code {
            codes.push((at, code));
        }
        at += word.len();
    }
    if let Some((at, code)) = pick(chance, &codes) {
        let digits: Vec<usize> = code
            .bytes()
            .enumerate()
            .filter(|(_, byte)| byte.is_ascii_digit())
            .map(|(at, _)| at)
            .collect();
        let place = at + digits.last()?;
        let digit: u64 = text[place..=place].parse().ok()?;
        let other = (digit + 1 + chance.below(8)) % 10;
        return Some(format!("{}{other}{}", &text[..place], &text[place + 1..]));
    }
    let standing = |formula: &str| {
        text.match_indices(formula).map(|(at, _)| at).find(|at| {
            let before = text[..*at].chars().next_back();
            let after = text[at + formula.len()..].chars().next();
            !before.is_some_and(|letter| letter.is_ascii_alphanumeric())
                && !after.is_some_and(|letter| letter.is_ascii_alphanumeric())
        })
    };
    let formulas: Vec<(usize, &str, &str)> = FORMULAS
        .iter()
        // In a list that has the other one already, nothing would be wrong.
        .filter(|(_, other)| standing(other).is_none())
        .filter_map(|(formula, other)| Some((standing(formula)?, *formula, *other)))
        .collect();
    let (at, formula, other) = *pick(chance, &formulas)?;
    Some(format!(
        "{}{other}{}",
        &text[..at],
        &text[at + formula.len()..]
    ))
}

/// Small numbers that are written out, as digits.
fn in_digits(text: &str) -> String {
    const WORDS: [(&str, &str); 5] = [
        ("two", "2"),
        ("three", "3"),
        ("four", "4"),
        ("five", "5"),
        ("ten", "10"),
    ];
    let words = text.split_inclusive(|letter: char| !letter.is_alphanumeric());
    words
        .map(|word| {
            let bare = word.trim_end_matches(|letter: char| !letter.is_alphanumeric());
            let digit = WORDS.iter().find(|(name, _)| *name == bare);
            digit.map_or_else(|| word.to_owned(), |(_, digit)| word.replace(bare, digit))
        })
        .collect()
}

/// No citation, one that does not exist (both are gone when the answer is read), or a passage that does not say it.
fn citation(said: &Said, chance: &mut Chance, passages: &[Shown]) -> Option<usize> {
    match chance.below(4) {
        0 => return Some(0),
        1 => return Some(99),
        _ => {}
    }
    let wanted = tokens(&said.text);
    let others: Vec<usize> = passages
        .iter()
        .filter(|passage| {
            let held = tokens(&in_digits(&passage.text));
            wanted.iter().any(|token| !held.contains(token))
        })
        .map(|passage| passage.number)
        .collect();
    pick(chance, &others).copied()
}
