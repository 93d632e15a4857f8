//! The demo page and the sources it opens, in a browser, from the program as it is.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::support::browser::{Browser, ENTER, ESCAPE, TAB};
use crate::support::http;
use crate::support::llm::{Script, ScriptedLlm, Step, delta, ending, event, says};
use crate::support::process::printed;

/// `epibot demo` in a folder of its own.
struct Demo {
    address: String,
    _process: Child,
    _folder: TempDir,
}

impl Demo {
    async fn start(llm: Option<&ScriptedLlm>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_epibot"));
        // Without a library named, it would be fetched; a name that leads nowhere reads PDFs without one.
        let pdfium =
            std::env::var("EPIBOT_PDFIUM").unwrap_or_else(|_| "/nowhere/libpdfium.so".to_owned());
        command
            .args(["demo", "--port", "0"])
            .current_dir(folder.path())
            .env("EPIBOT__EXTRACT__PDFIUM", pdfium)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        if let Some(llm) = llm {
            command
                .env("EPIBOT__LLM__BASE_URL", llm.base_url())
                .env("EPIBOT__LLM__MODEL", "scripted")
                .env("EPIBOT__RETRIEVAL__PLANNER", "off");
        }
        let mut process = command.spawn().unwrap();
        let printed = printed(&mut process, "open at ").await;
        Self {
            address: printed.split_whitespace().next().unwrap().to_owned(),
            _process: process,
            _folder: folder,
        }
    }
}

fn has_pdfium() -> bool {
    std::env::var("EPIBOT_PDFIUM").is_ok_and(|library| Path::new(&library).is_file())
}

