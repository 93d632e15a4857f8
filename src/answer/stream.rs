//! Streams the answer of the language model and reports it as progress.

use tokio::sync::watch;
use tokio::time::Instant;

use super::cite::CitationStream;
use super::prompt::{NOT_FOUND, Prompt};
use crate::answer::progress::Progress;
use crate::domain::answer::Usage;
use crate::llm::client::Llm;
use crate::llm::error::LlmError;
use crate::llm::reply::Ending;

/// The reply of the model.
#[derive(Debug)]
pub(super) struct Written {
    pub text: String,
    /// Positions of the cited passages in the prompt, in the order of their numbers.
    pub cited: Vec<usize>,
    pub first_token: Option<Instant>,
    pub usage: Usage,
    pub ending: Option<Ending>,
    pub failure: Option<LlmError>,
}

impl Written {
    /// Returns true if the model says that the passages do not contain the answer.
    pub(super) fn found_nothing(&self) -> bool {
        self.cited.is_empty() && self.failure.is_none() && is_not_found(&self.text)
    }
}

/// Asks the model. With `progress`, the text is reported from the first citation on: until then it is unsupported.
#[tracing::instrument(name = "write", level = "info", skip_all)]
pub(super) async fn write(
    llm: &Llm,
    prompt: &Prompt,
    progress: Option<&watch::Sender<Progress>>,
) -> Written {
    let mut citations = CitationStream::new(prompt.passage_count);
    let (mut first_token, mut usage, mut ending) = (None, Usage::default(), None);
    let failure = match llm.ask(&prompt.messages).await {
        Err(error) => Some(error),
        Ok(mut reply) => {
            let failure = loop {
                match reply.next().await {
                    Ok(Some(piece)) => {
                        first_token.get_or_insert_with(Instant::now);
                        citations.push(&piece);
                        if let Some(progress) = progress
                            && !citations.cited().is_empty()
                        {
                            progress.send_replace(Progress::Writing(citations.text().to_owned()));
                        }
                    }
                    Ok(None) => break None,
                    Err(error) => break Some(error),
                }
            };
            (usage, ending) = (reply.usage(), reply.ending());
            failure
        }
    };
    citations.finish();
    Written {
        text: citations.text().to_owned(),
        cited: citations.cited().to_vec(),
        first_token,
        usage,
        ending,
        failure,
    }
}

/// Returns true if a text without citations says that nothing was found.
pub(super) fn is_not_found(text: &str) -> bool {
    text.trim_start().starts_with(NOT_FOUND) || is_denial(text)
}

/// Returns true if a text without citations says in its own words that nothing was found, as models do that ignore the
/// agreed reply.
pub(super) fn is_denial(text: &str) -> bool {
    let lower = text.to_lowercase();
    let korean = [
        "문서에 없",
        "찾을 수 없",
        "찾지 못",
        "포함되어 있지 않",
        "언급되어 있지 않",
        "정보가 없",
        "나와 있지 않",
        "확인할 수 없",
    ];
    let english = [
        "not found in",
        "do not contain",
        "does not contain",
        "not in the passages",
        "not in the documents",
        "no information",
        "do not mention",
        "does not mention",
        "cannot find",
        "could not find",
        "not provided",
        "do not hold",
        "not specified",
    ];
    korean
        .iter()
        .chain(&english)
        .any(|denial| lower.contains(denial))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_without_citations_means_that_nothing_was_found() {
        for text in [
            "NOT_FOUND",
            "제공된 문서에서 해당 정보를 찾을 수 없습니다.",
            "The passages do not contain the boiling point.",
        ] {
            let written = Written {
                text: text.to_owned(),
                cited: Vec::new(),
                first_token: None,
                usage: Usage::default(),
                ending: None,
                failure: None,
            };
            assert!(written.found_nothing(), "{text}");
            assert!(
                !Written {
                    cited: vec![0],
                    ..written
                }
                .found_nothing()
            );
        }
        assert!(!is_denial("Bake it at 1050 °C."));
    }
}
