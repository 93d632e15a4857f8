//! Answers to questions with files: what is in them stands beside what the documents say.
//!
//! A file is evidence for its question only. It is shown to the language model as data, like every passage, and cited
//! under a number of its own, so that nobody takes it for one of the fab's documents.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::Instant;

use super::quote;
use crate::answer::answerer::Answerer;
use crate::answer::draft::{Draft, quoting_whole};
use crate::answer::lookup;
use crate::answer::progress::Progress;
use crate::domain::access::Access;
use crate::domain::answer::{Answer, Mode};
use crate::domain::audience::Audience;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::i18n::{answer as say, files as say_of_files};
use crate::llm::tokens::most_tokens;
use crate::recipes::ask;
use crate::recipes::book::Book;
use crate::recipes::record::Record;
use crate::search::analysis;
use crate::search::index::tantivy::Embedded;
use crate::search::index::{Changes, Index, Query};
use crate::search::retrieve::Evidence;
use crate::search::search_text;

/// The part of the prompt that files may take.
const SHARE: usize = 2;
/// So many are taken without a look at which of them fit the question.
const FEW: usize = 3;
/// Passages of files that are quoted where no model words the answer.
const QUOTED: usize = 2;
/// Codes in a file that are searched for in the documents, and as much of its beginning.
const MOST_CODES: usize = 6;
const GIST: usize = 300;
/// A file of so few characters is a picture of a message, or a line out of a log: what it says is the question.
const SHORT: usize = 400;

/// What is in the files that were attached to a question.
#[derive(Clone, Debug, Default)]
pub struct Attachments {
    pub passages: Vec<Passage>,
    /// The recipes among them, as data.
    pub recipes: Vec<Record>,
}

impl Answerer {
    /// Answers as [`Answerer::answer`] does, and from files that were attached to the question.
    ///
    /// # Errors
    /// The index cannot be searched.
    pub async fn answer_with(
        &self,
        question: &Question,
        attached: Attachments,
        audience: &Audience,
        progress: &watch::Sender<Progress>,
    ) -> anyhow::Result<Answer> {
        let Attachments {
            passages: attached,
            recipes,
        } = attached;
        if attached.is_empty() {
            return self.answer(question, audience, progress).await;
        }
        let started = Instant::now();
        progress.send_replace(Progress::Searching);
        let is_bare = question.text.trim().is_empty();
        let language = Language::of(if is_bare {
            &attached[0].text
        } else {
            &question.text
        });
        let asked = Question {
            text: if is_bare {
                say_of_files::what_is_it(language)
            } else {
                question.text.clone()
            },
            ..question.clone()
        };
        let (sought, hazard) = {
            let told = if is_bare { short(&attached) } else { None };
            let danger = self.hazards.in_question(question).map(|danger| danger.kind);
            let hazard = danger.or_else(|| self.hazards.kind(told?));
            (sought(&question.text, &attached), hazard)
        };
        if hazard.is_none()
            && let Some(draft) = in_recipes(question, recipes, language)
        {
            return Ok(self.record(draft, audience, language, started, Instant::now()));
        }
        let searched = Question {
            text: sought,
            ..question.clone()
        };
        let today = self.clock.now().strftime("%Y-%m-%d").to_string();
        let found = match hazard {
            // No model has a say in what is searched for, either.
            Some(_) => {
                let (text, access) = (&searched.text, &searched.access);
                self.retriever.gather_for(text, access, &today).await?
            }
            None => self.retriever.gather(&searched, &today).await?,
        };
        let retrieved = Instant::now();
        if let Some(kind) = hazard {
            // In danger the fab's own documents count, and no model words what a file says.
            let mut draft = if found.is_empty() {
                self.none_found(&asked, Vec::new(), false, language).await?
            } else {
                quoting_whole(found, language)
            };
            let warning = self.hazards.warning(kind, language);
            draft.text = format!("{warning}\n\n{}", draft.text);
            return Ok(self.record(draft, audience, language, started, retrieved));
        }
        let attached = self.best(&asked.text, attached).await?;
        let draft = match &self.llm {
            None => quoting(&asked, attached, found, language, say::no_model(language)),
            Some(llm) => {
                let (of_files, of_documents) = (attached.clone(), found.passages.clone());
                let evidence = Evidence {
                    passages: [attached, found.passages].concat(),
                    ..found
                };
                let draft = self.ask(llm, &asked, evidence, language, progress).await?;
                if draft.mode == Mode::Extractive {
                    // The model failed: both kinds are quoted.
                    let found = Evidence {
                        passages: of_documents,
                        ..Evidence::default()
                    };
                    let notice = draft.notices.join(" ");
                    quoting(&asked, of_files, found, language, notice)
                } else {
                    draft
                }
            }
        };
        let draft = self.verify(&asked, draft, language).await;
        Ok(self.record(draft, audience, language, started, retrieved))
    }

