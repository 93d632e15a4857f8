//! Sources of documents.

use std::collections::BTreeSet;

use super::address::{HOW_TO_WRITE, check_address, is_address};
use crate::config::settings::Config;

pub(super) fn sources(config: &Config, problems: &mut Vec<String>) {
    let (mut names, mut folders) = (BTreeSet::new(), BTreeSet::new());
    for source in &config.sources {
        let name = &source.name;
        if name.is_empty() || source.collection.is_empty() {
            problems.push("sources: a source needs a name and a collection; write both".to_owned());
        }
        if !source.language.is_empty() && source.language().is_none() {
            problems.push(format!(
                "sources: the language of \"{name}\" is \"{}\"; write \"ko\" or \"en\", or leave it out",
                source.language
            ));
        }
        if !names.insert(name) {
            problems.push(format!(
                "sources: two are named \"{name}\"; give each a name of its own"
            ));
        }
        if usize::from(source.web.is_some())
            + usize::from(source.bucket.is_some())
            + usize::from(!source.path.as_os_str().is_empty())
            != 1
        {
            problems.push(format!(
                "sources: \"{name}\" needs just one of path, [sources.web] and [sources.bucket]; write that one"
            ));
        }
        if let Some(site) = &source.web
            && (site.start.is_empty() || !site.start.iter().all(|start| is_address(start)))
        {
            problems.push(format!(
                "sources: web.start of \"{name}\" must list web addresses; {HOW_TO_WRITE}"
            ));
        }
        if let Some(bucket) = &source.bucket {
            if bucket.name.is_empty() || bucket.access_key.is_some() != bucket.secret_key.is_some()
            {
                problems.push(format!(
                    "sources: the bucket of \"{name}\" needs a name, and both keys or none; write them"
                ));
            }
            if !bucket.endpoint.is_empty() {
                check_address("sources.bucket.endpoint", &bucket.endpoint, problems);
            }
        }
        let files = (
            source.path.components().collect::<Vec<_>>(),
            &source.include,
            &source.exclude,
        );
        if !source.is_remote() && !folders.insert(files) {
            problems.push(format!(
                "sources: \"{name}\" takes the same files of {} as a source before it; \
                 remove one, or part them by include and exclude",
                source.path.display()
            ));
        }
        for pattern in source.include.iter().chain(&source.exclude) {
            if let Err(error) = globset::Glob::new(pattern) {
                problems.push(format!("sources: \"{pattern}\" is not a path pattern ({error}); write one like \"**/*.pdf\""));
            }
        }
        if let Some(url) = &source.url {
            // The placeholders are replaced for each document.
            let filled = url.replace("{path}", "path").replace("{page}", "1");
            if !is_address(&filled) {
                problems.push(format!(
                    "sources: the url \"{url}\" of \"{name}\" is no web address; {HOW_TO_WRITE}"
                ));
            }
        }
    }
}
