//! The indexed documents of the fab.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;

use super::{Evidence, EvidenceSource, SearchRequest};
use crate::domain::question::Question;
use crate::llm::tools::Tool;
use crate::search::retrieve::Retriever;

/// The index, searched through the retriever.
pub(super) struct DocumentSource {
    retriever: Arc<Retriever>,
}

impl DocumentSource {
    pub(super) fn new(retriever: &Arc<Retriever>) -> Self {
        Self {
            retriever: Arc::clone(retriever),
        }
    }
}

#[async_trait]
impl EvidenceSource for DocumentSource {
    async fn retrieve(&self, request: &SearchRequest<'_>) -> anyhow::Result<Evidence> {
        let (text, access, today) = (request.text, &request.question.access, request.today);
        let found = if request.verbatim {
            self.retriever.gather_for(text, access, today).await?
        } else {
            let question = Question {
                text: text.to_owned(),
                ..request.question.clone()
            };
            Box::pin(self.retriever.gather(&question, today)).await?
        };
        Ok(Evidence {
            passages: found.passages,
            nearest: found.nearest,
            may_answer: found.may_contain_answer,
            ..Evidence::default()
        })
    }

    fn search_tool(&self) -> Option<Tool> {
        Some(Tool {
            name: "search_documents",
            description: "Searches manuals, procedures and other documents; gives numbered passages.",
            parameters: json!({
                "type": "object",
                "properties": {
                    "query": {"type": "string", "description": "what to look for, in the words of a manual"},
                },
                "required": ["query"],
                "additionalProperties": false,
            }),
        })
    }

    fn is_approved_for_danger(&self) -> bool {
        true
    }
}
