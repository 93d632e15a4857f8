//! Web sites: pages and files, followed from where they begin, politely.

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

use self::client::{Client, Content, Miss};
use super::Fetched;
use super::state::{Copy, State};
use crate::config::sources::{Source, WebSource};
use crate::domain::fault::{Fault, SourceFault};
use crate::ingest::source::wants;

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
            let most = site.max_files;
            walk.report(&address, SourceFault::TooMany { most });
            walk.is_whole = false;
            break;
        }
        if let Err(miss) = walk.visit(&address, depth, state).await? {
            walk.miss(&address, miss, state);
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

/// A walk over a site.
struct Walk<'a> {
    source: &'a Source,
    site: &'a WebSource,
    client: Client<'a>,
    /// Where it begins.
    starts: Vec<Url>,
    waiting: VecDeque<(Url, u32)>,
    seen: HashSet<String>,
    fetched: Fetched,
    /// Everything that can be reached was looked at.
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
            fetched: Fetched::default(),
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
        let is_new = self.client.is_ours(&address) && self.waiting.len() < MOST_WAITING;
        if is_new && self.seen.insert(address.to_string()) {
            self.waiting.push_back((address, depth));
        }
    }

    fn report(&mut self, address: &Url, fault: SourceFault) {
        let failed = (address.to_string(), Fault::Source(fault));
        self.fetched.failed.push(failed);
    }

    fn miss(&mut self, address: &Url, miss: Miss, state: &mut State) {
        match miss {
            // A link to another site is not ours to follow, and nothing to be told of.
            Miss::Gone(SourceFault::Elsewhere { .. }) if !self.starts.contains(address) => {}
            Miss::Gone(fault) => self.report(address, fault),
            Miss::Unreachable(fault) => {
                let known = state.of(address.as_str()).map(|(path, _)| path.to_owned());
                if let Some(path) = known {
                    state.meet(&path);
                }
                // Its links are not known either.
                self.is_whole = false;
                self.report(address, fault);
            }
        }
    }

    /// Fetches what lies at an address, and notes where it leads.
    async fn visit(
        &mut self,
        address: &Url,
        depth: u32,
        state: &mut State,
    ) -> anyhow::Result<Result<(), Miss>> {
        let known = state
            .of(address.as_str())
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
        let Content {
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

    /// What lies at an address; None where it is still the version that is known.
    async fn answer(
        &mut self,
        address: &Url,
        known: Option<&Copy>,
    ) -> Result<Option<Content>, Miss> {
        let robots = self.client.robots(address).await?;
        for map in &robots.sitemaps {
            if let Ok(map) = Url::parse(map) {
                self.add(map, self.site.depth);
            }
        }
        if !robots.allows(&path_and_query(address)) {
            return Err(Miss::Gone(SourceFault::Robots));
        }
        let response = self.client.ask(address, known).await?;
        if known.is_some() && response.status() == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        self.client.content(response).await.map(Some)
    }

    /// Notes that a copy is still what it should be, and where it leads.
    fn keep(&mut self, path: &str, address: &Url, depth: u32, state: &mut State) {
        state.meet(path);
        self.fetched.same += 1;
        if is_page(path)
            && let Ok(content) = state.read(path)
        {
            self.follow(&content, address, depth);
        }
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