    /// The passages that fit the question best, as many as have room beside those of the documents, best first.
    async fn best(&self, question: &str, attached: Vec<Passage>) -> anyhow::Result<Vec<Passage>> {
        let mut ranked = if attached.len() > FEW {
            self.ranked(question, attached).await?
        } else {
            attached
        };
        let mut room = self.max_prompt_tokens / SHARE;
        let fitting = ranked.iter().take_while(|passage| {
            let length = most_tokens(&passage.text);
            let fits = length <= room;
            room = room.saturating_sub(length);
            fits
        });
        let fitting = fitting.count().max(1);
        ranked.truncate(fitting);
        Ok(ranked)
    }

    /// All of them: those that a search for the question finds, then the rest as it stands in the files. They are
    /// searched as documents are, in an index that is gone afterwards.
    async fn ranked(&self, question: &str, attached: Vec<Passage>) -> anyhow::Result<Vec<Passage>> {
        let folder = tempfile::tempdir()?;
        let index = Embedded::open(folder.path())?;
        let changes = Changes {
            remove: Vec::new(),
            add: attached.clone(),
        };
        index.apply(changes).await?;
        let text = search_text::shortened(question);
        let query = Query {
            text: &text,
            expansions: &self.retriever.expansions(&text),
            access: &Access::Everything,
            limit: attached.len(),
            params: self.retriever.params(),
        };
        let found = index.search(&query).await?;
        let mut ranked: Vec<Passage> = found.hits.into_iter().map(|hit| hit.passage).collect();
        let found: BTreeSet<_> = ranked.iter().map(|passage| passage.id.clone()).collect();
        ranked.extend(
            attached
                .into_iter()
                .filter(|passage| !found.contains(&passage.id)),
        );
        Ok(ranked)
    }
}

/// The answer that attached recipes give as data; none where the question is about something else. Of a single recipe, the
/// question need not name it.
fn in_recipes(question: &Question, recipes: Vec<Record>, language: Language) -> Option<Draft> {
    let book = Book::new(recipes.into_iter().map(Arc::new));
    let view = book.view(&Access::Everything);
    let text = question.text.trim();
    let named = match book.entries() {
        [only] => Some(format!("{} {text}", only.recipe().id)),
        _ => None,
    };
    [Some(text.to_owned()), named]
        .into_iter()
        .flatten()
        .filter(|_| !text.is_empty())
        .filter_map(|text| ask::answer(&text, None, &view, language))
        .find(|reply| !reply.is_refusal)
        .map(lookup::draft)
}

/// What the documents are searched for: the question, and where it only points at the file, what that holds.
fn sought(question: &str, attached: &[Passage]) -> String {
    let question = question.trim();
    let is_bare = question.is_empty();
    if !is_bare && !search_text::leans_on_conversation(question) {
        return question.to_owned();
    }
    let mut codes: Vec<String> = Vec::new();
    for code in attached
        .iter()
        .flat_map(|passage| analysis::codes(&passage.text))
    {
        if codes.len() < MOST_CODES && !codes.contains(&code.name) {
            codes.push(code.name);
        }
    }
    let mut sought = question.to_owned();
    if codes.is_empty() {
        sought.push('\n');
        sought.extend(attached[0].text.chars().take(GIST));
    } else {
        sought = format!("{sought} {}", codes.join(" "));
    }
    sought.trim().to_owned()
}

/// What a file says, if it is no longer than a question.
fn short(attached: &[Passage]) -> Option<&str> {
    let [only] = attached else { return None };
    (only.text.chars().count() <= SHORT).then_some(only.text.as_str())
}

/// The best passages of the files and of the documents, quoted.
fn quoting(
    question: &Question,
    attached: Vec<Passage>,
    found: Evidence,
    language: Language,
    notice: String,
) -> Draft {
    let files = attached.len();
    let worth = quote::worth_quoting(&question.text, &found.passages);
    let passages = [attached, found.passages].concat();
    let cited: Vec<usize> = (0..files.min(QUOTED)).chain(files..files + worth).collect();
    let numbered = (1..).zip(cited.iter().map(|at| &passages[*at]));
    let quotes = quote::quotes(&question.text, numbered, language);
    let text = format!("{}\n\n{quotes}", say::quotes_follow(language));
    Draft {
        cited,
        passages,
        notices: vec![notice],
        ..Draft::plain(text, Mode::Extractive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    #[test]
    fn what_a_file_holds_is_searched_for_only_where_the_question_points_at_it() {
        let log = [sample::passage(
            "log",
            "10:02 E-1042 water outlet 66 °C\n10:03 E-1042 again, E-1007 pump",
        )];
        assert_eq!(sought("", &log), "e1042 e1007");
        assert_eq!(sought("what is this?", &log), "what is this? e1042 e1007");
        let whole = "How often is the oil of the dry pump changed by the manual?";
        assert_eq!(sought(whole, &log), whole);
        let note = [sample::passage("note", "Susceptor looks dark at its edge")];
        assert_eq!(sought(" ", &note), "Susceptor looks dark at its edge");
    }
}
