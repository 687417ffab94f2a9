//! ThreadSanitizer, where it watches the program (`platc build --sanitize thread`): of what the runtime alone knows it is told here what comes
//! before what, and in which context a task acts. Compiled code says the rest.
//!
//! To the sanitizer what acts is a *context*: each thread has one, and a program may make more (it calls them fibers). A task has one of
//! its own, so that nothing orders two tasks but what the program does, whichever workers they run on (`scheduler/acting.rs`).
//!
//! Making a context takes milliseconds and most of a megabyte, and the sanitizer has room for some eight thousand threads. So there are no more
//! than [`MOST_CONTEXTS`], and those of tasks that have ended are used again, the one that has been idle longest first: what the two tasks did is
//! in order to the sanitizer, and the more other tasks have ended in between, the fewer races that hides. A task that finds none idle shares the
//! context of the thread that it is on, and what it does there comes before what it does elsewhere. Races are missed by that; none is reported that is none.

use core::ffi::CStr;
use std::collections::{HashMap, VecDeque};
use std::ffi::CString;

use plat_abi::layout::Sanitizers;

use crate::sync_shim::plain::{AtomicI64, Mutex, OnceLock};

static FUNCTIONS: OnceLock<Sanitizers> = OnceLock::new();

/// How many tasks may have contexts of their own at once. Clocks of the sanitizer are as long as there are contexts: with thousands each change
/// of a channel would take some ten microseconds.
const MOST_CONTEXTS: usize = 128;

/// Has the sanitizer put nothing in order when contexts change.
const NO_ORDER: u32 = 1;

/// Something that acts, to the sanitizer.
#[derive(Clone, Copy)]
pub struct Context(usize);

/// Contexts that are not those of threads.
#[derive(Default)]
struct Contexts {
    /// By the numbers of tasks that have acted, and not ended. `None`: that of the thread.
    of_tasks: HashMap<u32, Option<Context>>,
    /// Those of tasks that have ended, the first ones to end first.
    idle: VecDeque<Context>,
    /// How many there are.
    made: usize,
}

static CONTEXTS: OnceLock<Mutex<Contexts>> = OnceLock::new();

impl Contexts {
    fn with<R>(use_them: impl FnOnce(&mut Self) -> R) -> R {
        let contexts = CONTEXTS.get_or_init(Mutex::default);
        use_them(&mut contexts.lock().expect("no holder of this lock panics"))
    }

    fn of(&mut self, task: u32, name: impl FnOnce() -> String, functions: &Sanitizers) -> Option<Context> {
        if let Some(&context) = self.of_tasks.get(&task) {
            return context;
        }
        let context = self.make(functions).or_else(|| self.idle.pop_front());
        if let Some(context) = context {
            context.set_name(functions, &CString::new(name()).unwrap_or_default());
        }
        self.of_tasks.insert(task, context);
        context
    }

    fn make(&mut self, functions: &Sanitizers) -> Option<Context> {
        let create = functions.create.filter(|_| self.made < MOST_CONTEXTS)?;
        self.made += 1;
        // SAFETY: a function of the sanitizer (kept by the compiler, which fills the program's descriptor); it takes no flags.
        Some(Context(unsafe { create(0) }))
    }
}

impl Context {
    /// That of a task, if it has one of its own. Called in the context of a thread, since what a context has done comes before what another does
    /// that is made in it.
    pub fn of_task(task: u32, name: impl FnOnce() -> String) -> Option<Self> {
        let functions = FUNCTIONS.get()?;
        Contexts::with(|contexts| contexts.of(task, name, functions))
    }

    /// The one in which this thread acts.
    pub fn current() -> Option<Self> {
        let current = FUNCTIONS.get()?.current?;
        // SAFETY: as in `Contexts::make`.
        Some(Self(unsafe { current() }))
    }

    /// This thread acts in the context from here on, in which no other thread does.
    pub fn enter(self) {
        if let Some(switch) = FUNCTIONS.get().and_then(|functions| functions.switch) {
            // SAFETY: as in `Contexts::make`; two threads at once would be a wrong report or an end by the sanitizer, which callers see to.
            unsafe { switch(self.0, NO_ORDER) }
        }
    }

    fn set_name(self, functions: &Sanitizers, name: &CStr) {
        if let Some(set_name) = functions.set_name {
            // SAFETY: as in `Contexts::make`; the name is copied.
            unsafe { set_name(self.0, name.as_ptr()) }
        }
    }
}

/// Says by which functions the sanitizer is told, before anything runs.
pub fn set(functions: Sanitizers) {
    FUNCTIONS.get_or_init(|| functions);
}

/// The task with this number has ended, and acts no more: another may have its context.
pub fn end_task(task: u32) {
    if FUNCTIONS.get().is_some_and(|functions| functions.create.is_some()) {
        Contexts::with(|contexts| contexts.idle.extend(contexts.of_tasks.remove(&task).flatten()));
    }
}

/// What was released at the address before comes before what follows. Nothing, of null.
pub fn acquire<T>(address: *const T) {
    tell(|functions| functions.acquire, address.addr());
}

/// What was done before comes before what follows an acquire at the address.
pub fn release<T>(address: *const T) {
    tell(|functions| functions.release, address.addr());
}

/// The block was freed by whoever had it before.
pub fn block_taken(block: *const u8) {
    acquire(order_of_block(block));
}

/// The block is about to be freed.
pub fn block_given(block: *const u8) {
    release(order_of_block(block));
}

/// By which the uses of a block are put in order. Blocks share them: the sanitizer needs memory for each.
fn order_of_block(block: *const u8) -> &'static AtomicI64 {
    const ORDERS: usize = 1 << 14;
    /// Blocks are that far apart.
    const SMALLEST: usize = 16;
    static PLACES: [AtomicI64; ORDERS] = [const { AtomicI64::new(0) }; ORDERS];
    &PLACES[block.addr() / SMALLEST % ORDERS]
}

fn tell(which: fn(&Sanitizers) -> Option<unsafe extern "C" fn(usize)>, address: usize) {
    if let Some(function) = FUNCTIONS.get().and_then(which).filter(|_| address != 0) {
        // SAFETY: as in `Contexts::make`. It may be told of the address of anything of the program's, which callers have.
        unsafe { function(address) }
    }
}
