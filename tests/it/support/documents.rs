//! Files of kinds that no editor is at hand for, put together from their parts.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

fn types(parts: &[(&str, &str)]) -> String {
    let overrides: Vec<String> = parts
        .iter()
        .map(|(name, kind)| {
            format!("<Override PartName=\"/{name}\" ContentType=\"application/vnd.openxmlformats-officedocument.{kind}+xml\"/>")
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?><Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" \
         ContentType=\"application/xml\"/>{}</Types>",
        overrides.concat()
    )
}

fn relations(targets: &[(&str, &str)]) -> String {
    let all: Vec<String> = targets
        .iter()
        .enumerate()
        .map(|(number, (kind, target))| {
            format!(
                "<Relationship Id=\"rId{}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>",
                number + 1
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?><Relationships xmlns=\"{PACKAGE}/relationships\">{}</Relationships>",
        all.concat()
    )
}

/// A Word document with numbered headings, a table, a tracked deletion and a footer with its revision.
pub(crate) fn docx() -> Vec<u8> {
    const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let heading = |level: u8, text: &str| {
        format!(
            "<w:p><w:pPr><w:pStyle w:val=\"Heading{level}\"/><w:numPr><w:ilvl w:val=\"{}\"/><w:numId w:val=\"1\"/></w:numPr>\
             </w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>",
            level - 1
        )
    };
    let cell = |text: &str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
    let row = |cells: [&str; 2]| format!("<w:tr>{}{}</w:tr>", cell(cells[0]), cell(cells[1]));
    let body = format!(
        "{}<w:p><w:r><w:t>퍼지는 세 번 반복한다.</w:t></w:r><w:del w:id=\"1\" w:author=\"x\"><w:r><w:delText>deleted</w:delText>\
         </w:r></w:del></w:p>{}<w:tbl>{}{}</w:tbl><w:sectPr><w:footerReference w:type=\"default\" r:id=\"rId3\"/></w:sectPr>",
        heading(1, "Purging"),
        heading(2, "Limits"),
        row(["Gas", "Flow"]),
        row(["NH3", "20 slm"]),
    );
    let style = |level: u8| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"Heading{level}\"><w:name w:val=\"heading {level}\"/><w:pPr>\
             <w:outlineLvl w:val=\"{}\"/></w:pPr></w:style>",
            level - 1
        )
    };
    let level = |level: u8| {
        format!(
            "<w:lvl w:ilvl=\"{level}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"decimal\"/><w:lvlText w:val=\"%1\"/></w:lvl>"
        )
    };
    archive(&[
        (
            "[Content_Types].xml",
            &types(&[
                ("word/document.xml", "wordprocessingml.document.main"),
                ("word/styles.xml", "wordprocessingml.styles"),
                ("word/numbering.xml", "wordprocessingml.numbering"),
                ("word/footer1.xml", "wordprocessingml.footer"),
            ]),
        ),
        (
            "_rels/.rels",
            &relations(&[("officeDocument", "word/document.xml")]),
        ),
        (
            "word/_rels/document.xml.rels",
            &relations(&[
                ("styles", "styles.xml"),
                ("numbering", "numbering.xml"),
                ("footer", "footer1.xml"),
            ]),
        ),
        (
            "word/document.xml",
            &format!(
                "<?xml version=\"1.0\"?><w:document xmlns:w=\"{WORD}\" xmlns:r=\"{RELATIONS}\"><w:body>{body}</w:body></w:document>"
            ),
        ),
        (
            "word/styles.xml",
            &format!(
                "<?xml version=\"1.0\"?><w:styles xmlns:w=\"{WORD}\">{}{}</w:styles>",
                style(1),
                style(2)
            ),
        ),
        (
            "word/numbering.xml",
            &format!(
                "<?xml version=\"1.0\"?><w:numbering xmlns:w=\"{WORD}\"><w:abstractNum w:abstractNumId=\"0\">{}{}</w:abstractNum>\
                 <w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num></w:numbering>",
                level(0),
                level(1)
            ),
        ),
        (
            "word/footer1.xml",
            &format!(
                "<?xml version=\"1.0\"?><w:ftr xmlns:w=\"{WORD}\"><w:p><w:r><w:t>Revision C - Revised May 22, 2025</w:t></w:r></w:p></w:ftr>"
            ),
        ),
    ])
}

/// A spreadsheet with one sheet of three rows.
pub(crate) fn xlsx() -> Vec<u8> {
    const SHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let rows: Vec<String> = [
        ["Code", "Text"],
        ["E-1042", "Overtemperature"],
        ["E-1051", "Exhaust low"],
    ]
    .iter()
    .enumerate()
    .map(|(index, cells)| {
        let number = index + 1;
        let cell = |column: char, text: &str| {
            format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
        };
        format!(
            "<row r=\"{number}\">{}{}</row>",
            cell('A', cells[0]),
            cell('B', cells[1])
        )
    })
    .collect();
    archive(&[
        (
            "[Content_Types].xml",
            &types(&[
                ("xl/workbook.xml", "spreadsheetml.sheet.main"),
                ("xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"),
            ]),
        ),
        (
            "_rels/.rels",
            &relations(&[("officeDocument", "xl/workbook.xml")]),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            &relations(&[("worksheet", "worksheets/sheet1.xml")]),
        ),
        (
            "xl/workbook.xml",
            &format!(
                "<?xml version=\"1.0\"?><workbook xmlns=\"{SHEET}\" xmlns:r=\"{RELATIONS}\"><sheets><sheet name=\"Alarms\" sheetId=\"1\" \
                 r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            &format!(
                "<?xml version=\"1.0\"?><worksheet xmlns=\"{SHEET}\"><sheetData>{}</sheetData></worksheet>",
                rows.concat()
            ),
        ),
    ])
}

/// A presentation of two slides.
pub(crate) fn pptx() -> Vec<u8> {
    const SLIDES: &str = "http://schemas.openxmlformats.org/presentationml/2006/main";
    const DRAWING: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
    let shape = |kind: &str, text: &str| {
        format!(
            "<p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"x\"/><p:cNvSpPr/><p:nvPr><p:ph type=\"{kind}\"/></p:nvPr></p:nvSpPr><p:spPr/>\
             <p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
        )
    };
    let slide = |title: &str, text: &str| {
        format!(
            "<?xml version=\"1.0\"?><p:sld xmlns:p=\"{SLIDES}\" xmlns:a=\"{DRAWING}\" xmlns:r=\"{RELATIONS}\"><p:cSld><p:spTree>\
             <p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>{}{}</p:spTree></p:cSld></p:sld>",
            shape("title", title),
            shape("body", text)
        )
    };
    archive(&[
        (
            "[Content_Types].xml",
            &types(&[
                ("ppt/presentation.xml", "presentationml.presentation.main"),
                ("ppt/slides/slide1.xml", "presentationml.slide"),
                ("ppt/slides/slide2.xml", "presentationml.slide"),
            ]),
        ),
        (
            "_rels/.rels",
            &relations(&[("officeDocument", "ppt/presentation.xml")]),
        ),
        (
            "ppt/_rels/presentation.xml.rels",
            &relations(&[
                ("slide", "slides/slide1.xml"),
                ("slide", "slides/slide2.xml"),
            ]),
        ),
        (
            "ppt/presentation.xml",
            &format!(
                "<?xml version=\"1.0\"?><p:presentation xmlns:p=\"{SLIDES}\" xmlns:r=\"{RELATIONS}\"><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId1\"/>\
                 <p:sldId id=\"257\" r:id=\"rId2\"/></p:sldIdLst></p:presentation>"
            ),
        ),
        ("ppt/slides/slide1.xml", &slide("Gas training", "Welcome.")),
        (
            "ppt/slides/slide2.xml",
            &slide("Shutting down", "Close V1 first."),
        ),
    ])
}

/// A PDF of one A4 page that is nothing but an image, as a scanner makes it.
pub(crate) fn scan(png: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    let grey: Vec<u8> = pixels[..frame.buffer_size()]
        .chunks_exact(3)
        .map(|pixel| pixel[1])
        .collect();
    let draw = b"q 595 0 0 842 0 0 cm /I Do Q";
    let image = format!(
        "<</Type/XObject/Subtype/Image/Width {}/Height {}/ColorSpace/DeviceGray/BitsPerComponent 8/Length {}>>stream\n",
        frame.width,
        frame.height,
        grey.len()
    );
    let objects: Vec<Vec<u8>> = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>".to_vec(),
        [format!("<</Length {}>>stream\n", draw.len()).as_bytes(), draw, b"\nendstream"].concat(),
        [image.as_bytes(), &grey, b"\nendstream"].concat(),
    ];
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj", index + 1).into_bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    file.extend(
        format!(
            "trailer<</Root 1 0 R/Size {}>>\nstartxref\n{table}\n%%EOF\n",
            objects.len() + 1
        )
        .into_bytes(),
    );
    file
}
