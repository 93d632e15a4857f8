//! epibot answers questions from a fab's manuals, with sources that open.
//!
//! This file declares the rooms of the program, one folder each, from the lowest to the highest. A file uses only rooms
//! declared above its own, which `tests/layering.rs` checks.
//!
//! Questions: a chat platform delivers one ([`chat`]), it is stored before it is acknowledged ([`storage::queue`]),
//! answered from passages ([`answer`], which searches with [`search`], looks up data in [`recipes`] and asks the language
//! model in [`llm`]) and posted to its thread. Documents: [`ingest`] finds changed files, [`extract`] reads them, and the
//! index in [`search`] stores their passages. [`web`] opens cited passages.

/// Domain types: documents and their passages, questions, answers and citations. No I/O.
pub mod domain {
    pub mod access;
    pub mod answer;
    pub mod audience;
    pub mod document;
    pub mod excerpt;
    pub mod fault;
    pub mod inconsistency;
    pub mod language;
    pub mod passage;
    pub mod question;
    pub mod revision;
    #[cfg(test)]
    pub(crate) mod sample;
    pub mod search_params;
    pub mod units;
}

/// The configuration: built-in defaults, a file over them, the environment over both.
pub mod config {
    pub mod access;
    mod aliases;
    pub mod answer;
    pub mod chat;
    mod check;
    pub mod hazard;
    pub mod index;
    mod keys;
    pub mod llm;
    pub mod load;
    pub mod observe;
    pub mod runtime;
    pub mod search;
    pub mod secret;
    pub mod settings;
    pub mod slack;
    pub mod sources;
    pub mod storage;
    #[cfg(test)]
    mod tests;
    pub mod tools;
    pub mod web;
}

/// Process infrastructure: clock, tasks and shutdown, locks, HTTP clients, metrics, logs.
pub mod runtime {
    pub mod clock;
    pub mod encoding;
    pub mod http;
    pub mod lifecycle;
    pub mod lock;
    pub mod metrics;
    pub mod rate_limit;
    pub mod telemetry;
}

/// All user-facing sentences in Korean and English, one file for each place in which they are shown.
pub mod i18n {
    pub mod agent;
    pub mod answer;
    pub mod buttons;
    pub mod command;
    pub mod files;
    pub mod hazard;
    pub mod home;
    pub mod markup;
    mod particle;
    pub mod phrase;
    pub mod reading;
    pub mod recipe;
    pub mod reindex;
    pub mod slack;
    pub mod trouble;
    pub mod web;
    pub mod weekly_report;
}

/// Storage: databases, the job queue, the answer log, backups.
pub mod storage {
    pub mod answer_log;
    pub mod backup;
    pub mod database;
    pub mod queue;
    pub mod sqlite;
}

/// The client of the language model: any server with the chat-completions protocol, streamed.
pub mod llm {
    pub mod client;
    mod dialect;
    mod endpoint;
    pub mod error;
    pub mod message;
    pub mod object;
    mod reasoning;
    pub mod reply;
    pub mod schema;
    pub mod template;
    pub mod tokens;
    pub mod tools;
    pub mod vision;
}

/// Finds passages: text analysis, the index and its engines, embeddings, planning, ranking, answerability.
pub mod search {
    pub mod analysis;
    pub mod answerability;
    pub mod conversation;
    pub mod embed;
    pub mod glossary;
    pub mod index;
    pub mod plan;
    pub mod rerank;
    pub mod retrieve;
    pub mod search_text;
    pub mod trace;
}

/// Recipes and alarms as data: imported from the files of growth tools, looked up, compared and evaluated.
pub mod recipes {
    pub mod alarm;
    pub mod ask;
    pub mod derivation;
    pub mod diff;
    pub mod expression;
    pub mod import;
    pub mod limits;
    pub mod model;
    pub mod plot;
    pub mod record;
    pub mod snapshot;
    pub mod species;
    pub mod store;
    pub mod timeline;
}

/// Extracts text from documents of all formats, in child processes with limits.
pub mod extract {
    mod archive;
    mod charset;
    pub mod extracted;
    mod formats;
    mod limits;
    pub mod ocr;
    mod pdf;
    pub mod pdfium_install;
    pub mod pool;
    pub mod properties;
    mod protocol;
    mod sandbox;
    pub mod worker;
}

/// Documents: from files in folders, sites and buckets to passages in the index.
pub mod ingest {
    pub mod catalog;
    pub mod chunk;
    pub mod data_records;
    pub mod file_status;
    pub mod mirror;
    pub mod reindex;
    pub mod revisions;
    pub mod source;
    pub mod stores;
    pub mod sync;
}

/// Answers questions: evidence, prompt, tool calls, streaming, citations, grounding check; questions about danger.
pub mod answer {
    mod alarm_code;
    pub mod answerer;
    pub mod attachments;
    mod citation_markers;
    mod cite;
    mod draft;
    mod drawing;
    mod evidence;
    mod generate;
    pub mod ground;
    mod hazard;
    pub mod links;
    mod llm_judge;
    mod neutralize;
    mod not_found;
    pub mod progress;
    mod prompt;
    mod question_context;
    mod quote;
    pub mod recipe_commands;
    mod record;
    mod sanitize;
    mod stream;
    mod tools;
    mod verify;
    pub mod vision;
}

/// Chat platforms: questions in, answers out.
pub mod chat {
    pub mod actions;
    pub mod admins;
    pub mod answer_stream;
    pub mod attachments;
    pub mod commands;
    pub mod greeting;
    pub mod groups;
    pub mod home;
    pub mod intake;
    pub mod library;
    pub mod locale;
    pub mod pages;
    pub mod place;
    pub mod platform;
    pub mod question;
    pub mod reader_access;
    pub mod record;
    pub mod reindex_progress;
    pub mod reply;
    pub mod responder;
    pub mod saved_progress;
    pub mod services;
    pub mod slack;
    pub mod stream_throttle;
    pub mod thread;
    pub mod unanswered;
    pub mod user_rate_limit;
    pub mod weekly_report;
    pub mod work;
}

/// The web server: source links that open, the health check, metrics and the demo page.
pub mod web {
    pub mod demo;
    mod health;
    mod highlight;
    pub mod metrics;
    mod page;
    mod protection;
    pub mod read_access;
    pub mod router;
    pub mod server;
    mod source;
    pub mod state;
}

/// Retrieval metrics on question sets: recall, MRR, nDCG, latency.
pub mod eval {
    pub mod beir;
    pub mod calibrate;
    pub mod case;
    pub mod metrics;
    pub mod plot;
    mod quantile;
    pub mod question_file;
    pub mod reference;
    pub mod run;
}

/// The composition root: opens the configured services and runs them.
pub mod app {
    mod dispatcher;
    mod link_key;
    mod reindex_scheduler;
    mod retention;
    pub mod serve;
    pub mod services;
    pub mod storage;
}

/// The command line, one file per command.
pub mod cli {
    mod ask;
    mod audit;
    mod backup;
    pub mod command_line;
    mod demo;
    mod doctor;
    mod documents;
    mod eval;
    mod feedback;
    mod glossary;
    mod healthcheck;
    mod manifest;
    mod output;
    mod recipe;
    mod reindex;
    mod serve;
    mod setup;
}
