//! The messages about invalid configurations, as an operator reads them.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;

use tempfile::TempDir;

use crate::config::load::load_from;
use crate::config::runtime::LogFormat;
use crate::config::settings::Config;
use crate::config::slack::SlackMode;
use crate::domain::access::Access;

fn environment(variables: &[(&str, &str)]) -> HashMap<String, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    variables.iter().map(owned).collect()
}

/// Loads a file with this text.
fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("epibot.toml");
    fs::write(&file, text).unwrap();
    load_from(Some(&file), Some(environment(variables)))
        .map_err(|error| format!("{error:#}").replace(folder.path().to_str().unwrap(), "/etc"))
}

/// Returns each text with its error message.
fn refusals(texts: &[&str]) -> String {
    texts.iter().fold(String::new(), |mut all, text| {
        let message = load(text, &[]).expect_err(text);
        write!(all, "{text}\n\n    {}\n\n", message.replace('\n', "\n    ")).unwrap();
        all
    })
}

#[test]
fn the_defaults_are_valid_without_a_file() {
    let config = load_from(None, Some(environment(&[]))).unwrap();
    assert_eq!(config.slack.mode, SlackMode::Off);
    assert_eq!(config.access.for_everyone(), Access::Everything);
    assert!(!config.llm.is_configured());
    assert!(config.slack.bot_token.is_none());
}

#[test]
fn a_file_changes_only_what_it_names() {
    let config = load("[queue]\nattempts = 3\n[log]\nformat = \"json\"", &[]).unwrap();
    assert_eq!((config.queue.attempts, config.queue.workers), (3, 8));
    assert_eq!(
        (config.log.format, config.log.level.as_str()),
        (LogFormat::Json, "info")
    );
}

#[test]
fn the_environment_overrides_the_file() {
    let variables = [
        ("EPIBOT__QUEUE__ATTEMPTS", "4"),
        ("EPIBOT__LLM__TEMPERATURE", "0.5"),
        ("EPIBOT__LLM__BASE_URL", "http://127.0.0.1:11434/v1"),
        ("EPIBOT__LLM__MODEL", "007"),
        (
            "EPIBOT_TEST",
            "names no section, so it is none of our business",
        ),
        ("PATH", "/bin"),
    ];
    let config = load("[queue]\nattempts = 3\nworkers = 2", &variables).unwrap();
    assert_eq!((config.queue.attempts, config.queue.workers), (4, 2));
    assert!((config.llm.temperature - 0.5).abs() < f32::EPSILON);
    assert_eq!(config.llm.model, "007");
}

#[test]
fn channels_have_their_own_collections() {
    let text = "[access]\ndefault = [\"manuals\"]\n[access.channels]\nC0123456789 = [\"recipes\"]";
    let access = load(text, &[]).unwrap().access;
    assert_eq!(
        access.for_channel("C0123456789"),
        Access::Only(["recipes".to_owned()].into())
    );
    assert_eq!(
        access.for_channel("C9876543210"),
        Access::Only(["manuals".to_owned()].into())
    );
}

#[test]
fn a_secret_is_read_from_its_file_and_never_shown() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "xoxb-secret\n").unwrap();
    let text = format!("[slack]\nbot_token = \"file:{}\"", file.display());
    let config = load(&text, &[]).unwrap();
    assert_eq!(
        config.slack.bot_token.as_ref().unwrap().expose(),
        "xoxb-secret"
    );
    assert!(!format!("{config:?}").contains("xoxb-secret"));
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    insta::assert_snapshot!(refusals(&[
        "[llm]\nmodle = \"qwen3\"",
        "[lmm]\nmodel = \"qwen3\"",
        "model = \"qwen3\"",
        "[queue]\nworker = 4\nattempt = 2",
        "[web]\nport = 8080",
        "[llm.model]\nname = \"qwen3\"",
        "[[source]]\nname = \"manuals\"\npath = \"/srv/manuals\"\ncollection = \"manuals\"",
    ]));
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_what_is_expected() {
    insta::assert_snapshot!(refusals(&[
        "llm = \"qwen3\"",
        "[llm]\nmodel = 3",
        "[llm]\ntemperature = \"warm\"",
        "[queue]\nworkers = \"many\"",
        "[queue]\nworkers = -1",
        "[queue]\nworkers = 1.6",
        "[queue]\nattempts = 99999999999",
        "[web]\nlisten = 8080",
        "[web]\nlisten = \"localhost\"",
        "[slack]\nmode = \"sockets\"",
        "[log]\nformat = true",
        "[log]\nformat = \"xml\"",
        "[access]\ndefault = \"manuals\"",
        "[access]\nchannels = [\"manuals\"]",
        "[access.channels]\nC0123456789 = \"manuals\"",
    ]));
}

