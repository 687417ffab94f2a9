//! Scopes and tasks.

use plat_abi::functions::RuntimeFn;
use plat_syntax::source::Span;

use super::calls::Call;
use super::function::{Dest, Frame, FunctionLowerer, identity_args, shell};
use super::intrinsics::Args;
use super::place::{Access, STORAGE};
use crate::bug;
use crate::hir::{ExprId, LocalId, ScopeOption, ScopeOptionKind, TaskBody};
use crate::mir::builder::Builder;
use crate::mir::{
    Argument, Callee, Const, Function, FunctionId, FunctionKind, Local, LocalKind, Operand, Rvalue,
    StatementKind, TaskScope, TerminatorKind,
};
use crate::typeck::results::ArgSource;
use crate::types::{Ty, TyKind};

impl FunctionLowerer<'_, '_> {
    /// `concurrent { … }`
    pub fn lower_concurrent(
        &mut self,
        dest: Dest,
        options: &[ScopeOption],
        name: Option<LocalId>,
        body: ExprId,
        span: Span,
    ) {
        let values: Vec<_> = options.iter().map(|option| option.value).collect();
        let values = self.operands(&values);
        let scope = self.builder.scope();
        self.builder.push(StatementKind::ScopeEnter(scope), span);
        self.frames.push(Frame::Scope(scope));
        for (option, value) in options.iter().zip(values) {
            self.lower_scope_option(scope, option.kind, value, self.span(option.value));
        }
        match name {
            None => self.lower_into(dest, body),
            Some(name) => self.in_block(&[], span, |this| {
                let handle = this.local(name);
                let (args, span) = (vec![Argument::Place(scope.into())], this.body.locals[name].span);
                this.builder.call(Some(handle.into()), Callee::Runtime(RuntimeFn::scope_handle), args, span);
                this.lower_into(dest, body);
            }),
        }
        self.frames.pop();
        self.builder.push(StatementKind::ScopeExit(scope), span);
    }

    fn lower_scope_option(&mut self, scope: Local, kind: ScopeOptionKind, value: Operand, span: Span) {
        let (function, value) = match kind {
            ScopeOptionKind::Name => (RuntimeFn::scope_name, value),
            ScopeOptionKind::Limit => (RuntimeFn::scope_limit, value),
            ScopeOptionKind::OnFailure => {
                let place = self.operand_place(value, span);
                let tag = self.builder.assign_temp(Ty::int(), Rvalue::Discriminant(place), span);
                (RuntimeFn::scope_isolate, Operand::Use(tag.into()))
            }
        };
        let args = vec![Argument::Place(scope.into()), Argument::Value(value)];
        self.builder.call(None, Callee::Runtime(function), args, span);
    }

    /// `spawn { … }`
    pub fn lower_spawn(&mut self, dest: Dest, expr: ExprId, task: &TaskBody, name: Option<ExprId>) {
        let (ty, span) = (self.ty(expr), self.span(expr));
        let Some(scope) = self.innermost_scope() else { bug!(span, "spawns outside a scope") };
        let TyKind::Task(result) = *ty.kind() else { bug!(span, "spawns a {ty:?}") };
        let name = name.map(|name| self.operand(name));
        let target = match dest {
            Dest::Local(local) => local,
            Dest::Nothing => self.builder.temp(ty),
        };
        self.spawn_into(target, scope, name, task, result, span);
    }

    /// Makes a task. Captures are copied as they are now, and made fit to be used by two tasks.
    fn spawn_into(
        &mut self,
        target: Local,
        scope: Local,
        name: Option<Operand>,
        task: &TaskBody,
        result: Ty,
        span: Span,
    ) {
        let function = self.lower_task(task.body, result, &task.captures, span);
        let captures = task.captures.iter().map(|&capture| self.capture(capture, span)).collect();
        let args = identity_args(self.program.function(self.origin));
        let body = Callee::GenericBody(function, args);
        let (target, scope) = (target.into(), TaskScope::Record(scope));
        self.builder.push(StatementKind::Spawn { target, scope, name, body, captures }, span);
    }

