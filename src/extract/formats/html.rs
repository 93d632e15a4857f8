//! HTML: the content as Markdown, without the navigation and other surroundings of the site.

use std::borrow::Cow;

use dom_query::Document;
use encoding_rs::Encoding;

use super::markdown;
use crate::domain::document::Format;
use crate::domain::fault::Fault;
use crate::extract::charset;
use crate::extract::extracted::{Extracted, ExtractedPage, Failure};
use crate::extract::properties;
use crate::extract::properties::Properties;

/// Maximum nesting of elements. Parsers and converters take quadratic time in the depth, and no real page comes near
/// it.
const MAX_DEPTH: usize = 200;

/// Elements that are never content.
const NON_CONTENT: &str = "script, style, noscript, template, nav, header nav, aside, footer, form, iframe, svg, \
    button, [hidden], [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo], [role=search]";

/// Elements without an end tag, or with an optional one: they do not nest.
const NOT_NESTING: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option",
    "optgroup", "colgroup", "html", "head", "body",
];

/// Decodes an HTML file in the encoding that it declares, or else by detection.
pub(super) fn decode(bytes: &[u8]) -> String {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_lowercase();
    let declared = head.split_once("charset=").and_then(|(_, rest)| {
        let rest = rest.trim_start_matches(['"', '\'', ' ']);
        let label: &str = rest
            .split(|end: char| !end.is_ascii_alphanumeric() && !"-_".contains(end))
            .next()?;
        Encoding::for_label(label.as_bytes())
    });
    match declared {
        Some(encoding)
            if Encoding::for_bom(bytes).is_none() && !encoding.name().starts_with("UTF") =>
        {
            encoding.decode(bytes).0.into_owned()
        }
        _ => charset::decode(bytes),
    }
}

/// Reads HTML, with properties from `<title>` and `<meta name="document|revision|effective">`.
pub(super) fn read(html: &str) -> Result<Extracted, Failure> {
    let document = Document::from(flatten(html).as_ref());
    let mut found = Properties::default();
    for meta in &document.select("meta[name]") {
        found.set(&meta.attr_or("name", ""), &meta.attr_or("content", ""));
    }
    let heading = document.select_single("h1").text();
    let title = properties::title(Some(&document.select_single("title").text()))
        .or_else(|| properties::title(Some(&heading)));
    document.select(NON_CONTENT).remove();
    let mains = document.select("main, [role=main]");
    let content = if mains.length() == 1 {
        mains
    } else {
        document.select("body")
    };
    let converter = htmd::HtmlToMarkdown::builder()
        .skip_tags(vec!["head", "img"])
        .build();
    let text = converter
        .convert(&content.html())
        .map_err(|error| Failure::File(Fault::NotUnderstood(error.to_string())))?;
    let headings = markdown::headings(&text);
    Ok(Extracted {
        title: found.title.or(title),
        number: found.number,
        revision: found.revision,
        effective: found.effective,
        format: Format::Html,
        pages: vec![ExtractedPage {
            page: None,
            text,
            headings,
            ocr: false,
        }],
        notes: Vec::new(),
    })
}

/// Removes the tags of elements that are nested deeper than [`MAX_DEPTH`]; their text stays.
fn flatten(html: &str) -> Cow<'_, str> {
    let mut flat = String::new();
    let mut copied = 0;
    let mut depth: usize = 0;
    let mut at = 0;
    while let Some(start) = html[at..].find('<').map(|found| at + found) {
        let end = html[start..]
            .find('>')
            .map_or(html.len(), |found| start + found + 1);
        let tag = &html[start..end];
        at = end;
        let (closing, rest) = match tag.strip_prefix("</") {
            Some(rest) => (true, rest),
            None => (false, &tag[1..]),
        };
        let name: &str = rest
            .split(|end: char| !end.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        let nests = name.starts_with(|first: char| first.is_ascii_alphabetic())
            && !NOT_NESTING
                .iter()
                .any(|flat| flat.eq_ignore_ascii_case(name));
        if !nests {
            continue;
        }
        let too_deep = depth > MAX_DEPTH;
        depth = if closing {
            depth.saturating_sub(1)
        } else {
            depth + 1
        };
        if too_deep || depth > MAX_DEPTH {
            flat.push_str(&html[copied..start]);
            copied = end;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(html);
    }
    flat.push_str(&html[copied..]);
    Cow::Owned(flat)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn content_becomes_markdown_with_its_tables_and_without_the_site_around_it() {
        let page = r#"<html><head><title>Gas cabinet SOP</title><meta name="document" content="SOP-GAS-014">
            <meta name="revision" content="C"><meta name="effective" content="2025-01-31"></head>
            <body><nav><a href="/">Home</a></nav><h1>Gas cabinet</h1><p>Close <b>V1</b>.</p>
            <table><tr><th>Code</th><th>Remedy</th></tr><tr><td>E-1042</td><td>Check the flow</td></tr></table>
            <footer>Imprint</footer></body></html>"#;
        let read = read(page).unwrap();
        assert_eq!(read.title.as_deref(), Some("Gas cabinet SOP"));
        assert_eq!(
            read.number.map(|stated| stated.value).as_deref(),
            Some("SOP-GAS-014")
        );
        assert_eq!(
            read.revision.map(|stated| stated.value).as_deref(),
            Some("C")
        );
        assert_eq!(
            read.effective.map(|stated| stated.value).as_deref(),
            Some("2025-01-31")
        );
        let page = &read.pages[0];
        assert!(
            page.text.starts_with("# Gas cabinet\n\nClose **V1**."),
            "{}",
            page.text
        );
        assert!(
            page.text.contains("| E-1042 | Check the flow |"),
            "{}",
            page.text
        );
        assert!(!page.text.contains("Home") && !page.text.contains("Imprint"));
        assert_eq!(page.headings[0].title, "Gas cabinet");
    }

    #[test]
    fn deeply_nested_elements_are_flattened_and_their_text_stays() {
        let html = format!(
            "{}purge{}",
            "<div>".repeat(200_000),
            "</div>".repeat(200_000)
        );
        assert_eq!(read(&html).unwrap().pages[0].text, "purge");
    }

    #[test]
    fn a_declared_korean_encoding_is_followed() {
        let html = "<meta charset=\"euc-kr\"><p>퍼지</p>";
        let bytes = encoding_rs::EUC_KR.encode(html).0.into_owned();
        assert_eq!(read(&decode(&bytes)).unwrap().pages[0].text, "퍼지");
    }

    proptest! {
        #[test]
        fn any_tags_are_read(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("<div>"), Just("</div>"), Just("<table>"), Just("<tr>"), Just("<td colspan=9>"), Just("</table>"),
                    Just("<h1>"), Just("</h1>"), Just("<p>"), Just("<!--"), Just("-->"), Just("<script>"), Just("<"),
                    Just("&#x1F"), Just("퍼지"), Just("<meta name=revision content=C>"), Just("<a href='"), Just("<ul><li>"),
                ], 0..40),
        ) {
            let html = parts.concat();
            if let Ok(found) = read(&decode(html.as_bytes())) {
                let length = found.pages[0].text.chars().count();
                prop_assert!(found.pages[0].headings.iter().all(|heading| heading.at as usize <= length));
            }
        }
    }
}
