//! `platc`: argv → driver → exit code.

use std::process::ExitCode;

/// A compilation is millions of small allocations, most of them short-lived: with the C library's allocator they took a quarter
/// of the time, and more on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    platc::driver::main(std::env::args_os())
}
