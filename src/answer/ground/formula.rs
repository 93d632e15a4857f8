//! Formulas of compounds, and their names in words.

use crate::recipes::species;

/// Elements that occur in the documents of such a fab.
const ELEMENTS: &[&str] = &[
    "Al", "Ar", "As", "Au", "B", "Be", "Br", "C", "Ca", "Cl", "Cr", "Cu", "F", "Fe", "Ga", "Ge",
    "H", "He", "Hf", "Hg", "I", "In", "Ir", "K", "Mg", "Mn", "Mo", "N", "Na", "Nb", "Ni", "O", "P",
    "Pb", "Pd", "Pt", "S", "Sb", "Sc", "Se", "Si", "Sn", "Ta", "Te", "Ti", "Zn",
];
/// Prefixes of the metal in a metal-organic compound.
const ALKYLS: [&str; 6] = ["TM", "TE", "DM", "DE", "TB", "Cp"];

/// Formulas with the names of their compounds.
const WORDS: &[(&str, &[&str])] = &[
    ("nh3", &["ammonia", "암모니아"]),
    ("h2", &["hydrogen", "수소"]),
    ("n2", &["nitrogen", "질소"]),
    ("o2", &["oxygen", "산소"]),
    ("h2o", &["water", "moisture", "수분", "물"]),
    ("sih4", &["silane", "실란"]),
    ("si2h6", &["disilane", "디실란"]),
    ("ash3", &["arsine", "아르신"]),
    ("ph3", &["phosphine", "포스핀"]),
    ("b2h6", &["diborane", "디보레인", "다이보레인"]),
    ("cl2", &["chlorine", "염소"]),
    (
        "hcl",
        &["hydrochloric", "hydrogen chloride", "염산", "염화수소"],
    ),
    ("hf", &["hydrofluoric", "불산", "불화수소"]),
    ("h2so4", &["sulphuric", "sulfuric", "황산"]),
    ("h2o2", &["peroxide", "과산화수소"]),
    ("tmga", &["trimethylgallium", "트리메틸갈륨"]),
    ("tega", &["triethylgallium", "트리에틸갈륨"]),
    (
        "tmal",
        &[
            "trimethylaluminium",
            "trimethylaluminum",
            "트리메틸알루미늄",
        ],
    ),
    ("tmin", &["trimethylindium", "트리메틸인듐"]),
    ("gan", &["gallium nitride", "질화갈륨"]),
    (
        "aln",
        &["aluminium nitride", "aluminum nitride", "질화알루미늄"],
    ),
    ("sic", &["silicon carbide", "탄화규소", "실리콘 카바이드"]),
    ("al2o3", &["sapphire", "사파이어"]),
    ("co2", &["carbon dioxide", "이산화탄소"]),
    ("he", &["helium", "헬륨"]),
    ("ar", &["argon", "아르곤"]),
];

/// Returns true if a word without digits is a formula: `GaN`, `TMGa`, `SiC`. Capitals alone are an abbreviation.
pub(super) fn is_formula(word: &str) -> bool {
    let capitals = word.bytes().filter(u8::is_ascii_uppercase).count();
    let has_small = word.bytes().any(|byte| byte.is_ascii_lowercase());
    if capitals < 2 || !has_small {
        return word.len() > 2 && species::find(word).is_some_and(|found| found.name == word);
    }
    let rest = ALKYLS
        .iter()
        .find_map(|alkyl| word.strip_prefix(alkyl))
        .unwrap_or(word);
    !rest.is_empty() && is_made_of_elements(rest)
}

fn is_made_of_elements(word: &str) -> bool {
    word.is_empty()
        || ELEMENTS.iter().any(|element| {
            word.strip_prefix(element).is_some_and(|rest| {
                !rest.starts_with(|next: char| next.is_ascii_lowercase())
                    && is_made_of_elements(rest)
            })
        })
}

/// Returns the formula of the compound name at the beginning of a lowercase text.
pub(super) fn at_begin(lower: &str) -> Option<&'static str> {
    // Many words of another meaning begin with a single syllable such as 물.
    let is_word = |word: &str| {
        let rest = lower.strip_prefix(word);
        rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphabetic()))
            && word.chars().count() > 1
    };
    let begins = |words: &[&str]| words.iter().any(|word| is_word(word));
    let named = WORDS.iter().find(|(_, words)| begins(words));
    named.map(|(formula, _)| *formula)
}

/// Returns the formulas of the compound names in a lowercase text.
pub(super) fn in_words(lower: &str) -> impl Iterator<Item = &'static str> {
    let found = WORDS
        .iter()
        .filter(|(_, words)| words.iter().any(|word| lower.contains(word)));
    found
        .map(|(formula, _)| *formula)
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_distinguished_from_words_and_abbreviations() {
        for formula in ["GaN", "InGaN", "AlN", "TMGa", "SiC", "TiN"] {
            assert!(is_formula(formula), "{formula}");
        }
        for word in ["In", "NO", "SOP", "Hold", "PowerShare", "MFC", "He", "ON"] {
            assert!(!is_formula(word), "{word}");
        }
    }

    #[test]
    fn compound_names_are_read_as_formulas() {
        let found: Vec<_> = in_words("암모니아와 hydrogen").collect();
        assert_eq!(found, ["nh3", "h2"]);
    }
}
