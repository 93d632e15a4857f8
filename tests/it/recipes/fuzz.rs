//! Broken files: whatever is read, nothing panics, nothing hangs, and what is lost is told.

use std::path::Path;

use epibot::domain::language::Language;
use epibot::recipes::import;
use epibot::recipes::import::table::ColumnMap;
use epibot::recipes::snapshot::RecipeSummary;
use epibot::recipes::timeline::Timeline;
use epibot::recipes::{derivation, diff, plot};

use super::samples;

/// As many files as are broken of each kind.
const FILES: u64 = 2_500;

/// Numbers that look random and are the same each time (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below.max(1) as u64).unwrap()
    }
}

/// Takes out, doubles, exchanges and puts in.
fn broken(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    const PIECES: [&[u8]; 22] = [
        b"{",
        b"}",
        b";",
        b"\"",
        b"loop ",
        b"loop 99999999 {",
        b"until ",
        b" to ",
        b" in ",
        b"follow ",
        b",",
        b"\n",
        b"\t",
        b"9e999",
        b"1:2:3:4:5",
        b">>",
        b"<<",
        b"(((((((",
        b"\xff\xfe",
        b"\x00",
        "°".as_bytes(),
        b"-",
    ];
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.next(12) {
        if bytes.is_empty() {
            break;
        }
        let at = random.next(bytes.len());
        let end = (at + 1 + random.next(40)).min(bytes.len());
        match random.next(5) {
            0 => {
                bytes.drain(at..end);
            }
            1 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            2 => bytes[at] = u8::try_from(random.next(256)).unwrap(),
            3 => bytes.truncate(at),
            _ => {
                let piece = PIECES[random.next(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
    bytes
}

fn go_through(file: &str, endings: &[&str]) {
    let path = samples().join(file);
    let whole = std::fs::read(&path).unwrap();
    let none: [&Path; 0] = [];
    let maps = ColumnMap::load(&none).unwrap();
    let original = import::read(&path, &whole, &maps)
        .unwrap()
        .unwrap()
        .recipes
        .remove(0);
    let mut random = Random(0x5EED);
    for number in 0..FILES {
        let bytes = broken(&whole, &mut random);
        let name = format!("x.{}", endings[random.next(endings.len())]);
        let Ok(Some(imported)) = import::read(&path.with_file_name(name), &bytes, &maps) else {
            continue;
        };
        for recipe in &imported.recipes {
            for loss in &recipe.losses {
                assert!(
                    loss.lines.0 >= 1 && loss.lines.0 <= loss.lines.1 && !loss.reason.is_empty()
                );
            }
            // Running through loops of millions takes its time, so not every file is.
            if number % 25 == 0 {
                let timeline = Timeline::new(recipe);
                assert!(timeline.seconds() >= 0.0);
                let _ = RecipeSummary::new(recipe);
                let _ = diff::compare(&original, recipe);
                let _ = plot::draw(recipe, Language::Korean).unwrap();
                for run in 0..timeline.runs.len().min(50) {
                    let _ = derivation::v_iii_ratio(&timeline, run);
                }
            }
        }
    }
}

#[test]
fn no_broken_script_panics_or_hangs() {
    go_through("LED450-MQW-012B.epi", &["epi"]);
}

#[test]
fn no_broken_table_panics_or_hangs() {
    go_through("gan-template-plc-007.csv", &["csv"]);
    go_through("MB3-AlN-GaN-SL-021.txt", &["txt", "asl"]);
}

/// Every operation that is damaged is either still read in full or named in a loss on its line.
#[test]
fn a_damaged_operation_is_never_lost_in_silence() {
    let path = samples().join("LED450-MQW-012A.epi");
    let text = std::fs::read_to_string(&path).unwrap();
    let none: [&Path; 0] = [];
    let maps = ColumnMap::load(&none).unwrap();
    let whole = import::read(&path, text.as_bytes(), &maps)
        .unwrap()
        .unwrap()
        .recipes
        .remove(0);
    let count = |recipe: &epibot::recipes::model::Recipe, line: u32| {
        recipe
            .steps
            .iter()
            .flat_map(|step| &step.operations)
            .filter(|operation| operation.line == line)
            .count()
    };
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let number = u32::try_from(at + 1).unwrap();
        let Some(place) = line
            .find(" to ")
            .filter(|_| !line.trim_start().starts_with('#'))
        else {
            continue;
        };
        let mut damaged: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        damaged[at].replace_range(place..place + 4, " tp ");
        let damaged = damaged.join("\n");
        let read = import::read(&path, damaged.as_bytes(), &maps)
            .unwrap()
            .unwrap()
            .recipes
            .remove(0);
        let is_told = read
            .losses
            .iter()
            .any(|loss| (loss.lines.0..=loss.lines.1).contains(&number));
        let in_label = line
            .find('"')
            .is_some_and(|from| place > from && line[place..].contains('"'));
        assert!(
            is_told || in_label && count(&read, number) == count(&whole, number),
            "line {number}: {line}"
        );
    }
}
