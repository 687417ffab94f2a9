//! Third round: what functions do.
//!
//! One walk over the tree that keeps the names in scope, the loops and the task bodies around the current place.

use plat_syntax::hash::HashMap;
use plat_syntax::index::{Id, IndexVec, Symbol};
use plat_syntax::source::Span;
use plat_syntax::syntax::ast::{self, Ident};

use super::errors::NoSelf;
use super::types::TypeScope;
use super::{BodySource, PendingBody, Resolver, errors};
use crate::hir::{
    Body, Expr, ExprId, ExprKind, FnBody, FnKind, Leave, Local, LocalId, LocalKind, LoopId, Name, Pat, PatId,
    PatKind,
};

mod calls;
mod closures;
mod control;
mod exprs;
mod literals;
mod paths;
mod patterns;
mod select;
mod tasks;
mod transactions;

/// Resolves one function's body and stores it.
pub(super) fn resolve(resolver: &mut Resolver<'_>, pending: &PendingBody<'_>) {
    let mut body = BodyResolver {
        no_self: why_no_self(resolver, pending),
        resolver,
        scope: &pending.scope,
        body: Body::default(),
        names: Names::default(),
        task_depths: IndexVec::new(),
        tasks: vec![TaskFrame::default()],
        loops: Vec::new(),
        self_local: None,
    };
    body.declare_params(pending);
    let value = match pending.source {
        BodySource::Block(block) => body.block(block),
        BodySource::Expr(expr) => body.expr(expr),
    };
    body.body.value = Some(value);
    let finished = body.body;
    resolver.hir.definitions.functions[pending.id].body = FnBody::Plat(Box::new(finished));
}

/// Why `self` is not known in a body, should it be used there.
fn why_no_self(resolver: &Resolver<'_>, pending: &PendingBody<'_>) -> NoSelf {
    let function = &resolver.hir.definitions.functions[pending.id];
    match pending.source {
        BodySource::Expr(_) if function.name.as_str().ends_with(".default") => NoSelf::Default,
        BodySource::Expr(_) => NoSelf::Const,
        BodySource::Block(_) if function.owner.is_some() => NoSelf::Static,
        BodySource::Block(_) => NoSelf::FreeFunction,
    }
}

/// The state of the walk.
struct BodyResolver<'r, 'a> {
    resolver: &'r mut Resolver<'a>,
    scope: &'r TypeScope,
    body: Body,
    names: Names,
    /// How many bodies of tasks and closures enclose the declaration of each local.
    task_depths: IndexVec<LocalId, usize>,
    /// The function, then the bodies of tasks and closures around the current place.
    tasks: Vec<TaskFrame>,
    /// The loops around the current place, those outside of its task or closure included.
    loops: Vec<LoopFrame>,
    self_local: Option<LocalId>,
    no_self: NoSelf,
}

/// The function's own body, or that of a task, closure or `defer`.
#[derive(Default)]
struct TaskFrame {
    kind: FrameKind,
    /// The word `spawn` or the head of a closure, for messages; `None` for the function's own body.
    span: Option<Span>,
    /// Locals from outside, in order of first use.
    captures: Vec<LocalId>,
    /// How many `concurrent`s of this body enclose the current place.
    open_scopes: usize,
    /// Of a limited scope or a transaction: how its body leaves more than itself.
    leaves: Vec<Leave>,
}

/// What a [`TaskFrame`] is the body of.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum FrameKind {
    #[default]
    Function,
    Task,
    Closure,
    /// The body of a `concurrent` with a time limit or a token, which becomes a closure.
    LimitedScope,
    /// The body of a transaction, which becomes a closure as well.
    Transaction,
    Defer,
}

impl FrameKind {
    /// Whether jumps lead out of it.
    fn is_leavable(self) -> bool {
        matches!(self, Self::LimitedScope | Self::Transaction)
    }
}

/// A loop around the current place.
struct LoopFrame {
    id: LoopId,
    label: Option<Symbol>,
    /// How many bodies of tasks and closures enclose it.
    task_depth: usize,
}

/// The names of locals in scope.
#[derive(Default)]
struct Names {
    /// What each name means, the innermost meaning last.
    meanings: HashMap<Symbol, Vec<LocalId>>,
    /// Every name in scope, in order of declaration.
    declared: Vec<Symbol>,
}

impl Names {
    fn declare(&mut self, name: Symbol, local: LocalId) {
        self.meanings.entry(name).or_default().push(local);
        self.declared.push(name);
    }

    fn find(&self, name: Symbol) -> Option<LocalId> {
        self.meanings.get(&name)?.last().copied()
    }

    /// Forgets what was declared after the first `count` names.
    fn shrink(&mut self, count: usize) {
        for name in self.declared.drain(count..) {
            if let Some(meanings) = self.meanings.get_mut(&name) {
                meanings.pop();
            }
        }
    }
}

impl<'a> BodyResolver<'_, 'a> {
    fn declare_params(&mut self, pending: &PendingBody<'_>) {
        let function = &self.resolver.hir.definitions.functions[pending.id];
        let (kind, span) = (function.kind, function.span);
        let self_kind = match kind {
            FnKind::Static => None,
            FnKind::Method | FnKind::Deinit => Some(LocalKind::Let),
            FnKind::MutMethod => Some(LocalKind::Inout),
            FnKind::Init => Some(LocalKind::InitSelf),
        };
        if let Some(kind) = self_kind {
            let local = self.new_local(Ident { name: Symbol::intern("self"), span }, kind);
            self.self_local = Some(local);
            self.body.params.push(local);
        }
        for param in pending.params {
            let kind = match param.mode {
                ast::ParamMode::Inout(_) => LocalKind::Inout,
                ast::ParamMode::Plain | ast::ParamMode::Move(_) => LocalKind::Let,
            };
            let local = self.new_local(param.name, kind);
            self.names.declare(param.name.name, local);
            self.body.params.push(local);
        }
    }

    fn new_local(&mut self, name: Ident, kind: LocalKind) -> LocalId {
        self.task_depths.push(self.tasks.len());
        self.body.locals.push(Local { name: name.name, span: name.span, kind, keyword: None })
    }

    fn new_expr(&mut self, kind: ExprKind, span: Span) -> ExprId {
        self.body.exprs.push(Expr { kind, span })
    }

    fn new_pat(&mut self, kind: PatKind, span: Span) -> PatId {
        self.body.pats.push(Pat { kind, span })
    }

    fn new_loop(&mut self) -> LoopId {
        self.body.loop_count += 1;
        LoopId::from_index(self.body.loop_count as usize - 1)
    }

    /// Does `work` in a scope of its own: what it declares is forgotten after it.
    fn in_scope<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let count = self.names.declared.len();
        let result = work(self);
        self.names.shrink(count);
        result
    }

    /// A use of the local, which every task body and closure between it and here captures.
    fn use_local(&mut self, local: LocalId) -> ExprKind {
        for task in &mut self.tasks[self.task_depths[local]..] {
            if !task.captures.contains(&local) {
                task.captures.push(local);
            }
        }
        ExprKind::Local(local)
    }

    fn self_value(&mut self, span: Span) -> ExprKind {
        match self.self_local {
            Some(local) => self.use_local(local),
            None => {
                self.resolver.sink.emit(errors::no_self(span, self.no_self));
                ExprKind::Error
            }
        }
    }
}

/// The name with its place, as HIR keeps it.
fn hir_name(name: Ident) -> Name {
    Name { symbol: name.name, span: name.span }
}
