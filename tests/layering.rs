//! The floor plan holds: a file uses only rooms that `src/lib.rs` names above its own, and no files use each other in
//! a circle, so that the program can be read from top to bottom.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// A path of modules below the crate.
type Module = Vec<String>;

/// The source files of the program.
struct SourceTree {
    /// The file that each module's code is in; an inline module's is that of the module around it.
    files: BTreeMap<Module, PathBuf>,
    /// Top-level modules, in the order of `src/lib.rs`.
    rooms: Vec<String>,
}

impl SourceTree {
    fn read() -> Self {
        let mut tree = Self {
            files: BTreeMap::new(),
            rooms: Vec::new(),
        };
        let library = root().join("src/lib.rs");
        for (name, body) in modules(&tokens(&library)) {
            tree.rooms.push(name.clone());
            tree.enter(vec![name], &library, body.as_ref());
        }
        tree
    }

    fn enter(&mut self, module: Module, outer: &Path, body: Option<&TokenStream>) {
        let (file, text) = if let Some(body) = body {
            (outer.to_owned(), body.clone())
        } else {
            let file = root().join("src").join(module.join("/"));
            let file = file.with_extension("rs");
            let text = tokens(&file);
            (file, text)
        };
        for (name, body) in modules(&text) {
            let inner = [module.as_slice(), &[name]].concat();
            self.enter(inner, &file, body.as_ref());
        }
        self.files.insert(module, file);
    }

    /// The file of the innermost module that a path names.
    fn file_of(&self, path: &[String]) -> Option<&PathBuf> {
        let mut longest_first = (1..=path.len()).rev();
        longest_first.find_map(|length| self.files.get(&path[..length]))
    }

