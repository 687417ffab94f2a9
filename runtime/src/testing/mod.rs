//! Rust functions in the place of compiled code, and tests of the whole runtime with them.
//!
//! A test's task is a closure `fn(Body)`. Its entry is a piece of assembly that keeps the pinned register as compiled code would: Rust
//! does not know it, so every call of a runtime function goes through [`call`], which sets it first. A worker never changes its
//! thread, so the current worker is a thread-local, read by a function that is never inlined: a fiber may have moved.
#![cfg(target_arch = "x86_64")]

mod channels;
mod cost;
mod selects;
mod tasks;
mod timers;
mod unwinding;

use core::arch::global_asm;
use core::cell::Cell;
use core::ptr;

use plat_abi::layout::{
    MainResult, ProgramDescriptor, SCOPE_RECORD_SIZE, Sanitizers, StaticText, TASK_CAPTURES, TaskDescriptor,
    TypeInfo,
};

use plat_abi::fork::ScopeSite;

use crate::context::define_stub;
use crate::scheduler::{start::run_main, worker::Worker};
use crate::scope;

std::thread_local! {
    static CURRENT: Cell<*mut Worker> = const { Cell::new(ptr::null_mut()) };
}

/// Notes which worker the calling thread is.
pub fn set_current_worker(worker: &mut Worker) {
    CURRENT.set(worker);
}

#[inline(never)]
extern "C" fn current_worker() -> *mut Worker {
    CURRENT.get()
}

unsafe extern "C" {
    fn plat_test_call(stub: *const (), first: usize, second: usize, third: usize) -> usize;
    fn plat_test_entry(task: *mut u8);
    fn plat_test_main(task: *mut u8);
    fn plat_test_scope_enter(scope: *mut u8);
}

global_asm!(
    // call(rdi: stub, rsi, rdx, rcx: its arguments behind the worker)
    "plat_test_call:",
    "push rbp",
    "mov rbp, rsp",
    "push r15",
    "push rdi",
    "push rsi",
    "push rdx",
    "push rcx",
    "sub rsp, 8",
    "call {current_worker}",
    "mov r15, rax",
    "mov rdi, rax",
    "add rsp, 8",
    "pop rcx",
    "pop rdx",
    "pop rsi",
    "pop rax",
    "sub rsp, 8",
    "call rax",
    "add rsp, 8",
    "pop r15",
    "pop rbp",
    "ret",
    // The entry of the main task, which has no captures yet.
    "plat_test_main:",
    "push rdi",
    "call {main_code}",
    "pop rdi",
    "mov [rdi + {captures}], rax",
    // entry(rdi: task): calls the task's first capture with the task.
    "plat_test_entry:",
    "push rbp",
    "mov rbp, rsp",
    "call [rdi + {captures}]",
    "call {current_worker}",
    "mov r15, rax",
    "pop rbp",
    "ret",
    current_worker = sym current_worker,
    main_code = sym main_code,
    captures = const TASK_CAPTURES,
);

define_stub!(leaf, test_scope_enter, scope_enter);

/// Opens a scope, as compiled code does by itself.
unsafe extern "C" fn scope_enter(worker: *mut Worker, scope: *mut u8) {
    static SITE: Static<ScopeSite> = Static(ScopeSite {
        function: StaticText { data: c"test".as_ptr().cast(), length: 4 },
        part: 0,
        location: 0,
    });
    // SAFETY: the stub passes the current worker's record, and tests the record of a scope in a frame that closes it.
    unsafe { scope::open(&mut *worker, scope.cast(), &SITE.0) };
}

