//! The worker process: answers one request after another until its input ends.

use std::io::{Read, stdin, stdout};
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Context;

use super::pdf::Readers;
use super::protocol::{self, Request, Response, WorkerConfig};
use super::{formats, pdf, sandbox};
use crate::domain::fault::Fault;
use crate::extract::extracted::Failure;
use crate::extract::pdf::pdfium::Library;
use crate::extract::pdf::raw::RawPdf;
use crate::extract::pdf::render;

/// Runs a worker process, which talks to the program that started it over standard input and output. `setting` is its
/// configuration from the command line.
///
/// # Errors
/// If the program did not start this process itself, or the connection to it is lost.
pub fn main(setting: &str) -> anyhow::Result<()> {
    let setting: WorkerConfig =
        serde_json::from_str(setting).context("this command is for epibot itself to start")?;
    sandbox::restrict(setting.memory_bytes, setting.processor_seconds)
        .context("the limits of the reading process cannot be set")?;
    // A panic is answered as a failure; its message must not reach the terminal.
    std::panic::set_hook(Box::new(|_| {}));
    let library = Library::at(&setting.pdfium);
    let (mut from, mut to) = (stdin().lock(), stdout().lock());
    while let Some(request) = protocol::read(&mut from)? {
        let request: Request = serde_json::from_slice(&request)?;
        let (response, frame) = match request {
            Request::Assemble { shards } => (assemble(&mut from, shards, &setting)?, None),
            request => answer(&request, &setting, &library),
        };
        protocol::write(&mut to, &serde_json::to_vec(&response)?)?;
        if let Some(frame) = frame {
            protocol::write(&mut to, &frame)?;
        }
    }
    Ok(())
}

/// Assembles a document's pages from its shards, which follow as frames.
fn assemble(
    from: &mut impl Read,
    shards: usize,
    setting: &WorkerConfig,
) -> anyhow::Result<Response> {
    let mut whole: Option<RawPdf> = None;
    for _ in 0..shards {
        let frame = protocol::read(from)?.context("a shard of the document is missing")?;
        let shard: RawPdf = serde_json::from_slice(&frame)?;
        match &mut whole {
            Some(whole) => whole.append(shard),
            None => whole = Some(shard),
        }
    }
    let whole = whole.unwrap_or_default();
    let (response, _) = catch_panic(|| {
        let assembled = pdf::assemble(whole);
        let extracted = formats::finish(assembled, &setting.limits);
        (Response::Extracted(extracted), None)
    });
    Ok(response)
}

fn answer(
    request: &Request,
    setting: &WorkerConfig,
    library: &Library,
) -> (Response, Option<Vec<u8>>) {
    catch_panic(|| match request {
        Request::Extract { file, only_pdfium } => {
            let readers = Readers {
                builtin: !only_pdfium,
                pdfium: library,
            };
            match formats::read(file, readers, &setting.limits, &setting.maps) {
                Ok(extracted) => (Response::Extracted(extracted), None),
                Err(failure) => failed(failure),
            }
        }
        Request::Import { file } => match formats::import(file, &setting.limits, &setting.maps) {
            Ok(imported) => (Response::Imported(imported), None),
            Err(failure) => failed(failure),
        },
        Request::Find { file, shard } => {
            match formats::find_pdf_lines(file, &setting.limits, *shard) {
                Ok(found) => match serde_json::to_vec(&found) {
                    Ok(frame) => {
                        let has_text = found.has_text();
                        (Response::Found { has_text }, Some(frame))
                    }
                    Err(error) => failed(Failure::Environment(Fault::Other(error.to_string()))),
                },
                Err(failure) => failed(failure),
            }
        }
        // It is answered where its frames are read.
        Request::Assemble { .. } => failed(Failure::Environment(Fault::Other(
            "its shards are missing".to_owned(),
        ))),
        Request::Scan { file, page, dpi } => match library.get() {
            None => (Response::NoRenderer, None),
            Some(pdfium) => match render::scan(pdfium, file, *page, *dpi) {
                Ok(Some(png)) => (Response::Rendered { marked: false }, Some(png)),
                Ok(None) => (Response::Blank, None),
                Err(failure) => failed(failure),
            },
        },
        Request::Render {
            file,
            page,
            quote,
            width,
        } => match library.get() {
            None => (Response::NoRenderer, None),
            Some(pdfium) => match render::render(pdfium, file, *page, quote, *width) {
                Ok(image) => (
                    Response::Rendered {
                        marked: image.marked,
                    },
                    Some(image.png),
                ),
                Err(failure) => failed(failure),
            },
        },
    })
}

/// Runs `work` and returns its response, or a failure if it panics.
fn catch_panic(work: impl FnOnce() -> (Response, Option<Vec<u8>>)) -> (Response, Option<Vec<u8>>) {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("without a message");
        failed(Failure::File(Fault::ReaderPanicked(message.to_owned())))
    })
}

fn failed(failure: Failure) -> (Response, Option<Vec<u8>>) {
    (Response::Failed(failure), None)
}
