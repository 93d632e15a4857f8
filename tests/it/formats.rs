//! Every kind of file that a fab has, read by the real reading processes.

use std::io::Write;
use std::path::{Path, PathBuf};

use epibot::config::load::load_from;
use epibot::config::settings::Config;
use epibot::extract::extracted::Extracted;
use epibot::extract::pool::Extractor;

use crate::support::Requirement;
use crate::support::{documents, program, shared};

fn config() -> Config {
    let mut config = load_from(None, Some(std::collections::HashMap::new())).unwrap();
    if let Some(pdfium) = std::env::var_os("EPIBOT_PDFIUM") {
        config.extract.pdfium = pdfium.into();
    }
    config
}

async fn read(file: &Path) -> Extracted {
    let extractor = Extractor::new(program(), &config());
    match extractor.extract(file).await {
        Ok(extracted) => extracted,
        Err(failure) => panic!("{}: {failure}", file.display()),
    }
}

async fn text(file: &Path) -> String {
    let pages = read(file).await.pages.into_iter().map(|page| page.text);
    pages.collect::<Vec<_>>().join("\n")
}

fn titles(extracted: &Extracted) -> Vec<&str> {
    let headings = extracted.pages.iter().flat_map(|page| &page.headings);
    headings.map(|heading| heading.title.as_str()).collect()
}

#[tokio::test]
async fn a_word_document_has_its_headings_numbered_tables_and_footer() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("purge.docx");
    std::fs::write(&file, documents::docx()).unwrap();
    let read = read(&file).await;
    assert_eq!(titles(&read), ["1 Purging", "1.1 Limits"]);
    assert_eq!(read.revision.as_ref().unwrap().value, "C");
    assert_eq!(read.effective.as_ref().unwrap().value, "2025-05-22");
    let text = &read.pages[0].text;
    assert!(text.contains("퍼지는 세 번 반복한다."), "{text}");
    assert!(
        text.contains("| Gas | Flow |\n|---|---|\n| NH3 | 20 slm |"),
        "{text}"
    );
    assert!(!text.contains("deleted"), "{text}");
}

#[tokio::test]
async fn a_spreadsheet_is_cited_by_sheet_and_range() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alarms.xlsx");
    std::fs::write(&file, documents::xlsx()).unwrap();
    let read = read(&file).await;
    assert_eq!(titles(&read), ["Alarms", "Alarms!A2:B3"]);
    let text = &read.pages[0].text;
    assert!(text.contains("| E-1042 | Overtemperature |"), "{text}");
}

#[tokio::test]
async fn slides_are_pages() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("training.pptx");
    std::fs::write(&file, documents::pptx()).unwrap();
    let read = read(&file).await;
    let pages: Vec<u32> = read
        .pages
        .iter()
        .map(|page| page.page.as_ref().unwrap().number)
        .collect();
    assert_eq!(pages, [1, 2]);
    assert!(
        read.pages[1].text.contains("Close V1 first."),
        "{:?}",
        read.pages[1]
    );
}

#[tokio::test]
async fn office_files_of_others_are_read() {
    let Some(shared) = shared() else { return };
    let office = shared.join("corpus/office");
    for (name, words) in [
        ("cp949.txt", "펲시콜라 똠방각하"),
        ("utf16le.txt", "안녕"),
        ("utf16le_nobom.txt", "안녕"),
        ("powerpoint_sample.pptx", "|"),
        ("ko_dart.docx", "감사보고서"),
        ("word_tables.docx", "|"),
        ("docx_rich_cells.docx", "|"),
        ("annual_report.hwp", "나눔글꼴"),
        ("form_002.hwpx", "| 품목번호 |"),
        ("public_official_table.hwpx", "행정안전부"),
    ] {
        let text = text(&office.join(name)).await;
        assert!(text.contains(words), "{name}: {text:.300}");
    }
    let numbered = read(&office.join("unit_test_headers_numbered.docx")).await;
    let numbers = titles(&numbered)
        .into_iter()
        .filter(|title| title.starts_with("2 "));
    assert_eq!(numbers.count(), 1, "{:?}", titles(&numbered));
    // Its paragraphs have numbers and no words.
    let extractor = Extractor::new(program(), &config());
    let empty = extractor.extract(&office.join("outline.hwp")).await;
    assert!(empty.unwrap_err().to_string().contains("holds no text"));
}

