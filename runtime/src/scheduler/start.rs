//! From the compiled `main` into the runtime and back.

use core::num::NonZero;
use std::{env, panic};

use plat_abi::ABI_VERSION;
use plat_abi::layout::ProgramDescriptor;

use super::{Runtime, polls};
use crate::broken_pipe;
use crate::cancel::probe;
use crate::heap::leaks;
use crate::inspect;
use crate::sanitizer;
use crate::scope;
use crate::signals;
use crate::stack::{self, canary};
use crate::standard;
use crate::sync_shim::thread;
use crate::task::{TaskRef, run};
use crate::text::output;
use crate::timeline;
use crate::unwind::tables::Program;

/// Most stack of a task unless `PLAT_STACK_MAX` says otherwise: only touched pages cost memory.
const MOST_STACK_BYTES: usize = 1 << 30;

/// The least that is accepted for it.
const LEAST_STACK_BYTES: usize = 64 << 10;

/// Exit code of a program that leaks, under `PLAT_LEAKS=1`.
const LEAK_EXIT_CODE: i32 = 103;

/// Runs a program and gives its exit code. The C `main` that the compiler emits calls this.
///
/// # Safety
/// `program` is what the compiler emitted, called once a process.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plat_rt_start(
    program: *const ProgramDescriptor,
    _argument_count: i32,
    _arguments: *const *const u8,
) -> i32 {
    // SAFETY: by the contract above; it is constant data.
    let program = unsafe { &*program };
    if program.abi_version != ABI_VERSION {
        crate::bug(format_args!(
            "the program was compiled for version {} of the runtime's ABI, not {ABI_VERSION}",
            program.abi_version
        ));
    }
    panic::set_hook(Box::new(|info| crate::bug(format_args!("{info}"))));
    if env::var_os("PLAT_LEAKS").is_some_and(|value| value == "1") {
        leaks::enable();
    }
    sanitizer::set(program.sanitizer);
    trace(program);
    broken_pipe::block();
    standard::open_all();
    let watch = signals::block();
    let code = run_main(program, worker_count(), |runtime| {
        watch.start(runtime);
        inspect::watch(runtime);
    });
    timeline::finish();
    if let Some(count) = probe::count() {
        output::write_error(format_args!("suspension points: {count}\n"));
    }
    let Some(report) = leaks::report() else { return code };
    output::write_error(format_args!("leaked:\n{report}"));
    if code == 0 { LEAK_EXIT_CODE } else { code }
}

/// Records what workers do, if `PLAT_TRACE` names a file for it.
fn trace(program: &'static ProgramDescriptor) {
    let Some(path) = env::var_os("PLAT_TRACE").filter(|path| !path.is_empty()) else { return };
    if let Err(error) = timeline::start(&path, Program::new(program)) {
        output::write_error(format_args!("PLAT_TRACE: cannot write `{}`: {error}\n", path.display()));
    }
}

/// Runs a program on so many workers, and gives its exit code. `watch` is told of the runtime before anything runs.
pub fn run_main(
    program: &'static ProgramDescriptor,
    workers: usize,
    watch: impl FnOnce(&'static Runtime),
) -> i32 {
    let stack_max = stack_max();
    canary::enable_if_asked();
    polls::force_if_asked();
    let fiber = stack::main_fiber(stack_max);
    let root = scope::new_root(fiber);
    let runtime = Runtime::new(Program::new(program), workers, stack_max, root);
    watch(runtime);
    probe::enable_if_asked(runtime);
    let worker = runtime.new_worker();
    // SAFETY: the compiler emits the descriptor of `main` as constant data.
    let descriptor = unsafe { &*program.main };
    let main = TaskRef::allocate(worker, descriptor, Some(root), 0);
    main.state.claim_exclusively();
    run::place_on(worker, fiber, main);
    worker.ready(fiber);
    worker.run();
    runtime.join()
}

/// `PLAT_WORKERS`, else the number of processors.
fn worker_count() -> usize {
    let given = env::var("PLAT_WORKERS").ok().and_then(|text| text.parse::<NonZero<usize>>().ok());
    given.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZero::get)
}

/// `PLAT_STACK_MAX` in bytes, or with `K`, `M` or `G`.
fn stack_max() -> usize {
    let given = env::var("PLAT_STACK_MAX").ok().and_then(|text| parse_size(&text));
    given.unwrap_or(MOST_STACK_BYTES).max(LEAST_STACK_BYTES).next_multiple_of(4096)
}

fn parse_size(text: &str) -> Option<usize> {
    let (digits, shift) = match text.as_bytes().last()? {
        b'K' => (&text[..text.len() - 1], 10),
        b'M' => (&text[..text.len() - 1], 20),
        b'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    digits.parse::<usize>().ok()?.checked_mul(1 << shift)
}
