//! From a question to an answer with its sources.

use super::draft::{Draft, answered, broken_off, quoting, quoting_whole, trouble};
use super::hazard::{self, Hazards};
use super::links::Links;
use super::lookup::{self, Data};
use super::neutralize::neutralize;
use super::progress::Progress;
use super::prompt::{self, Beside};
use super::{cite, quote, stream, tools};
use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::config;
use crate::config::answer::UnsupportedPolicy;
use crate::config::settings::Config;
use crate::domain::access::Access;
use crate::domain::answer::{Answer, Mode, Timings};
use crate::domain::audience::Audience;
use crate::domain::excerpt::one_line;
use crate::domain::language::Language;
use crate::domain::passage::Passage;
use crate::domain::question::Question;
use crate::i18n::answer as say;
use crate::llm::client::Llm;
use crate::recipes::shelf::Shelf;
use crate::runtime::clock::Clock;
use crate::runtime::metrics::{Refusal, metrics};
use crate::search::retrieve::{Evidence, Retriever};
use crate::search::search_text;

/// Passages that are named where none is an answer.
const NEAREST: usize = 3;

/// Answers questions.
pub struct Answerer {
    pub(super) retriever: Arc<Retriever>,
    pub(super) llm: Option<Llm>,
    pub(super) links: Links,
    pub(super) hazards: Hazards,
    pub(super) max_prompt_tokens: usize,
    pub(super) tools: config::tools::Tools,
    pub(super) checking: config::answer::Answer,
    /// Prices of a million tokens read and written.
    pub(super) prices: (f64, f64),
    pub(super) clock: Clock,
    /// Recipes and alarms, where there are any.
    pub(super) recipes: Option<Shelf>,
}

impl Answerer {
    /// An answerer over what the retriever finds; without a language model it quotes passages.
    #[must_use]
    pub fn new(
        retriever: Arc<Retriever>,
        llm: Option<Llm>,
        links: Links,
        config: &Config,
        clock: Clock,
    ) -> Self {
        Self {
            retriever,
            llm,
            links,
            hazards: Hazards::new(&config.hazard),
            max_prompt_tokens: config.llm.max_prompt_tokens,
            tools: config.tools.clone(),
            checking: config.answer.clone(),
            prices: (config.metrics.price_prompt, config.metrics.price_completion),
            clock,
            recipes: None,
        }
    }

    /// Answers from these recipes and alarms, too.
    #[must_use]
    pub fn with_recipes(self, recipes: Shelf) -> Self {
        Self {
            recipes: Some(recipes),
            ..self
        }
    }

    /// The language model, where there is one.
    #[must_use]
    pub fn llm(&self) -> Option<&Llm> {
        self.llm.as_ref()
    }

    /// Answers, and reports on the way.
    ///
    /// # Errors
    /// The index cannot be searched. A language model that fails is no error: the answer then quotes the best
    /// passages and says why.
    pub async fn answer(
        &self,
        question: &Question,
        audience: &Audience,
        progress: &watch::Sender<Progress>,
    ) -> anyhow::Result<Answer> {
        let started = Instant::now();
        let language = Language::of(&question.text);
        progress.send_replace(Progress::Searching);
        if question.text.trim().is_empty() {
            // Nothing tells in which language to answer.
            let text = format!(
                "{}\n\n{}",
                say::help(Language::Korean),
                say::help(Language::English)
            );
            let draft = Draft::plain(text, Mode::NoneFound);
            return Ok(self.record(draft, audience, language, started, started));
        }

        let danger = self.hazards.in_question(question);
        let hazard = danger.as_ref().map(|danger| danger.kind);
        let mut data = Data::default();
        if hazard.is_none() {
            data = self.look_into_data(question, language).await?;
            if let Some(reply) = data.answer {
                let mut draft = lookup::draft(reply);
                draft.drawing = self.draw(draft.plot.take(), language).await;
                return Ok(self.record(draft, audience, language, started, Instant::now()));
            }
        }
        let today = self.clock.now().strftime("%Y-%m-%d").to_string();
        let (spelled_out, evidence) = if let Some(danger) = &danger {
            // No model has a say in what is searched for, either.
            let (text, access) = (&danger.asked, &question.access);
            (None, self.retriever.gather_for(text, access, &today).await?)
        } else {
            let spelled_out = self.spelled_out(question).await?;
            let question = spelled_out.as_ref().unwrap_or(question);
            let evidence = self.retriever.gather(question, &today).await?;
            (spelled_out, evidence)
        };
        let question = spelled_out.as_ref().unwrap_or(question);
        let retrieved = Instant::now();

        if let Some(llm) = self.llm.as_ref().filter(|_| danger.is_none()) {
            let asked = tools::Asked {
                question,
                evidence: &evidence,
                data: &data,
                language,
                today: &today,
            };
            if let Some(mut draft) = self.consult(llm, &asked, progress).await? {
                let plot = data.told.and_then(|told| told.plot);
                draft.drawing = self.draw(plot, language).await;
                let draft = self.verify(question, draft, language).await;
                return Ok(self.record(draft, audience, language, started, retrieved));
            }
        }
        let mut draft = match &self.llm {
            _ if let Some(refusal) = data.refusal.filter(|_| evidence.passages.is_empty()) => {
                lookup::draft(refusal)
            }
            // In danger what comes nearest is more than nothing.
            _ if hazard.is_some() && !evidence.is_empty() => quoting_whole(evidence, language),
            _ if evidence.passages.is_empty() => {
                let quoted = self.llm.is_none() && evidence.may_hold_it;
                self.none_found(question, evidence.nearest, quoted, language)
                    .await?
            }
            None => quoting(question, evidence, language, say::no_model(language)),
            Some(llm) => {
                self.ask(llm, question, evidence, language, progress)
                    .await?
            }
        };
        let has_failed = self.llm.is_some() && draft.mode == Mode::Extractive && hazard.is_none();
        if has_failed && let Some(found) = self.look_up_alarm(question, language).await? {
            draft = Draft {
                notices: draft.notices,
                ..found
            };
        }
        if hazard == Some(hazard::Kind::WayAround) {
            metrics().refusals.get_or_create(&Refusal::WAY_AROUND).inc();
        }
        if let Some(kind) = hazard {
            let warning = self.hazards.warning(kind, language);
            draft.text = format!("{warning}\n\n{}", draft.text);
        }
        let length = question.text.trim().chars().count();
        if length > search_text::LONGEST {
            draft
                .notices
                .push(say::question_shortened(language, length));
        }
        let draft = self.verify(question, draft, language).await;
        Ok(self.record(draft, audience, language, started, retrieved))
    }

