use proptest::prelude::*;

use super::*;
use crate::domain::sample;

/// The findings in an answer that may cite these passages.
fn found(answer: &str, passages: &[&str]) -> Vec<String> {
    let passages: Vec<Passage> = passages
        .iter()
        .map(|text| sample::passage("D", text))
        .collect();
    let cited: Vec<&Passage> = passages.iter().collect();
    let context = GroundingContext {
        cited: &cited,
        others: &[],
        glossary_words: "",
        params: &GroundingParams::DEFAULT,
    };
    claim_texts(&check(answer, "", &context))
}

#[test]
fn spelling_does_not_matter() {
    for (answer, passage) in [
        ("1,050°C", "1050 ℃"),
        ("−5 °C", "-5 °C"),
        ("20분 동안", "for 20 minutes"),
        ("3 µm", "3 μm"),
        ("1.50 slm", "1.5 slpm"),
        ("760 °C", "700–760 °C"),
        ("10 ppm", "| limit (ppm) |\n| 10 |"),
        ("2e-6 mbar", "2E-6 mbar"),
        ("30 %", "30%"),
        ("압력은 100mbar이다", "100 mbar"),
        ("천오십 도까지", "1050 ℃"),
        ("5회", "five nitrogen cycles"),
        ("두 시간", "2 h"),
        ("60 min", "1 h"),
        ("2000 sccm", "2 slm"),
        ("450에서 1,150 °C", "450–1150 °C"),
        ("1e-9 mbar·l/s", "1 × 10⁻⁹ mbar·l/s"),
        ("1 860 tubes", "1,860 tubes"),
        ("E1042", "E-1042"),
        ("NH3 공급", "암모니아 공급"),
        ("AlGaN", "Al0.25Ga0.75N"),
        ("2025년 1월 22일", "2025-01-22"),
        ("TMGa", "TMGa_1"),
    ] {
        let answer = format!("{answer} [1].");
        assert_eq!(
            found(&answer, &[passage]),
            Vec::<String>::new(),
            "{answer} / {passage}"
        );
    }
}

#[test]
fn a_changed_number_unit_sign_code_or_formula_is_found() {
    for (answer, passage) in [
        ("1051 °C", "1050 °C"),
        ("100 Torr", "100 mbar"),
        ("-5 °C", "5 °C"),
        ("20초", "20분"),
        ("5 slm", "5 sccm"),
        ("105 °C", "1050 °C"),
        ("7회", "5회"),
        ("E-1043", "E-1042"),
        ("InGaN", "AlGaN"),
        ("SiH4", "암모니아"),
        ("HX-00971-C", "HX-00971-B"),
        ("2025-01-23", "2025-01-22"),
    ] {
        let cited = format!("{answer} [1].");
        let found = found(&cited, &[passage]);
        assert!(
            found.len() == 1 && answer.starts_with(&found[0]),
            "{found:?} in {answer}, {passage}"
        );
    }
}

#[test]
fn only_the_row_of_a_table_that_is_meant_supports_a_number() {
    let table = "| ID | Condition | Threshold | Delay |\n|---|---|---|---|\n\
                 | IL-03 | Reactor over-pressure | > 850 mbar | 5 s |\n\
                 | IL-05 | Reactor low pressure | < 40 mbar | 10 s |\n\
                 | IL-24 | Cp2Mg line heating | < 40 °C | 60 s |";
    let right = "IL-05 trips below 40 mbar for 10 s [1].";
    assert_eq!(found(right, &[table]), Vec::<String>::new());
    assert_eq!(
        found("IL-05 trips below 40 mbar for 60 s [1].", &[table]),
        ["60 s"]
    );
    assert!(!found("IL-03 trips below 40 mbar for 10 s [1].", &[table]).is_empty());
}

#[test]
fn each_statement_is_checked_against_its_own_citations() {
    let passages = ["Bake at 1050 °C for 20 min.", "Purge with 5 slm nitrogen."];
    let right = "Bake at 1050 °C [1]. Purge with 5 slm [2].";
    assert_eq!(found(right, &passages), Vec::<String>::new());
    assert_eq!(
        found("Bake at 1050 °C [2]. Purge with 5 slm [2].", &passages),
        ["1050 °C"]
    );
    let uncited = "Bake it at 1050 °C. Purge with 5 slm [2].";
    assert_eq!(found(uncited, &passages), ["Bake it at 1050 °C."]);
}

#[test]
fn a_sentence_without_numbers_from_another_passage_is_found() {
    let passages = [
        "The susceptor is exchanged by two people with clean gloves. The notch points to the loading door.",
        "Spare filters are kept in the cabinet beside the pump. Order them from the store.",
    ];
    let sentence = "The notch of the susceptor points to the loading door";
    let (right, wrong) = (format!("{sentence} [1]."), format!("{sentence} [2]."));
    assert_eq!(found(&right, &passages), Vec::<String>::new());
    assert_eq!(found(&wrong, &passages), [wrong.as_str()]);
}

