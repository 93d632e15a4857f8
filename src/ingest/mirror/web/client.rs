//! The HTTP client of a crawl: stays on the hosts of the site, pauses between requests, connects only to public addresses.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use futures::StreamExt;
use reqwest::{Response, StatusCode, header};
use url::Url;

use super::address::{Private, Resolver};
use super::robots::Robots;
use crate::config::sources::WebSource;
use crate::domain::fault::SourceFault;
use crate::ingest::mirror::state::MirroredFile;
use crate::runtime::http;

/// Timeout of a request.
const TIMEOUT: Duration = Duration::from_mins(1);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_REDIRECTS: usize = 5;

/// Why an address could not be fetched.
#[derive(Debug)]
pub(super) enum FetchError {
    /// It does not exist, or must not be fetched: its mirrored file is removed.
    Gone(SourceFault),
    /// It failed this time: its mirrored file stays.
    Unreachable(SourceFault),
}

/// A downloaded file.
pub(super) struct Download {
    /// Its address after redirects.
    pub(super) at: Url,
    /// Its media type, in lower case.
    pub(super) kind: String,
    /// Its version; the origin is left empty.
    pub(super) copy: MirroredFile,
    pub(super) bytes: Vec<u8>,
}

pub(super) struct Client<'a> {
    site: &'a WebSource,
    http: reqwest::Client,
    resolver: Resolver,
    /// The hosts of the start addresses, which the crawl never leaves.
    hosts: HashSet<String>,
    robots: BTreeMap<String, Robots>,
}

