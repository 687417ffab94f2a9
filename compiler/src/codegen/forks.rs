//! Tasks that the function which spawns them keeps to itself (`mir/forks`): their records stand in its frame, and what spawns and
//! awaits them does so by itself where nothing stands in the way.
//!
//! Spawning fills the record and puts it among the worker's newest tasks (`plat_abi::fork::NewestHead`). If it is still the newest when it
//! is awaited nobody else can have begun it: it is taken back, and its body called, on the stack of who awaits it. The worker enters its
//! newest tasks by a store and a load in this order; the thief makes good for what the processor does to that.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, StackSlot, Value, types};
use plat_abi::fork::{
    ForkCounters, KEPT, NewestHead, ScopeHead, TASK_DONE, TASK_RETURNED, TASK_RUNNING, TaskHead,
};
use plat_abi::functions::RuntimeFn;
use plat_abi::layout::{FIBER_EPOCH, FIBER_TASK, WorkerFields};
use plat_syntax::hash::HashMap;
use plat_syntax::index::IndexVec;

use super::emitter::{Address, Emitter, Source};
use super::func::FunctionCompiler;
use super::item::Item;
use super::layout::{Layouts, POINTER, place_captures};
use super::sanitizer::Watch;
use crate::mir::forks::{Fork, forks};
use crate::mir::{Function, FunctionId, Local, Mir};
use crate::types::Ty;

/// Bytes that the records of tasks may take in one frame. Larger ones would make stacks larger than calls do.
const MOST_IN_FRAME: u32 = 1024;

/// The forks of each function, by the locals that hold their handles.
pub type AllForks = IndexVec<FunctionId, HashMap<Local, Fork>>;

/// Where the record of a fork is, in this function.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    fork: Fork,
    record: StackSlot,
}

/// Finds the forks whose records find room in frames.
pub fn find_forks(mir: &Mir, layouts: &Layouts) -> AllForks {
    let of_function = |function: &Function| {
        let mut left = MOST_IN_FRAME;
        let fitting = forks(function).into_iter().filter(|fork| {
            let size = record_size(mir, layouts, fork.body);
            let fits = size <= left;
            left -= if fits { size } else { 0 };
            fits
        });
        fitting.map(|fork| (fork.handle, fork)).collect()
    };
    mir.functions.iter().map(of_function).collect()
}

/// Bytes of the record of a task: its head, and then captures or the result.
pub fn record_size(mir: &Mir, layouts: &Layouts, body: FunctionId) -> u32 {
    let function = &mir.functions[body];
    let (_, captures_end) = place_captures(layouts, function.params().map(|param| function.locals[param].ty));
    let result_end = plat_abi::layout::TASK_CAPTURES as u32 + layouts.of(function.result_ty()).size;
    captures_end.max(result_end).next_multiple_of(16)
}

impl FunctionCompiler<'_, '_> {
    /// Makes room for the records of the function's forks.
    pub fn place_forks(&mut self) {
        let program = self.emitter.program;
        let mut forks: Vec<Fork> = program.forks[self.id].values().copied().collect();
        forks.sort_unstable_by_key(|fork| fork.handle);
        for fork in forks {
            let size = record_size(program.mir, &program.layouts, fork.body);
            let record = self.emitter.new_slot(size, 16);
            self.forks.insert(fork.handle, Kept { fork, record });
        }
    }

