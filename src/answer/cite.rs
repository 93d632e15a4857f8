//! Citations: parsed from the streamed text of the model, checked, renumbered and described.

use super::sanitize::Sanitizer;
use crate::answer::links::Links;
use crate::domain::answer::Citation;
use crate::domain::audience::Audience;
use crate::domain::excerpt::one_line;
use crate::domain::passage::Passage;

/// Length of a citation's quote, in characters.
const QUOTE_CHARS: usize = 200;

/// A streamed answer whose citations are checked against the given passages.
#[derive(Debug)]
pub(super) struct CitationStream(Sanitizer);

impl CitationStream {
    /// For an answer that may cite passages 1 to `passage_count`.
    pub(super) fn new(passage_count: usize) -> Self {
        Self(Sanitizer::citing(passage_count))
    }

    /// Appends the next piece of the model's text, cut anywhere.
    pub(super) fn push(&mut self, piece: &str) {
        self.0.push(piece);
    }

    /// Flushes what was held back. Called once, at the end of the text.
    pub(super) fn finish(&mut self) {
        self.0.finish();
    }

    /// The answer so far, sanitized: `[n]` counts from 1 in the order of first appearance.
    pub(super) fn text(&self) -> &str {
        self.0.text().trim()
    }

    /// Positions of the cited passages among the given ones, from 0, in the order of their numbers.
    pub(super) fn cited(&self) -> &[usize] {
        self.0.cited()
    }
}

