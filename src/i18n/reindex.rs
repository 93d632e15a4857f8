//! What epibot says about bringing the documents up to date.

use std::time::Duration;

use super::particle::{Particle, with};
use super::reading;
use crate::domain::fault::SourceFault;
use crate::domain::language::Language;
use crate::i18n::phrase::say;

/// The name of the attached list.
pub const FAILURES_FILE: &str = "reindex-failures.tsv";

/// So many failures and conflicts are named in a message; the attached list has all.
const NAMED: usize = 5;

/// How wide the bar is, in letters.
const BAR: usize = 20;

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files to be looked into.
    pub total: usize,
    pub done: usize,
    pub failed: usize,
    pub passages: usize,
}

/// What was done, and what there is now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    pub added: usize,
    pub changed: usize,
    pub removed: usize,
    pub unchanged: usize,
    pub documents: u64,
    pub pages: u64,
    pub passages: u64,
    pub seconds: f64,
    /// Path and reason.
    pub failed: Vec<(String, String)>,
    /// The documents, and what contradicts.
    pub conflicts: Vec<(String, String)>,
}

#[must_use]
pub fn help(language: Language, command: &str) -> String {
    match language {
        Language::Korean => format!(
            "`{command}` – 바뀐 문서만 다시 색인합니다\n\
             `{command} 소스이름` – 그 소스만 색인합니다\n\
             `{command} full` – 모든 문서를 다시 읽습니다. 그동안에도 검색할 수 있습니다\n\
             `{command} status` – 진행 상황을 보여 줍니다\n\
             `{command} cancel` – 진행 중인 색인을 멈춥니다"
        ),
        Language::English => format!(
            "`{command}` – index what changed\n\
             `{command} SOURCE` – only that source\n\
             `{command} full` – read every document again; questions are answered meanwhile\n\
             `{command} status` – show how it goes\n\
             `{command} cancel` – stop the run in hand"
        ),
    }
}

/// To whoever may not use the command; `allowed` mentions those who may.
#[must_use]
pub fn refused(language: Language, allowed: &[String]) -> String {
    match (language, allowed.is_empty()) {
        (Language::Korean, true) => "아직 이 명령을 쓸 수 있는 사람이 정해지지 않았습니다. 관리자가 설정의 reindex.users 또는 reindex.groups에 적어야 합니다.".to_owned(),
        (Language::English, true) => "Nobody may use this command yet. An administrator has to list people in reindex.users or reindex.groups of the configuration.".to_owned(),
        (Language::Korean, false) => format!("이 명령은 허용된 사람만 쓸 수 있습니다. 다음 분께 요청해 주십시오: {}", allowed.join(", ")),
        (Language::English, false) => format!("Only some people may use this command. Please ask {}.", allowed.join(", ")),
    }
}

#[must_use]
pub fn unknown_source(language: Language, name: &str, known: &str, command: &str) -> String {
    match language {
        Language::Korean => format!(
            "{} 소스가 없습니다. 설정된 소스: {known}. 사용법은 `{command} help`를 참고하십시오.",
            with(&format!("“{name}”"), Particle::Named)
        ),
        Language::English => format!(
            "There is no source “{name}”. The configured ones are: {known}. See `{command} help`."
        ),
    }
}

/// The order is stored; its message follows.
#[must_use]
pub fn taken(language: Language) -> String {
    say(
        language,
        "시작합니다. 진행 상황은 메시지 하나로 계속 알려 드립니다.",
        "On it. One message will show how it goes.",
    )
}

/// Another run is in progress; its progress follows.
#[must_use]
pub fn busy(language: Language) -> String {
    say(
        language,
        "이미 색인이 진행 중입니다:",
        "The documents are being indexed already:",
    )
}

#[must_use]
pub fn cancelling(language: Language) -> String {
    say(
        language,
        "읽고 있는 파일까지만 마치고 멈춥니다.",
        "Stopping after the files that are being read.",
    )
}

#[must_use]
pub fn nothing_to_cancel(language: Language) -> String {
    say(
        language,
        "진행 중인 색인이 없습니다.",
        "Nothing is being indexed.",
    )
}