#[test]
fn a_source_that_is_incomplete_or_misspelt_is_refused() {
    insta::assert_snapshot!(refusals(&[
        "[[sources]]\nname = \"manuals\"",
        "[sources]\nname = \"manuals\"\npath = \"/srv/manuals\"",
        "sources = [\"/srv/manuals\"]",
        "[[sources]]\nname = 1\npath = \"/srv\"\ncollection = \"manuals\"\nincludes = [\"*\"]\nexclude = \"*.txt\"",
    ]));
}

#[test]
fn two_sources_of_one_name_or_folder_are_refused() {
    insta::assert_snapshot!(refusals(&[
        "[[sources]]\nname = \"manuals\"\npath = \"/srv/a\"\ncollection = \"a\"\n\
         [[sources]]\nname = \"manuals\"\npath = \"/srv/b\"\ncollection = \"b\"",
        "[[sources]]\nname = \"a\"\npath = \"/srv/manuals\"\ncollection = \"a\"\n\
         [[sources]]\nname = \"b\"\npath = \"/srv/manuals/\"\ncollection = \"b\"",
    ]));
}

#[test]
fn senseless_combinations_are_refused_all_at_once() {
    insta::assert_snapshot!(refusals(&[
        "[slack]\nmode = \"socket\"",
        "[slack]\nmode = \"http\"\nconnections = 11",
        "[llm]\nbase_url = \"http://127.0.0.1:11434/v1\"",
        "[llm]\nmodel = \"qwen3\"",
        "[llm]\nbase_url = \"127.0.0.1:11434\"\nmodel = \"qwen3\"\ntemperature = 3",
        "[llm]\nmax_prompt_tokens = 1000\nmax_tokens = 0",
        "[chunk]\ntarget_chars = 3000",
        "[retrieval]\npassages = 0\nmin_evidence = 35",
        "[queue]\nworkers = 0\nattempts = 0",
        "[extract]\nmemory_mb = 64",
        "[web]\nbase_url = \"epibot.example.com\"",
        "[log]\nlevel = \"loud\"",
        "[access]\ndefault = [\"manual\"]\n[access.channels]\nC0123456789 = [\"recipe\"]\n\
         [[sources]]\nname = \"m\"\npath = \"/srv\"\ncollection = \"manuals\"\nurl = \"dms/{path}\"\ninclude = [\"a{\"]",
    ]));
}

#[test]
fn a_secret_that_cannot_be_had_is_named_and_not_repeated() {
    let message = refusals(&[
        "[llm]\napi_key = \"env:EPIBOT_TEST_THAT_IS_NOT_SET\"",
        "[slack]\nbot_token = \"file:/nonexistent/token\"",
        "[slack]\nsigning_secret = \"8f742231b10e8888abcd99yyyzzz85a5\"",
        "[slack]\napp_token = 12345678",
    ]);
    assert!(
        !message
            .replace("signing_secret = \"8f742231b10e", "")
            .contains("8f742231b10e")
    );
    insta::assert_snapshot!(message);
}

#[test]
fn a_database_that_cannot_be_shared_and_periods_that_contradict_are_refused() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("database");
    fs::write(&file, "mysql://epibot:secret@localhost/epibot").unwrap();
    let text = format!(
        "[state]\ndatabase = \"file:{}\"\nconnections = 1\nconnect_timeout_s = 0\nlease_s = 1\n[audit]\nkeep_days = 7",
        file.display()
    );
    let message = load(&text, &[]).unwrap_err();
    for expected in [
        "state.database does not begin with \"postgres://\"",
        "state.connections must be 2 to 200",
        "state.connect_timeout_s must be 1 to 60",
        "state.lease_s must be 5 to 600",
        "audit.keep_days is less than data.keep_days, after which the words go; write 90 or more",
    ] {
        assert!(message.contains(expected), "{message}");
    }
    assert!(!message.contains("secret"), "{message}");
}

#[test]
fn a_short_link_secret_is_refused() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, "too short").unwrap();
    let message = load(
        &format!("[web]\nlink_secret = \"file:{}\"", file.display()),
        &[],
    )
    .unwrap_err();
    insta::assert_snapshot!(message);
}