/// The demo asks one question of its own at the start.
fn first() -> Script {
    says(&["Check the thermostat [1]."])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_and_its_source_opened_with_the_keyboard_alone() {
    let Some(browser) = Browser::open(1280, 800, "en").await else {
        return;
    };
    let words = [
        "The susceptor ",
        "may go to 1150 °C [1], ",
        "says the manual.",
    ];
    let llm = ScriptedLlm::start([first(), says(&words)]).await;
    let demo = Demo::start(Some(&llm)).await;
    browser.go(&demo.address).await;
    browser
        .until("document.activeElement.id === 'question'")
        .await;
    browser
        .keys("What is the highest ReactorTemp setpoint?")
        .await;
    browser.keys(ENTER).await;
    browser
        .until("document.querySelector('#log').innerText.includes('says the manual')")
        .await;
    // The number in the text and the source below it lead to the same page.
    browser
        .until("document.querySelectorAll('#log a[href*=\"/source/\"]').length >= 1")
        .await;
    browser
        .run("document.querySelector('#log a[href*=\"/source/\"]').focus()")
        .await;
    browser.keys(ENTER).await;
    browser
        .until("!document.querySelector('#viewer').hidden")
        .await;
    let page = "document.querySelector('#viewer-frame').contentDocument";
    browser
        .until(&format!("{page} && {page}.querySelector('h1')"))
        .await;
    if has_pdfium() {
        browser
            .until(&format!(
                "{page}.querySelector('figure img').naturalWidth > 500"
            ))
            .await;
    }
    assert!(!browser.picture().await.is_empty());
    browser.keys(ESCAPE).await;
    browser
        .until("document.querySelector('#viewer').hidden")
        .await;
    browser.keys(TAB).await;
    browser
        .until("document.activeElement !== document.body")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_shows_it_all_in_korean() {
    let Some(browser) = Browser::open(390, 844, "ko").await else {
        return;
    };
    let demo = Demo::start(None).await;
    browser.go(&demo.address).await;
    browser
        .until("document.documentElement.lang === 'ko'")
        .await;
    browser
        .until("document.activeElement.id === 'question'")
        .await;
    browser.keys("TMGa 버블러는 어떻게 교환하나요?").await;
    browser.keys(ENTER).await;
    browser
        .until("document.querySelectorAll('#log a[href*=\"/source/\"]').length > 0")
        .await;
    browser
        .until("document.documentElement.scrollWidth <= innerWidth")
        .await;
    // The cited words of a text document are marked, and in view.
    let link =
        "[...document.querySelectorAll('#log a[href*=\"/source/\"]')].find(a => a.closest('li'))";
    let href = browser
        .run(&format!(
            "return ({link} || document.querySelector('#log a[href*=\"/source/\"]')).href"
        ))
        .await;
    browser.go(href.as_str().unwrap()).await;
    browser
        .until("document.querySelector('h1').innerText.length > 0")
        .await;
    browser
        .until("document.documentElement.scrollWidth <= innerWidth")
        .await;
    let mark = "document.querySelector('mark')?.getBoundingClientRect()";
    browser
        .until(&format!(
            "!document.querySelector('mark') || {mark}.top < innerHeight"
        ))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_breaks_off_leaves_the_page_usable() {
    let Some(browser) = Browser::open(1024, 700, "en").await else {
        return;
    };
    let begun = event(&delta(
        &serde_json::json!({ "content": "The gearbox oil [1] is" }),
    ));
    let broken = Script::Stream(vec![Step::Send(begun), Step::Cut]);
    let llm = ScriptedLlm::start([first(), broken, says(&["Every 12 months [1]."])]).await;
    let demo = Demo::start(Some(&llm)).await;
    browser.go(&demo.address).await;
    browser
        .keys("How often is the pump gearbox oil exchanged?")
        .await;
    browser.keys(ENTER).await;
    browser
        .until("document.querySelector('#log').innerText.includes('broke off')")
        .await;
    browser
        .until(
            "!document.querySelector('#send').disabled && !document.querySelector('#send').hidden",
        )
        .await;
    browser
        .run("document.querySelector('#question').focus()")
        .await;
    browser.keys("And the oil of the pump, how often?").await;
    browser.keys(ENTER).await;
    browser
        .until("document.querySelector('#log').innerText.includes('Every 12 months')")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_link_leads_to_shows_the_cited_words() {
    let llm = ScriptedLlm::start([
        first(),
        Script::Stream(vec![Step::Send(
            [
                event(&delta(
                    &serde_json::json!({ "content": "Rest the bubbler for 30 minutes [1]." }),
                )),
                ending("stop"),
            ]
            .concat(),
        )]),
    ])
    .await;
    let demo = Demo::start(Some(&llm)).await;
    let client = http();
    let ask = serde_json::json!({ "question": "TMGa 버블러를 교환한 뒤 무엇을 하나요?", "conversation": [] });
    let url = format!("{}api/ask", demo.address);
    let events = client
        .post(&url)
        .json(&ask)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let answer = events
        .lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .next_back()
        .unwrap();
    let answer: Value = serde_json::from_str(answer).unwrap();
    let citation = &answer["citations"][0];
    let source = client
        .get(citation["url"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(source.status(), 200);
    assert_eq!(source.headers()["x-content-type-options"], "nosniff");
    assert!(
        source.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src")
    );
    let page = source.text().await.unwrap();
    assert!(
        page.contains("<mark") || page.contains("<blockquote>"),
        "{page}"
    );

    // Neither another passage nor a longer life can be had with the signature of this one.
    let url = citation["url"].as_str().unwrap();
    let forged = [
        url.replace("signature=", "signature=0"),
        url.replace("until=1", "until=2"),
    ];
    for forged in forged {
        assert_eq!(client.get(forged).send().await.unwrap().status(), 404);
    }
    // A page of another site must not read the demo through the visitor's browser.
    let foreign = client
        .get(&demo.address)
        .header("host", "evil.example")
        .send()
        .await
        .unwrap();
    assert!(foreign.status().is_client_error());
    for path in [
        "source/..%2f..%2fetc%2fpasswd",
        "assets/../Cargo.toml",
        "source/x/file",
    ] {
        let there = client
            .get(format!("{}{path}", demo.address))
            .send()
            .await
            .unwrap();
        assert_eq!(there.status(), 404, "{path}");
    }
}