/// What is in the index while no run is in progress. `last` is when a document was last read, as `YYYY-MM-DD HH:MM` UTC.
#[must_use]
pub fn idle(language: Language, summary: &Summary, last: Option<&str>) -> String {
    let Summary {
        documents,
        pages,
        passages,
        ..
    } = summary;
    let failed = summary.failed.len();
    match language {
        Language::Korean => {
            let last = last.map_or_else(String::new, |last| format!(" 마지막 색인: {last} UTC."));
            format!(
                "진행 중인 색인이 없습니다. 문서 {documents}건, {pages}쪽, 단락 {passages}개; 읽지 못한 파일 {failed}건.{last}"
            )
        }
        Language::English => {
            let last = last.map_or_else(String::new, |last| format!(" Last indexed: {last} UTC."));
            format!(
                "Nothing is being indexed. {documents} documents, {pages} pages, {passages} passages; {failed} files cannot be read.{last}"
            )
        }
    }
}

/// The message at the beginning.
#[must_use]
pub fn begun(language: Language) -> String {
    say(
        language,
        "바뀐 문서를 찾고 있습니다…",
        "Looking for what changed…",
    )
}

/// The progress, and the remaining time once it can be estimated.
#[must_use]
pub fn progress(language: Language, progress: Progress, elapsed: Option<Duration>) -> String {
    let Progress {
        total,
        done,
        failed,
        passages,
    } = progress;
    if total == 0 {
        return begun(language);
    }
    let filled = (BAR * done / total).min(BAR);
    let bar = format!("{}{}", "█".repeat(filled), "░".repeat(BAR - filled));
    let percent = 100 * done / total;
    let left = elapsed
        .and_then(|elapsed| left(done, total, elapsed))
        .map_or_else(String::new, |left| self::about(language, left));
    match language {
        Language::Korean => format!(
            "{bar} {percent}%\n파일 {done}/{total} · 단락 {passages}개 · 실패 {failed}건{left}"
        ),
        Language::English => format!(
            "{bar} {percent}%\n{done} of {total} files · {passages} passages · {failed} failed{left}"
        ),
    }
}

/// The remaining time, estimated from the time so far; none before enough is done.
fn left(done: usize, total: usize, elapsed: Duration) -> Option<Duration> {
    let (done, total) = (u32::try_from(done).ok()?, u32::try_from(total).ok()?);
    (done >= 5 && done < total).then(|| elapsed / done * (total - done))
}

fn about(language: Language, left: Duration) -> String {
    let seconds = left.as_secs();
    match (language, seconds) {
        (Language::Korean, ..60) => format!(" · 약 {}초 남음", seconds.max(1)),
        (Language::Korean, _) => format!(" · 약 {}분 남음", seconds.div_ceil(60)),
        (Language::English, ..60) => format!(" · about {} s left", seconds.max(1)),
        (Language::English, _) => format!(" · about {} min left", seconds.div_ceil(60)),
    }
}

/// The message at the end.
#[must_use]
pub fn done(language: Language, summary: &Summary) -> String {
    let begin = match language {
        Language::Korean => "색인을 마쳤습니다",
        Language::English => "Indexed",
    };
    let counts = counts(language, summary);
    let found = found(language, summary);
    format!("{begin}: {counts}{found}")
}

#[must_use]
pub fn cancelled(language: Language, summary: &Summary) -> String {
    let begin = match language {
        Language::Korean => "취소되었습니다. 그때까지 한 일",
        Language::English => "Cancelled. Until then",
    };
    let counts = counts(language, summary);
    let found = found(language, summary);
    format!("{begin}: {counts}{found}")
}

fn counts(language: Language, summary: &Summary) -> String {
    let Summary {
        added,
        changed,
        removed,
        unchanged,
        documents,
        pages,
        passages,
        seconds,
        ..
    } = summary;
    match language {
        Language::Korean => format!(
            "추가 {added}, 변경 {changed}, 삭제 {removed}, 그대로 {unchanged} ({seconds:.0}초)\n현재 문서 {documents}건, {pages}쪽, 단락 {passages}개"
        ),
        Language::English => format!(
            "{added} added, {changed} changed, {removed} removed, {unchanged} unchanged ({seconds:.0} s)\nNow {documents} documents, {pages} pages, {passages} passages"
        ),
    }
}

