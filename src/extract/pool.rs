//! A pool of worker processes, each given one file at a time and replaced if it fails.

mod process;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use self::process::{Answer, NoResponse, WorkerProcess};
use super::limits::Limits;
use super::ocr::{self, Tesseract};
use super::protocol::{Request, Response, WorkerConfig};
use crate::config::settings::Config;
use crate::domain::document::Format;
use crate::domain::fault::Fault;
use crate::domain::language::Language;
use crate::extract::extracted::{Extracted, Failure, PageImage};
use crate::extract::pdf::raw::Shard;
use crate::extract::pdfium_install;
use crate::recipes::import::table::ColumnMap;
use crate::recipes::import::{Imported, may_hold_recipes};

/// Size from which a PDF is read by several processes, in bytes. Opening a smaller one several times costs more than it
/// saves.
const MIN_SIZE_FOR_SHARDS: u64 = 256 << 10;
/// Shards of a document, which is opened again for each of them.
const MAX_SHARDS: usize = 8;

/// Reads documents in child processes of the program itself. Cheap to clone; clones share the processes.
///
/// A process is started when a file waits and none is idle, up to `extract.workers` of them.
#[derive(Clone, Debug)]
pub struct Extractor {
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    program: PathBuf,
    setting: WorkerConfig,
    workers: usize,
    timeout: Duration,
    permits: Semaphore,
    idle: Mutex<Vec<WorkerProcess>>,
    tesseract: Option<Tesseract>,
    ocr_pages: usize,
}

