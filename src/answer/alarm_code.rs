//! Alarm codes as the documents write them.

use crate::domain::access::Access;
use crate::recipes::alarm;
use crate::recipes::store::RecipeStore;

/// Appends an alarm's code as the documents spell it if the text spells it differently: `alarm 1042` becomes
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
    let documented = codes.iter().find_map(|wanted| {
        let mut listed = view.alarms().map(|(_, alarm)| alarm.code.as_str());
        listed.find(|code| wanted.means(code))
    });
    Ok(match documented.filter(|code| !text.contains(code)) {
        Some(code) => format!("{text} ({code})"),
        None => text,
    })
}
