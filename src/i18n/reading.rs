//! What is said of files that were not read, or not whole.

mod source;

use std::fmt;

use super::particle::{Particle, with};
use crate::domain::fault::Fault;
use crate::domain::inconsistency::{Inconsistency, PropertySource};
use crate::domain::language::Language;
use crate::domain::language::Language::{English, Korean};

pub use source::fault as source;

/// Why a file was not read, or what of it was not.
#[must_use]
pub fn fault(language: Language, fault: &Fault) -> String {
    let why = match language {
        Korean => korean(fault),
        English => english(fault),
    };
    let more = match fault {
        Fault::NoText(more) | Fault::OnlyImages(more) => more.as_slice(),
        _ => &[],
    };
    let more = more.iter().map(|more| self::fault(language, more));
    std::iter::once(why)
        .chain(more)
        .collect::<Vec<_>>()
        .join("; ")
}

/// What contradicts itself.
#[must_use]
pub fn inconsistency(language: Language, found: &Inconsistency) -> String {
    match (language, found) {
        (_, Inconsistency::Other(told)) => told.clone(),
        (
            Korean,
            Inconsistency::RevisionInName {
                named,
                place: at,
                stated,
            },
        ) => format!(
            "파일 이름에는 개정 {named}, {}에는 {} 적혀 있어 뒤의 것을 따랐습니다",
            place(Korean, *at),
            with(stated, Particle::To)
        ),
        (
            English,
            Inconsistency::RevisionInName {
                named,
                place: at,
                stated,
            },
        ) => format!(
            "its name says revision {named}, its {} says {stated}; the latter was followed",
            place(English, *at)
        ),
        (Korean, Inconsistency::ForeignWord { word, title }) => format!(
            "파일 이름에 있는 {} 말이 내용에 없습니다. 제목은 \"{title}\"입니다",
            with(&format!("\"{word}\""), Particle::Named)
        ),
        (English, Inconsistency::ForeignWord { word, title }) => format!(
            "its name speaks of \"{word}\", which stands nowhere in it; its title is \"{title}\""
        ),
        (Korean, Inconsistency::Dates { later, higher }) => {
            format!("개정 {later}의 날짜가 더 높은 개정 {higher}보다 늦어 날짜를 따랐습니다")
        }
        (English, Inconsistency::Dates { later, higher }) => format!(
            "revision {later} is dated after revision {higher}, which is higher; the date was followed"
        ),
        (Korean, Inconsistency::SameRevision { revision, title }) => {
            let claim = revision.as_ref().map_or_else(
                || "같은 날짜부터 시행되는 문서".to_owned(),
                |revision| format!("개정 {revision}"),
            );
            let claim = with(&claim, Particle::To);
            format!("서로 다른데 모두 \"{title}\"의 {claim} 되어 있어, 모두에서 답합니다")
        }
        (English, Inconsistency::SameRevision { revision, title }) => {
            let claim = revision.as_ref().map_or_else(
                || "to be in force from the same date".to_owned(),
                |revision| format!("to be revision {revision}"),
            );
            format!(
                "they differ, but all claim {claim} of \"{title}\"; all of them are answered from"
            )
        }
        (Korean, Inconsistency::SameContent { title }) => {
            format!("이름만 다르고 내용이 완전히 같은 파일입니다. 제목은 \"{title}\"입니다")
        }
        (English, Inconsistency::SameContent { title }) => {
            format!("they are the same file, byte for byte; its title is \"{title}\"")
        }
    }
}

fn place(language: Language, place: PropertySource) -> &'static str {
    let (korean, english) = match place {
        PropertySource::FrontMatter => ("문서 속성", "front matter"),
        PropertySource::Header => ("머리글", "header"),
        PropertySource::Footer => ("바닥글", "footer"),
        PropertySource::Body => ("앞쪽 본문", "first pages"),
        PropertySource::History => ("개정 이력", "revision history"),
        PropertySource::Name => ("이름", "name"),
    };
    match language {
        Korean => korean,
        English => english,
    }
}

