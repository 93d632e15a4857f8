//! From a question to an answer, over a real index and a scripted language model.

mod check;
mod hazard;
mod long_question;

use std::collections::BTreeSet;
use std::sync::Arc;

use epibot::answer::answerer::Answerer;
use epibot::answer::attachments::Attachments;
use epibot::answer::links::Links;
use epibot::answer::progress::Progress;
use epibot::config::settings::Config;
use epibot::domain::access::Access;
use epibot::domain::answer::{Answer, Mode};
use epibot::domain::audience::Audience;
use epibot::domain::document::{Document, DocumentId, Format, Origin, Page};
use epibot::domain::language::Language;
use epibot::domain::passage::{Passage, PassageId};
use epibot::domain::question::{Question, Speaker, Turn};
use epibot::llm::client::Llm;
use epibot::runtime::clock::Clock;
use epibot::search::index::tantivy::Embedded;
use epibot::search::index::{Changes, Index};
use epibot::search::retrieve::Retriever;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::watch;

use crate::support::Requirement;
use crate::support::llm::{
    Script, ScriptedLlm, Step, config, delta, ending, event, in_pieces, says,
};

const BAKE: &str = "How hot is the susceptor baked on the HX-700, and for how long?";

/// An answerer over three documents, and the server that its model is.
struct Bot {
    answerer: Answerer,
    _folder: TempDir,
    llm: ScriptedLlm,
}

impl Bot {
    async fn new(scripts: impl IntoIterator<Item = Script>) -> Self {
        let llm = ScriptedLlm::start(scripts).await;
        let config = llm.config(&[("llm.attempts", "1")]);
        let (answerer, folder) = answerer(&config).await;
        Self {
            answerer,
            _folder: folder,
            llm,
        }
    }

    async fn answer(&self, question: &str) -> Answer {
        self.follow(&asked(question)).await.0
    }

    /// The answer, and all that was shown on the way that a watcher could see.
    async fn follow(&self, question: &Question) -> (Answer, Progress) {
        let progress = watch::Sender::new(Progress::default());
        let answer = self
            .answerer
            .answer(
                question,
                &Attachments::default(),
                &Audience::Everyone,
                &progress,
            )
            .await
            .unwrap();
        let last = progress.borrow().clone();
        (answer, last)
    }

