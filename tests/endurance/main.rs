//! Long runs of the whole program: it is killed, stopped and replaced, or asked for long, while models and chat fail.
//!
//! They take minutes, so that `cargo test` leaves them out: `cargo test --test endurance -- --nocapture`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and each prints a line for the table"
)]

mod replicas;
mod soak;
#[expect(dead_code, reason = "it is shared with the other end-to-end tests")]
mod support;
