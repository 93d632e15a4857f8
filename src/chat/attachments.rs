//! Reads files that are attached to a question. They are used for that question only and not stored.
//!
//! They are read as documents are, in child processes with limits. Unreadable files are reported with the reason.

use std::path::Path;
use std::sync::Arc;

use futures::{FutureExt, StreamExt};

use super::platform::ChatPlatform;
use super::question::Attachment;
use super::services::ChatServices;
use crate::answer::attachments::Attachments;
use crate::answer::vision;
use crate::config;
use crate::domain::document::{Document, DocumentId, Format, Origin};
use crate::domain::fault::Fault;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::extract::extracted::{Extracted, ExtractedPage, Failure};
use crate::extract::pool::Extractor;
use crate::i18n::files as text;
use crate::i18n::files::Reason;
use crate::ingest::{chunk, data_records};
use crate::llm::client::Llm;
use crate::llm::vision::Picture;
use crate::recipes::record::RecipeRecord;

/// Files that are downloaded and read concurrently.
const CONCURRENCY: usize = 2;
/// Media types of pictures that models and tesseract read, with their first bytes.
const PICTURES: [(&str, &[u8]); 4] = [
    ("image/png", b"\x89PNG"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/gif", b"GIF8"),
    ("image/webp", b"RIFF"),
];

/// Reads attached files.
#[derive(Clone)]
pub struct AttachmentReader {
    platform: Arc<dyn ChatPlatform>,
    extractor: Arc<Extractor>,
    /// The model that reads pictures.
    vision_model: Option<Llm>,
    chunk: config::sources::Chunk,
    /// Maximum number of files of one question.
    max_files: usize,
    /// Maximum size of one file, in megabytes.
    max_file_mb: u64,
}

/// The content of the attached files.
#[derive(Debug, Default)]
pub struct ReadAttachments {
    pub attached: Attachments,
    /// Notices for the person: which files were not read, and why.
    pub notices: Vec<String>,
}

/// The content of one file, and whether its text was recognised by OCR.
struct Content {
    passages: Vec<Passage>,
    recipes: Option<RecipeRecord>,
    is_recognised: bool,
}

impl AttachmentReader {
    /// # Errors
    /// The model that reads pictures cannot be set up.
    pub fn new(services: &ChatServices) -> anyhow::Result<Self> {
        let config = &services.config;
        Ok(Self {
            platform: Arc::clone(&services.platform),
            extractor: Arc::clone(&services.library.extractor),
            vision_model: Llm::vision(&config.llm)?,
            chunk: config.chunk.clone(),
            max_files: config.chat.max_files,
            max_file_mb: config.chat.max_file_mb,
        })
    }

    /// Reads the files, up to the configured number.
    #[tracing::instrument(name = "attachments", level = "info", skip_all)]
    pub async fn read(
        &self,
        attachments: &[Attachment],
        question: &str,
        language: Language,
    ) -> ReadAttachments {
        let reading: Vec<_> = attachments
            .iter()
            .take(self.max_files)
            .map(|file| self.file(file, question, language).boxed())
            .collect();
        let read: Vec<_> = futures::stream::iter(reading)
            .buffered(CONCURRENCY)
            .collect()
            .await;
        let left_out = std::iter::repeat_with(|| Err(Reason::TooMany(self.max_files)));
        let read = read.into_iter().chain(left_out);
        let mut all = ReadAttachments::default();
        let mut is_recognised = false;
        for (file, read) in attachments.iter().zip(read) {
            match read {
                Ok(content) => {
                    is_recognised |= content.is_recognised;
                    all.attached.passages.extend(content.passages);
                    all.attached.recipes.extend(content.recipes);
                }
                Err(reason) => {
                    tracing::info!(file = file.id, ?reason, "cannot read an attached file");
                    all.notices
                        .push(text::not_read(language, &file.name, &reason));
                }
            }
        }
        if is_recognised {
            all.notices.push(text::from_picture(language));
        }
        all
    }

    async fn file(
        &self,
        file: &Attachment,
        question: &str,
        language: Language,
    ) -> Result<Content, Reason> {
        if !may_be_read(file) {
            return Err(Reason::Kind);
        }
        let content = self.platform.download(file, self.max_file_mb).await?;
        if is_picture(file) {
            let (extracted, is_recognised) = self.picture(&content, question).await?;
            let document = document(file, language, extracted.format);
            return Ok(Content {
                passages: chunk::passages(&document, &extracted, &self.chunk),
                recipes: None,
                is_recognised,
            });
        }
        self.document(file, &content, language).await
    }

    async fn document(
        &self,
        file: &Attachment,
        content: &[u8],
        language: Language,
    ) -> Result<Content, Reason> {
        let cannot_write = |error: std::io::Error| {
            tracing::error!(%error, "cannot write an attached file to a temporary folder");
            Reason::Broken(Fault::NoRoom)
        };
        let failed = |failure: Failure| Reason::Broken(failure.into());
        // The file name determines the format, and the name of a recipe.
        let folder = tempfile::tempdir().map_err(cannot_write)?;
        let path = folder.path().join(name_of(file));
        tokio::fs::write(&path, content)
            .await
            .map_err(cannot_write)?;
        if let Some(imported) = self.extractor.import(&path).await.map_err(failed)? {
            let document = document(file, language, Format::Text);
            let (passages, recipes) = data_records::from_recipes(&document, imported);
            return Ok(Content {
                passages,
                recipes: Some(recipes),
                is_recognised: false,
            });
        }
        let extracted = self.extractor.extract(&path).await.map_err(failed)?;
        let document = document(file, language, extracted.format);
        Ok(Content {
            passages: chunk::passages(&document, &extracted, &self.chunk),
            recipes: None,
            is_recognised: extracted.pages.iter().any(|page| page.ocr),
        })
    }

    /// The description of a picture by a model, or else its text by OCR; true for OCR.
    async fn picture(&self, content: &[u8], question: &str) -> Result<(Extracted, bool), Reason> {
        let kind = PICTURES
            .iter()
            .find(|(_, begin)| content.starts_with(begin));
        let Some((kind, _)) = kind else {
            return Err(Reason::Kind);
        };
        if let Some(model) = &self.vision_model {
            let picture = Picture {
                media_type: kind,
                bytes: content,
            };
            match vision::describe(model, picture, question).await {
                Ok(seen) if !seen.is_empty() => return Ok((page(seen), false)),
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the model cannot describe a picture"),
            }
        }
        match self.extractor.read_picture(content).await {
            Ok(Some(words)) if words.chars().any(char::is_alphanumeric) => Ok((page(words), true)),
            Ok(Some(_)) => Err(Reason::NoWords),
            Ok(None) => Err(Reason::NoPictureReader),
            Err(failure) => Err(Reason::Broken(failure.into())),
        }
    }
}

/// The text of a picture as a document of one page.
fn page(text: String) -> Extracted {
    Extracted {
        title: None,
        number: None,
        revision: None,
        effective: None,
        format: Format::Text,
        pages: vec![ExtractedPage {
            page: None,
            text,
            headings: Vec::new(),
            // Models misread pictures, too.
            ocr: true,
        }],
        notes: Vec::new(),
    }
}

/// The file as a document that can be cited.
fn document(file: &Attachment, language: Language, format: Format) -> Document {
    Document {
        id: DocumentId(format!("attached{}", file.id.to_lowercase())),
        title: text::title(language, &file.name),
        number: None,
        revision: None,
        effective: None,
        superseded: false,
        source: String::new(),
        path: file.name.clone(),
        collection: String::new(),
        url: file.permalink.clone(),
        format,
        origin: Origin::Attachment,
    }
}

fn is_picture(file: &Attachment) -> bool {
    file.kind.starts_with("image/")
}

/// Returns true if the file can be read, so that it is downloaded.
fn may_be_read(file: &Attachment) -> bool {
    is_picture(file) || Format::from_path(Path::new(&name_of(file))).is_some()
}

/// A safe file name whose extension is that of the format.
fn name_of(file: &Attachment) -> String {
    let plain: String = file
        .name
        .chars()
        .map(|letter| match letter {
            '/' | '\\' | '\0' => '_',
            _ => letter,
        })
        .collect();
    let skip = plain.chars().count().saturating_sub(60);
    let plain: String = plain.chars().skip(skip).collect();
    let plain = plain.trim_start_matches('.').to_owned();
    // Logs and snippets are text under any name.
    if Format::from_path(Path::new(&plain)).is_none() && file.kind.starts_with("text/") {
        format!("{plain}.txt")
    } else {
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, kind: &str) -> Attachment {
        Attachment {
            id: "F1".to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            size: 1,
            url: String::new(),
            permalink: None,
            is_external: false,
        }
    }

    #[test]
    fn a_file_name_is_safe_and_has_the_extension_of_its_format() {
        for (name, kind, safe) in [
            (
                "../../etc/passwd.pdf",
                "application/pdf",
                "_.._etc_passwd.pdf",
            ),
            ("plc.log", "text/plain", "plc.log.txt"),
            ("퍼지 절차.docx", "", "퍼지 절차.docx"),
            ("run", "application/zip", "run"),
        ] {
            assert_eq!(name_of(&file(name, kind)), safe);
        }
        let long = name_of(&file(&format!("{}.xlsx", "x".repeat(400)), ""));
        assert!(long.len() <= 60 && Format::from_path(Path::new(&long)) == Some(Format::Sheet));
        assert!(!may_be_read(&file("run.zip", "application/zip")));
        assert!(may_be_read(&file("image.bin", "image/png")));
    }
}
