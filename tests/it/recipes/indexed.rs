//! From files in folders to answers with links, through the real reading processes, catalogue and index.

use crate::support::Requirement;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use epibot::answer::answerer::Answerer;
use epibot::answer::attachments::Attachments;
use epibot::answer::links::Links;
use epibot::answer::progress::Progress;
use epibot::config::load::load_from;
use epibot::config::settings::Config;
use epibot::config::sources::Source;
use epibot::domain::access::Access;
use epibot::domain::answer::{Answer, Mode};
use epibot::domain::audience::Audience;
use epibot::domain::question::Question;
use epibot::extract::pool::Extractor;
use epibot::ingest::catalog::Catalog;
use epibot::ingest::stores::{Stores, SyncContext};
use epibot::ingest::sync;
use epibot::ingest::sync::{SyncOptions, SyncProgress, SyncReport};
use epibot::recipes::store::RecipeStore;
use epibot::runtime::clock::Clock;
use epibot::search::index::Index;
use epibot::search::index::tantivy::Embedded;
use epibot::search::retrieve::Retriever;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

struct Fab {
    folder: tempfile::TempDir,
    config: Config,
    index: Arc<Embedded>,
    recipe_store: RecipeStore,
    catalog: Catalog,
    extractor: Arc<Extractor>,
    answerer: Answerer,
}

