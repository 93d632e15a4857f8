//! Parses the text between brackets into citation numbers.

/// Words that models put before the number.
const LABELS: [&str; 16] = [
    "sources",
    "source",
    "passages",
    "passage",
    "documents",
    "document",
    "docs",
    "doc",
    "refs",
    "ref",
    "citation",
    "출처",
    "문서",
    "자료",
    "근거",
    "참고",
];
/// Words that begin a location within the passage, which is dropped.
const LOCATION_WORDS: [&str; 9] = [
    "p.",
    "pp.",
    "page",
    "section",
    "sec",
    "§",
    "쪽",
    "페이지",
    "절",
];
/// Maximum length of a range that is expanded.
const MAX_RANGE: usize = 50;

/// Returns the numbers of a citation with this text between its brackets, whether or not they exist; `None` if it is no
/// citation.
///
/// Crystal directions look like citations: `[0001]`, `[110]`, `[11-20]`. They have three digits or more; a citation has
/// so many only in a list or in a range of the passages 1 to `passage_count`.
pub(super) fn numbers(between: &str, passage_count: usize) -> Option<Vec<usize>> {
    let between = between.trim().trim_matches(['[', ']']).trim();
    let mut found = Vec::new();
    for item in between
        .split([',', ';', ':', '，', '、', '&'])
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(" 및 "))
    {
        let item = item.trim();
        let lower = item.to_lowercase();
        if !found.is_empty() && LOCATION_WORDS.iter().any(|place| lower.starts_with(place)) {
            break;
        }
        let unlabelled = unlabelled(&lower);
        let number = unlabelled
            .split(['†', '‡'])
            .next()
            .unwrap_or_default()
            .trim();
        if number.is_empty() && unlabelled.len() < lower.len() {
            // In "sources: 1" the label is an item of its own.
            continue;
        }
        found.extend(range(number, passage_count)?);
    }
    (!found.is_empty()).then_some(found)
}

fn unlabelled(item: &str) -> &str {
    let item = item.trim_start_matches('^');
    let rest = LABELS
        .iter()
        .find_map(|label| item.strip_prefix(label))
        .unwrap_or(item);
    rest.trim_start_matches(['#', '.', ' ', '^'])
}

fn range(text: &str, passage_count: usize) -> Option<Vec<usize>> {
    let Some((first, last)) = text.split_once(['-', '–', '—', '~', '‑', '−']) else {
        return number(text)
            .filter(|_| text.len() < 3)
            .map(|number| vec![number]);
    };
    let (first, last) = (number(first.trim())?, number(last.trim())?);
    let is_direction = text.bytes().filter(u8::is_ascii_digit).count() >= 3;
    if last < first || last - first > MAX_RANGE || (is_direction && last > passage_count) {
        return None;
    }
    Some((first..=last).collect())
}

fn number(text: &str) -> Option<usize> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_padded = text.len() > 1 && text.starts_with('0');
    (is_number && !is_padded)
        .then(|| text.parse().ok())
        .flatten()
}