#[test]
fn a_bare_value_that_belongs_to_the_question_in_another_passage_is_found() {
    let passages = [
        "The brush sweeps the showerhead every 5 runs, and the showerhead plate is exchanged when the brush wears out.",
        "The leak rate is 5 times the limit.",
    ];
    let passages = passages.map(|text| sample::passage("D", text));
    let cited: Vec<&Passage> = passages.iter().collect();
    // A word weighs more the fewer pieces contain it.
    let others: Vec<Passage> = (0..20)
        .map(|_| sample::passage("E", "The valve opens."))
        .collect();
    let context = GroundingContext {
        cited: &cited,
        others: &others.iter().collect::<Vec<_>>(),
        glossary_words: "brush sweep plate showerhead wear exchange",
        params: &GroundingParams::DEFAULT,
    };
    let question = "샤워헤드는 몇 런마다 브러싱하나요?";
    assert_eq!(
        claim_texts(&check("5 [1].", question, &context)),
        Vec::<String>::new()
    );
    assert_eq!(claim_texts(&check("5 [2].", question, &context)), ["5"]);
    let tolerant = GroundingContext {
        params: &GroundingParams {
            min_overlap: 1e9,
            min_overlap_with_question: 1e9,
            ..GroundingParams::DEFAULT
        },
        ..context
    };
    assert!(check("5 [2].", question, &tolerant).is_empty());
}

#[test]
fn claims_that_belong_together_are_checked_together() {
    let passage =
        "Regenerate it for 12 h with 5 % hydrogen at 150–190 °C; oxygen stays below 2 ppm.";
    assert_eq!(
        found("12 h, 5 % H2, 150–190 °C [1].", &[passage]),
        Vec::<String>::new()
    );
    assert_eq!(found("12 h in 5 % O2 [1].", &[passage]), ["5 % O2"]);
    assert_eq!(found("At 190–190 °C [1].", &[passage]), ["190–190 °C"]);
}

#[test]
fn claims_of_the_question_may_be_repeated() {
    let passage = sample::passage("D", "The ceiling is 1150 °C.");
    let context = GroundingContext {
        cited: &[&passage],
        others: &[],
        glossary_words: "",
        params: &GroundingParams::DEFAULT,
    };
    let answer = "1200 °C is above the ceiling of 1150 °C [1].";
    assert_eq!(
        claim_texts(&check(answer, "Can I run at 1200 °C?", &context)),
        Vec::<String>::new()
    );
    assert_eq!(
        claim_texts(&check(answer, "How hot?", &context)),
        ["1200 °C"]
    );
}

#[test]
fn unsupported_claims_are_marked_or_withheld() {
    let passage = sample::passage("D", "Bake at 1050 °C. | a | 5 s |");
    let context = GroundingContext {
        cited: &[&passage],
        others: &[],
        glossary_words: "",
        params: &GroundingParams::DEFAULT,
    };
    let answer = "Bake at **1051 °C** for 20 min [1]. It is 1050 °C [1].";
    let findings = check(answer, "", &context);
    assert_eq!(
        with_marks(answer, &findings),
        "Bake at **1051 °C ⚠** for 20 min ⚠ [1]. It is 1050 °C [1]."
    );
    assert_eq!(
        without_unsupported(answer, &findings, "(…)"),
        "(…) It is 1050 °C [1]."
    );
}

/// Beginnings of dates, numbers, codes and markup, often incomplete.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = vec![
        "2025-",
        "2025년 ",
        "1",
        "10^",
        "5e",
        " × ",
        "10",
        "-",
        ".",
        ",",
        "/",
        ":",
        "°",
        "℃",
        "도",
        "천",
        "만",
        "이십",
        "세 ",
        "번",
        "E-10",
        "E ",
        "1042",
        "IL",
        "[1]",
        "[9]",
        " ",
        "\n",
        "|",
        "| ",
        "- ",
        "1. ",
        "```",
        "mbar",
        "·",
        "cm⁻",
        "³",
        "%",
        "(",
        ")",
        "①",
        "½",
        "five ",
        "GaN",
        "TMGa_1",
        "\u{200b}",
        "가스",
        "the valve ",
        ". ",
        "출처: ",
        "㎜",
        "ﬁ",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_answer_is_checked_and_marked(answer in pieces(), passage in pieces(), any in "\\PC{0,40}") {
        let passages = [sample::passage("D", &passage), sample::passage("E", &any)];
        let cited: Vec<&Passage> = passages.iter().collect();
        for answer in [&answer, &any] {
            let context = GroundingContext { cited: &cited, others: &[], glossary_words: "", params: &GroundingParams::DEFAULT };
            let findings = check(answer, &passage, &context);
            let marked = with_marks(answer, &findings);
            prop_assert_eq!(marked.replace(UNSUPPORTED_MARK, ""), answer.replace(UNSUPPORTED_MARK, ""));
            prop_assert!(without_unsupported(answer, &findings, "(…)").len() <= answer.len() + 5 * findings.len());
        }
    }
}
