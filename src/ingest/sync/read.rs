//! From one file to its passages.

use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::plan::Task;
use super::{Parts, doubts};
use crate::domain::document::{Document, Origin};
use crate::domain::doubt::{Doubt, Place};
use crate::domain::fault::Fault;
use crate::domain::passage::Passage;
use crate::extract::extracted::{Extracted, Failure};
use crate::extract::properties::Stated;
use crate::extract::properties::in_name;
use crate::ingest::catalog::{Entry, State};
use crate::ingest::chunk;
use crate::ingest::records;
use crate::recipes::import::Imported;
use crate::recipes::model::Noted;
use crate::recipes::record::Record;

/// What came of a file.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Its content is as before.
    Same,
    /// Its content is as before, and still cannot be read.
    SameFailure(Fault),
    /// Its content is new, and was not read because nothing is to be done.
    Differs,
    Read {
        entry: Box<Entry>,
        passages: Vec<Passage>,
        /// Its recipes and alarms, where it has some.
        record: Option<Box<Record>>,
    },
    /// It cannot be read.
    Failed { entry: Box<Entry>, fault: Fault },
    /// It was not read, and nothing new is known of it.
    Elsewhere(Fault),
}

/// Reads a file, if it is not as before.
pub(super) async fn read(parts: Parts<'_>, task: &Task, dry_run: bool) -> Outcome {
    let file = task.file.file.clone();
    let sha256 = match tokio::task::spawn_blocking(move || hash(&file)).await {
        Ok(Ok(sha256)) => sha256,
        Ok(Err(error)) => return Outcome::Elsewhere(Fault::CannotBeOpened(error.to_string())),
        Err(error) => return Outcome::Elsewhere(Fault::Told(error.to_string())),
    };
    if let Some(known) = &task.known
        && !task.again
        && known.sha256 == sha256
    {
        return match &known.state {
            State::Failed(fault) => Outcome::SameFailure(fault.clone()),
            _ => Outcome::Same,
        };
    }
    if dry_run {
        return Outcome::Differs;
    }
    let now = parts.clock.now().as_millisecond();
    let entry = Entry {
        sha256,
        indexed_at: now,
        ..task.pending()
    };
    let imported = match parts.extractor.import(&task.file.file).await {
        Ok(Some(imported)) => return shelve(task, entry, imported),
        Ok(None) => {
            let language = task.source.language();
            parts.extractor.extract_in(&task.file.file, language).await
        }
        Err(failure) => Err(failure),
    };
    match imported {
        Ok(mut extracted) => {
            let doubts = complete(task.name(), &mut extracted);
            cut(parts, task, Entry { doubts, ..entry }, extracted).await
        }
        Err(Failure::File(fault)) => {
            let state = State::Failed(fault.clone());
            Outcome::Failed {
                entry: Box::new(Entry { state, ..entry }),
                fault,
            }
        }
        Err(Failure::Elsewhere(fault)) => Outcome::Elsewhere(fault),
    }
}

async fn cut(parts: Parts<'_>, task: &Task, entry: Entry, extracted: Extracted) -> Outcome {
    let document = document(task, &extracted);
    let config = parts.config.chunk.clone();
    let entry = Entry {
        state: State::Read,
        title: document.title.clone(),
        number: extracted.number.clone(),
        revision: extracted.revision.clone(),
        effective: extracted.effective.clone(),
        pages: u32::try_from(extracted.pages.len()).unwrap_or(u32::MAX),
        notes: extracted.notes.clone(),
        ..entry
    };
    let cut = tokio::task::spawn_blocking(move || {
        let passages = chunk::passages(&document, &extracted, &config);
        let record = records::of_tables(&document, &extracted, &passages);
        (passages, record.map(Box::new))
    });
    match cut.await {
        Ok((passages, record)) => {
            let count = u32::try_from(passages.len()).unwrap_or(u32::MAX);
            Outcome::Read {
                entry: Box::new(Entry {
                    passages: count,
                    ..entry
                }),
                passages,
                record,
            }
        }
        Err(error) => Outcome::Elsewhere(Fault::Told(error.to_string())),
    }
}

/// Takes from the file's name what the document does not say itself. Returns what does not fit together.
fn complete(name: &str, extracted: &mut Extracted) -> Vec<Doubt> {
    let doubts = doubts::of(name, extracted);
    let named = in_name(name);
    extracted.number = extracted.number.take().or(named.number);
    extracted.revision = extracted.revision.take().or(named.revision);
    extracted.effective = extracted.effective.take().or(named.effective);
    doubts
}

