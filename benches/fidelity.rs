//! Accuracy of text extraction from PDFs: F1 of words, regardless of order, against `pdftotext` of poppler-utils with
//! poppler-data, and spaces between Korean words against an HTML edition of the same book.
//!
//! `EPIBOT_SHARED` names a folder with `corpus/pdf`, `EPIBOT_PDFIUM` the `PDFium` library, required for scanned
//! pages, and `EPIBOT_KOREAN_HTML` a folder with the Korean edition of Debian's installation guide as in its package
//! `installation-guide-amd64`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may panic, and prints its results"
)]

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;

use epibot::config;
use epibot::config::settings::Config;
use epibot::domain::language::is_hangul;
use epibot::extract::extracted::Extracted;
use epibot::extract::pool::Extractor;
use unicode_normalization::UnicodeNormalization;

fn main() {
    let Some(shared) = std::env::var_os("EPIBOT_SHARED") else {
        println!("skipped: EPIBOT_SHARED names no folder of test data");
        return;
    };
    let mut config = config::load::load_from(None, Some(HashMap::new())).unwrap();
    config.extract.pdfium = std::env::var_os("EPIBOT_PDFIUM").unwrap_or_default().into();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = Path::new(&shared).join("corpus/pdf");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let (mut total, mut counted) = (0.0, 0);
    println!(
        "{:<32} {:>7} {:>9} {:>7} {:>9}",
        "file", "words", "F1", "Hangul", "F1"
    );
    for file in &files {
        let Some(extracted) = runtime.block_on(read(&config, file)) else {
            continue;
        };
        let Some(reference) = pdftotext(file) else {
            println!("skipped: pdftotext is not installed");
            return;
        };
        // Whether headers and footers are left out is not measured here: of the reference with and without them, the
        // nearer one counts.
        let (own, again) = text(&extracted);
        let (own, again) = (
            with_symbol_codes(&own, &reference),
            with_symbol_codes(&again, &reference),
        );
        let (ours, again) = (words(&own), words(&again));
        let references = [reference.clone(), without_headers(&reference)];
        let references = references.map(|text| words(&with_joined_words(&text, &ours)));
        let nearest = references
            .iter()
            .max_by(|one, other| f1(&ours, &again, one).total_cmp(&f1(&ours, &again, other)));
        let theirs: &[String] = nearest.unwrap();
        let hangul = |words: &[String]| -> Vec<String> {
            let hangul_words = words.iter().filter(|word| word.chars().any(is_hangul));
            hangul_words.cloned().collect()
        };
        let (our_hangul, their_hangul) = (hangul(&ours), hangul(theirs));
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let is_scan = extracted.pages.iter().any(|page| page.ocr) || theirs.len() < 20;
        let score = f1(&ours, &again, theirs);
        println!(
            "{name:<32} {:>7} {score:>9.4} {:>7} {:>9.4}{}",
            theirs.len(),
            their_hangul.len(),
            f1(&our_hangul, &hangul(&again), &their_hangul),
            if is_scan {
                "  (scan or nearly empty: not in the mean)"
            } else {
                ""
            }
        );
        if !is_scan {
            total += score;
            counted += 1;
        }
    }
    println!(
        "mean over {counted} files: {:.4}",
        total / f64::from(counted.max(1))
    );
    if let Some(html) = std::env::var_os("EPIBOT_KOREAN_HTML") {
        let book = files
            .iter()
            .find(|file| file.ends_with("ko_debian_install.pdf"));
        if let Some(extracted) = book.and_then(|book| runtime.block_on(read(&config, book))) {
            let (text, _) = text(&extracted);
            measure_spaces(&runtime, &config, &text, Path::new(&html));
        }
    }
}

async fn read(config: &Config, file: &Path) -> Option<Extracted> {
    let extractor = Extractor::new(env!("CARGO_BIN_EXE_epibot").into(), config);
    match extractor.extract(file).await {
        Ok(extracted) => Some(extracted),
        Err(failure) => {
            println!("{}: {failure}", file.display());
            None
        }
    }
}

/// `pdftotext` writes symbols of TeX's symbol font (OMS) as the characters of their codes: `6=` for ≠, `p0` for p′, `kxk`
/// for ‖x‖. If the reference has more of such a character, our symbols are replaced likewise.
fn with_symbol_codes(own: &str, reference: &str) -> String {
    const CODES: [(char, char); 10] = [
        ('\u{338}', '6'),
        ('\u{21A6}', '7'),
        ('\u{2032}', '0'),
        ('\u{25B3}', '4'),
        ('\u{2225}', 'k'),
        ('\u{2016}', 'k'),
        ('\u{2329}', 'h'),
        ('\u{27E8}', 'h'),
        ('\u{232A}', 'i'),
        ('\u{27E9}', 'i'),
    ];
    let count = |text: &str, letter: char| text.chars().filter(|other| *other == letter).count();
    CODES.iter().fold(own.to_owned(), |own, (sign, code)| {
        let signs = count(&own, *sign);
        if signs > 0 && count(reference, *code) >= count(&own, *code) + signs / 2 {
            own.replace(*sign, &code.to_string())
        } else {
            own
        }
    })
}

