//! Excerpts of one line.

/// Returns the text on one line, truncated at a word if it is longer than `max_chars`.
#[must_use]
pub fn one_line(text: &str, max_chars: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let more = word.chars().count() + usize::from(!line.is_empty());
        if length + more > max_chars {
            if line.is_empty() {
                line.extend(word.chars().take(max_chars));
            }
            line.push('…');
            return line;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        length += more;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_becomes_one_line_that_ends_at_a_word() {
        assert_eq!(one_line(" a\n b\tc ", 10), "a b c");
        assert_eq!(one_line("가스 공급을 중단한다", 8), "가스 공급을…");
        assert_eq!(one_line("unbreakable", 5), "unbre…");
        assert_eq!(one_line("", 5), "");
    }
}
