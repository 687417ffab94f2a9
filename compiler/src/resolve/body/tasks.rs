//! `concurrent`, `spawn`, `race` and `defer`: bodies that run apart from what is around them.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast::{self, Ident};

use super::{BodyResolver, FrameKind, TaskFrame};
use crate::hir::{
    Arg, Closure, ExprId, ExprKind, Gives, Leave, LocalKind, Name, ScopeOption, ScopeOptionKind, Statement,
    TaskBody, TypeHead, TypeHeadKind,
};
use crate::resolve::errors;

/// What may cancel a scope from outside, and the whole scope's place.
struct Limits<'a> {
    timeout: Option<&'a ast::Expr>,
    token: Option<&'a ast::Expr>,
    span: Span,
}

impl BodyResolver<'_, '_> {
    /// `concurrent(limit = 8) { … }`
    pub fn concurrent(
        &mut self,
        options: &[ast::Arg],
        scope: Option<Ident>,
        body: &ast::Block,
        span: Span,
    ) -> ExprKind {
        let (mut known, mut timeout, mut token) = (Vec::new(), None, None);
        for option in options {
            let name = option.name.map(|name| name.name);
            let kind = name.and_then(ScopeOptionKind::find);
            match (kind, name) {
                (Some(kind), _) => known.push((kind, &option.value)),
                (None, Some(name)) if name.as_str() == "timeout" => timeout = Some(&option.value),
                (None, Some(name)) if name.as_str() == "token" => token = Some(&option.value),
                (None, _) => {
                    let names = ["name", "limit", "on_failure", "timeout", "token"];
                    self.resolver.sink.emit(errors::tasks::unknown_option("concurrent", option.span, &names));
                }
            }
        }
        match (timeout, token) {
            (None, None) => self.plain_scope(&known, scope, body),
            (timeout, token) => {
                let limits = Limits { timeout, token, span };
                self.limited_scope(limits, &known, scope, body)
            }
        }
    }

    fn plain_scope(
        &mut self,
        options: &[(ScopeOptionKind, &ast::Expr)],
        name: Option<Ident>,
        body: &ast::Block,
    ) -> ExprKind {
        let options =
            options.iter().map(|&(kind, value)| ScopeOption { kind, value: self.expr(value) }).collect();
        self.in_scope(|this| {
            let local = name.map(|name| {
                let local = this.new_local(name, LocalKind::Let);
                this.names.declare(name.name, local);
                local
            });
            ExprKind::Concurrent { options, name: local, body: this.scope_body(body) }
        })
    }

    fn scope_body(&mut self, body: &ast::Block) -> ExprId {
        let depth = self.tasks.len() - 1;
        self.tasks[depth].open_scopes += 1;
        let body = self.block(body);
        self.tasks[depth].open_scopes -= 1;
        body
    }

    /// A scope that may be cancelled from outside is the body of a closure: for `run` of its token, and that for `limit` of the
    /// library's `Timeout`.
    fn limited_scope(
        &mut self,
        Limits { timeout, token, span }: Limits<'_>,
        options: &[(ScopeOptionKind, &ast::Expr)],
        scope: Option<Ident>,
        body: &ast::Block,
    ) -> ExprKind {
        let head = Span { end: body.span.start, ..span };
        let timeout = timeout.map(|duration| self.before_limited(duration, head));
        let token = token.map(|token| self.before_limited(token, head));
        let mut kind = self.plain_scope(options, scope, body);
        let name = |name| Name { symbol: Symbol::intern(name), span: head };
        if let Some(receiver) = token {
            let (body, leaves) = self.limited_body(kind, span);
            let args = vec![Arg::plain(body, span)];
            let call = ExprKind::MethodCall { receiver, name: name("run"), type_args: Vec::new(), args };
            kind = self.leavable(call, body, leaves, span);
        }
        if let Some(value) = timeout {
            let Some(timeout) = self.resolver.lang_struct("Timeout") else { return ExprKind::Error };
            let ty = TypeHead { kind: TypeHeadKind::Struct(timeout), args: Vec::new(), span };
            let (body, leaves) = self.limited_body(kind, span);
            let args = vec![Arg::plain(value, span), Arg::plain(body, span)];
            let call = ExprKind::StaticCall { ty, name: name("limit"), type_args: Vec::new(), args };
            kind = self.leavable(call, body, leaves, span);
        }
        kind
    }

