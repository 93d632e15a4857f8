//! What every engine does alike, told once over the trait.

mod meilisearch;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use epibot::domain::access::Access;
use epibot::domain::document::{Document, DocumentId, Format, Origin, Page};
use epibot::domain::language::Language;
use epibot::domain::passage::{Passage, PassageId};
use epibot::domain::search_params::SearchParams;
use epibot::search::index::tantivy::Embedded;
use epibot::search::index::{Changes, Index, Query, SearchResults};

pub(crate) fn passage(
    document: &str,
    collection: &str,
    ordinal: u32,
    heading: &str,
    text: &str,
) -> Passage {
    Passage {
        id: PassageId(format!("{document}-{ordinal}")),
        document: Document {
            id: DocumentId(document.to_owned()),
            title: format!("Guide {document}"),
            number: None,
            revision: None,
            effective: None,
            superseded: false,
            source: "test".to_owned(),
            path: format!("{document}.pdf"),
            collection: collection.to_owned(),
            url: None,
            format: Format::Pdf,
            origin: Origin::Corpus,
        },
        page: Some(Page {
            number: ordinal + 1,
            label: None,
        }),
        headings: vec![heading.to_owned()],
        start: 0,
        ordinal,
        text: text.to_owned(),
        ocr: false,
    }
}

pub(crate) async fn search(index: &dyn Index, text: &str, access: &Access) -> SearchResults {
    index
        .search(&Query {
            text,
            expansions: &[],
            access,
            limit: 10,
            params: &SearchParams::DEFAULT,
        })
        .await
        .unwrap()
}

pub(crate) async fn found(index: &dyn Index, text: &str) -> Vec<String> {
    let found = search(index, text, &Access::Everything).await;
    found.hits.into_iter().map(|hit| hit.passage.id.0).collect()
}

pub(crate) fn only(collections: &[&str]) -> Access {
    Access::Only(collections.iter().map(|name| (*name).to_owned()).collect())
}

/// From an empty index to one that holds two versions of a document, one after the other.
async fn story(index: &dyn Index) {
    assert_eq!(index.size().await.unwrap(), 0);
    assert!(found(index, "pump oil").await.is_empty());
    let add = vec![
        passage(
            "pump",
            "manuals",
            0,
            "4.2 Oil",
            "Change the oil of the dry pump every three months.",
        ),
        passage(
            "pump",
            "manuals",
            1,
            "4.3 Filter",
            "The exhaust filter is replaced after 200 runs.",
        ),
        passage(
            "alarms",
            "manuals",
            0,
            "Water",
            "E-1041 is often followed by E-1042 and E-1043; see the list of E-1042, E-1042.",
        ),
        passage(
            "alarms",
            "manuals",
            1,
            "Water",
            "| E-1042 | Showerhead water too hot | Check the thermostat |",
        ),
        passage(
            "recipe",
            "recipes",
            0,
            "LED450",
            "버퍼층은 540 °C에서 성장합니다.",
        ),
        passage(
            "recipe",
            "recipes",
            1,
            "서셉터",
            "서셉터를 1,050 °C에서 20분 동안 베이크합니다.",
        ),
    ];
    index
        .apply(Changes {
            remove: Vec::new(),
            add,
        })
        .await
        .unwrap();
    assert_eq!(index.size().await.unwrap(), 6);

    words_are_found_in_other_forms(index).await;
    codes_are_found_in_any_spelling(index).await;
    nobody_finds_what_they_may_not_read(index).await;
    it_says_how_frequent_each_word_is(index).await;
    odd_questions_do_no_harm(index).await;
    a_document_is_replaced_in_one_step(index).await;
    a_document_is_found_while_it_is_replaced(index).await;
    collections_differ_by_every_letter(index).await;
    an_index_made_anew_takes_the_place_of_the_old_one(index).await;
    what_is_written_during_a_rebuild_is_kept(index).await;
    an_unfinished_rebuild_changes_nothing(index).await;

    index.clear().await.unwrap();
    assert_eq!(index.size().await.unwrap(), 0);
}