impl Fab {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = load_from(None, Some(HashMap::new())).unwrap();
        config.data.dir = folder.path().join("data");
        if let Some(pdfium) = std::env::var_os("EPIBOT_PDFIUM") {
            config.extract.pdfium = pdfium.into();
        }
        for (name, from) in [
            ("recipes", "samples/recipes"),
            ("documents", "samples/documents"),
        ] {
            let to = folder.path().join(name);
            std::fs::create_dir_all(&to).unwrap();
            for entry in std::fs::read_dir(root().join(from)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
                }
            }
            config.sources.push(Source {
                name: name.to_owned(),
                path: to,
                collection: name.to_owned(),
                ..Source::default()
            });
        }
        let data = &config.data.dir;
        std::fs::create_dir_all(data).unwrap();
        let index = Arc::new(Embedded::open(&data.join("index")).unwrap());
        let recipe_store = RecipeStore::open(&data.join("recipes.sqlite"))
            .await
            .unwrap();
        let catalog = Catalog::open(&data.join("catalog.sqlite")).await.unwrap();
        let extractor = Arc::new(Extractor::new(
            PathBuf::from(env!("CARGO_BIN_EXE_epibot")),
            &config,
        ));
        let clock = Clock::fixed("2026-01-15T00:00:00Z".parse().unwrap());
        let links = Links::new(
            Some("https://epibot.example".parse().unwrap()),
            &[7; 32],
            1,
            clock.clone(),
        );
        let retriever = Arc::new(Retriever::new(index.clone(), None, &config).unwrap());
        let answerer = Answerer::new(
            retriever,
            Some(recipe_store.clone()),
            None,
            links,
            &config,
            clock,
        );
        Self {
            folder,
            config,
            index,
            recipe_store,
            catalog,
            extractor,
            answerer,
        }
    }

    async fn update(&self) -> SyncReport {
        let stores = Stores {
            index: self.index.clone(),
            catalog: self.catalog.clone(),
            recipes: self.recipe_store.clone(),
            extractor: self.extractor.clone(),
        };
        let context = SyncContext {
            config: &self.config,
            stores: &stores,
            clock: &Clock::system(),
        };
        let progress = watch::Sender::new(SyncProgress::default());
        sync::run(
            context,
            &SyncOptions::default(),
            &progress,
            &CancellationToken::new(),
        )
        .await
        .unwrap()
    }

    fn recipe(&self, name: &str) -> PathBuf {
        self.folder.path().join("recipes").join(name)
    }

    async fn ask(&self, text: &str, access: Access) -> Answer {
        let question = Question {
            text: text.to_owned(),
            conversation: Vec::new(),
            access,
        };
        let progress = watch::Sender::new(Progress::default());
        self.answerer
            .answer(
                &question,
                &Attachments::default(),
                &Audience::Everyone,
                &progress,
            )
            .await
            .unwrap()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[tokio::test(flavor = "multi_thread")]
async fn recipes_are_answered_from_the_index_with_links_that_open_their_lines() {
    let fab = Fab::new().await;
    let report = fab.update().await;
    assert_eq!(report.failed, []);

    let answer = fab
        .ask(
            "LED450-MQW-012A InGaN 우물층 성장 온도는?",
            Access::Everything,
        )
        .await;
    assert!(answer.text.contains("745 °C"), "{}", answer.text);
    assert_eq!(answer.mode, Mode::Extractive);
    for citation in &answer.citations {
        assert_eq!(citation.title, "LED450-MQW-012A.epi");
        assert!(citation.section.as_ref().unwrap().starts_with('L'));
        assert!(
            citation
                .url
                .as_ref()
                .unwrap()
                .starts_with("https://epibot.example/source/")
        );
        let passage = fab
            .index
            .passage(&citation.passage, &Access::Everything)
            .await
            .unwrap()
            .unwrap();
        // What a link opens is looked up in the text that the reading process gives.
        let extracted = fab
            .extractor
            .extract(&fab.recipe("LED450-MQW-012A.epi"))
            .await
            .unwrap();
        assert!(extracted.pages[0].text.contains(&passage.text));
    }

    // What changes is answered anew, what goes is gone.
    let file = fab.recipe("LED450-MQW-012A.epi");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("WellTemp = 745", "WellTemp = 738")).unwrap();
    std::fs::remove_file(fab.recipe("HEMT-SIC-004A.epi")).unwrap();
    let report = fab.update().await;
    assert_eq!((report.changed, report.removed), (1, 1));
    let answer = fab
        .ask(
            "LED450-MQW-012A InGaN 우물층 성장 온도는?",
            Access::Everything,
        )
        .await;
    assert!(answer.text.contains("738 °C"), "{}", answer.text);
    let answer = fab
        .ask("Which recipes go above 1100 °C?", Access::Everything)
        .await;
    assert_eq!(answer.mode, Mode::NoneFound, "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legend_that_changes_is_read_again() {
    let fab = Fab::new().await;
    fab.update().await;
    let legend = fab.recipe("gan-template-plc-007.legend.json");
    let text = std::fs::read_to_string(&legend).unwrap();
    std::fs::write(&legend, text.replace("\"mbar\"", "\"Torr\"")).unwrap();
    fab.update().await;
    let answer = fab
        .ask("gan-template-plc-007 u-GaN 압력은?", Access::Everything)
        .await;
    assert!(answer.text.contains("200 Torr"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn setpoints_are_held_against_the_limits_of_the_manual() {
    if std::env::var_os("EPIBOT_PDFIUM").is_none() {
        // Without PDFium the manual's tables have no rows.
        return Requirement::PDFIUM.skip();
    }
    let fab = Fab::new().await;
    fab.update().await;
    let answer = fab
        .ask(
            "HEMT-SIC-004A 한계를 벗어난 설정이 있나요?",
            Access::Everything,
        )
        .await;
    assert!(answer.text.contains("1165 °C (L40)"), "{}", answer.text);
    assert!(answer.text.contains("450–1150 °C"), "{}", answer.text);
    let titles: BTreeSet<&str> = answer
        .citations
        .iter()
        .map(|citation| citation.title.as_str())
        .collect();
    assert!(
        titles.contains("HEMT-SIC-004A.epi") && titles.contains("HX-7 Operation Manual"),
        "{titles:?}"
    );
    let answer = fab
        .ask("Is LED450-MQW-012A within the limits?", Access::Everything)
        .await;
    assert!(
        answer.text.contains("**0 setpoints** outside"),
        "{}",
        answer.text
    );
    // Whoever may not read the manual learns nothing of its limits.
    let hidden = Access::Only(BTreeSet::from(["recipes".to_owned()]));
    let answer = fab
        .ask("HEMT-SIC-004A 한계를 벗어난 설정이 있나요?", hidden)
        .await;
    assert!(!answer.text.contains("1150"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn alarms_are_looked_up_with_no_model() {
    let fab = Fab::new().await;
    fab.update().await;
    for question in [
        "E1042",
        "에러 1042",
        "alarm 1042?",
        "E-1042 조치 방법",
        "What is alarm E 1042?",
    ] {
        let answer = fab.ask(question, Access::Everything).await;
        assert!(
            answer.text.contains("**E-1042**"),
            "{question}: {}",
            answer.text
        );
        assert!(answer.text.contains("[1]"), "{question}: {}", answer.text);
        assert!(!answer.citations.is_empty());
        assert!(
            answer
                .citations
                .iter()
                .all(|citation| citation.quote.contains("E-1042") || !citation.quote.is_empty())
        );
    }
    let hidden = Access::Only(BTreeSet::from(["recipes".to_owned()]));
    let answer = fab.ask("alarm 1042", hidden).await;
    assert!(!answer.text.contains("Showerhead"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn alarm_lists_of_every_kind_are_looked_up_and_cited() {
    let fab = Fab::new().await;
    let write = |name: &str, content: &[u8]| {
        let file = fab.folder.path().join("documents").join(name);
        std::fs::write(file, content).unwrap();
    };
    write(
        "list.csv",
        "코드,내용,조치\nE-7001,밸브 열림,\"닫고, 다시 시작\"\nE-7002,펌프 정지,점검\n".as_bytes(),
    );
    write("list.xlsx", &crate::support::documents::xlsx());
    write(
        "list.json",
        br#"{"alarms": [{"alarm_code": "E-7003", "text": "Door open", "remedy": "Close the door"}]}"#,
    );
    write(
        "list.html",
        b"<h1>List</h1><table><tr><th>Alarm</th><th>Meaning</th></tr><tr><td>E-7004</td><td>Lamp dark</td></tr></table>",
    );
    let report = fab.update().await;
    assert_eq!(report.failed, []);
    for (question, code, says, file) in [
        ("에러 7001", "E-7001", "닫고, 다시 시작", "list.csv"),
        ("alarm 1051", "E-1051", "Exhaust low", "list.xlsx"),
        ("E7003", "E-7003", "Close the door", "list.json"),
        ("alarm code 7004?", "E-7004", "Lamp dark", "List"),
    ] {
        let answer = fab.ask(question, Access::Everything).await;
        assert!(
            answer.text.contains(&format!("**{code}**")),
            "{question}: {}",
            answer.text
        );
        assert!(answer.text.contains(says), "{question}: {}", answer.text);
        let titles: Vec<&str> = answer
            .citations
            .iter()
            .map(|citation| citation.title.as_str())
            .collect();
        assert!(
            titles.iter().any(|title| title.contains(file)),
            "{question}: {titles:?}"
        );
        let cited = answer
            .passages
            .iter()
            .any(|passage| passage.text.contains(code));
        assert!(cited, "{question}: no cited passage holds {code}");
    }
    // A symptom finds its alarm by search.
    let answer = fab
        .ask("밸브 열림 알람의 조치는?", Access::Everything)
        .await;
    assert!(answer.text.contains("E-7001"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_a_script_reads_counts_and_its_change_is_seen() {
    let fab = Fab::new().await;
    let write = |name: &str, content: &str| {
        std::fs::write(fab.recipe(name), content).unwrap();
    };
    write(
        "sub.epi",
        "variable Top = 1041;\nHeat { 3:00 \"heat up\", ReactorTemp to Top; }\n",
    );
    write(
        "R77.epi",
        "read sub.epi;\nlayer {\n\tHeat;\n\t60 \"grow GaN cap\", TMGa_1.run open;\n}\n",
    );
    fab.update().await;
    let answer = fab.ask("R77 GaN cap temperature", Access::Everything).await;
    assert!(answer.text.contains("**1041 °C**"), "{}", answer.text);
    assert!(answer.text.contains("sub.epi:1"), "{}", answer.text);
    write(
        "sub.epi",
        "variable Top = 1042.5;\nHeat { 3:00 \"heat up\", ReactorTemp to Top; }\n",
    );
    fab.update().await;
    let answer = fab.ask("R77 GaN cap temperature", Access::Everything).await;
    assert!(answer.text.contains("**1042.5 °C**"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_revisions_the_one_in_force_answers() {
    let fab = Fab::new().await;
    for (revision, temperature) in [("A", 1011), ("B", 1022)] {
        let text = format!(
            "# Recipe: REV-100\n# Revision: {revision}\nlayer {{\n\t60 \"grow GaN cap\", ReactorTemp to {temperature}, TMGa_1.run open;\n}}\n"
        );
        std::fs::write(fab.recipe(&format!("old-{revision}.epi")), text).unwrap();
    }
    fab.update().await;
    let now = fab
        .ask("REV-100 GaN cap temperature", Access::Everything)
        .await;
    assert!(
        now.text.contains("1022") && !now.text.contains("1011"),
        "{}",
        now.text
    );
    let before = fab
        .ask("REV-100 rev. A GaN cap temperature", Access::Everything)
        .await;
    assert!(before.text.contains("1011"), "{}", before.text);
    let both = fab.ask("diff of REV-100", Access::Everything).await;
    let (old, new) = (both.text.find("1011"), both.text.find("1022"));
    assert!(old.is_some() && old < new, "{}", both.text);
    let all = fab
        .ask("Which recipes go above 1000 °C?", Access::Everything)
        .await;
    assert!(!all.text.contains("1011"), "{}", all.text);
}