fn pdftotext(file: &Path) -> Option<String> {
    let output = Command::new("pdftotext").arg(file).arg("-").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns the text without table borders, and separately the text of cells that is repeated because they span rows.
fn text(extracted: &Extracted) -> (String, String) {
    let (mut own, mut again) = (String::new(), String::new());
    for page in &extracted.pages {
        let mut above: Vec<&str> = Vec::new();
        for line in page.text.lines() {
            let row = line
                .strip_prefix("| ")
                .and_then(|row| row.strip_suffix(" |"));
            let cells: Vec<&str> = row.map_or_else(Vec::new, |row| row.split(" | ").collect());
            if cells.is_empty() && !line.starts_with("|---") {
                own.push_str(&line.replace(" | ", " "));
                own.push('\n');
            }
            for (column, cell) in cells.iter().enumerate() {
                let is_again = above.get(column) == Some(cell);
                let text = if is_again { &mut again } else { &mut own };
                text.push_str(cell);
                text.push('\n');
            }
            if !line.starts_with("|---") {
                above = cells;
            }
        }
    }
    (own, again)
}

/// Joins words of the reference that are split at the end of a Korean line or by letter spacing, if we have the whole word:
/// `pdftotext` joins neither, and spaces are measured separately.
fn with_joined_words(reference: &str, ours: &[String]) -> String {
    let mut remaining: HashMap<&str, i32> = HashMap::new();
    for word in ours {
        *remaining.entry(word).or_default() += 1;
    }
    let mut joined = String::with_capacity(reference.len());
    let mut lines = reference.lines().peekable();
    while let Some(line) = lines.next() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut at = 0;
        while at < words.len() {
            let is_letter = |word: &&&str| {
                let mut letters = word.chars();
                letters
                    .next()
                    .is_some_and(|letter| letter.is_alphanumeric() && !letter.is_ascii())
                    && letters.next().is_none()
            };
            let run = words[at..].iter().take_while(is_letter).count();
            let longest = (2..=run).rev().find(|length| {
                remaining
                    .get(words[at..at + length].concat().as_str())
                    .is_some_and(|left| *left > 0)
            });
            let length = longest.unwrap_or(1);
            let word = words[at..at + length].concat();
            if length > 1 {
                *remaining
                    .entry(ours.iter().find(|own| **own == word).unwrap())
                    .or_default() -= 1;
            }
            joined.push_str(&word);
            joined.push(' ');
            at += length;
        }
        let tail = word_at_end(line);
        let head = lines.peek().map_or("", |next| word_at_begin(next));
        let is_korean = tail.ends_with(is_hangul) || head.starts_with(is_hangul);
        let whole = format!("{tail}{head}");
        match remaining.get_mut(whole.as_str()) {
            Some(left) if is_korean && !tail.is_empty() && !head.is_empty() && *left > 0 => {
                *left -= 1;
                joined.truncate(joined.trim_end().len());
            }
            _ => joined.push('\n'),
        }
    }
    joined
}

fn word_at_end(line: &str) -> &str {
    let begin = line.rfind(|letter: char| !letter.is_alphanumeric());
    begin.map_or(line, |at| {
        &line[at + line[at..].chars().next().unwrap().len_utf8()..]
    })
}

fn word_at_begin(line: &str) -> &str {
    let end = line.find(|letter: char| !letter.is_alphanumeric());
    &line[..end.unwrap_or(line.len())]
}

/// Returns the reference without what extraction leaves out on purpose: headers, footers and tables of contents.
fn without_headers(reference: &str) -> String {
    let pages: Vec<Vec<&str>> = reference
        .split('\u{C}')
        .map(|page| {
            page.lines()
                .filter(|line| !line.trim().is_empty())
                .collect()
        })
        .collect();
    let pattern = |line: &str| -> String {
        line.chars()
            .filter(|letter| !letter.is_numeric() && !letter.is_whitespace())
            .collect()
    };
    let edge = |index: usize, count: usize| index < 4 || index + 4 >= count;
    let mut seen: HashMap<String, BTreeSet<usize>> = HashMap::new();
    for (number, page) in pages.iter().enumerate() {
        for (index, line) in page.iter().enumerate() {
            if edge(index, page.len()) {
                seen.entry(pattern(line)).or_default().insert(number);
            }
        }
    }
    let enough = (pages.len() / 10).max(2);
    let mut kept = String::new();
    for page in &pages {
        for (index, line) in page.iter().enumerate() {
            let repeated = edge(index, page.len()) && seen[&pattern(line)].len() >= enough;
            let is_contents = line.contains(". . . .") || line.contains(".....");
            if !repeated && !is_contents {
                kept.push_str(line);
                kept.push('\n');
            }
        }
    }
    kept
}

