//! Cited pages as pictures with the cited words marked, shown to one person.

use std::sync::Arc;

use super::library::Library;
use super::platform::ChatPlatform;
use super::reader_access::ReaderAccess;
use super::reply::{Ephemeral, Picture};
use super::services::ChatServices;
use super::work::CitedPages;
use crate::domain::access::Access;
use crate::domain::document::{Format, Origin};
use crate::domain::passage::PassageId;
use crate::i18n;
use crate::storage::answer_log::{AnswerLog, LoggedPassage};

/// How many pages are shown, and the width of each in pixels.
const MAX_PAGES: usize = 3;
const PAGE_WIDTH: u32 = 1_100;

/// Shows cited pages. Cheap to clone.
#[derive(Clone)]
pub struct PageViewer {
    platform: Arc<dyn ChatPlatform>,
    library: Library,
    access: ReaderAccess,
    log: AnswerLog,
}

/// Returns true if a logged passage may be read. Access rules apply to collections of the corpus: everyone in the
/// conversation has seen its attachments, and the web is public.
#[must_use]
pub fn may_be_read(shown: &LoggedPassage, access: &Access) -> bool {
    match shown.origin() {
        Origin::Attachment | Origin::Web => true,
        Origin::Corpus => access.allows(&shown.collection),
    }
}

impl PageViewer {
    #[must_use]
    pub fn new(services: &ChatServices) -> Self {
        Self {
            platform: Arc::clone(&services.platform),
            library: services.library.clone(),
            access: services.access(),
            log: services.feedback.clone(),
        }
    }

    /// Returns true if an answer cites pages that can be drawn.
    #[must_use]
    pub fn can_show(&self, passages: &[LoggedPassage]) -> bool {
        self.library.extractor.has_pdfium() && passages.iter().any(|shown| shown.page.is_some())
    }

    /// Draws the pages and shows them to the person who requested them.
    ///
    /// # Errors
    /// The documents cannot be read, or the platform cannot be reached.
    pub async fn show(&self, pages: &CitedPages) -> anyhow::Result<()> {
        let Some(given) = self.log.find(&pages.question).await? else {
            return Ok(());
        };
        let mut pictures = Vec::new();
        let access = self.access.in_place(&pages.place, &pages.person).await;
        let readable = given
            .passages
            .iter()
            .filter(|shown| may_be_read(shown, &access));
        for shown in readable {
            if pictures.len() == MAX_PAGES {
                break;
            }
            if let Some(png) = self.draw(shown).await? {
                let label = shown.page.as_deref().unwrap_or_default();
                let alt = i18n::web::page_image(given.language, &shown.title, label);
                let number = shown.n.map(|n| format!("[{n}] ")).unwrap_or_default();
                let title = format!("{number}{alt}");
                pictures.push(Picture { title, png });
            }
        }
        if pictures.is_empty() {
            return Ok(());
        }
        let head = i18n::buttons::pages_follow(given.language);
        let content = Ephemeral::Pictures { head, pictures };
        let conversation = &pages.place.conversation;
        Ok(self
            .platform
            .post_ephemeral(conversation, &pages.root, &pages.person, &content)
            .await?)
    }

    /// Draws the page of a passage with its words marked; `None` if the document has no pages to draw.
    async fn draw(&self, shown: &LoggedPassage) -> anyhow::Result<Option<Vec<u8>>> {
        let library = &self.library;
        let id = PassageId(shown.id.clone());
        // Access to the passage was checked by the caller.
        let Some(passage) = library.index.passage(&id, &Access::Everything).await? else {
            return Ok(None);
        };
        let document = &passage.document;
        if document.format != Format::Pdf || document.collection != shown.collection {
            return Ok(None);
        }
        let (Some(page), Some(file)) = (&passage.page, library.catalog.file(&document.id).await?)
        else {
            return Ok(None);
        };
        match library
            .extractor
            .render(&file, page.number, &passage.text, PAGE_WIDTH)
            .await
        {
            Ok(image) => Ok(image.map(|image| image.png)),
            Err(error) => {
                tracing::warn!(document = %document.id, %error, "cannot draw a page");
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logged_attachment_may_be_read_and_a_document_only_in_its_collection() {
        let shown = |collection: &str, origin: &str| -> LoggedPassage {
            let stored = format!(
                r#"{{"n":1,"id":"p","title":"t","section":null,"page":null,"collection":"{collection}","url":null,"text":"x"{origin}}}"#
            );
            serde_json::from_str(&stored).unwrap()
        };
        let access = Access::Only(["manuals".to_owned()].into());
        for (collection, origin, readable) in [
            ("", "", true),
            ("", r#","origin":"attachment""#, true),
            ("", r#","origin":"corpus""#, false),
            ("manuals", "", true),
            ("recipes", "", false),
            ("recipes", r#","origin":"corpus""#, false),
        ] {
            let shown = shown(collection, origin);
            assert_eq!(
                may_be_read(&shown, &access),
                readable,
                "{collection} {origin}"
            );
        }
    }
}