    /// What limits a scope, evaluated outside of the closure that begins here.
    fn before_limited(&mut self, limit: &ast::Expr, head: Span) -> ExprId {
        let limit = self.expr(limit);
        let frame = TaskFrame { kind: FrameKind::LimitedScope, span: Some(head), ..TaskFrame::default() };
        self.tasks.push(frame);
        limit
    }

    /// The closure whose frame is the innermost, with this body, and whether it leaves more than itself.
    fn limited_body(&mut self, body: ExprKind, span: Span) -> (ExprId, bool) {
        let TaskFrame { captures, leaves, .. } = self.tasks.pop().unwrap_or_default();
        let body = self.new_expr(body, span);
        let is_leaving = !leaves.is_empty();
        let closure = Closure::scope(body, captures, leaves);
        (self.new_expr(ExprKind::Closure(Box::new(closure)), span), is_leaving)
    }

    /// The call that runs the body of a limited scope, which may leave more than the scope.
    fn leavable(&mut self, call: ExprKind, body: ExprId, is_leaving: bool, span: Span) -> ExprKind {
        if !is_leaving {
            return call;
        }
        ExprKind::Leavable { call: self.new_expr(call, span), bodies: vec![body], gives: Gives::Result }
    }

    /// Notes that the bodies of limited scopes and transactions that begin after `depth` others have begun are left by a jump.
    pub fn leave_limited(&mut self, depth: usize, leave: Leave) {
        for frame in &mut self.tasks[depth..] {
            if !frame.leaves.contains(&leave) {
                frame.leaves.push(leave);
            }
        }
    }

    /// `spawn(name = "worker") { … }`
    pub fn spawn(&mut self, options: &[ast::Arg], body: &ast::Block, span: Span) -> ExprKind {
        let mut name = None;
        for option in options {
            let value = self.expr(&option.value);
            match option.name {
                Some(option) if option.name.as_str() == "name" => name = Some(value),
                _ => self.resolver.sink.emit(errors::tasks::unknown_option("spawn", option.span, &["name"])),
            }
        }
        let head = Span { end: body.span.start, ..span };
        let is_in_scope = self.tasks.last().is_some_and(|task| task.open_scopes > 0);
        let task = self.task_body(head, |this| this.block(body));
        ExprKind::Spawn { task, name, is_in_scope }
    }

    /// `race { a, b }`
    pub fn race(&mut self, arms: &[ast::Expr], span: Span) -> ExprKind {
        if arms.is_empty() {
            self.resolver.sink.emit(errors::tasks::empty_race(span));
            return ExprKind::Error;
        }
        for arm in arms {
            if let ast::ExprKind::MethodCall { name, args, .. } = &arm.kind
                && name.name.as_str() == "recv"
                && args.is_empty()
            {
                self.resolver.sink.emit(errors::tasks::race_loses_value(arm.span));
            }
        }
        let arms = arms.iter().map(|arm| self.task_body(arm.span, |this| this.expr(arm))).collect();
        ExprKind::Race(arms)
    }

    /// The body of a task, which `head` stands for in messages.
    fn task_body(&mut self, head: Span, body: impl FnOnce(&mut Self) -> ExprId) -> TaskBody {
        self.tasks.push(TaskFrame { kind: FrameKind::Task, span: Some(head), ..TaskFrame::default() });
        let body = body(self);
        let captures = self.tasks.pop().map(|task| task.captures).unwrap_or_default();
        TaskBody { body, captures }
    }

    /// `defer { … }`
    pub fn defer(&mut self, block: &ast::Block, span: Span) -> Statement {
        let head = Span { end: block.span.start, ..span };
        self.tasks.push(TaskFrame { span: Some(head), kind: FrameKind::Defer, ..TaskFrame::default() });
        let body = self.block(block);
        let captures = self.tasks.pop().map(|frame| frame.captures).unwrap_or_default();
        Statement::Defer { body, captures, span: head }
    }

    /// Whether `return` or `?` may stand at `span`: what a `defer` interrupts has its way to go already.
    pub fn may_return(&mut self, word: &str, span: Span) -> bool {
        let depth = self.tasks.iter().rposition(|frame| !frame.kind.is_leavable()).unwrap_or(0);
        let TaskFrame { kind: FrameKind::Defer, span: head, .. } = self.tasks[depth] else {
            self.leave_limited(depth + 1, Leave::Function);
            return true;
        };
        let diagnostic = errors::jump_out_of_defer(word, span, head.unwrap_or(span));
        self.resolver.sink.emit(diagnostic);
        false
    }
}
