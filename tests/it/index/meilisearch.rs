//! The Meilisearch engine: over the wire to a server of our own, and to a real one where there is one.

use std::path::Path;

use epibot::config::secret::Secret;
use epibot::config::settings::Config;
use epibot::domain::access::Access;
use epibot::domain::search_params::SearchParams;
use epibot::search::index::meilisearch::{Meilisearch, create_keys};
use epibot::search::index::{Index, Query};
use serde_json::{Value, json};

use super::{adding, found, oil, one_passage, passage, search, story};
use crate::support::meilisearch::{FakeMeilisearch, Fault, config, error, real};

fn open(config: &Config, folder: &Path) -> Meilisearch {
    Meilisearch::open(&config.meilisearch, folder).unwrap()
}

/// What is said when a search fails.
async fn failure(index: &dyn Index) -> String {
    let query = Query {
        text: "pump oil",
        expansions: &[],
        access: &Access::Everything,
        limit: 10,
        params: &SearchParams::DEFAULT,
    };
    format!("{:#}", index.search(&query).await.unwrap_err())
}

#[tokio::test]
async fn it_does_what_every_engine_does_over_the_wire() {
    let (server, folder) = (FakeMeilisearch::start().await, tempfile::tempdir().unwrap());
    story(&open(&server.config(&[]), folder.path())).await;
    assert_eq!(server.indexes(), ["epibot_passages"]);
}

#[tokio::test]
async fn it_does_what_every_engine_does_on_a_real_server() {
    let Some(config) = real("epibot_test_").await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    story(&open(&config, folder.path())).await;
}

#[tokio::test]
async fn what_was_indexed_is_found_after_a_restart_and_by_who_may_only_search() {
    let (server, folder) = (FakeMeilisearch::start().await, tempfile::tempdir().unwrap());
    let writer = open(&server.config(&[]), folder.path());
    writer.apply(one_passage()).await.unwrap();
    drop(writer);
    let mut config = server.config(&[]);
    config.meilisearch.search_key = Some(Secret::new("may only search"));
    let reader = open(&config, folder.path());
    assert_eq!(found(&reader, "oil").await, ["pump-0"]);
    let error = reader.apply(one_passage()).await.unwrap_err().to_string();
    assert!(error.contains("set meilisearch.index_key"), "{error}");
}

#[tokio::test]
async fn a_question_is_asked_for_in_terms_that_no_tokenizer_cuts() {
    let (server, folder) = (FakeMeilisearch::start().await, tempfile::tempdir().unwrap());
    let index = open(&server.config(&[]), folder.path());
    let bake = passage(
        "recipe",
        "recipes",
        0,
        "서셉터",
        "E-1042 뒤에 1,050 °C에서 베이크합니다.",
    );
    index.apply(adding(vec![bake])).await.unwrap();
    found(&index, "oil").await;
    let before = server.requests().len();
    let only = super::only(&["recipes"]);
    assert_eq!(search(&index, "서셉터 E-1042?", &only).await.hits.len(), 1);
    let mut asked: Vec<Value> = server.requests()[before..]
        .iter()
        .map(|(path, body)| json!({ "path": path, "body": body }))
        .collect();
    // Some of them are made at the same time.
    asked.sort_by_key(Value::to_string);
    insta::assert_json_snapshot!(asked);
}

#[tokio::test]
async fn an_index_is_set_up_so_that_terms_stay_as_they_are() {
    let (server, folder) = (FakeMeilisearch::start().await, tempfile::tempdir().unwrap());
    let index = open(&server.config(&[]), folder.path());
    index.apply(one_passage()).await.unwrap();
    let asked: Vec<Value> = server
        .requests()
        .iter()
        .filter(|(path, _)| !path.starts_with("GET /tasks"))
        .map(|(path, body)| json!({ "path": path, "body": body }))
        .collect();
    insta::assert_json_snapshot!(asked);
}

#[tokio::test]
async fn large_changes_are_sent_in_batches_by_their_size() {
    let (server, folder) = (FakeMeilisearch::start().await, tempfile::tempdir().unwrap());
    let index = open(
        &server.config(&[("EPIBOT__MEILISEARCH__BATCH_MB", "1")]),
        folder.path(),
    );
    let text = "Change the oil of the pump. ".repeat(2_000);
    let add = (0..20).map(|number| passage("pump", "manuals", number, "Oil", &text));
    index.apply(adding(add.collect())).await.unwrap();
    let sent = server.requests();
    let batches: Vec<usize> = sent
        .iter()
        .filter(|(path, _)| path == "POST /indexes/epibot_passages/documents")
        .map(|(_, body)| body.to_string().len())
        .skip(1)
        .collect();
    assert!(batches.len() > 1, "{batches:?}");
    assert!(
        batches.iter().all(|bytes| *bytes < 1_100_000),
        "{batches:?}"
    );
    assert_eq!(index.size().await.unwrap(), 20);
}

#[tokio::test]
async fn passages_are_counted_beyond_the_thousand_that_the_server_stops_at_by_itself() {
    let (server, folder) = (FakeMeilisearch::start().await, tempfile::tempdir().unwrap());
    let index = open(&server.config(&[]), folder.path());
    let add = (0..1_200).map(|number| passage("pump", "manuals", number, "Oil", "Change it."));
    index.apply(adding(add.collect())).await.unwrap();
    assert_eq!(index.size().await.unwrap(), 1_200);
    index.rebuild().await.unwrap().finish().await.unwrap();
    let add = (0..1_100).map(|number| passage("pump", "manuals", number, "Oil", "Change it."));
    index.apply(adding(add.collect())).await.unwrap();
    assert_eq!(index.size().await.unwrap(), 1_100);
}

