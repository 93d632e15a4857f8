//! Normalizes characters that mean the same. Case is kept: it distinguishes codes from words.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// NFKC, with minus signs, apostrophes and powers of ten spelled in ASCII: `10⁻⁶` and `10^-6` become `1e-6`.
pub(super) fn fold(text: &str) -> Vec<char> {
    if text.is_ascii() && !text.contains('^') {
        return text.chars().collect();
    }
    let raised = powers_marked(text);
    let mut folded = Vec::with_capacity(raised.len());
    if is_nfkc_quick(raised.chars()) == IsNormalized::Yes {
        raised.chars().for_each(|letter| push(&mut folded, letter));
    } else {
        raised.nfkc().for_each(|letter| push(&mut folded, letter));
    }
    powers_of_ten(&folded)
}

fn push(folded: &mut Vec<char>, letter: char) {
    match letter {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' => folded.push('-'),
        '\u{2018}' | '\u{2019}' | '\u{02BC}' => folded.push('\''),
        'μ' => folded.push('u'),
        // Soft hyphens, zero-width characters and byte order marks are invisible.
        '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' => {}
        _ => folded.push(letter),
    }
}

/// Inserts `^` before a superscript number, which NFKC would otherwise turn into a normal one.
fn powers_marked(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut raised = false;
    for letter in text.chars() {
        let is_raised = matches!(letter, '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' | '⁺' | '⁻');
        if is_raised && !raised {
            marked.push('^');
        }
        raised = is_raised;
        marked.push(letter);
    }
    marked
}

/// Rewrites `10^-6` and `5 × 10^-6` as `1e-6` and `5e-6`, and drops every other `^` (`cm^-3` is `cm-3`).
fn powers_of_ten(text: &[char]) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(text.len());
    for (at, &letter) in text.iter().enumerate() {
        if letter != '^' {
            out.push(letter);
            continue;
        }
        let signed = text
            .get(at + 1)
            .is_some_and(|next| next.is_ascii_digit() || matches!(next, '-' | '+'));
        let ten = out.ends_with(&['1', '0'])
            && out
                .iter()
                .rev()
                .nth(2)
                .is_none_or(|before| !before.is_alphanumeric() && !matches!(before, '.' | ','));
        if ten && signed {
            out.truncate(out.len() - 2);
            if !join_mantissa(&mut out) {
                out.push('1');
            }
            out.push('e');
        }
    }
    out
}

/// Removes the multiplication sign at the end if a number precedes it.
fn join_mantissa(out: &mut Vec<char>) -> bool {
    let end = trimmed(out, out.len());
    let times = end > 0 && matches!(out[end - 1], '×' | 'x' | 'X' | '*' | '·' | '∙' | '⋅');
    if !times {
        return false;
    }
    let number = trimmed(out, end - 1);
    if number == 0 || !out[number - 1].is_ascii_digit() {
        return false;
    }
    out.truncate(number);
    true
}

/// Returns the end of the text before `end` without its trailing spaces.
fn trimmed(text: &[char], end: usize) -> usize {
    text[..end]
        .iter()
        .rposition(|letter| *letter != ' ')
        .map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_mean_the_same_are_spelled_the_same() {
        for (text, folded) in [
            ("10⁻⁶", "1e-6"),
            ("10^-6 mbar", "1e-6 mbar"),
            ("5 × 10⁻⁶", "5e-6"),
            ("2.5×10¹⁷ cm⁻³", "2.5e17 cm-3"),
            ("210⁻⁶", "210-6"),
            ("Ｅ－１０４２", "E-1042"),
            ("1050 ℃", "1050 °C"),
            ("5 µm", "5 um"),
            ("Al₀.₂₅Ga₀.₇₅N", "Al0.25Ga0.75N"),
            ("−5", "-5"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
        ] {
            assert_eq!(fold(text).into_iter().collect::<String>(), folded);
        }
    }
}
