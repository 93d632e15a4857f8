use proptest::prelude::*;

use super::*;

const PARAMS: GlossaryParams = GlossaryParams::DEFAULT;

fn glossary(lines: &str) -> Glossary {
    Glossary::new(read::lines(&format!("english,korean,short\n{lines}"), "test").unwrap())
}

fn others(glossary: &Glossary, text: &str) -> Vec<String> {
    let phrases = glossary.expansions(text, &PARAMS);
    phrases.into_iter().map(|phrase| phrase.text).collect()
}

#[test]
fn a_korean_word_leads_to_the_english_ones_and_back() {
    let glossary = glossary("susceptor;wafer carrier,서셉터;서스셉터,\nbake,베이크,");
    assert_eq!(
        others(&glossary, "서셉터를 베이크하는 온도는?"),
        ["susceptor", "wafer carrier", "서스셉터", "bake"]
    );
    assert_eq!(
        others(&glossary, "How are susceptors baked?"),
        ["wafer carrier", "서셉터", "서스셉터", "베이크"]
    );
}

#[test]
fn the_longest_word_wins_and_spaces_in_korean_are_optional() {
    let glossary = glossary("gas,가스,\ncabinet,캐비닛,\ngas cabinet,가스 캐비닛,GC");
    for text in ["가스캐비닛 배기", "가스 캐비닛의 배기"] {
        assert_eq!(others(&glossary, text), ["gas cabinet", "GC"], "{text}");
    }
}

#[test]
fn a_short_word_is_not_found_inside_another() {
    let glossary = glossary("run,런,\noil,오일,\nhydrogen,수소,\npump,펌프,");
    assert_eq!(others(&glossary, "그런 오일은"), ["oil"]);
    assert_eq!(others(&glossary, "런은 몇 번?"), ["run"]);
    assert_eq!(others(&glossary, "펌프오일"), ["pump", "oil"]);
    assert!(others(&glossary, "염화수소").is_empty());
}

#[test]
fn short_forms_in_capitals_are_found_in_capitals_only() {
    let glossary = glossary("preventive maintenance,예방정비,PM\nthermocouple,열전대,TC");
    assert!(others(&glossary, "at 5 pm").is_empty());
    assert_eq!(
        others(&glossary, "PM 주기"),
        ["preventive maintenance", "예방정비"]
    );
    assert_eq!(others(&glossary, "TC-1 교체"), ["thermocouple", "열전대"]);
}

#[test]
fn a_word_with_several_meanings_counts_less_in_each() {
    let glossary = glossary("ramp,램프?,\nlamp,램프?;전등,");
    let phrases = glossary.expansions("램프 교체", &PARAMS);
    let weights: Vec<(&str, f32)> = phrases
        .iter()
        .map(|phrase| (phrase.text.as_str(), phrase.weight))
        .collect();
    let half = PARAMS.translation_weight / 2.0;
    let expected = [
        ("ramp", half),
        ("lamp", half),
        ("전등", PARAMS.synonym_weight / 2.0),
    ];
    assert_eq!(weights, expected);
}

#[test]
fn the_weights_are_parameters() {
    let glossary = glossary("ramp,램프?;경사,\nlamp,램프?,");
    let weights = |text: &str, params: &GlossaryParams| -> Vec<f32> {
        let expansions = glossary.expansions(text, params);
        expansions
            .iter()
            .map(|expansion| expansion.weight)
            .collect()
    };
    let changes: [fn(&mut GlossaryParams); 3] = [
        |params| params.translation_weight = 0.1,
        |params| params.synonym_weight = 0.1,
        |params| params.ambiguous_factor = 0.1,
    ];
    for change in changes {
        let mut params = PARAMS;
        change(&mut params);
        let texts = ["램프", "ramp"];
        assert!(
            texts
                .iter()
                .any(|text| weights(text, &params) != weights(text, &PARAMS))
        );
    }
}

