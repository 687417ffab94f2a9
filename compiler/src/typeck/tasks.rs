//! Tasks: `spawn` and what its body may do, and where a task's result comes from. What is said here of the ends of bodies
//! holds for closures too.

use plat_syntax::source::Span;

use crate::hir::{Closure, ExprId, ExprKind, FnId, Gives, LocalId, ScopeOption, ScopeOptionKind, TaskBody};
use crate::types::{Sharing, Ty, TyKind};

use super::body::Checker;
use super::errors::tasks as errors;
use super::expect::{BranchKind, Expect, Why};

/// What `return` and `?` end: the function, or the body of a task or closure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exit {
    /// The type of its result.
    pub(super) ty: Ty,
    /// Where that comes from.
    pub(super) why: Why,
    /// What ends.
    pub(super) kind: ExitKind,
}

/// What an [`Exit`] ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ExitKind {
    /// The function.
    Function,
    /// The body of a task, which has copies of what it captures.
    Task,
    /// The body of a closure, which may change what it captures.
    Closure,
    /// The body of a closure given to a `move` parameter, which captures as a task does.
    CopyingClosure,
}

impl Exit {
    /// The end of a function.
    pub(super) fn function(ty: Ty, id: FnId) -> Self {
        Self { ty, why: Why::Result(id), kind: ExitKind::Function }
    }
}

impl Checker<'_, '_> {
    /// `spawn { … }`: a task of what its body, or its `return`s, give.
    pub(super) fn infer_spawn(
        &mut self,
        id: ExprId,
        body: ExprId,
        name: Option<ExprId>,
        is_in_scope: bool,
        expect: Expect,
    ) -> Ty {
        if !is_in_scope {
            self.emit(errors::spawn_outside_scope(self.span(id)));
        }
        if let Some(name) = name {
            self.check(name, self.common.string, Why::Plain);
        }
        let exit = self.task_exit(id, expect);
        Ty::new(TyKind::Task(self.check_task(body, exit)))
    }

    /// The body of a task, and what it gives.
    fn check_task(&mut self, body: ExprId, exit: Exit) -> Ty {
        let before = std::mem::replace(&mut self.is_unreachable, false);
        self.exits.push(exit);
        self.check_body_of(body, exit);
        self.exits.pop();
        self.is_unreachable = before;
        self.infer.shallow(exit.ty)
    }

    /// `race { a, b }`: arms of one type, each a task.
    pub(super) fn infer_race(&mut self, id: ExprId, arms: &[TaskBody], expect: Expect) -> Ty {
        let mut common = None;
        for arm in arms {
            let (ty, why) = match (expect, common) {
                (Expect::Value(ty, why), _) => (ty, why),
                (Expect::Dropped, _) => (self.common.unit, Why::Plain),
                (Expect::Nothing, Some((ty, first))) => {
                    (ty, Why::Branch(BranchKind::RaceArm, self.value_span(first)))
                }
                (Expect::Nothing, None) => (self.unknown(self.span(id)), Why::Plain),
            };
            let ty = self.check_task(arm.body, Exit { ty, why, kind: ExitKind::Task });
            if common.is_none() && !ty.is_never() {
                common = Some((ty, arm.body));
            }
        }
        common.map_or(self.common.never, |(ty, _)| ty)
    }

    /// The name of a scope.
    pub(super) fn declare_scope(&mut self, name: LocalId) {
        let scope = self.program.hir.lang.scope;
        self.locals[name].ty = Some(scope.map_or(self.common.error, |scope| Ty::structure(scope, &[])));
        self.locals[name].task_depth = self.task_depth();
    }

    /// What is said of a scope.
    pub(super) fn check_scope_options(&mut self, options: &[ScopeOption]) {
        for option in options {
            let ty = match (option.kind, self.program.hir.lang.failure) {
                (ScopeOptionKind::Name, _) => self.common.string,
                (ScopeOptionKind::Limit, _) => Ty::int(),
                (ScopeOptionKind::OnFailure, Some(failure)) => Ty::enumeration(failure, &[]),
                (ScopeOptionKind::OnFailure, None) => self.common.error,
            };
            self.check(option.value, ty, Why::Plain);
        }
    }

    /// The type written for the task says what its result is; otherwise the body does.
    fn task_exit(&mut self, id: ExprId, expect: Expect) -> Exit {
        if let Expect::Value(ty, why) = expect
            && let TyKind::Task(result) = *ty.kind()
        {
            let why = match why {
                Why::Annotation(span) => Why::TaskType(span),
                other => other,
            };
            return Exit { ty: result, why, kind: ExitKind::Task };
        }
        Exit { ty: self.unknown(self.span(id)), why: Why::Plain, kind: ExitKind::Task }
    }

    /// Checks the body of a task or closure, whose end is the innermost.
    pub(super) fn check_body_of(&mut self, body: ExprId, exit: Exit) {
        if self.infer.shallow(exit.ty).is_unit() {
            return self.drop_value(body);
        }
        let found = self.infer(body, Expect::Value(exit.ty, exit.why));
        // A `return` may have said by now what the result is.
        let exit = self.exits.last().copied().unwrap_or(exit);
        self.end_body(body, found, exit);
    }

