//! Faults: what can be wrong with a file or a part of it.

mod source;

pub use source::SourceFault;

use serde::{Deserialize, Serialize};

/// Why a file, or a part of it, was not read. The sentences are in [`i18n::reading`](crate::i18n::reading).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    Empty,
    /// Files of its kind are not read.
    UnknownKind,
    /// It has a password.
    Locked,
    /// An office document with a password, or in a format from before 2007.
    LockedOrOld,
    /// Its encryption is not supported by the reader.
    Encrypted,
    /// It is damaged, or not of the kind that its name suggests.
    Broken,
    NotPdf,
    /// A PDF without its structure.
    BrokenPdf,
    TooLarge {
        mib: u64,
        #[serde(rename = "most")]
        max_mib: u64,
    },
    /// An archive of this many files.
    TooManyFiles(usize),
    /// An archive whose unpacked size exceeds the limit.
    TooLargeUnpacked {
        mib: u64,
        #[serde(rename = "most")]
        max_mib: u64,
    },
    /// Its reader reported this error.
    NotUnderstood(String),
    /// Its reader panicked with this message.
    #[serde(rename = "beyond_reader")]
    ReaderPanicked(String),
    TooSlow {
        seconds: u64,
    },
    /// The reading process ended in this way; with its memory limit.
    ReaderDied {
        mib: u64,
        how: String,
    },
    ReaderNotStarted {
        program: String,
        error: String,
    },
    CannotBeOpened(String),
    /// The disk is full, so it cannot be written for reading.
    NoRoom,
    NoPage(u32),
    PageNotDrawn(String),
    PageTooHigh,
    RecognitionFailed(String),
    RecognitionTooSlow {
        seconds: u64,
    },
    /// It contains no text; with further notes.
    NoText(Vec<Fault>),
    /// All its pages are images; with further notes.
    OnlyImages(Vec<Fault>),

    /// These pages contain no text.
    PagesWithoutText(String),
    OnlyCharacters(usize),
    OnlyPages {
        read: usize,
        of: usize,
    },
    SectionsBroken(usize),
    /// OCR is not installed.
    NoRecognition,
    /// Only this many images of pages were read.
    OnlyImagesRead(usize),
    /// These pages were read from images.
    Recognised(String),
    /// Lines of a recipe that were not understood.
    Line {
        number: u32,
        reason: String,
    },
    /// It could not be fetched from its source.
    Source(SourceFault),

    /// Any other message of the system or of a library, shown verbatim.
    #[serde(untagged)]
    Other(String),
}

impl Fault {
    /// Serializes to one line, which [`Self::from_line`] parses.
    #[must_use]
    pub fn to_line(&self) -> String {
        match self {
            Self::Other(message) => message.replace('\n', " "),
            fault => serde_json::to_string(fault).unwrap_or_default(),
        }
    }

    /// Parses a line of [`Self::to_line`]; any other text is kept verbatim.
    #[must_use]
    pub fn from_line(line: &str) -> Self {
        serde_json::from_str(line).unwrap_or_else(|_| Self::Other(line.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_fault_is_parsed_from_its_line() {
        for fault in [
            Fault::NoRoom,
            Fault::TooLarge {
                mib: 300,
                max_mib: 256,
            },
            Fault::OnlyImages(vec![Fault::NoRecognition, Fault::Other("x".to_owned())]),
            Fault::NotUnderstood("a \"quote\"\nand a line".to_owned()),
            Fault::Source(SourceFault::Robots),
            Fault::Source(SourceFault::NotFound { status: 404 }),
            Fault::Source(SourceFault::Unreachable("refused".to_owned())),
            Fault::Other("its address is not allowed".to_owned()),
        ] {
            let line = fault.to_line();
            assert!(!line.contains('\n'), "{line}");
            assert_eq!(Fault::from_line(&line), fault);
        }
    }

    #[test]
    fn a_line_of_an_earlier_version_without_a_kind_is_shown_verbatim() {
        let line = "the site's robots.txt asks robots to leave it alone";
        assert_eq!(Fault::from_line(line), Fault::Other(line.to_owned()));
    }

    proptest! {
        #[test]
        fn any_line_is_parsed_to_the_same_fault_again(
            line in "(\\{\"source\":|\\{\"line\":\\{)?\"?(robots|no_room|too_large|empty)?\"?\\}?\\PC{0,20}",
        ) {
            let fault = Fault::from_line(&line);
            prop_assert_eq!(Fault::from_line(&fault.to_line()), fault);
        }
    }
}
