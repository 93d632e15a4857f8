use proptest::prelude::*;

use super::*;
use crate::chat::thread::MessageTag;
use crate::domain::answer::{Mode, Timings, Usage};
use crate::domain::document::DocumentId;
use crate::domain::passage::PassageId;

fn citation(n: u32, title: &str, url: Option<&str>) -> Citation {
    Citation {
        n,
        doc_id: DocumentId("manuals/om".into()),
        passage: PassageId(format!("p-{n}")),
        title: title.into(),
        number: Some("HX7-OM-001".into()),
        revision: Some("C".into()),
        page: Some("12".into()),
        section: Some("4.2 Purge".into()),
        url: url.map(str::to_owned),
        quote: "Purge with 5 slm".into(),
    }
}

fn of(text: &str, language: Language, citations: Vec<Citation>) -> Answer {
    Answer {
        text: text.into(),
        mode: Mode::Llm,
        language,
        citations,
        passages: Vec::new(),
        unsupported: Vec::new(),
        drawing: None,
        notice: None,
        timings_ms: Timings::default(),
        usage: Usage::default(),
    }
}

fn shown(messages: &[Message]) -> String {
    let mark = MessageTag {
        question: "T1/C1/1.1".into(),
        part: 1,
    };
    let messages = messages.iter().map(|message| {
        let blocks = serde_json::to_string_pretty(&message.tagged_blocks(&mark)).unwrap();
        format!("text: {}\nblocks: {blocks}", message.text)
    });
    messages.collect::<Vec<_>>().join("\n\n=====\n\n")
}

#[test]
fn an_english_answer_with_sources() {
    let text = "## Purge\n\nPurge with **5 slm** of `N2` for 120 s [1], then pump down [2].\n\n\
                1. Close V12 [1]\n2. Open V14\n\n| Gas | Flow |\n|---|--:|\n| N2 | 5 slm |\n| H2 | 12 slm |";
    let answered = of(
        text,
        Language::English,
        vec![
            citation(
                1,
                "HX-700 Operation Manual",
                Some("https://epi.example/source/p-1?until=9&signature=ab"),
            ),
            citation(2, "Vacuum <SOP> & more", None),
        ],
    );
    insta::assert_snapshot!(shown(&answer(&answered, &[])));
}

#[test]
fn a_korean_answer_with_notices_and_doubts() {
    let mut answered = of(
        "퍼지 유량은 **5 slm**입니다 [1].",
        Language::Korean,
        vec![citation(
            1,
            "HX-700 운전 매뉴얼",
            Some("https://epi.example/source/p-1"),
        )],
    );
    answered.notice =
        Some("언어 모델이 설정되어 있지 않아 <문서>의 내용을 그대로 보여 드립니다.".into());
    answered.unsupported = vec!["온도는 <@U1> 900 °C입니다.".into()];
    insta::assert_snapshot!(shown(&answer(
        &answered,
        &[i18n::slack::thread_not_read(Language::Korean)]
    )));
}

#[test]
fn an_answer_that_was_not_found_has_no_list_of_sources() {
    let answered = of("문서에서 찾지 못했습니다.", Language::Korean, Vec::new());
    let messages = answer(&answered, &[]);
    assert_eq!(messages.len(), 1);
    assert!(
        messages[0]
            .blocks
            .iter()
            .all(|block| block.role == Role::Answer)
    );
}

#[test]
fn an_unfinished_answer_is_cut_to_one_message_and_ends_with_an_ellipsis() {
    let message = unfinished(&"Purge with 5 slm [1]. ".repeat(2_000));
    assert!(message.blocks.len() > 2);
    assert!(message.blocks.last().unwrap().text.ends_with(" …"));
    assert!(size(&message) <= MAX_MESSAGE_CHARS + 2);
}

#[test]
fn untrusted_text_never_becomes_a_mention_link_or_image() {
    let evil = "<!channel> <@U1> <https://evil.example|click> ![x](https://evil.example/x.png) [y](https://evil.example) &lt;!here&gt;";
    let mut answered = of(
        evil,
        Language::English,
        vec![citation(1, evil, Some("javascript:alert(1)"))],
    );
    answered.citations[0].section = Some(evil.into());
    answered.citations[0].revision = Some(evil.into());
    answered.notice = Some(evil.into());
    answered.unsupported = vec![evil.into()];
    for message in answer(&answered, &[evil.into()])
        .into_iter()
        .chain([unfinished(evil)])
    {
        for text in message
            .blocks
            .iter()
            .map(|block| &block.text)
            .chain([&message.text])
        {
            assert!(!text.contains('<'), "{text}");
        }
    }
}

#[test]
fn an_endless_answer_becomes_several_messages_within_slacks_limits() {
    let paragraphs: Vec<String> = (0..200)
        .map(|n| format!("Step {n}: {} [1]", "가나다 라마바 ".repeat(20)))
        .collect();
    let answered = of(
        &paragraphs.join("\n\n"),
        Language::Korean,
        vec![citation(
            1,
            "Manual",
            Some("https://epi.example/source/p-1"),
        )],
    );
    let messages = answer(&answered, &[]);
    assert!(messages.len() > 2);
    let all: String = messages
        .iter()
        .flat_map(|message| &message.blocks)
        .map(|block| block.text.as_str())
        .collect();
    for n in 0..200 {
        assert!(all.contains(&format!("Step {n}: ")), "step {n} is lost");
    }
    assert_within_limits(&messages);
}

fn size(message: &Message) -> usize {
    message.blocks.iter().map(|block| length(&block.text)).sum()
}

fn assert_within_limits(messages: &[Message]) {
    for message in messages {
        assert!(message.blocks.len() <= 50);
        assert!(
            message
                .blocks
                .iter()
                .all(|block| (1..=3_000).contains(&length(&block.text)))
        );
        assert!(size(message) <= MAX_MESSAGE_CHARS);
        assert!(length(&message.text) <= 4_000);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_stays_within_slacks_limits(
        text in "([a-z가-힣<>&*_`|~#.\\[\\] \n-]{0,80}(\\[1\\]|\\*\\*|```|\n\n| ){0,3}){0,300}",
        title in ".{0,600}",
    ) {
        let answered = of(&text, Language::detect(&text), vec![citation(1, &title, Some("https://epi.example/source/p-1"))]);
        let messages = answer(&answered, &[]);
        prop_assert!(!messages.is_empty());
        assert_within_limits(&messages);
        assert_within_limits(&[unfinished(&text)].map(|mut message| {
            message.blocks.retain(|block| !block.text.is_empty());
            message
        }));
    }
}
