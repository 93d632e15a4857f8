//! Splits long text in Slack's markup at the best place: between paragraphs, sentences or words.

/// Cuts a text into parts of at most `most` characters, best between lines, else between sentences, else between
/// words, never inside `<…>` or an escape unless that alone is longer. Joined, the parts contain every word.
pub(super) fn cut(text: &str, most: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(most) {
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

/// Cuts fixed-width lines between lines; a line that is too long alone is cut anywhere.
pub(super) fn cut_code(code: &str, most: usize) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in code.lines() {
        for piece in pieces_of(line, most) {
            match parts.last_mut() {
                Some(last) if last.chars().count() + 1 + piece.chars().count() <= most => {
                    last.push('\n');
                    last.push_str(piece);
                }
                _ => parts.push(piece.to_owned()),
            }
        }
    }
    parts
}

fn pieces_of(line: &str, most: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some((end, _)) = rest.char_indices().nth(most) {
        let (piece, after) = rest.split_at(whole(rest, end));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// Where a text that is too long is best cut, in bytes; never 0.
fn boundary(text: &str) -> usize {
    for separator in ["\n", ". ", "? ", "! ", " "] {
        let mut found = text
            .rmatch_indices(separator)
            .map(|(at, _)| at + separator.len());
        if let Some(at) = found.find(|at| whole(text, *at) == *at && *at > 0) {
            // A part that is less than half full is not worth a better boundary.
            if at > text.len() / 2 || separator == " " {
                return at;
            }
        }
    }
    whole(text, text.len())
}

/// The last place at or before `at` that is not inside `<…>` or `&…;`; `at` itself if there is none.
fn whole(text: &str, at: usize) -> usize {
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
        fn nothing_is_lost_and_nothing_is_too_long(text in "[a-z가-힣 .\n&;<>]{0,200}", most in 10_usize..50) {
            let without_space = |text: &str| text.split_whitespace().collect::<String>();
            let parts = cut(&text, most);
            prop_assert_eq!(without_space(&parts.concat()), without_space(&text));
            let code = cut_code(&text, most);
            prop_assert_eq!(without_space(&code.concat()), without_space(&text));
            prop_assert!(parts.iter().chain(&code).all(|part| part.chars().count() <= most));
        }
    }
}
