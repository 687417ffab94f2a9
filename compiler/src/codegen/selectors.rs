//! Naming the arms of a `select`, and taking a small value out of the one that was chosen, without a call: the record of a `select` is
//! in the frame that waits (`plat_abi::select`). What is rare, the runtime does: arms that receive large values, or that wait for something
//! outside.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use plat_abi::functions::RuntimeFn;
use plat_abi::select::{AWAIT, ArmHead, DEADLINE, NEVER, RECV, SEND, SMALL_VALUE, SelectorHead, WORD};

use super::emitter::{Address, Source};
use super::func::FunctionCompiler;
use super::layout::Leaf;
use super::place::{Location, single};
use crate::bug;
use crate::mir::{Argument, Const, Operand, Place};
use crate::types::{Ty, TyKind};

impl FunctionCompiler<'_, '_> {
    /// Compiles a call about a selector in line, if it is one that is. Whether it was.
    pub fn compile_select(&mut self, target: Option<&Place>, function: RuntimeFn, args: &[Argument]) -> bool {
        use Argument::{Place as At, Value as Of};
        match (function, args) {
            (RuntimeFn::select_new, [At(record), Of(arms)]) => self.begin_selector(target, record, arms),
            (RuntimeFn::select_recv, [Of(selector), Of(channel), Of(ignores_closed)]) => {
                let (channel, ty) = self.operand(channel);
                let TyKind::ChannelHandle(element) = *ty.kind() else { bug!("receives from a {ty:?}") };
                if !self.is_small(element) {
                    return false;
                }
                let channel = single(&channel);
                let ignores_closed = self.scalar(ignores_closed);
                let ignores_closed = self.emitter.builder.ins().uextend(types::I64, ignores_closed);
                self.add_arm(selector, RECV, &[channel, ignores_closed]);
            }
            (RuntimeFn::select_send, [Of(selector), Of(channel), At(value)]) => {
                let channel = self.scalar(channel);
                let value = self.place_address(value);
                self.add_arm(selector, SEND, &[channel, value]);
            }
            (RuntimeFn::select_await, [Of(selector), Of(task)]) => {
                let task = self.scalar(task);
                self.add_arm(selector, AWAIT, &[task]);
            }
            (RuntimeFn::select_word, [Of(selector), At(waiters), At(word), Of(least), Of(take)]) => {
                let places = [waiters, word].map(|place| self.place_address(place));
                let amounts = [least, take].map(|amount| self.scalar(amount));
                self.add_arm(selector, WORD, &[places[0], places[1], amounts[0], amounts[1]]);
            }
            (RuntimeFn::select_deadline, [Of(selector), Of(deadline)]) => {
                let deadline = self.scalar(deadline);
                self.add_arm(selector, DEADLINE, &[deadline]);
            }
            (RuntimeFn::select_never, [Of(selector)]) => self.add_arm(selector, NEVER, &[]),
            (RuntimeFn::select_take, [Of(selector), At(into)]) => {
                return self.take_small(target, selector, into);
            }
            _ => return false,
        }
        true
    }

    fn is_small(&self, element: Ty) -> bool {
        self.emitter.program.layouts.of(element).size as usize <= SMALL_VALUE
    }

    /// Fills the head of a record. The runtime reads and writes it by its address, so all accesses here are by that, too.
    fn begin_selector(&mut self, target: Option<&Place>, record: &Place, arms: &Operand) {
        let Operand::Const(Const::Int(arms, _)) = *arms else { bug!("a select has {arms:?} arms") };
        let record = self.place_address(record);
        let emitter = &mut self.emitter;
        let head = Address::data(record);
        let end = offset_of!(SelectorHead, value);
        for offset in (0..end).step_by(2 * size_of::<u64>()) {
            emitter.store_zeros(head.at(offset as u32));
        }
        let capacity = emitter.int(types::I32, arms as i64);
        emitter.store(capacity, head.at(offset_of!(SelectorHead, capacity) as u32));
        self.store_word(target, record);
    }

    /// Adds an arm of this kind, with these words. Who adds more than there is room for, a type of the program that counts wrong as what
    /// an arm waits for, is stopped by the runtime.
    fn add_arm(&mut self, selector: &Operand, kind: u64, words: &[Value]) {
        let selector = self.scalar(selector);
        let emitter = &mut self.emitter;
        let count_place = Address::data(selector).at(offset_of!(SelectorHead, count) as u32);
        let count = emitter.load(types::I64, count_place);
        let capacity = Address::data(selector).at(offset_of!(SelectorHead, capacity) as u32);
        let capacity = emitter.load(types::I32, capacity);
        let capacity = emitter.builder.ins().uextend(types::I64, capacity);
        let is_full = emitter.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, count, capacity);
        let cold = emitter.begin_cold(is_full);
        emitter.call_runtime(RuntimeFn::select_never, &[selector]);
        emitter.end_cold_unreachable(cold);
        let before = emitter.builder.ins().imul_imm_s(count, size_of::<ArmHead>() as i64);
        let arm = emitter.builder.ins().iadd(selector, before);
        let arm = Address::data(arm).at(size_of::<SelectorHead>() as u32);
        if matches!(kind, RECV | SEND | AWAIT | WORD) {
            for &shared in &words[..if kind == WORD { 2 } else { 1 }] {
                emitter.release_shared(shared);
            }
        }
        let kind = emitter.int(types::I64, kind as i64);
        emitter.store(kind, arm.at(offset_of!(ArmHead, kind) as u32));
        for (number, &word) in words.iter().enumerate() {
            let offset = offset_of!(ArmHead, words) + number * size_of::<u64>();
            emitter.store(word, arm.at(offset as u32));
        }
        let count = emitter.builder.ins().iadd_imm_s(count, 1);
        emitter.store(count, count_place);
    }

    /// Moves what the chosen arm has received to `into`, if that is of a small type, and says whether there was something.
    fn take_small(&mut self, target: Option<&Place>, selector: &Operand, into: &Place) -> bool {
        let (location, ty) = self.resolve(into);
        if !self.is_small(ty) {
            return false;
        }
        let selector = Address::data(self.scalar(selector));
        let value = selector.at(offset_of!(SelectorHead, value) as u32);
        // Where nothing has been received this copies what happens to be there, and nobody looks at it.
        let value = self.load_value(Location::Memory(value), ty);
        self.store(location, ty, &value);
        let emitter = &mut self.emitter;
        let received = emitter.load(types::I64, selector.at(offset_of!(SelectorHead, received) as u32));
        let has_received = emitter.builder.ins().icmp_imm_s(IntCC::NotEqual, received, 0);
        let status = emitter.builder.ins().uextend(types::I64, has_received);
        self.store_word(target, status);
        true
    }

    fn store_word(&mut self, target: Option<&Place>, word: Value) {
        let Some(target) = target else { return };
        let (location, ty) = self.resolve(target);
        self.store(location, ty, &Source::Leaves(vec![(Leaf { offset: 0, ty: types::I64 }, word)]));
    }
}
