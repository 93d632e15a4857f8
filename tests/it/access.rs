//! Who may read what: every pair of a place in Slack and a collection, by every way that leads from one to the other.
//!
//! The model says whatever it is shown, word for word, and calls whatever tool it is given.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use epibot::answer::links::Links;
use epibot::chat::slack::Reply;
use epibot::domain::audience::Audience;
use epibot::domain::document::Origin;
use epibot::domain::language::Language;
use epibot::domain::passage::Passage;
use epibot::ingest::catalog::{CatalogEntry, DocumentState};
use epibot::runtime::clock::Clock;
use epibot::search::index::Changes;
use epibot::storage::answer_log::{LoggedAnswer, LoggedPassage};
use epibot::web::read_access::ReadAccess;
use epibot::web::router::router;
use epibot::web::state::WebState;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::recipes;
use crate::support::bot::Bot;
use crate::support::llm::{ScriptedLlm, calls, says};
use crate::support::passages;
use crate::support::scripted_slack::{Faults, GROUP, MEMBER, ScriptedSlack};

const COLLECTIONS: [&str; 4] = ["manuals", "recipes", "safety", "secret"];

/// A place where questions are asked, and what may be read there.
struct Spot {
    channel: &'static str,
    user: &'static str,
    reads: &'static [&'static str],
}

const SPOTS: [Spot; 7] = [
    Spot {
        channel: "C0NONE",
        user: "U1",
        reads: &[],
    },
    Spot {
        channel: "C0MAN",
        user: "U1",
        reads: &["manuals"],
    },
    Spot {
        channel: "C0REC",
        user: "U2",
        reads: &["recipes"],
    },
    Spot {
        channel: "C0MIX",
        user: "U2",
        reads: &["manuals", "safety"],
    },
    // Nobody reads along, so that what the person may read counts, too.
    Spot {
        channel: "D0ONE",
        user: "U1",
        reads: &["manuals"],
    },
    Spot {
        channel: "D0TWO",
        user: "U2",
        reads: &["manuals", "secret"],
    },
    // Of a user group that may read more.
    Spot {
        channel: "D0GROUP",
        user: MEMBER,
        reads: &["manuals", "safety"],
    },
];

/// What stands in a collection's document, and nowhere else.
fn word(collection: &str) -> String {
    format!(
        "heliotrope{}",
        collection.len() * 1117
            + collection
                .as_bytes()
                .iter()
                .map(|byte| usize::from(*byte))
                .sum::<usize>()
    )
}

fn recipe(collection: &str) -> String {
    format!("RX-{}-101", collection.to_uppercase())
}

fn passage(collection: &str) -> Passage {
    let word = word(collection);
    let text = format!("The code word of the {collection} recipe_store is {word}.");
    passages::passage(collection, &format!("RecipeStore {word}"), "Words", &text)
}

/// The collection's document in the catalogue.
fn entry(collection: &str, file: PathBuf) -> CatalogEntry {
    let document = passage(collection).document;
    CatalogEntry {
        id: document.id,
        source: document.source,
        path: document.path,
        collection: document.collection,
        file,
        size: 1,
        modified: 1,
        sha256: String::new(),
        settings: String::new(),
        state: DocumentState::Read,
        title: document.title,
        number: None,
        revision: None,
        effective: None,
        superseded_by: None,
        pages: 1,
        passages: 1,
        notes: Vec::new(),
        inconsistencies: Vec::new(),
        indexed_at: 1_768_467_600_000,
    }
}

