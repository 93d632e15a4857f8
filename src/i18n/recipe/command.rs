//! What the slash command for recipes says.

use super::pick;
use crate::domain::language::Language;
use crate::i18n::particle::{Particle, with};

/// No recipe may be seen from here.
#[must_use]
pub fn no_recipes(language: Language) -> String {
    pick(
        language,
        "이 채널에서 열람하실 수 있는 레시피가 없습니다.".to_owned(),
        "There is no recipe that may be read in this channel.".to_owned(),
    )
}

/// A condition that is not understood.
#[must_use]
pub fn no_condition(language: Language, condition: &str) -> String {
    pick(
        language,
        format!(
            "{} 조건으로 이해하지 못했습니다. 소스 이름(`TEGa`)이나 단위가 있는 범위(`1100 °C 이상`, `압력이 200 Torr 이상인 단계`)를 적어 주십시오.",
            with(condition, Particle::Object)
        ),
        format!(
            "{condition} is no condition that is understood. Name a source (`TEGa`), or a bound with its unit (`above 1100 °C`, `steps at 200 Torr or more`)."
        ),
    )
}

/// How the command is used.
#[must_use]
pub fn command_help(language: Language, command: &str) -> String {
    pick(
        language,
        format!(
            "`{command} show 이름` — 레시피 요약과 단계\n`{command} diff 이름 이름` — 두 레시피의 차이 (이름이 하나면 바탕이 된 레시피와 비교)\n`{command} find 조건` — 레시피나 단계 찾기: `TEGa`, `1100 °C 이상`, `압력이 200 Torr 이상인 단계`\n`{command} plot 이름` — 온도, 압력, 유량 그래프를 채널에 올림\n`{command} check 이름` — 매뉴얼의 한계와 비교\n`{command} list` — 레시피 목록"
        ),
        format!(
            "`{command} show NAME` — a recipe in short, with its steps\n`{command} diff NAME NAME` — what differs between two (with one name: from the recipe that it is based on)\n`{command} find CONDITION` — recipes or steps: `TEGa`, `above 1100 °C`, `steps at 200 Torr or more`\n`{command} plot NAME` — temperature, pressure and flows over time, posted in the channel\n`{command} check NAME` — against the limits of the manuals\n`{command} list` — all recipes"
        ),
    )
}

/// A drawing is on its way.
#[must_use]
pub fn drawing(language: Language, name: &str) -> String {
    pick(
        language,
        format!("{name} 그래프를 그리고 있습니다."),
        format!("Drawing {name} …"),
    )
}

/// Who wanted a drawing, above it.
#[must_use]
pub fn drawn_for(language: Language, user: &str, command: &str) -> String {
    pick(
        language,
        format!("{user} 님의 `{command}`"),
        format!("For {user}: `{command}`"),
    )
}

/// The picture could not be put into Slack.
#[must_use]
pub fn not_attached(language: Language) -> String {
    pick(
        language,
        "그래프를 Slack에 올리지 못했습니다. 앱에 files:write 권한이 있는지 확인해 주십시오.".to_owned(),
        "The picture could not be put into Slack. Please check that the app has the scope files:write.".to_owned(),
    )
}
