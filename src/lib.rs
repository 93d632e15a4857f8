//! epibot answers questions from a fab's manuals, with sources that open.
//!
//! A question goes one way: Slack delivers it ([`slack`]), it is stored before it is acknowledged ([`queue`]),
//! answered from passages ([`answer`], which asks the [`index`], with the [`glossary`]'s words, and the language model in
//! [`llm`]) and posted
//! in its thread. Documents come the other way: [`corpus`] reads them into passages, [`analysis`] into terms,
//! and the [`index`] keeps both. [`web`] opens what an answer cites.
//!
//! Each module uses only those below it in the order that `tests/layering.rs` holds and `docs/ARCHITECTURE.md` shows.

pub mod alarm;
pub mod analysis;
pub mod answer;
pub mod app;
pub mod backup;
pub mod cli;
pub mod clock;
pub mod config;
pub mod corpus;
pub mod database;
pub mod domain;
pub mod embed;
pub mod encoding;
pub mod eval;
pub mod feedback;
pub mod glossary;
pub mod http;
pub mod index;
pub mod lifecycle;
pub mod llm;
pub mod lock;
pub mod metrics;
pub mod queue;
pub mod recipe;
pub mod slack;
pub mod sqlite;
pub mod telemetry;
pub mod text;
pub mod web;
