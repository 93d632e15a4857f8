//! Links of a fetched page, and the path of its mirrored file.

use dom_query::Document;
use sha2::{Digest, Sha256};
use url::Url;

use crate::domain::document::Format;

/// Maximum length of a part of a path, in bytes.
const MAX_PART: usize = 80;

/// The links of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    /// Marked `noindex`: it is not mirrored, but its links are followed.
    pub(super) noindex: bool,
    pub(super) addresses: Vec<Url>,
}

/// Returns the links of a page, without fragments.
pub(super) fn links(html: &str, base: &Url) -> Links {
    let document = Document::from(html);
    let robots = document
        .select("meta[name=robots]")
        .attr_or("content", "")
        .to_lowercase();
    let base_href = document
        .select("base[href]")
        .attr_or("href", "")
        .to_string();
    let base = base.join(&base_href).unwrap_or_else(|_| base.clone());
    let mut addresses = Vec::new();
    if !robots.contains("nofollow") {
        for link in &document.select("a[href]") {
            if let Ok(mut address) = base.join(link.attr_or("href", "").trim()) {
                address.set_fragment(None);
                if matches!(address.scheme(), "http" | "https") {
                    addresses.push(address);
                }
            }
        }
    }
    Links {
        noindex: robots.contains("noindex"),
        addresses,
    }
}

/// Returns the addresses in a site map; None for anything else.
pub(super) fn site_map(text: &str) -> Option<Vec<Url>> {
    let head = &text[..text.floor_char_boundary(2_000)];
    if !head.contains("<urlset") && !head.contains("<sitemapindex") {
        return None;
    }
    let parts = text.split("<loc>").skip(1);
    let addresses = parts.filter_map(|part| {
        let address = part.split("</loc>").next()?.trim().replace("&amp;", "&");
        Url::parse(&address).ok()
    });
    Some(addresses.collect())
}

/// Returns the path of the mirrored file of an address, with an extension that fits its media type; None for types that are
/// not read. It consists of plain letters, so that no address leads out of the folder.
pub(super) fn path(address: &Url, content_type: &str) -> Option<String> {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let extension = match media_type {
        // Servers use these types for unknown files.
        "" | "text/plain" | "application/octet-stream" | "application/zip" => "",
        known => Format::extension_for_media_type(known)?,
    };
    let mut parts = vec![safe(address.host_str().unwrap_or_default())];
    if let Some(port) = address.port() {
        parts[0].extend(["_".to_owned(), port.to_string()]);
    }
    let segments = address.path_segments().into_iter().flatten();
    parts.extend(segments.filter(|part| !part.is_empty()).map(safe));
    if address.path().ends_with('/') {
        parts.push("index".to_owned());
    }
    let mut path = parts.join("/");
    if let Some(query) = address.query() {
        path.push('-');
        path.push_str(&digest(query));
    }
    let format = Format::from_path(std::path::Path::new(&path));
    let fits = format.is_some()
        && format == Format::from_path(std::path::Path::new(&format!("x.{extension}")));
    if extension.is_empty() {
        let path = match (format, media_type) {
            (Some(_), _) => path,
            (None, "text/plain") => format!("{path}.txt"),
            (None, _) => return None,
        };
        return Some(path);
    }
    Some(if fits {
        path
    } else {
        format!("{path}.{extension}")
    })
}

fn safe(part: &str) -> String {
    let plain: String = part
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || "-_.%".contains(letter) {
                letter
            } else {
                '_'
            }
        })
        .collect();
    let plain = if plain.starts_with('.') {
        format!("_{plain}")
    } else {
        plain
    };
    if plain.len() <= MAX_PART {
        return plain;
    }
    // The end contains the extension.
    let end = plain.len() - 20;
    format!("{}-{}{}", &plain[..40], digest(part), &plain[end..])
}

