//! Blocks, branches, loops and jumps.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast::{self, Ident};

use super::{BodyResolver, FrameKind, LoopFrame};
use crate::hir::{Arm, Block, ExprId, ExprKind, Leave, LoopId, Statement};
use crate::resolve::errors;

impl BodyResolver<'_, '_> {
    pub fn block(&mut self, block: &ast::Block) -> ExprId {
        let contents = self.block_contents(block);
        self.new_expr(ExprKind::Block(contents), block.span)
    }

    pub fn block_contents(&mut self, block: &ast::Block) -> Block {
        self.in_scope(|this| {
            let statements = block.statements.iter().filter_map(|stmt| this.statement(stmt)).collect();
            let tail = this.optional_expr(block.value.as_deref());
            Block { statements, tail, semicolon: last_semicolon(block) }
        })
    }

    fn statement(&mut self, stmt: &ast::Stmt) -> Option<Statement> {
        match &stmt.kind {
            ast::StmtKind::Let(binding) => Some(self.let_statement(binding, stmt.span)),
            ast::StmtKind::Expr(expr) => Some(Statement::Expr(self.expr(expr))),
            ast::StmtKind::Defer(block) => Some(self.defer(block, stmt.span)),
            ast::StmtKind::Error => None,
        }
    }

    fn let_statement(&mut self, binding: &ast::Let, span: Span) -> Statement {
        let ty = binding.ty.as_ref().map(|ty| self.resolver.resolve_type(ty, self.scope));
        // The names are in scope after the value, so that `let x = x + 1;` means the `x` before it.
        let value = self.optional_expr(binding.value.as_ref());
        let otherwise = binding.otherwise.as_ref().map(|block| self.block(block));
        let pat = self.let_pattern(binding, span);
        Statement::Let { pat, ty, value, otherwise }
    }

    pub fn branch(&mut self, branch: &ast::If) -> ExprKind {
        let (condition, then) = self.in_scope(|this| {
            let condition = this.condition(&branch.condition);
            (condition, this.block(&branch.then))
        });
        let otherwise = self.optional_expr(branch.otherwise.as_ref());
        ExprKind::If { condition, then, otherwise }
    }

    /// A condition; what it binds is in scope after it.
    fn condition(&mut self, condition: &ast::Condition) -> ExprId {
        match condition {
            ast::Condition::Expr(expr) => self.expr(expr),
            ast::Condition::Let { pattern, value } => {
                let span = pattern.span.to(value.span);
                let value = self.expr(value);
                let pat = self.pattern(pattern);
                self.new_expr(ExprKind::Let(pat, value), span)
            }
        }
    }

    pub fn match_expr(&mut self, subject: &ast::Expr, arms: &[ast::MatchArm]) -> ExprKind {
        let scrutinee = self.expr(subject);
        let arms = arms.iter().map(|arm| self.in_scope(|this| this.arm(arm))).collect();
        ExprKind::Match { scrutinee, arms }
    }

    fn arm(&mut self, arm: &ast::MatchArm) -> Arm {
        let pat = self.pattern(&arm.pattern);
        let guard = self.optional_expr(arm.guard.as_ref());
        Arm { pat, guard, body: self.expr(&arm.body), span: arm.span }
    }

    pub fn while_loop(
        &mut self,
        label: Option<Ident>,
        condition: &ast::Condition,
        body: &ast::Block,
    ) -> ExprKind {
        let id = self.new_loop();
        self.in_scope(|this| {
            let condition = this.condition(condition);
            let body = this.loop_body(id, label, body);
            ExprKind::While(id, condition, body)
        })
    }

    pub fn plain_loop(&mut self, label: Option<Ident>, body: &ast::Block) -> ExprKind {
        let id = self.new_loop();
        ExprKind::Loop(id, self.loop_body(id, label, body))
    }

    pub fn for_loop(&mut self, each: &ast::For) -> ExprKind {
        let is_inout = each.inout.is_some();
        let id = self.new_loop();
        let iterable = self.expr(&each.iterable);
        let ty = each.ty.as_ref().map(|ty| self.resolver.resolve_type(ty, self.scope));
        self.in_scope(|this| {
            let pat = if is_inout { this.inout_pattern(&each.pattern) } else { this.pattern(&each.pattern) };
            let body = this.loop_body(id, each.label, &each.body);
            ExprKind::For { id, is_inout, pat, ty, iterable, body }
        })
    }