    /// Spawns a fork: `captures` are what its body is given.
    pub fn spawn_fork(&mut self, Kept { fork, record }: Kept, captures: Vec<(Source, Ty)>) -> Value {
        let place = Address::slot(record);
        let (parts, _) = self.emitter.program.captures(fork.body);
        for ((value, ty), part) in captures.into_iter().zip(parts) {
            self.store_memory(place.at(part.offset), ty, &value);
        }
        self.fill_head(fork, place);
        self.emitter.count_fork(offset_of!(ForkCounters, spawned));
        self.count_unfinished(fork.scope, 1);
        let options = self.scope_word(fork.scope, offset_of!(ScopeHead, options));
        let emitter = &mut self.emitter;
        let task = emitter.address(place);
        emitter.watch(Watch::Release, task);
        if emitter.program.binds_locals {
            emitter.call_runtime(RuntimeFn::inherit_locals, &[task]);
        }
        let options = emitter.load(types::I64, options);
        let is_slow = emitter.worker_field(offset_of!(WorkerFields, forks_slowly), types::I64);
        let obstacles = emitter.builder.ins().bor(options, is_slow);
        let [slow, enter, leave, push, done] = [(); 5].map(|()| emitter.builder.create_block());
        emitter.builder.set_cold_block(slow);
        emitter.builder.set_cold_block(leave);
        emitter.builder.ins().brif(obstacles, slow, &[], enter, &[]);
        emitter.builder.switch_to_block(enter);
        let newest = emitter.enter_newest();
        let is_full = emitter.builder.ins().icmp_imm_u(IntCC::Equal, newest.length, KEPT as i64);
        let obstacles = emitter.builder.ins().bor(newest.thief, is_full);
        emitter.builder.ins().brif(obstacles, leave, &[], push, &[]);
        emitter.builder.switch_to_block(leave);
        emitter.leave_newest(newest);
        emitter.builder.ins().jump(slow, &[]);
        emitter.builder.switch_to_block(push);
        let top = newest.top(emitter);
        emitter.store(task, top.at(POINTER.bytes()));
        let length = emitter.builder.ins().iadd_imm_s(newest.length, 1);
        emitter.set_newest_length(newest, length);
        emitter.leave_newest(newest);
        emitter.consider_waking();
        emitter.builder.ins().jump(done, &[]);
        emitter.builder.switch_to_block(slow);
        emitter.call_runtime(RuntimeFn::task_start_filled, &[task]);
        emitter.builder.ins().jump(done, &[]);
        for block in [slow, enter, leave, push, done] {
            emitter.builder.seal_block(block);
        }
        emitter.builder.switch_to_block(done);
        task
    }

    fn fill_head(&mut self, fork: Fork, place: Address) {
        let scope = self.scope_record(fork.scope);
        let fiber = self.scope_word(fork.scope, offset_of!(ScopeHead, fiber));
        let emitter = &mut self.emitter;
        let fiber = emitter.load(POINTER, fiber);
        let epoch = emitter.load(types::I32, Address::data(fiber).at(FIBER_EPOCH as u32));
        let number = emitter.task_number();
        let descriptor = emitter.constant(Item::FrameTask(fork.body));
        emitter.store_zeros(place.at(offset_of!(TaskHead, state) as u32));
        let zero = emitter.int(types::I64, 0);
        let references = emitter.int(types::I32, 2);
        let number = emitter.builder.ins().uextend(types::I64, number);
        let fields = [
            (offset_of!(TaskHead, outer), zero),
            (offset_of!(TaskHead, refs), references),
            (offset_of!(TaskHead, epoch), epoch),
            (offset_of!(TaskHead, descriptor), descriptor),
            (offset_of!(TaskHead, scope), scope),
            (offset_of!(TaskHead, innermost), scope),
            // With the bytes behind it.
            (offset_of!(TaskHead, id), number),
        ];
        for (offset, value) in fields {
            emitter.store(value, place.at(offset as u32));
        }
    }

    /// Counts tasks of the scope, as its owner.
    fn count_unfinished(&mut self, scope: Local, more: i64) {
        let place = self.scope_word(scope, offset_of!(ScopeHead, local));
        self.emitter.add_to(place, more);
    }

