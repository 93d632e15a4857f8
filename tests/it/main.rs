//! End-to-end tests, in one binary so that they are linked once.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, in its helpers too"
)]

mod access;
mod answer;
mod attached;
mod attacks;
mod corpus;
mod doctor;
mod faults;
mod forged;
mod formats;
mod ground;
mod index;
mod llm;
mod mirror;
mod observe;
mod queue;
mod recipes;
mod reindex;
mod retrieve;
mod slack;
mod state;
mod streaming;
mod support;
mod vectors;
mod views;
mod web;
