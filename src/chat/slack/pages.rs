//! The pages that an answer cites, as pictures for one person's eyes, with the cited words marked.

use std::time::Duration;

use serde_json::{Value, json};

use super::errand::Pages;
use super::error::{Cause, Error};
use super::parts::{Library, Parts};
use crate::domain::access::Access;
use crate::domain::document::{Format, Origin};
use crate::domain::passage::PassageId;
use crate::i18n;
use crate::storage::answer_log::Shown;

/// Pages that are shown, and how wide each is, in pixels.
const MOST: usize = 3;
const WIDTH: u32 = 1_100;
/// Slack takes a moment before a picture can be shown; between two attempts, and how many there are.
const PAUSE: Duration = Duration::from_millis(1_500);
const ATTEMPTS: usize = 4;

/// Whether a passage that was kept may be read. Access rules are about collections of the corpus: whoever may see the
/// conversation has seen what was attached to it, and the web is public.
pub(super) fn may_be_read(shown: &Shown, access: &Access) -> bool {
    match shown.origin() {
        Origin::Attachment | Origin::Web => true,
        Origin::Corpus => access.allows(&shown.collection),
    }
}

/// Whether an answer cites pages that can be drawn.
pub(super) fn can_be_shown(library: &Library, passages: &[Shown]) -> bool {
    library.extractor.has_pdfium() && passages.iter().any(|shown| shown.page.is_some())
}

/// Draws the pages and shows them to whoever asked.
///
/// # Errors
/// The documents cannot be read, or Slack cannot be reached.
pub(super) async fn show(parts: &Parts, pages: &Pages) -> anyhow::Result<()> {
    let Some(given) = parts.feedback.given(&pages.question).await? else {
        return Ok(());
    };
    let mut blocks = Vec::new();
    let access = parts.access(&pages.channel, &pages.user).await;
    for shown in given
        .passages
        .iter()
        .filter(|shown| may_be_read(shown, &access))
    {
        if blocks.len() == MOST {
            break;
        }
        if let Some(png) = draw(&parts.library, shown).await? {
            let label = shown.page.as_deref().unwrap_or_default();
            let alt = i18n::web::page_image(given.language, &shown.title, label);
            let file = parts.client.store_picture("page.png", png).await?;
            blocks.push(picture(&file, &alt, shown));
        }
    }
    if blocks.is_empty() {
        return Ok(());
    }
    let head = i18n::buttons::pages_follow(given.language);
    for attempt in 1.. {
        let told = parts
            .client
            .whisper(
                &pages.channel,
                &pages.root,
                &pages.user,
                &head,
                blocks.clone(),
            )
            .await;
        match told {
            Err(error) if is_too_soon(&error) && attempt < ATTEMPTS => {
                tokio::time::sleep(PAUSE).await;
            }
            told => return Ok(told?),
        }
    }
    Ok(())
}

/// The page that a passage stands on, with its words marked; none where the document has no pages to draw.
async fn draw(library: &Library, shown: &Shown) -> anyhow::Result<Option<Vec<u8>>> {
    let id = PassageId(shown.id.clone());
    // Who was shown the passage may see its page.
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
        .render(&file, page.number, &passage.text, WIDTH)
        .await
    {
        Ok(image) => Ok(image.map(|image| image.png)),
        Err(error) => {
            tracing::warn!(document = %document.id, %error, "a page image could not be drawn");
            Ok(None)
        }
    }
}

fn picture(file: &str, alt: &str, shown: &Shown) -> Value {
    let number = shown.n.map(|n| format!("[{n}] ")).unwrap_or_default();
    let title: String = format!("{number}{alt}").chars().take(1_900).collect();
    json!({
        "type": "image", "slack_file": {"id": file}, "alt_text": title,
        "title": {"type": "plain_text", "text": title, "emoji": false},
    })
}

fn is_too_soon(error: &Error) -> bool {
    matches!(&error.cause, Cause::Refused(code) if code == "invalid_blocks")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logged_attachment_may_be_read_and_a_document_only_in_its_collection() {
        let shown = |collection: &str, origin: &str| -> Shown {
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