/// Calls the stub of a row.
macro_rules! call {
    ($row:ident $(, $argument:expr)*) => {{
        unsafe extern "C" { #[link_name = concat!("plat_", stringify!($row))] fn stub(); }
        $crate::testing::call_stub(stub as *const (), &[$($argument as usize),*])
    }};
}
use call;

#[inline]
fn call_stub(stub: *const (), arguments: &[usize]) -> usize {
    let argument = |index: usize| arguments.get(index).copied().unwrap_or(0);
    // SAFETY: tests call rows with the arguments that the table says, on a fiber.
    unsafe { plat_test_call(stub, argument(0), argument(1), argument(2)) }
}

/// What a test's task runs.
type Code = extern "C" fn(Body);

/// A running task: captures are its code and three words, then comes its result.
#[repr(transparent)]
#[derive(Clone, Copy)]
struct Body(*mut u8);

const RESULT: usize = TASK_CAPTURES + 32;

impl Body {
    fn word(self, index: usize) -> *mut usize {
        self.0.wrapping_add(TASK_CAPTURES + 8 + index * 8).cast()
    }

    /// A captured word.
    fn captured(self, index: usize) -> usize {
        // SAFETY: `spawn` stored three.
        unsafe { self.word(index).read() }
    }

    /// Sets the task's result.
    fn returns(self, value: usize) {
        // SAFETY: the record has room for it.
        unsafe { self.0.wrapping_add(RESULT).cast::<usize>().write(value) };
    }
}

const fn descriptor(stack_bound: u32) -> TaskDescriptor {
    TaskDescriptor {
        entry: plat_test_entry,
        record_size: RESULT as u32 + 8,
        result_offset: RESULT as u32,
        stack_bound,
        location: 0,
        drop_captures: None,
        drop_result: None,
    }
}

/// For code that calls little: Rust without optimisation needs more stack than compiled code.
static SMALL: TaskDescriptor = descriptor(12 << 10);
static LARGE: TaskDescriptor = descriptor(0);

#[repr(C, align(16))]
struct Scope([u8; SCOPE_RECORD_SIZE]);

/// Runs `body` in a scope.
#[inline]
fn concurrent<R>(body: impl FnOnce(*mut Scope) -> R) -> R {
    let mut record = Scope([0; SCOPE_RECORD_SIZE]);
    let scope = &raw mut record;
    call_stub(plat_test_scope_enter as *const (), &[scope.expose_provenance()]);
    let result = body(scope);
    call!(scope_exit, scope);
    result
}

/// A handle of a spawned task.
#[derive(Clone, Copy)]
struct Handle(usize);

#[inline]
fn spawn(kind: &'static TaskDescriptor, scope: *mut Scope, code: Code, captures: [usize; 3]) -> Handle {
    let task = call!(task_new, ptr::from_ref(kind), scope);
    let body = Body(ptr::with_exposed_provenance_mut(task));
    // SAFETY: the record is new, and has room for the code and three words.
    unsafe {
        body.0.add(TASK_CAPTURES).cast::<Code>().write(code);
        body.word(0).cast::<[usize; 3]>().write(captures);
    }
    call!(task_start, task);
    Handle(task)
}

impl Handle {
    /// Awaits the task and gives the handle up.
    #[inline]
    fn join(self) -> usize {
        call!(task_await, self.0);
        let result = ptr::with_exposed_provenance::<u8>(self.0).wrapping_add(RESULT).cast::<usize>();
        // SAFETY: the task has finished with a result.
        let result = unsafe { result.read() };
        self.forget();
        result
    }

    /// Gives the handle up.
    #[inline]
    fn forget(self) {
        call!(task_release, self.0);
    }
}

/// Static data with addresses in it.
#[repr(transparent)]
struct Static<T>(T);

// SAFETY: tests only read it.
unsafe impl<T> Sync for Static<T> {}

static WORD: Static<TypeInfo> = Static(TypeInfo {
    name: StaticText { data: c"Int".as_ptr().cast(), length: 3 },
    size: 8,
    drop: None,
    share: None,
});

std::thread_local! {
    static MAIN_CODE: Cell<Option<Code>> = const { Cell::new(None) };
}

/// The main task's code: its record comes without captures, so the code waits in a thread-local of the first worker, the only
/// one that runs then.
extern "C" fn main_code() -> Code {
    MAIN_CODE.get().expect("`run` has set it")
}

/// Runs a program whose main task is `code`, and gives its exit code, which is the main task's result.
fn run(workers: usize, code: Code) -> i32 {
    MAIN_CODE.set(Some(code));
    let main = TaskDescriptor { entry: plat_test_main, ..descriptor(0) };
    run_main(program(Box::leak(Box::new(main))), workers, drop)
}

fn program(main: &'static TaskDescriptor) -> &'static ProgramDescriptor {
    Box::leak(Box::new(ProgramDescriptor {
        abi_version: plat_abi::ABI_VERSION,
        stack_reserve: 4096,
        main,
        main_result: MainResult::ExitCode,
        functions: ptr::null(),
        function_count: 0,
        call_sites: ptr::null(),
        slots: ptr::null(),
        locations: ptr::null(),
        inlined: ptr::null(),
        files: ptr::null(),
        sanitizer: Sanitizers::default(),
    }))
}
