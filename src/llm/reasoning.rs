//! Strips the reasoning that a model writes into its answer.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Removes a leading `<think>…</think>` from a stream of text. Servers without a parser for the model's reasoning send it
/// as part of the answer.
#[derive(Debug)]
pub(super) enum ReasoningFilter {
    /// Only white space or a part of the opening tag was received.
    Beginning(String),
    /// Within the reasoning; buffers as much of its end as may be a part of the closing tag.
    Inside(String),
    /// After the reasoning, or without one.
    Done,
}

impl Default for ReasoningFilter {
    fn default() -> Self {
        Self::Beginning(String::new())
    }
}

impl ReasoningFilter {
    /// Returns the part of the next piece that belongs to the answer.
    pub(super) fn push(&mut self, piece: &str) -> String {
        match self {
            Self::Done => piece.to_owned(),
            Self::Beginning(buffer) => {
                buffer.push_str(piece);
                let trimmed = buffer.trim_start();
                if let Some(reasoning) = trimmed.strip_prefix(OPEN) {
                    let reasoning = reasoning.to_owned();
                    *self = Self::Inside(String::new());
                    return self.push(&reasoning);
                }
                if OPEN.starts_with(trimmed) {
                    return String::new();
                }
                let text = trimmed.to_owned();
                *self = Self::Done;
                text
            }
            Self::Inside(buffer) => {
                buffer.push_str(piece);
                if let Some((_, answer)) = buffer.split_once(CLOSE) {
                    let answer = answer.trim_start().to_owned();
                    // White space after the reasoning may come in later pieces.
                    *self = if answer.is_empty() {
                        Self::Beginning(String::new())
                    } else {
                        Self::Done
                    };
                    return answer;
                }
                let keep = buffer
                    .char_indices()
                    .rev()
                    .nth(CLOSE.len())
                    .map_or(0, |(at, _)| at);
                buffer.drain(..keep);
                String::new()
            }
        }
    }

    /// Returns the buffered text when the stream ends.
    pub(super) fn finish(self) -> String {
        match self {
            Self::Beginning(buffer) => buffer.trim_start().to_owned(),
            Self::Inside(_) | Self::Done => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(pieces: &[&str]) -> String {
        let mut filter = ReasoningFilter::default();
        let text: String = pieces.iter().map(|piece| filter.push(piece)).collect();
        text + &filter.finish()
    }

    #[test]
    fn leading_reasoning_is_removed_however_it_is_split() {
        let whole = "\n<think>온도는 < 800? maybe</think>\n\n값은 800 °C입니다.";
        for size in 1..whole.chars().count() {
            let letters: Vec<char> = whole.chars().collect();
            let pieces: Vec<String> = letters
                .chunks(size)
                .map(|piece| piece.iter().collect())
                .collect();
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            assert_eq!(through(&pieces), "값은 800 °C입니다.", "pieces of {size}");
        }
    }

    #[test]
    fn an_answer_without_reasoning_is_unchanged() {
        assert_eq!(through(&["<", "5 sccm"]), "<5 sccm");
        assert_eq!(through(&["see <think> there"]), "see <think> there");
        assert_eq!(through(&["<th"]), "<th");
        assert_eq!(through(&["<think>never closed"]), "");
    }
}