/// Describes the passage that `[n]` cites, with a link signed for the audience.
pub(super) fn citation(
    n: usize,
    passage: &Passage,
    links: &Links,
    audience: &Audience,
) -> Citation {
    Citation {
        n: u32::try_from(n).unwrap_or(u32::MAX),
        doc_id: passage.document.id.clone(),
        passage: passage.id.clone(),
        title: passage.document.title.clone(),
        number: passage.document.number.clone(),
        revision: passage.document.revision.clone(),
        page: passage.page_label(),
        section: passage.section().map(str::to_owned),
        url: links.to(passage, audience),
        quote: one_line(&passage.text, QUOTE_CHARS),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cite_pieces(passage_count: usize, pieces: &[&str]) -> (String, Vec<usize>) {
        let mut stream = CitationStream::new(passage_count);
        for piece in pieces {
            stream.push(piece);
        }
        stream.finish();
        (stream.text().to_owned(), stream.cited().to_vec())
    }

    fn text(passage_count: usize, text: &str) -> String {
        cite_pieces(passage_count, &[text]).0
    }

    #[test]
    fn citations_are_normalised_and_numbered_in_the_order_of_their_appearance() {
        for (written, shown, cited) in [
            ("A [3]. B [1]. C [3].", "A [1]. B [2]. C [1].", &[2, 0][..]),
            ("A [1, 2].", "A [1][2].", &[0, 1]),
            ("A [1-3].", "A [1][2][3].", &[0, 1, 2]),
            ("A [2–3]; B [1;2]", "A [1][2]; B [3][1]", &[1, 2, 0]),
            ("A [1][2]", "A [1][2]", &[0, 1]),
            ("A [2][2]", "A [1]", &[1]),
            ("A【1】 B【2†source】", "A[1] B[2]", &[0, 1]),
            ("A [^1] B [[2]]", "A [1] B [2]", &[0, 1]),
            (
                "A [Source 1], [출처 2], [passage 3]",
                "A [1], [2], [3]",
                &[0, 1, 2],
            ),
            ("A [sources: 1 and 3]", "A [1][2]", &[0, 2]),
            ("A [2, p. 14]", "A [1]", &[1]),
            ("[1]: first", "[1] first", &[0]),
            ("[1](https://evil.example) x", "[1] x", &[0]),
        ] {
            assert_eq!(
                cite_pieces(3, &[written]),
                (shown.to_owned(), cited.to_vec()),
                "{written}"
            );
        }
    }

    #[test]
    fn a_number_that_points_to_no_passage_never_appears() {
        assert_eq!(
            text(3, "It is 5 °C [99]. Then [0] and [4]."),
            "It is 5 °C. Then and."
        );
        assert_eq!(text(3, "Both [2, 7]."), "Both [1].");
        assert_eq!(text(0, "None [1]."), "None.");
    }

    #[test]
    fn crystal_directions_and_other_brackets_are_no_citations() {
        for text_with_brackets in [
            "along [0001] and [11-20]",
            "[1-100] facet",
            "[110] flat",
            "flow [5 sccm]",
            "- [ ] purge",
            "[x",
            "a[0.25]",
        ] {
            assert_eq!(text(8, text_with_brackets), text_with_brackets);
        }
    }

    #[test]
    fn links_images_mentions_and_tags_are_neutralized() {
        for (written, shown) in [
            (
                "see [the manual](https://evil.example/x) now",
                "see the manual now",
            ),
            ("![logo](https://evil.example/p.png?q=1)", "logo"),
            ("[https://evil.example](https://evil.example)", "…"),
            ("go to https://evil.example/a?b=c, please", "go to … please"),
            ("www.evil.example 에서", "… 에서"),
            (
                "<https://evil.example|click> and <https://evil.example>",
                "click and …",
            ),
            (
                "<!channel> hello <@U123> in <#C1|general>",
                "hello  in general",
            ),
            (
                "@here and @everyone, not @anna",
                "here and everyone, not @anna",
            ),
            ("<img src=\"x\"> <b>bold</b> 10<sup>-6</sup>", "bold 10^-6"),
            ("[a][ref]\n\n[ref]: /admin", "[a][ref]\n\n[ref] : /admin"),
            ("<<b>@U123>", "< @U123>"),
            ("ht<b></b>tp://evil.example", "ht…"),
            ("`[x](/admin)`", "`[x] (/admin)`"),
            ("p < 5 and x <y", "p < 5 and x < y"),
        ] {
            assert_eq!(text(3, written), shown, "{written}");
        }
    }

    #[test]
    fn code_and_tables_survive() {
        let text_with_brackets = "| Gas | Flow |\n|---|---|\n| NH3 | 5 slm [1] |\n\n```\nvalve[1] = open # not [9]\n```\nDone `x[2]` [1].";
        assert_eq!(text(3, text_with_brackets), text_with_brackets);
        assert_eq!(
            text(3, "1. ```\na[2]\n```\nthen [2]"),
            "1. ```\na[2]\n```\nthen [1]"
        );
        assert_eq!(text(3, "a ` b\nthen [2]"), "a ` b\nthen [1]");
    }

    #[test]
    fn a_partial_citation_is_held_back() {
        let mut stream = CitationStream::new(3);
        for (piece, shown) in [
            ("It is 5 ", "It is 5"),
            ("°C [", "It is 5 °C"),
            ("1", "It is 5 °C"),
            ("].", "It is 5 °C [1]."),
        ] {
            stream.push(piece);
            assert_eq!(stream.text(), shown);
        }
    }

    proptest! {
        #[test]
        fn however_the_text_is_cut_it_comes_out_the_same(
            words in proptest::collection::vec(
                prop::sample::select(vec![
                    "온도는 ", "800 °C ", "[1]", "[2, 3]", "[99]", "[", "]", "(", ")", "https://e.vil/x", " ", "\n", "`", "```",
                    "<@U1>", "<b>", "!", "[t](u)", "【2】", "@here", "www.", ":", "/", "<", ">", "|", "[^3]", "x",
                ]),
                0..30,
            ),
            cuts in proptest::collection::vec(1_usize..5, 1..40),
        ) {
            let whole: String = words.concat();
            let letters: Vec<char> = whole.chars().collect();
            let mut pieces = Vec::new();
            let mut at = 0;
            for length in cuts.iter().cycle() {
                if at >= letters.len() { break; }
                let end = (at + length).min(letters.len());
                pieces.push(letters[at..end].iter().collect::<String>());
                at = end;
            }
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let (cut, cited) = cite_pieces(3, &pieces);
            prop_assert_eq!(&(cut.clone(), cited), &cite_pieces(3, &[&whole]));
            for active in ["<@", "<!", "<#", "](", "://"] {
                prop_assert!(!cut.contains(active), "{} in {}", active, cut);
            }
            // Brackets in code are not citations.
            prop_assert!(!cut.contains("[99]") || cut.contains('`'), "{}", cut);
        }
    }
}