/// Words in another form, Korean with other particles, numbers in another spelling.
async fn words_are_found_in_other_forms(index: &dyn Index) {
    assert_eq!(
        found(index, "How often are pumps given new oils?").await[0],
        "pump-0"
    );
    assert_eq!(
        found(index, "서셉터는 몇 도에서 베이크하나요?").await[0],
        "recipe-1"
    );
    assert_eq!(found(index, "1050도").await[0], "recipe-1");
}

/// A code in any spelling: first where it is explained, then where it is named, both said to be exact.
async fn codes_are_found_in_any_spelling(index: &dyn Index) {
    for question in ["What is alarm E-1042?", "e1042 떴어요", "E 1042"] {
        let hits = search(index, question, &Access::Everything).await.hits;
        let exact: Vec<(&str, bool)> = hits
            .iter()
            .take(2)
            .map(|hit| (hit.passage.id.0.as_str(), hit.exact))
            .collect();
        assert_eq!(
            exact,
            [("alarms-1", true), ("alarms-0", true)],
            "{question}"
        );
        assert!(hits.iter().skip(2).all(|hit| !hit.exact));
    }
}

/// Nobody finds or opens what they may not read.
async fn nobody_finds_what_they_may_not_read(index: &dyn Index) {
    let manuals = only(&["manuals"]);
    assert!(
        search(index, "서셉터 베이크", &manuals)
            .await
            .hits
            .is_empty()
    );
    assert!(
        search(index, "서셉터 베이크", &only(&[]))
            .await
            .hits
            .is_empty()
    );
    let id = PassageId("recipe-1".to_owned());
    assert!(index.passage(&id, &manuals).await.unwrap().is_none());
    let opened = index
        .passage(&id, &only(&["recipes"]))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(opened.page.unwrap().number, 2);
    assert_eq!(Language::detect(&opened.text), Language::Korean);
}

/// How frequent the words of the question are, whoever asks.
async fn it_says_how_frequent_each_word_is(index: &dyn Index) {
    let found = search(index, "exhaust filter, ammonia line", &only(&["manuals"])).await;
    assert_eq!(found.total_passages, index.size().await.unwrap());
    let holding = |word: &str| {
        let mut terms = found.terms.iter().filter(|term| term.in_question);
        terms
            .find(|weighed| weighed.term.starts_with(word))
            .unwrap()
            .doc_freq
    };
    assert_eq!((holding("exhaust"), holding("ammonia")), (1, 0));
}

/// A search of nothing, of nonsense and of a very long text.
async fn odd_questions_do_no_harm(index: &dyn Index) {
    for nothing in ["", "  \n", "?!", "the of and"] {
        assert!(found(index, nothing).await.is_empty());
    }
    assert!(!found(index, &"pump ".repeat(20_000)).await.is_empty());
}

/// A document in a new version, in one step.
async fn a_document_is_replaced_in_one_step(index: &dyn Index) {
    let add = vec![passage(
        "pump",
        "manuals",
        0,
        "4.2 Oil",
        "Change the oil every six months.",
    )];
    let remove = vec![DocumentId("pump".to_owned())];
    index.apply(Changes { remove, add }).await.unwrap();
    assert!(found(index, "exhaust filter replaced").await.is_empty());
    assert_eq!(index.size().await.unwrap(), 5);
    let gone = index
        .passage(&PassageId("pump-1".to_owned()), &Access::Everything)
        .await
        .unwrap();
    assert!(gone.is_none());
}

fn adding(passages: Vec<Passage>) -> Changes {
    Changes {
        remove: Vec::new(),
        add: passages,
    }
}

fn oil(document: &str, text: &str) -> Changes {
    Changes {
        remove: vec![DocumentId(document.to_owned())],
        add: vec![passage(document, "manuals", 0, "Oil", text)],
    }
}

