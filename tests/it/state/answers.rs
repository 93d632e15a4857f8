//! Answers, what people made of them, and for how long who asked what is known.

use epibot::domain::document::Origin;
use epibot::domain::language::Language;
use epibot::runtime::clock::Clock;
use epibot::storage::answer_log::{Counts, ErasedCounts, LoggedAnswer, LoggedPassage};
use jiff::Timestamp;

use super::{Place, tell};

tell!(
    answers_and_votes_are_kept_counted_and_exported,
    an_answer_with_other_words_is_another_answer,
    the_audit_outlives_the_words,
    an_answer_that_is_given_anew_has_words_and_loses_them_in_its_turn,
    a_withdrawn_question_leaves_no_words,
    a_person_is_forgotten_and_others_are_not,
    the_audit_is_read_in_parts,
);

pub(super) fn given(key: &str, user: &str, mode: &str) -> LoggedAnswer {
    LoggedAnswer {
        key: key.into(),
        team: "T1".into(),
        channel: "C1".into(),
        thread: "1.0".into(),
        user: user.into(),
        question: "purge flow?".into(),
        answer: "5 slm [1]".into(),
        mode: mode.into(),
        model: "qwen".into(),
        prompt_tokens: 900,
        completion_tokens: 90,
        reason: String::new(),
        language: Language::Korean,
        passages: vec![LoggedPassage {
            n: Some(1),
            id: "p1".into(),
            title: "Manual".into(),
            section: None,
            page: Some("4-12".into()),
            collection: "manuals".into(),
            origin: Some(Origin::Corpus),
            url: None,
            text: "5 slm".into(),
        }],
    }
}

fn winter() -> Clock {
    Clock::fixed("2026-01-15T00:00:00Z".parse().unwrap())
}

async fn answers_and_votes_are_kept_counted_and_exported(place: &impl Place) {
    let clock = winter();
    let feedback = place.feedback(clock.clone()).await;
    for (key, mode) in [("a", "llm"), ("b", "none_found"), ("c", "llm")] {
        feedback.store(&given(key, "U1", mode)).await.unwrap();
    }
    feedback.vote("a", "U1", true, "").await.unwrap();
    feedback.vote("a", "U2", false, "").await.unwrap();
    feedback.vote("a", "U2", false, "wrong page").await.unwrap();
    feedback.vote("a", "U2", false, "").await.unwrap();
    assert_eq!(
        feedback.find("a").await.unwrap(),
        Some(given("a", "U1", "llm"))
    );
    assert_eq!(feedback.find("x").await.unwrap(), None);

    let lines = feedback.lines().await.unwrap();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.key.as_str(), line.helpful, line.comment.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("a", Some(true), ""),
            ("a", Some(false), "wrong page"),
            ("b", None, "")
        ]
    );
    assert_eq!(lines[2].kind, "unanswered");
    for _ in 0..2 {
        feedback
            .remark("r", "C1", "U3", "links fail")
            .await
            .unwrap();
    }
    let last = feedback.lines().await.unwrap().pop().unwrap();
    assert_eq!(
        (last.kind.as_str(), last.comment.as_str()),
        ("remark", "links fail")
    );
    assert_eq!(
        feedback.counts(clock.now()).await.unwrap(),
        Counts {
            answers: 3,
            unanswered: 1,
            helpful: 1,
            unhelpful: 1
        }
    );
}

async fn an_answer_with_other_words_is_another_answer(place: &impl Place) {
    let feedback = place.feedback(winter()).await;
    feedback.store(&given("a", "U1", "llm")).await.unwrap();
    feedback.vote("a", "U2", true, "").await.unwrap();
    feedback.store(&given("a", "U1", "llm")).await.unwrap();
    assert_eq!(feedback.lines().await.unwrap().len(), 1);
    let new = LoggedAnswer {
        answer: "6 slm [1]".into(),
        ..given("a", "U1", "llm")
    };
    feedback.store(&new).await.unwrap();
    assert!(feedback.lines().await.unwrap().is_empty());
    assert_eq!(
        feedback
            .audit(Timestamp::UNIX_EPOCH, None, 9)
            .await
            .unwrap()
            .len(),
        1
    );
}