/// A model that looks everything up and repeats all that it is shown.
async fn parrot() -> ScriptedLlm {
    ScriptedLlm::choosing(|request| {
        let messages = request["messages"].as_array().unwrap();
        let has_called = messages.iter().any(|message| message["role"] == "tool");
        if !request["tools"].is_null() && !has_called {
            let all =
                COLLECTIONS.map(|collection| json!({"recipe": recipe(collection)}).to_string());
            let mut wanted = vec![
                ("find_recipes", "{}"),
                (
                    "search_documents",
                    "{\"query\":\"code word of the recipe_store\"}",
                ),
            ];
            wanted.extend(
                all.iter()
                    .map(|arguments| ("get_recipe", arguments.as_str())),
            );
            return calls(&wanted);
        }
        let shown: Vec<&str> = messages
            .iter()
            .skip(1)
            .filter_map(|message| message["content"].as_str())
            .collect();
        let shown = shown.join(" ").replace(['<', '>', '\n', '#'], " ");
        says(&[&shown, " [1]."])
    })
    .await
}

struct House {
    slack: ScriptedSlack,
    bot: Bot,
    pages: Router,
    links: Links,
    /// Where the documents lie.
    _folder: TempDir,
}

impl House {
    async fn new() -> Self {
        let slack = ScriptedSlack::start(9, Faults::QUICK).await;
        let settings = [
            ("slack.rate_limits", "false"),
            ("chat.questions_per_user", "100000"),
            ("chat.questions_per_channel", "100000"),
            ("retrieval.min_evidence_for_model", "0.0"),
        ];
        let bot = Bot::configured(
            &slack,
            parrot().await,
            Clock::system(),
            &settings,
            |config| {
                let list = |names: &[&str]| {
                    names
                        .iter()
                        .map(|name| (*name).to_owned())
                        .collect::<Vec<_>>()
                };
                config.access.default = list(&["manuals"]);
                for spot in SPOTS.iter().filter(|spot| spot.channel.starts_with('C')) {
                    config
                        .access
                        .channels
                        .insert(spot.channel.to_owned(), list(spot.reads));
                }
                config
                    .access
                    .users
                    .insert("U2".to_owned(), list(&["secret"]));
                config
                    .access
                    .groups
                    .insert(GROUP.to_owned(), list(&["safety"]));
            },
        )
        .await;
        let folder = tempfile::tempdir().unwrap();
        let sample = fs::read_to_string(recipes::samples().join("LED450-MQW-012A.epi")).unwrap();
        let homes = COLLECTIONS.map(|collection| {
            let home = folder.path().join(collection);
            fs::create_dir_all(&home).unwrap();
            let text = sample.replace("LED450-MQW-012A", &recipe(collection));
            let text = text.replace("# Comment:", &format!("# Comment: {}", word(collection)));
            fs::write(home.join(format!("{}.epi", recipe(collection))), text).unwrap();
            fs::copy(
                recipes::samples().join("hx7_common.epi"),
                home.join("hx7_common.epi"),
            )
            .unwrap();
            (home, collection)
        });
        let homes: Vec<_> = homes
            .iter()
            .map(|(home, collection)| (home.as_path(), *collection))
            .collect();
        let (mut passages, mut records) = (Vec::new(), Vec::new());
        for (own, record) in recipes::read(&homes) {
            passages.extend(own);
            records.push(record);
        }
        passages.extend(COLLECTIONS.map(passage));
        let library = &bot.parts.library;
        library.index.clear().await.unwrap();
        let changes = Changes {
            remove: Vec::new(),
            add: passages,
        };
        library.index.apply(changes).await.unwrap();
        library.recipe_store.apply(&[], &records).await.unwrap();
        for collection in COLLECTIONS {
            let file = folder.path().join(format!("{collection}.md"));
            fs::write(&file, passage(collection).text).unwrap();
            library
                .catalog
                .record(&[entry(collection, file)])
                .await
                .unwrap();
        }
        let base = "https://epibot.example".parse().unwrap();
        let links = Links::new(Some(base), &[7; 32], 1, Clock::system());
        let pages = router(WebState {
            index: Arc::clone(&library.index),
            catalog: library.catalog.clone(),
            extractor: Arc::clone(&library.extractor),
            links: links.clone(),
            read_access: ReadAccess::new(bot.parts.config.access.clone())
                .with_groups(Arc::clone(&bot.parts.groups)),
        });
        Self {
            slack,
            bot,
            pages,
            links,
            _folder: folder,
        }
    }

