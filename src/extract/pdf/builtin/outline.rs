//! The outline of a PDF with the target pages of its entries (ISO 32000-1, 12.3).

use std::collections::HashMap;

use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier};
use hayro_syntax::page::Pages;

use super::decode_text;
use crate::extract::pdf::raw::Bookmark;

/// Entries of an outline or name tree that are read; a broken one can be circular.
const MAX_ENTRIES: usize = 20_000;

/// Depth to which an outline is read.
const MAX_DEPTH: u8 = 8;

/// Maximum depth of a name tree.
const MAX_NAME_TREE_DEPTH: u8 = 16;

/// Reads the outline of a document with the catalogue `root`.
pub(super) fn read(root: &Dict<'_>, pages: &Pages<'_>) -> Vec<Bookmark> {
    let Some(outlines) = root.get::<Dict<'_>>("Outlines") else {
        return Vec::new();
    };
    let targets = Targets::new(root, pages);
    let mut found = Vec::new();
    let mut stack: Vec<(Dict<'_>, u8)> = Vec::new();
    stack.extend(outlines.get("First").map(|first| (first, 1)));
    let mut seen = 0;
    while let Some((entry, level)) = stack.pop() {
        let title = entry.get::<hayro_syntax::object::String<'_>>("Title");
        let title = title
            .map(|title| decode_text(title.as_bytes()))
            .unwrap_or_default();
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(page) = targets.page_of(&entry)
            && !title.is_empty()
        {
            found.push(Bookmark { level, title, page });
        }
        seen += 1;
        if seen >= MAX_ENTRIES {
            break;
        }
        stack.extend(entry.get("Next").map(|next| (next, level)));
        if level < MAX_DEPTH {
            stack.extend(entry.get("First").map(|first| (first, level + 1)));
        }
    }
    found
}

/// Resolves destinations to pages.
struct Targets<'a> {
    pages: HashMap<ObjectIdentifier, usize>,
    named: HashMap<Vec<u8>, Object<'a>>,
}

impl<'a> Targets<'a> {
    fn new(root: &Dict<'a>, pages: &Pages<'a>) -> Self {
        let ids = pages.iter().enumerate();
        let ids = ids.filter_map(|(index, page)| Some((page.raw().obj_id()?, index)));
        let mut named = HashMap::new();
        if let Some(names) = root.get::<Dict<'a>>("Dests") {
            for key in names.keys().take(MAX_ENTRIES) {
                if let Some(target) = names.get(&*key) {
                    named.insert(key.to_vec(), target);
                }
            }
        }
        let tree = root
            .get::<Dict<'a>>("Names")
            .and_then(|names| names.get("Dests"));
        if let Some(tree) = tree {
            collect(&tree, MAX_NAME_TREE_DEPTH, &mut named);
        }
        Self {
            pages: ids.collect(),
            named,
        }
    }

    /// Returns the page of an entry's destination, or of its go-to action.
    fn page_of(&self, entry: &Dict<'a>) -> Option<usize> {
        let target = entry.get::<Object<'a>>("Dest").or_else(|| {
            let action = entry.get::<Dict<'a>>("A")?;
            let goes = action.get::<Name<'_>>("S")?.as_str() == "GoTo";
            goes.then(|| action.get("D")).flatten()
        })?;
        self.page(&target, true)
    }

    /// Returns the page of a destination. `may_be_named` is false for the target of a name, to avoid cycles.
    fn page(&self, target: &Object<'a>, may_be_named: bool) -> Option<usize> {
        let named = |name: &[u8]| {
            let target = self.named.get(name).filter(|_| may_be_named)?;
            self.page(target, false)
        };
        match target {
            Object::Array(array) => self.first(array),
            Object::Dict(dict) => self.first(&dict.get("D")?),
            Object::String(name) => named(name.as_bytes()),
            Object::Name(name) => named(name),
            _ => None,
        }
    }

    /// Returns the page at the beginning of an explicit destination.
    fn first(&self, array: &Array<'a>) -> Option<usize> {
        match array.raw_iter().next()? {
            MaybeRef::Ref(page) => self.pages.get(&page.into()).copied(),
            MaybeRef::NotRef(Object::Number(index)) => usize::try_from(index.as_i64()).ok(),
            MaybeRef::NotRef(_) => None,
        }
    }
}

/// Collects the names of a name tree.
fn collect<'a>(tree: &Dict<'a>, depth: u8, named: &mut HashMap<Vec<u8>, Object<'a>>) {
    if let Some(pairs) = tree.get::<Array<'a>>("Names") {
        let mut pairs = pairs.iter::<Object<'a>>();
        while let (Some(Object::String(name)), Some(target)) = (pairs.next(), pairs.next()) {
            if named.len() >= MAX_ENTRIES {
                return;
            }
            named.insert(name.as_bytes().to_vec(), target);
        }
    }
    let kids = tree.get::<Array<'a>>("Kids").filter(|_| depth > 0);
    for kid in kids.iter().flat_map(Array::iter::<Dict<'a>>) {
        collect(&kid, depth - 1, named);
    }
}
