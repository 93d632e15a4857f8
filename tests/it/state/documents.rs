//! What is known of the documents, and the recipes as data.

use std::path::PathBuf;

use epibot::domain::access::Access;
use epibot::domain::document::{Document, DocumentId, Format, Origin};
use epibot::domain::fault::Fault;
use epibot::domain::inconsistency::PropertySource;
use epibot::extract::properties::Stated;
use epibot::ingest::catalog::{CatalogEntry, DocumentState, SourceSummary, Totals};
use epibot::recipes::model::Recipe;
use epibot::recipes::record::RecipeRecord;
use epibot::recipes::store::RecipeStore;

use super::{Place, tell};

tell!(
    what_is_recorded_is_there_for_everybody_and_after_a_restart,
    a_text_with_a_nul_character_is_kept_without_it,
    every_process_sees_the_recipes_that_another_put_there,
);

fn entry(id: &str, state: DocumentState) -> CatalogEntry {
    CatalogEntry {
        id: DocumentId(id.to_owned()),
        source: "manuals".to_owned(),
        path: "a.pdf".to_owned(),
        collection: "manuals".to_owned(),
        file: PathBuf::from("/srv/manuals/a.pdf"),
        size: 7,
        modified: 8,
        sha256: "00".to_owned(),
        settings: "11".to_owned(),
        state,
        title: "A".to_owned(),
        number: Some(Stated {
            value: "NV-1".to_owned(),
            place: PropertySource::Footer,
        }),
        revision: None,
        effective: None,
        superseded_by: Some(DocumentId("b".to_owned())),
        pages: 2,
        passages: 5,
        notes: vec![Fault::PagesWithoutText("2".to_owned())],
        inconsistencies: Vec::new(),
        indexed_at: 9,
    }
}

async fn what_is_recorded_is_there_for_everybody_and_after_a_restart(place: &impl Place) {
    let failed = entry("b", DocumentState::Failed(Fault::Empty));
    let catalog = place.catalog().await;
    catalog
        .record(&[entry("a", DocumentState::Pending), failed.clone()])
        .await
        .unwrap();
    catalog
        .record(&[entry("a", DocumentState::Read)])
        .await
        .unwrap();
    catalog
        .record(&[entry("c", DocumentState::Pending)])
        .await
        .unwrap();
    catalog.forget(&[DocumentId("c".to_owned())]).await.unwrap();
    let catalog = place.catalog().await;
    let mut entries = catalog.entries().await.unwrap();
    entries.sort_by(|one, other| one.id.cmp(&other.id));
    assert_eq!(entries, [entry("a", DocumentState::Read), failed]);
    assert_eq!(
        catalog.totals().await.unwrap(),
        Totals {
            documents: 1,
            pages: 2,
            passages: 5
        }
    );
    let holding = SourceSummary {
        source: "manuals".to_owned(),
        collection: "manuals".to_owned(),
        documents: 1,
        pages: 2,
        failed: 1,
        newest: Some(9),
    };
    assert_eq!(catalog.source_summaries().await.unwrap(), [holding]);
    assert_eq!(
        catalog.failures(5).await.unwrap(),
        [("a.pdf".to_owned(), Fault::Empty)]
    );
    // Its later revision is in force.
    assert!(catalog.newest(5).await.unwrap().is_empty());
    let place = catalog.file(&DocumentId("a".to_owned())).await.unwrap();
    assert_eq!(place, Some(PathBuf::from("/srv/manuals/a.pdf")));
}

async fn a_text_with_a_nul_character_is_kept_without_it(place: &impl Place) {
    let catalog = place.catalog().await;
    let odd = CatalogEntry {
        title: "HX\0-7".to_owned(),
        ..entry("a", DocumentState::Read)
    };
    catalog.record(&[odd]).await.unwrap();
    assert_eq!(catalog.entries().await.unwrap()[0].title, "HX-7");
}

fn record(document: &str, recipe: &str) -> RecipeRecord {
    RecipeRecord {
        document: Document {
            id: DocumentId(document.to_owned()),
            title: recipe.to_owned(),
            number: None,
            revision: None,
            effective: None,
            superseded: false,
            source: "recipes".to_owned(),
            path: format!("{recipe}.epi"),
            collection: "recipes".to_owned(),
            url: None,
            format: Format::Text,
            origin: Origin::Corpus,
        },
        recipes: vec![Recipe {
            id: recipe.to_owned(),
            ..Recipe::default()
        }],
        alarms: Vec::new(),
        limits: Vec::new(),
        spans: Vec::new(),
    }
}

async fn ids(recipe_store: &RecipeStore) -> Vec<String> {
    let snapshot = recipe_store.snapshot().await.unwrap();
    let view = snapshot.view(&Access::Everything);
    view.entries
        .iter()
        .map(|entry| entry.recipe().id.clone())
        .collect()
}

async fn every_process_sees_the_recipes_that_another_put_there(place: &impl Place) {
    let (one, other) = (place.recipe_store().await, place.recipe_store().await);
    assert!(!one.is_filled().await.unwrap());
    one.apply(&[], &[record("a", "R1"), record("b", "R2")])
        .await
        .unwrap();
    assert_eq!(ids(&other).await, ["R1", "R2"]);
    assert!(other.is_filled().await.unwrap());
    other
        .apply(&[DocumentId("a".to_owned())], &[record("b", "R3")])
        .await
        .unwrap();
    assert_eq!(ids(&one).await, ["R3"]);
    assert_eq!(ids(&place.recipe_store().await).await, ["R3"]);
    one.clear().await.unwrap();
    assert!(ids(&other).await.is_empty());
}
