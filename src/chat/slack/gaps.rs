//! Questions that the documents did not answer, for those who look after them.

use std::collections::BTreeMap;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::errand::{Errand, Gaps};
use super::escape::escape;
use super::message::{Block, Mark, Message, Role};
use super::parts::Parts;
use super::render::shorten;
use crate::domain::access::Access;
use crate::domain::language::Language;
use crate::domain::question::Question;
use crate::i18n::gaps as text;
use crate::runtime::lifecycle::Lifecycle;
use crate::search::analysis;
use crate::storage::answer_log::Line;

/// How often it is looked whether a week is over.
const LOOK: std::time::Duration = std::time::Duration::from_mins(20);
/// Questions that a report lists, and characters of each.
const LISTED: usize = 20;
const ENTRY: usize = 300;
/// Passages that are looked at for the document that comes closest.
const PASSAGES: usize = 3;

/// Questions of the same words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// As it was last asked.
    pub(super) question: String,
    pub(super) times: usize,
    /// Where it was last asked.
    channel: String,
    user: String,
}

/// Unanswered questions, those of the same words together, the most frequent first.
pub(super) fn grouped(lines: &[Line]) -> Vec<Group> {
    let mut groups: BTreeMap<Vec<String>, Group> = BTreeMap::new();
    for line in lines {
        let mut terms = analysis::terms(&line.question);
        terms.sort_unstable();
        terms.dedup();
        let times = groups.get(&terms).map_or(0, |group| group.times) + 1;
        let group = Group {
            question: line.question.clone(),
            times,
            channel: line.channel.clone(),
            user: line.user.clone(),
        };
        groups.insert(terms, group);
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_by(|one, other| {
        let by_times = other.times.cmp(&one.times);
        by_times.then_with(|| one.question.cmp(&other.question))
    });
    groups
}

/// Orders each expert's report once a week is over, until the program stops.
pub async fn keep_ordering(parts: Parts, lifecycle: Lifecycle) {
    let mut ticks = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = lifecycle.stopping() => return,
        }
        order_due(&parts).await;
    }
}

/// Orders the reports on the week that is over. Each is ordered once, however often it is looked.
pub async fn order_due(parts: &Parts) {
    for gaps in due(parts.clock.now(), &parts.config.chat.experts) {
        let lane = format!("gaps/{}", gaps.owner);
        if let Err(error) = Errand::Gaps(gaps).enqueue(&parts.queue, lane).await {
            let error = format!("{error:#}");
            tracing::error!(error, "a report of unanswered questions is not ordered");
        }
    }
}

/// The reports on the week that is over: each expert's.
fn due(now: Timestamp, experts: &[String]) -> Vec<Gaps> {
    let today = now.to_zoned_datetime(TimeZone::UTC).date();
    let back = i64::from(today.weekday().since(Weekday::Monday));
    let day = SignedDuration::from_hours(24);
    let midnight = now.as_second() - now.as_second().rem_euclid(day.as_secs());
    let until = midnight - back * day.as_secs();
    let from = until - 7 * day.as_secs();
    let week = Timestamp::from_second(from).map(|from| {
        let week = from.to_zoned_datetime(TimeZone::UTC).date().iso_week_date();
        format!("{}-W{:02}", week.year(), week.week())
    });
    let Ok(week) = week else { return Vec::new() };
    let mut owners: Vec<&str> = experts
        .iter()
        .filter_map(|expert| Some(expert.split_once(':')?.1.trim()))
        .collect();
    owners.sort_unstable();
    owners.dedup();
    let report = |owner: &str| Gaps {
        week: week.clone(),
        from: from * 1_000,
        until: until * 1_000,
        owner: owner.to_owned(),
    };
    owners.into_iter().map(report).collect()
}

/// Tells an expert which questions of the week the documents in their charge did not answer. Each question is looked
/// up again: it belongs to the collection whose documents come closest, and what has been answered since is left out.
///
/// # Errors
/// The questions or documents cannot be read, or Slack cannot be reached.
pub(super) async fn report(parts: &Parts, gaps: &Gaps) -> anyhow::Result<()> {
    let experts = &parts.config.chat.experts;
    let from = Timestamp::from_millisecond(gaps.from)?;
    let lines = parts.feedback.lines_since(from).await?;
    let until = Timestamp::from_millisecond(gaps.until)?.to_string();
    let lines: Vec<Line> = lines
        .into_iter()
        .filter(|line| line.kind == "unanswered" && line.asked < until)
        .collect();
    let mut listed = Vec::new();
    for group in grouped(&lines) {
        if let Some((collection, nearest)) = nearest(parts, &group).await?
            && owner(experts, collection.as_deref()) == Some(gaps.owner.as_str())
        {
            listed.push((group, nearest));
        }
    }
    if listed.is_empty() {
        return Ok(());
    }
    let mark = Mark {
        question: format!("gaps/{}/{}", gaps.week, gaps.owner),
        part: 1,
    };
    let language = parts.config.reindex.language();
    let message = message(&listed, &gaps.week, language);
    let channel = if gaps.owner.starts_with(['U', 'W']) {
        parts.client.direct(&gaps.owner).await?
    } else {
        gaps.owner.clone()
    };
    let there = parts.client.recent(&channel).await?;
    if mark.find(&there, &parts.bot).is_none() {
        parts.client.announce(&channel, &message, &mark).await?;
    }
    Ok(())
}

