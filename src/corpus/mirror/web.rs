//! Web sites: pages and files, followed from where they begin, politely.

mod address;
mod page;
mod robots;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use futures::StreamExt;
use reqwest::{Response, StatusCode, header};
use tokio_util::sync::CancellationToken;
use url::Url;

use self::address::Resolver;
use self::robots::Robots;
use super::Fetched;
use super::state::{Copy, State};
use crate::config::{Source, WebSource};
use crate::corpus::source::wants;
use crate::http;

/// A server that does not answer within this is taken not to.
const TIMEOUT: Duration = Duration::from_mins(1);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const MOST_REDIRECTS: usize = 5;
/// How often what was fetched is written down, in files.
const SAVED_EACH: usize = 20;
/// Addresses that are waited with at most; a calendar has links without end.
const MOST_WAITING: usize = 50_000;

pub(super) async fn fetch(
    source: &Source,
    site: &WebSource,
    state: &mut State,
    stop: &CancellationToken,
) -> anyhow::Result<Fetched> {
    let mut walk = Walk::begin(source, site)?;
    while let Some((address, depth)) = walk.waiting.pop_front() {
        if stop.is_cancelled() {
            return Ok(walk.fetched);
        }
        if walk.count() >= site.max_files {
            let reason = format!(
                "only {} files were fetched (sources.web.max_files)",
                site.max_files
            );
            walk.fetched.failed.push((address.to_string(), reason));
            walk.is_whole = false;
            break;
        }
        if let Err(error) = walk.visit(&address, depth, state).await? {
            walk.fail(&address, error, state);
        }
        if walk.fetched.new > 0 && walk.fetched.new % SAVED_EACH == 0 {
            state.save()?;
        }
    }
    // What was not met may be there still where not all was looked at.
    if walk.is_whole {
        state.drop_others();
    }
    Ok(walk.fetched)
}

/// Why an address gave nothing.
enum Fault {
    /// It is not there, or is not to be fetched: its copy goes, too.
    Gone(Option<String>),
    /// It could not be had this time: its copy stays.
    Unreachable(String),
}

/// A walk over a site.
struct Walk<'a> {
    source: &'a Source,
    site: &'a WebSource,
    client: reqwest::Client,
    resolver: Resolver,
    /// The hosts that it begins at, and never leaves.
    hosts: HashSet<String>,
    robots: BTreeMap<String, Robots>,
    waiting: VecDeque<(Url, u32)>,
    seen: HashSet<String>,
    fetched: Fetched,
    /// Everything that can be reached was looked at.
    is_whole: bool,
}