impl fmt::Display for Inconsistency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&inconsistency(English, self))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&fault(English, self))
    }
}

fn korean(fault: &Fault) -> String {
    match fault {
        Fault::Empty => "빈 파일입니다".to_owned(),
        Fault::UnknownKind => "읽지 않는 종류의 파일입니다".to_owned(),
        Fault::Locked => "암호가 걸려 있습니다. 암호를 없앤 사본을 저장해 주십시오".to_owned(),
        Fault::LockedOrOld => {
            "암호가 걸려 있거나 예전 형식입니다. 암호 없이 현재 형식으로 저장해 주십시오".to_owned()
        }
        Fault::Encrypted => "지원하지 않는 방식으로 암호화되어 있습니다".to_owned(),
        Fault::Broken => "손상되었거나, 이름과 다른 종류의 파일입니다".to_owned(),
        Fault::NotPdf => "이름과 달리 PDF가 아닙니다".to_owned(),
        Fault::BrokenPdf => "손상되었습니다. PDF의 구조를 찾을 수 없습니다".to_owned(),
        Fault::TooLarge { mib, max_mib } => {
            format!("{mib} MiB로, 한도인 {max_mib} MiB보다 큽니다(extract.max_file_mb)")
        }
        Fault::TooManyFiles(count) => {
            format!("안에 파일이 {count}개 들어 있어 문서로 보기에는 너무 많습니다")
        }
        Fault::TooLargeUnpacked { mib, max_mib } => {
            format!("압축을 풀면 {mib} MiB로, 한도인 {max_mib} MiB보다 큽니다")
        }
        Fault::NotUnderstood(error) => format!("내용을 해석할 수 없습니다: {error}"),
        Fault::ReaderPanicked(message) => {
            format!("내용이 읽는 프로그램이 다룰 수 있는 범위를 넘습니다({message})")
        }
        Fault::TooSlow { seconds } => {
            format!("읽는 데 {seconds}초가 넘게 걸렸습니다(extract.timeout_s)")
        }
        Fault::ReaderDied { mib, how } => format!(
            "손상되었거나 읽는 프로그램을 멈추게 하는 파일이거나, {mib} MiB보다 많은 메모리가 필요합니다(extract.memory_mb): 읽는 프로세스가 {how} 상태로 끝났습니다"
        ),
        Fault::ReaderNotStarted { program, error } => {
            let program = with(program, Particle::Object);
            format!("읽는 프로세스 {program} 시작할 수 없습니다: {error}")
        }
        Fault::CannotBeOpened(error) => format!("열 수 없습니다: {error}"),
        Fault::NoRoom => "읽을 자리가 없습니다".to_owned(),
        Fault::NoPage(page) => format!("{page}쪽이 없습니다"),
        Fault::PageNotDrawn(error) => format!("쪽을 그릴 수 없습니다: {error}"),
        Fault::PageTooHigh => "쪽이 너무 길어 그림으로 만들 수 없습니다".to_owned(),
        Fault::RecognitionFailed(error) => format!("tesseract가 실패했습니다: {error}"),
        Fault::RecognitionTooSlow { seconds } => {
            format!("그림을 읽는 데 {seconds}초가 넘게 걸렸습니다(extract.timeout_s)")
        }
        Fault::PagesWithoutText(pages) => {
            format!("{pages}쪽에는 글자가 없습니다. 비어 있거나 스캔한 그림입니다")
        }
        Fault::OnlyCharacters(count) => format!("처음 {count}자만 읽었습니다"),
        Fault::OnlyPages { read, of } => format!("{of}쪽 가운데 처음 {read}쪽만 읽었습니다"),
        Fault::SectionsBroken(count) => format!("구역 {count}개가 손상되어 읽지 못했습니다"),
        Fault::NoRecognition => {
            "그림으로 된 쪽은 tesseract와 PDFium이 설치되어 있어야 읽습니다".to_owned()
        }
        Fault::OnlyImagesRead(count) => {
            format!("글자가 없는 쪽은 {count}쪽까지만 그림에서 읽었습니다(extract.ocr_pages)")
        }
        Fault::Recognised(pages) => {
            format!("{pages}쪽은 그림에서 읽어 잘못 읽은 글자가 있을 수 있습니다")
        }
        Fault::Line { number, reason } => format!("{number}행: {reason}"),
        Fault::NoText(_) => "글자가 없습니다".to_owned(),
        Fault::OnlyImages(_) => "글자가 없습니다. 모든 쪽이 스캔한 그림입니다".to_owned(),
        Fault::Source(fault) => source::fault(Korean, fault),
        Fault::Other(told) => told.clone(),
    }
}

