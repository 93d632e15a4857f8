//! Renders a document's text as HTML with the cited characters highlighted.
//!
//! Document text is data: HTML in it is shown as text, and of images and links only the words remain.

use std::ops::Range;

use pulldown_cmark::{Alignment, CowStr, Event, Options, Parser, Tag, TagEnd, html};

use crate::domain::passage::Passage;

/// Bytes shown before and after the passage in a long document.
const CONTEXT_BYTES: usize = 150_000;

/// Returns the byte range of the passage in the document's text: at its indexed offset, or else where the same words are
/// now.
pub(super) fn locate(text: &str, passage: &Passage) -> Option<Range<usize>> {
    let start = text
        .char_indices()
        .nth(passage.start as usize)
        .map(|(at, _)| at);
    let start = start
        .filter(|start| text[*start..].starts_with(&passage.text))
        .or_else(|| text.find(&passage.text))?;
    (!passage.text.is_empty()).then(|| start..start + passage.text.len())
}

/// Returns the byte range to show: the whole document, or the paragraphs around the passage if it is long.
pub(super) fn excerpt(text: &str, cited: &Range<usize>) -> Range<usize> {
    let from = text.floor_char_boundary(cited.start.saturating_sub(CONTEXT_BYTES));
    let to = text.ceil_char_boundary(cited.end.saturating_add(CONTEXT_BYTES).min(text.len()));
    let start = if from == 0 {
        0
    } else {
        text[from..cited.start]
            .find("\n\n")
            .map_or(from, |gap| from + gap + 2)
    };
    let end = if to == text.len() {
        to
    } else {
        text[cited.end..to]
            .rfind("\n\n")
            .map_or(to, |gap| cited.end + gap)
    };
    start..end
}

/// Renders plain text; the style sheet preserves its line breaks.
pub(super) fn plain(text: &str, cited: &Range<usize>) -> String {
    let mut page = Highlighter::new(cited);
    page.text(CowStr::Borrowed(text), 0..text.len(), text);
    page.finish()
}

/// Renders Markdown.
pub(super) fn markdown(text: &str, cited: &Range<usize>) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut page = Highlighter::new(cited);
    for (event, at) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Text(words) | Event::Html(words) | Event::InlineHtml(words) => {
                page.text(words, at, text);
            }
            Event::Code(_) | Event::SoftBreak | Event::HardBreak => page.inline(event, &at),
            Event::Start(Tag::Link { .. } | Tag::Image { .. })
            | Event::End(TagEnd::Link | TagEnd::Image) => {}
            Event::Start(Tag::HtmlBlock) => page.block(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => page.block(Event::End(TagEnd::Paragraph)),
            Event::Start(Tag::Table(columns)) => page.table(columns.len()),
            Event::End(TagEnd::Table) => {
                page.block(event);
                page.trusted_html("</div>");
            }
            event => page.block(event),
        }
    }
    page.finish()
}

/// Markdown events for the HTML renderer, with `<mark>` elements around the cited range.
struct Highlighter<'a> {
    events: Vec<Event<'a>>,
    cited: &'a Range<usize>,
    open: bool,
    /// Whether the first mark, which has the id that links lead to, has been written.
    has_anchor: bool,
}

impl<'a> Highlighter<'a> {
    fn new(cited: &'a Range<usize>) -> Self {
        Self {
            events: Vec::new(),
            cited,
            open: false,
            has_anchor: false,
        }
    }

    /// Adds text, split where the cited range begins and ends.
    fn text(&mut self, words: CowStr<'a>, at: Range<usize>, source: &str) {
        let (start, end) = (
            self.cited.start.clamp(at.start, at.end),
            self.cited.end.clamp(at.start, at.end),
        );
        // Text that is written differently in the source, for example with an entity, is highlighted as a whole.
        if source.get(at.clone()) != Some(&*words) || start == end {
            return self.inline(Event::Text(words), &at);
        }
        for part in [at.start..start, start..end, end..at.end] {
            if !part.is_empty() {
                let piece = words[part.start - at.start..part.end - at.start].to_owned();
                self.inline(Event::Text(piece.into()), &part);
            }
        }
    }

