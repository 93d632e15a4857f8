//! epibot answers questions from a fab's manuals, with sources that open.
//!
//! A question goes one way: Slack delivers it ([`slack`]), it is stored before it is acknowledged ([`queue`]),
//! answered from passages ([`answer`], which asks the [`index`], with the [`glossary`]'s words, and the language model in
//! [`llm`]) and posted
//! in its thread. Documents come the other way: [`corpus`] reads them into passages, [`analysis`] into terms,
//! and the [`index`] keeps both. [`web`] opens what an answer cites.
//!
//! Each module uses only those above it, as `tests/layering.rs` holds and `docs/ARCHITECTURE.md` shows.

pub mod domain;

pub mod text;

/// What is kept: databases, the queue of work, the log of answers, backups.
pub mod storage {
    pub mod answer_log;
    pub mod backup;
    pub mod database;
    pub mod queue;
    pub mod sqlite;
}

pub mod config;

/// What every process needs: time, tasks and their end, locks, HTTP clients, metrics, logs.
pub mod runtime {
    pub mod clock;
    pub mod encoding;
    pub mod http;
    pub mod lifecycle;
    pub mod lock;
    pub mod metrics;
    pub mod telemetry;
}

pub mod analysis;

pub mod index;

pub mod glossary;

pub mod llm;

pub mod embed;

pub mod alarm;

pub mod recipe;

pub mod corpus;

pub mod answer;

pub mod eval;

pub mod slack;

pub mod web;

pub mod app;

pub mod cli;
