//! The dialog in which a person may say what was wrong with an answer.

use serde_json::{Value, json};

use crate::domain::language::Language;
use crate::i18n::buttons as text;

/// The name of the dialog, and of its only field.
pub(super) const COMMENT: &str = "epibot_comment";

/// The dialog as Slack takes it; `question` is the key of the question that was answered.
pub(super) fn comment(language: Language, question: &str) -> Value {
    let plain = |text: String| json!({"type": "plain_text", "text": text});
    let dialog = text::comment_dialog(language);
    let field = json!({
        "type": "plain_text_input", "action_id": COMMENT, "multiline": true, "max_length": 3000,
    });
    json!({
        "type": "modal", "callback_id": COMMENT, "private_metadata": question,
        "title": plain(dialog.title), "submit": plain(dialog.send), "close": plain(dialog.close),
        "blocks": [{
            "type": "input", "block_id": COMMENT, "optional": true,
            "label": plain(dialog.label), "hint": plain(dialog.hint), "element": field,
        }],
    })
}