fn digest(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..4])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(address: &str, kind: &str) -> Option<String> {
        path(&Url::parse(address).unwrap(), kind)
    }

    #[test]
    fn a_mirrored_file_has_the_path_of_its_address_and_the_extension_of_its_type() {
        for (address, kind, expected) in [
            (
                "https://x.example/",
                "text/html; charset=utf-8",
                Some("x.example/index.html"),
            ),
            (
                "https://x.example/wiki/Purge",
                "text/html",
                Some("x.example/wiki/Purge.html"),
            ),
            (
                "https://x.example/a/b.pdf",
                "application/pdf",
                Some("x.example/a/b.pdf"),
            ),
            (
                "https://x.example/a/b.pdf",
                "application/octet-stream",
                Some("x.example/a/b.pdf"),
            ),
            (
                "https://x.example:8443/notes",
                "text/plain",
                Some("x.example_8443/notes.txt"),
            ),
            (
                "https://x.example/b.aspx",
                "text/html",
                Some("x.example/b.aspx.html"),
            ),
            ("https://x.example/logo", "image/png", None),
            ("https://x.example/tool", "application/octet-stream", None),
        ] {
            assert_eq!(at(address, kind).as_deref(), expected, "{address} {kind}");
        }
        let one = at("https://x.example/get?id=1", "application/pdf").unwrap();
        let other = at("https://x.example/get?id=2", "application/pdf").unwrap();
        assert!(
            one != other
                && [&one, &other]
                    .iter()
                    .all(|copy| Format::from_path(copy.as_ref()) == Some(Format::Pdf)),
            "{one} {other}"
        );
    }

    #[test]
    fn links_are_found_and_noindex_is_detected() {
        let html = "<meta name=robots content='noindex'><a href='b.html#part'>b</a> <a href='mailto:x@y'>m</a> \
            <a href='//other.example/c'>c</a>";
        let found = links(html, &Url::parse("https://x.example/a/").unwrap());
        assert!(found.noindex);
        let found: Vec<&str> = found.addresses.iter().map(Url::as_str).collect();
        assert_eq!(
            found,
            ["https://x.example/a/b.html", "https://other.example/c"]
        );
    }

    #[test]
    fn a_site_map_lists_addresses() {
        let map = "<?xml version='1.0'?><urlset><url><loc> https://x.example/a?b=1&amp;c=2 </loc></url></urlset>";
        let found = site_map(map).unwrap();
        assert_eq!(found[0].as_str(), "https://x.example/a?b=1&c=2");
        assert_eq!(site_map("<html></html>"), None);
    }

    proptest! {
        #[test]
        fn links_of_any_page_are_absolute_web_addresses(
            pieces in proptest::collection::vec(
                prop::sample::select(vec![
                    "<a href='", "<a href=", "'>", ">", "<base href=\"", "\">", "<meta name=robots content=", "noindex",
                    "nofollow", "../x", "//other.example/y", "mailto:a@b", "javascript:x()", "#part", "?q=1", "http://[",
                    "https://x.example:99999/", " ", "\n", "</a>", "<!--", "퍼지", "&amp;",
                ]),
                0..30,
            ),
        ) {
            let base = Url::parse("https://x.example/a/").unwrap();
            for address in links(&pieces.concat(), &base).addresses {
                prop_assert!(matches!(address.scheme(), "http" | "https"), "{}", address);
                prop_assert!(address.fragment().is_none() && address.has_host(), "{}", address);
            }
        }

        #[test]
        fn every_address_of_a_site_map_is_found(
            paths in proptest::collection::vec("[a-z0-9/&=?]{0,20}", 0..9),
            before in "(<\\?xml version='1.0'\\?>)?\\PC{0,40}",
            rest in "\\PC{0,20}(<loc>)?\\PC{0,20}",
        ) {
            let listed: Vec<Url> = paths
                .iter()
                .map(|path| Url::parse(&format!("https://x.example/{path}")).unwrap())
                .collect();
            let entries = listed.iter().map(|address| {
                format!("<url><loc>{}</loc></url>", address.as_str().replace('&', "&amp;"))
            });
            let map = format!("{before}<urlset>{}</urlset>{rest}", entries.collect::<String>());
            let found = site_map(&map).unwrap();
            prop_assert!(listed.iter().all(|address| found.contains(address)), "{}", map);
        }

        #[test]
        fn no_address_leads_out_of_the_folder(path in ".{0,60}", query in ".{0,20}") {
            let mut address = Url::parse("https://x.example/").unwrap();
            address.set_path(&path);
            address.set_query(Some(&query));
            let copy = super::path(&address, "text/html").unwrap();
            let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
            prop_assert!(copy.split('/').all(is_plain), "{}", copy);
        }
    }
}
