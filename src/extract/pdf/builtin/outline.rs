//! The outline of a PDF, and the pages that its entries lead to (ISO 32000-1, 12.3).

use std::collections::HashMap;

use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier};
use hayro_syntax::page::Pages;

use super::said;
use crate::extract::pdf::raw::Bookmark;

/// Entries of an outline or a list of names that are read; a broken one can go round in circles.
const MOST: usize = 20_000;

/// How deep an outline is read.
const DEEPEST: u8 = 8;

/// How deep a tree of names lies.
const DEEPEST_NAMES: u8 = 16;

/// Reads the outline of a document, whose catalogue is `root`.
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
            .map(|title| said(title.as_bytes()))
            .unwrap_or_default();
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(page) = targets.page_of(&entry)
            && !title.is_empty()
        {
            found.push(Bookmark { level, title, page });
        }
        seen += 1;
        if seen >= MOST {
            break;
        }
        stack.extend(entry.get("Next").map(|next| (next, level)));
        if level < DEEPEST {
            stack.extend(entry.get("First").map(|first| (first, level + 1)));
        }
    }
    found
}

/// Knows which page a destination is on.
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
            for key in names.keys().take(MOST) {
                if let Some(target) = names.get(&*key) {
                    named.insert(key.to_vec(), target);
                }
            }
        }
        let tree = root
            .get::<Dict<'a>>("Names")
            .and_then(|names| names.get("Dests"));
        if let Some(tree) = tree {
            collect(&tree, DEEPEST_NAMES, &mut named);
        }
        Self {
            pages: ids.collect(),
            named,
        }
    }

    /// The page of an entry's destination, or of the action that goes there.
    fn page_of(&self, entry: &Dict<'a>) -> Option<usize> {
        let target = entry.get::<Object<'a>>("Dest").or_else(|| {
            let action = entry.get::<Dict<'a>>("A")?;
            let goes = action.get::<Name<'_>>("S")?.as_str() == "GoTo";
            goes.then(|| action.get("D")).flatten()
        })?;
        self.page(&target, true)
    }

    /// `may_be_named`, but a name stands for no other name.
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

    /// The page that a destination begins with.
    fn first(&self, array: &Array<'a>) -> Option<usize> {
        match array.raw_iter().next()? {
            MaybeRef::Ref(page) => self.pages.get(&page.into()).copied(),
            MaybeRef::NotRef(Object::Number(index)) => usize::try_from(index.as_i64()).ok(),
            MaybeRef::NotRef(_) => None,
        }
    }
}

/// Collects the names of a tree.
fn collect<'a>(tree: &Dict<'a>, depth: u8, named: &mut HashMap<Vec<u8>, Object<'a>>) {
    if let Some(pairs) = tree.get::<Array<'a>>("Names") {
        let mut pairs = pairs.iter::<Object<'a>>();
        while let (Some(Object::String(name)), Some(target)) = (pairs.next(), pairs.next()) {
            if named.len() >= MOST {
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
