//! Statements that the cited passages do not support.

use super::*;

const WRONG: &str =
    "Bake it at 1,150 °C for 20 min [1]. A cracked susceptor is exchanged at once [2].";

async fn answer(
    scripts: Vec<Script>,
    settings: &[(&str, &str)],
) -> (Answer, Progress, ScriptedLlm) {
    let llm = ScriptedLlm::start(scripts).await;
    let mut all = vec![("llm.attempts", "1")];
    all.extend(settings);
    let (answerer, _folder) = answerer(&llm.config(&all)).await;
    let progress = watch::Sender::new(Progress::default());
    let answer = answerer
        .answer(
            &asked(BAKE),
            &Attachments::default(),
            &Audience::Everyone,
            &progress,
        )
        .await
        .unwrap();
    let last = progress.borrow().clone();
    (answer, last, llm)
}

#[tokio::test]
async fn it_is_marked_where_it_stands_and_listed() {
    let (answer, shown, _) = answer(vec![says(&[WRONG])], &[]).await;
    assert_eq!(
        answer.text,
        "Bake it at 1,150 °C ⚠ for 20 min [1]. A cracked susceptor is exchanged at once [2]."
    );
    assert_eq!(answer.unsupported, ["1,150 °C"]);
    assert!(matches!(shown, Progress::Writing(_)));
}

#[tokio::test]
async fn where_that_is_wished_it_is_withheld_and_nothing_is_shown_before_the_check() {
    let strict = [("answer.unsupported", "withhold")];
    let (checked, shown, _) = answer(vec![says(&[WRONG])], &strict).await;
    assert_eq!(
        checked.text,
        "(A sentence that the sources do not support is not shown.) A cracked susceptor is exchanged at once [1]."
    );
    assert_eq!(checked.citations.len(), 1);
    assert!(
        checked.citations[0].quote.contains("cracked"),
        "{:?}",
        checked.citations
    );
    assert_eq!(checked.unsupported, ["1,150 °C"]);
    assert!(matches!(shown, Progress::Reading { .. }), "{shown:?}");

    // Where nothing is left, the passages speak.
    let (quoted, _, _) = answer(vec![says(&["Bake it at 1,150 °C [1]."])], &strict).await;
    assert_eq!(quoted.mode, Mode::Extractive);
    assert!(
        quoted.text.contains("1,050 °C") && !quoted.text.contains("1,150 °C"),
        "{}",
        quoted.text
    );
    assert!(quoted.notice.unwrap().contains("do not support"));
}

#[tokio::test]
async fn a_second_opinion_is_asked_for_where_it_is_switched_on_and_done_without_where_it_fails() {
    let right = "Bake it at 1,050 °C for 20 min [1]. A cracked susceptor may be used [2].";
    let opinion = ("answer.llm_judge", "true");
    let scripts = vec![says(&[right]), says(&["{\"unsupported\": [2]}"])];
    let (doubted, _, llm) = answer(scripts, &[opinion]).await;
    assert_eq!(
        doubted.unsupported,
        ["A cracked susceptor may be used [2]."]
    );
    assert!(
        doubted.text.ends_with("may be used [2]. ⚠"),
        "{}",
        doubted.text
    );
    let asked = llm.requests()[1]["messages"].to_string();
    assert!(
        asked.contains("2. A cracked susceptor may be used [2]."),
        "{asked}"
    );

    for failing in [
        Script::Status(500, Vec::new(), String::new()),
        says(&["I think so."]),
        says(&["{}"]),
    ] {
        let (answer, _, _) = answer(vec![says(&[right]), failing], &[opinion]).await;
        assert_eq!(answer.unsupported, Vec::<String>::new());
        assert_eq!(answer.mode, Mode::Llm);
    }
    let (_, _, llm) = answer(vec![says(&[right])], &[]).await;
    assert_eq!(llm.requests().len(), 1);
}
