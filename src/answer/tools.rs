//! The language model looks things up by itself, calling tools until it can answer.
//!
//! What a tool returns is numbered like the passages. The model may choose what to look up and words the result; what
//! it words is shown as far as every line is borne out by what that line cites. Otherwise what was looked up is shown as
//! it stands. Calls, time and size are bounded.

mod agent_turn;
mod arguments;
mod evidence_set;
mod executor;

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::prompt::{self, Beside};
use crate::answer::answerer::Answerer;
use crate::answer::draft::{Draft, quoting, trouble};
use crate::answer::lookup;
use crate::answer::lookup::Data;
use crate::answer::progress::Progress;
use crate::config;
use crate::domain::answer::{Mode, Usage};
use crate::domain::language::Language;
use crate::domain::question::Question;
use crate::i18n::answer as say;
use crate::llm::client::Llm;
use crate::llm::error::LlmError;
use crate::llm::message::Message;
use crate::llm::reply::Ending;
use crate::llm::tokens::{beginning, most_tokens};
use crate::llm::tools::Call;
use crate::recipes::book::View;
use crate::search::retrieve::Evidence;
use agent_turn::{Telling, Turn};
use evidence_set::Gathered;
use executor::Desk;

/// Answers of the model that only call tools.
const MOST_TURNS: usize = 6;
/// Calls of one turn that are carried out.
const MOST_AT_ONCE: usize = 6;

/// A question with what is known of it before the model is asked.
pub(super) struct Asked<'a> {
    pub(super) question: &'a Question,
    pub(super) evidence: &'a Evidence,
    pub(super) data: &'a Data,
    pub(super) language: Language,
    pub(super) today: &'a str,
}

/// What came of a consultation.
struct Consulted<'a> {
    gathered: Gathered,
    telling: Telling<'a>,
    outcome: Outcome,
    /// Some look-up was made.
    looked: bool,
    first_token: Option<Instant>,
    usage: Usage,
}

enum Outcome {
    /// The model's last words, all borne out.
    Answered(Turn),
    /// It says that nothing holds the answer.
    Nothing,
    /// Its words are not borne out, or cite nothing.
    Unfounded,
    /// It went on calling.
    Endless,
    Failed(LlmError),
}

impl Answerer {
    /// Lets the model answer with the help of tools. None where it calls none and there is nothing to say beforehand:
    /// then it is asked as for any document.
    pub(super) async fn consult(
        &self,
        llm: &Llm,
        asked: &Asked<'_>,
        progress: &watch::Sender<Progress>,
    ) -> anyhow::Result<Option<Draft>> {
        let Some(book) = &asked.data.book else {
            return Ok(None);
        };
        let view = book.view(&asked.question.access);
        let mut with_tools = self.tools.mode == config::tools::ToolMode::Auto;
        let consulted = loop {
            if !with_tools && asked.data.told.is_none() {
                return Ok(None);
            }
            match Box::pin(self.converse(llm, asked, &view, with_tools, progress)).await? {
                Consulted {
                    outcome: Outcome::Failed(LlmError::NoTools),
                    ..
                } => with_tools = false,
                consulted => break consulted,
            }
        };
        self.draft_of(asked, consulted).await.map(Some)
    }

