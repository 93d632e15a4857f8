//! Slack's markup (mrkdwn), for sentences that the neutral code writes.

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

    fn shorten(&self, markup: &str, most: usize) -> String {
        shorten(markup, most)
    }

    fn excerpt(&self, markup: &str, most: usize) -> String {
        cut(markup, most).into_iter().next().unwrap_or_default()
    }
}
