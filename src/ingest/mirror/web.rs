//! Crawls web sites: pages and files, followed from the start addresses, within the rules for robots.

mod address;
mod client;
mod page;
mod robots;

use std::collections::{HashSet, VecDeque};
use std::path::Path;

use anyhow::Context;
use reqwest::StatusCode;
use tokio_util::sync::CancellationToken;
use url::Url;

use self::client::{Client, Download, FetchError};
use super::FetchReport;
use super::state::{MirrorState, MirroredFile};
use crate::config::sources::{Source, WebSource};
use crate::domain::fault::{Fault, SourceFault};
use crate::ingest::source::is_included;

/// The state is saved after this many fetched files.
const SAVE_INTERVAL: usize = 20;
/// Most queued addresses; a calendar has links without end.
const MAX_QUEUED: usize = 50_000;

pub(super) async fn fetch(
    source: &Source,
    site: &WebSource,
    state: &mut MirrorState,
    stop: &CancellationToken,
) -> anyhow::Result<FetchReport> {
    let mut walk = Walk::begin(source, site)?;
    while let Some((address, depth)) = walk.waiting.pop_front() {
        if stop.is_cancelled() {
            return Ok(walk.fetched);
        }
        if walk.count() >= site.max_files {
            let most = site.max_files;
            walk.report(&address, SourceFault::TooMany { most });
            walk.is_whole = false;
            break;
        }
        if let Err(miss) = walk.visit(&address, depth, state).await? {
            walk.miss(&address, miss, state);
        }
        if walk.fetched.new > 0 && walk.fetched.new % SAVE_INTERVAL == 0 {
            state.save()?;
        }
    }
    // After an incomplete crawl, a file that was not seen may still exist.
    if walk.is_whole {
        state.remove_unseen();
    }
    Ok(walk.fetched)
}

/// A crawl of a site.
struct Walk<'a> {
    source: &'a Source,
    site: &'a WebSource,
    client: Client<'a>,
    /// The start addresses.
    starts: Vec<Url>,
    waiting: VecDeque<(Url, u32)>,
    seen: HashSet<String>,
    fetched: FetchReport,
    /// Everything that can be reached was visited.
    is_whole: bool,
}

impl<'a> Walk<'a> {
    fn begin(source: &'a Source, site: &'a WebSource) -> anyhow::Result<Self> {
        let mut starts = Vec::new();
        for start in &site.start {
            let mut address = Url::parse(start)
                .with_context(|| format!("sources.web.start: \"{start}\" is no address"))?;
            address.set_fragment(None);
            starts.push(address);
        }
        let mut walk = Self {
            source,
            site,
            client: Client::new(site, &starts)?,
            waiting: VecDeque::new(),
            seen: HashSet::new(),
            fetched: FetchReport::default(),
            is_whole: true,
            starts: starts.clone(),
        };
        for start in starts {
            walk.add(start, site.depth);
        }
        Ok(walk)
    }

    fn count(&self) -> usize {
        self.fetched.new + self.fetched.same
    }

    fn add(&mut self, mut address: Url, depth: u32) {
        address.set_fragment(None);
        let is_new = self.client.is_ours(&address) && self.waiting.len() < MAX_QUEUED;
        if is_new && self.seen.insert(address.to_string()) {
            self.waiting.push_back((address, depth));
        }
    }

    fn report(&mut self, address: &Url, fault: SourceFault) {
        let failed = (address.to_string(), Fault::Source(fault));
        self.fetched.failed.push(failed);
    }

    fn miss(&mut self, address: &Url, miss: FetchError, state: &mut MirrorState) {
        match miss {
            // A link to another site is not followed and not reported.
            FetchError::Gone(SourceFault::Elsewhere { .. }) if !self.starts.contains(address) => {}
            FetchError::Gone(fault) => self.report(address, fault),
            FetchError::Unreachable(fault) => {
                let known = state
                    .find(address.as_str())
                    .map(|(path, _)| path.to_owned());
                if let Some(path) = known {
                    state.mark_seen(&path);
                }
                // Its links are unknown, too.
                self.is_whole = false;
                self.report(address, fault);
            }
        }
    }

    /// Fetches an address, and queues its links.
    async fn visit(
        &mut self,
        address: &Url,
        depth: u32,
        state: &mut MirrorState,
    ) -> anyhow::Result<Result<(), FetchError>> {
        let known = state
            .find(address.as_str())
            .map(|(path, copy)| (path.to_owned(), copy.clone()));
        let version = known.as_ref().map(|(_, copy)| copy);
        let content = match self.answer(address, version).await {
            Ok(Some(content)) => content,
            Ok(None) => {
                if let Some((path, _)) = known {
                    self.keep(&path, address, depth, state);
                }
                return Ok(Ok(()));
            }
            Err(miss) => return Ok(Err(miss)),
        };
        let Download {
            at,
            kind,
            copy,
            bytes,
        } = content;
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
        if noindex || !is_included(self.source, Path::new(&path))? {
            return Ok(Ok(()));
        }
        let copy = MirroredFile {
            origin: address.to_string(),
            ..copy
        };
        // A server without versions sends everything each time; unchanged files are left untouched.
        if state.read(&path).is_ok_and(|old| old == bytes) && known.is_some() {
            state.mark_seen(&path);
            self.fetched.same += 1;
        } else {
            state.write(&path, copy, &bytes)?;
            self.fetched.new += 1;
        }
        Ok(Ok(()))
    }

    /// The content at an address; None if it is still the known version.
    async fn answer(
        &mut self,
        address: &Url,
        known: Option<&MirroredFile>,
    ) -> Result<Option<Download>, FetchError> {
        let robots = self.client.robots(address).await?;
        for map in &robots.sitemaps {
            if let Ok(map) = Url::parse(map) {
                self.add(map, self.site.depth);
            }
        }
        if !robots.allows(&path_and_query(address)) {
            return Err(FetchError::Gone(SourceFault::Robots));
        }
        let response = self.client.ask(address, known).await?;
        if known.is_some() && response.status() == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        self.client.content(response).await.map(Some)
    }

    /// Keeps an unchanged file, and queues its links.
    fn keep(&mut self, path: &str, address: &Url, depth: u32, state: &mut MirrorState) {
        state.mark_seen(path);
        self.fetched.same += 1;
        if is_page(path)
            && let Ok(content) = state.read(path)
        {
            self.follow(&content, address, depth);
        }
    }

    /// Queues the links of a page; returns whether it is marked `noindex`.
    fn follow(&mut self, content: &[u8], at: &Url, depth: u32) -> bool {
        let links = page::links(&String::from_utf8_lossy(content), at);
        if depth > 0 {
            for address in links.addresses {
                self.add(address, depth - 1);
            }
        }
        links.noindex
    }
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
