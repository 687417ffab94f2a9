//! Functions on a cycle of the call graph: they check that the stack has room, and else go on on another segment of it. The bodies of tasks
//! leave that to the functions on the cycle (`program::find_checking`).
//!
//! The check is a poll as well: who asks something of the worker raises the limit.
//!
//! The check compares the stack pointer, once the function's frame is there, with the limit in the worker record. Below the limit
//! is room for any such function with all that it calls up to the next check (`stack`). A function that finds too little calls
//! itself by way of the stub `__morestack`, which changes segments, and returns what that returns. So the main path has
//! a load, a comparison and a branch.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, Signature, StackSlot, Value, types};
use plat_abi::functions::RuntimeFn;
use plat_abi::layout::{WORKER_ARGUMENT_BYTES, WORKER_CALLEE, WORKER_STACK_LIMIT};

use super::abi::Pass;
use super::emitter::{Address, Source};
use super::func::FunctionCompiler;
use super::item::Item;
use super::layout::{Leaf, POINTER};
use super::unwind::Cleanup;
use crate::mir::{FunctionId, FunctionKind, LocalKind, Poll};
use crate::types::Ty;

impl FunctionCompiler<'_, '_> {
    /// Goes on on another segment unless there is room on this one. `arguments` are what the function was called with.
    pub fn check_stack(&mut self, id: FunctionId, arguments: &[Value]) {
        let emitter = &mut self.emitter;
        let limit = emitter.worker_field(WORKER_STACK_LIMIT, types::I64);
        let pointer = emitter.builder.ins().get_stack_pointer(POINTER);
        let is_low = emitter.builder.ins().icmp(IntCC::UnsignedLessThan, pointer, limit);
        let cold = emitter.begin_cold(is_low);
        let slots = self.keep_owned(id, arguments);
        let ends = self.emitter.int(types::I64, i64::from(self.function.poll == Poll::Ends));
        let grown = self.at_site_with(slots, |emitter| emitter.call_runtime(RuntimeFn::stack_grow, &[ends]));
        let grown = grown.unwrap_or_else(|| crate::bug!("stack_grow has a result"));
        self.emitter.end_cold_if_zero(grown, &cold);
        self.call_on_segment(id, arguments);
        self.emitter.resume(cold);
    }

    /// Calls the function itself on the segment that was made ready, and returns what it returns.
    fn call_on_segment(&mut self, id: FunctionId, arguments: &[Value]) {
        let signature = self.abi.signature.clone();
        let itself = self.emitter.function_address(Item::Function(id), &signature);
        let place = self.emitter.worker_place(WORKER_CALLEE);
        self.emitter.store(itself, place);
        let bytes = self.emitter.int(types::I64, argument_bytes(&signature));
        let place = self.emitter.worker_place(WORKER_ARGUMENT_BYTES);
        self.emitter.store(bytes, place);
        // The arguments are the callee's from here on.
        let results =
            self.at_site_with(Vec::new(), |emitter| emitter.call(Item::MoreStack(id), &signature, arguments));
        self.emitter.builder.ins().return_(&results);
    }

    /// Stores the arguments that the function owns where the unwinder finds them.
    fn keep_owned(&mut self, id: FunctionId, arguments: &[Value]) -> Vec<(Cleanup<Ty>, StackSlot)> {
        if self.function.kind == FunctionKind::TaskBody {
            return self.keep_captures(id, arguments);
        }
        let mut arguments = arguments.iter().copied();
        if matches!(self.abi.result, Pass::Address) {
            arguments.next();
        }
        let mut kept = Vec::new();
        for (param, pass) in self.function.params().zip(&self.abi.params) {
            let source = match pass {
                Pass::Address => arguments.next().map(|address| Source::Memory(Address::data(address))),
                Pass::Leaves(leaves) => {
                    let leaves = leaves.iter().copied().zip(arguments.by_ref());
                    Some(Source::Leaves(leaves.collect::<Vec<(Leaf, Value)>>()))
                }
            };
            let decl = &self.function.locals[param];
            if let Some(source) = source.filter(|_| decl.kind == LocalKind::Owned) {
                kept.extend(self.keep(decl.ty, &source));
            }
        }
        kept
    }

    /// As `keep_owned` for a task, whose captures stand in its record.
    fn keep_captures(&mut self, id: FunctionId, arguments: &[Value]) -> Vec<(Cleanup<Ty>, StackSlot)> {
        let &[record] = arguments else { crate::bug!("a task is given its record") };
        let (captures, _) = self.emitter.program.captures(id);
        let sources = captures.into_iter().map(|part| (part.ty, Address::data(record).at(part.offset)));
        sources.filter_map(|(ty, address)| self.keep(ty, &Source::Memory(address))).collect()
    }

    fn keep(&mut self, ty: Ty, source: &Source) -> Option<(Cleanup<Ty>, StackSlot)> {
        let layout = self.emitter.program.layouts.of(ty);
        if !layout.is_managed {
            return None;
        }
        let slot = self.emitter.new_slot(layout.size, layout.align);
        self.store_memory(Address::slot(slot), ty, source);
        Some((Cleanup::Release(ty), slot))
    }
}

/// Bytes that the arguments of a signature take on the stack, or some more.
fn argument_bytes(signature: &Signature) -> i64 {
    /// Integers and floats that the conventions of all machines pass in registers. One of the integers may be the address of a
    /// result that the signature does not name.
    const REGISTERS: (usize, usize) = (5, 8);
    let is_float = |param: &&ir::AbiParam| param.value_type.is_float();
    let floats = signature.params.iter().filter(is_float).count();
    let integers = signature.params.len() - floats;
    let words = integers.saturating_sub(REGISTERS.0) + floats.saturating_sub(REGISTERS.1);
    (words * 8).next_multiple_of(16) as i64
}
