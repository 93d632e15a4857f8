//! Citation markers `[n]` in a text. Code between backticks has none.

/// Replaces each `[n]` by its number in `numbers`, and removes those without one.
pub(super) fn renumbered(text: &str, numbers: &[Option<usize>]) -> String {
    let mut renumbered = String::with_capacity(text.len());
    for (is_code, piece) in pieces(text) {
        if is_code {
            renumbered.push_str(piece);
            continue;
        }
        let mut rest = piece;
        while let Some((before, number, after)) = first_marker(rest) {
            match numbers.get(number.wrapping_sub(1)).copied().flatten() {
                Some(new) => {
                    renumbered.push_str(before);
                    renumbered.extend(["[", &new.to_string(), "]"]);
                }
                None => renumbered.push_str(before.trim_end()),
            }
            rest = after;
        }
        renumbered.push_str(rest);
    }
    renumbered
}

/// The numbers of the markers in a text, each once.
pub(super) fn markers(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    for (_, piece) in pieces(text).into_iter().filter(|(is_code, _)| !is_code) {
        let mut rest = piece;
        while let Some((_, number, after)) = first_marker(rest) {
            if !found.contains(&number) {
                found.push(number);
            }
            rest = after;
        }
    }
    found
}

/// Splits a text into prose and code (true), the latter with its backticks.
fn pieces(text: &str) -> Vec<(bool, &str)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('`') {
        let Some(length) = rest[open + 1..].find(['`', '\n']).map(|at| at + 2) else {
            break;
        };
        pieces.push((false, &rest[..open]));
        pieces.push((true, &rest[open..open + length]));
        rest = &rest[open + length..];
    }
    pieces.push((false, rest));
    pieces
}

/// The text before the first `[n]`, its number, and the text after it.
fn first_marker(text: &str) -> Option<(&str, usize, &str)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('[').map(|at| from + at) {
        let digits = text[open + 1..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let end = open + 1 + digits;
        if (1..=4).contains(&digits) && text[end..].starts_with(']') {
            let number = text[open + 1..end].parse().ok()?;
            return Some((&text[..open], number, &text[end + 1..]));
        }
        from = open + 1;
    }
    None
}
