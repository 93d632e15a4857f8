//! Time of the grounding check of a long answer over eight passages of usual length.
//!
//! `cargo bench --bench ground`

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use epibot::answer::ground::unsupported_claims;
use epibot::domain::document::{Document, DocumentId, Format, Origin};
use epibot::domain::passage::{Passage, PassageId};

/// Number of passages, and the length of each in rows.
const PASSAGES: usize = 8;
const ROWS: usize = 24;

fn passage(number: usize) -> Passage {
    let mut text =
        String::from("| ID | Condition | Threshold | Delay (s) | 조치 |\n|---|---|---|---|---|\n");
    for row in 0..ROWS {
        let at = number * ROWS + row;
        let _ = writeln!(
            text,
            "| E-{} | Cooling water flow of zone {at} | < {}.5 l/min | {} | 히터를 끄고 MO를 벤트로 돌린다 |",
            1000 + at,
            at % 40,
            at % 7
        );
    }
    text.push_str("\nThe reactor is purged with five cycles of nitrogen at 10 slm and 500 mbar before the lid opens.\n");
    Passage {
        id: PassageId(format!("p{number}")),
        document: Document {
            id: DocumentId(format!("d{number}")),
            title: format!("HX-7 Manual {number}"),
            number: Some(format!("NV-HX7-OM-{number:03}")),
            revision: Some("C".to_owned()),
            effective: Some("2025-02-03".to_owned()),
            superseded: false,
            source: "bench".to_owned(),
            path: format!("manual-{number}.pdf"),
            collection: "manuals".to_owned(),
            url: None,
            format: Format::Pdf,
            origin: Origin::Corpus,
        },
        page: None,
        headings: vec!["Interlocks".to_owned()],
        start: 0,
        ordinal: 0,
        text,
        ocr: false,
    }
}

/// Forty statements, each about a row.
fn answer() -> String {
    let mut answer = String::new();
    for statement in 0..40 {
        let at = statement * 4;
        let _ = writeln!(
            answer,
            "{}. E-{}: zone {at}의 냉각수 유량이 {}.5 l/min 아래로 {}초 동안 내려가면 히터를 끕니다 [{}].",
            statement % 9 + 1,
            1000 + at,
            at % 40,
            at % 7,
            at / ROWS + 1
        );
    }
    answer
}

fn check(criterion: &mut Criterion) {
    let passages: Vec<Passage> = (0..PASSAGES).map(passage).collect();
    let cited: Vec<&Passage> = passages.iter().collect();
    let answer = answer();
    criterion.bench_function("check of an answer", |bencher| {
        bencher
            .iter(|| unsupported_claims(black_box(&answer), "냉각수 유량 인터록은?", &cited, &[]));
    });
}

criterion_group!(benches, check);
criterion_main!(benches);
