//! End-to-end tests, in one binary so that they are linked once.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, in its helpers too"
)]

mod answer;
mod corpus;
mod index;
mod llm;
mod queue;
mod slack;
mod support;
mod web;
