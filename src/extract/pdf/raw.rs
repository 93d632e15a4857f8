//! The lines of a PDF as found by one of the readers, before they are assembled to pages. Also sent between processes.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::layout::PageLines;

/// The lines and properties of a PDF, or of a shard of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::extract) struct RawPdf {
    /// From the document's metadata.
    pub(super) title: Option<String>,
    pub(super) page_lines: Vec<PageLines>,
    pub(super) outline: Vec<Bookmark>,
    /// Number of pages in the file; `page_lines` may contain only the first of them.
    pub(super) pages: usize,
}

/// A range of a document's pages, for one of several processes that read it in parallel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::extract) struct Shard {
    /// Counted from 0.
    pub(in crate::extract) index: usize,
    pub(in crate::extract) of: usize,
}

impl Shard {
    pub(in crate::extract) const WHOLE: Self = Self { index: 0, of: 1 };

    /// Returns its pages, counted from 0, of this many.
    pub(in crate::extract) fn range(self, pages: usize) -> Range<usize> {
        pages * self.index / self.of..pages * (self.index + 1) / self.of
    }
}

/// An entry of the document's outline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bookmark {
    /// 1 for the outermost.
    pub(super) level: u8,
    pub(super) title: String,
    /// Counted from 0.
    pub(super) page: usize,
}

impl RawPdf {
    pub(in crate::extract) fn has_text(&self) -> bool {
        self.page_lines.iter().any(|sheet| !sheet.lines.is_empty())
    }

    /// Appends the pages of the next shard.
    pub(in crate::extract) fn append(&mut self, next: Self) {
        self.page_lines.extend(next.page_lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_cover_all_pages_once() {
        for pages in [0, 1, 2, 7, 151] {
            for of in 1..=8 {
                let ranges = (0..of).flat_map(|index| Shard { index, of }.range(pages));
                assert!(ranges.eq(0..pages));
            }
        }
    }
}