/// Returns words of letters and digits; words hyphenated at line ends are joined.
fn words(text: &str) -> Vec<String> {
    let mut joined = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.trim_end();
        match line.strip_suffix(['-', '\u{AD}', '\u{2010}']) {
            Some(head) if head.ends_with(char::is_lowercase) => joined.push_str(head),
            _ => {
                joined.push_str(line);
                joined.push('\n');
            }
        }
    }
    // Normalizes ligatures and exponents.
    let plain = |letter: char| match letter {
        'ﬁ' | 'ﬂ' | 'ﬀ' | 'ﬃ' | 'ﬄ' | '⁰'..='⁹' | '¹' | '²' | '³' | '⁺' | '⁻' => {
            letter.nfkc().collect()
        }
        _ => letter.to_string(),
    };
    let joined: String = joined.chars().map(plain).collect();
    joined
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "no text has 2^52 words")]
fn f1(ours: &[String], again: &[String], theirs: &[String]) -> f64 {
    let mut counts: HashMap<&str, i64> = HashMap::new();
    for word in theirs {
        *counts.entry(word).or_default() += 1;
    }
    let mut common = |words: &[String]| -> u32 {
        let mut found = 0;
        for word in words {
            if let Some(count) = counts.get_mut(word.as_str())
                && *count > 0
            {
                *count -= 1;
                found += 1;
            }
        }
        found
    };
    let found = common(ours);
    // Repeated text counts only if the reference has it too.
    let found_again = common(again);
    if ours.is_empty() && theirs.is_empty() {
        return 1.0;
    }
    let all = ours.len() + theirs.len();
    2.0 * f64::from(found + found_again) / (all as f64 + f64::from(found_again))
}

/// Prints precision and recall of the spaces next to Hangul, in those lines of the HTML edition whose letters are in the
/// PDF.
fn measure_spaces(runtime: &tokio::runtime::Runtime, config: &Config, pdf: &str, html: &Path) {
    let (letters, ends) = squash(pdf);
    // The PDF breaks words at line ends without a mark.
    let (_, within_lines) = squash(&pdf.replace('\n', ""));
    let text: String = letters.iter().collect();
    let places: HashMap<usize, usize> = text
        .char_indices()
        .enumerate()
        .map(|(index, (at, _))| (at, index))
        .collect();
    let (mut both, mut ours, mut theirs, mut lines) = (0_u32, 0_u32, 0_u32, 0_u32);
    let mut broken = 0_u32;
    let mut pages: Vec<PathBuf> = std::fs::read_dir(html)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".html"))
        .collect();
    pages.sort();
    for page in pages {
        let Some(page) = runtime.block_on(read(config, &page)) else {
            continue;
        };
        for line in page.pages[0].text.lines() {
            let (line, line_ends) = squash(line);
            let hangul = line.iter().filter(|letter| is_hangul(**letter)).count();
            if hangul < 12 {
                continue;
            }
            let wanted: String = line.iter().collect();
            let Some(at) = text.find(&wanted).map(|at| places[&at]) else {
                continue;
            };
            lines += 1;
            for index in 0..line.len() - 1 {
                if !is_hangul(line[index]) && !is_hangul(line[index + 1]) {
                    continue;
                }
                let (in_pdf, in_html) = (ends.contains(&(at + index)), line_ends.contains(&index));
                ours += u32::from(in_pdf);
                theirs += u32::from(in_html);
                both += u32::from(in_pdf && in_html);
                broken += u32::from(in_pdf && !in_html && !within_lines.contains(&(at + index)));
            }
        }
    }
    println!(
        "Korean word spaces: precision {:.4} ({:.4} without the {broken} line ends within words), recall {:.4} \
         ({theirs} spaces in {lines} lines)",
        f64::from(both) / f64::from(ours.max(1)),
        f64::from(both) / f64::from((ours - broken).max(1)),
        f64::from(both) / f64::from(theirs.max(1))
    );
}

/// Returns the letters and digits, and the indexes of those that a space or line end follows.
fn squash(text: &str) -> (Vec<char>, BTreeSet<usize>) {
    let (mut letters, mut ends) = (Vec::new(), BTreeSet::new());
    for letter in text.chars() {
        if letter.is_alphanumeric() {
            letters.push(letter);
        } else if letter.is_whitespace() && !letters.is_empty() {
            ends.insert(letters.len() - 1);
        }
    }
    (letters, ends)
}
