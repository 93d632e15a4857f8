//! Slack's markup: removed from incoming messages, escaped in outgoing text.

/// Escapes Slack's three control characters, so that the text cannot become a mention, a link or an image.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// Undoes [`escape`], each character once.
fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// The plain text of a message: references replaced by their visible text, mentions of `own_user` left out.
pub(super) fn plain(text: &str, own_user: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        plain.push_str(&unescape(&rest[..open]));
        let after = &rest[open + 1..];
        let shown = after
            .find('>')
            .and_then(|close| Some((close, reference(&after[..close], own_user)?)));
        if let Some((close, shown)) = shown {
            plain.push_str(&unescape(&shown));
            rest = &after[close + 1..];
        } else {
            plain.push('<');
            rest = after;
        }
    }
    plain.push_str(&unescape(rest));
    plain.trim().to_owned()
}

/// Returns true if the message mentions this user.
pub(super) fn mentions(text: &str, user: &str) -> bool {
    mentioned(text).any(|mentioned| mentioned == user)
}

/// The users that a message mentions.
pub(super) fn mentioned(text: &str) -> impl Iterator<Item = &str> {
    text.split("<@").skip(1).filter_map(|after| {
        Some(
            after
                .split_once('>')?
                .0
                .split('|')
                .next()
                .unwrap_or_default(),
        )
    })
}

/// The visible text of the reference between `<` and `>`; `None` if it is not a reference.
fn reference(inner: &str, own_user: &str) -> Option<String> {
    let (target, label) = match inner.split_once('|') {
        Some((target, label)) => (target, Some(label).filter(|label| !label.is_empty())),
        None => (inner, None),
    };
    if let Some(user) = target.strip_prefix('@') {
        return Some(if user == own_user {
            String::new()
        } else {
            format!("@{}", label.unwrap_or(user))
        });
    }
    if let Some(channel) = target.strip_prefix('#') {
        return Some(format!("#{}", label.unwrap_or(channel)));
    }
    if let Some(special) = target.strip_prefix('!') {
        let name = label.unwrap_or(special);
        let is_date = special.starts_with("date^");
        return Some(if is_date || name.starts_with('@') {
            name.to_owned()
        } else {
            format!("@{name}")
        });
    }
    let is_address =
        target.contains("://") || target.starts_with("mailto:") || target.starts_with("tel:");
    is_address.then(|| label.unwrap_or(target).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_their_visible_text() {
        for (written, read) in [
            ("<@UBOT> purge flow?", "purge flow?"),
            ("<@UBOT|epibot>: purge flow?", ": purge flow?"),
            ("ask <@U2> or <@U3|mina>", "ask @U2 or @mina"),
            ("in <#C1|growth> and <#C2>", "in #growth and #C2"),
            ("<!here> and <!subteam^S1|@growers>", "@here and @growers"),
            ("<!date^1392734382^{date}|Feb 18>", "Feb 18"),
            (
                "see <https://a.example/x?y=1&amp;z=2>",
                "see https://a.example/x?y=1&z=2",
            ),
            ("see <https://a.example/x|the manual>", "see the manual"),
            ("<mailto:a@b.example|a@b.example>", "a@b.example"),
            ("P &lt; 100 &amp; T &gt; 5", "P < 100 & T > 5"),
            ("&amp;lt;", "&lt;"),
            ("a < b and c > d", "a < b and c > d"),
            ("<unknown> and <", "<unknown> and <"),
            ("<<@UBOT>", "<"),
        ] {
            assert_eq!(plain(written, "UBOT"), read, "{written}");
        }
    }

    #[test]
    fn escaped_text_is_unescaped_to_the_same_text() {
        let text = "<!channel> & <@U1> &amp; <https://a.example|b>";
        assert_eq!(plain(&escape(text), "UBOT"), text);
        assert!(!escape(text).contains('<'));
    }

    #[test]
    fn a_mention_counts_with_and_without_its_name() {
        assert!(mentions("hello <@U1>", "U1"));
        assert!(mentions("hello <@U1|name>", "U1"));
        assert!(!mentions("hello <@U11> @U1 <#U1>", "U1"));
    }
}