/// Four files with the same Korean sentence, in the encodings of before Unicode and in two of Unicode's.
#[tokio::test]
async fn korean_in_older_encodings_is_read_without_pdfium() {
    let Some(shared) = shared() else { return };
    let mut config = config();
    config.extract.pdfium = PathBuf::from("/nowhere/libpdfium.so");
    let extractor = Extractor::new(program(), &config);
    for encoding in ["KSC-EUC-H", "KSCms-UHC-H", "UniKS-UCS2-H", "UniKS-UTF16-H"] {
        let file = shared.join(format!("corpus/pdf/kocmap_{encoding}.pdf"));
        let read = extractor.extract(&file).await.unwrap();
        let text = &read.pages[0].text;
        assert!(
            text.contains("대한민국 헌법 제1조") && text.contains("모든 국민은 법 앞에 평등하다."),
            "{encoding}: {text}"
        );
        assert_eq!(read.notes, []);
    }
}

/// A page of Korean text is drawn, put into a PDF as an image, and read from there.
#[tokio::test]
async fn the_words_of_a_scanned_page_are_read_by_ocr() {
    let extractor = Extractor::new(program(), &config());
    if !extractor.has_ocr() {
        Requirement::PDFIUM.skip();
        return Requirement::TESSERACT.skip();
    }
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/documents");
    let original = samples.join("hx7-operation-sop-ko.pdf");
    let page = 4;
    let printed = &read(&original).await.pages[page - 1].text;
    let image = extractor
        .render(&original, u32::try_from(page).unwrap(), "", 1654)
        .await
        .unwrap()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let scan = folder.path().join("scan.pdf");
    let mut file = std::fs::File::create(&scan).unwrap();
    file.write_all(&documents::scan(&image.png)).unwrap();
    let read = extractor.extract(&scan).await.unwrap();
    assert!(read.pages[0].ocr);
    assert!(
        read.notes
            .iter()
            .any(|note| note.to_string().contains("read from images")),
        "{:?}",
        read.notes
    );
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|letter: char| !letter.is_alphanumeric());
        words
            .filter(|word| word.chars().count() > 1)
            .map(str::to_owned)
            .collect()
    };
    let scanned = words(&read.pages[0].text);
    let wanted = words(printed);
    let found = wanted.iter().filter(|word| scanned.contains(word)).count();
    assert!(
        found * 10 >= wanted.len() * 9,
        "{found} of {} words: {}",
        wanted.len(),
        read.pages[0].text
    );
}

/// What a reader sees as a table is one, whatever lines its cells have.
#[tokio::test]
async fn the_tables_of_a_pdf_are_markdown_below_their_captions() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/documents");
    let manual = text(&samples.join("hx7-operation-manual.pdf")).await;
    for table in [
        "Table 2-1: The three abort levels\n\n| Level | What the system does | Typical cause |\n|---|---|---|\n\
         | A1 | All MO and dopant valves switch to vent. Temperature, pressure, ammonia and carrier are held. The recipe \
         pauses for up to 20 min, then A2 follows. | Bubbler or MFC deviation |\n| A2 |",
        "| Rev. | Date | What changed |\n|---|---|---|\n| 1 | 2021-06-14 |",
        "| Source | Bath (°C) | Pressure set (mbar) | Vapour pressure (mbar) | Minimum fill before exchange |\n\
         |---|---|---|---|---|\n| TMGa_1 | 5.0 | 1300 | 118 | 15 % |",
    ] {
        assert!(manual.contains(table), "{table}\nis not in\n{manual}");
    }
    let footer = manual.lines().find(|line| line.contains("Page ii"));
    assert_eq!(footer, None, "footers of the front matter are left out");
}

#[tokio::test]
async fn exponents_and_labels_of_pages_are_read() {
    let Some(shared) = shared() else { return };
    let microscope = text(&shared.join("corpus/nanofab/SEM_SOP.pdf")).await;
    assert!(
        microscope.contains("greater than 10¹⁰ ohms"),
        "{microscope:.4000}"
    );
    let guide = read(&shared.join("corpus/pdf/en_debian_install.pdf")).await;
    let labels: Vec<Option<&str>> = guide.pages[..20]
        .iter()
        .map(|page| page.page.as_ref().unwrap().label.as_deref())
        .collect();
    assert!(
        labels.contains(&Some("iii")) && labels.contains(&Some("1")),
        "{labels:?}"
    );
}

/// The outline's headings on the pages that they lead to.
#[tokio::test]
async fn an_outline_leads_to_its_headings() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/documents");
    let manual = read(&samples.join("hx7-operation-manual.pdf")).await;
    let limits = manual.pages.iter().find_map(|page| {
        let heading = page.headings.iter();
        let mut heading = heading.filter(|heading| heading.title == "5.1 Absolute limits");
        heading.next().map(|heading| (page, heading))
    });
    let (page, heading) = limits.unwrap();
    assert_eq!(page.page.as_ref().unwrap().number, 10);
    assert_eq!(heading.level, 2);
    let from: String = page.text.chars().skip(heading.at as usize).collect();
    assert!(from.starts_with("5.1 Absolute limits"), "{from:.200}");
}