    /// The module paths below the crate that each file names.
    fn uses(&self) -> BTreeMap<&Path, BTreeSet<Module>> {
        let mut uses: BTreeMap<&Path, BTreeSet<Module>> = BTreeMap::new();
        for (module, file) in &self.files {
            let outer = self.files.get(&module[..module.len() - 1]);
            let is_inline = outer.is_some_and(|outer| outer == file);
            if !is_inline && !file.ends_with("src/lib.rs") {
                collect(tokens(file), module, uses.entry(file).or_default());
            }
        }
        uses
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shown(file: &Path) -> String {
    let relative = file.strip_prefix(root()).unwrap_or(file);
    relative.display().to_string()
}

fn tokens(file: &Path) -> TokenStream {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", shown(file)));
    text.parse()
        .unwrap_or_else(|error| panic!("{}: {error}", shown(file)))
}

/// The modules that a text declares, with their bodies where these are inline; without those of a file elsewhere, which
/// belong to another tree.
fn modules(text: &TokenStream) -> Vec<(String, Option<TokenStream>)> {
    let all: Vec<TokenTree> = text.clone().into_iter().collect();
    let declared = all.windows(3).enumerate();
    let declared = declared.filter_map(|(at, three)| match three {
        [TokenTree::Ident(word), TokenTree::Ident(name), end] if word == "mod" => match end {
            TokenTree::Group(body) => Some((name.to_string(), Some(body.stream()))),
            _ if has_path(&all[..at]) => None,
            _ => Some((name.to_string(), None)),
        },
        _ => None,
    });
    declared.collect()
}

/// Whether the attributes at the end of these tokens name the file of the module behind them.
fn has_path(before: &[TokenTree]) -> bool {
    let attributes = before.rchunks_exact(2).map_while(|pair| match pair {
        [TokenTree::Punct(mark), TokenTree::Group(attribute)] if mark.as_char() == '#' => {
            Some(attribute.stream().into_iter().next())
        }
        _ => None,
    });
    attributes
        .flatten()
        .any(|first| matches!(first, TokenTree::Ident(word) if word == "path"))
}

/// Adds what a text in `module` names by `crate::`, `self::`, `super::` or the names of its own modules, in imports and
/// elsewhere.
fn collect(text: TokenStream, module: &[String], found: &mut BTreeSet<Module>) {
    let own: Vec<String> = modules(&text).into_iter().map(|(name, _)| name).collect();
    collect_from(text, module, &own, found);
}

fn collect_from(
    text: TokenStream,
    module: &[String],
    own: &[String],
    found: &mut BTreeSet<Module>,
) {
    let all: Vec<TokenTree> = text.into_iter().collect();
    let mut at = 0;
    while let Some(token) = all.get(at) {
        match (token, all.get(at + 1), all.get(at + 2)) {
            (
                TokenTree::Ident(word),
                Some(TokenTree::Ident(name)),
                Some(TokenTree::Group(body)),
            ) if word == "mod" => {
                let inner = [module, &[name.to_string()]].concat();
                collect(body.stream(), &inner, found);
                at += 3;
            }
            (TokenTree::Ident(word), ..) if begins_path(word, own, &all, at) => {
                let is_own = own.iter().any(|name| word == name);
                let before = if is_own { module.to_vec() } else { Vec::new() };
                at = read_path(&all, at, module, before, found);
            }
            (TokenTree::Group(group), ..) => {
                collect_from(group.stream(), module, own, found);
                at += 1;
            }
            _ => at += 1,
        }
    }
}

fn begins_path(word: &Ident, own: &[String], all: &[TokenTree], at: usize) -> bool {
    let is_root = word == "crate" || word == "super" || word == "self";
    let is_root = is_root || own.iter().any(|name| word == name);
    let is_inside_path = at >= 2 && is_separator(all, at - 2);
    is_root && !is_inside_path && is_separator(all, at + 1)
}

/// Whether the tokens from `at` on are `::`.
fn is_separator(all: &[TokenTree], at: usize) -> bool {
    let is_colon =
        |at: usize| matches!(all.get(at), Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
    is_colon(at) && is_colon(at + 1)
}

/// Reads the path that begins at `at`, with the branches of its braces, and returns where it ends. `path` is what
/// stands before it; where that is empty, `self` and `super` count from `module`.
fn read_path(
    all: &[TokenTree],
    mut at: usize,
    module: &[String],
    mut path: Module,
    found: &mut BTreeSet<Module>,
) -> usize {
    let mut is_first = true;
    loop {
        match all.get(at) {
            Some(TokenTree::Ident(word)) if word == "crate" => {}
            Some(TokenTree::Ident(word)) if word == "self" => {
                if is_first {
                    path.extend_from_slice(module);
                }
            }
            Some(TokenTree::Ident(word)) if word == "super" => {
                if is_first {
                    path.extend_from_slice(module);
                }
                path.pop();
            }
            Some(TokenTree::Ident(word)) => path.push(word.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
                for branch in inner.split(is_comma).filter(|branch| !branch.is_empty()) {
                    read_path(branch, 0, &[], path.clone(), found);
                }
                return at + 1;
            }
            _ => {
                found.insert(path);
                return at + 1;
            }
        }
        is_first = false;
        at += 1;
        if !is_separator(all, at) {
            found.insert(path);
            return at;
        }
        at += 2;
    }
}

/// Whether a file is declared, at whatever depth, in the module of the other file: it may use what that keeps for its
/// parts.
fn is_part_of(file: &Path, whole: &Path) -> bool {
    file == whole || file.starts_with(whole.with_extension(""))
}

type Edges = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// Everything that can be reached from a file.
fn reached<'a>(edges: &'a Edges, from: &Path) -> BTreeSet<&'a PathBuf> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&PathBuf> = edges.get(from).into_iter().flatten().collect();
    while let Some(next) = open.pop() {
        if seen.insert(next) {
            open.extend(edges.get(next).into_iter().flatten());
        }
    }
    seen
}

/// The groups of files that can each be reached from every other of the group.
fn circles(edges: &Edges) -> BTreeSet<Vec<&PathBuf>> {
    let reached: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> = edges
        .keys()
        .map(|from| (from, reached(edges, from)))
        .collect();
    let leads_back = |from: &PathBuf, other: &PathBuf| {
        let back = reached.get(other);
        back.is_some_and(|back| back.contains(from))
    };
    let mut circles = BTreeSet::new();
    for (from, forth) in &reached {
        let group = forth.iter().filter(|other| leads_back(from, other));
        let group: Vec<&PathBuf> = group.copied().collect();
        if !group.is_empty() {
            circles.insert(group);
        }
    }
    circles
}

#[test]
fn every_file_uses_only_rooms_above_its_own() {
    let tree = SourceTree::read();
    let rank = |room: &str| tree.rooms.iter().position(|name| name == room);
    let mut against = Vec::new();
    for (file, uses) in tree.uses() {
        let inside = file.strip_prefix(root().join("src")).unwrap();
        let first = inside.components().next().unwrap();
        let own = rank(first.as_os_str().to_str().unwrap().trim_end_matches(".rs"));
        for path in uses {
            let other = path.first().and_then(|room| rank(room));
            if other > own {
                against.push(format!("{} uses crate::{}", shown(file), path.join("::")));
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
fn no_files_use_each_other_in_a_circle() {
    let tree = SourceTree::read();
    let mut edges = Edges::new();
    for (file, uses) in tree.uses() {
        let targets = uses.iter().filter_map(|path| tree.file_of(path));
        let apart = targets.filter(|target| !is_part_of(file, target));
        edges.insert(file.to_owned(), apart.cloned().collect());
    }
    let mut told = Vec::new();
    for circle in circles(&edges) {
        told.push(format!("a circle of {} files:", circle.len()));
        for file in &circle {
            let inside = edges[*file].iter().filter(|target| circle.contains(target));
            let inside: Vec<String> = inside.map(|target| shown(target)).collect();
            told.push(format!("  {} -> {}", shown(file), inside.join(", ")));
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// The words between backticks in a text.
fn code_words(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_architecture_is_documented_in_the_order_of_the_rooms() {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let (_, table) = text.split_once("## The rooms").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let documented: Vec<&str> = rows.filter_map(|row| code_words(row).next()).collect();
    assert_eq!(documented, SourceTree::read().rooms);
}

#[test]
fn every_path_that_the_documents_name_exists() {
    let mut missing = Vec::new();
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for word in code_words(&text) {
            let is_path = [
                "src/", "tests/", "config/", "benches/", "deploy/", "samples/",
            ]
            .iter()
            .any(|start| word.starts_with(start));
            let is_pattern = word.contains(|letter: char| "*… NX".contains(letter));
            if is_path && !is_pattern && !root().join(word).exists() {
                missing.push(format!("{} names {word}", shown(&file)));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn an_import_is_found_however_it_is_written() {
    let text = "
        use crate::{answer, chat::{self, slack::event}};
        pub(super) use super::near::Word as Other;
        // crate::cli
        mod part;
        fn f() { assert_eq!(crate::queue::open(), \"crate::web\"); part::g(other::part::h()) }
        mod tests { use super::*; use super::super::up; }
    ";
    let mut found = BTreeSet::new();
    let here = ["room".to_owned(), "file".to_owned()];
    collect(text.parse().unwrap(), &here, &mut found);
    let found: Vec<String> = found.iter().map(|path| path.join("::")).collect();
    let expected = [
        "answer",
        "chat",
        "chat::slack::event",
        "queue::open",
        "room::file",
        "room::file::part::g",
        "room::near::Word",
        "room::up",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_circle_is_found_at_any_length() {
    let edges_of = |arrows: &[(&str, &[&str])]| -> Edges {
        let arrows = arrows.iter();
        let arrows = arrows.map(|(from, to)| (from.into(), to.iter().map(PathBuf::from).collect()));
        arrows.collect()
    };
    let edges = edges_of(&[("a", &["b"]), ("b", &["c"]), ("c", &["a", "d"]), ("d", &[])]);
    let found: Vec<Vec<PathBuf>> = circles(&edges)
        .into_iter()
        .map(|circle| circle.into_iter().cloned().collect())
        .collect();
    assert_eq!(found, [["a", "b", "c"].map(PathBuf::from)]);
    assert!(circles(&edges_of(&[("a", &["b"]), ("b", &[])])).is_empty());
}