    async fn converse<'a>(
        &self,
        llm: &Llm,
        asked: &Asked<'a>,
        view: &View<'_>,
        with_tools: bool,
        progress: &watch::Sender<Progress>,
    ) -> anyhow::Result<Consulted<'a>> {
        let mut gathered = Gathered::default();
        let told = asked
            .data
            .told
            .as_ref()
            .map(|reply| gathered.add_reply(reply.clone()));
        let before = gathered.passages.len();
        let known: Vec<_> = gathered
            .passages
            .iter()
            .map(|known| known.id.clone())
            .collect();
        let passages = asked.evidence.passages.iter();
        let passages: Vec<_> = passages
            .filter(|passage| !known.contains(&passage.id))
            .cloned()
            .collect();
        // Results of look-ups need as much room as what is known beforehand.
        let room = self.max_prompt_tokens / if with_tools { 2 } else { 1 };
        let beside = Beside {
            told: told.as_deref().map(|told| (told, before)),
            tools: with_tools,
        };
        let prompt = prompt::write(asked.question, &passages, asked.language, room, beside)?;
        gathered.add_passages(passages.into_iter().take(prompt.given).collect());
        let desk = Desk {
            view,
            retriever: &self.retriever,
            question: asked.question,
            language: asked.language,
            today: asked.today,
            mark: &prompt.mark,
        };
        let mut consulted = Consulted {
            telling: Telling::new(told, &asked.question.text, progress),
            gathered,
            outcome: Outcome::Endless,
            looked: false,
            first_token: None,
            usage: Usage::default(),
        };
        let mut bounds = Bounds::new(&self.tools, room, with_tools);
        let mut messages = prompt.messages;
        for _ in 0..=MOST_TURNS {
            progress_of(&consulted, progress);
            let may_call = bounds.allow();
            let turn = consulted
                .telling
                .listen(
                    llm,
                    &messages,
                    with_tools.then_some(may_call),
                    &consulted.gathered,
                )
                .await;
            consulted.first_token = consulted.first_token.or(turn.first_token);
            consulted.usage.prompt_tokens += turn.usage.prompt_tokens;
            consulted.usage.completion_tokens += turn.usage.completion_tokens;
            if turn.calls.is_empty() || turn.failure.is_some() {
                consulted.outcome = consulted.telling.judge(turn, &consulted.gathered);
                break;
            }
            if !may_call {
                break;
            }
            messages.push(Message::calling(turn.text.clone(), &turn.calls));
            for call in &turn.calls {
                let result = bounds.carry_out(&desk, call, &mut consulted.gathered).await;
                messages.push(Message::result(call, result));
            }
            consulted.looked = true;
        }
        Ok(consulted)
    }

    /// What of a consultation is shown.
    async fn draft_of(&self, asked: &Asked<'_>, consulted: Consulted<'_>) -> anyhow::Result<Draft> {
        let language = asked.language;
        let (first_token, usage) = (consulted.first_token, consulted.usage);
        let looked = consulted.looked;
        let mut gathered = consulted.gathered;
        let notice = match &consulted.outcome {
            Outcome::Answered(_) => None,
            Outcome::Nothing => asked
                .data
                .told
                .is_some()
                .then(|| say::nothing_beyond(language)),
            Outcome::Unfounded => Some(say::not_borne_out(language)),
            Outcome::Endless => Some(say::endless(language)),
            Outcome::Failed(error) => Some(say::model_failed(language, trouble(error))),
        };
        let draft = match consulted.outcome {
            Outcome::Answered(turn) => {
                let ending = match turn.ending {
                    Some(Ending::TooLong) => Some(say::too_long(language)),
                    Some(Ending::Filtered) => Some(say::filtered(language)),
                    Some(Ending::Complete) | None => None,
                };
                let (passages, looked_up) = gathered.said();
                Draft {
                    cited: turn.cited,
                    passages,
                    looked_up,
                    notices: ending.into_iter().collect(),
                    ..Draft::plain(turn.shown, Mode::Llm)
                }
            }
            outcome => {
                let is_nothing = matches!(outcome, Outcome::Nothing);
                let mut draft = if let Some(told) = &asked.data.told {
                    lookup::draft(told.clone())
                } else if let Some(refusal) = &asked.data.refusal {
                    lookup::draft(refusal.clone())
                } else if !is_nothing && !gathered.found().is_empty() {
                    as_looked_up(gathered, language)
                } else if let Some(refusal) = gathered.refusal().filter(|_| looked) {
                    lookup::draft(refusal)
                } else if !is_nothing && !asked.evidence.passages.is_empty() {
                    let evidence = asked.evidence.clone();
                    quoting(asked.question, evidence, language, String::new())
                } else {
                    let nearest = match asked.evidence.passages.as_slice() {
                        [] => asked.evidence.nearest.clone(),
                        passages => passages.to_vec(),
                    };
                    self.none_found(asked.question, nearest, false, language)
                        .await?
                };
                draft.notices.retain(|notice| !notice.is_empty());
                draft.notices.extend(notice);
                draft
            }
        };
        Ok(Draft {
            first_token,
            usage,
            ..draft
        })
    }
}

/// What was looked up, as it stands.
fn as_looked_up(gathered: Gathered, language: Language) -> Draft {
    let found = gathered.found().join("\n\n");
    let mut citing = super::cite::Citing::new(gathered.passages.len());
    citing.push(&format!("{}\n\n{found}", say::looked_up(language)));
    citing.finish();
    let (passages, looked_up) = gathered.said();
    Draft {
        cited: citing.cited().to_vec(),
        passages,
        looked_up,
        ..Draft::plain(citing.text().to_owned(), Mode::Extractive)
    }
}

fn progress_of(consulted: &Consulted<'_>, progress: &watch::Sender<Progress>) {
    if consulted.telling.has_shown() {
        return;
    }
    let passages = consulted.gathered.passages.len();
    progress.send_replace(Progress::Reading { passages });
}

/// How much may still be looked up.
struct Bounds {
    calls: usize,
    turns: usize,
    /// Tokens of results.
    room: usize,
    until: Instant,
    made: Vec<(String, String)>,
}

impl Bounds {
    fn new(config: &config::tools::Tools, room: usize, with_tools: bool) -> Self {
        Self {
            calls: if with_tools { config.max_calls } else { 0 },
            turns: MOST_TURNS,
            room,
            until: Instant::now() + Duration::from_secs(config.timeout_s),
            made: Vec::new(),
        }
    }

    /// Whether the model may call once more.
    fn allow(&mut self) -> bool {
        let is_allowed = self.calls > 0 && self.turns > 0 && Instant::now() < self.until;
        self.turns = self.turns.saturating_sub(1);
        is_allowed
    }

    async fn carry_out(&mut self, desk: &Desk<'_>, call: &Call, gathered: &mut Gathered) -> String {
        let key = (call.name.clone(), call.arguments.clone());
        if self.made.contains(&key) {
            self.calls = self.calls.saturating_sub(1);
            return "Error: this was looked up already, see above.".to_owned();
        }
        if self.calls == 0 || self.made.len() % MOST_AT_ONCE == MOST_AT_ONCE - 1 && self.calls == 1
        {
            return "Error: nothing more may be looked up. Answer from what there is.".to_owned();
        }
        self.calls -= 1;
        self.made.push(key);
        let remaining = self.until.saturating_duration_since(Instant::now());
        let carried_out = tokio::time::timeout(remaining, desk.carry_out(call, gathered)).await;
        let Ok(result) = carried_out else {
            return "Error: there is no time left to look things up.".to_owned();
        };
        let length = most_tokens(&result);
        if length <= self.room {
            self.room -= length;
            return result;
        }
        let shown = beginning(&result, self.room).to_owned();
        self.room = 0;
        format!("{shown}\n… (cut: ask for less)")
    }
}
