//! Reads a script's header from the comments at its top.

use super::lexer::Comment;
use crate::domain::units::Unit;
use crate::recipes::import::channel_name::ChannelTable;
use crate::recipes::model::{LineText, Recipe, StatedValue};
use crate::recipes::species;

/// Reads lines such as `System: …`, `Based on: …` and `TMGa_1: 0`.
pub(super) fn read<'a>(recipe: &mut Recipe, comments: impl Iterator<Item = &'a Comment<'a>>) {
    let mut channels = ChannelTable::from_recipe(recipe);
    for comment in comments {
        let Some((key, value)) = comment.text.split_once(':') else {
            continue;
        };
        let (key, value) = (key.trim_matches(['#', ' ', '\t']), value.trim());
        if value.is_empty() {
            continue;
        }
        let line_text = || {
            Some(LineText {
                text: value.to_owned(),
                line: comment.line,
            })
        };
        let header = &mut recipe.header;
        let slot = match key.to_lowercase().as_str() {
            "recipe" | "레시피" => {
                let name = value.split_whitespace().next().unwrap_or(value);
                name.clone_into(&mut recipe.id);
                continue;
            }
            "system" | "tool" | "장비" => &mut header.tool,
            "supervisor" | "author" | "operator" | "작성자" | "담당자" => &mut header.author,
            "comment" | "title" | "설명" | "제목" => &mut header.title,
            "based on" | "원본" | "기반" => &mut header.based_on,
            "revision" | "rev" | "개정" => &mut header.revision,
            "status" | "상태" => &mut header.status,
            "effective" | "date" | "시행일" => &mut header.effective,
            "customer" | "고객" => &mut header.customer,
            "substrate" | "기판" => &mut header.substrate,
            _ => {
                bubbler(&mut channels, key, value, comment.line);
                continue;
            }
        };
        if slot.is_none() {
            *slot = line_text();
        }
    }
    channels.put_into(recipe);
}

/// Reads `TMGa_1: 0`, listed below a heading for bubbler temperatures in °C.
fn bubbler(channels: &mut ChannelTable, key: &str, value: &str, line: u32) {
    let is_source = species::find_by_source_key(key).is_some_and(|known| known.vapour.is_some())
        || channels
            .sources
            .iter()
            .any(|source| source.key.eq_ignore_ascii_case(key));
    let Ok(celsius) = value.trim_end_matches(['°', 'C', ' ']).parse::<f64>() else {
        return;
    };
    if is_source && celsius.is_finite() {
        let at = channels.source(key);
        channels.sources[at].bubbler = Some(StatedValue {
            value: celsius,
            unit: Unit::Celsius,
            raw: value.to_owned(),
            line,
        });
    }
}
