//! The protocol between the program and its worker processes: frames with a length prefix.

use std::io::{Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::limits::Limits;
use crate::extract::extracted::{Extracted, Failure};
use crate::extract::pdf::raw::Shard;
use crate::recipes::import::Imported;
use crate::recipes::import::table::ColumnMap;

/// Size limit of a frame, in bytes. A document's text at its limit takes less.
const MAX_FRAME_SIZE: u32 = 512 << 20;

/// The command line argument that starts the program as a worker process.
pub(super) const COMMAND: &str = "extract-worker";

/// The configuration of a worker process, passed as JSON in its second argument.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WorkerConfig {
    /// Expected path of the PDFium library.
    pub(super) pdfium: PathBuf,
    pub(super) limits: Limits,
    /// Column maps for tables of recipes.
    pub(super) maps: Vec<ColumnMap>,
    pub(super) memory_bytes: u64,
    pub(super) processor_seconds: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Request {
    Extract {
        file: PathBuf,
        /// PDFs are read with PDFium alone, because the built-in reader failed on this one.
        only_pdfium: bool,
    },
    /// Reads the recipes of a file that may contain some.
    Import { file: PathBuf },
    /// Finds the lines of a shard of a PDF.
    Find { file: PathBuf, shard: Shard },
    /// Assembles pages from lines; this many frames with the results of the shards follow.
    Assemble { shards: usize },
    Render {
        file: PathBuf,
        page: u32,
        quote: String,
        width: u32,
    },
    /// Draws a page for OCR.
    Scan {
        file: PathBuf,
        page: u32,
        /// In dots per inch.
        dpi: u32,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Response {
    Extracted(Extracted),
    /// `None` if the file contains something else.
    Imported(Option<Imported>),
    /// The lines follow as a frame, which the program passes on without decoding it.
    Found {
        has_text: bool,
    },
    /// The image follows as a frame.
    Rendered {
        marked: bool,
    },
    /// The page is blank.
    Blank,
    /// PDFium is not installed.
    NoRenderer,
    Failed(Failure),
}

impl Response {
    /// Whether a frame follows the response.
    pub(super) fn has_frame(&self) -> bool {
        matches!(self, Self::Found { .. } | Self::Rendered { .. })
    }
}

/// Encodes the length prefix of a frame.
pub(super) fn frame(bytes: &[u8]) -> anyhow::Result<[u8; 4]> {
    let length = u32::try_from(bytes.len())?;
    anyhow::ensure!(
        length <= MAX_FRAME_SIZE,
        "a frame of {length} bytes is too long"
    );
    Ok(length.to_le_bytes())
}

/// Decodes the length prefix of a frame, in bytes.
pub(super) fn length(head: [u8; 4]) -> anyhow::Result<usize> {
    let length = u32::from_le_bytes(head);
    anyhow::ensure!(
        length <= MAX_FRAME_SIZE,
        "a frame of {length} bytes is too long"
    );
    Ok(usize::try_from(length)?)
}

pub(super) fn write(to: &mut impl Write, bytes: &[u8]) -> anyhow::Result<()> {
    to.write_all(&frame(bytes)?)?;
    to.write_all(bytes)?;
    Ok(to.flush()?)
}

/// Reads the next frame; returns `None` at the end of the stream.
pub(super) fn read(from: &mut impl Read) -> anyhow::Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    match from.read_exact(&mut head) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut bytes = vec![0; length(head)?];
    from.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}
