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
/// Maximum number of queued addresses, since a calendar has endless links.
const MAX_QUEUED: usize = 50_000;

pub(super) async fn fetch(
    source: &Source,
    site: &WebSource,
    state: &mut MirrorState,
    stop: &CancellationToken,
) -> anyhow::Result<FetchReport> {
    let mut crawl = Crawl::begin(source, site)?;
    while let Some((address, depth)) = crawl.queue.pop_front() {
        if stop.is_cancelled() {
            return Ok(crawl.report);
        }
        if crawl.count() >= site.max_files {
            let max_files = site.max_files;
            crawl.report_fault(&address, SourceFault::TooMany { max_files });
            crawl.is_complete = false;
            break;
        }
        if let Err(error) = crawl.visit(&address, depth, state).await? {
            crawl.handle_error(&address, error, state);
        }
        if crawl.report.new > 0 && crawl.report.new % SAVE_INTERVAL == 0 {
            state.save()?;
        }
    }
    // After an incomplete crawl, a file that was not seen may still exist.
    if crawl.is_complete {
        state.remove_unseen();
    }
    Ok(crawl.report)
}

/// A crawl of a site.
struct Crawl<'a> {
    source: &'a Source,
    site: &'a WebSource,
    client: Client<'a>,
    /// The start addresses.
    starts: Vec<Url>,
    queue: VecDeque<(Url, u32)>,
    seen: HashSet<String>,
    report: FetchReport,
    /// Everything that can be reached was visited.
    is_complete: bool,
}

impl<'a> Crawl<'a> {
    fn begin(source: &'a Source, site: &'a WebSource) -> anyhow::Result<Self> {
        let mut starts = Vec::new();
        for start in &site.start {
            let mut address = Url::parse(start)
                .with_context(|| format!("sources.web.start: \"{start}\" is no address"))?;
            address.set_fragment(None);
            starts.push(address);
        }
        let mut crawl = Self {
            source,
            site,
            client: Client::new(site, &starts)?,
            queue: VecDeque::new(),
            seen: HashSet::new(),
            report: FetchReport::default(),
            is_complete: true,
            starts: starts.clone(),
        };
        for start in starts {
            crawl.add(start, site.depth);
        }
        Ok(crawl)
    }

    fn count(&self) -> usize {
        self.report.new + self.report.same
    }

    fn add(&mut self, mut address: Url, depth: u32) {
        address.set_fragment(None);
        let is_new = self.client.is_on_site(&address) && self.queue.len() < MAX_QUEUED;
        if is_new && self.seen.insert(address.to_string()) {
            self.queue.push_back((address, depth));
        }
    }

    fn report_fault(&mut self, address: &Url, fault: SourceFault) {
        let failed = (address.to_string(), Fault::Source(fault));
        self.report.failed.push(failed);
    }

    fn handle_error(&mut self, address: &Url, error: FetchError, state: &mut MirrorState) {
        match error {
            // A link to another site is not followed and not reported.
            FetchError::Gone(SourceFault::Elsewhere { .. }) if !self.starts.contains(address) => {}
            FetchError::Gone(fault) => self.report_fault(address, fault),
            FetchError::Unreachable(fault) => {
                let known = state
                    .find(address.as_str())
                    .map(|(path, _)| path.to_owned());
                if let Some(path) = known {
                    state.mark_seen(&path);
                }
                // Its links are also unknown.
                self.is_complete = false;
                self.report_fault(address, fault);
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
        let content = match self.download(address, version).await {
            Ok(Some(content)) => content,
            Ok(None) => {
                if let Some((path, _)) = known {
                    self.keep(&path, address, depth, state);
                }
                return Ok(Ok(()));
            }
            Err(error) => return Ok(Err(error)),
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
            self.report.same += 1;
        } else {
            state.write(&path, copy, &bytes)?;
            self.report.new += 1;
        }
        Ok(Ok(()))
    }

    /// Downloads an address; None if the known version is still current.
    async fn download(
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
        let response = self.client.request(address, known).await?;
        if known.is_some() && response.status() == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        self.client.content(response).await.map(Some)
    }

    /// Keeps an unchanged file, and queues its links.
    fn keep(&mut self, path: &str, address: &Url, depth: u32, state: &mut MirrorState) {
        state.mark_seen(path);
        self.report.same += 1;
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
