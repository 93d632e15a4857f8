//! From a question to an answer with its sources.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::Instant;

use super::alarm_code::normalize_alarm_code;
use super::attachments::Attachments;
use super::draft::{self, Draft};
use super::drawing;
use super::evidence::{Evidence, EvidenceSources, Lookup, SearchRequest};
use super::generate::Generator;
use super::hazard::{self, Danger, HazardDetector};
use super::links::Links;
use super::not_found;
use super::progress::Progress;
use super::question_context::QuestionContext;
use super::recipe_commands::{self, RecipeCommand};
use super::record::Recorder;
use super::tools::ToolSession;
use super::verify::Verifier;
use crate::config;
use crate::config::answer::UnsupportedPolicy;
use crate::config::settings::Config;
use crate::domain::access::Access;
use crate::domain::answer::{Answer, Mode};
use crate::domain::audience::Audience;
use crate::domain::language::Language;
use crate::domain::question::Question;
use crate::i18n::answer as say;
use crate::llm::client::Llm;
use crate::recipes::store::RecipeStore;
use crate::runtime::clock::Clock;
use crate::runtime::metrics::{Refusal, metrics};
use crate::search::retrieve::Retriever;
use crate::search::search_text;

/// Answers questions.
pub struct Answerer {
    retriever: Arc<Retriever>,
    sources: EvidenceSources,
    llm: Option<Llm>,
    links: Links,
    hazards: HazardDetector,
    max_prompt_tokens: usize,
    tools: config::tools::Tools,
    checking: config::answer::Answer,
    /// Prices of a million tokens read and written.
    prices: (f64, f64),
    clock: Clock,
    /// Recipes and alarms, if there are any.
    recipes: Option<RecipeStore>,
}

/// A question with the evidence for its answer.
struct Retrieved {
    /// With alarm codes as the documents write them.
    question: Question,
    evidence: Evidence,
    at: Instant,
}

impl Answerer {
    /// Creates an answerer over the index and over recipes and alarms, if there are any. Without a language model it
    /// quotes passages.
    #[must_use]
    pub fn new(
        retriever: Arc<Retriever>,
        recipes: Option<RecipeStore>,
        llm: Option<Llm>,
        links: Links,
        config: &Config,
        clock: Clock,
    ) -> Self {
        Self {
            sources: EvidenceSources::new(&retriever, recipes.as_ref(), llm.is_some(), config),
            retriever,
            llm,
            links,
            hazards: HazardDetector::new(&config.hazard),
            max_prompt_tokens: config.llm.max_prompt_tokens,
            tools: config.tools.clone(),
            checking: config.answer.clone(),
            prices: (config.metrics.price_prompt, config.metrics.price_completion),
            clock,
            recipes,
        }
    }

    /// The language model, if there is one.
    #[must_use]
    pub fn llm(&self) -> Option<&Llm> {
        self.llm.as_ref()
    }

    /// Answers a question with its attachments, and reports progress. The links of the answer are signed for the audience.
    ///
    /// # Errors
    /// A source of evidence cannot be searched. A language model that fails is no error: the answer then quotes the best
    /// passages and says why.
    pub async fn answer(
        &self,
        question: &Question,
        attachments: &Attachments,
        audience: &Audience,
        progress: &watch::Sender<Progress>,
    ) -> anyhow::Result<Answer> {
        progress.send_replace(Progress::Searching);
        let context = QuestionContext::new(question, attachments, &self.hazards, &self.clock);
        let mut recorder = Recorder {
            links: &self.links,
            audience,
            prices: self.prices,
            language: context.language,
            started: context.started,
            retrieved: context.started,
        };
        if context.is_empty() {
            return Ok(recorder.record(Draft::help(), None));
        }
        let retrieved = Box::pin(self.retrieve(&context)).await?;
        recorder.retrieved = retrieved.at;
        let mut draft = Box::pin(self.draft(&context, &retrieved, progress)).await?;
        let plot = draft.plot.take();
        let (drawing, draft) = tokio::join!(
            drawing::draw(plot, context.language),
            Box::pin(self.verify(&retrieved.question, draft, context.language)),
        );
        Ok(recorder.record(draft, drawing))
    }

    /// Answers a command about recipes, without a language model.
    ///
    /// # Errors
    /// The recipes cannot be read.
    pub async fn recipes(
        &self,
        command: &RecipeCommand,
        access: &Access,
        audience: &Audience,
        language: Language,
    ) -> anyhow::Result<Answer> {
        let started = Instant::now();
        let reply =
            recipe_commands::reply(self.recipes.as_ref(), command, access, language).await?;
        let mut draft = Draft::from_reply(reply);
        let recorder = Recorder {
            links: &self.links,
            audience,
            prices: self.prices,
            language,
            started,
            retrieved: Instant::now(),
        };
        let drawing = drawing::draw(draft.plot.take(), language).await;
        Ok(recorder.record(draft, drawing))
    }

    /// Searches all sources. In danger the text is searched for as it is written.
    async fn retrieve(&self, context: &QuestionContext<'_>) -> anyhow::Result<Retrieved> {
        let in_danger = context.danger.is_some();
        let (mut text, mut words) = (context.search_text(), context.words());
        if !in_danger {
            let (recipes, access) = (self.recipes.as_ref(), &context.question.access);
            text = normalize_alarm_code(recipes, text, access).await?;
            words = normalize_alarm_code(recipes, words, access).await?;
        }
        let request = SearchRequest {
            question: context.question,
            text: &text,
            attachments: context.attachments,
            language: context.language,
            today: &context.today,
            verbatim: in_danger,
        };
        let evidence = self.sources.retrieve(&request, in_danger).await?;
        Ok(Retrieved {
            question: Question {
                text: words,
                ..context.question.clone()
            },
            evidence,
            at: Instant::now(),
        })
    }

