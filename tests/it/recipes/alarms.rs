//! A thousand alarms and two hundred ways to write a code.

use std::sync::Arc;

use epibot::alarm::{self, Alarm};
use epibot::domain::{Access, Document, DocumentId, Format, Language};
use epibot::recipe::ask;
use epibot::recipe::book::Book;
use epibot::recipe::record::Record;

/// Ways in which people write `E-1042`, with the number left open.
const SPELLINGS: [&str; 25] = [
    "E-{}",
    "E{}",
    "e{}",
    "e-{}",
    "E {}",
    "E_{}",
    "E.{}",
    "E:{}",
    "E – {}",
    "Ｅ－{}",
    "alarm {}",
    "Alarm #{}",
    "ALARM NO. {}",
    "alarm code {}",
    "error {}",
    "err{}",
    "에러 {}",
    "에러{}",
    "알람 {}",
    "알람코드 {}",
    "{} 알람",
    "{}번 알람",
    "경보 {}",
    "알람 E-{}가 떴어요",
    "what is alarm E{}?",
];

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
    };
    let book = Book::new(std::iter::once(Arc::new(Record {
        document,
        recipes: Vec::new(),
        alarms,
        limits: Vec::new(),
        spans: Vec::new(),
    })));
    let view = book.view(&Access::Everything);
    let mut tried = 0;
    for number in 0..8 {
        for spelling in SPELLINGS {
            let code = (1_000 + number * 113).to_string();
            let question = spelling.replace("{}", &code);
            let reply = ask::alarm(&alarm::asked(&question), &view, Language::Korean)
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
    assert_eq!(tried, 200);
}
