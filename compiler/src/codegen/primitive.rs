//! Operations on memory that several tasks use, and on the record of the task that runs.
//!
//! Cranelift knows sequentially consistent operations only. On x86 its loads cost what plain ones do, and read-modify-write
//! operations have no cheaper form; only stores do.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{AtomicRmwOp, InstBuilder, MemFlagsData, Type, Value, types};
use plat_abi::fork::{IN_TRANSACTION, TaskHead};
use plat_abi::layout::{FIBER_TASK, WORKER_FIBER};

use super::emitter::{Address, Emitter, Source};
use super::func::FunctionCompiler;
use super::layout::{Leaf, POINTER};
use super::sanitizer::Watch;
use crate::bug;
use crate::mir::{Argument, AtomicOp, Place, Primitive};
use crate::types::{Ty, TyKind};

impl FunctionCompiler<'_, '_> {
    /// Compiles such an operation.
    pub fn compile_primitive(&mut self, target: Option<&Place>, primitive: Primitive, args: &[Argument]) {
        let value = match primitive {
            Primitive::Atomic(op, ty) => self.atomic(op, ty, args),
            Primitive::Fence => {
                self.emitter.builder.ins().fence();
                None
            }
            Primitive::LightFence => {
                self.emitter.light_fence();
                None
            }
            Primitive::Task => Some(self.emitter.current_task()),
            Primitive::FrameAddress => Some(self.emitter.builder.ins().get_frame_pointer(POINTER)),
            Primitive::Shield => self.emitter.add_shields(1),
            Primitive::Unshield => self.emitter.add_shields(-1),
            Primitive::InTransaction => Some(self.emitter.in_transaction()),
        };
        if let (Some(target), Some(value)) = (target, value) {
            let (location, ty) = self.resolve(target);
            let leaf = Leaf { offset: 0, ty: self.emitter.builder.func.dfg.value_type(value) };
            self.store(location, ty, &Source::Leaves(vec![(leaf, value)]));
        }
    }

    fn atomic(&mut self, op: AtomicOp, ty: Ty, args: &[Argument]) -> Option<Value> {
        let [Argument::Place(place), operands @ ..] = args else { bug!("{op:?} has a place") };
        let operands: Vec<Value> = operands.iter().map(|operand| self.atomic_operand(operand)).collect();
        let address = self.place_address(place);
        let leaf = self.emitter.program.layouts.of(ty).leaves.as_ref().and_then(|leaves| leaves.first());
        let word = leaf.unwrap_or_else(|| bug!("{ty:?} is not atomic")).ty;
        let is_signed = matches!(ty.kind(), TyKind::Int(int) if int.is_signed());
        let emitter = &mut self.emitter;
        let flags = MemFlagsData::trusted();
        emitter.release_shared(address);
        let result = match (op, operands.as_slice()) {
            (AtomicOp::Load, []) => Some(emitter.builder.ins().atomic_load(word, flags, address)),
            (AtomicOp::Store, &[value]) => {
                emitter.builder.ins().atomic_store(flags, value, address);
                None
            }
            (AtomicOp::Release, &[value]) => {
                emitter.release_store(value, address);
                None
            }
            (AtomicOp::CompareExchange, &[expected, value]) => {
                Some(emitter.builder.ins().atomic_cas(flags, address, expected, value))
            }
            (_, &[value]) => Some(emitter.update(op, is_signed, word, address, value)),
            _ => bug!("{op:?} with {} operands", operands.len()),
        };
        emitter.watch(Watch::Acquire, address);
        result
    }

    fn atomic_operand(&mut self, operand: &Argument) -> Value {
        match operand {
            Argument::Value(operand) => self.scalar(operand),
            Argument::Place(place) => bug!("{place:?} is no operand"),
        }
    }
}

impl Emitter<'_, '_> {
    fn update(&mut self, op: AtomicOp, is_signed: bool, word: Type, address: Value, value: Value) -> Value {
        let op = match op {
            AtomicOp::Swap => AtomicRmwOp::Xchg,
            AtomicOp::Add => AtomicRmwOp::Add,
            AtomicOp::Sub => AtomicRmwOp::Sub,
            AtomicOp::And => AtomicRmwOp::And,
            AtomicOp::Or => AtomicRmwOp::Or,
            AtomicOp::Max if is_signed => AtomicRmwOp::Smax,
            AtomicOp::Max => AtomicRmwOp::Umax,
            AtomicOp::Min if is_signed => AtomicRmwOp::Smin,
            AtomicOp::Min => AtomicRmwOp::Umin,
            other => bug!("{other:?} updates nothing"),
        };
        self.builder.ins().atomic_rmw(word, MemFlagsData::trusted(), op, address, value)
    }

    /// A store that comes after all that stands before it.
    pub fn release_store(&mut self, value: Value, address: Value) {
        if self.program.is_x86() {
            // Every store is a release store there.
            self.light_fence();
            self.store(value, Address::data(address));
        } else {
            self.builder.ins().atomic_store(MemFlagsData::trusted(), value, address);
        }
    }

    /// Keeps loads before what follows, and stores after what came before.
    fn light_fence(&mut self) {
        if self.program.is_x86() {
            // The processor keeps that order by itself. An atomic load, a plain one there, is what Cranelift keeps it at.
            let worker = self.worker();
            self.builder.ins().atomic_load(POINTER, MemFlagsData::trusted(), worker);
        } else {
            self.builder.ins().fence();
        }
    }

    /// The record of the innermost task that runs here.
    fn current_task(&mut self) -> Value {
        let fiber = self.worker_field(WORKER_FIBER, POINTER);
        self.load(POINTER, Address::data(fiber).at(FIBER_TASK as u32))
    }

    /// Whether the task that runs is in a transaction.
    pub fn in_transaction(&mut self) -> Value {
        let place = self.shields();
        let shields = self.load(types::I16, place);
        let flag = self.builder.ins().band_imm_u(shields, i64::from(IN_TRANSACTION));
        self.builder.ins().icmp_imm_u(IntCC::NotEqual, flag, 0)
    }

    fn shields(&mut self) -> Address {
        let task = self.current_task();
        Address::data(task).at(offset_of!(TaskHead, shields) as u32)
    }

    fn add_shields(&mut self, more: i64) -> Option<Value> {
        let place = self.shields();
        let shields = self.load(types::I16, place);
        let shields = self.builder.ins().iadd_imm_s(shields, more);
        self.store(shields, place);
        None
    }
}
