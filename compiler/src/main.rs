//! `platc`: argv → driver → exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    platc::driver::main(std::env::args_os())
}