    /// The end of a body that gives a value of the type `found`.
    fn end_body(&mut self, body: ExprId, found: Ty, exit: Exit) {
        if found.is_never() {
            if self.infer.unbound(exit.ty).is_some() && matches!(exit.why, Why::Plain) {
                self.infer.unify(exit.ty, found);
            }
            self.infer.meet_never(exit.ty);
            return;
        }
        self.coerce(self.value_of(body), found, exit.ty, exit.why);
    }

    /// A scope with a limit, or a transaction, whose body leaves more than itself: what the body gives, or a result of it.
    pub(super) fn infer_leavable(&mut self, call: ExprId, gives: Gives, expect: Expect) -> Ty {
        match gives {
            Gives::Value => self.infer_leavable_value(call, expect),
            Gives::Result => self.infer_leavable_result(call, expect),
        }
    }

    fn infer_leavable_value(&mut self, call: ExprId, expect: Expect) -> Ty {
        let Some(option) = self.program.hir.lang.option else { return self.common.error };
        let expect = match expect {
            Expect::Value(ty, why) => Expect::Value(Ty::enumeration(option, &[ty]), why),
            other => other,
        };
        let found = self.infer(call, expect);
        match *self.infer.shallow(found).kind() {
            TyKind::Enum(id, &[value]) if id == option => self.infer.shallow(value),
            _ => found,
        }
    }

    fn infer_leavable_result(&mut self, call: ExprId, expect: Expect) -> Ty {
        let (Some(option), Some(result)) = (self.program.hir.lang.option, self.program.hir.lang.result)
        else {
            return self.common.error;
        };
        let expect = match expect {
            Expect::Value(ty, why) => match *ty.kind() {
                TyKind::Enum(id, &[value, error]) if id == result => {
                    let left = Ty::enumeration(option, &[value]);
                    Expect::Value(Ty::enumeration(result, &[left, error]), why)
                }
                _ => Expect::Nothing,
            },
            other => other,
        };
        let found = self.infer(call, expect);
        let found = self.infer.shallow(found);
        let TyKind::Enum(_, &[left, error]) = *found.kind() else { return found };
        match *self.infer.shallow(left).kind() {
            TyKind::Enum(_, &[value]) => Ty::enumeration(result, &[value, error]),
            _ => found,
        }
    }

    /// The body of such a scope: an `Option` of what it gives. Its `return`s end what is around.
    pub(super) fn infer_limited_body(
        &mut self,
        closure: &Closure,
        expected: Option<Ty>,
        expect: Expect,
    ) -> Ty {
        let Some(option) = self.program.hir.lang.option else { return self.common.error };
        let content = match expected.map(|ty| self.infer.shallow(ty).kind()) {
            Some(&TyKind::Enum(id, &[content])) if id == option => content,
            _ => self.unknown(self.span(closure.body)),
        };
        let why = match expect {
            Expect::Value(_, why) => why.of_closure_result(),
            Expect::Nothing | Expect::Dropped => Why::Plain,
        };
        let exit = Exit { ty: content, why, kind: ExitKind::Closure };
        let before = std::mem::replace(&mut self.is_unreachable, false);
        if self.infer.shallow(content).is_unit() {
            self.drop_value(closure.body);
        } else {
            let found = self.infer(closure.body, Expect::Value(content, why));
            self.end_body(closure.body, found, exit);
        }
        if self.types.exprs[closure.body].is_never() {
            self.pending.endless.push(content);
        }
        self.is_unreachable = before;
        Ty::function(&[], Ty::enumeration(option, &[content]), Sharing::Transfer)
    }

    /// Remembers that the body of a task or closure returned, for the message when it gives something else later.
    pub(super) fn note_return(&mut self, span: Span) {
        if let Some(exit) = self.exits.last_mut()
            && exit.kind != ExitKind::Function
            && matches!(exit.why, Why::Plain)
        {
            exit.why = Why::EarlierReturn(span);
        }
    }

    /// Whether the expression is a task.
    pub(super) fn is_task(&self, id: ExprId) -> bool {
        self.is_task_type(self.types.exprs[id])
    }

    /// Whether the type is that of a task.
    pub(super) fn is_task_type(&self, ty: Ty) -> bool {
        matches!(self.infer.shallow(ty).kind(), TyKind::Task(_))
    }

    /// What gives the result of the task that the expression is, where that can be seen.
    pub(super) fn task_result(&self, id: ExprId) -> Option<ExprId> {
        match self.expr(id).kind {
            ExprKind::Local(local) => self.spawn_result(self.locals[local].value?),
            _ => self.spawn_result(id),
        }
    }

    /// What gives the result of a `spawn`.
    pub(super) fn spawn_result(&self, id: ExprId) -> Option<ExprId> {
        match self.expr(id).kind {
            ExprKind::Spawn { ref task, .. } => Some(self.value_of(task.body)),
            _ => None,
        }
    }
}