/// The first failures and conflicts.
fn found(language: Language, summary: &Summary) -> String {
    let mut text = String::new();
    for (entries, korean, english) in [
        (&summary.failed, "읽지 못한 파일", "Could not be read"),
        (&summary.conflicts, "서로 맞지 않는 문서", "Contradictions"),
    ] {
        if entries.is_empty() {
            continue;
        }
        let count = entries.len();
        text.extend([match language {
            Language::Korean => format!("\n{korean} {count}건:"),
            Language::English => format!("\n{english} ({count}):"),
        }]);
        for (name, reason) in entries.iter().take(NAMED) {
            text.extend(["\n• ", name, ": ", reason]);
        }
        if count > NAMED {
            text.push_str("\n• …");
        }
    }
    text
}

/// The program stops; the message goes on with the next start.
#[must_use]
pub fn interrupted(language: Language) -> String {
    say(
        language,
        "epibot이 다시 시작됩니다. 그 뒤에 이어서 진행합니다.",
        "epibot is being restarted and goes on after that.",
    )
}

#[must_use]
pub fn elsewhere(language: Language) -> String {
    say(
        language,
        "다른 프로그램이 같은 문서를 색인하고 있어 끝나기를 기다립니다…",
        "Waiting for another program that indexes the same documents…",
    )
}

/// An attempt failed, with the reason if it is known.
#[must_use]
pub fn trying_again(language: Language, why: Option<&SourceFault>) -> String {
    let why = why.map(|fault| reading::source(language, fault));
    match (language, why) {
        (Language::Korean, None) => "문제가 생겨 잠시 후 다시 시도합니다…".to_owned(),
        (Language::Korean, Some(why)) => format!("{why}.\n잠시 후 다시 시도합니다…"),
        (Language::English, None) => "Something went wrong; trying again shortly…".to_owned(),
        (Language::English, Some(why)) => {
            format!("Something went wrong: {why}.\nTrying again shortly…")
        }
    }
}

/// Every attempt has failed; for a reason without a sentence, the one of the log.
#[must_use]
pub fn given_up(language: Language, why: Option<&SourceFault>, logged: &str) -> String {
    let why = why.map(|fault| reading::source(language, fault));
    match (language, why) {
        (Language::Korean, None) => format!(
            "내부 문제로 색인하지 못했습니다. epibot을 관리하시는 분께 로그의 다음 기록을 확인해 달라고 요청해 주십시오: {logged}"
        ),
        (Language::Korean, Some(why)) => format!("색인하지 못했습니다. {why}."),
        (Language::English, None) => format!(
            "Something on our side kept the documents from being indexed. Please ask whoever runs epibot to look into this entry of its log: {logged}"
        ),
        (Language::English, Some(why)) => {
            format!("The documents could not be indexed: {why}.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> Summary {
        Summary {
            added: 3,
            changed: 1,
            removed: 0,
            unchanged: 12,
            documents: 16,
            pages: 240,
            passages: 810,
            seconds: 4.2,
            failed: vec![("sops/a.pdf".to_owned(), "it is empty".to_owned()); 7],
            conflicts: vec![(
                "sops/b.pdf, sops/c.pdf".to_owned(),
                "they are the same file".to_owned(),
            )],
        }
    }

    #[test]
    fn everything_that_is_said_in_both_languages() {
        let mut said = String::new();
        for language in [Language::English, Language::Korean] {
            let halfway = Progress {
                total: 1000,
                done: 412,
                failed: 3,
                passages: 5120,
            };
            let people = ["<@U1>".to_owned(), "<!subteam^S1>".to_owned()];
            let sentences = [
                help(language, "/reindex"),
                refused(language, &people),
                refused(language, &[]),
                unknown_source(language, "sopz", "manuals, sops", "/reindex"),
                taken(language),
                busy(language),
                cancelling(language),
                nothing_to_cancel(language),
                idle(language, &summary(), Some("2026-01-01 12:00")),
                begun(language),
                progress(language, halfway, Some(Duration::from_secs(90))),
                progress(language, halfway, Some(Duration::from_secs(9))),
                progress(language, Progress::default(), None),
                done(language, &summary()),
                cancelled(language, &Summary::default()),
                interrupted(language),
                elsewhere(language),
                trying_again(language, None),
                trying_again(language, Some(&SourceFault::NoSources)),
                given_up(language, None, "the index: the disk is full"),
                given_up(language, Some(&SourceFault::NoSources), ""),
            ];
            said.push_str(&sentences.join("\n---\n"));
            said.push_str("\n===\n");
        }
        insta::assert_snapshot!(said);
    }
}
