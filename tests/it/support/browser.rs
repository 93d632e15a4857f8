//! A browser without a window, driven over `WebDriver` (W3C Recommendation).
//!
//! `EPIBOT_CHROMEDRIVER` is Chromium's driver; tests that need it are skipped where it is not set.

use std::process::Stdio;

use base64::Engine;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use super::process::printed;
use super::requirement::Requirement;
use super::wait;

/// The keys of `WebDriver` that have no character.
pub(crate) const ENTER: &str = "\u{E007}";
pub(crate) const TAB: &str = "\u{E004}";
pub(crate) const ESCAPE: &str = "\u{E00C}";

pub(crate) struct Browser {
    client: reqwest::Client,
    session: String,
    driver: Child,
}

impl Browser {
    /// A window of this size, for a reader of this language. None where there is no browser.
    pub(crate) async fn open(width: u32, height: u32, language: &str) -> Option<Self> {
        let Some(program) = std::env::var_os("EPIBOT_CHROMEDRIVER") else {
            Requirement::BROWSER.skip();
            return None;
        };
        let mut driver = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let port = printed(&mut driver, "successfully on port ").await;
        let port = port.trim_end_matches('.');
        let size = format!("--window-size={width},{height}");
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": {
                "args": ["--headless=new", "--no-sandbox", "--hide-scrollbars", size],
                "prefs": { "intl.accept_languages": language },
                "mobileEmulation": { "deviceMetrics": { "width": width, "height": height, "pixelRatio": 1.0 } },
            },
        } } });
        let client = super::http();
        let url = format!("http://127.0.0.1:{port}/session");
        let response = client.post(&url).json(&capabilities).send().await.unwrap();
        let answer: Value = response.json().await.unwrap();
        let id = answer["value"]["sessionId"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"));
        Some(Self {
            client,
            session: format!("{url}/{id}"),
            driver,
        })
    }

    pub(crate) async fn go(&self, url: &str) {
        self.command("url", &json!({ "url": url })).await;
    }

    /// What a script gives back.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.command("execute/sync", &json!({ "script": script, "args": [] }))
            .await
    }

    /// Types into whatever has the focus.
    pub(crate) async fn keys(&self, text: &str) {
        let keys: Vec<Value> = text
            .chars()
            .flat_map(|key| {
                [
                    json!({ "type": "keyDown", "value": key }),
                    json!({ "type": "keyUp", "value": key }),
                ]
            })
            .collect();
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": keys }] });
        self.command("actions", &actions).await;
    }

    /// Waits until an expression of the page is true.
    pub(crate) async fn until(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        let is_true = async || (self.run(&script).await == true).then_some(());
        if wait::find(is_true).await.is_err() {
            let page = self.run("return document.body.innerText").await;
            panic!("it did not come about: {expression}\n{page}");
        }
    }

    /// What the window shows, as PNG.
    pub(crate) async fn picture(&self) -> Vec<u8> {
        let url = format!("{}/screenshot", self.session);
        let answer: Value = self
            .client
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        base64::engine::general_purpose::STANDARD
            .decode(answer["value"].as_str().unwrap())
            .unwrap()
    }

    async fn command(&self, name: &str, body: &Value) -> Value {
        let url = format!("{}/{name}", self.session);
        let response = self.client.post(url).json(body).send().await.unwrap();
        let answer: Value = response.json().await.unwrap();
        assert!(answer["value"]["error"].is_null(), "{name}: {answer}");
        answer["value"].clone()
    }
}

impl Drop for Browser {
    /// The driver and the browser that it started, which would outlive it.
    fn drop(&mut self) {
        if let Some(id) = self.driver.id() {
            let group = format!("-{id}");
            let _ = std::process::Command::new("kill")
                .args(["-9", "--", &group])
                .status();
        }
    }
}
