//! The `epibot` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    epibot::cli::command_line::main()
}
