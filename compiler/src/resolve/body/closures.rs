//! Closures.

use plat_syntax::source::Span;
use plat_syntax::syntax::ast;

use super::{BodyResolver, FrameKind, TaskFrame};
use crate::hir::{Arg, Closure, ClosureForm, ClosureParam, ExprKind, LocalKind, ParamMode};
use crate::resolve::errors;
use crate::resolve::types::param_mode;

impl BodyResolver<'_, '_> {
    /// `|x| x + 1`, or a block alone as an argument.
    pub fn closure(&mut self, closure: &ast::Closure, span: Span) -> ExprKind {
        let head = Span { end: closure.body.span.start.max(span.start + 1), ..span };
        self.tasks.push(TaskFrame { kind: FrameKind::Closure, span: Some(head), ..TaskFrame::default() });
        let resolved = self.in_scope(|this| {
            let params = closure.params.iter().map(|param| this.closure_param(param)).collect();
            let result = closure.result.as_ref().map(|ty| this.resolver.resolve_type(ty, this.scope));
            (params, result, this.expr(&closure.body))
        });
        let captures = self.tasks.pop().map(|frame| frame.captures).unwrap_or_default();
        let (params, result, body) = resolved;
        let form = match closure.form {
            ast::ClosureForm::Bars => ClosureForm::Bars,
            ast::ClosureForm::Block => ClosureForm::Block,
        };
        ExprKind::Closure(Box::new(Closure { form, params, result, body, captures, leaves: Vec::new() }))
    }

    /// `blocking { … }`: a call of the library's `sys::run_blocking` with the block.
    pub fn blocking(&mut self, block: &ast::Block, span: Span) -> ExprKind {
        let head = Span { end: block.span.start, ..span };
        self.tasks.push(TaskFrame { kind: FrameKind::Closure, span: Some(head), ..TaskFrame::default() });
        let contents = self.in_scope(|this| this.block_contents(block));
        let captures = self.tasks.pop().map(|frame| frame.captures).unwrap_or_default();
        let body = self.new_expr(ExprKind::Block(contents), block.span);
        let closure = Closure::block(body, captures);
        let value = self.new_expr(ExprKind::Closure(Box::new(closure)), block.span);
        let Some(callee) = self.library_word("run_blocking", head) else { return ExprKind::Error };
        ExprKind::Call { callee, args: vec![Arg::plain(value, block.span)] }
    }

    fn closure_param(&mut self, param: &ast::ClosureParam) -> ClosureParam {
        let mode = param_mode(param.mode);
        let is_name = matches!(param.pattern.kind, ast::PatternKind::Binding(_) | ast::PatternKind::Error);
        if mode == ParamMode::Inout && !is_name {
            self.resolver.sink.emit(errors::inout_without_name(param.pattern.span));
        }
        let kind = if mode == ParamMode::Inout { LocalKind::Inout } else { LocalKind::Let };
        let ty = param.ty.as_ref().map(|ty| self.resolver.resolve_type(ty, self.scope));
        ClosureParam { mode, pat: self.param_pattern(&param.pattern, kind), ty }
    }
}
