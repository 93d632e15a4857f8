//! Downloads of files that people uploaded to Slack.
//!
//! The request carries the bot's token, so it is sent to Slack only, and no redirect is followed.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use url::Url;

use super::{Body, Call, Client};
use crate::chat::question::Attachment;
use crate::chat::slack::error::Error;
use crate::chat::slack::event::attachment;
use crate::i18n::files::Reason;

/// Timeout of a download; enough for the largest file over a slow connection.
const TIMEOUT: Duration = Duration::from_mins(1);
const MEGABYTE: u64 = 1_000_000;

impl Client {
    /// Downloads a file of at most so many megabytes.
    pub(in crate::chat::slack) async fn download(
        &self,
        file: &Attachment,
        megabytes: u64,
    ) -> Result<Vec<u8>, Reason> {
        if file.is_external {
            return Err(Reason::Elsewhere);
        }
        if file.size > megabytes * MEGABYTE {
            return Err(Reason::TooLarge(megabytes));
        }
        if file.url.is_empty() {
            // An event contains only the id of a file from another workspace.
            let described = self.file(&file.id).await.map_err(|error| {
                tracing::warn!(file = file.id, %error, "cannot get the description of a file");
                Reason::Refused
            })?;
            return match described {
                Some(described) if !described.url.is_empty() => {
                    Box::pin(self.download(&described, megabytes)).await
                }
                _ => Err(Reason::Refused),
            };
        }
        let url = Url::parse(&file.url).map_err(|_| Reason::Elsewhere)?;
        if !is_slack_url(&url, &self.base_url) {
            tracing::warn!(
                file = file.id,
                host = url.host_str(),
                "a file is not stored in Slack"
            );
            return Err(Reason::Elsewhere);
        }
        let fetched = tokio::time::timeout(TIMEOUT, self.fetch(url, file, megabytes)).await;
        fetched.unwrap_or(Err(Reason::Unreachable))
    }

    async fn fetch(&self, url: Url, file: &Attachment, megabytes: u64) -> Result<Vec<u8>, Reason> {
        let unreachable = |error: reqwest::Error| {
            tracing::warn!(file = file.id, error = %error.without_url(), "cannot download a file");
            Reason::Unreachable
        };
        let http = crate::runtime::http::client()
            .redirect(Policy::none())
            .connect_timeout(self.timeout)
            .build()
            .map_err(unreachable)?;
        let request = http.get(url).bearer_auth(&self.token.token_value.0);
        let mut response = request.send().await.map_err(unreachable)?;
        let kind = response.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        // If the app may not read files, Slack returns its sign-in page.
        let is_sign_in = kind.starts_with("text/html") && !file.kind.starts_with("text/");
        if !response.status().is_success() || is_sign_in {
            let status = response.status().as_u16();
            tracing::warn!(
                file = file.id,
                status,
                kind,
                "Slack refuses to return a file"
            );
            return Err(if response.status().is_server_error() {
                Reason::Unreachable
            } else {
                Reason::Refused
            });
        }
        let max_bytes = usize::try_from(megabytes * MEGABYTE).unwrap_or(usize::MAX);
        let mut content = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(unreachable)? {
            if content.len() + piece.len() > max_bytes {
                return Err(Reason::TooLarge(megabytes));
            }
            content.extend_from_slice(&piece);
        }
        Ok(content)
    }

    async fn file(&self, id: &str) -> Result<Option<Attachment>, Error> {
        let call = Call {
            method: "files.info",
            channel: "",
            body: Body::Query(vec![("file", Some(id))]),
            is_idempotent: true,
        };
        let response = self.call(&call).await?;
        Ok(response.get("file").and_then(attachment))
    }
}

/// Returns true for addresses on the host of Slack's Web API or on a subdomain such as `files.slack.com`.
fn is_slack_url(url: &Url, base_url: &Url) -> bool {
    let (Some(host), Some(slack_host)) = (url.host_str(), base_url.host_str()) else {
        return false;
    };
    let is_subdomain = base_url.domain().is_some() && host.ends_with(&format!(".{slack_host}"));
    url.scheme() == base_url.scheme()
        && url.port_or_known_default() == base_url.port_or_known_default()
        && (host == slack_host || is_subdomain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_sent_to_slack_only() {
        let base_url = Url::parse("https://slack.com/api").unwrap();
        for (address, is_safe) in [
            ("https://files.slack.com/files-pri/T1-F1/log.txt", true),
            ("https://slack.com/files/1", true),
            ("http://files.slack.com/files-pri/T1-F1/log.txt", false),
            ("https://files.slack.com:8443/log.txt", false),
            ("https://files.slack.com.evil.example/log.txt", false),
            ("https://evilslack.com/log.txt", false),
            ("https://slack.com@evil.example/log.txt", false),
        ] {
            let url = Url::parse(address).unwrap();
            assert_eq!(is_slack_url(&url, &base_url), is_safe, "{address}");
        }
        let base_url = Url::parse("http://127.0.0.1:3000/api").unwrap();
        for (address, is_safe) in [
            ("http://127.0.0.1:3000/files-pri/T1-F1/log.txt", true),
            ("http://127.0.0.1:3001/files-pri/T1-F1/log.txt", false),
            ("http://x.127.0.0.1:3000/log.txt", false),
        ] {
            let is_slack_url = Url::parse(address).is_ok_and(|url| is_slack_url(&url, &base_url));
            assert_eq!(is_slack_url, is_safe, "{address}");
        }
    }
}