async fn the_audit_outlives_the_words(place: &impl Place) {
    let clock = winter();
    let feedback = place.feedback(clock.clone()).await;
    feedback.store(&given("a", "U1", "llm")).await.unwrap();
    feedback.vote("a", "U2", false, "wrong page").await.unwrap();
    feedback
        .remark("r", "C1", "U3", "links fail")
        .await
        .unwrap();
    clock.advance(1);
    feedback.store(&given("b", "U1", "llm")).await.unwrap();
    assert_eq!(feedback.forget_words(clock.now()).await.unwrap(), 1);
    assert_eq!(feedback.forget_words(clock.now()).await.unwrap(), 0);

    assert_eq!(feedback.find("a").await.unwrap(), None);
    assert!(feedback.lines().await.unwrap().is_empty());
    let audit = feedback
        .audit(Timestamp::UNIX_EPOCH, None, 9)
        .await
        .unwrap();
    let [old, new] = audit.try_into().unwrap();
    assert_eq!(
        (old.question.as_str(), new.question.as_str()),
        ("", "purge flow?")
    );
    // `printf 'purge flow?' | sha256sum`
    assert_eq!(
        old.question_sha256,
        "936b999752a1c7189f8324881fcecaced10d1a68f9cb38b12c42dd90418e4700"
    );
    assert_eq!(old.question_sha256, new.question_sha256);
    for record in [&old, &new] {
        assert_eq!(
            (
                record.user.as_str(),
                record.team.as_str(),
                record.channel.as_str(),
                record.thread.as_str()
            ),
            ("U1", "T1", "C1", "1.0")
        );
        assert_eq!(
            (record.outcome.as_str(), record.model.as_str()),
            ("llm", "qwen")
        );
        assert_eq!((record.prompt_tokens, record.completion_tokens), (900, 90));
        assert_eq!(
            (&record.passages[..], &record.cited[..]),
            (&["p1".to_owned()][..], &["p1".to_owned()][..])
        );
    }
    assert_eq!(old.at, "2026-01-15T00:00:00Z");
    assert_eq!(feedback.forget(clock.now()).await.unwrap(), 1);
    let left = feedback
        .audit(Timestamp::UNIX_EPOCH, None, 9)
        .await
        .unwrap();
    assert_eq!(left, [new]);
}

async fn an_answer_that_is_given_anew_has_words_and_loses_them_in_its_turn(place: &impl Place) {
    let clock = winter();
    let feedback = place.feedback(clock.clone()).await;
    feedback.store(&given("a", "U1", "llm")).await.unwrap();
    clock.advance(1);
    assert_eq!(feedback.forget_words(clock.now()).await.unwrap(), 1);
    feedback.store(&given("a", "U1", "llm")).await.unwrap();
    let kept = feedback.find("a").await.unwrap();
    assert_eq!(kept, Some(given("a", "U1", "llm")));
    clock.advance(1);
    assert_eq!(feedback.forget_words(clock.now()).await.unwrap(), 1);
    assert_eq!(feedback.find("a").await.unwrap(), None);
}

async fn a_withdrawn_question_leaves_no_words(place: &impl Place) {
    let feedback = place.feedback(winter()).await;
    feedback
        .store(&given("b", "U1", "none_found"))
        .await
        .unwrap();
    feedback.vote("b", "U2", false, "").await.unwrap();
    feedback.withdraw("b").await.unwrap();
    assert_eq!(feedback.find("b").await.unwrap(), None);
    assert!(feedback.lines().await.unwrap().is_empty());
    let audit = feedback
        .audit(Timestamp::UNIX_EPOCH, None, 9)
        .await
        .unwrap();
    assert_eq!(
        (audit[0].outcome.as_str(), audit[0].question.as_str()),
        ("withdrawn", "")
    );
}

async fn a_person_is_forgotten_and_others_are_not(place: &impl Place) {
    let feedback = place.feedback(winter()).await;
    feedback.store(&given("a", "U1", "llm")).await.unwrap();
    feedback.store(&given("b", "U2", "llm")).await.unwrap();
    feedback.vote("a", "U2", true, "").await.unwrap();
    feedback.vote("b", "U1", false, "wrong").await.unwrap();
    feedback.vote("b", "U3", true, "").await.unwrap();
    feedback
        .remark("r1", "C1", "U1", "links fail")
        .await
        .unwrap();
    feedback.remark("r2", "C1", "U2", "fine").await.unwrap();
    assert_eq!(
        feedback.forget_person("U1").await.unwrap(),
        ErasedCounts {
            answers: 1,
            votes: 1,
            remarks: 1,
            ..ErasedCounts::default()
        }
    );
    assert_eq!(
        feedback.forget_person("U1").await.unwrap(),
        ErasedCounts::default()
    );
    let lines = feedback.lines().await.unwrap();
    let left: Vec<_> = lines
        .iter()
        .map(|line| (line.key.as_str(), line.voted_by.as_str()))
        .collect();
    assert_eq!(left, [("b", "U3"), ("r2", "U2")]);
}

async fn the_audit_is_read_in_parts(place: &impl Place) {
    let clock = winter();
    let feedback = place.feedback(clock.clone()).await;
    // Two at the same time, so that a part may end between them.
    for key in ["a", "b", "c", "d"] {
        feedback.store(&given(key, "U1", "llm")).await.unwrap();
        clock.advance(i64::from(key != "a"));
    }
    let mut keys = Vec::new();
    let mut last = None;
    loop {
        let part = feedback
            .audit(Timestamp::UNIX_EPOCH, last.as_ref(), 2)
            .await
            .unwrap();
        keys.extend(part.iter().map(|record| record.key.clone()));
        match part.last() {
            Some(record) => last = Some(record.clone()),
            None => break,
        }
    }
    assert_eq!(keys, ["a", "b", "c", "d"]);
    let since = "2026-01-15T00:00:00.001Z".parse().unwrap();
    let later = feedback.audit(since, None, 9).await.unwrap();
    assert_eq!(
        later.len(),
        2,
        "what was answered at that very time is meant, too"
    );
}