fn english(fault: &Fault) -> String {
    match fault {
        Fault::Empty => "it is empty".to_owned(),
        Fault::UnknownKind => "files of this kind are not read".to_owned(),
        Fault::Locked => "it is locked with a password; save a copy without one".to_owned(),
        Fault::LockedOrOld => {
            "it is locked with a password, or an older format under a new name; save a copy without a password in the current format".to_owned()
        }
        Fault::Encrypted => "it is encrypted in a way that is not supported".to_owned(),
        Fault::Broken => "it is broken, or not the kind of file that its name says".to_owned(),
        Fault::NotPdf => "it is not a PDF, whatever its name says".to_owned(),
        Fault::BrokenPdf => {
            "it is broken: the structure of a PDF is not found in it".to_owned()
        }
        Fault::TooLarge { mib, max_mib } => {
            format!("it has {mib} MiB, more than the {max_mib} MiB that are read (extract.max_file_mb)")
        }
        Fault::TooManyFiles(count) => {
            format!("it holds {count} files, more than any document needs")
        }
        Fault::TooLargeUnpacked { mib, max_mib } => {
            format!("unpacked it would have {mib} MiB, more than the {max_mib} MiB that are read")
        }
        Fault::NotUnderstood(error) => format!("it cannot be understood: {error}"),
        Fault::ReaderPanicked(message) => {
            format!("its content is beyond what the reader understands ({message})")
        }
        Fault::TooSlow { seconds } => {
            format!("reading it took longer than {seconds} s (extract.timeout_s)")
        }
        Fault::ReaderDied { mib, how } => format!(
            "it is broken or made to break its reader, or needs more than {mib} MiB (extract.memory_mb): the reading process ended with {how}"
        ),
        Fault::ReaderNotStarted { program, error } => {
            format!("the reading process {program} cannot be started: {error}")
        }
        Fault::CannotBeOpened(error) => format!("it cannot be opened: {error}"),
        Fault::NoRoom => "there is no room to read it".to_owned(),
        Fault::NoPage(page) => format!("it has no page {page}"),
        Fault::PageNotDrawn(error) => format!("its page cannot be drawn: {error}"),
        Fault::PageTooHigh => "its page is too high for an image".to_owned(),
        Fault::RecognitionFailed(error) => format!("tesseract failed: {error}"),
        Fault::RecognitionTooSlow { seconds } => {
            format!("reading the image took longer than {seconds} s (extract.timeout_s)")
        }
        Fault::PagesWithoutText(pages) => {
            let hold = one_or_more(pages, "holds", "hold");
            format!("{hold} no text: blank, or an image such as a scan")
        }
        Fault::OnlyCharacters(count) => format!("only its first {count} characters were read"),
        Fault::OnlyPages { read, of } => {
            format!("only the first {read} of its {of} pages were read")
        }
        Fault::SectionsBroken(count) => {
            format!("{count} of its sections are broken and were not read")
        }
        Fault::NoRecognition => {
            "images of pages are read only where tesseract and PDFium are installed".to_owned()
        }
        Fault::OnlyImagesRead(count) => format!(
            "only {count} pages without text were read from their images (extract.ocr_pages)"
        ),
        Fault::Recognised(pages) => {
            let read = one_or_more(pages, "was read", "were read");
            format!("{read} from images, and may hold misread words")
        }
        Fault::Line { number, reason } => format!("line {number}: {reason}"),
        Fault::NoText(_) => "it holds no text: nothing is written in it".to_owned(),
        Fault::OnlyImages(_) => {
            "it holds no text: its pages are images without text, such as a scan".to_owned()
        }
        Fault::Source(fault) => source::fault(English, fault),
        Fault::Other(told) => told.clone(),
    }
}