    /// Drafts an answer from the evidence.
    async fn draft(
        &self,
        context: &QuestionContext<'_>,
        retrieved: &Retrieved,
        progress: &watch::Sender<Progress>,
    ) -> anyhow::Result<Draft> {
        let evidence = retrieved.evidence.clone();
        if let Some(Lookup::Complete(reply)) = evidence.lookup {
            return Ok(Draft::from_reply(reply));
        }
        let mut draft = match (&context.danger, &self.llm) {
            (Some(danger), _) => self.draft_in_danger(danger, context, retrieved).await?,
            (None, Some(llm)) => {
                self.draft_by_model(llm, context, retrieved, progress)
                    .await?
            }
            (None, None) => self.draft_without_model(context, retrieved).await?,
        };
        let length = context.question.text.trim().chars().count();
        if length > search_text::MAX_CHARS {
            let notice = say::question_shortened(context.language, length);
            draft.notices.push(notice);
        }
        Ok(draft)
    }

    /// Quotes the nearest passages whole, below the emergency contact: in danger a weak match is better than none.
    async fn draft_in_danger(
        &self,
        danger: &Danger,
        context: &QuestionContext<'_>,
        retrieved: &Retrieved,
    ) -> anyhow::Result<Draft> {
        let language = context.language;
        let evidence = retrieved.evidence.clone();
        let passages = if evidence.passages.is_empty() {
            evidence.nearest
        } else {
            evidence.passages
        };
        let mut draft = if passages.is_empty() {
            let index = self.retriever.index();
            not_found::draft(index, &retrieved.question, passages, false, language).await?
        } else {
            draft::quoting_whole(passages, language)
        };
        if danger.kind == hazard::HazardKind::Bypass {
            metrics().refusals.get_or_create(&Refusal::WAY_AROUND).inc();
        }
        let warning = self.hazards.warning(danger.kind, language);
        draft.text = format!("{warning}\n\n{}", draft.text);
        Ok(draft)
    }

    /// Lets the language model answer, with tools if the question is about data that it can look up.
    async fn draft_by_model(
        &self,
        llm: &Llm,
        context: &QuestionContext<'_>,
        retrieved: &Retrieved,
        progress: &watch::Sender<Progress>,
    ) -> anyhow::Result<Draft> {
        let (question, language) = (&retrieved.question, context.language);
        let evidence = &retrieved.evidence;
        let session = ToolSession {
            llm,
            config: &self.tools,
            sources: &self.sources,
            index: self.retriever.index(),
            max_prompt_tokens: self.max_prompt_tokens,
            question,
            attachments: context.attachments,
            evidence,
            language,
            today: &context.today,
            progress,
        };
        if let Some(draft) = session.draft().await? {
            return Ok(draft);
        }
        if evidence.passages.is_empty() {
            return self.draft_not_found(context, retrieved, false).await;
        }
        let generator = Generator {
            llm,
            index: self.retriever.index(),
            max_prompt_tokens: self.max_prompt_tokens,
            // A sentence that verification may withhold must not be shown before.
            shows_unverified: self.checking.unsupported == UnsupportedPolicy::Mark,
            progress,
        };
        let passages = evidence.passages.clone();
        let draft = generator.draft(question, passages, language).await?;
        let has_failed = draft.mode == Mode::Extractive;
        match &evidence.fallback {
            Some(reply) if has_failed && context.attached.is_empty() => Ok(Draft {
                notices: draft.notices,
                first_token: draft.first_token,
                usage: draft.usage,
                ..Draft::from_reply(reply.clone())
            }),
            _ => Ok(draft),
        }
    }

    /// Quotes what was looked up and the best passages.
    async fn draft_without_model(
        &self,
        context: &QuestionContext<'_>,
        retrieved: &Retrieved,
    ) -> anyhow::Result<Draft> {
        let (evidence, language) = (&retrieved.evidence, context.language);
        if evidence.passages.is_empty() {
            return self
                .draft_not_found(context, retrieved, evidence.may_answer)
                .await;
        }
        let passages = evidence.passages.clone();
        let notice = say::no_model(language);
        let quotes = draft::quoting(&retrieved.question, passages, language, notice);
        Ok(match evidence.partial_lookup() {
            Some(reply) => Draft::from_reply(reply.clone()).followed_by(quotes),
            None => quotes,
        })
    }

    /// States why a lookup has no reply, or that nothing was found; with `quoted`, quotes the nearest passages.
    async fn draft_not_found(
        &self,
        context: &QuestionContext<'_>,
        retrieved: &Retrieved,
        quoted: bool,
    ) -> anyhow::Result<Draft> {
        if let Some(refusal) = retrieved.evidence.refusal() {
            return Ok(Draft::from_reply(refusal.clone()));
        }
        let (index, nearest) = (self.retriever.index(), retrieved.evidence.nearest.clone());
        not_found::draft(
            index,
            &retrieved.question,
            nearest,
            quoted,
            context.language,
        )
        .await
    }

    async fn verify(&self, question: &Question, draft: Draft, language: Language) -> Draft {
        let verifier = Verifier {
            retriever: &self.retriever,
            llm: self.llm.as_ref(),
            config: &self.checking,
        };
        verifier.verify(question, draft, language).await
    }
}