#[test]
fn a_word_weighs_the_same_in_either_language() {
    let glossary = glossary("pyrometer,파이로미터,");
    let english = &glossary.expansions("파이로미터", &PARAMS)[0];
    assert!((english.weight - 4.0 * PARAMS.translation_weight).abs() < 1e-6);
    let korean = &glossary.expansions("pyrometer", &PARAMS)[0];
    assert!((korean.weight - PARAMS.translation_weight / 4.0).abs() < 1e-6);
}

#[test]
fn an_expansion_names_the_terms_that_it_replaces() {
    let glossary = glossary("mass-flow controller,유량 제어기,MFC");
    let korean = &glossary.expansions("유량제어기는 언제?", &PARAMS)[0];
    assert_eq!(korean.replaces, ["유량", "량제", "제어", "어기", "기는"]);
    let english = &glossary.expansions("the mass flow controller", &PARAMS)[0];
    assert_eq!(english.replaces, ["mass", "flow", "control"]);
}

#[test]
fn the_fabs_own_file_overrides_meanings() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.csv");
    std::fs::write(&file, "\u{feff}english,korean,short\nramp,램프,\n").unwrap();
    let glossary = Glossary::load(Some(&file)).unwrap();
    assert_eq!(others(&glossary, "램프"), ["ramp"]);
    assert!(others(&glossary, "서셉터").contains(&"susceptor".to_owned()));
}

#[test]
fn a_line_that_is_wrong_is_named() {
    for (text, said) in [
        ("susceptor;,서셉터,", "test, line 2"),
        ("susceptor,,", "line 2"),
        ("susceptor,서셉터", "line: 2"),
        ("susceptor,susceptor,", "line 2"),
    ] {
        let error = read::lines(&format!("english,korean,short\n{text}\n"), "test").unwrap_err();
        assert!(format!("{error:#}").contains(said), "{text}: {error:#}");
    }
    let error = read::lines("term,synonyms\n", "test").unwrap_err();
    assert!(
        format!("{error:#}").contains("english,korean,short"),
        "{error:#}"
    );
}

#[test]
fn the_built_in_words_have_several_meanings_only_if_marked() {
    let glossary = Glossary::load(None).unwrap();
    let unknown: Vec<AmbiguousWord> = glossary
        .ambiguous()
        .into_iter()
        .filter(|word| !word.is_known)
        .collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(glossary.ambiguous().iter().any(|word| word.word == "램프"));
    assert!(glossary.lines().len() > 300);
}

/// Pieces of valid and invalid glossaries.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = vec![
        "gas",
        "cabinet",
        "가스",
        "캐비닛",
        "MO",
        "bake",
        "baking",
        ",",
        ";",
        "?",
        "\n",
        "#",
        "\"",
        " ",
        "-",
        "PM",
        "\u{feff}",
    ];
    proptest::collection::vec(prop::sample::select(pieces), 0..40)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_line_of_a_glossary_has_words_that_differ(text in pieces()) {
        let Ok(lines) = read::lines(&format!("english,korean,short\n{text}"), "test") else {
            return Ok(());
        };
        for line in &lines {
            let mut keys: Vec<String> = line.words.iter().map(Word::key).collect();
            keys.sort();
            keys.dedup();
            prop_assert!(keys.len() > 1 && keys.len() == line.words.len(), "{:?}", line);
            prop_assert!(!keys[0].is_empty() && line.place.starts_with("test, line "), "{:?}", line);
        }
        let known: Vec<String> = lines.iter().flat_map(|line| &line.words).map(|word| word.text.clone()).collect();
        for phrase in Glossary::new(lines).expansions(&text, &PARAMS) {
            prop_assert!(known.contains(&phrase.text), "{:?}", phrase);
            prop_assert!(phrase.weight > 0.0 && phrase.weight.is_finite(), "{:?}", phrase);
        }
    }
}
