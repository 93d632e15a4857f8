//! Keeps reading processes, gives them one file at a time, and replaces those that fail.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;

use super::limits::Limits;
use super::ocr::{self, Tesseract};
use super::pdf::{Found, Part};
use super::protocol::{self, Request, Response, Setting};
use super::{Extracted, Failure, PageImage};
use crate::config::Config;
use crate::corpus::pdfium;
use crate::domain::{Format, Language};
use crate::recipe::import::table::ColumnMap;
use crate::recipe::import::{Imported, may_hold_recipes};

/// Smaller PDFs are read by one process, in bytes: opening them several times would cost more than it saves.
const LARGE: u64 = 256 << 10;
/// A document is opened anew for each part.
const MOST_PARTS: usize = 8;

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
    idle: Mutex<Vec<Worker>>,
    tesseract: Option<Tesseract>,
    ocr_pages: usize,
}

#[derive(Debug)]
struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    /// Time it has spent on files. Its processor time is limited, so it is replaced in time.
    busy: Duration,
}

/// A response, and the image where it announces one.
type Answer = Result<(Response, Vec<u8>), Fault>;

/// Why a request got no response.
enum Fault {
    Start(std::io::Error),
    Slow,
    /// How the process ended, as the system tells it.
    Died(String),
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
            pdfium: pdfium::location(config),
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

    /// Whether PDFs are read and rendered by PDFium.
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
            extracted.notes.push(
                "images of pages are read only where tesseract and PDFium are installed".to_owned(),
            );
            return;
        };
        if pages.len() > self.pool.ocr_pages {
            extracted.notes.push(format!(
                "only {} pages without text were read from their images (extract.ocr_pages)",
                self.pool.ocr_pages
            ));
            pages.truncate(self.pool.ocr_pages);
        }
        let read = pages
            .into_iter()
            .map(async |page| (page, self.read_image(&tesseract, file, page).await));
        let read: Vec<(u32, Result<String, Failure>)> = futures::stream::iter(read)
            .buffered(self.pool.workers)
            .collect()
            .await;
        let (mut done, mut faults) = (Vec::new(), BTreeSet::new());
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
                (Err(failure), _) => {
                    faults.insert(failure.to_string());
                }
                _ => {}
            }
        }
        if !done.is_empty() {
            let pages = if done.len() == 1 { "page" } else { "pages" };
            let note = "read from images, and may hold misread words";
            extracted
                .notes
                .push(format!("{pages} {} {note}", super::ranges(&done)));
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
        let request = |without_pdfium| Request::Extract {
            file: file.to_owned(),
            without_pdfium,
        };
        let is_pdf = file
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("pdf"));
        let mut retried = false;
        let mut answer = match self.in_parts(file, is_pdf).await {
            Some(answer) => answer,
            None => self.ask(&request(false)).await,
        };
        if is_pdf && self.has_pdfium() && matches!(answer, Err(Fault::Died(_))) {
            retried = true;
            answer = self.ask(&request(true)).await;
        }
        match answer {
            Ok((Response::Extracted(mut extracted), _)) => {
                if retried {
                    let note = "PDFium crashed on it; it was read by the built-in reader, which may lose word spaces";
                    extracted.notes.push(note.to_owned());
                }
                Ok(extracted)
            }
            other => Err(self.failure(other)),
        }
    }

    /// Reads a large PDF with all processes at once, since PDFium uses one processor. None where that is of no use or
    /// fails; then it is read whole, which also finds out why.
    async fn in_parts(&self, file: &Path, is_pdf: bool) -> Option<Answer> {
        if !is_pdf || !self.has_pdfium() || self.pool.workers < 2 {
            return None;
        }
        let size = tokio::fs::metadata(file).await.ok()?.len();
        if size < LARGE || size > self.pool.setting.limits.file_bytes {
            return None;
        }
        let of = self.pool.workers.min(MOST_PARTS);
        let parts = (0..of).map(|index| async move {
            let request = Request::Find {
                file: file.to_owned(),
                part: Part { index, of },
            };
            self.ask(&request).await
        });
        let mut whole: Option<Found> = None;
        for answer in futures::future::join_all(parts).await {
            match (answer, &mut whole) {
                (Ok((Response::Found(found), _)), Some(whole)) => whole.append(found),
                (Ok((Response::Found(found), _)), None) => whole = Some(found),
                // Reading it whole would take even longer.
                (Err(Fault::Slow), _) => return Some(Err(Fault::Slow)),
                _ => return None,
            }
        }
        let whole = whole.filter(Found::has_text)?;
        self.ask(&Request::Assemble(whole)).await.ok().map(Ok)
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
        let _place = self.pool.places.acquire().await;
        let free = self.pool.idle().pop();
        let mut worker = match free {
            Some(worker) => worker,
            None => self.pool.start().map_err(Fault::Start)?,
        };
        let begin = Instant::now();
        // Dropping the worker kills its process, here as well as when the caller gives up.
        let answer = match tokio::time::timeout(self.pool.timeout, worker.ask(request)).await {
            Err(_) => return Err(Fault::Slow),
            Ok(Err(_)) => return Err(Fault::Died(worker.ending().await)),
            Ok(Ok(answer)) => answer,
        };
        worker.busy += begin.elapsed();
        if worker.busy < self.pool.timeout {
            self.pool.idle().push(worker);
        }
        Ok(answer)
    }

    fn failure(&self, answer: Answer) -> Failure {
        let setting = &self.pool.setting;
        match answer {
            Ok((Response::Failed(failure), _)) => failure,
            Ok(_) => Failure::Elsewhere("the reading process answered another question".to_owned()),
            Err(Fault::Start(error)) => Failure::Elsewhere(format!(
                "the reading process {} cannot be started: {error}",
                self.pool.program.display()
            )),
            Err(Fault::Slow) => Failure::File(format!(
                "reading it took longer than {} s (extract.timeout_s)",
                self.pool.timeout.as_secs()
            )),
            Err(Fault::Died(how)) => Failure::File(format!(
                "it is broken or made to break its reader, or needs more than {} MiB (extract.memory_mb): the reading process ended with {how}",
                setting.memory_bytes >> 20
            )),
        }
    }
}

impl Pool {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self) -> std::io::Result<Worker> {
        let setting = serde_json::to_string(&self.setting)?;
        let mut child = Command::new(&self.program)
            .args([protocol::COMMAND, &setting])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let missing = || std::io::Error::other("it has no pipes");
        Ok(Worker {
            input: child.stdin.take().ok_or_else(missing)?,
            output: child.stdout.take().ok_or_else(missing)?,
            child,
            busy: Duration::ZERO,
        })
    }
}

impl Worker {
    async fn ask(&mut self, request: &Request) -> anyhow::Result<(Response, Vec<u8>)> {
        let request = serde_json::to_vec(request)?;
        self.input.write_all(&protocol::frame(&request)?).await?;
        self.input.write_all(&request).await?;
        self.input.flush().await?;
        let response: Response = serde_json::from_slice(&self.frame().await?)?;
        let image = match response {
            Response::Rendered { .. } => self.frame().await?,
            _ => Vec::new(),
        };
        Ok((response, image))
    }

    async fn frame(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut head = [0; 4];
        self.output.read_exact(&mut head).await?;
        let mut bytes = vec![0; protocol::length(head)?];
        self.output.read_exact(&mut bytes).await?;
        Ok(bytes)
    }

    async fn ending(&mut self) -> String {
        // It may still run where it wrote something that is no response.
        if self.child.start_kill().is_err() {
            return "an unknown state".to_owned();
        }
        match self.child.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }
}