/// The collection and the title of the document that comes closest to a question; nothing where the question can be
/// answered by now.
async fn nearest(
    parts: &Parts,
    group: &Group,
) -> anyhow::Result<Option<(Option<String>, Option<String>)>> {
    let question = Question {
        text: group.question.clone(),
        conversation: Vec::new(),
        access: parts.access(&group.channel, &group.user).await,
    };
    if matches!(&question.access, Access::Only(collections) if collections.is_empty()) {
        return Ok(Some((None, None)));
    }
    let retriever = &parts.library.retriever;
    let searched = retriever.search(&question, PASSAGES).await?;
    if retriever.is_enough(&searched) {
        return Ok(None);
    }
    let document = searched
        .results
        .hits
        .into_iter()
        .next()
        .map(|hit| hit.passage.document);
    Ok(Some(
        document
            .map(|document| (document.collection, document.title))
            .unzip(),
    ))
}

/// Who looks after a collection: the first expert for it. What comes close to nothing is for whoever has all.
fn owner<'a>(experts: &'a [String], collection: Option<&str>) -> Option<&'a str> {
    experts.iter().find_map(|expert| {
        let (theirs, id) = expert.split_once(':')?;
        let theirs = theirs.trim();
        (theirs == "*" || Some(theirs) == collection).then(|| id.trim())
    })
}

fn message(listed: &[(Group, Option<String>)], week: &str, language: Language) -> Message {
    let entry = |text: &str| {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        shorten(&escape(&line), ENTRY)
    };
    let questions = listed.iter().take(LISTED).map(|(group, nearest)| {
        Block::new(
            Role::Status,
            text::question(
                language,
                &entry(&group.question),
                group.times,
                nearest.as_deref().map(entry).as_deref(),
            ),
        )
    });
    let head = text::head(language, week, listed.len());
    let mut blocks = vec![Block::new(Role::Status, head.clone())];
    blocks.extend(questions);
    let rest = if listed.len() > LISTED {
        text::more(language, listed.len() - LISTED)
    } else {
        text::what_to_do(language)
    };
    blocks.push(Block::new(Role::Notice, rest));
    Message {
        text: head,
        blocks,
        buttons: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(question: &str) -> Line {
        Line {
            kind: "unanswered".into(),
            key: "T1/C1/1.1".into(),
            asked: String::new(),
            channel: "C1".into(),
            user: "U1".into(),
            question: question.into(),
            answer: String::new(),
            mode: "none_found".into(),
            model: String::new(),
            passages: Vec::new(),
            helpful: None,
            comment: String::new(),
            voted_by: String::new(),
            voted: String::new(),
        }
    }

    #[test]
    fn questions_of_the_same_words_are_one_and_the_most_frequent_come_first() {
        let lines = [
            line("chiller refill interval?"),
            line("가스 캐비닛 점검 주기는?"),
            line("What is the interval of the chiller refill?"),
        ];
        let groups = grouped(&lines);
        assert_eq!(groups.len(), 2, "{groups:?}");
        assert_eq!(groups[0].times, 2);
    }

    #[test]
    fn a_week_is_reported_once_it_is_over_and_under_one_name() {
        let experts = [
            "manuals: U1".to_owned(),
            "*: C9".to_owned(),
            "x: U1".to_owned(),
        ];
        let at = |time: &str| due(time.parse().unwrap(), &experts);
        let monday = at("2026-01-19T00:00:01Z");
        assert_eq!(monday, at("2026-01-25T23:59:59Z"));
        assert_ne!(monday, at("2026-01-26T00:00:00Z"));
        assert_eq!(monday[0].week, "2026-W03");
        let owners: Vec<&str> = monday.iter().map(|gaps| gaps.owner.as_str()).collect();
        assert_eq!(owners, ["C9", "U1"]);
        let from = Timestamp::from_millisecond(monday[0].from).unwrap();
        assert_eq!(from.to_string(), "2026-01-12T00:00:00Z");
    }

    #[test]
    fn a_question_belongs_to_who_looks_after_what_comes_closest() {
        let experts = ["manuals: U1".to_owned(), "*: C9".to_owned()];
        assert_eq!(owner(&experts, Some("manuals")), Some("U1"));
        assert_eq!(owner(&experts, Some("recipes")), Some("C9"));
        assert_eq!(owner(&experts, None), Some("C9"));
        assert_eq!(owner(&experts[..1], None), None);
    }
}