    /// Lets the model answer from the passages, and decides what its reply is worth.
    pub(super) async fn ask(
        &self,
        llm: &Llm,
        question: &Question,
        evidence: Evidence,
        language: Language,
        progress: &watch::Sender<Progress>,
    ) -> anyhow::Result<Draft> {
        let prompt = prompt::write(
            question,
            &evidence.passages,
            language,
            self.max_prompt_tokens,
            Beside::default(),
        )?;
        progress.send_replace(Progress::Reading {
            passages: prompt.given,
        });
        // What may yet be withheld is not shown before it is checked.
        let shown = (self.checking.unsupported == UnsupportedPolicy::Mark).then_some(progress);
        let written = stream::write(llm, &prompt, shown).await;
        if let Some(error) = &written.failure {
            tracing::warn!(%error, shown = !written.cited.is_empty(), "the language model failed");
        }
        let (first_token, usage) = (written.first_token, written.usage);
        let draft = match &written.failure {
            _ if written.found_nothing() => {
                self.none_found(question, evidence.passages, false, language)
                    .await?
            }
            Some(error) if written.cited.is_empty() => quoting(
                question,
                evidence,
                language,
                say::model_failed(language, trouble(error)),
            ),
            Some(error) => broken_off(question, evidence, language, &written, trouble(error)),
            // What names no source is not shown as a fact.
            None if written.cited.is_empty() => quoting(
                question,
                evidence,
                language,
                say::no_sources_named(language),
            ),
            None => answered(evidence, language, written),
        };
        Ok(Draft {
            first_token,
            usage,
            ..draft
        })
    }

    /// Says that nothing was found, and what comes nearest; `in_full`, what that says, too.
    pub(super) async fn none_found(
        &self,
        question: &Question,
        mut nearest: Vec<Passage>,
        in_full: bool,
        language: Language,
    ) -> anyhow::Result<Draft> {
        nearest.truncate(NEAREST);
        let shown = |text: &str| neutralize(&one_line(text, 200));
        let (passages, collections) = match &question.access {
            Access::Everything => (Some(self.retriever.index().size().await?), None),
            // How many there are beside those that may be read is nobody's business.
            Access::Only(collections) => (None, Some(collections)),
        };
        let searched = say::Searched {
            question: &shown(&question.text),
            passages,
            collections,
            nearest: nearest.len(),
        };
        let mut text = say::none_found(language, &searched);
        if in_full {
            let quotes = quote::quotes(&question.text, (1..).zip(&nearest), language);
            text.push_str("\n\n");
            text.push_str(&quotes);
        }
        Ok(Draft {
            cited: (0..nearest.len()).collect(),
            passages: nearest,
            ..Draft::plain(text, Mode::NoneFound)
        })
    }

    pub(super) fn record(
        &self,
        draft: Draft,
        audience: &Audience,
        language: Language,
        started: Instant,
        retrieved: Instant,
    ) -> Answer {
        let cited: Vec<&Passage> = draft
            .cited
            .iter()
            .filter_map(|at| draft.passages.get(*at))
            .collect();
        let citations = (1..)
            .zip(&cited)
            .map(|(n, passage)| cite::citation(n, passage, &self.links, audience))
            .collect();
        let since_start =
            |at: Instant| u64::try_from((at - started).as_millis()).unwrap_or(u64::MAX);
        let timings_ms = Timings {
            retrieve: since_start(retrieved),
            first_token: draft.first_token.map(since_start),
            total: since_start(Instant::now()),
        };
        self.count(&draft, &timings_ms);
        tracing::info!(
            mode = ?draft.mode,
            passages = draft.passages.len(),
            cited = cited.len(),
            unsupported = draft.unsupported.len(),
            retrieve_ms = timings_ms.retrieve,
            first_token_ms = timings_ms.first_token,
            total_ms = timings_ms.total,
            prompt_tokens = draft.usage.prompt_tokens,
            completion_tokens = draft.usage.completion_tokens,
            "a question was answered"
        );
        Answer {
            text: draft.text,
            mode: draft.mode,
            language,
            citations,
            passages: draft.passages,
            unsupported: draft.unsupported,
            drawing: draft.drawing,
            notice: (!draft.notices.is_empty()).then(|| draft.notices.join(" ")),
            timings_ms,
            usage: draft.usage,
        }
    }
}