#[test]
fn what_is_wrong_in_the_environment_is_named_as_a_variable() {
    let variables = [
        ("EPIBOT__LLM__MODLE", "qwen3"),
        ("EPIBOT__QUEUE__WORKERS", "many"),
        ("EPIBOT__LLM__TEMPERATURE", "warm"),
        ("EPIBOT__ACCESS__DEFAULT", "manuals"),
        ("EPIBOT__ACCESS__CHANNELS__C0123456789", "manuals"),
        ("EPIBOT__SOURCES", "/srv/manuals"),
    ];
    insta::assert_snapshot!(load("", &variables).unwrap_err());
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = load_from(
        Some("/nonexistent/epibot.toml".as_ref()),
        Some(environment(&[])),
    )
    .unwrap_err();
    insta::assert_snapshot!(format!("{error:#}"));
}

#[test]
fn a_file_that_is_not_toml_is_refused_with_the_line() {
    let message = refusals(&[
        "[llm]\nmodel = = 1",
        "[llm]\n[llm]",
        "[llm]\napi_key = sk-1234",
    ]);
    assert_eq!(
        message.matches("sk-1234").count(),
        1,
        "a secret was repeated"
    );
    insta::assert_snapshot!(message);
}

#[test]
fn every_default_is_explained_by_a_comment_above_it() {
    let defaults = include_str!("../../config/default.toml");
    let mut above = "";
    let mut unexplained = Vec::new();
    for line in defaults.lines() {
        let is_key = line.contains(" = ") && !line.starts_with('#');
        if is_key && !above.starts_with('#') {
            unexplained.push(line);
        }
        above = line;
    }
    assert!(unexplained.is_empty(), "no comment above: {unexplained:#?}");
}

/// A file with every renamed key under its old name.
const OLD_NAMES: &str = r#"
[answer]
check = "withhold"
second_opinion = true
second_opinion_timeout_ms = 7
[audit]
questions = false
[hazard]
always = ["evacuate"]
ways_around = ["bypass"]
[slack]
admins = ["U1"]
every_question = ["C1"]
experts = ["*: U2"]
file_mb = 3
files = 4
keep_limits = false
mention_only = ["C2"]
questions_per_channel = 5
questions_per_user = 6
weekly_gaps = true
[traces]
share = 0.5
"#;

/// The same file with the new names.
const NEW_NAMES: &str = r#"
[answer]
unsupported = "withhold"
llm_judge = true
llm_judge_timeout_ms = 7
[audit]
export_questions = false
[hazard]
keywords = ["evacuate"]
bypasses = ["bypass"]
[chat]
admins = ["U1"]
answer_unmentioned = ["C1"]
experts = ["*: U2"]
max_file_mb = 3
max_files = 4
mention_only = ["C2"]
questions_per_channel = 5
questions_per_user = 6
weekly_unanswered = true
[slack]
rate_limits = false
[traces]
sample_ratio = 0.5
"#;

#[test]
fn old_names_of_keys_give_the_same_configuration_and_warnings() {
    let mut old = load(OLD_NAMES, &[]).unwrap();
    let new = load(NEW_NAMES, &[]).unwrap();
    assert!(new.warnings.is_empty(), "{:?}", new.warnings);
    let warnings = std::mem::take(&mut old.warnings);
    assert_eq!(format!("{old:?}"), format!("{new:?}"));
    assert_eq!(warnings.len(), 17, "{warnings:#?}");
    assert!(
        warnings
            .iter()
            .any(|warning| warning.starts_with("slack.experts in ")
                && warning.ends_with(" has been renamed; write chat.experts in its place")),
        "{warnings:#?}"
    );
}

#[test]
fn an_old_name_in_the_environment_is_accepted_with_a_warning() {
    let variables = [("EPIBOT__SLACK__QUESTIONS_PER_USER", "7")];
    let config = load("[chat]\nquestions_per_user = 3", &variables).unwrap();
    assert_eq!(config.chat.questions_per_user, 7);
    assert_eq!(
        config.warnings,
        [
            "the environment variable EPIBOT__SLACK__QUESTIONS_PER_USER has been renamed; \
          write EPIBOT__CHAT__QUESTIONS_PER_USER in its place"
        ]
    );
}

#[test]
fn an_old_name_together_with_the_new_one_is_refused() {
    let message = load("[slack]\nfiles = 1\n[chat]\nmax_files = 2", &[]).unwrap_err();
    let expected = "has been renamed to chat.max_files, and both are set; remove slack.files";
    assert!(message.contains(expected), "{message}");
}
