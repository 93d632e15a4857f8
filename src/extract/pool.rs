//! Keeps reading processes, gives them one file at a time, and replaces those that fail.

mod reader;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::StreamExt;
use tokio::sync::Semaphore;

use self::reader::{Answer, Reader, Silence};
use super::limits::Limits;
use super::ocr::{self, Tesseract};
use super::protocol::{Request, Response, Setting};
use crate::config::settings::Config;
use crate::domain::document::Format;
use crate::domain::fault::Fault;
use crate::domain::language::Language;
use crate::extract::extracted::{Extracted, Failure, PageImage};
use crate::extract::pdf::raw::Shard;
use crate::extract::pdfium_install;
use crate::recipes::import::table::ColumnMap;
use crate::recipes::import::{Imported, may_hold_recipes};

/// Smaller PDFs are read by one process, in bytes: opening them several times would cost more than it saves.
const LARGE: u64 = 256 << 10;
/// A document is opened again for each shard.
const MAX_SHARDS: usize = 8;

/// Reads documents in child processes of the program itself. Cloning gives another handle to the same processes.
///
/// A process is started when a file waits and none is free, up to `extract.workers` of them.
#[derive(Clone, Debug)]
pub struct Extractor {
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    program: PathBuf,
    setting: Setting,
    workers: usize,
    timeout: Duration,
    places: Semaphore,
    idle: Mutex<Vec<Reader>>,
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
        let setting = Setting {
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
                places: Semaphore::new(workers),
                idle: Mutex::default(),
                tesseract: Tesseract::find(&config.extract),
                ocr_pages: config.extract.ocr_pages,
            }),
        }
    }

    /// How many files are read side by side.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.pool.workers
    }

    /// Whether pages of PDFs are drawn, which PDFium does.
    #[must_use]
    pub fn has_pdfium(&self) -> bool {
        self.pool.setting.pdfium.is_file()
    }

    /// Whether the words of page images are read by tesseract.
    #[must_use]
    pub fn has_ocr(&self) -> bool {
        self.pool.tesseract.is_some() && self.has_pdfium()
    }

    /// Reads a document.
    ///
    /// # Errors
    /// It cannot be read; the failure says why in words for the person who keeps the documents.
    pub async fn extract(&self, file: &Path) -> Result<Extracted, Failure> {
        self.extract_in(file, None).await
    }

    /// Reads a document that is likely in this language.
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
        extracted.settled()
    }

    /// Reads the pages of a PDF that have no text from their images.
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
        let (mut done, mut faults) = (Vec::new(), Vec::new());
        for (number, result) in read {
            let page = extracted
                .pages
                .iter_mut()
                .find(|page| page.page.as_ref().is_some_and(|page| page.number == number));
            match (result, page) {
                (Ok(text), Some(page)) if !text.is_empty() => {
                    page.text = text;
                    page.ocr = true;
                    done.push(number);
                }
                (Err(Failure::File(fault) | Failure::Environment(fault)), _)
                    if !faults.contains(&fault) =>
                {
                    faults.push(fault);
                }
                _ => {}
            }
        }
        if !done.is_empty() {
            let note = Fault::Recognised(crate::extract::extracted::ranges(&done));
            extracted.notes.push(note);
        }
        extracted.notes.extend(faults);
        ocr::describe(extracted);
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
                let _place = self.pool.places.acquire().await;
                tesseract
                    .read(&self.pool.program, &png, self.pool.timeout)
                    .await
            }
            Ok((Response::Blank | Response::NoRenderer, _)) => Ok(String::new()),
            other => Err(self.failure(other)),
        }
    }

    /// The words of a picture in any format that tesseract reads; None where it is not installed.
    ///
    /// # Errors
    /// It is no picture, or too large a one.
    pub async fn read_picture(&self, picture: &[u8]) -> Result<Option<String>, Failure> {
        let Some(tesseract) = &self.pool.tesseract else {
            return Ok(None);
        };
        let _place = self.pool.places.acquire().await;
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
            Err(Silence::Died(_))
                | Ok((Response::Failed(Failure::File(Fault::BeyondReader(_))), _))
        );
        if is_pdf && self.has_pdfium() && gave_up {
            answer = self.ask(&request(true)).await;
        }
        match answer {
            Ok((Response::Extracted(extracted), _)) => Ok(extracted),
            other => Err(self.failure(other)),
        }
    }

    /// Reads a large PDF with all processes at once, since each uses one processor. None where that is of no use or
    /// fails; then it is read whole, which also finds out why.
    async fn in_shards(&self, file: &Path, is_pdf: bool) -> Option<Answer> {
        if !is_pdf || self.pool.workers < 2 {
            return None;
        }
        let size = tokio::fs::metadata(file).await.ok()?.len();
        if size < LARGE || size > self.pool.setting.limits.file_bytes {
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
                // Reading it whole would take even longer.
                Err(Silence::Slow) => return Some(Err(Silence::Slow)),
                _ => return None,
            }
        }
        if !has_any {
            return None;
        }
        let request = Request::Assemble { shards: of };
        self.ask_with(&request, &found).await.ok().map(Ok)
    }

    /// Renders a page, `width` pixels wide, with the words of `quote` marked. None without PDFium.
    ///
    /// # Errors
    /// The file or the page cannot be read.
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

    /// Reads the recipes of a file; none where it holds something else.
    ///
    /// # Errors
    /// It cannot be read; the failure says why in words for the person who keeps the documents.
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

    /// Ends the processes that have nothing to do.
    pub fn rest(&self) {
        self.pool.idle().clear();
    }

    async fn ask(&self, request: &Request) -> Answer {
        self.ask_with(request, &[]).await
    }

    /// Asks with frames that follow the request.
    async fn ask_with(&self, request: &Request, frames: &[Vec<u8>]) -> Answer {
        let _place = self.pool.places.acquire().await;
        let free = self.pool.idle().pop();
        let mut reader = match free {
            Some(reader) => reader,
            None => self.pool.start().map_err(Silence::Start)?,
        };
        let begin = Instant::now();
        // Dropping the reader kills its process, here as well as when the caller gives up.
        let asked = reader.ask(request, frames);
        let answer = match tokio::time::timeout(self.pool.timeout, asked).await {
            Err(_) => return Err(Silence::Slow),
            Ok(Err(_)) => return Err(Silence::Died(reader.ending().await)),
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
                let told = "the reading process answered another question";
                Failure::Environment(Fault::Told(told.to_owned()))
            }
            Err(Silence::Start(error)) => Failure::Environment(Fault::ReaderNotStarted {
                program: self.pool.program.display().to_string(),
                error: error.to_string(),
            }),
            Err(Silence::Slow) => Failure::File(Fault::TooSlow {
                seconds: self.pool.timeout.as_secs(),
            }),
            Err(Silence::Died(how)) => Failure::File(Fault::ReaderDied {
                mib: setting.memory_bytes >> 20,
                how,
            }),
        }
    }
}

impl Pool {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self) -> std::io::Result<Reader> {
        let setting = serde_json::to_string(&self.setting)?;
        Reader::start(&self.program, &setting)
    }
}