impl<'a> Client<'a> {
    /// Creates a client for the hosts of these addresses.
    pub(super) fn new(site: &'a WebSource, starts: &[Url]) -> anyhow::Result<Self> {
        let resolver = Resolver::new(&site.private);
        let http = http::client()
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(resolver.clone()))
            // A proxy would resolve names itself, to any addresses.
            .no_proxy()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .context("the HTTP client cannot be created")?;
        Ok(Self {
            site,
            http,
            resolver,
            hosts: starts.iter().map(origin).collect(),
            robots: BTreeMap::new(),
        })
    }

    pub(super) fn is_on_site(&self, address: &Url) -> bool {
        self.hosts.contains(&origin(address))
    }

    /// Returns the robots.txt of the host of an address, which is fetched once.
    pub(super) async fn robots(&mut self, address: &Url) -> Result<Robots, FetchError> {
        let host = origin(address);
        if let Some(robots) = self.robots.get(&host) {
            return Ok(robots.clone());
        }
        let mut file = address.clone();
        file.set_path("/robots.txt");
        file.set_query(None);
        let robots = match self.request(&file, None).await {
            Ok(response) => match self.content(response).await {
                Ok(content) => Robots::parse(&String::from_utf8_lossy(&content.bytes)),
                Err(_) => Robots::disallow_all(),
            },
            // RFC 9309: a missing file allows everything, an unreachable one nothing.
            Err(FetchError::Gone(_)) => Robots::default(),
            Err(error) => return Err(error),
        };
        self.robots.insert(host, robots.clone());
        Ok(robots)
    }

    /// Requests an address after the due pause, and follows redirects within the site.
    pub(super) async fn request(
        &self,
        address: &Url,
        known: Option<&MirroredFile>,
    ) -> Result<Response, FetchError> {
        let mut address = address.clone();
        for _ in 0..=MAX_REDIRECTS {
            tokio::time::sleep(self.pause(&address)).await;
            let response = self.send(&address, known).await?;
            let status = response.status();
            if status.is_success() || status == StatusCode::NOT_MODIFIED {
                return Ok(response);
            }
            if !status.is_redirection() {
                return Err(refusal(status));
            }
            let target = response.headers().get(header::LOCATION);
            let target = target.and_then(|target| target.to_str().ok());
            let Some(next) = target.and_then(|target| address.join(target).ok()) else {
                return Err(refusal(status));
            };
            if !self.is_on_site(&next) {
                return Err(FetchError::Gone(SourceFault::Elsewhere {
                    address: next.to_string(),
                }));
            }
            address = next;
        }
        Err(FetchError::Gone(SourceFault::RedirectLoop))
    }

    fn pause(&self, address: &Url) -> Duration {
        let robots = self.robots.get(&origin(address));
        let crawl_delay = robots.and_then(|robots| robots.crawl_delay);
        Duration::from_millis(self.site.pause_ms).max(crawl_delay.unwrap_or_default())
    }

    async fn send(
        &self,
        address: &Url,
        known: Option<&MirroredFile>,
    ) -> Result<Response, FetchError> {
        let host = address.host();
        if !host.is_some_and(|host| self.resolver.allows(&host)) {
            let host = address.host_str().unwrap_or_default().to_owned();
            return Err(FetchError::Gone(SourceFault::Private { host }));
        }
        let mut request = self.http.get(address.clone());
        if let Some(tag) = known.and_then(|copy| copy.etag.as_ref()) {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        if let Some(time) = known.and_then(|copy| copy.last_modified.as_ref()) {
            request = request.header(header::IF_MODIFIED_SINCE, time);
        }
        request.send().await.map_err(|error| {
            let error = anyhow!(error);
            let private = error
                .chain()
                .find_map(|cause| cause.downcast_ref::<Private>());
            match private {
                // Name resolution can be wrong temporarily, so the mirrored files stay.
                Some(Private { host }) => {
                    FetchError::Unreachable(SourceFault::Private { host: host.clone() })
                }
                None => unreachable(&error, SourceFault::Unreachable),
            }
        })
    }

    /// Reads the body of a response, up to the size limit.
    pub(super) async fn content(&self, response: Response) -> Result<Download, FetchError> {
        let max_bytes = self.site.max_file_mb << 20;
        let too_large = || {
            FetchError::Gone(SourceFault::TooLarge {
                max_mib: self.site.max_file_mb,
            })
        };
        if response
            .content_length()
            .is_some_and(|length| length > max_bytes)
        {
            return Err(too_large());
        }
        let header = |name: header::HeaderName| {
            let value = response.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let copy = MirroredFile {
            origin: String::new(),
            etag: header(header::ETAG),
            last_modified: header(header::LAST_MODIFIED),
        };
        let kind = header(header::CONTENT_TYPE)
            .unwrap_or_default()
            .to_lowercase();
        let at = response.url().clone();
        let mut bytes = Vec::new();
        let mut stream = response.bytes_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk
                .map_err(|error| unreachable(&anyhow!(error), SourceFault::ConnectionClosed))?;
            if (bytes.len() + chunk.len()) as u64 > max_bytes {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Download {
            at,
            kind,
            copy,
            bytes,
        })
    }
}

/// Returns the error of an unsuccessful status.
fn refusal(status: StatusCode) -> FetchError {
    let code = status.as_u16();
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            FetchError::Gone(SourceFault::NotFound { status: code })
        }
        // A redirect without a valid target.
        _ if status.is_redirection() => FetchError::Gone(SourceFault::NotFound { status: code }),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            FetchError::Gone(SourceFault::Refused { status: code })
        }
        _ => FetchError::Unreachable(SourceFault::Failing { status: code }),
    }
}

/// Returns the error of a failed connection: a timeout, or `kind` of its message.
fn unreachable(error: &anyhow::Error, kind: impl FnOnce(String) -> SourceFault) -> FetchError {
    let client = error.downcast_ref::<reqwest::Error>();
    FetchError::Unreachable(if client.is_some_and(reqwest::Error::is_timeout) {
        SourceFault::TimedOut
    } else {
        kind(format!("{error:#}"))
    })
}

fn origin(address: &Url) -> String {
    let host = address.host_str().unwrap_or_default();
    format!(
        "{host}:{}",
        address.port_or_known_default().unwrap_or_default()
    )
}
