use proptest::prelude::*;

use super::*;

#[test]
fn rows_below_a_head_of_codes_are_alarms() {
    let text = "# List\n\n| Code | Text | Remedy |\n|---|---|---|\n| E-1042 | Too hot | Cool it |\n| E-1043 | – | Wait |\n\nE-9999 | not | in a table";
    let alarms = in_text(text);
    assert_eq!(alarms.len(), 2);
    assert_eq!((alarms[0].code.as_str(), alarms[0].line), ("E-1042", 5));
    assert_eq!(
        alarms[0].fields,
        [
            ("Text".to_owned(), "Too hot".to_owned()),
            ("Remedy".to_owned(), "Cool it".to_owned())
        ]
    );
}

#[test]
fn json_is_read_wherever_the_codes_lie() {
    let text = "{\"alarms\": [\n {\"code\": \"E-1042\", \"text\": \"Too hot\", \"severity\": 2},\n {\"code\": \"E-1043\", \"text\": \"Cold\"}\n], \"W-2001\": {\"cause\": \"dust\"}}";
    let alarms = in_json(text);
    let found: Vec<_> = alarms
        .iter()
        .map(|alarm| (alarm.code.as_str(), alarm.line))
        .collect();
    assert!(
        found.contains(&("E-1042", 2)) && found.contains(&("E-1043", 3)),
        "{found:?}"
    );
    assert!(found.iter().any(|(code, _)| *code == "W-2001"));
    assert_eq!(
        alarms
            .iter()
            .find(|alarm| alarm.code == "E-1042")
            .unwrap()
            .fields
            .len(),
        2
    );
}

#[test]
fn a_bare_code_is_distinguished_from_a_question_about_it() {
    for question in ["E1042", "에러 1042?", "alarm code 1042", "알람 E-1042"] {
        assert!(is_bare(question), "{question}");
    }
    for question in [
        "What should I do about alarm E-1042?",
        "E-1042 조치",
        "alarm",
    ] {
        assert!(!is_bare(question), "{question}");
    }
}

#[test]
fn a_code_is_understood_in_any_spelling() {
    for question in [
        "E-1042",
        "E1042",
        "e1042",
        "E 1042",
        "e-1042",
        "E_1042",
        "E:1042",
        "E.1042",
        "Ｅ－１０４２",
        "E‑1042",
        "E–1042",
        "alarm 1042",
        "Alarm 1042",
        "ALARM #1042",
        "alarm no. 1042",
        "alarm code 1042",
        "error 1042",
        "err1042",
        "ERR-1042",
        "에러 1042",
        "에러1042",
        "알람 1042",
        "알람1042",
        "알람코드 1042",
        "알람 코드 1042",
        "1042 알람",
        "1042번 알람",
        "1042 에러가",
        "알람 E-1042가 떴어요",
        "경보 1042",
        "fault 1042",
        "1042 alarm",
        "what is alarm E1042?",
        "E/1042",
        "E - 1042",
        "alarm: 1042",
        "alarm(1042)",
        "에러(E1042)",
        "[E-1042]",
        "\"E-1042\"",
    ] {
        let found = queries(question);
        assert!(
            found.iter().any(|query| query.means("E-1042")),
            "{question}: {found:?}"
        );
        assert!(
            !found.iter().any(|query| query.means("E-1043")),
            "{question}"
        );
    }
    for question in ["1042 sccm", "HX-1042 manual", "at 1042 °C", "a 1042"] {
        assert!(
            !queries(question).iter().any(|query| query.means("E-1042")),
            "{question}"
        );
    }
}

proptest! {
    #[test]
    fn alarms_of_any_table_have_the_right_lines(
        cells in proptest::collection::vec(
            prop::sample::select(vec![
                "|", "| ", " | ", "\n", "Code", "알람 코드", "**Error code**", "E-1042", "1043", "W 20", "---", "Too hot", "-", "과열",
            ]),
            0..60,
        ),
    ) {
        let text = cells.concat();
        let lines: Vec<&str> = text.lines().collect();
        for alarm in in_text(&text) {
            prop_assert!(is_code(&alarm.code), "{:?}", alarm);
            prop_assert!(lines[alarm.line as usize - 1].contains(&alarm.code), "{:?}", alarm);
            prop_assert!(alarm.fields.iter().all(|(_, cell)| !cell.is_empty()), "{:?}", alarm);
        }
    }

    #[test]
    fn alarms_of_any_json_are_codes_with_lines(
        pieces in proptest::collection::vec(
            prop::sample::select(vec![
                "{", "}", "[", "]", ":", ",", "\n", "\"code\"", "\"알람_코드\"", "\"E-1042\"", "\"W\\u002d20\"", "\"과열\"", "7", "null",
                "{\"code\": \"E-1042\", \"text\": \"x\"}", "{\"E-77\": {\"a\": \"b\"}}",
            ]),
            0..30,
        ),
    ) {
        let text = pieces.concat();
        for text in [text.clone(), format!("[{text}]"), format!("{{\"a\": {text}}}")] {
            for alarm in in_json(&text) {
                prop_assert!(is_code(&alarm.code), "{:?}", alarm);
                prop_assert!((1..=text.lines().count()).contains(&(alarm.line as usize)), "{:?}", alarm);
            }
        }
    }

    #[test]
    fn a_code_in_a_question_is_found_with_any_text_around_it(
        letters in "[B-Z]{1,3}",
        number in 10_u32..1_000_000,
        sign in prop::sample::select(vec!["", "-", "_"]),
        before in "[가-힣 ]{0,9}",
        after in "[가-힣 ?!.]{0,9}",
    ) {
        let code = format!("{letters}-{number}");
        let question = format!("{before} {letters}{sign}{number} {after}");
        prop_assert!(queries(&question).iter().any(|query| query.means(&code)), "{}", question);
    }

    #[test]
    fn no_question_makes_it_panic(question in "\\PC{0,40}(E|알람|alarm)?\\PC{0,3}[0-9]{0,6}\\PC{0,20}") {
        for query in queries(&question) {
            let (AlarmQuery::Whole(key) | AlarmQuery::Digits(key)) = query;
            prop_assert!(key.chars().any(|letter| letter.is_ascii_digit()), "{}", key);
        }
        let _ = (is_bare(&question), is_plain_lookup(&question));
    }
}
