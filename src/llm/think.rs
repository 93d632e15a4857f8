//! Reasoning that a model writes into its answer.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Takes a leading `<think>…</think>` out of a stream of text. Servers without a parser for the model's
/// reasoning hand it out as if it were the answer.
#[derive(Debug)]
pub(super) enum Think {
    /// Nothing but white space, or the beginning of a tag, has come.
    Beginning(String),
    /// Within the reasoning; holds as much of its end as may be the beginning of the closing tag.
    Inside(String),
    /// Everything from here on is the answer.
    Past,
}

impl Default for Think {
    fn default() -> Self {
        Self::Beginning(String::new())
    }
}

impl Think {
    /// The part of the next piece that belongs to the answer.
    pub(super) fn push(&mut self, piece: &str) -> String {
        match self {
            Self::Past => piece.to_owned(),
            Self::Beginning(held) => {
                held.push_str(piece);
                let begun = held.trim_start();
                if let Some(reasoning) = begun.strip_prefix(OPEN) {
                    let reasoning = reasoning.to_owned();
                    *self = Self::Inside(String::new());
                    return self.push(&reasoning);
                }
                if OPEN.starts_with(begun) {
                    return String::new();
                }
                let text = begun.to_owned();
                *self = Self::Past;
                text
            }
            Self::Inside(held) => {
                held.push_str(piece);
                if let Some((_, answer)) = held.split_once(CLOSE) {
                    let answer = answer.trim_start().to_owned();
                    // White space after the reasoning may come in later pieces.
                    *self = if answer.is_empty() {
                        Self::Beginning(String::new())
                    } else {
                        Self::Past
                    };
                    return answer;
                }
                let keep = held
                    .char_indices()
                    .rev()
                    .nth(CLOSE.len())
                    .map_or(0, |(at, _)| at);
                held.drain(..keep);
                String::new()
            }
        }
    }

    /// What was held back, when the stream ends.
    pub(super) fn finish(self) -> String {
        match self {
            Self::Beginning(held) => held.trim_start().to_owned(),
            Self::Inside(_) | Self::Past => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(pieces: &[&str]) -> String {
        let mut think = Think::default();
        let text: String = pieces.iter().map(|piece| think.push(piece)).collect();
        text + &think.finish()
    }

    #[test]
    fn leading_reasoning_is_taken_out_however_it_is_cut() {
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
    fn an_answer_without_reasoning_is_left_as_it_is() {
        assert_eq!(through(&["<", "5 sccm"]), "<5 sccm");
        assert_eq!(through(&["see <think> there"]), "see <think> there");
        assert_eq!(through(&["<th"]), "<th");
        assert_eq!(through(&["<think>never closed"]), "");
    }
}
