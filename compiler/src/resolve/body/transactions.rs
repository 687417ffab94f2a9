//! `atomically`, `or_else` and `retry`: calls of the library's `sys::run_atomically`, `sys::run_alternatives` and `sys::retry_transaction`.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast;

use super::{BodyResolver, FrameKind, TaskFrame};
use crate::hir::{Arg, Closure, ExprId, ExprKind, Gives, Leave, LocalId};
use crate::resolve::scope::ValueDef;

/// The body of a transaction, before it is known how the others leave more than themselves.
struct Body {
    value: ExprId,
    captures: Vec<LocalId>,
    leaves: Vec<Leave>,
    span: Span,
}

impl BodyResolver<'_, '_> {
    /// `atomically { … } or_else { … }`
    pub fn transaction(&mut self, blocks: &[ast::Block], span: Span) -> ExprKind {
        match blocks {
            [] => ExprKind::Error,
            [only] => {
                let head = Span { end: only.span.start, ..span };
                let body = self.transaction_body(head, |this| this.block(only), only.span);
                self.transaction_call("run_atomically", vec![body], head, span)
            }
            [first, rest @ ..] => {
                let head = Span { end: first.span.start, ..span };
                let span_of_rest = Span { start: rest[0].span.start, ..span };
                let first = self.transaction_body(head, |this| this.block(first), first.span);
                let rest = self.transaction_body(
                    head,
                    |this| match rest {
                        [last] => this.block(last),
                        // More alternatives are a transaction in this one.
                        _ => {
                            let kind = this.transaction(rest, span_of_rest);
                            this.new_expr(kind, span_of_rest)
                        }
                    },
                    span_of_rest,
                );
                self.transaction_call("run_alternatives", vec![first, rest], head, span)
            }
        }
    }

    fn transaction_body(&mut self, head: Span, body: impl FnOnce(&mut Self) -> ExprId, span: Span) -> Body {
        let frame = TaskFrame { kind: FrameKind::Transaction, span: Some(head), ..TaskFrame::default() };
        self.tasks.push(frame);
        let value = body(self);
        let TaskFrame { captures, leaves, .. } = self.tasks.pop().unwrap_or_default();
        Body { value, captures, leaves, span }
    }

    /// Calls the library's function with bodies that all may leave as one of them does.
    fn transaction_call(&mut self, function: &str, bodies: Vec<Body>, head: Span, span: Span) -> ExprKind {
        let Some(callee) = self.library_word(function, head) else { return ExprKind::Error };
        let mut leaves: Vec<Leave> = Vec::new();
        for &leave in bodies.iter().flat_map(|body| &body.leaves) {
            if !leaves.contains(&leave) {
                leaves.push(leave);
            }
        }
        let closures: Vec<(ExprId, Span)> = bodies
            .into_iter()
            .map(|body| {
                let closure = Closure::transaction(body.value, body.captures, leaves.clone());
                (self.new_expr(ExprKind::Closure(Box::new(closure)), body.span), body.span)
            })
            .collect();
        let args = closures.iter().map(|&(closure, span)| Arg::plain(closure, span)).collect();
        let call = ExprKind::Call { callee, args };
        if leaves.is_empty() {
            return call;
        }
        let bodies = closures.iter().map(|&(closure, _)| closure).collect();
        ExprKind::Leavable { call: self.new_expr(call, span), bodies, gives: Gives::Value }
    }

    /// `retry`
    pub fn retry(&mut self, span: Span) -> ExprKind {
        match self.library_word("retry_transaction", span) {
            Some(callee) => ExprKind::Call { callee, args: Vec::new() },
            None => ExprKind::Error,
        }
    }

    /// A function of the library that stands for a word of the language.
    pub fn library_word(&mut self, name: &str, span: Span) -> Option<ExprId> {
        let Some(ValueDef::Fn(id)) = self.resolver.scopes.find_sys_value(Symbol::intern(name)) else {
            return None;
        };
        Some(self.new_expr(ExprKind::Fn(id, Vec::new()), span))
    }
}
