//! A file uses only the modules that stand above its own in this order, so that the program reads from top to
//! bottom and nothing is circular.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the sources has failed"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every module of `src/lib.rs`, from the bottom of the program up.
const ORDER: &[&str] = &[
    "domain",
    "text",
    "clock",
    "lifecycle",
    "metrics",
    "http",
    "lock",
    "sqlite",
    "encoding",
    "config",
    "database",
    "analysis",
    "index",
    "glossary",
    "llm",
    "embed",
    "queue",
    "feedback",
    "backup",
    "alarm",
    "recipe",
    "corpus",
    "answer",
    "eval",
    "slack",
    "web",
    "telemetry",
    "app",
    "cli",
];

fn declared(root: &Path) -> BTreeSet<String> {
    fs::read_to_string(root.join("src/lib.rs"))
        .unwrap()
        .lines()
        .filter_map(|line| {
            line.strip_prefix("pub mod ")?
                .strip_suffix(';')
                .map(str::to_owned)
        })
        .collect()
}

fn source_files(root: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(root.join("src"))
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// The top-level modules that a source text names after `crate::`, whether in a `use` or in a path.
fn used(text: &str) -> BTreeSet<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = BTreeSet::new();
    for part in code.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            let group = group.split('}').next().unwrap_or_default();
            found.extend(group.split(',').map(word));
        } else {
            found.insert(word(part));
        }
    }
    found.remove("");
    found
}

fn word(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}

#[test]
fn every_file_uses_only_what_stands_above_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rank = |module: &str| ORDER.iter().position(|name| *name == module);
    let mut against = Vec::new();
    for file in source_files(root) {
        let path = file.strip_prefix(root.join("src")).unwrap();
        let home = path
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs")
            .to_owned();
        let Some(own) = rank(&home) else { continue };
        for module in used(&fs::read_to_string(&file).unwrap()) {
            if rank(&module).is_some_and(|other| other > own) {
                against.push(format!("src/{} uses crate::{module}", path.display()));
            }
        }
    }
    assert!(
        against.is_empty(),
        "against the order of src/lib.rs:\n{}",
        against.join("\n")
    );
}

#[test]
fn every_module_has_its_place_in_the_order() {
    let declared = declared(Path::new(env!("CARGO_MANIFEST_DIR")));
    assert_eq!(
        declared,
        ORDER.iter().map(|name| (*name).to_owned()).collect()
    );
}

#[test]
fn an_import_is_found_however_it_is_written() {
    let text = "use crate::{answer, slack::event};\nuse crate::web::State;\n// crate::cli\nfn f() { crate::queue::open() }";
    let found: Vec<_> = used(text).into_iter().collect();
    assert_eq!(found, ["answer", "queue", "slack", "web"]);
}
