//! What is found by its meaning, over both engines.

use std::path::Path;
use std::sync::Arc;

use epibot::config::settings::Config;
use epibot::domain::access::Access;
use epibot::domain::document::DocumentId;
use epibot::domain::passage::{Passage, PassageId};
use epibot::runtime::clock::Clock;
use epibot::search::embed::{Embedder, Embedding};
use epibot::search::index::meilisearch::Meilisearch;
use epibot::search::index::tantivy::Embedded;
use epibot::search::index::vectors::{Space, Vectors};
use epibot::search::index::{Changes, Index};

use crate::index::{found, only, passage, search};
use crate::support::embeddings::Embeddings;
use crate::support::meilisearch::{FakeMeilisearch, real};

/// The engine with a model, as the program puts them together.
async fn with_model(engine: &Arc<dyn Vectors>, config: &Config, folder: &Path) -> Embedding {
    let file = folder.join("embeddings.sqlite");
    let embedder = Embedder::open(&config.embeddings, &file, Clock::system()).await;
    Embedding::new(Arc::clone(engine), embedder.unwrap().unwrap())
}

fn adding(passages: Vec<Passage>) -> Changes {
    Changes {
        remove: Vec::new(),
        add: passages,
    }
}

fn library() -> Vec<Passage> {
    vec![
        passage("pump", "manuals", 0, "Oil", "Change the oil of the pump."),
        passage(
            "pump",
            "manuals",
            1,
            "Leaks",
            "A leaking pump is switched off.",
        ),
        passage(
            "mo",
            "secret",
            0,
            "Bake",
            "Baking the susceptor takes an hour.",
        ),
    ]
}

async fn story(engine: Arc<dyn Vectors>) {
    let (model, folder) = (Embeddings::start().await, tempfile::tempdir().unwrap());
    let index = with_model(&engine, &model.config("first"), folder.path()).await;
    index.apply(adding(library())).await.unwrap();
    model.texts();

    // No word of the question stands in the passage that answers it.
    let everything = &Access::Everything;
    let answer = search(&index, "서셉터를 구워야 한다", everything).await;
    assert_eq!(answer.hits[0].passage.id.0, "mo-0");
    assert!(answer.similarity.unwrap() > 0.9, "{:?}", answer.similarity);
    assert_eq!(
        found(engine.as_ref(), "서셉터를 구워야 한다").await,
        [""; 0]
    );
    // Who may not read it does not find it, and nobody's question is kept from the nearest that one may read.
    let answer = search(&index, "서셉터를 구워야 한다", &only(&["manuals"])).await;
    assert!(
        answer
            .hits
            .iter()
            .all(|hit| hit.passage.document.collection == "manuals")
    );
    assert!(answer.similarity.unwrap() < 0.6);
    let nothing = search(&index, "서셉터를 구워야 한다", &only(&[])).await;
    assert!(nothing.hits.is_empty());

    // A passage that is indexed again costs nothing, a changed one is embedded, one that is gone is not found.
    model.texts();
    let mut again = library();
    "A leaking filter is replaced.".clone_into(&mut again[1].text);
    again[1].id = PassageId("pump-9".to_owned());
    index
        .apply(Changes {
            remove: vec![DocumentId("pump".to_owned()), DocumentId("mo".to_owned())],
            add: again.drain(..2).collect(),
        })
        .await
        .unwrap();
    let texts = model.texts();
    assert!(
        texts.len() == 1 && texts[0].contains("leaking filter"),
        "{texts:?}"
    );
    assert_eq!(found(&index, "필터를 갈아 끼운다").await[0], "pump-9");
    let left = found(&index, "서셉터를 구워야 한다").await;
    assert!(!left.contains(&"mo-0".to_owned()) && !left.contains(&"pump-1".to_owned()));

    // While the model is down words alone are searched for; what is indexed meanwhile gets its vector later.
    model.answer_with(500);
    index
        .apply(adding(vec![library().remove(2)]))
        .await
        .unwrap();
    assert_eq!(found(&index, "oil of the pump").await[0], "pump-0");
    assert!(search(&index, "oil", everything).await.similarity.is_none());
    model.answer_with(200);
    model.texts();
    let index = with_model(&engine, &model.config("first"), folder.path()).await;
    index.upgrade().await.unwrap();
    assert_eq!(
        model.texts().len(),
        1,
        "only the length of the vectors is asked for"
    );
    assert_eq!(found(&index, "서셉터를 구워야 한다").await[0], "mo-0");

    // Another model embeds everything anew, also one whose vectors have another length.
    for (name, dimensions) in [("second", 8), ("third", 16)] {
        model.set_dimensions(dimensions);
        model.texts();
        let index = with_model(&engine, &model.config(name), folder.path()).await;
        assert!(search(&index, "윤활", everything).await.hits.is_empty());
        index.upgrade().await.unwrap();
        assert_eq!(model.texts().len(), 1 + 1 + 3, "{name}");
        assert_eq!(found(&index, "윤활").await[0], "pump-0", "{name}");
    }

    let wrong = Space {
        model: "third".to_owned(),
        dimensions: 16,
    };
    let short = vec![(PassageId("pump-0".to_owned()), vec![1.0; 8])];
    let error = engine.store_vectors(&wrong, short).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("a vector of 8 numbers among those of 16")
    );
    index.clear().await.unwrap();
    assert!(found(&index, "윤활").await.is_empty());
}

