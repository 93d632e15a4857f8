//! Hints of a plan on where the answer is.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::domain::passage::Passage;
use crate::search::analysis;

/// The likely scope of the answer. Passages in it come first; none is left out, since the model may err.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ScopeHints {
    pub(super) tool: String,
    pub(super) document_type: String,
    pub(super) collection: String,
}

impl ScopeHints {
    /// Returns the number of hints that a passage matches.
    pub(crate) fn matched_by(&self, passage: &Passage) -> usize {
        let document = &passage.document;
        let above = format!(
            "{} {} {}",
            document.title,
            document.path,
            passage.headings.join(" ")
        );
        let above: BTreeSet<String> = analysis::terms(&above).into_iter().collect();
        let names = |hint: &str| {
            let terms = analysis::terms(hint);
            !terms.is_empty() && terms.iter().all(|term| above.contains(term))
        };
        // Names of the document type in either language.
        let of_type = match self.document_type.as_str() {
            "manual" => names("manual") || names("매뉴얼") || names("설명서"),
            "procedure" => names("SOP") || names("procedure") || names("절차"),
            "alarm list" => names("alarm") || names("알람"),
            "recipe" => names("recipe") || names("레시피"),
            "guide" => names("guide") || names("가이드"),
            _ => false,
        };
        let is_in_collection =
            !self.collection.is_empty() && document.collection == self.collection;
        usize::from(names(&self.tool)) + usize::from(of_type) + usize::from(is_in_collection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    #[test]
    fn hints_are_matched_by_the_place_of_a_passage() {
        let mut passage = sample::bake();
        passage.document.title = "HX-7 Maintenance Manual".to_owned();
        let hints = |tool: &str, document_type: &str, collection: &str| ScopeHints {
            tool: tool.to_owned(),
            document_type: document_type.to_owned(),
            collection: collection.to_owned(),
        };
        assert_eq!(hints("HX-7", "manual", "manuals").matched_by(&passage), 3);
        assert_eq!(hints("MB-3", "recipe", "recipes").matched_by(&passage), 0);
        assert_eq!(hints("", "", "").matched_by(&passage), 0);
    }
}
