//! Panics and cancellation, with frames and tables written by hand as the compiler would emit them.
//!
//! `parent` opens a scope and spawns `waiting`, which receives from a channel for ever, and `failing`, which divides by zero; it
//! awaits the latter. Each has an owned value in its frame, whose release is counted.

use core::arch::global_asm;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use plat_abi::layout::{
    CallSite, FunctionEntry, Location, MainResult, Part, ProgramDescriptor, Sanitizers, Slot, SlotKind,
    StaticText, TASK_CAPTURES, TaskDescriptor,
};

use super::{Static, WORD};
use crate::scheduler::start::run_main;

unsafe extern "C" {
    fn plat_test_parent(task: *mut u8);
    fn plat_test_parent_yields();
    fn plat_test_parent_awaits();
    fn plat_test_parent_end();
    fn plat_test_waiting(task: *mut u8);
    fn plat_test_waiting_waits();
    fn plat_test_waiting_end();
    fn plat_test_failing(task: *mut u8);
    fn plat_test_failing_fails();
    fn plat_test_failing_end();
    fn plat_test_release_task(slot: *mut u8);
    fn plat_test_release_channel(slot: *mut u8);
}

global_asm!(
    // Frame of `parent`: owned value at -8, channel at -16, handles at -24 and -32, scope at -160.
    "plat_test_parent:",
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, 160",
    "mov qword ptr [rbp - 8], 1",
    "mov rdi, r15",
    "xor esi, esi",
    "lea rdx, [rip + {word}]",
    "call plat_channel_new",
    "mov [rbp - 16], rax",
    "mov rdi, r15",
    "lea rsi, [rbp - 160]",
    "call plat_test_scope_enter",
    "mov rdi, r15",
    "lea rsi, [rip + {waiting}]",
    "lea rdx, [rbp - 160]",
    "call plat_task_new",
    "mov [rbp - 24], rax",
    "mov rcx, [rbp - 16]",
    "mov [rax + {captures}], rcx",
    "mov rdi, r15",
    "mov rsi, rax",
    "call plat_task_start",
    "mov rdi, r15",
    "lea rsi, [rip + {failing}]",
    "lea rdx, [rbp - 160]",
    "call plat_task_new",
    "mov [rbp - 32], rax",
    "mov rdi, r15",
    "mov rsi, rax",
    "call plat_task_start",
    // The sibling begins to wait.
    "mov rdi, r15",
    "call plat_yield_now",
    "plat_test_parent_yields:",
    "mov rdi, r15",
    "mov rsi, [rbp - 32]",
    "call plat_task_await",
    "plat_test_parent_awaits:",
    "ud2",
    "plat_test_parent_end:",
    "plat_test_waiting:",
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, 16",
    "mov qword ptr [rbp - 8], 1",
    "mov rsi, [rdi + {captures}]",
    "lea rdx, [rbp - 16]",
    "mov rdi, r15",
    "call plat_channel_recv",
    "plat_test_waiting_waits:",
    "ud2",
    "plat_test_waiting_end:",
    "plat_test_failing:",
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, 16",
    "mov qword ptr [rbp - 8], 1",
    "mov rdi, r15",
    "call plat_panic_division_by_zero",
    "plat_test_failing_fails:",
    "plat_test_failing_end:",
    "ud2",
    // Glue for the slots of handles and channels.
    "plat_test_release_task:",
    "sub rsp, 8",
    "mov rsi, [rdi]",
    "mov rdi, r15",
    "call plat_task_release",
    "add rsp, 8",
    "ret",
    "plat_test_release_channel:",
    "sub rsp, 8",
    "mov rsi, [rdi]",
    "mov rdi, r15",
    "call plat_channel_release",
    "add rsp, 8",
    "ret",
    word = sym WORD,
    waiting = sym WAITING,
    failing = sym FAILING,
    captures = const TASK_CAPTURES,
);

static RELEASED: AtomicUsize = AtomicUsize::new(0);

/// Glue of the owned values.
extern "C" fn release(slot: *mut u8) {
    // SAFETY: the slot holds the word that the frame's function stored.
    RELEASED.fetch_add(unsafe { slot.cast::<usize>().read() }, Ordering::Relaxed);
}

