//! Scopes and tasks.

use plat_syntax::source::Span;

use super::function::{Dest, Frame, FunctionLowerer, identity_args, shell};
use super::place::Access;
use crate::bug;
use crate::hir::{ExprId, LocalId};
use crate::mir::builder::Builder;
use crate::mir::{Callee, Const, FunctionId, FunctionKind, Local, LocalKind, Operand, Rvalue, StatementKind};
use crate::types::{Ty, TyKind};

impl FunctionLowerer<'_, '_> {
    /// `concurrent { … }`
    pub fn lower_concurrent(&mut self, dest: Dest, body: ExprId, span: Span) {
        let scope = self.builder.scope();
        self.builder.push(StatementKind::ScopeEnter(scope), span);
        self.frames.push(Frame::Scope(scope));
        self.lower_into(dest, body);
        self.frames.pop();
        self.builder.push(StatementKind::ScopeExit(scope), span);
    }

    /// `spawn { … }`: captures are copied as they are now, and made fit to be used by two tasks.
    pub fn lower_spawn(&mut self, dest: Dest, expr: ExprId, body: ExprId, captures: &[LocalId]) {
        let (ty, span) = (self.ty(expr), self.span(expr));
        let Some(scope) = self.innermost_scope() else { bug!(span, "spawns outside a scope") };
        let TyKind::Task(result) = *ty.kind() else { bug!(span, "spawns a {ty:?}") };
        let function = self.lower_task(body, result, captures, span);
        let operands = captures.iter().map(|&capture| self.capture(capture, span)).collect();
        let args = identity_args(self.program.function(self.origin));
        let target = match dest {
            Dest::Local(local) => local,
            Dest::Nothing => self.builder.temp(ty),
        };
        let body = Callee::GenericBody(function, args);
        let spawn = StatementKind::Spawn { target: target.into(), scope, body, captures: operands };
        self.builder.push(spawn, span);
    }

    fn innermost_scope(&self) -> Option<Local> {
        self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Scope(scope) => Some(*scope),
            Frame::Loop { .. } | Frame::Defer(_) | Frame::Block(_) => None,
        })
    }

    /// The body of a task as a function of its captures.
    fn lower_task(&mut self, body: ExprId, result: Ty, captures: &[LocalId], span: Span) -> FunctionId {
        let number = self.program.next_task_number(self.origin);
        let name = format!("{}.task{number}", self.root_name());
        let shell = shell(self.program, self.origin, name, FunctionKind::TaskBody, span);
        let builder = Builder::new(shell, result);
        let mut lowerer = FunctionLowerer::new(self.program, self.origin, self.body, builder);
        for &capture in captures {
            lowerer.declare_param(capture, LocalKind::Owned);
        }
        lowerer.lower_body(body)
    }

    /// The name of the function of the program, also inside its tasks, closures and `defer`s.
    pub fn root_name(&self) -> String {
        crate::mir::printer::function_name(self.program.definitions(), self.origin)
    }

    fn capture(&mut self, capture: LocalId, span: Span) -> Operand {
        let ty = self.types.locals[capture];
        if ty.is_unit() {
            return Operand::Const(Const::Unit);
        }
        let value = match self.init_value(capture, span) {
            Some(whole) => Rvalue::Use(Operand::Use(whole.into())),
            None => {
                let path = self.local_path(capture);
                Rvalue::Use(Operand::Use(self.take(&path, Access::Read)))
            }
        };
        let copy = self.builder.assign_temp(ty, value, span);
        self.builder.push(StatementKind::Share(copy.into()), span);
        Operand::Use(copy.into())
    }
}
