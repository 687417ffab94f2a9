//! Statements.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use plat_abi::functions::RuntimeFn;

use super::counts::CountOp;
use super::func::FunctionCompiler;
use super::layout::{POINTER, Shape, tag_type};
use super::place::Location;
use super::program::Program;
use crate::bug;
use crate::mir::forks::{awaited, taken};
use crate::mir::{Callee, Effects, Function, FunctionId, Local, Operand, Place, StatementKind};

impl FunctionCompiler<'_, '_> {
    /// Compiles a statement.
    pub fn compile_statement(&mut self, statement: &StatementKind) {
        match statement {
            StatementKind::Assign(place, rvalue) | StatementKind::Init(place, rvalue) => {
                self.compile_assign(place, rvalue);
            }
            StatementKind::Call { target, callee, args } => {
                if taken(statement).is_some_and(|handle| self.forks.contains_key(&handle)) {
                    // Nobody else can take it, and it is taken here only.
                    return;
                }
                match awaited(statement).and_then(|handle| self.forks.get(&handle)) {
                    Some(&kept) => self.await_fork(kept),
                    None => self.compile_call(target.as_ref(), callee, args),
                }
            }
            StatementKind::Release(place) => self.release(place),
            StatementKind::Share(place) => self.count_place(CountOp::Share, place),
            StatementKind::Withdraw { .. } => bug!("withdraws in {}", self.function.name),
            StatementKind::InUse(step, place) => self.compile_in_use(*step, place),
            StatementKind::Forget(_)
            | StatementKind::KeepAlive(_)
            | StatementKind::Disarm(_)
            | StatementKind::Touch(_) => {}
            StatementKind::Poll(poll) => self.poll(*poll),
            StatementKind::Defer { guard, captures, .. } => self.set_guard(*guard, captures),
            StatementKind::Shield { .. } => {
                self.emitter.call_runtime(RuntimeFn::shield, &[]);
            }
            StatementKind::Unshield(_) => {
                self.emitter.call_runtime(RuntimeFn::unshield, &[]);
            }
            StatementKind::SetLength(place, length) => {
                let buffer = self.pointer_at(place);
                let length = self.scalar(length);
                self.emitter.set_buffer_length(buffer, length);
            }
            StatementKind::MoveElements { source, from, target, to, count } => {
                self.move_elements((source, from), (target, to), count);
            }
            StatementKind::CheckIndex { index, length } => self.check_index(index, length),
            StatementKind::ScopeEnter(scope) => self.open_scope(*scope),
            StatementKind::ScopeExit(scope) => self.close_scope(*scope),
            StatementKind::ScopeLeave(scope) => {
                let record = self.scope_record(*scope);
                self.call_unwinding(RuntimeFn::scope_leave, &[record]);
            }
            StatementKind::Global { target, body } => self.compile_global(target, body),
            StatementKind::Spawn { target, scope, name, body, captures } => {
                self.compile_spawn(target, scope, name.as_ref(), body, captures);
            }
        }
    }

    /// Releases what a place holds. A `deinit` that this runs may panic.
    fn release(&mut self, place: &Place) {
        if let Some(kept) = place.as_local().and_then(|handle| self.idle_fork(handle)) {
            return self.release_fork(kept);
        }
        let (location, ty) = self.resolve(place);
        let value = self.load_value(location, ty);
        if !self.emitter.program.runs_deinit(ty) {
            self.emitter.count(CountOp::Release, ty, &value);
            return;
        }
        self.at_site(|emitter| emitter.count(CountOp::Release, ty, &value));
        let has_panicked = self.emitter.has_deinit_panicked();
        let cold = self.emitter.begin_cold(has_panicked);
        self.call_unwinding(RuntimeFn::raise_deinit_panic, &[]);
        self.emitter.end_cold_unreachable(cold);
    }

    pub(super) fn count_place(&mut self, op: CountOp, place: &Place) {
        let (location, ty) = self.resolve(place);
        let value = self.load_value(location, ty);
        self.emitter.count(op, ty, &value);
    }

