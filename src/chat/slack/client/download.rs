//! Files that people have put into Slack.
//!
//! The bot's token goes along with the request, so it is sent to Slack alone, and no redirection is followed.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use url::Url;

use super::{Body, Call, Client};
use crate::chat::question::Attachment;
use crate::chat::slack::error::Error;
use crate::chat::slack::event::attachment;
use crate::i18n::files::Reason;

/// A file at the limit of its size comes in this time over a slow line.
const WITHIN: Duration = Duration::from_mins(1);
const MEGABYTE: u64 = 1_000_000;

impl Client {
    /// The content of a file, of at most so many megabytes.
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
            let told = self.file(&file.id).await.map_err(|error| {
                tracing::warn!(file = file.id, %error, "Slack does not describe a file");
                Reason::Refused
            })?;
            return match told {
                Some(told) if !told.url.is_empty() => {
                    Box::pin(self.download(&told, megabytes)).await
                }
                _ => Err(Reason::Refused),
            };
        }
        let url = Url::parse(&file.url).map_err(|_| Reason::Elsewhere)?;
        if !is_slacks(&url, &self.home) {
            tracing::warn!(
                file = file.id,
                host = url.host_str(),
                "a file is not stored in Slack"
            );
            return Err(Reason::Elsewhere);
        }
        let fetched = tokio::time::timeout(WITHIN, self.fetch(url, file, megabytes)).await;
        fetched.unwrap_or(Err(Reason::Unreachable))
    }

    async fn fetch(&self, url: Url, file: &Attachment, megabytes: u64) -> Result<Vec<u8>, Reason> {
        let unreachable = |error: reqwest::Error| {
            tracing::warn!(file = file.id, error = %error.without_url(), "a file did not come");
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
        // Where the app may not read files, Slack sends its page for signing in.
        let is_sign_in = kind.starts_with("text/html") && !file.kind.starts_with("text/");
        if !response.status().is_success() || is_sign_in {
            let status = response.status().as_u16();
            tracing::warn!(
                file = file.id,
                status,
                kind,
                "Slack does not hand out a file"
            );
            return Err(if response.status().is_server_error() {
                Reason::Unreachable
            } else {
                Reason::Refused
            });
        }
        let most = usize::try_from(megabytes * MEGABYTE).unwrap_or(usize::MAX);
        let mut content = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(unreachable)? {
            if content.len() + piece.len() > most {
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
            repeatable: true,
        };
        let answer = self.call(&call).await?;
        Ok(answer.get("file").and_then(attachment))
    }
}

/// Whether an address is Slack's: on the host of its Web API, or on one below it such as `files.slack.com`.
fn is_slacks(url: &Url, home: &Url) -> bool {
    let (Some(host), Some(own)) = (url.host_str(), home.host_str()) else {
        return false;
    };
    let is_below = home.domain().is_some() && host.ends_with(&format!(".{own}"));
    url.scheme() == home.scheme()
        && url.port_or_known_default() == home.port_or_known_default()
        && (host == own || is_below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_goes_to_slack_alone() {
        let home = Url::parse("https://slack.com/api").unwrap();
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
            assert_eq!(is_slacks(&url, &home), is_safe, "{address}");
        }
        let home = Url::parse("http://127.0.0.1:3000/api").unwrap();
        for (address, is_safe) in [
            ("http://127.0.0.1:3000/files-pri/T1-F1/log.txt", true),
            ("http://127.0.0.1:3001/files-pri/T1-F1/log.txt", false),
            ("http://x.127.0.0.1:3000/log.txt", false),
        ] {
            let is_slacks = Url::parse(address).is_ok_and(|url| is_slacks(&url, &home));
            assert_eq!(is_slacks, is_safe, "{address}");
        }
    }
}
