//! Units in the prose of documents and answers: case is kept where it matters (`mΩ`, `MΩ`), Korean names are followed
//! by particles.

use super::Base;
use super::catalog::{Form, Reader, forms};

/// Returns the unit named by a whole word of Latin letters, as a base and a multiple of it. An exact match wins over one
/// that ignores case, which only spellings of more than one letter allow.
#[must_use]
pub fn word(word: &str) -> Option<(Base, f64)> {
    let latin = || forms(Reader::Prose, false);
    let exact = |form: &Form| word.strip_prefix(form.prefix) == Some(form.text);
    let any_case = |form: &Form| {
        let length = form.prefix.len() + form.text.len();
        length > 1
            && word.len() == length
            && word.is_char_boundary(form.prefix.len())
            && word[..form.prefix.len()].eq_ignore_ascii_case(form.prefix)
            && word[form.prefix.len()..].eq_ignore_ascii_case(form.text)
    };
    let found = latin().find(exact).or_else(|| latin().find(any_case))?;
    Some((found.base, found.multiple))
}

/// Returns the unit with the longest Korean name that a text begins with, as a base and a multiple of it, and the length
/// of the name in characters.
#[must_use]
pub fn korean(text: &[char]) -> Option<(Base, f64, usize)> {
    let named = forms(Reader::Prose, true).filter_map(|form| {
        let name = || form.prefix.chars().chain(form.text.chars());
        let length = name().count();
        let matches = length <= text.len() && name().eq(text[..length].iter().copied());
        matches.then_some((form.base, form.multiple, length))
    });
    named.max_by_key(|(.., length)| *length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_decides_between_units_that_differ_only_in_case() {
        for (text, base, multiple) in [
            ("mΩ", Base::Ohm, 1e-3),
            ("MΩ", Base::Ohm, 1e6),
            ("mL", Base::Litre, 1e-3),
            ("ML", Base::Monolayer, 1.0),
            ("Ml", Base::Litre, 1e-3),
            ("TORR", Base::Torr, 1.0),
            ("mtorr", Base::Torr, 1e-3),
            ("SLM", Base::StandardCubicCentimetrePerMinute, 1e3),
            ("C", Base::Celsius, 1.0),
            ("hPa", Base::Pascal, 1e2),
            ("mbar", Base::Pascal, 1e2),
            ("um", Base::Metre, 1e-6),
            ("kg", Base::Gram, 1e3),
        ] {
            assert_eq!(word(text), Some((base, multiple)), "{text}");
        }
        for text in ["c", "k", "mmHg", "celsius", "wafers", "pm", "mol/min"] {
            assert_eq!(word(text), None, "{text}");
        }
    }

    #[test]
    fn the_longest_korean_name_wins() {
        let read = |text: &str| korean(&text.chars().collect::<Vec<_>>());
        assert_eq!(read("주일마다"), Some((Base::Second, 604_800.0, 2)));
        assert_eq!(read("주마다"), Some((Base::Second, 604_800.0, 1)));
        assert_eq!(read("마이크로미터의"), Some((Base::Metre, 1e-6, 6)));
        assert_eq!(read("밀리바에서"), Some((Base::Pascal, 1e2, 3)));
        assert_eq!(read("킬로와트"), Some((Base::Watt, 1e3, 4)));
        assert_eq!(read("밀리그램"), None);
        assert_eq!(read("도면"), None);
    }

    /// Of two equal forms, only the first would ever be found.
    #[test]
    fn no_form_has_two_meanings() {
        for korean in [false, true] {
            let mut known = std::collections::BTreeMap::new();
            for form in forms(Reader::Prose, korean) {
                let text = format!("{}{}", form.prefix, form.text);
                let size = (form.base, form.multiple.to_bits());
                assert_eq!(*known.entry(text.clone()).or_insert(size), size, "{text}");
            }
        }
    }
}