    fn move_elements(&mut self, source: (&Place, &Operand), target: (&Place, &Operand), count: &Operand) {
        let (location, ty) = self.resolve(source.0);
        let Shape::Buffer(element) = self.emitter.program.layouts.of(ty).shape else {
            bug!("{ty:?} has no elements to move")
        };
        let size = self.emitter.program.layouts.of(element).size;
        let source_buffer = self.load_pointer(location, ty);
        let target_buffer = self.pointer_at(target.0);
        let from = self.scalar(source.1);
        let to = self.scalar(target.1);
        let count = self.scalar(count);
        if self.emitter.program.layouts.is_managed(element) {
            self.unshare(target_buffer);
        }
        let from = self.emitter.element_address(source_buffer, from, size);
        let to = self.emitter.element_address(target_buffer, to, size);
        let (from, to) = (self.emitter.address(from), self.emitter.address(to));
        let bytes = self.emitter.scale(count, size);
        self.emitter.move_memory(to, from, bytes);
    }

    fn check_index(&mut self, index: &Operand, length: &Operand) {
        let (index, length) = (self.scalar(index), self.scalar(length));
        let is_outside = self.emitter.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, length);
        self.panic_if(is_outside, RuntimeFn::panic_index, &[index, length]);
    }

    /// Stores the addresses of what a `defer` sees where the unwinder finds them.
    fn set_guard(&mut self, guard: Local, captures: &[Place]) {
        let Location::Memory(record) = self.local_location(guard) else { bug!("a guard is in the frame") };
        for (position, capture) in captures.iter().enumerate() {
            let address = self.place_address(capture);
            self.emitter.store(address, record.at(position as u32 * POINTER.bytes()));
        }
    }

    /// Panics with a runtime function, off the main path, if the condition holds.
    pub fn panic_if(&mut self, condition: Value, function: RuntimeFn, args: &[Value]) {
        let cold = self.emitter.begin_cold(condition);
        self.call_unwinding(function, args);
        self.emitter.end_cold_unreachable(cold);
    }

    /// The number of the variant that the enum at a place is, as an `Int`.
    pub fn discriminant(&mut self, place: &Place) -> Value {
        let (location, ty) = self.resolve(place);
        let value = self.load_value(location, ty);
        let emitter = &mut self.emitter;
        let tag = match &emitter.program.layouts.of(ty).shape {
            Shape::Tagged(variants) => {
                let ty = tag_type(variants.len());
                emitter.read(&value, 0, ty)
            }
            Shape::Boxed(variants) => {
                let block = emitter.read(&value, 0, types::I64);
                emitter.box_tag(block, variants.len())
            }
            Shape::Niche { full, .. } => {
                let pointer = emitter.read(&value, 0, types::I64);
                let condition = if full.0 == 1 { IntCC::NotEqual } else { IntCC::Equal };
                emitter.builder.ins().icmp_imm_s(condition, pointer, 0)
            }
            shape => bug!("{shape:?} has no variants"),
        };
        emitter.builder.ins().uextend(types::I64, tag)
    }
}

/// Whether a statement calls something that can unwind, or that others look for while it runs.
pub fn may_unwind(program: &Program<'_>, function: &Function, statement: &StatementKind) -> bool {
    match statement {
        StatementKind::Call { callee: Callee::Function(callee), .. } => is_site(program, *callee),
        StatementKind::Call { callee: Callee::Value(_) | Callee::Entry(_), .. } => true,
        StatementKind::Release(place) => program.runs_deinit(function.place_ty(program.definitions, place)),
        _ => Effects::of_statement(program.definitions, function, statement).has(Effects::UNWINDS),
    }
}

/// Whether calls of the function have rows in the unwind table.
pub fn is_site(program: &Program<'_>, callee: FunctionId) -> bool {
    program.mir.functions[callee].effects.has(Effects::UNWINDS.and(Effects::BLOCKS))
}
