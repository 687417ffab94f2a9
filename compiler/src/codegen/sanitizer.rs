//! What ThreadSanitizer is told: reads and writes of what is in blocks on the heap, what happens before what, and which task does it.
//!
//! The runtime is not watched. So compiled code says where an order comes from, by the addresses
//! of what makes it. A call of the runtime about a channel, a task, a scope or a word that is waited for comes after all such calls that have
//! begun before, and before all that begin when it has returned. A task begins after what its spawner did before, and what comes after it ends, by
//! its record and its scope. A block is freed after all that was done with it, and what is done with it when it is new again comes after that.
//!
//! What a worker does is not in order by that: whenever the sanitizer is told something, and in rows that are `[leaf]`, it takes the running task for what
//! acts (`watch_task`), and no task where the runtime may suspend or end the one that runs (`watch_leaving`). How, `runtime/src/scheduler/acting.rs` says.
//!
//! In two places that is more order than there is: whatever makes an arm ready comes before the end of each `select`, and what a task does
//! while it unwinds before what other tasks do when they do. It is never less, so nothing is reported that is in order.
//!
//! The functions of the sanitizer run on the worker's stack, as those of C do; how much they need nobody knows.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Signature, Type, Value, types};
use plat_abi::fork::TaskHead;
use plat_abi::functions::{Effect, RuntimeFn};
use plat_abi::layout::{FIBER_TASK, Sanitizers, WORKER_CALLEE, WORKER_FIBER, WorkerFields};

use super::Sanitizer;
use super::abi;
use super::emitter::{Address, Emitter, Region};
use super::item::{Glue, Item};
use super::layout::POINTER;

/// Something that the sanitizer is told.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Watch {
    /// A read of so many bytes, given as their logarithm.
    Read(u8),
    /// A write.
    Write(u8),
    /// What was released at the address before, anywhere, comes before what follows.
    Acquire,
    /// What stands here comes before what follows an acquire at the address later.
    Release,
}

/// A function of the sanitizer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SanitizerFn {
    /// One that is told something.
    Tell(Watch),
    /// One that the runtime calls to say which task acts; the place in [`CONTEXTS`].
    Context(u8),
}

/// The functions that change what acts (the sanitizer calls that a fiber), and where the program's descriptor has them.
pub const CONTEXTS: [(&str, usize); 4] = [
    ("__tsan_create_fiber", offset_of!(Sanitizers, create)),
    ("__tsan_switch_to_fiber", offset_of!(Sanitizers, switch)),
    ("__tsan_get_current_fiber", offset_of!(Sanitizers, current)),
    ("__tsan_set_fiber_name", offset_of!(Sanitizers, set_name)),
];

/// The functions that are told of reads of 1, 2, 4, 8 and 16 bytes. They also take what address the access is reported at.
const READS: [&str; 5] =
    ["__tsan_read1_pc", "__tsan_read2_pc", "__tsan_read4_pc", "__tsan_read8_pc", "__tsan_read16_pc"];

/// Those that are told of writes.
const WRITES: [&str; 5] =
    ["__tsan_write1_pc", "__tsan_write2_pc", "__tsan_write4_pc", "__tsan_write8_pc", "__tsan_write16_pc"];

/// Orders of all tasks, as bytes from the program's descriptor: of what may make an arm of a `select` ready, and of unwinding.
const READINESS: i64 = 0;
const UNWINDING: i64 = 8;

impl SanitizerFn {
    /// A number that no other has.
    pub fn number(self) -> u32 {
        match self {
            Self::Context(place) => u32::from(place),
            Self::Tell(watch) => CONTEXTS.len() as u32 + watch.number(),
        }
    }

    /// The one with this number.
    pub fn from_number(number: u32) -> Self {
        match number.checked_sub(CONTEXTS.len() as u32) {
            None => Self::Context(number as u8),
            Some(watch) => Self::Tell(Watch::from_number(watch)),
        }
    }

    /// Its name.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Tell(watch) => watch.symbol(),
            Self::Context(place) => CONTEXTS[usize::from(place)].0,
        }
    }
}

impl Watch {
    /// A number that no other has.
    pub fn number(self) -> u32 {
        match self {
            Self::Acquire => 0,
            Self::Release => 1,
            Self::Read(size) => 2 + u32::from(size),
            Self::Write(size) => 2 + READS.len() as u32 + u32::from(size),
        }
    }

    /// The one with this number.
    pub fn from_number(number: u32) -> Self {
        let reads = READS.len() as u32;
        match number {
            0 => Self::Acquire,
            1 => Self::Release,
            _ if number < 2 + reads => Self::Read((number - 2) as u8),
            _ => Self::Write((number - 2 - reads) as u8),
        }
    }

    /// The function that is told.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Read(size) => READS[usize::from(size)],
            Self::Write(size) => WRITES[usize::from(size)],
            Self::Acquire => "__tsan_acquire",
            Self::Release => "__tsan_release",
        }
    }

    /// A read of a scalar.
    pub fn reading(ty: Type) -> Self {
        Self::Read(ty.bytes().trailing_zeros() as u8)
    }

    /// A write of a scalar.
    pub fn writing(ty: Type) -> Self {
        Self::Write(ty.bytes().trailing_zeros() as u8)
    }
}

/// What a call of the runtime orders at the address of something that several tasks use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Nothing: it only counts a reference.
    None,
    /// Only that it comes before the end of that, by giving a reference up.
    Before,
    /// That it comes after what has been done with it, and before what will be.
    Both,
}

