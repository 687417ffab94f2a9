//! What happens when the compiler itself is wrong: a report and exit code 70, never a bare panic.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::thread;

use super::failure::Exit;
use super::pipeline::Session;
use crate::bug::Bug;

/// Stack for the stages, which recurse with the nesting of the program, the sizes to try in turn. The parser bounds that
/// nesting; the first leaves unoptimised builds of the compiler room for it, and the last room for what people write.
/// Untouched pages cost nothing, but some systems do not promise so many.
const STACK_SIZES: [usize; 3] = [2 << 30, 512 << 20, 64 << 20];

/// Runs the compiler where a panic turns into [`Exit::Bug`].
pub fn guard(run: impl FnOnce() -> Exit + Send + 'static) -> Exit {
    panic::set_hook(Box::new(report));
    // A thread that cannot be started drops its work, so the work is only lent to it.
    let work = Arc::new(Mutex::new(Some(run)));
    let mut reason = None;
    for size in STACK_SIZES {
        let work = Arc::clone(&work);
        let compiler = thread::Builder::new().name("platc".into()).stack_size(size).spawn(move || {
            let run = work.lock().ok().and_then(|mut work| work.take());
            run.map_or(Exit::Failed, |run| run())
        });
        match compiler {
            Ok(compiler) => return compiler.join().unwrap_or(Exit::Bug),
            Err(error) => reason = Some(error),
        }
    }
    eprintln!("error: cannot start a thread: {}", reason.map_or_else(String::new, |error| error.to_string()));
    Exit::Failed
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