    /// Awaits a fork.
    pub fn await_fork(&mut self, Kept { fork, record }: Kept) {
        let place = Address::slot(record);
        let scope_head = self.scope_word(fork.scope, 0);
        let scope = self.scope_record(fork.scope);
        let emitter = &mut self.emitter;
        let task = emitter.address(place);
        let owner = emitter.load(POINTER, scope_head.at(offset_of!(ScopeHead, owner) as u32));
        let innermost =
            emitter.load(POINTER, Address::data(owner).at(offset_of!(TaskHead, innermost) as u32));
        let is_slow = emitter.worker_field(offset_of!(WorkerFields, forks_slowly), types::I64);
        let is_cancelling = emitter.is_cancellation_about(scope_head);
        let is_elsewhere = emitter.builder.ins().bxor(innermost, scope);
        let obstacles = emitter.builder.ins().bor(is_elsewhere, is_slow);
        let obstacles = emitter.builder.ins().bor(obstacles, is_cancelling);
        let [slow, enter, leave, take, done] = [(); 5].map(|()| emitter.builder.create_block());
        emitter.builder.set_cold_block(slow);
        emitter.builder.set_cold_block(leave);
        emitter.builder.ins().brif(obstacles, slow, &[], enter, &[]);
        emitter.builder.switch_to_block(enter);
        let newest = emitter.enter_newest();
        let top = newest.top(emitter);
        // Where there is none this reads their number.
        let last = emitter.load(POINTER, top);
        let is_another = emitter.builder.ins().icmp(IntCC::NotEqual, last, task);
        let obstacles = emitter.builder.ins().bor(newest.thief, is_another);
        emitter.builder.ins().brif(obstacles, leave, &[], take, &[]);
        emitter.builder.switch_to_block(leave);
        emitter.leave_newest(newest);
        emitter.builder.ins().jump(slow, &[]);
        emitter.builder.switch_to_block(take);
        let length = emitter.builder.ins().iadd_imm_s(newest.length, -1);
        emitter.set_newest_length(newest, length);
        emitter.leave_newest(newest);
        self.call_fork(fork, place, scope_head, task);
        self.emitter.builder.ins().jump(done, &[]);
        self.emitter.builder.switch_to_block(slow);
        self.call_unwinding(RuntimeFn::task_await, &[task]);
        let emitter = &mut self.emitter;
        emitter.builder.ins().jump(done, &[]);
        for block in [slow, enter, leave, take, done] {
            emitter.builder.seal_block(block);
        }
        emitter.builder.switch_to_block(done);
    }

    /// Runs a fork that has been taken back, as the innermost task of the fiber. If it unwinds the runtime sees by the record in this
    /// frame where its frames end.
    fn call_fork(&mut self, fork: Fork, place: Address, scope: Address, task: Value) {
        let emitter = &mut self.emitter;
        let owner = emitter.load(POINTER, scope.at(offset_of!(ScopeHead, owner) as u32));
        let fiber = emitter.load(POINTER, scope.at(offset_of!(ScopeHead, fiber) as u32));
        let running = emitter.int(types::I64, TASK_RUNNING as i64);
        emitter.store(running, place.at(offset_of!(TaskHead, state) as u32));
        emitter.store(owner, place.at(offset_of!(TaskHead, outer) as u32));
        emitter.store(task, Address::data(fiber).at(FIBER_TASK as u32));
        let signature = emitter.program.abis[fork.body].signature.clone();
        self.at_site(|emitter| emitter.call(Item::Function(fork.body), &signature, &[task]));
        let emitter = &mut self.emitter;
        let owner = emitter.load(POINTER, scope.at(offset_of!(ScopeHead, owner) as u32));
        let fiber = emitter.load(POINTER, scope.at(offset_of!(ScopeHead, fiber) as u32));
        emitter.store(owner, Address::data(fiber).at(FIBER_TASK as u32));
        emitter.watch(Watch::Acquire, task);
        let fields = [
            (offset_of!(TaskHead, state), types::I64, TASK_DONE as i64),
            (offset_of!(TaskHead, refs), types::I32, 1),
            (offset_of!(TaskHead, ending), types::I8, i64::from(TASK_RETURNED)),
        ];
        for (offset, ty, value) in fields {
            let value = emitter.int(ty, value);
            emitter.store(value, place.at(offset as u32));
        }
        emitter.count_fork(offset_of!(ForkCounters, called));
        self.count_unfinished(fork.scope, -1);
    }

    /// Gives up the handle of a fork. When nobody else refers to the task any more its record goes with the frame.
    pub fn release_fork(&mut self, Kept { record, .. }: Kept) {
        let place = Address::slot(record);
        let emitter = &mut self.emitter;
        let references = emitter.load(types::I32, place.at(offset_of!(TaskHead, refs) as u32));
        let extra = emitter.load(types::I64, place.at(offset_of!(TaskHead, extra) as u32));
        let others = emitter.builder.ins().iadd_imm_s(references, -1);
        let others = emitter.builder.ins().uextend(types::I64, others);
        let obstacles = emitter.builder.ins().bor(others, extra);
        let cold = emitter.begin_cold(obstacles);
        let task = emitter.address(place);
        emitter.call_runtime(RuntimeFn::task_release, &[task]);
        emitter.end_cold(cold);
    }

