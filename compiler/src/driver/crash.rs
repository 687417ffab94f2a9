//! What happens when the compiler itself is wrong: a report and exit code 70, never a bare panic.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use std::thread;

use super::failure::Exit;
use super::pipeline::Session;
use crate::bug::Bug;

/// Stack for the stages, which recurse with the nesting of the program. The parser bounds that nesting; this leaves
/// unoptimised builds of the compiler room for it. Untouched pages cost nothing.
const STACK_SIZE: usize = 512 << 20;

/// Runs the compiler where a panic turns into [`Exit::Bug`].
pub fn guard(run: impl FnOnce() -> Exit + Send + 'static) -> Exit {
    panic::set_hook(Box::new(report));
    let compiler = thread::Builder::new().name("platc".into()).stack_size(STACK_SIZE).spawn(run);
    let outcome = compiler.map_err(|error| eprintln!("error: cannot start a thread: {error}"));
    match outcome.map(thread::JoinHandle::join) {
        Ok(Ok(exit)) => exit,
        Ok(Err(_)) => Exit::Bug,
        Err(()) => Exit::Failed,
    }
}

/// Runs a compilation, and names the place being compiled when it hits a bug that knows one.
pub fn with_place<T>(session: &mut Session, run: impl FnOnce(&mut Session) -> T) -> T {
    catch_unwind(AssertUnwindSafe(|| run(session))).unwrap_or_else(|payload| {
        if let Some(span) = payload.downcast_ref::<Bug>().and_then(|bug| bug.span) {
            let place = session.sources.line_column(span);
            eprintln!(
                "  while compiling {}:{}:{}",
                session.sources.file(span.file).name,
                place.line,
                place.column
            );
        }
        resume_unwind(payload)
    })
}

fn report(info: &PanicHookInfo<'_>) {
    eprintln!("internal compiler error: {}", message(info.payload()));
    if let Some(location) = info.location() {
        eprintln!("  in {location}, platc {}", env!("CARGO_PKG_VERSION"));
    }
    eprintln!("  This is a mistake in platc, not in your program: please report it, with the program.");
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        eprintln!("{backtrace}");
    }
}

fn message(payload: &dyn Any) -> &str {
    let bug = payload.downcast_ref::<Bug>().map(|bug| bug.message.as_str());
    let text = payload.downcast_ref::<String>().map(String::as_str);
    bug.or(text).or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("unknown")
}
