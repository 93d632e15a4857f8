//! robots.txt (RFC 9309).

use std::time::Duration;

/// Our product token.
const USER_AGENT: &str = "epibot";
/// Only this much of a file is parsed, the minimum that the standard requires.
const MAX_BYTES: usize = 500 << 10;
/// Upper limit of the crawl delay, so that a crawl ends.
const MAX_CRAWL_DELAY: Duration = Duration::from_secs(10);

/// The rules that apply to us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Robots {
    /// Allowed or not, with the pattern.
    rules: Vec<(bool, String)>,
    pub(super) crawl_delay: Option<Duration>,
    pub(super) sitemaps: Vec<String>,
}

impl Robots {
    /// Disallows everything, for a file that exists but cannot be fetched.
    pub(super) fn disallow_all() -> Self {
        Self {
            rules: vec![(false, "/".to_owned())],
            ..Self::default()
        }
    }

    pub(super) fn parse(text: &str) -> Self {
        let text = &text[..text.floor_char_boundary(MAX_BYTES)];
        let (mut ours, mut all) = (Self::default(), Self::default());
        let mut has_own_group = false;
        let (mut to_us, mut to_all, mut in_rules) = (false, false, false);
        let mut sitemaps = Vec::new();
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let (key, value) = (key.trim().to_lowercase(), value.trim());
            match key.as_str() {
                "sitemap" => sitemaps.push(value.to_owned()),
                "user-agent" => {
                    if in_rules {
                        (to_us, to_all, in_rules) = (false, false, false);
                    }
                    to_all |= value == "*";
                    to_us |= value.to_lowercase().starts_with(USER_AGENT);
                    has_own_group |= to_us;
                }
                "allow" | "disallow" | "crawl-delay" => {
                    in_rules = true;
                    for (applies, robots) in [(to_us, &mut ours), (to_all, &mut all)] {
                        if applies {
                            robots.add(&key, value);
                        }
                    }
                }
                _ => {}
            }
        }
        let chosen = if has_own_group { ours } else { all };
        Self { sitemaps, ..chosen }
    }

    fn add(&mut self, key: &str, value: &str) {
        if key == "crawl-delay" {
            let seconds = value.parse::<f32>().ok().filter(|seconds| *seconds >= 0.0);
            self.crawl_delay = seconds.map(|seconds| {
                Duration::try_from_secs_f32(seconds)
                    .unwrap_or(MAX_CRAWL_DELAY)
                    .min(MAX_CRAWL_DELAY)
            });
        } else if !value.is_empty() {
            self.rules.push((key == "allow", value.to_owned()));
        }
    }

    /// Whether a path with its query may be fetched. The longest pattern wins; of equal ones, the one that allows.
    pub(super) fn allows(&self, path: &str) -> bool {
        self.rules
            .iter()
            .filter(|(_, pattern)| matches(pattern, path))
            .max_by_key(|(allowed, pattern)| (pattern.len(), *allowed))
            .is_none_or(|(allowed, _)| *allowed)
    }
}

/// Matches a pattern: `*` matches anything, `$` at its end the end of the path.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, to_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let count = parts.len();
    for (index, part) in parts.into_iter().enumerate() {
        let found = if to_end && index + 1 == count {
            rest.ends_with(part).then(|| rest.len() - part.len())
        } else {
            rest.find(part)
        };
        let Some(at) = found else { return false };
        rest = &rest[at + part.len()..];
    }
    !to_end || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FILE: &str = "# for all\nUser-agent: *\nDisallow: /private\nAllow: /private/open\nCrawl-delay: 2\n\n\
        User-agent: other\nDisallow: /\nSitemap: https://x.example/sitemap.xml\n";

    #[test]
    fn the_longest_rule_for_this_user_agent_wins() {
        let robots = Robots::parse(FILE);
        assert!(robots.allows("/manuals/a.pdf"));
        assert!(!robots.allows("/private/a.pdf"));
        assert!(robots.allows("/private/open/a.pdf"));
        assert_eq!(robots.crawl_delay, Some(Duration::from_secs(2)));
        assert_eq!(robots.sitemaps, ["https://x.example/sitemap.xml"]);
        let named = Robots::parse(&format!("{FILE}\nUser-agent: epibot\nDisallow: /*.pdf$"));
        assert!(named.allows("/private/a.html"));
        assert!(!named.allows("/manuals/a.pdf"));
        assert!(named.allows("/manuals/a.pdf?x=1"));
        assert!(!Robots::disallow_all().allows("/"));
    }

    proptest! {
        #[test]
        fn no_file_causes_a_panic(text in "((user-agent|allow|disallow|crawl-delay): ?[-*$/a-z0-9.]{0,9}\n){0,9}", path in "/[a-z*$/]{0,9}") {
            let _ = Robots::parse(&text).allows(&path);
        }

        #[test]
        fn a_pattern_of_plain_letters_is_a_prefix(pattern in "/[a-z]{0,3}", path in "/[a-z]{0,5}") {
            prop_assert_eq!(matches(&pattern, &path), path.starts_with(&pattern));
        }
    }
}