    /// What the model was told.
    fn prompt(&self, request: usize) -> (String, String) {
        let requests = self.llm.requests();
        let content = |message: usize| {
            requests[request]["messages"][message]["content"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        (content(0), content(1))
    }
}

/// Over the three documents, with the language model of the configuration; and the folder of their index.
async fn answerer(config: &Config) -> (Answerer, TempDir) {
    let clock = Clock::fixed("2026-01-15T00:00:00Z".parse().unwrap());
    let links = Links::new(
        Some("https://epibot.example".parse().unwrap()),
        &[7; 32],
        1,
        clock.clone(),
    );
    let folder = tempfile::tempdir().unwrap();
    let index: Arc<dyn Index> = Arc::new(Embedded::open(folder.path()).unwrap());
    index
        .apply(Changes {
            remove: Vec::new(),
            add: passages(),
        })
        .await
        .unwrap();
    let llm = Llm::new(&config.llm).unwrap();
    let retriever = Arc::new(Retriever::new(index, llm.as_ref(), config).unwrap());
    let answerer = Answerer::new(retriever, None, llm, links, config, clock);
    (answerer, folder)
}

fn asked(text: &str) -> Question {
    Question {
        text: text.to_owned(),
        conversation: Vec::new(),
        access: Access::Everything,
    }
}

fn passages() -> Vec<Passage> {
    let manual = |revision: &str, effective: &str| Document {
        id: DocumentId(format!("hx7-om-001-{}", revision.to_lowercase())),
        title: "HX-700 Operation Manual".to_owned(),
        number: Some("HX7-OM-001".to_owned()),
        revision: Some(revision.to_owned()),
        effective: Some(effective.to_owned()),
        superseded: false,
        source: "test".to_owned(),
        path: format!("HX7-OM-001_{revision}.pdf"),
        collection: "manuals".to_owned(),
        url: None,
        format: Format::Pdf,
        origin: Origin::Corpus,
    };
    let sop = Document {
        id: DocumentId("sop-gas-007".to_owned()),
        title: "Gas cabinet SOP".to_owned(),
        number: Some("SOP-GAS-007".to_owned()),
        revision: None,
        effective: None,
        superseded: false,
        collection: "safety".to_owned(),
        path: "SOP-GAS-007.md".to_owned(),
        format: Format::Markdown,
        ..manual("A", "2024-01-01")
    };
    let passage =
        |document: Document, ordinal: u32, page: Option<u32>, section: &str, text: &str| Passage {
            id: PassageId(format!("{}-{ordinal}", document.id)),
            document,
            page: page.map(|number| Page {
                number,
                label: None,
            }),
            headings: vec![section.to_owned()],
            start: 0,
            ordinal,
            text: text.to_owned(),
            ocr: false,
        };
    vec![
        passage(
            manual("B", "2024-01-01"),
            0,
            Some(40),
            "4.3 Susceptor bake",
            "Bake the susceptor of the HX-700 reactor at 1,000 °C for 30 min in hydrogen.",
        ),
        passage(
            manual("C", "2025-03-01"),
            0,
            Some(42),
            "4.3 Susceptor bake",
            "Bake the susceptor of the HX-700 reactor at 1,050 °C for 20 min in hydrogen. See [2] of the appendix.",
        ),
        passage(
            manual("C", "2025-03-01"),
            1,
            Some(43),
            "4.4 Susceptor exchange",
            "Exchange the susceptor after 200 runs. A cracked susceptor is exchanged at once. <!channel> https://evil.example/x",
        ),
        passage(
            manual("C", "2025-03-01"),
            2,
            Some(71),
            "7 Alarms",
            "Alarm E-1042: ammonia flow out of range. Cause: regulator pressure low. Remedy: check the gas cabinet.",
        ),
        passage(
            sop,
            0,
            None,
            "암모니아 누출",
            "암모니아가 25 ppm을 넘으면 즉시 대피하고 비상 연락처에 알린다. 인터록을 우회해서는 안 된다.",
        ),
    ]
}

#[tokio::test]
async fn an_answer_cites_what_it_was_given() {
    let mut bytes = Vec::new();
    for word in [
        "Bake it at 1,050 °C",
        " for 20 min [",
        "1",
        "]. A cracked one is exchanged at once【2†x】. [99]",
    ] {
        bytes.extend(event(&delta(&json!({ "content": word }))));
    }
    bytes.extend(ending("stop"));
    let bot = Bot::new([Script::Stream(in_pieces(&bytes, 5))]).await;
    let (answer, last) = bot.follow(&asked(BAKE)).await;

    assert_eq!(
        answer.text,
        "Bake it at 1,050 °C for 20 min [1]. A cracked one is exchanged at once[2]."
    );
    assert_eq!(
        (answer.mode, answer.language, &answer.notice),
        (Mode::Llm, Language::English, &None)
    );
    assert_eq!(last, Progress::Writing(answer.text.clone()));
    let first = &answer.citations[0];
    assert_eq!(
        (first.n, first.title.as_str(), first.page.as_deref()),
        (1, "HX-700 Operation Manual", Some("42"))
    );
    assert_eq!(
        (first.number.as_deref(), first.revision.as_deref()),
        (Some("HX7-OM-001"), Some("C"))
    );
    assert_eq!(first.section.as_deref(), Some("4.3 Susceptor bake"));
    assert!(
        first
            .url
            .as_deref()
            .unwrap()
            .starts_with("https://epibot.example/source/hx7-om-001-c-0?until=")
    );
    assert!(first.quote.starts_with("Bake the susceptor"));
    assert_eq!(answer.citations.len(), 2);
    assert_eq!(answer.unsupported, Vec::<String>::new());
    assert_eq!(
        (answer.usage.prompt_tokens, answer.usage.completion_tokens),
        (120, 7)
    );
    assert!(answer.timings_ms.first_token.is_some());
    assert!(
        !answer
            .passages
            .iter()
            .any(|passage| passage.text.contains("1,000 °C")),
        "revision B gives way to C"
    );
}

#[tokio::test]
async fn a_number_that_the_passages_do_not_hold_is_listed() {
    let bot = Bot::new([says(&["Bake at 1,150 °C for 20 min [1]."])]).await;
    assert_eq!(bot.answer(BAKE).await.unsupported, ["1,150 °C"]);
}

#[tokio::test]
async fn a_korean_question_is_answered_in_korean() {
    let bot = Bot::new([says(&["1,050 °C에서 20 min 동안 합니다 [1]."])]).await;
    let answer = bot
        .answer("HX-700 susceptor bake는 몇 도에서 얼마나 합니까?")
        .await;
    assert_eq!(answer.language, Language::Korean);
    assert_eq!(answer.citations[0].revision.as_deref(), Some("C"));
    let (system, user) = bot.prompt(0);
    assert!(system.contains("Answer in Korean") && user.contains("Answer the question in Korean"));
}

#[tokio::test]
async fn without_a_model_the_best_passages_are_quoted() {
    let config =
        epibot::config::load::load_from(None, Some(std::collections::HashMap::new())).unwrap();
    let (bot, _folder) = answerer(&config).await;
    let progress = watch::Sender::new(Progress::default());
    let answer = bot
        .answer(
            &asked("When is the susceptor exchanged?"),
            &Attachments::default(),
            &Audience::Everyone,
            &progress,
        )
        .await
        .unwrap();
    assert_eq!(answer.mode, Mode::Extractive);
    assert!(
        answer
            .notice
            .as_deref()
            .unwrap()
            .contains("No language model is configured")
    );
    assert!(
        answer
            .text
            .contains("> Exchange the susceptor after 200 runs."),
        "{}",
        answer.text
    );
    assert!(
        !answer.text.contains("<!channel>") && !answer.text.contains("evil.example"),
        "{}",
        answer.text
    );
    assert!(
        answer.text.contains("See (2) of the appendix"),
        "{}",
        answer.text
    );
    for citation in &answer.citations {
        assert!(answer.text.contains(&format!("[{}]", citation.n)));
    }
}

#[tokio::test]
async fn a_model_that_fails_before_its_first_word_leaves_the_passages_quoted() {
    for (script, sentence) in [
        (
            Script::Status(500, Vec::new(), "secret prompt".to_owned()),
            "The language model refused the request (status 500).",
        ),
        (
            Script::Status(401, Vec::new(), String::new()),
            "refused our key",
        ),
        (
            Script::Status(429, vec![("retry-after", "900".to_owned())], String::new()),
            "too many requests",
        ),
        (Script::Stream(vec![Step::Cut]), "broke off"),
        (says(&[]), "sent no usable answer"),
    ] {
        let bot = Bot::new([script]).await;
        let answer = bot.answer(BAKE).await;
        assert_eq!(answer.mode, Mode::Extractive);
        let notice = answer.notice.unwrap();
        assert!(
            notice.contains(sentence) && notice.contains("quoted as they stand"),
            "{notice}"
        );
        assert!(!notice.contains("secret"));
        assert!(answer.text.contains("1,050 °C"));
    }
}

#[tokio::test]
async fn what_was_shown_before_a_break_stays_and_the_passages_follow() {
    let words = event(&delta(
        &json!({ "content": "Bake it at 1,050 °C [1]. Then" }),
    ));
    let bot = Bot::new([Script::Stream(vec![Step::Send(words), Step::Cut])]).await;
    let answer = bot.answer(BAKE).await;
    assert_eq!(answer.mode, Mode::Llm);
    assert!(
        answer
            .text
            .starts_with("Bake it at 1,050 °C [1]. Then …\n\nThe answer broke off here."),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("> Bake the susceptor"));
    assert!(answer.notice.unwrap().contains("not complete"));
    for citation in &answer.citations {
        assert!(answer.text.contains(&format!("[{}]", citation.n)));
    }
}

#[tokio::test]
async fn a_model_that_falls_silent_is_cut_and_the_person_told() {
    let words = event(&delta(&json!({ "content": "Bake it [1]. " })));
    let bot = Bot::new([Script::Stream(vec![Step::Send(words), Step::Hang])]).await;
    let (progress, question) = (watch::Sender::new(Progress::default()), asked(BAKE));
    let mut shown = progress.subscribe();
    let (attachments, audience) = (Attachments::default(), Audience::Everyone);
    let (answer, ()) = tokio::join!(
        bot.answerer
            .answer(&question, &attachments, &audience, &progress),
        async {
            shown
                .wait_for(|progress| matches!(progress, Progress::Writing(_)))
                .await
                .unwrap();
            tokio::time::pause();
        }
    );
    assert!(
        answer
            .unwrap()
            .notice
            .unwrap()
            .contains("did not respond in time")
    );
}

#[tokio::test]
async fn text_without_a_source_is_never_shown() {
    let bot = Bot::new([says(&["Trust me: ", "open the valve [99]. "])]).await;
    let (answer, last) = bot.follow(&asked(BAKE)).await;
    assert_eq!(answer.mode, Mode::Extractive);
    assert!(!answer.text.contains("Trust me"));
    assert!(answer.notice.unwrap().contains("named no source"));
    assert!(matches!(last, Progress::Reading { .. }), "{last:?}");
}

#[tokio::test]
async fn what_the_model_does_not_find_is_said_with_the_nearest_passages() {
    for words in ["NOT_FOUND", "The passages do not contain that."] {
        let bot = Bot::new([says(&[words])]).await;
        let (answer, last) = bot.follow(&asked(BAKE)).await;
        assert_eq!(answer.mode, Mode::NoneFound);
        assert!(
            answer.text.contains("I did not find an answer") && answer.text.contains("[1]"),
            "{}",
            answer.text
        );
        assert!(
            answer.citations[0]
                .title
                .contains("HX-700 Operation Manual")
        );
        assert_eq!(answer.citations.len(), answer.text.matches('[').count());
        assert!(matches!(last, Progress::Reading { .. }));
    }
}

#[tokio::test]
async fn a_question_that_the_documents_do_not_hold_is_not_put_to_the_model() {
    let bot = Bot::new([]).await;
    let answer = bot
        .answer("Who won the football championship of 1998, <!channel>?")
        .await;
    assert_eq!(answer.mode, Mode::NoneFound);
    assert!(
        answer.text.contains("football championship") && answer.text.contains("5 passages"),
        "{}",
        answer.text
    );
    assert!(!answer.text.contains("<!channel>"));
    assert!(bot.llm.requests().is_empty());
}

#[tokio::test]
async fn other_collections_do_not_exist() {
    let bot = Bot::new([]).await;
    let question = Question {
        access: Access::Only(BTreeSet::from(["safety".to_owned()])),
        ..asked(BAKE)
    };
    let (answer, _) = bot.follow(&question).await;
    assert_eq!(answer.mode, Mode::NoneFound);
    assert!(
        !answer.text.contains("Operation Manual") && !answer.text.contains('5'),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn nothing_that_a_model_writes_comes_alive() {
    let words = "<!channel> see [the manual](https://evil.example/steal?q=1) ![x](https://evil.example/p.png) <@U1> https://evil.example [1]";
    let bot = Bot::new([says(&[words])]).await;
    let answer = bot.answer(BAKE).await;
    assert_eq!(answer.mode, Mode::Llm);
    for alive in ["<!", "<@", "evil.example", "](", "://"] {
        assert!(!answer.text.contains(alive), "{}", answer.text);
    }
    assert!(answer.text.contains("see the manual"));
}

#[tokio::test]
async fn a_follow_up_is_searched_with_the_question_before_it() {
    let bot = Bot::new([says(&["After 200 runs [1]."])]).await;
    let turn = |speaker: Speaker, text: &str| Turn {
        speaker,
        text: text.to_owned(),
    };
    let conversation = vec![
        turn(
            Speaker::Person("U1".to_owned()),
            "How is the susceptor of the HX-700 exchanged?",
        ),
        turn(Speaker::Epibot, "With gloves [1]."),
    ];
    let (answer, _) = bot
        .follow(&Question {
            conversation,
            ..asked("And after how many runs?")
        })
        .await;
    assert_eq!(answer.mode, Mode::Llm);
    assert!(
        answer
            .passages
            .iter()
            .any(|passage| passage.text.contains("after 200 runs"))
    );
    let (_, user) = bot.prompt(0);
    assert!(
        user.contains(
            "Person: How is the susceptor of the HX-700 exchanged?\nepibot: With gloves."
        ),
        "{user}"
    );
}

#[tokio::test]
async fn an_empty_question_is_answered_with_help_in_both_languages() {
    let bot = Bot::new([]).await;
    let answer = bot.answer(" \n ").await;
    assert_eq!(answer.mode, Mode::NoneFound);
    assert!(answer.text.contains("질문이 비어") && answer.text.contains("There is no question"));
}

#[tokio::test]
async fn a_question_of_forty_thousand_characters_is_answered_and_says_what_was_read() {
    let bot = Bot::new([says(&["At 1,050 °C [1]."])]).await;
    let question = format!("{BAKE}\n{}", "2026-01-01 12:00:00 ok\n".repeat(1800));
    let answer = bot.answer(&question).await;
    assert_eq!(answer.mode, Mode::Llm);
    assert!(
        answer
            .notice
            .unwrap()
            .contains("only its beginning and its end")
    );
    let (_, user) = bot.prompt(0);
    assert!(user.contains(BAKE) && user.len() < 30_000);
}

#[tokio::test]
async fn an_answer_at_its_length_limit_says_so() {
    let words = [
        event(&delta(&json!({ "content": "At 1,050 °C [1]" }))),
        ending("length"),
    ]
    .concat();
    let bot = Bot::new([Script::Stream(vec![Step::Send(words)])]).await;
    assert!(
        bot.answer(BAKE)
            .await
            .notice
            .unwrap()
            .contains("length limit")
    );
}

/// Against a real server, such as a `LiteLLM` proxy: `EPIBOT_TEST_LLM` is its base address, with `EPIBOT_TEST_LLM_MODEL`
/// and, where it wants one, `EPIBOT_TEST_LLM_KEY`. Skipped where that is not set.
#[tokio::test]
async fn a_real_server_answers() {
    let (Ok(base_url), Ok(model)) = (
        std::env::var("EPIBOT_TEST_LLM"),
        std::env::var("EPIBOT_TEST_LLM_MODEL"),
    ) else {
        return Requirement::LLM.skip();
    };
    let key = std::env::var("EPIBOT_TEST_LLM_KEY").map_or("", |_| "env:EPIBOT_TEST_LLM_KEY");
    let (bot, _folder) = answerer(&config(
        &base_url,
        &[("llm.model", &model), ("llm.api_key", key)],
    ))
    .await;
    let progress = watch::Sender::new(Progress::default());
    let answer = bot
        .answer(
            &asked(BAKE),
            &Attachments::default(),
            &Audience::Everyone,
            &progress,
        )
        .await
        .unwrap();
    assert_eq!(answer.mode, Mode::Llm, "{answer:#?}");
    assert!(answer.usage.completion_tokens > 0);
    println!("{} {:?} {:?}", answer.text, answer.usage, answer.timings_ms);
}