impl Order {
    fn of(function: RuntimeFn, parameter: &str) -> Self {
        const SHARED: [&str; 8] =
            ["channel", "handle", "scope", "task", "waiters", "word", "cell", "variable"];
        match function {
            _ if !SHARED.contains(&parameter) => Self::None,
            RuntimeFn::channel_retain | RuntimeFn::task_retain => Self::None,
            RuntimeFn::task_new | RuntimeFn::task_new_claimed => Self::None,
            RuntimeFn::channel_release | RuntimeFn::task_release => Self::Before,
            // It may have ended when the row returns, but nobody has waited for that.
            RuntimeFn::task_start | RuntimeFn::task_start_filled | RuntimeFn::thread_start => Self::Before,
            _ => Self::Both,
        }
    }
}

impl Emitter<'_, '_> {
    /// Whether the sanitizer is to be told.
    pub fn is_watched(&self) -> bool {
        self.program.sanitizer == Sanitizer::Thread
    }

    /// Tells the sanitizer, if there is one. Of address 0 it hears nothing.
    pub fn watch(&mut self, watch: Watch, address: Value) {
        if self.is_watched() {
            self.call_glue(Glue::Watch(watch), &[address]);
        }
    }

    /// Tells of an access, if others might come to that memory.
    pub fn watch_access(&mut self, place: Address, ty: Type, watch: fn(Type) -> Watch) {
        if self.is_watched() && place.region == Region::Contents {
            let address = self.address(place);
            self.watch(watch(ty), address);
        }
    }

    /// Tells that what follows is done by the task that runs here.
    fn watch_task(&mut self) {
        let fiber = self.worker_field(WORKER_FIBER, POINTER);
        let task = self.load(POINTER, Address::data(fiber).at(FIBER_TASK as u32));
        let running = self.load(types::I32, Address::data(task).at(offset_of!(TaskHead, id) as u32));
        let acting = self.worker_field(offset_of!(WorkerFields, acting), types::I32);
        let differs = self.builder.ins().icmp(IntCC::NotEqual, running, acting);
        self.when(differs, |this| {
            this.call_row(RuntimeFn::watch_enter, &[]);
        });
    }

    /// Tells that others may run the task from here on, until it goes on by itself.
    pub fn watch_leaving(&mut self) {
        if self.is_watched() {
            self.call_row(RuntimeFn::watch_leave, &[]);
        }
    }

    /// Writes a call of the runtime with the order that it makes.
    pub fn call_ordered(&mut self, function: RuntimeFn, args: &[Value]) -> Vec<Value> {
        let parameters = function.parameter_names().iter().zip(args);
        let ordered = parameters.map(|(name, &address)| (Order::of(function, name), address));
        let ordered: Vec<(Order, Value)> = ordered.filter(|(order, _)| *order != Order::None).collect();
        for &(_, address) in &ordered {
            self.release_shared(address);
        }
        match function.effect() {
            Effect::Leaf => self.watch_task(),
            Effect::Throws | Effect::Suspends | Effect::Diverges => self.watch_leaving(),
        }
        if function == RuntimeFn::free {
            self.call_row(RuntimeFn::watch_given, &args[..1]);
        }
        let results = self.call_row(function, args);
        if function == RuntimeFn::alloc {
            self.call_row(RuntimeFn::watch_taken, &results);
        }
        for &(_, address) in ordered.iter().filter(|(order, _)| *order == Order::Both) {
            self.watch(Watch::Acquire, address);
        }
        if function == RuntimeFn::select_wait {
            self.watch_program(Watch::Acquire, READINESS);
        }
        results
    }

    /// Tells that something which several tasks use, and an arm of a `select` may wait for, comes after what stands here.
    pub fn release_shared(&mut self, address: Value) {
        self.watch(Watch::Release, address);
        self.watch_program(Watch::Release, READINESS);
    }

    /// Tells that the end of a task comes after what stands here.
    pub fn watch_end(&mut self, record: Value) {
        if self.is_watched() {
            self.release_shared(record);
            let scope = self.load(POINTER, Address::data(record).at(offset_of!(TaskHead, scope) as u32));
            self.watch(Watch::Release, scope);
            self.call_row(RuntimeFn::watch_end, &[]);
        }
    }

    /// Begins what is called while a task unwinds: it comes after what has been done by others that unwound.
    pub fn watch_unwinding(&mut self) {
        self.watch_program(Watch::Acquire, UNWINDING);
    }

    /// Ends it.
    pub fn watch_unwound(&mut self) {
        self.watch_program(Watch::Release, UNWINDING);
        self.watch_leaving();
    }

    /// Tells of an order of all tasks.
    fn watch_program(&mut self, watch: Watch, order: i64) {
        if self.is_watched() {
            let program = self.constant(Item::Program);
            let address = self.builder.ins().iadd_imm_s(program, order);
            self.watch(watch, address);
        }
    }

    /// Calls the function that is told. An access is reported where this returns to.
    pub(super) fn write_watch(&mut self, watch: Watch, address: Value) {
        self.when(address, |this| {
            this.watch_task();
            let caller = this.builder.ins().get_return_address(POINTER);
            this.call_sanitizer(
                Item::Sanitizer(SanitizerFn::Tell(watch)),
                &abi::sanitizer_signature(),
                &[address, caller],
            );
        });
    }

    /// Calls a function of the sanitizer, on the worker's stack.
    pub fn call_sanitizer(&mut self, function: Item, signature: &Signature, args: &[Value]) {
        let address = self.constant(function);
        let callee = self.worker_place(WORKER_CALLEE);
        self.store(address, callee);
        self.call(Item::SanitizerStub, signature, args);
    }
}