    fn loop_body(&mut self, id: LoopId, label: Option<Ident>, body: &ast::Block) -> ExprId {
        let label = label.map(|label| label.name);
        self.loops.push(LoopFrame { id, label, task_depth: self.tasks.len() });
        let body = self.block(body);
        self.loops.pop();
        body
    }

    /// `break`, `break value` or `break label`.
    pub fn break_expr(&mut self, value: Option<&ast::Expr>, span: Span) -> ExprKind {
        if let Some(label) = value.and_then(lone_name)
            && self.means_label(label.name)
        {
            return match self.jump_target("break", span, Some(label), Leave::Loop) {
                Some(id) => ExprKind::Break(id, None),
                None => ExprKind::Error,
            };
        }
        let target = self.jump_target("break", span, None, Leave::Loop);
        let value = self.optional_expr(value);
        target.map_or(ExprKind::Error, |id| ExprKind::Break(id, value))
    }

    pub fn continue_expr(&mut self, label: Option<Ident>, span: Span) -> ExprKind {
        self.jump_target("continue", span, label, Leave::Round).map_or(ExprKind::Error, ExprKind::Continue)
    }

    /// Whether a lone name after `break` is a label: one of a loop around, or a name that is nothing else.
    fn means_label(&self, name: Symbol) -> bool {
        let is_label = self.loops.iter().any(|frame| frame.label == Some(name));
        is_label || (self.names.find(name).is_none() && self.find_value(name).is_none())
    }

    /// The loop that a jump leads to: the innermost one, or the one with the label.
    fn jump_target(
        &mut self,
        word: &str,
        span: Span,
        label: Option<Ident>,
        leave: impl Fn(LoopId) -> Leave,
    ) -> Option<LoopId> {
        let mut frames = self.loops.iter().rev();
        let frame = match label {
            None => frames.next(),
            Some(label) => frames.find(|frame| frame.label == Some(label.name)),
        };
        let diagnostic = match (frame, label) {
            (Some(&LoopFrame { id, task_depth, .. }), _) => {
                // The outermost body that the loop is outside of, and that a jump does not leave.
                let mut around = self.tasks[task_depth..].iter();
                let Some(outer) = around.find(|frame| !frame.kind.is_leavable()) else {
                    self.leave_limited(task_depth, leave(id));
                    return Some(id);
                };
                let head = outer.span.unwrap_or(span);
                match outer.kind {
                    FrameKind::Defer => errors::jump_out_of_defer(word, span, head),
                    FrameKind::Closure => errors::jump_out_of_closure(word, span, head),
                    FrameKind::Task
                    | FrameKind::Function
                    | FrameKind::LimitedScope
                    | FrameKind::Transaction => errors::jump_out_of_task(word, span, head),
                }
            }
            (None, Some(label)) => {
                let labels = self.loops.iter().filter_map(|frame| frame.label);
                errors::unknown_label(label, self.resolver.suggest(label.name, labels))
            }
            (None, None) => errors::outside_loop(word, span),
        };
        self.resolver.sink.emit(diagnostic);
        None
    }
}

/// The `;` after the last statement of the block, if that is an expression.
fn last_semicolon(block: &ast::Block) -> Option<Span> {
    let last = block.statements.last().filter(|_| block.value.is_none())?;
    match &last.kind {
        ast::StmtKind::Expr(expr) if last.span.end > expr.span.end => {
            Some(Span::new(last.span.file, last.span.end - 1, last.span.end))
        }
        _ => None,
    }
}

/// The expression as a name, if it is nothing else and could be a label.
fn lone_name(expr: &ast::Expr) -> Option<Ident> {
    match &expr.kind {
        ast::ExprKind::Path(path) => {
            path.as_ident().filter(|name| name.name.as_str().starts_with(|first: char| !first.is_uppercase()))
        }
        _ => None,
    }
}
