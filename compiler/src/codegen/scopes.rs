//! Opening and closing scopes without a call, where nothing stands in the way.
//!
//! A scope is a record in the frame (`plat_abi::fork::ScopeHead`). Opening it fills that; closing it takes no call when all its tasks
//! were run by the function itself, nothing in it has failed, and no cancellation is about.

use std::mem::offset_of;

use cranelift_codegen::ir::{ConstantData, InstBuilder, MemFlagsData, Type, Value, types};
use plat_abi::fork::{OWNED, ScopeHead, TaskHead};
use plat_abi::functions::RuntimeFn;
use plat_abi::layout::{FIBER_EPOCH, FIBER_TASK, WORKER_FIBER, WorkerFields};

use super::emitter::{Address, Base, Emitter, Region};
use super::func::FunctionCompiler;
use super::item::Item;
use super::layout::POINTER;
use super::place::Location;
use super::sanitizer::Watch;
use crate::bug;
use crate::mir::Local;

impl FunctionCompiler<'_, '_> {
    /// The record of a scope.
    fn scope_place(&mut self, scope: Local) -> Address {
        match self.local_location(scope) {
            Location::Memory(address) => address,
            Location::Variables(..) => bug!("a scope record is in the frame"),
        }
    }

    /// The address of a scope record.
    pub fn scope_record(&mut self, scope: Local) -> Value {
        let place = self.scope_place(scope);
        self.emitter.address(place)
    }

    /// A word of a scope's record.
    pub fn scope_word(&mut self, scope: Local, offset: usize) -> Address {
        self.scope_place(scope).at(offset as u32)
    }

    /// Fills the record of a scope, which is the innermost one of the task from here on.
    pub fn open_scope(&mut self, scope: Local) {
        let record = self.scope_place(scope);
        let site = self.emitter.constant(Item::ScopeSite(self.id, scope));
        let emitter = &mut self.emitter;
        let fiber = emitter.worker_field(WORKER_FIBER, POINTER);
        let task = emitter.load(POINTER, Address::data(fiber).at(FIBER_TASK as u32));
        let innermost = Address::data(task).at(offset_of!(TaskHead, innermost) as u32);
        let parent = emitter.load(POINTER, innermost);
        let shields = emitter.load(types::I16, Address::data(task).at(offset_of!(TaskHead, shields) as u32));
        let shields = emitter.builder.ins().uextend(types::I64, shields);
        let flags = emitter.builder.ins().ishl_imm_u(shields, offset_of!(ScopeHead, shields) as i64 * 8);
        let words = [
            (offset_of!(ScopeHead, lock), flags),
            (offset_of!(ScopeHead, owner), task),
            (offset_of!(ScopeHead, fiber), fiber),
            (offset_of!(ScopeHead, parent), parent),
            (offset_of!(ScopeHead, site), site),
        ];
        for (offset, value) in words {
            emitter.store(value, record.at(offset as u32));
        }
        let remote = emitter.int(types::I64, -OWNED);
        emitter.store(remote, record.at(offset_of!(ScopeHead, remote) as u32));
        for offset in
            [offset_of!(ScopeHead, local), offset_of!(ScopeHead, options), offset_of!(ScopeHead, member)]
        {
            emitter.store_zeros(record.at(offset as u32));
        }
        let record = emitter.address(record);
        emitter.store(record, innermost);
    }

    /// Closes a scope at its end.
    pub fn close_scope(&mut self, scope: Local) {
        let record = self.scope_place(scope);
        let emitter = &mut self.emitter;
        let mut obstacles = emitter.is_cancellation_about(record);
        for offset in
            [offset_of!(ScopeHead, local), offset_of!(ScopeHead, failures), offset_of!(ScopeHead, options)]
        {
            let word = emitter.load(types::I64, record.at(offset as u32));
            obstacles = emitter.builder.ins().bor(obstacles, word);
        }
        let linked = emitter.load(types::I8, record.at(offset_of!(ScopeHead, linked) as u32));
        let linked = emitter.builder.ins().uextend(types::I64, linked);
        let stale = emitter.worker_field(offset_of!(WorkerFields, stale), types::I64);
        let obstacles = emitter.builder.ins().bor(obstacles, linked);
        let obstacles = emitter.builder.ins().bor(obstacles, stale);
        let closed = emitter.builder.create_block();
        let cold = emitter.begin_cold(obstacles);
        let address = self.emitter.address(record);
        self.call_unwinding(RuntimeFn::scope_exit, &[address]);
        let emitter = &mut self.emitter;
        emitter.builder.ins().jump(closed, &[]);
        emitter.resume(cold);
        let address = emitter.address(record);
        emitter.watch(Watch::Acquire, address);
        let owner = emitter.load(POINTER, record.at(offset_of!(ScopeHead, owner) as u32));
        let parent = emitter.load(POINTER, record.at(offset_of!(ScopeHead, parent) as u32));
        emitter.store(parent, Address::data(owner).at(offset_of!(TaskHead, innermost) as u32));
        emitter.builder.ins().jump(closed, &[]);
        emitter.builder.seal_block(closed);
        emitter.builder.switch_to_block(closed);
    }
}

impl Emitter<'_, '_> {
    /// A field of the worker record.
    pub fn worker_place(&mut self, offset: usize) -> Address {
        let worker = self.worker();
        Address { base: Base::Value(worker), offset: offset as i32, region: Region::Worker }
    }

    /// Reads a field of the worker record.
    pub fn worker_field(&mut self, offset: usize, ty: Type) -> Value {
        let place = self.worker_place(offset);
        self.load(ty, place)
    }

    /// A number that is not 0 when something may have been cancelled since the fiber of the scope with this record has last looked.
    pub fn is_cancellation_about(&mut self, scope: Address) -> Value {
        let fiber = self.load(POINTER, scope.at(offset_of!(ScopeHead, fiber) as u32));
        let seen = self.load(types::I32, Address::data(fiber).at(FIBER_EPOCH as u32));
        let epoch = self.worker_field(offset_of!(WorkerFields, epoch), POINTER);
        let epoch = self.builder.ins().atomic_load(types::I32, MemFlagsData::trusted(), epoch);
        let differs = self.builder.ins().bxor(epoch, seen);
        self.builder.ins().uextend(types::I64, differs)
    }

    /// Clears two words.
    pub fn store_zeros(&mut self, address: Address) {
        let zeros = self.builder.func.dfg.constants.insert(ConstantData::from([0; 16].as_slice()));
        let zeros = self.builder.ins().vconst(types::I64X2, zeros);
        self.store(zeros, address);
    }
}
