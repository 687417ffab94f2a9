//! `concurrent`, `spawn`, `race` and `defer`: bodies that run apart from what is around them.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast::{self, Ident};

use super::{BodyResolver, FrameKind, TaskFrame};
use crate::hir::{
    Arg, Closure, ClosureForm, ExprId, ExprKind, Name, ScopeOption, ScopeOptionKind, Statement, TaskBody,
    TypeHead, TypeHeadKind,
};
use crate::resolve::errors;
use crate::resolve::later::Later;

impl BodyResolver<'_, '_> {
    /// `concurrent(limit = 8) { … }`
    pub fn concurrent(
        &mut self,
        options: &[ast::Arg],
        scope: Option<Ident>,
        body: &ast::Block,
        span: Span,
    ) -> ExprKind {
        if let Some(name) = scope {
            self.later(Later::NamedScope, name.span);
            return ExprKind::Error;
        }
        let (mut known, mut timeout) = (Vec::new(), None);
        for option in options {
            let kind = option.name.and_then(|name| {
                ScopeOptionKind::ALL.into_iter().find(|kind| kind.as_str() == name.name.as_str())
            });
            match (kind, option.name.map(|name| name.name)) {
                (Some(kind), _) => known.push(ScopeOption { kind, value: self.expr(&option.value) }),
                (None, Some(name)) if name.as_str() == "timeout" => timeout = Some(self.expr(&option.value)),
                (None, Some(name)) if name.as_str() == "token" => {
                    self.later(Later::ScopeToken, option.span);
                }
                (None, _) => {
                    let names = ["name", "limit", "on_failure", "timeout"];
                    self.resolver.sink.emit(errors::tasks::unknown_option("concurrent", option.span, &names));
                }
            }
        }
        match timeout {
            Some(duration) => self.timed_scope(duration, known, body, span),
            None => ExprKind::Concurrent { options: known, body: self.scope_body(body) },
        }
    }

    fn scope_body(&mut self, body: &ast::Block) -> ExprId {
        let depth = self.tasks.len() - 1;
        self.tasks[depth].open_scopes += 1;
        let body = self.block(body);
        self.tasks[depth].open_scopes -= 1;
        body
    }

    /// A scope with a time limit is the body of a closure for the library's `with_timeout`.
    fn timed_scope(
        &mut self,
        duration: ExprId,
        options: Vec<ScopeOption>,
        body: &ast::Block,
        span: Span,
    ) -> ExprKind {
        let Some(timeout) = self.resolver.lang_struct("Timeout") else { return ExprKind::Error };
        let head = Span { end: body.span.start, ..span };
        self.tasks.push(TaskFrame { kind: FrameKind::TimedScope, span: Some(head), ..TaskFrame::default() });
        let block = self.scope_body(body);
        let captures = self.tasks.pop().map(|frame| frame.captures).unwrap_or_default();
        let scope = self.new_expr(ExprKind::Concurrent { options, body: block }, span);
        let closure =
            Closure { form: ClosureForm::Block, params: Vec::new(), result: None, body: scope, captures };
        let closure = self.new_expr(ExprKind::Closure(Box::new(closure)), span);
        let arg = |value| Arg { name: None, is_inout: false, value, span };
        ExprKind::StaticCall {
            ty: TypeHead { kind: TypeHeadKind::Struct(timeout), args: Vec::new(), span },
            name: Name { symbol: Symbol::intern("limit"), span: head },
            type_args: Vec::new(),
            args: vec![arg(duration), arg(closure)],
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
        if self.tasks.last().is_some_and(|frame| frame.kind == FrameKind::TimedScope) {
            self.later(Later::TimedJump, span);
            return false;
        }
        let Some(TaskFrame { kind: FrameKind::Defer, span: head, .. }) = self.tasks.last() else {
            return true;
        };
        let diagnostic = errors::jump_out_of_defer(word, span, head.unwrap_or(span));
        self.resolver.sink.emit(diagnostic);
        false
    }
}