impl Extractor {
    /// `program` is epibot's own executable.
    #[must_use]
    pub fn new(program: PathBuf, config: &Config) -> Self {
        let timeout = Duration::from_secs(config.extract.timeout_s);
        let workers = match config.extract.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            some => some,
        };
        let setting = WorkerConfig {
            pdfium: pdfium_install::library_path(config),
            limits: Limits::new(config.extract.max_file_mb),
            // The maps were read once when the configuration was checked.
            maps: ColumnMap::load(&config.recipes.maps).unwrap_or_default(),
            memory_bytes: config.extract.memory_mb << 20,
            // A process is replaced once it was busy for one time limit, and its last file may take another.
            processor_seconds: config.extract.timeout_s.saturating_mul(2) + 1,
        };
        Self {
            pool: Arc::new(Pool {
                program,
                setting,
                workers,
                timeout,
                permits: Semaphore::new(workers),
                idle: Mutex::default(),
                tesseract: Tesseract::find(&config.extract),
                ocr_pages: config.extract.ocr_pages,
            }),
        }
    }

    /// Returns how many files are read in parallel.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.pool.workers
    }

    /// Whether pages of PDFs can be rendered, which requires PDFium.
    #[must_use]
    pub fn has_pdfium(&self) -> bool {
        self.pool.setting.pdfium.is_file()
    }

    /// Whether page images can be read with OCR.
    #[must_use]
    pub fn has_ocr(&self) -> bool {
        self.pool.tesseract.is_some() && self.has_pdfium()
    }

    /// Reads a document.
    ///
    /// # Errors
    /// If it cannot be read; the failure gives the reason.
    pub async fn extract(&self, file: &Path) -> Result<Extracted, Failure> {
        self.extract_in(file, None).await
    }

    /// Reads a document that is probably in this language.
    ///
    /// # Errors
    /// As [`Self::extract`].
    pub async fn extract_in(
        &self,
        file: &Path,
        language: Option<Language>,
    ) -> Result<Extracted, Failure> {
        let mut extracted = self.read(file).await?;
        if extracted.format == Format::Pdf {
            self.read_images(file, language, &mut extracted).await;
        }
        extracted.require_text()
    }

    /// Reads the pages of a PDF without text with OCR.
    async fn read_images(
        &self,
        file: &Path,
        language: Option<Language>,
        extracted: &mut Extracted,
    ) {
        let mut pages = extracted.unread();
        if pages.is_empty() {
            return;
        }
        let tesseract = self.pool.tesseract.as_ref();
        let tesseract = tesseract.map(|tesseract| tesseract.in_language(language));
        let Some(tesseract) = tesseract.filter(|_| self.has_pdfium()) else {
            extracted.notes.push(Fault::NoRecognition);
            return;
        };
        if pages.len() > self.pool.ocr_pages {
            let note = Fault::OnlyImagesRead(self.pool.ocr_pages);
            extracted.notes.push(note);
            pages.truncate(self.pool.ocr_pages);
        }
        let read = pages
            .into_iter()
            .map(async |page| (page, self.read_image(&tesseract, file, page).await));
        let read: Vec<(u32, Result<String, Failure>)> = futures::stream::iter(read)
            .buffered(self.pool.workers)
            .collect()
            .await;
        let (mut read_pages, mut faults) = (Vec::new(), Vec::new());
        for (number, result) in read {
            let page = extracted
                .pages
                .iter_mut()
                .find(|page| page.page.as_ref().is_some_and(|page| page.number == number));
            match (result, page) {
                (Ok(text), Some(page)) if !text.is_empty() => {
                    page.text = text;
                    page.ocr = true;
                    read_pages.push(number);
                }
                (Err(Failure::File(fault) | Failure::Environment(fault)), _)
                    if !faults.contains(&fault) =>
                {
                    faults.push(fault);
                }
                _ => {}
            }
        }
        if !read_pages.is_empty() {
            let note = Fault::Recognised(crate::extract::extracted::ranges(&read_pages));
            extracted.notes.push(note);
        }
        extracted.notes.extend(faults);
        ocr::add_properties(extracted);
    }

    async fn read_image(
        &self,
        tesseract: &Tesseract,
        file: &Path,
        page: u32,
    ) -> Result<String, Failure> {
        let request = Request::Scan {
            file: file.to_owned(),
            page,
            dpi: ocr::DPI,
        };
        match self.ask(&request).await {
            Ok((Response::Rendered { .. }, png)) => {
                let _permit = self.pool.permits.acquire().await;
                tesseract
                    .read(&self.pool.program, &png, self.pool.timeout)
                    .await
            }
            Ok((Response::Blank | Response::NoRenderer, _)) => Ok(String::new()),
            other => Err(self.failure(other)),
        }
    }

    /// Recognizes the text of a picture in any format that tesseract reads; returns `None` if it is not installed.
    ///
    /// # Errors
    /// If it is not a picture, or too large.
    pub async fn read_picture(&self, picture: &[u8]) -> Result<Option<String>, Failure> {
        let Some(tesseract) = &self.pool.tesseract else {
            return Ok(None);
        };
        let _permit = self.pool.permits.acquire().await;
        tesseract
            .read(&self.pool.program, picture, self.pool.timeout)
            .await
            .map(Some)
    }

    async fn read(&self, file: &Path) -> Result<Extracted, Failure> {
        let request = |only_pdfium| Request::Extract {
            file: file.to_owned(),
            only_pdfium,
        };
        let is_pdf = file
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("pdf"));
        let mut answer = match self.in_shards(file, is_pdf).await {
            Some(answer) => answer,
            None => self.ask(&request(false)).await,
        };
        let gave_up = matches!(
            answer,
            Err(NoResponse::Died(_))
                | Ok((Response::Failed(Failure::File(Fault::ReaderPanicked(_))), _))
        );
        if is_pdf && self.has_pdfium() && gave_up {
            answer = self.ask(&request(true)).await;
        }
        match answer {
            Ok((Response::Extracted(extracted), _)) => Ok(extracted),
            other => Err(self.failure(other)),
        }
    }

    /// Reads a large PDF with all processes in parallel. Returns `None` if that does not help or fails; it is then read as
    /// a whole, which also gives the reason.
    async fn in_shards(&self, file: &Path, is_pdf: bool) -> Option<Answer> {
        if !is_pdf || self.pool.workers < 2 {
            return None;
        }
        let size = tokio::fs::metadata(file).await.ok()?.len();
        if size < MIN_SIZE_FOR_SHARDS || size > self.pool.setting.limits.file_bytes {
            return None;
        }
        let of = self.pool.workers.min(MAX_SHARDS);
        let shards = (0..of).map(|index| async move {
            let request = Request::Find {
                file: file.to_owned(),
                shard: Shard { index, of },
            };
            self.ask(&request).await
        });
        let (mut has_any, mut found) = (false, Vec::new());
        for answer in futures::future::join_all(shards).await {
            match answer {
                Ok((Response::Found { has_text }, shard)) => {
                    has_any |= has_text;
                    found.push(shard);
                }
                // Reading it as a whole would take even longer.
                Err(NoResponse::TimedOut) => return Some(Err(NoResponse::TimedOut)),
                _ => return None,
            }
        }
        if !has_any {
            return None;
        }
        let request = Request::Assemble { shards: of };
        self.ask_with(&request, &found).await.ok().map(Ok)
    }

    /// Renders a page, `width` pixels wide, with the words of `quote` marked. Returns `None` without PDFium.
    ///
    /// # Errors
    /// If the file or the page cannot be read.
    pub async fn render(
        &self,
        file: &Path,
        page: u32,
        quote: &str,
        width: u32,
    ) -> Result<Option<PageImage>, Failure> {
        if !self.has_pdfium() {
            return Ok(None);
        }
        let request = Request::Render {
            file: file.to_owned(),
            page,
            quote: quote.to_owned(),
            width,
        };
        match self.ask(&request).await {
            Ok((Response::Rendered { marked }, png)) => Ok(Some(PageImage { png, marked })),
            Ok((Response::NoRenderer, _)) => Ok(None),
            other => Err(self.failure(other)),
        }
    }

    /// Reads the recipes of a file; returns `None` if it contains something else.
    ///
    /// # Errors
    /// If it cannot be read; the failure gives the reason.
    pub async fn import(&self, file: &Path) -> Result<Option<Imported>, Failure> {
        if !may_hold_recipes(file) {
            return Ok(None);
        }
        let request = Request::Import {
            file: file.to_owned(),
        };
        match self.ask(&request).await {
            Ok((Response::Imported(imported), _)) => Ok(imported),
            other => Err(self.failure(other)),
        }
    }

    /// Stops the idle processes.
    pub fn stop_idle(&self) {
        self.pool.idle().clear();
    }

    async fn ask(&self, request: &Request) -> Answer {
        self.ask_with(request, &[]).await
    }

    /// Sends a request followed by frames.
    async fn ask_with(&self, request: &Request, frames: &[Vec<u8>]) -> Answer {
        let _permit = self.pool.permits.acquire().await;
        let free = self.pool.idle().pop();
        let mut reader = match free {
            Some(reader) => reader,
            None => self.pool.start().map_err(NoResponse::NotStarted)?,
        };
        let begin = Instant::now();
        // Dropping the process handle kills the process, here and when the caller gives up.
        let response = reader.ask(request, frames);
        let answer = match tokio::time::timeout(self.pool.timeout, response).await {
            Err(_) => return Err(NoResponse::TimedOut),
            Ok(Err(_)) => return Err(NoResponse::Died(reader.ending().await)),
            Ok(Ok(answer)) => answer,
        };
        reader.busy += begin.elapsed();
        if reader.busy < self.pool.timeout {
            self.pool.idle().push(reader);
        }
        Ok(answer)
    }

    fn failure(&self, answer: Answer) -> Failure {
        let setting = &self.pool.setting;
        match answer {
            Ok((Response::Failed(failure), _)) => failure,
            Ok(_) => {
                let error = "the reading process answered another question";
                Failure::Environment(Fault::Other(error.to_owned()))
            }
            Err(NoResponse::NotStarted(error)) => Failure::Environment(Fault::ReaderNotStarted {
                program: self.pool.program.display().to_string(),
                error: error.to_string(),
            }),
            Err(NoResponse::TimedOut) => Failure::File(Fault::TooSlow {
                seconds: self.pool.timeout.as_secs(),
            }),
            Err(NoResponse::Died(how)) => Failure::File(Fault::ReaderDied {
                mib: setting.memory_bytes >> 20,
                how,
            }),
        }
    }
}

impl Pool {
    fn idle(&self) -> parking_lot::MutexGuard<'_, Vec<WorkerProcess>> {
        self.idle.lock()
    }

    fn start(&self) -> std::io::Result<WorkerProcess> {
        let setting = serde_json::to_string(&self.setting)?;
        WorkerProcess::start(&self.program, &setting)
    }
}