    fn inline(&mut self, event: Event<'a>, at: &Range<usize>) {
        let cited = at.start < self.cited.end && self.cited.start < at.end;
        if cited && !self.open {
            self.trusted_html(if self.has_anchor {
                "<mark>"
            } else {
                "<mark id=\"cited\">"
            });
            (self.open, self.has_anchor) = (true, true);
        } else if !cited {
            self.close();
        }
        self.events.push(event);
    }

    fn block(&mut self, event: Event<'a>) {
        self.close();
        self.events.push(event);
    }

    /// Starts a table in a box that scrolls, also by keyboard. The style sheet aligns columns, since pages may not contain
    /// inline styles.
    fn table(&mut self, columns: usize) {
        self.close();
        self.trusted_html("<div class=\"table\" tabindex=\"0\">");
        self.events
            .push(Event::Start(Tag::Table(vec![Alignment::None; columns])));
    }

    fn close(&mut self) {
        if self.open {
            self.trusted_html("</mark>");
            self.open = false;
        }
    }

    /// Adds trusted HTML, which does not come from the document.
    fn trusted_html(&mut self, html: &'static str) {
        self.events.push(Event::InlineHtml(CowStr::Borrowed(html)));
    }

    fn finish(mut self) -> String {
        self.close();
        let mut page = String::new();
        html::push_html(&mut page, self.events.into_iter());
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, words: &str) -> String {
        let start = text.find(words).unwrap();
        markdown(text, &(start..start + words.len()))
    }

    #[test]
    fn the_cited_words_are_highlighted_with_one_anchor() {
        let page = marked(
            "# Purge\n\nOpen V-101. **Wait 30 s.**\nClose V-101.\n",
            "V-101. **Wait 30 s.**\nClose",
        );
        assert_eq!(
            page,
            "<h1>Purge</h1>\n<p>Open <mark id=\"cited\">V-101. </mark><strong><mark>Wait 30 s.</mark></strong><mark>\nClose</mark> V-101.</p>\n"
        );
        assert_eq!(page.matches("id=\"cited\"").count(), 1);
    }

    #[test]
    fn a_passage_can_be_rows_of_a_table() {
        let page = marked(
            "| Code | Cause |\n|---|--:|\n| E-1 | Leak |\n| E-2 | `P<1` |\n",
            "E-2 | `P<1`",
        );
        assert!(
            page.contains(
                "<td><mark id=\"cited\">E-2</mark></td><td><mark><code>P&lt;1</code></mark></td>"
            ),
            "{page}"
        );
        assert!(!page.contains("style="), "{page}");
    }

    #[test]
    fn html_images_and_links_of_the_document_are_only_words() {
        let page = marked(
            "<script>alert(1)</script>\n\nA <img src=x onerror=alert(1)> [guide](javascript:alert(1)) ![plan](http://x/y.png) <https://evil.example> cited\n",
            "cited",
        );
        for forbidden in ["<script", "<img", "href", "src=\"", "javascript"] {
            assert!(!page.contains(forbidden), "{forbidden} in {page}");
        }
        assert!(
            page.contains("guide")
                && page.contains("plan")
                && page.contains("https://evil.example"),
            "{page}"
        );
    }

    #[test]
    fn plain_text_is_highlighted_exactly() {
        assert_eq!(
            plain("a <b> 값 c", &(2..9)),
            "a <mark id=\"cited\">&lt;b&gt; 값</mark> c"
        );
    }

    #[test]
    fn a_long_document_is_cut_at_paragraphs_around_the_passage() {
        let paragraph = format!("{}\n\n", "가 ".repeat(100));
        let text = paragraph.repeat(2000);
        let middle = text.floor_char_boundary(text.len() / 2);
        let shown = excerpt(&text, &(middle..middle));
        assert!(shown.len() <= 2 * CONTEXT_BYTES + 8 && shown.len() > CONTEXT_BYTES);
        assert!(text[..shown.start].ends_with("\n\n") && text[shown.end..].starts_with("\n\n"));
        assert_eq!(excerpt("short", &(1..2)), 0..5);
    }
}