    /// `race { a, b }`: a scope whose failures stay with their tasks. The first task that has finished is awaited; leaving the scope
    /// cancels the others.
    pub fn lower_race(&mut self, dest: Dest, expr: ExprId, arms: &[TaskBody]) {
        let (ty, span) = (self.ty(expr), self.span(expr));
        let result = if ty.is_never() { Ty::unit() } else { ty };
        let scope = self.builder.scope();
        self.builder.push(StatementKind::ScopeEnter(scope), span);
        self.frames.push(Frame::Scope(scope));
        let args = vec![Argument::Place(scope.into()), Argument::Value(Self::int(1))];
        self.builder.call(None, Callee::Runtime(RuntimeFn::scope_isolate), args, span);
        let mut tasks = Vec::with_capacity(arms.len());
        for arm in arms {
            let task = self.builder.temp(Ty::new(TyKind::Task(result)));
            self.spawn_into(task, scope, None, arm, result, self.span(arm.body));
            tasks.push(task);
        }
        let first = self.wait_for_first(&tasks, span);
        let end = self.builder.new_block();
        let blocks: Vec<_> = tasks.iter().map(|_| self.builder.new_block()).collect();
        let cases = (0..).zip(blocks.iter().copied()).skip(1).collect();
        self.builder.terminate(TerminatorKind::Switch(Operand::Use(first.into()), cases, blocks[0]), span);
        for (&task, &block) in tasks.iter().zip(&blocks) {
            self.builder.switch_to(block);
            self.await_into(dest, result, task.into(), span);
            self.builder.goto(end, span);
        }
        self.builder.switch_to(end);
        self.frames.pop();
        self.builder.push(StatementKind::ScopeLeave(scope), span);
        if ty.is_never() {
            self.builder.terminate(TerminatorKind::Unreachable, span);
        }
    }

    /// The number of the first of some tasks to finish; of several the first in the list.
    fn wait_for_first(&mut self, tasks: &[Local], span: Span) -> Local {
        let first = self.builder.temp(Ty::int());
        let selector = self.new_selector(tasks.len() as u32, span);
        for &task in tasks {
            let args = vec![Argument::Value(selector.clone()), Argument::Value(Operand::Use(task.into()))];
            self.builder.call(None, Callee::Runtime(RuntimeFn::select_await), args, span);
        }
        let args = vec![
            Argument::Value(selector),
            Argument::Value(Operand::Const(Const::Bool(true))),
            Argument::Value(Operand::Const(Const::Bool(false))),
        ];
        self.builder.call(Some(first.into()), Callee::Runtime(RuntimeFn::select_wait), args, span);
        for &task in tasks {
            let args = vec![Argument::Value(Operand::Use(task.into()))];
            self.builder.call(None, Callee::Runtime(RuntimeFn::keep), args, span);
        }
        first
    }

    /// `scope_until(deadline, body)`
    pub fn lower_scope_until(&mut self, dest: Dest, call: &Call<'_>, mut args: Args) {
        let (deadline, body, span) = (args.value(), args.value(), call.span);
        let scope = self.builder.scope();
        self.builder.push(StatementKind::ScopeEnter(scope), span);
        let args = vec![Argument::Place(scope.into()), Argument::Value(deadline)];
        self.builder.call(None, Callee::Runtime(RuntimeFn::scope_deadline), args, span);
        self.catch_in(dest, scope, body, call);
        self.builder.push(StatementKind::ScopeExit(scope), span);
    }

    /// `catch_cancelled(body)`
    pub fn lower_catch_cancelled(&mut self, dest: Dest, call: &Call<'_>, mut args: Args) {
        let Some(scope) = self.innermost_scope() else { bug!(call.span, "catches outside a scope") };
        self.catch_in(dest, scope, args.value(), call);
    }

    /// Calls a body that a cancellation of the scope does not come out of.
    fn catch_in(&mut self, dest: Dest, scope: Local, body: Operand, call: &Call<'_>) {
        let args = vec![Argument::Place(scope.into()), Argument::Value(body)];
        self.call_into(dest, call.ty, Callee::Runtime(RuntimeFn::scope_catch), args, call.span);
    }

    /// Starts a task that calls the function value on a thread of its own.
    pub fn lower_thread_spawn(&mut self, dest: Dest, ty: Ty, function: Operand, span: Span) {
        self.spawn_value(dest, ty, TaskScope::Thread, None, function, span);
    }

    /// `scope.spawn(body = { … })`, as the library does it, here so that the task is spawned where this stands.
    pub fn lower_spawn_method(&mut self, dest: Dest, call: &Call<'_>) {
        let is_named = matches!(call.sources, [_, ArgSource::Given(_)]);
        let mut args = Args::new(self.arguments(call), call.span);
        let (scope, body, name) = (args.value(), args.value(), args.value());
        let handle = Operand::Use(self.operand_place(scope, call.span).project(STORAGE));
        self.spawn_by_handle(dest, call.ty, handle, is_named.then_some(name), body, call.span);
    }

