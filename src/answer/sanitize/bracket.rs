//! Parses the text between brackets: the passages that it cites, if it is a citation.

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
/// Words that begin a place within the passage, which adds nothing to the number.
const PLACES: [&str; 9] = [
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
/// The widest range that is written out.
const WIDEST_RANGE: usize = 50;

/// The numbers of a citation with this text between its brackets, whether or not they exist; none if it is
/// something else.
///
/// Crystal directions look like citations: `[0001]`, `[110]`, `[11-20]`. They have three digits or more, which a
/// citation among at most 99 passages has only as a list or as a range within what was `given`.
pub(super) fn numbers(between: &str, given: usize) -> Option<Vec<usize>> {
    let between = between.trim().trim_matches(['[', ']']).trim();
    let mut found = Vec::new();
    for item in between
        .split([',', ';', ':', '，', '、', '&'])
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(" 및 "))
    {
        let item = item.trim();
        let lower = item.to_lowercase();
        if !found.is_empty() && PLACES.iter().any(|place| lower.starts_with(place)) {
            break;
        }
        let unlabelled = unlabelled(&lower);
        let number = unlabelled
            .split(['†', '‡'])
            .next()
            .unwrap_or_default()
            .trim();
        if number.is_empty() && unlabelled.len() < lower.len() {
            // "sources: 1": the label was alone.
            continue;
        }
        found.extend(range(number, given)?);
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

fn range(text: &str, given: usize) -> Option<Vec<usize>> {
    let Some((first, last)) = text.split_once(['-', '–', '—', '~', '‑', '−']) else {
        return number(text)
            .filter(|_| text.len() < 3)
            .map(|number| vec![number]);
    };
    let (first, last) = (number(first.trim())?, number(last.trim())?);
    let is_direction = text.bytes().filter(u8::is_ascii_digit).count() >= 3;
    if last < first || last - first > WIDEST_RANGE || (is_direction && last > given) {
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