/// Searches that run while a document is replaced find it in its old or its new state, every time.
async fn a_document_is_found_while_it_is_replaced(index: &dyn Index) {
    let done = AtomicBool::new(false);
    let replace = async {
        for round in 0..5 {
            let text = format!("Viscous lubricant number {round} goes into the gearbox.");
            index.apply(oil("gearbox", &text)).await.unwrap();
        }
        done.store(true, Ordering::Release);
    };
    index
        .apply(oil("gearbox", "Viscous lubricant goes into the gearbox."))
        .await
        .unwrap();
    let search = async {
        while !done.load(Ordering::Acquire) {
            assert_eq!(
                found(index, "viscous lubricant gearbox").await[0],
                "gearbox-0"
            );
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(replace, search);
    let hits = search_all(index, "viscous lubricant gearbox").await;
    assert!(hits[0].text.contains("number 4"), "{}", hits[0].text);
    assert_eq!(
        hits.iter()
            .filter(|hit| hit.document.id.0 == "gearbox")
            .count(),
        1
    );
}

async fn search_all(index: &dyn Index, text: &str) -> Vec<Passage> {
    let found = search(index, text, &Access::Everything).await;
    found.hits.into_iter().map(|hit| hit.passage).collect()
}

/// Who may read one collection may not read another whose name looks much the same.
async fn collections_differ_by_every_letter(index: &dyn Index) {
    let names = ["Secret manuals", "secret manuals", "비밀 \"문서\"", "a\\"];
    let secrets = names.iter().map(|name| {
        let mut secret = passage("secret", name, 0, "Zirconium", "Zirconium shutter.");
        secret.document.id = DocumentId(format!("secret {name}"));
        secret.id = PassageId(format!("secret {name} - 0"));
        secret
    });
    index.apply(adding(secrets.collect())).await.unwrap();
    for name in names {
        let hits = search(index, "zirconium shutter", &only(&[name]))
            .await
            .hits;
        let collections: Vec<&str> = hits
            .iter()
            .map(|hit| hit.passage.document.collection.as_str())
            .collect();
        assert_eq!(collections, [name]);
        let id = &hits[0].passage.id;
        assert!(index.passage(id, &only(&[name])).await.unwrap().is_some());
        assert!(
            index
                .passage(id, &only(&["manuals"]))
                .await
                .unwrap()
                .is_none()
        );
    }
    let remove = names
        .iter()
        .map(|name| DocumentId(format!("secret {name}")))
        .collect();
    let add = Vec::new();
    index.apply(Changes { remove, add }).await.unwrap();
    assert!(found(index, "zirconium shutter").await.is_empty());
}

/// What a rebuild is given is not seen before it is finished, and nothing else is seen after it.
async fn an_index_made_anew_takes_the_place_of_the_old_one(index: &dyn Index) {
    let mut rebuild = index.rebuild().await.unwrap();
    let second = index.rebuild().await.err().unwrap();
    assert!(
        second.to_string().contains("being rebuilt already"),
        "{second}"
    );
    rebuild
        .apply(oil("turbine", "The turbine spins up in five minutes."))
        .await
        .unwrap();
    assert!(found(index, "turbine spins").await.is_empty());
    assert_eq!(found(index, "viscous lubricant").await[0], "gearbox-0");
    rebuild.finish().await.unwrap();
    assert_eq!(found(index, "turbine spins").await, ["turbine-0"]);
    assert!(found(index, "viscous lubricant").await.is_empty());
    assert_eq!(index.size().await.unwrap(), 1);
}

async fn what_is_written_during_a_rebuild_is_kept(index: &dyn Index) {
    let mut rebuild = index.rebuild().await.unwrap();
    index
        .apply(oil("bellows", "The bellows are new."))
        .await
        .unwrap();
    index
        .apply(oil("turbine", "The turbine has ceramic bearings."))
        .await
        .unwrap();
    assert_eq!(found(index, "bellows").await, ["bellows-0"]);
    for document in ["turbine", "gasket"] {
        rebuild
            .apply(oil(document, "As it was when the rebuild began."))
            .await
            .unwrap();
    }
    rebuild.finish().await.unwrap();
    assert_eq!(found(index, "bellows").await, ["bellows-0"]);
    assert_eq!(found(index, "ceramic bearings").await, ["turbine-0"]);
    assert_eq!(found(index, "rebuild began").await, ["gasket-0"]);
    assert_eq!(index.size().await.unwrap(), 3);
}

async fn an_unfinished_rebuild_changes_nothing(index: &dyn Index) {
    let mut rebuild = index.rebuild().await.unwrap();
    rebuild
        .apply(oil("flange", "The flange is blue."))
        .await
        .unwrap();
    drop(rebuild);
    assert!(found(index, "blue flange").await.is_empty());
    assert_eq!(index.size().await.unwrap(), 3);
    index.rebuild().await.unwrap().finish().await.unwrap();
    assert_eq!(index.size().await.unwrap(), 0);
}

#[tokio::test]
async fn the_embedded_engine_does_what_every_engine_does() {
    let folder = tempfile::tempdir().unwrap();
    story(&Embedded::open(folder.path()).unwrap()).await;
}

fn one_passage() -> Changes {
    Changes {
        remove: Vec::new(),
        add: vec![passage("pump", "manuals", 0, "Oil", "Change the oil.")],
    }
}

#[tokio::test]
async fn what_was_indexed_is_there_after_reopening_and_for_other_handles() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Embedded::open(folder.path()).unwrap();
    writer.apply(one_passage()).await.unwrap();
    let later = Embedded::open(folder.path()).unwrap();
    assert_eq!(later.size().await.unwrap(), 1);
    drop(writer);
    later.apply(one_passage()).await.unwrap();
    assert_eq!(found(&later, "oil").await.len(), 2);
}

#[tokio::test]
async fn an_index_of_another_version_is_searched_until_it_is_made_anew_from_itself() {
    let folder = tempfile::tempdir().unwrap();
    let index = Embedded::open(folder.path()).unwrap();
    index.apply(one_passage()).await.unwrap();
    drop(index);
    let version = |making: &str| folder.path().join(making).join("epibot-version");
    std::fs::write(version("passages-1"), "analysis 0, fields 2\n").unwrap();
    let index = Embedded::open(folder.path()).unwrap();
    let other = Embedded::open(folder.path()).unwrap();
    assert_eq!(found(&index, "oil").await, ["pump-0"]);
    index.upgrade().await.unwrap();
    for handle in [&index, &other] {
        assert_eq!(found(handle, "oil").await, ["pump-0"]);
        assert_eq!(handle.size().await.unwrap(), 1);
    }
    assert!(version("passages-2").exists() && !version("passages-1").exists());
    index.upgrade().await.unwrap();
    assert!(version("passages-2").exists());
}

#[tokio::test]
async fn an_index_from_before_makings_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("meta.json"), "{}").unwrap();
    std::fs::write(
        folder.path().join("epibot-version"),
        "analysis 1, fields 1\n",
    )
    .unwrap();
    let index = Embedded::open(folder.path()).unwrap();
    assert_eq!(index.size().await.unwrap(), 0);
    assert!(!folder.path().join("meta.json").exists());
}

#[tokio::test]
async fn a_damaged_index_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    drop(Embedded::open(folder.path()).unwrap());
    std::fs::write(folder.path().join("passages-1/meta.json"), "{").unwrap();
    let error = Embedded::open(folder.path()).err().unwrap();
    assert!(
        error
            .to_string()
            .contains("delete this folder and run `epibot reindex`"),
        "{error}"
    );
}

#[tokio::test]
async fn changes_made_side_by_side_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let index = Arc::new(Embedded::open(folder.path()).unwrap());
    let other = Embedded::open(folder.path()).unwrap();
    let add = |name: &str| Changes {
        remove: Vec::new(),
        add: vec![passage(name, "manuals", 0, "Oil", "Change the oil.")],
    };
    let (one, two, three) = tokio::join!(
        index.apply(add("a")),
        other.apply(add("b")),
        index.apply(add("c"))
    );
    one.and(two).and(three).unwrap();
    index.apply(add("d")).await.unwrap();
    assert_eq!(index.size().await.unwrap(), 4);
}