    /// Starts a task that calls the function value in the scope of a handle.
    pub fn lower_scope_spawn(&mut self, dest: Dest, ty: Ty, mut args: Args, span: Span) {
        let (handle, function, name) = (args.value(), args.value(), args.value());
        self.spawn_by_handle(dest, ty, handle, Some(name), function, span);
    }

    fn spawn_by_handle(
        &mut self,
        dest: Dest,
        ty: Ty,
        handle: Operand,
        name: Option<Operand>,
        function: Operand,
        span: Span,
    ) {
        let record = self.builder.temp(Ty::int());
        let args = vec![Argument::Value(handle)];
        self.builder.call(Some(record.into()), Callee::Runtime(RuntimeFn::scope_claim), args, span);
        let scope = TaskScope::Claimed(Operand::Use(record.into()));
        self.spawn_value(dest, ty, scope, name, function, span);
    }

    /// A task that has ended already, with this result.
    pub fn lower_completed(&mut self, dest: Dest, ty: Ty, value: Operand, span: Span) {
        let TyKind::Task(result) = *ty.kind() else { bug!(span, "completes a {ty:?}") };
        let Dest::Local(target) = dest else { return };
        let copy = self.builder.assign_temp(result, Rvalue::Use(value), span);
        self.builder.push(StatementKind::Share(copy.into()), span);
        let number = self.program.next_task_number();
        let name = format!("{}.task{number}", self.root_name());
        let shell = shell(self.program, self.origin, name, FunctionKind::TaskBody, span);
        let mut builder = Builder::new(shell, result);
        let param = builder.param(result, None, LocalKind::Owned);
        builder.assign(Function::RESULT, Rvalue::Use(Operand::Use(param.into())), span);
        builder.terminate(TerminatorKind::Return, span);
        let body = self.program.add(builder.finish());
        let body = Callee::GenericBody(body, identity_args(self.program.function(self.origin)));
        let captures = vec![Operand::Use(copy.into())];
        let (target, scope) = (target.into(), TaskScope::Ended);
        self.builder.push(StatementKind::Spawn { target, scope, name: None, body, captures }, span);
    }

    fn spawn_value(
        &mut self,
        dest: Dest,
        ty: Ty,
        scope: TaskScope,
        name: Option<Operand>,
        function: Operand,
        span: Span,
    ) {
        let TyKind::Task(result) = *ty.kind() else { bug!(span, "spawns a {ty:?}") };
        let function_ty = self.operand_ty(&function);
        let copy = self.builder.assign_temp(function_ty, Rvalue::Use(function), span);
        self.builder.push(StatementKind::Share(copy.into()), span);
        let body = self.calling_body(function_ty, result, span);
        let body = Callee::GenericBody(body, identity_args(self.program.function(self.origin)));
        let target = match dest {
            Dest::Local(local) => local,
            Dest::Nothing => self.builder.temp(ty),
        };
        let captures = vec![Operand::Use(copy.into())];
        self.builder.push(StatementKind::Spawn { target: target.into(), scope, name, body, captures }, span);
    }

    /// The body of a task that calls a function value.
    fn calling_body(&mut self, function: Ty, result: Ty, span: Span) -> FunctionId {
        let number = self.program.next_task_number();
        let name = format!("{}.task{number}", self.root_name());
        let mut builder =
            Builder::new(shell(self.program, self.origin, name, FunctionKind::TaskBody, span), result);
        let called = builder.param(function, None, LocalKind::Owned);
        let target = (!result.is_unit()).then(|| Function::RESULT.into());
        let args = vec![Argument::Value(Operand::Use(called.into()))];
        builder.call(target, Callee::Value(function), args, span);
        builder.terminate(TerminatorKind::Return, span);
        self.program.add(builder.finish())
    }

    fn innermost_scope(&self) -> Option<Local> {
        self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Scope(scope) => Some(*scope),
            Frame::Loop { .. } | Frame::Defer(_) | Frame::Block(_) | Frame::Use(..) => None,
        })
    }

    /// The body of a task as a function of its captures.
    fn lower_task(&mut self, body: ExprId, result: Ty, captures: &[LocalId], span: Span) -> FunctionId {
        let number = self.program.next_task_number();
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
