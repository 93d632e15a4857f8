//! The `PDFium` reader: finds lines, outline and properties of a PDF.

mod lines;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use pdfium_render::prelude::*;

use crate::domain::fault::Fault;
use crate::extract::extracted::Failure;
use crate::extract::limits::Limits;
use crate::extract::pdf::raw::{Bookmark, RawPdf};

/// Entries of an outline that are read; a broken one can be circular.
const MAX_BOOKMARKS: usize = 20_000;

/// Depth to which an outline is read.
const MAX_BOOKMARK_DEPTH: u8 = 8;

/// The `PDFium` library, loaded when it is first needed.
#[derive(Debug)]
pub(in crate::extract) struct Library {
    path: PathBuf,
    loaded: OnceLock<Option<Pdfium>>,
}

impl Library {
    pub(in crate::extract) fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            loaded: OnceLock::new(),
        }
    }

    /// Returns the library; `None` if it is not installed or does not load.
    pub(in crate::extract) fn get(&self) -> Option<&Pdfium> {
        self.loaded
            .get_or_init(|| Pdfium::bind_to_library(&self.path).ok().map(Pdfium::new))
            .as_ref()
    }
}

/// Reads a PDF.
pub(super) fn find(library: &Pdfium, bytes: &[u8], limits: &Limits) -> Result<RawPdf, Failure> {
    let document = open(library, bytes)?;
    let count = usize::try_from(document.pages().len()).unwrap_or_default();
    let mut found = RawPdf {
        title: document
            .metadata()
            .get(PdfDocumentMetadataTagType::Title)
            .map(|title| title.value().to_owned()),
        pages: count,
        outline: outline(&document),
        ..RawPdf::default()
    };
    let mut left = limits.characters;
    for index in 0..count.min(limits.pages) {
        if left == 0 {
            break;
        }
        let sheet = document
            .pages()
            .get(index.try_into().unwrap_or_default())
            .map(|page| lines::sheet(&page, &mut left));
        found.page_lines.push(sheet.unwrap_or_default());
    }
    Ok(found)
}

/// Opens a PDF; the failure gives the reason.
pub(super) fn open<'a>(library: &'a Pdfium, bytes: &'a [u8]) -> Result<PdfDocument<'a>, Failure> {
    library
        .load_pdf_from_byte_slice(bytes, None)
        .map_err(|error| {
            Failure::File(match error {
                PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::PasswordError) => {
                    Fault::Locked
                }
                PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::SecurityError) => {
                    Fault::Encrypted
                }
                _ => Fault::BrokenPdf,
            })
        })
}

fn outline(document: &PdfDocument<'_>) -> Vec<Bookmark> {
    let mut found = Vec::new();
    let mut stack: Vec<(PdfBookmark<'_>, u8)> = Vec::new();
    stack.extend(document.bookmarks().root().map(|root| (root, 1)));
    while let Some((bookmark, level)) = stack.pop() {
        let title = bookmark.title().unwrap_or_default();
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(page) = page_of(&bookmark)
            && !title.is_empty()
        {
            found.push(Bookmark { level, title, page });
        }
        if found.len() >= MAX_BOOKMARKS || stack.len() >= MAX_BOOKMARKS {
            break;
        }
        stack.extend(bookmark.next_sibling().map(|next| (next, level)));
        if level < MAX_BOOKMARK_DEPTH {
            stack.extend(bookmark.first_child().map(|child| (child, level + 1)));
        }
    }
    found
}

fn page_of(bookmark: &PdfBookmark<'_>) -> Option<usize> {
    let direct = bookmark
        .destination()
        .and_then(|destination| destination.page_index().ok());
    let index = direct.or_else(|| {
        let action = bookmark.action()?;
        action
            .as_local_destination_action()?
            .destination()
            .ok()?
            .page_index()
            .ok()
    })?;
    usize::try_from(index).ok()
}