#[tokio::test]
async fn the_embedded_engine_finds_by_meaning() {
    let folder = tempfile::tempdir().unwrap();
    story(Arc::new(Embedded::open(folder.path()).unwrap())).await;
}

#[tokio::test]
async fn meilisearch_finds_by_meaning_over_the_wire() {
    let (server, folder) = (FakeMeilisearch::start().await, tempfile::tempdir().unwrap());
    let config = server.config(&[]);
    story(Arc::new(
        Meilisearch::open(&config.meilisearch, folder.path()).unwrap(),
    ))
    .await;
}

#[tokio::test]
async fn meilisearch_finds_by_meaning_on_a_real_server() {
    let Some(config) = real("epibot_vectors_").await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    story(Arc::new(
        Meilisearch::open(&config.meilisearch, folder.path()).unwrap(),
    ))
    .await;
}

#[tokio::test]
async fn vectors_are_there_after_reopening_and_for_other_handles_and_are_made_anew_where_damaged() {
    let (model, folder) = (Embeddings::start().await, tempfile::tempdir().unwrap());
    let open = || -> Arc<dyn Vectors> { Arc::new(Embedded::open(folder.path()).unwrap()) };
    let (config, cache) = (model.config("first"), tempfile::tempdir().unwrap());
    model.answer_with(503);
    let index = with_model(&open(), &config, cache.path()).await;
    index.apply(adding(library())).await.unwrap();
    let reader = with_model(&open(), &config, cache.path()).await;
    model.answer_with(200);
    assert!(found(&reader, "서셉터를 구워야 한다").await.is_empty());
    index.upgrade().await.unwrap();
    let later = with_model(&open(), &config, cache.path()).await;
    for index in [&reader, &later] {
        assert_eq!(found(index, "서셉터를 구워야 한다").await[0], "mo-0");
    }
    // An index that is made anew keeps the vectors of what is in it.
    let mut rebuild = reader.rebuild().await.unwrap();
    rebuild.apply(adding(library())).await.unwrap();
    rebuild.finish().await.unwrap();
    assert_eq!(found(&index, "서셉터를 구워야 한다").await[0], "mo-0");

    let file = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("vectors-")
        });
    std::fs::write(file.unwrap(), "damaged").unwrap();
    assert!(found(&later, "윤활").await.is_empty());
    later.upgrade().await.unwrap();
    assert_eq!(found(&later, "윤활").await[0], "pump-0");
}
