//! Alarm codes as the documents write them.

use crate::domain::access::Access;
use crate::recipes::alarm;
use crate::recipes::store::RecipeStore;

/// The text with the alarm's code as the documents write it, if it names one in another way: `alarm 1042` becomes
/// `alarm 1042 (E-1042)`.
///
/// # Errors
/// The alarms cannot be read.
pub(super) async fn normalize_alarm_code(
    recipes: Option<&RecipeStore>,
    text: String,
    access: &Access,
) -> anyhow::Result<String> {
    let codes = alarm::queries(&text);
    let Some(recipes) = recipes.filter(|_| !codes.is_empty()) else {
        return Ok(text);
    };
    let snapshot = recipes.snapshot().await?;
    let view = snapshot.view(access);
    let written = codes.iter().find_map(|wanted| {
        let mut known = view.alarms().map(|(_, alarm)| alarm.code.as_str());
        known.find(|code| wanted.means(code))
    });
    Ok(match written.filter(|code| !text.contains(code)) {
        Some(code) => format!("{text} ({code})"),
        None => text,
    })
}
