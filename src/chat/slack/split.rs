//! Splits long text in Slack's markup between lines, sentences or words.

/// Splits a text into parts of at most `max_chars` characters, preferably between lines, else between sentences, else
/// between words, never inside `<…>` or an escape unless that alone is longer. The parts contain every word.
pub(super) fn cut(text: &str, max_chars: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(max_chars) {
        let at = boundary(&rest[..end]);
        parts.push(rest[..at].trim_end().to_owned());
        rest = rest[at..].trim_start();
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(rest.to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Splits fixed-width text between lines; a line that is too long is cut anywhere.
pub(super) fn cut_code(code: &str, max_chars: usize) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in code.lines() {
        for piece in pieces_of(line, max_chars) {
            match parts.last_mut() {
                Some(last) if last.chars().count() + 1 + piece.chars().count() <= max_chars => {
                    last.push('\n');
                    last.push_str(piece);
                }
                _ => parts.push(piece.to_owned()),
            }
        }
    }
    parts
}

fn pieces_of(line: &str, max_chars: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some((end, _)) = rest.char_indices().nth(max_chars) {
        let (piece, after) = rest.split_at(outside_markup(rest, end));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// The best position to cut a text, in bytes; never 0.
fn boundary(text: &str) -> usize {
    for separator in ["\n", ". ", "? ", "! ", " "] {
        let mut found = text
            .rmatch_indices(separator)
            .map(|(at, _)| at + separator.len());
        if let Some(at) = found.find(|at| outside_markup(text, *at) == *at && *at > 0) {
            // A better boundary is not used if the part would be less than half full.
            if at > text.len() / 2 || separator == " " {
                return at;
            }
        }
    }
    outside_markup(text, text.len())
}

/// The last position at or before `at` that is not inside `<…>` or `&…;`; `at` itself if there is none.
fn outside_markup(text: &str, at: usize) -> usize {
    let before = &text[..at];
    let open = |from: char, to: char| {
        before
            .rfind(from)
            .filter(|start| !before[*start..].contains(to))
    };
    let reference = open('<', '>');
    let escaped = open('&', ';').filter(|start| at - start < 6);
    match reference.into_iter().chain(escaped).min() {
        Some(start) if start > 0 => start,
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_cut_at_lines_then_sentences_then_words() {
        assert_eq!(cut("one two\nthree four", 12), ["one two", "three four"]);
        assert_eq!(cut("One is. Two is it", 10), ["One is.", "Two is it"]);
        assert_eq!(cut("abcdefgh ijk", 10), ["abcdefgh", "ijk"]);
        assert_eq!(cut("abcdefghijkl", 10), ["abcdefghij", "kl"]);
        assert_eq!(cut("", 10), Vec::<String>::new());
    }

    #[test]
    fn links_and_escapes_stay_whole() {
        assert_eq!(
            cut("abc def <http://x/y z|[1]> ghi", 20),
            ["abc def", "<http://x/y z|[1]>", "ghi"]
        );
        assert_eq!(cut("abcdefg&amp;hij", 9), ["abcdefg", "&amp;hij"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_long(text in "[a-z가-힣 .\n&;<>]{0,200}", max_chars in 10_usize..50) {
            let without_space = |text: &str| text.split_whitespace().collect::<String>();
            let parts = cut(&text, max_chars);
            prop_assert_eq!(without_space(&parts.concat()), without_space(&text));
            let code = cut_code(&text, max_chars);
            prop_assert_eq!(without_space(&code.concat()), without_space(&text));
            prop_assert!(parts.iter().chain(&code).all(|part| part.chars().count() <= max_chars));
        }
    }
}
