//! `epibot documents`: lists indexed documents, and explains why a file is not indexed.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use serde_json::{Value, json};

use crate::app::services::Services;
use crate::app::storage::Storage;
use crate::config::settings::Config;
use crate::domain::passage::Passage;
use crate::extract::properties::Stated;
use crate::ingest::catalog::{CatalogEntry, DocumentState};
use crate::ingest::{file_status, source, sync};

use super::output::Output;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the documents
    List {
        /// Only those of this source
        #[arg(long, value_name = "NAME")]
        source: Option<String>,
        /// Only those that cannot be read
        #[arg(long)]
        failed: bool,
        /// Only those of which a later revision is in force
        #[arg(long)]
        superseded: bool,
    },
    /// Show everything that is known of one document
    Show {
        /// Its path on disk, within its source, or the end of it
        path: PathBuf,
        /// Show its passages too, as they are read from it
        #[arg(long)]
        passages: bool,
    },
    /// Tell why a file is answered from, or why it is not
    Why {
        /// Its path on disk, within its source, or the end of it
        path: PathBuf,
    },
}

pub(super) async fn run(
    config: &Config,
    command: Command,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let catalog = Storage::open(config).await?.catalog().await?;
    let mut entries = catalog.entries().await?;
    entries.sort_by(|one, other| (&one.source, &one.path).cmp(&(&other.source, &other.path)));
    match command {
        Command::List {
            source,
            failed,
            superseded,
        } => {
            entries.retain(|entry| {
                source.as_ref().is_none_or(|source| entry.source == *source)
                    && (!failed || matches!(entry.state, DocumentState::Failed(_)))
                    && (!superseded || entry.superseded_by.is_some())
            });
            for entry in &entries {
                output.line(line(entry));
            }
            let documents: Vec<Value> = entries.iter().map(document).collect();
            output.document(&documents)?;
        }
        Command::Show { path, passages } => {
            let Some(entry) = file_status::find(&entries, &path) else {
                bail!(
                    "no document is known by {}; `epibot documents why {}` tells why",
                    path.display(),
                    path.display()
                );
            };
            show(entry, &entries, output);
            let mut shown = document(entry);
            if passages {
                let mut config = config.clone();
                if config.sources.is_empty() {
                    config.sources = source::from_catalog(&entries);
                }
                let app = Services::open(&config).await?;
                let passages = sync::passages(app.sync_context(&config), entry).await?;
                for passage in &passages {
                    output.line(self::passage(passage));
                }
                shown["text"] = json!(passages.iter().map(passage_document).collect::<Vec<_>>());
            }
            output.document(&shown)?;
        }
        Command::Why { path } => {
            let reasons = file_status::explain(config, &entries, &path);
            for reason in &reasons {
                output.line(reason);
            }
            output.document(&json!({ "path": path, "reasons": reasons }))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn line(entry: &CatalogEntry) -> String {
    let state = match &entry.state {
        DocumentState::Read if entry.superseded_by.is_some() => "superseded",
        DocumentState::Read => "read",
        DocumentState::Pending => "pending",
        DocumentState::Failed(_) => "failed",
    };
    let revision = entry.revision.as_ref().map_or("-", |stated| &stated.value);
    let what = match &entry.state {
        DocumentState::Failed(fault) => fault.to_string(),
        _ => entry.title.clone(),
    };
    format!(
        "{state:<10} {revision:<6} {:>5} pages {:>6} passages  {}/{}  {what}",
        entry.pages, entry.passages, entry.source, entry.path
    )
}

fn show(entry: &CatalogEntry, all: &[CatalogEntry], output: Output) {
    let property = |stated: &Option<Stated>| match stated {
        Some(stated) => format!("{} (read in: {})", stated.value, place(stated)),
        None => "none found".to_owned(),
    };
    let state = match &entry.state {
        DocumentState::Read => "read".to_owned(),
        DocumentState::Pending => "pending: it is about to be read".to_owned(),
        DocumentState::Failed(fault) => format!("failed: {fault}"),
    };
    let at = jiff::Timestamp::from_millisecond(entry.indexed_at).unwrap_or_default();
    let mut lines = vec![
        ("title", entry.title.clone()),
        ("source", format!("{}/{}", entry.source, entry.path)),
        ("collection", entry.collection.clone()),
        ("file", entry.file.display().to_string()),
        ("size", format!("{} bytes", entry.size)),
        ("sha256", entry.sha256.clone()),
        ("state", state),
        ("number", property(&entry.number)),
        ("revision", property(&entry.revision)),
        ("effective", property(&entry.effective)),
        ("pages", entry.pages.to_string()),
        ("passages", entry.passages.to_string()),
        ("read at", at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()),
    ];
    if let Some(newer) = &entry.superseded_by {
        let newer = all.iter().find(|other| other.id == *newer);
        let name = newer.map_or("a document that is gone", |newer| &newer.path);
        lines.push(("superseded by", name.to_owned()));
    }
    lines.extend(entry.notes.iter().map(|note| ("note", note.to_string())));
    lines.extend(
        entry
            .inconsistencies
            .iter()
            .map(|found| ("doubt", found.to_string())),
    );
    for (name, value) in lines {
        output.line(format!("{name:>13}  {value}"));
    }
}

/// A passage below a line with its number, page and headings.
fn passage(passage: &Passage) -> String {
    let page = passage.page.as_ref().map(|page| match &page.label {
        Some(label) => format!("page {} ({label}) · ", page.number),
        None => format!("page {} · ", page.number),
    });
    let from_image = if passage.ocr {
        " · read from an image"
    } else {
        ""
    };
    format!(
        "\n[{}] {}{}{from_image}\n{}",
        passage.ordinal + 1,
        page.unwrap_or_default(),
        passage.headings.join(" › "),
        passage.text
    )
}

fn passage_document(passage: &Passage) -> Value {
    json!({
        "id": passage.id,
        "page": passage.page,
        "headings": passage.headings,
        "ocr": passage.ocr,
        "text": passage.text,
    })
}

fn place(stated: &Stated) -> String {
    stated.place.name().replace('_', " ")
}

fn document(entry: &CatalogEntry) -> Value {
    let (state, reason) = match &entry.state {
        DocumentState::Read => ("read", None),
        DocumentState::Pending => ("pending", None),
        DocumentState::Failed(fault) => ("failed", Some(fault.to_string())),
    };
    json!({
        "id": entry.id,
        "source": entry.source,
        "path": entry.path,
        "collection": entry.collection,
        "file": Path::new(&entry.file),
        "size": entry.size,
        "sha256": entry.sha256,
        "state": state,
        "reason": reason,
        "title": entry.title,
        "number": entry.number,
        "revision": entry.revision,
        "effective": entry.effective,
        "superseded_by": entry.superseded_by,
        "pages": entry.pages,
        "passages": entry.passages,
        "notes": entry.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "doubts": entry.inconsistencies.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "indexed_at_ms": entry.indexed_at,
    })
}
