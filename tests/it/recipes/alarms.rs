//! A thousand alarms and two hundred ways to write a code.

use std::sync::Arc;

use epibot::domain::access::Access;
use epibot::domain::document::{Document, DocumentId, Format, Origin};
use epibot::domain::language::Language;
use epibot::recipes::alarm;
use epibot::recipes::alarm::Alarm;
use epibot::recipes::ask;
use epibot::recipes::record::RecipeRecord;
use epibot::recipes::snapshot::RecipeSnapshot;

/// Two hundred ways in which people write `E-1042`, with the number left open.
fn spellings() -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for prefix in ["E", "e", "Ｅ"] {
        for joint in ["", "-", " ", "_", ".", ":", "/", "–", "‑", " - ", "－", "~"] {
            all.push(format!("{prefix}{joint}{{}}"));
        }
    }
    for word in [
        "alarm", "Alarm", "ALARM", "error", "Error", "fault", "warning", "에러", "알람", "오류",
        "경보",
    ] {
        for joint in [
            " ", " #", ": ", " no. ", " code ", "(", " 코드 ", " 번호 ", "-", " E-", " e", " E ",
        ] {
            all.push(format!("{word}{joint}{{}}"));
        }
    }
    for tail in [
        " 알람",
        "번 알람",
        " 에러",
        "번 에러가 떴어요",
        " alarm",
        " error",
        " 경보가 울려요",
        "번 오류",
        " fault",
        " 경고",
    ] {
        all.push(format!("{{}}{tail}"));
    }
    all.extend(
        [
            "err{}",
            "ERR-{}",
            "alm {}",
            "ALM{}",
            "알람{}",
            "에러{}",
            "알람코드{}",
            "에러코드 {}",
            "폴트 {}",
            "얼람 {}",
            "what is alarm E{}?",
            "What does E-{} mean?",
            "알람 E-{}가 떴어요",
            "E-{} 뜻이 뭐예요?",
            "[E-{}]",
            "\"E-{}\"",
            "에러(E{})",
            "E-{}.",
            "E-{}?",
            "the alarm E_{} came up",
            "Help, E:{}!",
            "alarm={}",
        ]
        .map(str::to_owned),
    );
    all
}

#[test]
fn every_code_is_found_in_every_spelling_and_nothing_else() {
    let alarms = (0..1_000)
        .map(|number| Alarm {
            code: format!("E-{}", 1_000 + number),
            fields: vec![("Text".to_owned(), format!("meaning {}", 1_000 + number))],
            line: number + 1,
        })
        .collect();
    let document = Document {
        id: DocumentId("a".to_owned()),
        title: "Alarms".to_owned(),
        number: None,
        revision: None,
        effective: None,
        superseded: false,
        source: "manuals".to_owned(),
        path: "alarms.csv".to_owned(),
        collection: "manuals".to_owned(),
        url: None,
        format: Format::Text,
        origin: Origin::Corpus,
    };
    let snapshot = RecipeSnapshot::new(std::iter::once(Arc::new(RecipeRecord {
        document,
        recipes: Vec::new(),
        alarms,
        limits: Vec::new(),
        spans: Vec::new(),
    })));
    let view = snapshot.view(&Access::Everything);
    let mut tried = 0;
    let spellings = spellings();
    let distinct: std::collections::BTreeSet<&String> = spellings.iter().collect();
    assert_eq!(distinct.len(), spellings.len());
    for (at, spelling) in spellings.iter().enumerate() {
        for number in [at * 5 % 1_000, (at * 37 + 11) % 1_000] {
            let code = (1_000 + number).to_string();
            let question = spelling.replace("{}", &code);
            let reply = ask::alarm(&alarm::queries(&question), &view, Language::Korean)
                .unwrap_or_else(|| panic!("{question}: nothing found"));
            assert_eq!(
                reply.text.matches("meaning").count(),
                1,
                "{question}: {}",
                reply.text
            );
            assert!(
                reply.text.contains(&format!("meaning {code}")),
                "{question}: {}",
                reply.text
            );
            assert!(alarm::is_plain_lookup(&question), "{question}");
            tried += 1;
        }
    }
    assert!(
        spellings.len() >= 200 && tried == 2 * spellings.len(),
        "{tried}"
    );
}
