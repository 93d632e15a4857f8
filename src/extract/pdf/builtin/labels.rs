//! Page labels (ISO 32000-1, 12.4.2): `iii`, `A-4`.

use hayro_syntax::object::{Array, Dict, Name, Number, Object};

use super::decode_text;

/// Maximum depth of a number tree.
const MAX_DEPTH: u8 = 16;

/// Letters of a label; a longer one means that the file is broken.
const MAX_LETTERS: u32 = 64;

/// Labels from a page on, counted from 0: prefix, numbering style and first number.
#[derive(Clone, Debug, Default, PartialEq)]
struct Style {
    from: usize,
    before: String,
    digits: Option<char>,
    first: u32,
}

/// Returns a label for each page; empty if the file has none.
pub(super) fn read(root: &Dict<'_>, pages: usize) -> Vec<String> {
    let mut styles = Vec::new();
    if let Some(tree) = root.get::<Dict<'_>>("PageLabels") {
        collect(&tree, MAX_DEPTH, &mut styles);
    }
    styles.sort_by_key(|style| style.from);
    label(&styles, pages)
}

fn label(styles: &[Style], pages: usize) -> Vec<String> {
    if styles.is_empty() {
        return Vec::new();
    }
    let plain = Style {
        digits: Some('D'),
        first: 1,
        ..Style::default()
    };
    let labels = (0..pages).map(|page| {
        let style = styles.iter().rfind(|style| style.from <= page);
        style.unwrap_or(&plain).label(page)
    });
    labels.collect()
}

impl Style {
    fn label(&self, page: usize) -> String {
        let count = u32::try_from(page - self.from).unwrap_or(u32::MAX);
        let number = self.first.saturating_add(count);
        let digits = match self.digits {
            None => String::new(),
            Some('r') => roman(number),
            Some('R') => roman(number).to_uppercase(),
            Some('a') => letters(number),
            Some('A') => letters(number).to_uppercase(),
            Some(_) => number.to_string(),
        };
        format!("{}{digits}", self.before)
    }
}

/// Collects the styles of a number tree.
fn collect(tree: &Dict<'_>, depth: u8, styles: &mut Vec<Style>) {
    if let Some(pairs) = tree.get::<Array<'_>>("Nums") {
        let mut pairs = pairs.iter::<Object<'_>>();
        while let (Some(Object::Number(from)), Some(style)) = (pairs.next(), pairs.next()) {
            if let (Ok(from), Object::Dict(style)) = (usize::try_from(from.as_i64()), style) {
                styles.push(style_of(from, &style));
            }
        }
    }
    let kids = tree.get::<Array<'_>>("Kids").filter(|_| depth > 0);
    for kid in kids.iter().flat_map(Array::iter::<Dict<'_>>) {
        collect(&kid, depth - 1, styles);
    }
}

fn style_of(from: usize, style: &Dict<'_>) -> Style {
    let before = style.get::<hayro_syntax::object::String<'_>>("P");
    let first = style.get::<Number>("St").map_or(1, |first| first.as_i64());
    Style {
        from,
        before: before
            .map(|before| decode_text(before.as_bytes()))
            .unwrap_or_default(),
        digits: style
            .get::<Name<'_>>("S")
            .and_then(|name| name.as_str().chars().next()),
        first: u32::try_from(first).unwrap_or(1),
    }
}

fn roman(number: u32) -> String {
    const DIGITS: [(u32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    if number / 1000 > MAX_LETTERS {
        return number.to_string();
    }
    let (mut left, mut written) = (number, String::new());
    for (value, digit) in DIGITS {
        while left >= value {
            written.push_str(digit);
            left -= value;
        }
    }
    written
}

/// Formats `a` to `z`, then `aa` to `zz`, and so on.
fn letters(number: u32) -> String {
    let Some(index) = number.checked_sub(1) else {
        return String::new();
    };
    let times = index / 26 + 1;
    if times > MAX_LETTERS {
        return number.to_string();
    }
    let letter = char::from(b'a' + u8::try_from(index % 26).unwrap_or_default());
    (0..times).map(|_| letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_follow_the_styles_of_the_file() {
        let style = |from, before: &str, digits, first| Style {
            from,
            before: before.to_owned(),
            digits,
            first,
        };
        let styles = [
            style(1, "", Some('r'), 3),
            style(4, "A-", Some('D'), 9),
            style(6, "", Some('A'), 26),
            style(8, "back", None, 1),
        ];
        let labels = label(&styles, 9);
        assert_eq!(
            labels,
            ["1", "iii", "iv", "v", "A-9", "A-10", "Z", "AA", "back"]
        );
    }

    #[test]
    fn a_file_without_labels_has_none() {
        assert!(label(&[], 3).is_empty());
    }
}
