//! `defer`: a body of its own, called where its block is left, and by the unwinder.
//!
//! The body is a function whose parameters are the addresses of what it mentions. A guard in the frame tells the unwinder to call
//! it; every other way out of the block clears the guard and calls the body.

use plat_syntax::source::Span;

use super::function::{Frame, FunctionLowerer, identity_args, shell};
use crate::hir::{ExprId, LocalId};
use crate::mir::builder::Builder;
use crate::mir::{
    Argument, Callee, FunctionId, FunctionKind, Local, LocalKind, Operand, Place, Rvalue, StatementKind,
};
use crate::types::Ty;

/// A `defer` whose block is being lowered.
#[derive(Clone, Debug)]
pub(super) struct Deferred {
    guard: Local,
    shield: Local,
    body: Callee,
    captures: Vec<Place>,
}

impl FunctionLowerer<'_, '_> {
    /// `defer { … }`: sets the guard. The block ends with [`run_defers`](Self::run_defers).
    pub fn lower_defer(&mut self, body: ExprId, captures: &[LocalId], span: Span) {
        let function = self.lower_defer_body(body, captures, span);
        let captures: Vec<Place> = captures.iter().map(|&local| self.captured_place(local, span)).collect();
        let body = Callee::GenericBody(function, identity_args(self.program.function(self.origin)));
        self.begin_deferred(body, captures, span);
    }

    /// Sets the guard of a `defer` whose body is called with these places.
    pub(super) fn begin_deferred(&mut self, body: Callee, captures: Vec<Place>, span: Span) {
        let (guard, shield) = (self.builder.guard(), self.builder.shield());
        self.builder
            .push(StatementKind::Defer { guard, body: body.clone(), captures: captures.clone() }, span);
        self.frames.push(Frame::Defer(self.deferred.len()));
        self.deferred.push(Deferred { guard, shield, body, captures });
    }

    fn lower_defer_body(&mut self, body: ExprId, captures: &[LocalId], span: Span) -> FunctionId {
        let number = self.program.next_defer_number();
        let name = format!("{}.defer{number}", self.root_name());
        let shell = shell(self.program, self.origin, name, FunctionKind::Plain, span);
        let builder = Builder::new(shell, Ty::unit());
        let mut lowerer = FunctionLowerer::new(self.program, self.origin, self.body, builder);
        for &capture in captures {
            lowerer.declare_param(capture, LocalKind::Inout);
        }
        lowerer.lower_body(body)
    }

    /// The place of a captured local. What the caller keeps has none of its own, and never changes: a view of it will do.
    fn captured_place(&mut self, local: LocalId, span: Span) -> Place {
        if let Some(this) = self.init_value(local, span) {
            return this.into();
        }
        let known = self.local(local);
        if self.builder.function().locals[known].kind != LocalKind::Borrowed {
            self.changing.insert(known);
            return known.into();
        }
        let view = self.builder.view(self.types.locals[local]);
        self.builder.assign(view, Rvalue::Use(Operand::Use(known.into())), span);
        view.into()
    }

    /// Leaves a block at its end: runs the `defer`s met since there were `depth` frames, last first.
    pub fn run_defers(&mut self, depth: usize, span: Span) {
        self.leave_frames(depth, span);
        self.frames.truncate(depth);
    }

    /// Clears the guard and calls the body.
    pub fn run_deferred(&mut self, position: usize, span: Span) {
        let Deferred { guard, shield, body, captures } = self.deferred[position].clone();
        self.builder.push(StatementKind::Disarm(guard), span);
        self.builder.push(StatementKind::Shield { shield, guard }, span);
        let args = captures.into_iter().map(Argument::Place).collect();
        self.builder.call(None, body, args, span);
        self.builder.push(StatementKind::Unshield(shield), span);
    }
}
