//! `concurrent`, `spawn` and `defer`: bodies that run apart from what is around them.

use plat_syntax::source::Span;
use plat_syntax::syntax::ast::{self, Ident};

use super::{BodyResolver, FrameKind, TaskFrame};
use crate::hir::{ExprKind, Statement};
use crate::resolve::errors;
use crate::resolve::later::Later;

impl BodyResolver<'_, '_> {
    pub fn concurrent(&mut self, options: &[ast::Arg], scope: Option<Ident>, body: &ast::Block) -> ExprKind {
        if let Some(option) = options.first() {
            self.later(Later::ScopeOptions, option.span);
        }
        if let Some(name) = scope {
            self.later(Later::NamedScope, name.span);
            return ExprKind::Error;
        }
        let depth = self.tasks.len() - 1;
        self.tasks[depth].open_scopes += 1;
        let body = self.block(body);
        self.tasks[depth].open_scopes -= 1;
        ExprKind::Concurrent(body)
    }

    pub fn spawn(&mut self, options: &[ast::Arg], body: &ast::Block, span: Span) -> ExprKind {
        if let Some(option) = options.first() {
            self.later(Later::SpawnOptions, option.span);
        }
        let head = Span { end: body.span.start, ..span };
        let is_in_scope = self.tasks.last().is_some_and(|task| task.open_scopes > 0);
        self.tasks.push(TaskFrame { kind: FrameKind::Task, span: Some(head), ..TaskFrame::default() });
        let body = self.block(body);
        let captures = self.tasks.pop().map(|task| task.captures).unwrap_or_default();
        ExprKind::Spawn { body, captures, is_in_scope }
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
        let Some(TaskFrame { kind: FrameKind::Defer, span: head, .. }) = self.tasks.last() else {
            return true;
        };
        let diagnostic = errors::jump_out_of_defer(word, span, head.unwrap_or(span));
        self.resolver.sink.emit(diagnostic);
        false
    }
}
