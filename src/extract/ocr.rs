//! OCR of page images with tesseract, if it is installed.
//!
//! A page is rendered by a worker process. Tesseract gets the image through a pipe, under resource limits that the program
//! sets on itself before it executes tesseract.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;

use super::properties;
use super::sandbox;
use crate::config;
use crate::config::settings::Config;
use crate::domain::fault::Fault;
use crate::domain::inconsistency::PropertySource;
use crate::domain::language::Language;
use crate::extract::extracted::{Extracted, Failure};

/// The command line argument that makes the program execute tesseract.
pub(super) const COMMAND: &str = "ocr-worker";

/// Resolution of rendered pages, in dots per inch. Tesseract is made for 300, but reads Korean print better at 200.
pub(super) const DPI: u32 = 200;

/// Memory limit, in bytes. An A4 page at that resolution takes a tenth of it; the Korean and English models take most.
const MEMORY_LIMIT: u64 = 1 << 30;

/// Settings of tesseract, passed as JSON in the second argument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tesseract {
    program: PathBuf,
    /// Languages, in tesseract's notation: `kor+eng`.
    languages: String,
    processor_seconds: u64,
}

impl Tesseract {
    /// Returns the configured program; `None` if it is switched off or not installed.
    pub(super) fn find(config: &config::sources::Extract) -> Option<Self> {
        if config.ocr_languages.is_empty() {
            return None;
        }
        let program = on_path(&config.tesseract)?;
        Some(Self {
            program,
            languages: config.ocr_languages.clone(),
            processor_seconds: config.timeout_s + 1,
        })
    }

    /// Selects the languages for a document. Korean documents are full of English words, but English ones contain no
    /// Korean: trying it as well takes twice the time and finds Hangul in stains.
    pub(super) fn in_language(&self, language: Option<Language>) -> Self {
        let configured: Vec<&str> = self.languages.split('+').collect();
        let (korean, others): (Vec<&str>, Vec<&str>) =
            configured.iter().partition(|name| name.starts_with("kor"));
        let chosen = match language {
            Some(Language::English) if !others.is_empty() => others,
            Some(Language::Korean) => [korean, others].concat(),
            _ => configured,
        };
        Self {
            languages: chosen.join("+"),
            ..self.clone()
        }
    }

    /// Recognizes the text of a PNG image. `program` is epibot's own executable.
    pub(super) async fn read(
        &self,
        program: &Path,
        png: &[u8],
        timeout: Duration,
    ) -> Result<String, Failure> {
        let elsewhere = |error: String| Failure::Environment(Fault::RecognitionFailed(error));
        let run = async {
            let mut child = tokio::process::Command::new(program)
                .arg(COMMAND)
                .arg(serde_json::to_string(self)?)
                .env_clear()
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .kill_on_drop(true)
                .spawn()?;
            let mut input = child.stdin.take().context("it has no input")?;
            let write = async move {
                // If it ends before it has read everything, its own message gives the reason.
                let _ = input.write_all(png).await;
            };
            let ((), output) = futures::future::join(write, child.wait_with_output()).await;
            anyhow::Ok(output?)
        };
        match tokio::time::timeout(timeout, run).await {
            Err(_) => Err(Failure::File(Fault::RecognitionTooSlow {
                seconds: timeout.as_secs(),
            })),
            Ok(Err(error)) => Err(elsewhere(error.to_string())),
            Ok(Ok(output)) if output.status.success() => {
                Ok(normalize(&String::from_utf8_lossy(&output.stdout)))
            }
            Ok(Ok(output)) => {
                let message = String::from_utf8_lossy(&output.stderr);
                let first = message.lines().find(|line| !line.trim().is_empty());
                Err(elsewhere(
                    first.map_or_else(|| output.status.to_string(), str::to_owned),
                ))
            }
        }
    }
}

/// Returns the OCR languages; `None` if scanned pages are not read.
#[must_use]
pub fn setting(config: &Config) -> Option<String> {
    Tesseract::find(&config.extract).map(|tesseract| tesseract.languages)
}

/// Finds the properties of a scanned document in its recognized text.
pub(super) fn add_properties(extracted: &mut Extracted) {
    let front = extracted.pages.iter().take(2);
    let lines: Vec<&str> = front.flat_map(|page| page.text.lines()).collect();
    let all = extracted.pages.iter().flat_map(|page| page.text.lines());
    let found = properties::in_lines(&lines, PropertySource::Body).or(properties::in_history(all));
    extracted.number = extracted.number.take().or(found.number);
    extracted.revision = extracted.revision.take().or(found.revision);
    extracted.effective = extracted.effective.take().or(found.effective);
}

/// Replaces the process with tesseract, which reads an image from standard input.
///
/// # Errors
/// If the program did not start this process itself, or tesseract cannot be started.
pub fn become_tesseract(setting: &str) -> anyhow::Result<std::convert::Infallible> {
    let setting: Tesseract =
        serde_json::from_str(setting).context("this command is for epibot itself to start")?;
    sandbox::restrict(MEMORY_LIMIT, setting.processor_seconds)
        .context("the limits of tesseract cannot be set")?;
    let error = std::process::Command::new(&setting.program)
        .args(["stdin", "stdout", "--psm", "4", "--dpi"])
        .arg(DPI.to_string())
        .args(["-l", &setting.languages])
        // Pages are read in parallel already.
        .env("OMP_THREAD_LIMIT", "1")
        .exec();
    Err(error).with_context(|| format!("{} cannot be started", setting.program.display()))
}

/// Returns the path of a program, given by its path or found in a folder of `PATH`.
fn on_path(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return program.is_file().then(|| program.to_owned());
    }
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Removes the form feed at a page's end, trailing spaces and repeated empty lines.
fn normalize(text: &str) -> String {
    let mut tidy = String::new();
    let mut blank = 0;
    for line in text.replace('\u{C}', "").lines() {
        let line = line.trim_end();
        blank = if line.is_empty() { blank + 1 } else { 0 };
        if blank <= 1 {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_becomes_paragraphs() {
        assert_eq!(
            normalize("\n가스 \nline\n\n\n\nnext\n\u{C}"),
            "가스\nline\n\nnext"
        );
    }

    #[test]
    fn a_hint_decides_which_of_the_configured_languages_are_tried() {
        let tesseract = Tesseract {
            program: "tesseract".into(),
            languages: "eng+kor".to_owned(),
            processor_seconds: 1,
        };
        for (hint, tried) in [
            (None, "eng+kor"),
            (Some(Language::Korean), "kor+eng"),
            (Some(Language::English), "eng"),
        ] {
            assert_eq!(tesseract.in_language(hint).languages, tried);
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_not_found() {
        assert_eq!(on_path(Path::new("no-such-tesseract")), None);
        assert_eq!(on_path(Path::new("/no/such/tesseract")), None);
        assert!(on_path(Path::new("sh")).is_some());
    }
}