/// Makes a file of recipes into one passage for each step and a record of all of it.
fn shelve(task: &Task, entry: Entry, imported: Imported) -> Outcome {
    // A file of several recipes has no revision of its own.
    let only = Some(&imported.recipes)
        .filter(|recipes| recipes.len() == 1)
        .and_then(|recipes| recipes.first());
    let said = |noted: &Option<Noted>| noted.as_ref().map(|noted| noted.text.clone());
    let revision = only.and_then(|recipe| said(&recipe.header.revision));
    let effective = only
        .and_then(|recipe| said(&recipe.header.effective))
        .filter(|date| date.parse::<jiff::civil::Date>().is_ok());
    // Revisions of a recipe bear one name, whatever their files are called.
    let number = revision.as_ref().and(only).map(|recipe| recipe.id.clone());
    let stated = |value: &Option<String>| {
        value.clone().map(|value| Stated {
            value,
            place: Place::FrontMatter,
        })
    };
    let notes = imported
        .recipes
        .iter()
        .flat_map(|recipe| &recipe.losses)
        .map(|loss| Fault::Line {
            number: loss.lines.0,
            reason: loss.reason.clone(),
        })
        .collect();
    let entry = Entry {
        number: stated(&number),
        revision: stated(&revision),
        effective: stated(&effective),
        ..entry
    };
    let document = Document {
        number,
        revision,
        effective,
        ..blank(task, task.name().to_owned())
    };
    let (passages, record) = records::of_recipes(&document, imported);
    Outcome::Read {
        entry: Box::new(Entry {
            state: State::Read,
            title: document.title.clone(),
            pages: 1,
            passages: u32::try_from(passages.len()).unwrap_or(u32::MAX),
            notes,
            ..entry
        }),
        passages,
        record: Some(Box::new(record)),
    }
}

fn document(task: &Task, extracted: &Extracted) -> Document {
    let value = |stated: &Option<Stated>| stated.as_ref().map(|stated| stated.value.clone());
    Document {
        number: value(&extracted.number),
        revision: value(&extracted.revision),
        effective: value(&extracted.effective),
        format: extracted.format,
        ..blank(
            task,
            extracted
                .title
                .clone()
                .unwrap_or_else(|| task.name().to_owned()),
        )
    }
}

/// A document that says nothing of itself but its title.
fn blank(task: &Task, title: String) -> Document {
    Document {
        id: task.file.id.clone(),
        title,
        number: None,
        revision: None,
        effective: None,
        superseded: task.superseded_by.is_some(),
        source: task.source.name.clone(),
        path: task.file.path.clone(),
        collection: task.source.collection.clone(),
        url: task
            .source
            .url
            .as_deref()
            .map(|url| address(url, &task.file.path))
            .or_else(|| task.file.address.clone()),
        format: task.file.format,
        origin: Origin::Corpus,
    }
}

/// The address of a document, with its path filled in; the page is filled in where it is cited.
fn address(url: &str, path: &str) -> String {
    let mut escaped = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.extend(["%".to_owned(), hex::encode_upper([byte])]);
        }
    }
    url.replace("{path}", &escaped)
}

fn hash(file: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(file)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(digest.finalize())),
            length => digest.update(&buffer[..length]),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_in_an_address_is_escaped() {
        assert_eq!(
            address("https://dms/{path}#page={page}", "매뉴얼/a b.pdf"),
            "https://dms/%EB%A7%A4%EB%89%B4%EC%96%BC/a%20b.pdf#page={page}"
        );
    }

    proptest! {
        #[test]
        fn an_escaped_path_is_read_back_as_it_was(path in "\\PC{0,30}(/\\PC{0,9}){0,3}") {
            let address = address("https://dms/{path}", &path);
            let escaped = address.strip_prefix("https://dms/").unwrap();
            prop_assert!(escaped.bytes().all(|byte| byte.is_ascii_graphic()), "{}", escaped);
            let mut bytes = Vec::new();
            let mut letters = escaped.bytes();
            while let Some(letter) = letters.next() {
                bytes.push(match letter {
                    b'%' => {
                        let digits = [letters.next().unwrap(), letters.next().unwrap()];
                        hex::decode(digits).unwrap()[0]
                    }
                    letter => letter,
                });
            }
            prop_assert_eq!(String::from_utf8(bytes).unwrap(), path);
        }
    }
}
