use super::*;
use crate::domain::sample;
use crate::domain::search_params::AnswerabilityParams;
use crate::search::index::{Hit, QueryTerm};

/// Results with these passages, all of whose terms are in the index.
fn results(question: &str, passages: &[&str]) -> SearchResults {
    let hits = passages.iter().map(|text| Hit {
        passage: sample::passage("SOP-7", text),
        score: 1.0,
        word_score: Some(1.0),
        vector_score: None,
        exact: false,
    });
    let known: BTreeSet<String> = passages.iter().flat_map(|text| terms(text)).collect();
    let query_terms = analysis::terms(question).into_iter().map(|term| QueryTerm {
        doc_freq: u64::from(known.contains(&term)),
        term,
        weight: 1.0,
        in_question: true,
    });
    SearchResults {
        hits: hits.collect(),
        terms: query_terms.collect(),
        total_passages: 100,
        ..SearchResults::default()
    }
}

fn scored(question: &str, passages: &[&str], params: AnswerabilityParams) -> f32 {
    let expansions = [QueryExpansion {
        text: "valve".to_owned(),
        weight: 1.0,
        replaces: vec!["밸브".to_owned()],
    }];
    let params = SearchParams {
        answerability: params,
        ..SearchParams::DEFAULT
    };
    score(question, &expansions, &results(question, passages), &params).score
}

/// A change of a parameter, a question and the passages found for it.
type Case<'a> = (fn(&mut AnswerabilityParams), &'a str, &'a [&'a str]);

#[test]
fn every_parameter_changes_the_score_that_it_is_for() {
    let distant = format!(
        "The pump has an oil filter.\n{}\nChange the susceptor.",
        "x ".repeat(300)
    );
    let cases: [Case; 11] = [
        (
            |params| params.hits = 1,
            "pump oil filter",
            &["susceptor", "pump oil filter"],
        ),
        (
            |params| params.window_chars = 2000,
            "pump susceptor",
            &[&distant],
        ),
        (
            |params| params.weak_word_weight = 0.9,
            "exact pump",
            &["the pump"],
        ),
        (
            |params| params.untranslated_weight = 0.1,
            "서셉터는 pump 확인",
            &["the pump"],
        ),
        (
            |params| params.out_of_corpus_penalty = 0.9,
            "pump unicorn",
            &["the pump"],
        ),
        (
            |params| params.unknown_code_factor = 0.1,
            "alarm E-1099 pump",
            &["the pump"],
        ),
        (
            |params| params.min_present_share = 1.0,
            "서셉터온도 pump",
            &["서셉터 pump"],
        ),
        (
            |params| params.min_replaced_share = 0.1,
            "밸브의누설시험 pump",
            &["valve pump"],
        ),
        (
            |params| params.essential_word_weight = 9.0,
            "price pump",
            &["the pump"],
        ),
        (|params| params.name_weight = 9.0, "AFM pump", &["the pump"]),
        (
            |params| params.unit_weight = 9.0,
            "pump 몇 도",
            &["the pump"],
        ),
    ];
    for (number, (change, question, passages)) in cases.iter().enumerate() {
        let mut params = AnswerabilityParams::DEFAULT;
        change(&mut params);
        let (before, after) = (
            scored(question, passages, AnswerabilityParams::DEFAULT),
            scored(question, passages, params),
        );
        assert!(
            (before - after).abs() > 1e-6,
            "{number}: {question}: {before}"
        );
    }
}
