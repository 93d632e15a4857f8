//! How a chat platform writes what is more than plain text.

/// The markup of a chat platform.
pub trait Markup: Send + Sync {
    /// Makes text of any origin harmless: it is shown as it is.
    fn escape(&self, text: &str) -> String;

    /// Text that is markup already, in bold.
    fn bold(&self, markup: &str) -> String;

    /// A mention of a person.
    fn person(&self, id: &str) -> String;

    /// A mention of a user group.
    fn group(&self, id: &str) -> String;

    /// A reference to a conversation.
    fn conversation(&self, id: &str) -> String;

    /// A link with a label that is markup already.
    fn link(&self, url: &str, label: &str) -> String;

    /// The beginning of text that is markup already, at most `most` characters, no escape cut in half.
    fn shorten(&self, markup: &str, most: usize) -> String;

    /// The first part of text that is markup already, at most `most` characters, cut where a sentence or word ends.
    fn excerpt(&self, markup: &str, most: usize) -> String;

    /// Text of any origin on one line, shortened and escaped.
    fn line(&self, text: &str, most: usize) -> String {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.shorten(&self.escape(&line), most)
    }
}
