//! Reads a glossary: CSV with one line per concept.

use anyhow::{Context, bail, ensure};

use super::{GlossaryLine, Word, WordKind};

const COLUMNS: [&str; 3] = ["english", "korean", "short"];
const KINDS: [WordKind; 3] = [WordKind::English, WordKind::Korean, WordKind::Short];

/// Reads the lines of a glossary; messages call it `name`.
pub(super) fn lines(text: &str, name: &str) -> anyhow::Result<Vec<GlossaryLine>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let head = reader
        .headers()
        .with_context(|| format!("{name} is no CSV"))?;
    ensure!(
        head.iter().eq(COLUMNS),
        "{name} begins with other columns than a glossary has; write \"{}\" above its lines",
        COLUMNS.join(",")
    );
    let mut lines = Vec::new();
    for record in reader.into_records() {
        let record = record.with_context(|| {
            format!("{name} has a line with more or fewer than {} fields; two commas part them, \";\" parts words", COLUMNS.len())
        })?;
        let number = record.position().map_or(0, csv::Position::line);
        let place = format!("{name}, line {number}");
        lines.push(line(&record, &place).with_context(|| place.clone())?);
    }
    Ok(lines)
}

fn line(record: &csv::StringRecord, place: &str) -> anyhow::Result<GlossaryLine> {
    let mut words: Vec<Word> = Vec::new();
    for (field, kind) in record.iter().zip(KINDS) {
        for text in field.split(';').filter(|_| !field.is_empty()) {
            let text = text.trim();
            let (text, is_ambiguous) = match text.strip_suffix('?') {
                Some(text) => (text.trim(), true),
                None => (text, false),
            };
            let word = Word {
                text: text.to_owned(),
                kind,
                is_ambiguous,
            };
            if word.key().is_empty() {
                bail!(
                    "\"{text}\" is no word that can be searched for; remove it or the \";\" beside it"
                );
            }
            if words.iter().any(|known| known.text == word.text) {
                bail!("\"{text}\" stands there twice; remove one");
            }
            // `bake` also finds `baking`.
            if words.iter().any(|known| known.key() == word.key()) {
                continue;
            }
            words.push(word);
        }
    }
    ensure!(
        words.len() > 1,
        "a line says which words mean the same and needs at least two"
    );
    Ok(GlossaryLine {
        words,
        place: place.to_owned(),
    })
}