impl<'a> Walk<'a> {
    fn begin(source: &'a Source, site: &'a WebSource) -> anyhow::Result<Self> {
        let resolver = Resolver::new(&site.private);
        let client = http::client()
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(resolver.clone()))
            // A proxy would resolve names for us, to whatever addresses.
            .no_proxy()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .context("no HTTP client can be made")?;
        let mut walk = Self {
            source,
            site,
            client,
            resolver,
            hosts: HashSet::new(),
            robots: BTreeMap::new(),
            waiting: VecDeque::new(),
            seen: HashSet::new(),
            fetched: Fetched::default(),
            is_whole: true,
        };
        for start in &site.start {
            let address = Url::parse(start)
                .with_context(|| format!("sources.web.start: \"{start}\" is no address"))?;
            walk.hosts.insert(origin(&address));
            walk.add(address, site.depth);
        }
        Ok(walk)
    }

    fn count(&self) -> usize {
        self.fetched.new + self.fetched.same
    }

    fn add(&mut self, mut address: Url, depth: u32) {
        address.set_fragment(None);
        let is_ours = self.hosts.contains(&origin(&address));
        if is_ours && self.waiting.len() < MOST_WAITING && self.seen.insert(address.to_string()) {
            self.waiting.push_back((address, depth));
        }
    }

    fn fail(&mut self, address: &Url, fault: Fault, state: &mut State) {
        let known = state.of(address.as_str()).map(|(path, _)| path.to_owned());
        let reason = match fault {
            Fault::Gone(reason) => reason,
            Fault::Unreachable(reason) => {
                if let Some(path) = known {
                    state.meet(&path);
                }
                // Its links are not known either.
                self.is_whole = false;
                Some(reason)
            }
        };
        if let Some(reason) = reason {
            self.fetched.failed.push((address.to_string(), reason));
        }
    }

    /// Fetches what lies at an address, and notes where it leads.
    async fn visit(
        &mut self,
        address: &Url,
        depth: u32,
        state: &mut State,
    ) -> anyhow::Result<Result<(), Fault>> {
        let allowed = match self.robots_of(address).await {
            Ok(robots) => robots.allows(&path_and_query(address)),
            Err(fault) => return Ok(Err(fault)),
        };
        if !allowed {
            return Ok(Err(Fault::Gone(Some(
                "the site's robots.txt asks robots to leave it alone".to_owned(),
            ))));
        }
        let known = state
            .of(address.as_str())
            .map(|(path, copy)| (path.to_owned(), copy.clone()));
        let response = match self
            .request(address, known.as_ref().map(|(_, copy)| copy))
            .await
        {
            Ok(response) => response,
            Err(fault) => return Ok(Err(fault)),
        };
        if response.status() == StatusCode::NOT_MODIFIED
            && let Some((path, _)) = known
        {
            state.meet(&path);
            self.fetched.same += 1;
            if is_page(&path)
                && let Ok(content) = state.read(&path)
            {
                self.follow(&content, address, depth);
            }
            return Ok(Ok(()));
        }
        let fetched = match self.content(response).await {
            Ok(fetched) => fetched,
            Err(fault) => return Ok(Err(fault)),
        };
        let Content {
            at,
            kind,
            copy,
            bytes,
        } = fetched;
        if let Some(addresses) = page::site_map(&String::from_utf8_lossy(&bytes)) {
            for address in addresses {
                self.add(address, depth);
            }
            return Ok(Ok(()));
        }
        let Some(path) = page::path(&at, &kind) else {
            return Ok(Ok(()));
        };
        let noindex = is_page(&path) && self.follow(&bytes, &at, depth);
        if noindex || !wants(self.source, Path::new(&path))? {
            return Ok(Ok(()));
        }
        let copy = Copy {
            origin: address.to_string(),
            ..copy
        };
        // A server without versions sends everything each time; what is the same is left untouched.
        if state.read(&path).is_ok_and(|old| old == bytes) && known.is_some() {
            state.meet(&path);
            self.fetched.same += 1;
        } else {
            state.put(&path, copy, &bytes)?;
            self.fetched.new += 1;
        }
        Ok(Ok(()))
    }

    /// Notes where a page leads; whether it wants to be no document.
    fn follow(&mut self, content: &[u8], at: &Url, depth: u32) -> bool {
        let links = page::links(&String::from_utf8_lossy(content), at);
        if depth > 0 {
            for address in links.addresses {
                self.add(address, depth - 1);
            }
        }
        links.noindex
    }

    async fn robots_of(&mut self, address: &Url) -> Result<Robots, Fault> {
        let host = origin(address);
        if let Some(robots) = self.robots.get(&host) {
            return Ok(robots.clone());
        }
        let file = address
            .join("/robots.txt")
            .map_err(|error| Fault::Gone(Some(error.to_string())))?;
        let robots = match self.request(&file, None).await {
            Ok(response) => match self.content(response).await {
                Ok(content) => Robots::parse(&String::from_utf8_lossy(&content.bytes)),
                Err(_) => Robots::nothing(),
            },
            // RFC 9309: what is not there allows everything, what cannot be had allows nothing.
            Err(Fault::Gone(_)) => Robots::default(),
            Err(fault) => return Err(fault),
        };
        for map in &robots.sitemaps {
            if let Ok(map) = Url::parse(map) {
                self.add(map, self.site.depth);
            }
        }
        self.robots.insert(host, robots.clone());
        Ok(robots)
    }

    /// Asks for an address, follows redirections within the site, and waits the pause that is due.
    async fn request(&self, address: &Url, known: Option<&Copy>) -> Result<Response, Fault> {
        let mut address = address.clone();
        for _ in 0..=MOST_REDIRECTS {
            let asked = self
                .robots
                .get(&origin(&address))
                .and_then(|robots| robots.pause);
            let pause = Duration::from_millis(self.site.pause_ms).max(asked.unwrap_or_default());
            tokio::time::sleep(pause).await;
            let host = address.host();
            if !host.is_some_and(|host| self.resolver.allows(&host)) {
                return Err(Fault::Gone(Some(format!(
                    "{} lies in a private network; name it in sources.web.private if it is meant",
                    address.host_str().unwrap_or_default()
                ))));
            }
            let mut request = self.client.get(address.clone());
            if let Some(tag) = known.and_then(|copy| copy.etag.as_ref()) {
                request = request.header(header::IF_NONE_MATCH, tag);
            }
            if let Some(time) = known.and_then(|copy| copy.last_modified.as_ref()) {
                request = request.header(header::IF_MODIFIED_SINCE, time);
            }
            let unreachable = |error: reqwest::Error| {
                Fault::Unreachable(format!("it cannot be fetched: {:#}", anyhow!(error)))
            };
            let response = request.send().await.map_err(unreachable)?;
            let status = response.status();
            if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
                let target = response.headers().get(header::LOCATION);
                let target = target.and_then(|target| target.to_str().ok());
                match target.and_then(|target| address.join(target).ok()) {
                    Some(next) if self.hosts.contains(&origin(&next)) => {
                        address = next;
                        continue;
                    }
                    // It leads to another site, which is not ours to follow.
                    _ => return Err(Fault::Gone(None)),
                }
            }
            return match status {
                status if status.is_success() || status == StatusCode::NOT_MODIFIED => Ok(response),
                StatusCode::NOT_FOUND | StatusCode::GONE => {
                    Err(Fault::Gone(Some(format!("the site says {status}"))))
                }
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                    Err(Fault::Gone(Some(format!("the site refuses it ({status})"))))
                }
                _ => Err(Fault::Unreachable(format!("the site answers {status}"))),
            };
        }
        Err(Fault::Gone(Some("it redirects in a circle".to_owned())))
    }

    async fn content(&self, response: Response) -> Result<Content, Fault> {
        let most = self.site.max_file_mb << 20;
        let too_large = || {
            Fault::Gone(Some(format!(
                "it has more than the {} MiB that are fetched (sources.web.max_file_mb)",
                self.site.max_file_mb
            )))
        };
        if response
            .content_length()
            .is_some_and(|length| length > most)
        {
            return Err(too_large());
        }
        let header = |name: header::HeaderName| {
            let value = response.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let copy = Copy {
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
            let chunk = chunk.map_err(|error| {
                Fault::Unreachable(format!("it broke off: {:#}", anyhow!(error)))
            })?;
            if (bytes.len() + chunk.len()) as u64 > most {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Content {
            at,
            kind,
            copy,
            bytes,
        })
    }
}

/// What a site sent.
struct Content {
    /// Where it lies in the end.
    at: Url,
    kind: String,
    copy: Copy,
    bytes: Vec<u8>,
}

fn origin(address: &Url) -> String {
    let host = address.host_str().unwrap_or_default();
    format!(
        "{host}:{}",
        address.port_or_known_default().unwrap_or_default()
    )
}

fn path_and_query(address: &Url) -> String {
    match address.query() {
        Some(query) => format!("{}?{query}", address.path()),
        None => address.path().to_owned(),
    }
}

fn is_page(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|end| end == "html" || end == "htm" || end == "xhtml")
}
