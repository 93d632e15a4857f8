//! The reading process: takes one request after another until its input ends.

use std::io::{stdin, stdout};
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Context;
use rlimit::Resource;

use super::pdfium::Library;
use super::protocol::{self, Request, Response, Setting};
use super::{Failure, pdf, read, render};

/// Its own library, a document, and what a parser needs beside.
const OPEN_FILES: u64 = 64;

/// Runs a reading process, which talks to the program that started it over its standard input and output. The
/// setting is what that program gave it on the command line.
///
/// # Errors
/// It was not started by the program itself, or the program is gone.
pub fn main(setting: &str) -> anyhow::Result<()> {
    let setting: Setting =
        serde_json::from_str(setting).context("this command is for epibot itself to start")?;
    confine(setting.memory_bytes, setting.processor_seconds)
        .context("the limits of the reading process cannot be set")?;
    // A panic is answered as a failure; its message must not reach the terminal.
    std::panic::set_hook(Box::new(|_| {}));
    let library = Library::at(&setting.pdfium);
    let (mut from, mut to) = (stdin().lock(), stdout().lock());
    while let Some(request) = protocol::read(&mut from)? {
        let request: Request = serde_json::from_slice(&request)?;
        let (response, image) = answer(&request, &setting, &library);
        protocol::write(&mut to, &serde_json::to_vec(&response)?)?;
        if let Some(image) = image {
            protocol::write(&mut to, &image)?;
        }
    }
    Ok(())
}

fn answer(request: &Request, setting: &Setting, library: &Library) -> (Response, Option<Vec<u8>>) {
    let answered = catch_unwind(AssertUnwindSafe(|| match request {
        Request::Extract {
            file,
            without_pdfium,
        } => {
            let pdfium = if *without_pdfium { None } else { library.get() };
            match read::read(file, pdfium, &setting.limits, &setting.maps) {
                Ok(extracted) => (Response::Extracted(extracted), None),
                Err(failure) => (Response::Failed(failure), None),
            }
        }
        Request::Import { file } => match read::import(file, &setting.limits, &setting.maps) {
            Ok(imported) => (Response::Imported(imported), None),
            Err(failure) => (Response::Failed(failure), None),
        },
        Request::Find { file, part } => match library.get() {
            None => (Response::NoRenderer, None),
            Some(pdfium) => match read::find(file, pdfium, &setting.limits, *part) {
                Ok(found) => (Response::Found(found), None),
                Err(failure) => (Response::Failed(failure), None),
            },
        },
        Request::Assemble(found) => {
            let assembled = pdf::assemble(found.clone(), Vec::new());
            let extracted = read::finish(assembled, &setting.limits);
            (Response::Extracted(extracted), None)
        }
        Request::Scan { file, page } => match library.get() {
            None => (Response::NoRenderer, None),
            Some(pdfium) => match render::scan(pdfium, file, *page) {
                Ok(Some(png)) => (Response::Rendered { marked: false }, Some(png)),
                Ok(None) => (Response::Blank, None),
                Err(failure) => (Response::Failed(failure), None),
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
                Err(failure) => (Response::Failed(failure), None),
            },
        },
    }));
    answered.unwrap_or_else(|panic| {
        let said = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("without a message");
        let reason = format!("its content is beyond what the reader understands ({said})");
        (Response::Failed(Failure::File(reason)), None)
    })
}

/// Sets what the process may take. It reads hostile files, so it gets no more than it needs.
pub(super) fn confine(memory_bytes: u64, processor_seconds: u64) -> std::io::Result<()> {
    let set = |resource: Resource, most: u64| {
        let (_, hard) = resource.get()?;
        let most = most.min(hard);
        resource.set(most, most)
    };
    set(Resource::AS, memory_bytes)?;
    set(Resource::CPU, processor_seconds)?;
    set(Resource::CORE, 0)?;
    set(Resource::NOFILE, OPEN_FILES)?;
    set(Resource::FSIZE, 0)
}