#[tokio::test]
async fn a_busy_server_is_asked_again_when_it_says() {
    let (server, folder) = (FakeMeilisearch::start().await, tempfile::tempdir().unwrap());
    let index = open(&server.config(&[]), folder.path());
    index.apply(one_passage()).await.unwrap();
    let busy = |after| {
        let body = error("too_many_search_requests", "Too many search requests.");
        Fault::Status(503, vec![("retry-after", after)], body)
    };
    let searches = |server: &FakeMeilisearch| {
        let requests = server.requests();
        requests
            .iter()
            .filter(|(path, _)| path == "POST /multi-search")
            .count()
    };
    server.fail("POST /multi-search", [busy("0"), busy("0")]);
    assert_eq!(found(&index, "oil").await, ["pump-0"]);
    let before = searches(&server);
    // Nobody waits an hour for an answer.
    server.fail("POST /multi-search", [busy("3600")]);
    assert!(failure(&index).await.contains("too much to do"));
    assert_eq!(searches(&server), before + 1);
}

#[tokio::test]
async fn what_is_wrong_is_said_with_what_to_do() {
    let (server, folder) = (FakeMeilisearch::start().await, tempfile::tempdir().unwrap());
    let index = open(
        &server.config(&[("EPIBOT__MEILISEARCH__ATTEMPTS", "1")]),
        folder.path(),
    );
    index.apply(one_passage()).await.unwrap();
    let refused = |status, body| [Fault::Status(status, vec![], body)];
    let mut said = Vec::new();

    let body = error("invalid_api_key", "The provided API key is invalid.");
    server.fail("POST /multi-search", refused(403, body));
    said.push(("wrong key", failure(&index).await));

    let body = error("bad_request", "Unknown field `attributesToRetrieve`");
    server.fail("POST /multi-search", refused(400, body));
    said.push(("too old for a search", failure(&index).await));

    server.fail(
        "POST /multi-search",
        refused(200, json!("<html>hello</html>")),
    );
    said.push(("another server", failure(&index).await));

    let busy = error("too_many_search_requests", "Too many search requests.");
    server.fail("POST /multi-search", refused(503, busy));
    said.push(("busy", failure(&index).await));

    server.fail(
        "POST /indexes/epibot_passages/documents",
        [Fault::Task("no_space_left_on_device")],
    );
    let full = index.apply(oil("pump", "Change it.")).await.unwrap_err();
    said.push(("full disk", format!("{full:#}")));
    // What is indexed is still found.
    assert_eq!(found(&index, "oil").await, ["pump-0"]);

    server.set_version("1.9.0");
    let old = open(&server.config(&[]), folder.path());
    let old = old.apply(one_passage()).await.unwrap_err();
    said.push(("too old", format!("{old:#}")));

    let nobody = config(
        "http://127.0.0.1:9",
        &[("EPIBOT__MEILISEARCH__ATTEMPTS", "1")],
    );
    said.push(("nobody there", failure(&open(&nobody, folder.path())).await));

    let said: Vec<String> = said
        .into_iter()
        .map(|(case, said)| format!("{case}: {said}"))
        .collect();
    let address = server.config(&[]).meilisearch.url;
    insta::assert_snapshot!(said.join("\n").replace(&address, "http://server:7700"));
}

#[tokio::test]
async fn a_server_that_is_silent_is_given_up_after_the_configured_time() {
    let (server, folder) = (FakeMeilisearch::start().await, tempfile::tempdir().unwrap());
    let index = open(
        &server.config(&[("EPIBOT__MEILISEARCH__SEARCH_TIMEOUT_S", "1")]),
        folder.path(),
    );
    server.fail("POST /multi-search", [Fault::Silence, Fault::Silence]);
    let said = failure(&index).await;
    assert!(said.contains("did not answer within 1 seconds"), "{said}");
    assert_eq!(server.requests().len(), 1, "it is not asked again");
    server.stop();
}

#[tokio::test]
async fn an_index_of_another_version_is_made_anew_from_its_own_passages() {
    let (server, folder) = (FakeMeilisearch::start().await, tempfile::tempdir().unwrap());
    let index = open(&server.config(&[]), folder.path());
    index.apply(one_passage()).await.unwrap();
    let about = json!({ "key": "about-this-index", "version": "analysis 0, records 0" });
    server.set("epibot_passages", "about-this-index", about);
    assert_eq!(found(&index, "oil").await, ["pump-0"]);
    index.upgrade().await.unwrap();
    assert_eq!(found(&index, "oil").await, ["pump-0"]);
    let swaps = |server: &FakeMeilisearch| {
        let requests = server.requests();
        requests
            .iter()
            .filter(|(path, _)| path == "POST /swap-indexes")
            .count()
    };
    assert_eq!(swaps(&server), 1);
    index.upgrade().await.unwrap();
    assert_eq!(swaps(&server), 1, "nothing is left to do");
}

#[tokio::test]
async fn keys_are_made_that_may_do_no_more_than_they_have_to() {
    let server = FakeMeilisearch::start().await;
    let config = server.config(&[("EPIBOT__MEILISEARCH__PREFIX", "fab2_")]);
    let keys = create_keys(&config.meilisearch, &Secret::new("the master key"))
        .await
        .unwrap();
    assert_eq!(keys.search.expose(), "key of epibot search");
    let made: Vec<Value> = server
        .requests()
        .into_iter()
        .filter(|(path, _)| path == "POST /keys")
        .map(|(_, body)| body)
        .collect();
    insta::assert_json_snapshot!(made);
}
