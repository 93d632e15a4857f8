//! Slack's markup (mrkdwn) for platform-independent sentences.

use super::escape::escape;
use super::render::shorten;
use super::split::cut;
use crate::i18n::markup::Markup;

/// Slack's markup.
pub(super) struct SlackMarkup;

impl Markup for SlackMarkup {
    fn escape(&self, text: &str) -> String {
        escape(text)
    }

    fn bold(&self, markup: &str) -> String {
        format!("*{markup}*")
    }

    fn person(&self, id: &str) -> String {
        format!("<@{id}>")
    }

    fn group(&self, id: &str) -> String {
        format!("<!subteam^{id}>")
    }

    fn conversation(&self, id: &str) -> String {
        format!("<#{id}>")
    }

    fn link(&self, url: &str, label: &str) -> String {
        format!("<{url}|{label}>")
    }

    fn shorten(&self, markup: &str, max_chars: usize) -> String {
        shorten(markup, max_chars)
    }

    fn excerpt(&self, markup: &str, max_chars: usize) -> String {
        cut(markup, max_chars)
            .into_iter()
            .next()
            .unwrap_or_default()
    }
}