/// Page 3 does something, or pages 3–5 do.
fn one_or_more(pages: &str, one: &str, more: &str) -> String {
    if pages.chars().all(|letter| letter.is_ascii_digit()) {
        format!("page {pages} {one}")
    } else {
        format!("pages {pages} {more}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::SourceFault;
    use crate::i18n::phrase::in_both;

    #[test]
    fn every_sentence_of_both_languages() {
        let faults = [
            Fault::Empty,
            Fault::UnknownKind,
            Fault::Locked,
            Fault::LockedOrOld,
            Fault::Encrypted,
            Fault::Broken,
            Fault::NotPdf,
            Fault::BrokenPdf,
            Fault::TooLarge {
                mib: 300,
                max_mib: 256,
            },
            Fault::TooManyFiles(50_000),
            Fault::TooLargeUnpacked {
                mib: 900,
                max_mib: 400,
            },
            Fault::NotUnderstood("no workbook".to_owned()),
            Fault::ReaderPanicked("index out of bounds".to_owned()),
            Fault::TooSlow { seconds: 120 },
            Fault::ReaderDied {
                mib: 1024,
                how: "signal: 9".to_owned(),
            },
            Fault::ReaderNotStarted {
                program: "/usr/bin/epibot".to_owned(),
                error: "no such file".to_owned(),
            },
            Fault::CannotBeOpened("permission denied".to_owned()),
            Fault::NoRoom,
            Fault::NoPage(9),
            Fault::PageNotDrawn("no memory".to_owned()),
            Fault::PageTooHigh,
            Fault::RecognitionFailed("no language".to_owned()),
            Fault::RecognitionTooSlow { seconds: 120 },
            Fault::NoText(Vec::new()),
            Fault::OnlyImages(vec![Fault::NoRecognition]),
            Fault::PagesWithoutText("3".to_owned()),
            Fault::PagesWithoutText("3, 5–7".to_owned()),
            Fault::OnlyCharacters(1_000_000),
            Fault::OnlyPages { read: 100, of: 120 },
            Fault::SectionsBroken(2),
            Fault::OnlyImagesRead(300),
            Fault::Recognised("4".to_owned()),
            Fault::Line {
                number: 12,
                reason: "unknown word".to_owned(),
            },
            Fault::Source(SourceFault::RedirectLoop),
            Fault::Other("task 7 was cancelled".to_owned()),
        ];
        let title = "HF Etch".to_owned();
        let inconsistencies = [
            Inconsistency::RevisionInName {
                named: "1.0".to_owned(),
                place: PropertySource::Footer,
                stated: "1.1".to_owned(),
            },
            Inconsistency::ForeignWord {
                word: "rca".to_owned(),
                title: title.clone(),
            },
            Inconsistency::Dates {
                later: "1".to_owned(),
                higher: "2".to_owned(),
            },
            Inconsistency::SameRevision {
                revision: Some("1.0".to_owned()),
                title: title.clone(),
            },
            Inconsistency::SameRevision {
                revision: None,
                title: title.clone(),
            },
            Inconsistency::SameContent { title },
        ];
        let said = in_both(|language| {
            let faults = faults.iter().map(|one| fault(language, one));
            let inconsistent = inconsistencies
                .iter()
                .map(|one| inconsistency(language, one));
            faults.chain(inconsistent).collect()
        });
        insta::assert_snapshot!(said);
    }
}
