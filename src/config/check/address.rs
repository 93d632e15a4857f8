//! Web addresses.

pub(super) const HOW_TO_WRITE: &str = "write one that begins with http:// or https://";

/// Reports a value that is not a web address.
pub(super) fn check_address(key: &str, value: &str, problems: &mut Vec<String>) {
    if !is_address(value) {
        problems.push(format!(
            "{key} is \"{value}\", which is no web address; {HOW_TO_WRITE}"
        ));
    }
}

/// Whether a value is an absolute URL with http or https.
pub(super) fn is_address(value: &str) -> bool {
    url::Url::parse(value)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