const fn descriptor(entry: unsafe extern "C" fn(*mut u8)) -> Static<TaskDescriptor> {
    Static(TaskDescriptor {
        entry,
        record_size: TASK_CAPTURES as u32 + 8,
        result_offset: TASK_CAPTURES as u32,
        stack_bound: 1024,
        location: 1,
        drop_captures: None,
        drop_result: None,
    })
}

static WAITING: Static<TaskDescriptor> = descriptor(plat_test_waiting);
static FAILING: Static<TaskDescriptor> = descriptor(plat_test_failing);
static PARENT: Static<TaskDescriptor> = descriptor(plat_test_parent);

fn text(text: &'static str) -> StaticText {
    StaticText { data: text.as_ptr(), length: text.len() as u64 }
}

fn leak<T>(rows: Vec<T>) -> *const T {
    rows.leak().as_ptr()
}

/// The symbol's address.
fn address(symbol: unsafe extern "C" fn()) -> usize {
    symbol as *const () as usize
}

fn entry(symbol: unsafe extern "C" fn(*mut u8)) -> usize {
    symbol as *const () as usize
}

fn program() -> &'static ProgramDescriptor {
    let (mut functions, mut call_sites) = (Vec::new(), Vec::new());
    let mut define = |name, start: usize, end, sites: &[usize], first_slot, slot_count| {
        functions.push(FunctionEntry {
            address: ptr::with_exposed_provenance(start),
            name: text(name),
            size: (end - start) as u32,
            first_call_site: call_sites.len() as u32,
            call_site_count: sites.len() as u32,
            part: Part::Program as u32,
        });
        call_sites.extend(sites.iter().map(|&site| CallSite {
            return_offset: (site - start) as u32,
            location: functions.len() as u32 - 1,
            first_slot,
            slot_count,
        }));
    };
    let parent_sites = [address(plat_test_parent_yields), address(plat_test_parent_awaits)];
    define("parent", entry(plat_test_parent), address(plat_test_parent_end), &parent_sites, 0, 5);
    let waiting_sites = [address(plat_test_waiting_waits)];
    define("waiting", entry(plat_test_waiting), address(plat_test_waiting_end), &waiting_sites, 5, 1);
    let failing_sites = [address(plat_test_failing_fails)];
    define("failing", entry(plat_test_failing), address(plat_test_failing_end), &failing_sites, 5, 1);
    let slot = |run: unsafe extern "C" fn(*mut u8), frame_offset| Slot {
        run: Some(run),
        frame_offset,
        kind: SlotKind::Release,
    };
    let slots = vec![
        Slot { run: None, frame_offset: -160, kind: SlotKind::Scope },
        slot(release, -8),
        slot(plat_test_release_channel, -16),
        slot(plat_test_release_task, -24),
        slot(plat_test_release_task, -32),
        slot(release, -8),
    ];
    let locations = (1..=3).map(|line| Location { file: 0, line, column: 5, inlined: 0 }).collect();
    Box::leak(Box::new(ProgramDescriptor {
        abi_version: plat_abi::ABI_VERSION,
        stack_reserve: 512,
        main: &raw const PARENT.0,
        main_result: MainResult::Unit,
        functions: leak(functions),
        function_count: 3,
        call_sites: leak(call_sites),
        slots: leak(slots),
        locations: leak(locations),
        inlined: ptr::null(),
        files: leak(vec![text("test.plat")]),
        sanitizer: Sanitizers::default(),
    }))
}

#[test]
fn a_panic_releases_what_it_passes_and_cancels_siblings() {
    let program = program();
    for workers in [1, 2, 4] {
        for _ in 0..20 {
            RELEASED.store(0, Ordering::Relaxed);
            assert_eq!(run_main(program, workers, drop), 101);
            let released = RELEASED.load(Ordering::Relaxed);
            // A sibling that had not begun owned nothing yet.
            assert!(matches!(released, 2 | 3), "{released} values were released");
        }
    }
}