    /// Asks, perhaps in a thread; the thread and all that was said in it.
    async fn ask(
        &self,
        spot: &Spot,
        root: Option<&str>,
        text: &str,
        file: Option<&Value>,
    ) -> (String, String) {
        let text = format!("<@UBOT> {text}");
        let mut event = match root {
            Some(root) => self.slack.reply(spot.channel, root, spot.user, &text),
            None => self.slack.say(spot.channel, spot.user, &text),
        };
        if spot.channel.starts_with('D') {
            event["event"]["channel_type"] = "im".into();
        }
        if let Some(file) = file {
            event["event"]["files"] = json!([file]);
            event["event"]["subtype"] = "file_share".into();
        }
        let ts = event["event"]["ts"].as_str().unwrap().to_owned();
        let root = root.unwrap_or(&ts).to_owned();
        self.bot.take(&event).await;
        self.bot.until_done().await;
        let said = json!(self.slack.answers(spot.channel, &root));
        (root, said.to_string())
    }

    async fn command(&self, spot: &Spot, command: &str, text: &str) -> String {
        let call = json!({
            "command": command, "text": text, "channel_id": spot.channel, "user_id": spot.user, "team_id": "T1",
            "trigger_id": "", "response_url": "",
        });
        match self.bot.intake.handle(&call).await.unwrap() {
            Reply::Message(message) => message.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// Presses "passages" under an answer that was drawn from a collection.
    async fn press(&self, spot: &Spot, collection: &str) -> String {
        let passage = passage(collection);
        let key = format!("T1/{}/{collection}", spot.channel);
        let given = LoggedAnswer {
            key: key.clone(),
            team: "T1".to_owned(),
            channel: spot.channel.to_owned(),
            thread: "1.1".to_owned(),
            user: spot.user.to_owned(),
            question: "?".to_owned(),
            answer: "It is on the recipe_store [1].".to_owned(),
            mode: "llm".to_owned(),
            model: String::new(),
            prompt_tokens: 0,
            completion_tokens: 0,
            reason: String::new(),
            language: Language::English,
            passages: vec![LoggedPassage {
                n: Some(1),
                id: passage.id.0.clone(),
                title: "RecipeStore".to_owned(),
                section: None,
                page: None,
                collection: collection.to_owned(),
                origin: Some(Origin::Corpus),
                url: None,
                text: passage.text,
            }],
        };
        self.bot.parts.feedback.store(&given).await.unwrap();
        let before = self.slack.asides("chat.postEphemeral").len();
        let press = json!({
            "type": "block_actions", "team": {"id": "T1"}, "user": {"id": spot.user}, "channel": {"id": spot.channel},
            "container": {"message_ts": "2.1", "thread_ts": "1.1", "channel_id": spot.channel}, "trigger_id": "3.3.x",
            "actions": [{"action_id": "epibot_passages", "action_ts": "5.5", "value": key}],
        });
        self.bot.take(&press).await;
        self.bot.until_done().await;
        json!(self.slack.asides("chat.postEphemeral").split_off(before)).to_string()
    }

    /// Opens the link to a collection's document that somebody has who may not be in it any more.
    async fn open(&self, spot: &Spot, collection: &str) -> String {
        let audience = if spot.channel.starts_with('D') {
            Audience::Person {
                conversation: spot.channel.to_owned(),
                person: spot.user.to_owned(),
            }
        } else {
            Audience::Conversation(spot.channel.to_owned())
        };
        let url = self.links.to(&passage(collection), &audience).unwrap();
        let path = url.strip_prefix("https://epibot.example").unwrap();
        let path = path.split('#').next().unwrap();
        let request = axum::http::Request::get(path).body(Body::empty()).unwrap();
        let answer = self.pages.clone().oneshot(request).await.unwrap();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 22)
            .await
            .unwrap();
        String::from_utf8_lossy(&body).into_owned()
    }

    /// All that comes out by each way, with whether it has to come out where it may be read.
    async fn ways(&self, spot: &Spot, collection: &str) -> Vec<(&'static str, String, bool)> {
        let asked = format!("What is the code word of the {collection} recipe_store?");
        let (root, question) = self.ask(spot, None, &asked, None).await;
        let (first, _) = self
            .ask(
                spot,
                None,
                "What is the code word of the manuals recipe_store?",
                None,
            )
            .await;
        let (_, follow_up) = self
            .ask(
                spot,
                Some(&first),
                &format!("And of the {collection} recipe_store?"),
                None,
            )
            .await;
        let log = self.slack.upload(
            "F1",
            "log.txt",
            "text/plain",
            b"10:00 the recipe_store was opened\n",
        );
        let (_, attached) = self.ask(spot, None, &asked, Some(&log)).await;
        let own = spot.reads.first().copied().unwrap_or("manuals");
        let other = if own == collection { "manuals" } else { own };
        let pair = format!("{} {}", recipe(other), recipe(collection));
        let (_, diff) = self
            .ask(spot, None, &format!("Compare the recipes {pair}."), None)
            .await;
        let (_, count) = self
            .ask(spot, None, "How many recipes are there, and which?", None)
            .await;
        let shown = format!("Show the recipe {} with its comment.", recipe(collection));
        let (_, show) = self.ask(spot, None, &shown, None).await;
        drop(root);
        vec![
            ("question", question, true),
            ("follow-up", follow_up, collection != "manuals"),
            ("attachment", attached, true),
            ("diff", diff, false),
            ("count", count, false),
            ("show", show, false),
            ("link", self.open(spot, collection).await, true),
            ("button", self.press(spot, collection).await, true),
            (
                "/recipe diff",
                self.command(spot, "/recipe", &format!("diff {pair}")).await,
                false,
            ),
            (
                "/recipe show",
                self.command(spot, "/recipe", &format!("show {}", recipe(collection)))
                    .await,
                false,
            ),
            (
                "/recipe list",
                self.command(spot, "/recipe", "list").await,
                false,
            ),
            (
                "/epibot search",
                self.command(spot, "/epibot", &format!("search {asked}"))
                    .await,
                true,
            ),
            (
                "/epibot sources",
                self.command(spot, "/epibot", "sources").await,
                false,
            ),
            (
                "/epibot status",
                self.command(spot, "/epibot", "status").await,
                false,
            ),
        ]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_collection_comes_out_where_it_may_not_be_read() {
    let house = House::new().await;
    let (mut leaked, mut missing, mut tried, mut seen) = (Vec::new(), Vec::new(), 0, 0);
    for spot in &SPOTS {
        for collection in COLLECTIONS {
            let may_read = spot.reads.contains(&collection);
            let place = format!("{} {collection}", spot.channel);
            // The thread of a follow-up, and the other recipe of a pair, may hold what is readable; only this
            // collection's own words count.
            for (way, said, must_show) in house.ways(spot, collection).await {
                tried += 1;
                let shows = said.contains(&word(collection));
                seen += usize::from(shows);
                if shows && !may_read {
                    leaked.push(format!("{place} by {way}: {said}"));
                }
                if must_show && may_read && !shows {
                    missing.push(format!("{place} by {way}: {said}"));
                }
                // Nor do lists tell that there is more. (What the model asked for by name, it is told is not there.)
                let lists = ["/recipe list", "/epibot sources"].contains(&way);
                let names = lists && said.contains(&recipe(collection));
                if names && !may_read {
                    leaked.push(format!("{place} is named by {way}: {said}"));
                }
            }
        }
    }
    println!(
        "{tried} ways, {seen} of them show what may be read; leaked: {}",
        leaked.len()
    );
    assert_eq!(leaked, Vec::<String>::new());
    assert_eq!(missing, Vec::<String>::new());
    house.bot.stop().await;
}