    /// The fork whose handle the local holds, if releasing that is only giving up its record.
    pub fn idle_fork(&self, handle: Local) -> Option<Kept> {
        let kept = *self.forks.get(&handle)?;
        let result = self.emitter.program.mir.functions[kept.fork.body].result_ty();
        (!self.emitter.program.layouts.is_managed(result)).then_some(kept)
    }
}

/// A worker's newest tasks, while it is inside.
#[derive(Clone, Copy)]
struct Newest {
    head: Value,
    length: Value,
    /// Not 0 if a thief is inside as well, or about to be.
    thief: Value,
}

impl Newest {
    /// The place of the newest task, before that of the next.
    fn top(self, emitter: &mut Emitter<'_, '_>) -> Address {
        let offset = emitter.builder.ins().imul_imm_s(self.length, i64::from(POINTER.bytes()));
        let end = emitter.builder.ins().iadd(self.head, offset);
        Address::data(end).at((offset_of!(NewestHead, tasks) - size_of::<u64>()) as u32)
    }
}

impl Emitter<'_, '_> {
    fn enter_newest(&mut self) -> Newest {
        let head = self.worker_field(offset_of!(WorkerFields, newest), POINTER);
        let inside = self.int(types::I8, 1);
        self.store(inside, Address::data(head).at(offset_of!(NewestHead, owner) as u32));
        let thief = self.builder.ins().iadd_imm_u(head, offset_of!(NewestHead, thief) as i64);
        // What a thief has changed is read after this.
        let thief = self.builder.ins().atomic_load(types::I8, MemFlagsData::trusted(), thief);
        let length = self.load(types::I64, Address::data(head).at(offset_of!(NewestHead, length) as u32));
        Newest { head, length, thief }
    }

    fn set_newest_length(&mut self, newest: Newest, length: Value) {
        self.store(length, Address::data(newest.head).at(offset_of!(NewestHead, length) as u32));
    }

    fn leave_newest(&mut self, newest: Newest) {
        let outside = self.int(types::I8, 0);
        let place = Address::data(newest.head).at(offset_of!(NewestHead, owner) as u32);
        let place = self.address(place);
        self.release_store(outside, place);
    }

    /// A number for a new task.
    fn task_number(&mut self) -> Value {
        let last = self.worker_field(offset_of!(WorkerFields, last_id), types::I32);
        let most = self.worker_field(offset_of!(WorkerFields, most_id), types::I32);
        let has_none = self.builder.ins().icmp(IntCC::Equal, last, most);
        let cold = self.begin_cold(has_none);
        self.call_runtime(RuntimeFn::task_numbers, &[]);
        self.end_cold(cold);
        let last = self.worker_field(offset_of!(WorkerFields, last_id), types::I32);
        let number = self.builder.ins().iadd_imm_s(last, 1);
        let place = self.worker_place(offset_of!(WorkerFields, last_id));
        self.store(number, place);
        number
    }

    fn count_fork(&mut self, offset: usize) {
        let counters = self.worker_field(offset_of!(WorkerFields, counters), POINTER);
        self.add_to(Address::data(counters).at(offset as u32), 1);
    }

    fn add_to(&mut self, place: Address, more: i64) {
        let number = self.load(types::I64, place);
        let number = self.builder.ins().iadd_imm_s(number, more);
        self.store(number, place);
    }

    /// Lets the runtime wake another worker if one sleeps.
    fn consider_waking(&mut self) {
        let sleepers = self.worker_field(offset_of!(WorkerFields, sleepers), POINTER);
        let sleepers = self.load(types::I32, Address::data(sleepers));
        let cold = self.begin_cold(sleepers);
        self.call_runtime(RuntimeFn::wake_worker, &[]);
        self.end_cold(cold);
    }
}
