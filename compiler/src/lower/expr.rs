//! Expressions: one arm, one call.

use plat_syntax::source::Span;

use super::function::{Dest, FunctionLowerer};
use crate::bug;
use crate::hir::{Block, ExprId, ExprKind, Leave, Statement};
use crate::mir::{Const, Local, Operand, Rvalue};

impl FunctionLowerer<'_, '_> {
    /// Evaluates an expression and puts its value, or the interface's value that it becomes, where it goes.
    pub fn lower_into(&mut self, dest: Dest, expr: ExprId) {
        match self.types.conversions.get(&expr) {
            Some(&ty) if dest != Dest::Nothing => {
                let span = self.span(expr);
                let operand = self.own_operand(expr);
                self.program.want_table(ty);
                self.store(dest, ty, Rvalue::Interface(ty, operand), span);
            }
            _ => self.lower_own(dest, expr),
        }
    }

    /// Evaluates an expression and puts its own value where it goes.
    fn lower_own(&mut self, dest: Dest, expr: ExprId) {
        let ty = self.ty(expr);
        let dest = if ty.is_unit() || ty.is_never() { Dest::Nothing } else { dest };
        let span = self.span(expr);
        if let Some(constant) = self.constant(expr) {
            return self.store(dest, ty, Rvalue::Use(Operand::Const(constant)), span);
        }
        if let Some(call) = self.types.functions.get(&expr) {
            return self.lower_function_value(dest, expr, call);
        }
        match &self.body.exprs[expr].kind {
            ExprKind::Fn(..) | ExprKind::StaticFn(..) => bug!(span, "which function?"),
            ExprKind::Index(base, index) if self.is_slice(expr) => {
                self.lower_slice(dest, expr, *base, *index);
            }
            ExprKind::Literal(_)
            | ExprKind::TypeConst(..)
            | ExprKind::Local(_)
            | ExprKind::Field(..)
            | ExprKind::TupleField(..)
            | ExprKind::Index(..) => {
                let operand = self.operand(expr);
                self.store(dest, ty, Rvalue::Use(operand), span);
            }
            ExprKind::Interpolate(parts) => self.lower_interpolation(dest, parts, span),
            ExprKind::Const(id) => self.lower_const(dest, *id, span),
            ExprKind::Variant(..) | ExprKind::BareVariant(_) => self.lower_bare_variant(dest, expr),
            ExprKind::Call { callee, args } => self.lower_call(dest, expr, Some(*callee), args),
            ExprKind::Construct { args, .. } | ExprKind::StaticCall { args, .. } => {
                self.lower_call(dest, expr, None, args);
            }
            ExprKind::MethodCall { receiver, args, .. } => {
                self.lower_call(dest, expr, Some(*receiver), args);
            }
            ExprKind::Unary(op, operand) => self.lower_unary(dest, expr, *op, *operand),
            ExprKind::Binary(op, left, right) => self.lower_binary(dest, expr, *op, *left, *right),
            ExprKind::And(..) | ExprKind::Or(..) | ExprKind::Let(..) => {
                let branches = self.begin_branches(expr);
                self.lower_condition_value(dest, expr);
                self.end_branches(branches);
            }
            ExprKind::Assign(place, value) => self.lower_assign(*place, *value, span),
            ExprKind::OpAssign(op, place, value) => self.lower_op_assign(*op, *place, *value, span),
            ExprKind::Cast(value, _) => self.lower_cast(dest, expr, *value),
            ExprKind::Tuple(items) => self.lower_tuple(dest, ty, items, span),
            ExprKind::List(items) => self.lower_list(dest, ty, items, span),
            ExprKind::Dict(entries) => self.lower_dict(dest, ty, entries, span),
            ExprKind::Range { start, end, inclusive } => {
                self.lower_range(dest, ty, [*start, *end], *inclusive, span);
            }
            ExprKind::Block(block) => self.lower_block(dest, block, span),
            ExprKind::If { condition, then, otherwise } => {
                let branches = self.begin_branches(expr);
                self.lower_if(dest, (*condition, *then, *otherwise), branches, span);
                self.end_branches(branches);
            }
            ExprKind::Match { scrutinee, arms } => {
                let branches = self.begin_branches(expr);
                self.lower_match(dest, *scrutinee, arms, branches);
                self.end_branches(branches);
            }
            ExprKind::Loop(id, body) => {
                let branches = self.begin_branches(expr);
                self.lower_loop(dest, *id, *body, span);
                self.end_branches(branches);
            }
            ExprKind::While(id, condition, body) => {
                let branches = self.begin_branches(expr);
                self.lower_while(*id, *condition, *body, span);
                self.end_branches(branches);
            }
            ExprKind::For { id, is_inout: true, pat, iterable, body, .. } => {
                let branches = self.begin_branches(expr);
                self.lower_for_inout(*id, *pat, *iterable, *body);
                self.end_branches(branches);
            }
            ExprKind::For { id, pat, iterable, body, .. } => {
                let branches = self.begin_branches(expr);
                self.lower_for(expr, *id, *pat, *iterable, *body);
                self.end_branches(branches);
            }
            ExprKind::Break(id, value) => self.lower_jump(Leave::Loop(*id), *value, span),
            ExprKind::Continue(id) => self.lower_jump(Leave::Round(*id), None, span),
            ExprKind::Return(value) => self.lower_jump(Leave::Function, *value, span),
            ExprKind::Leavable { call, bodies, gives } => {
                self.lower_leavable(dest, expr, *call, bodies, *gives);
            }
            ExprKind::Try(value) => self.lower_try(dest, expr, *value),
            ExprKind::Concurrent { options, name, body } => {
                self.lower_concurrent(dest, options, *name, *body, span);
            }
            ExprKind::Race(arms) => self.lower_race(dest, expr, arms),
            ExprKind::Spawn { task, name, .. } => self.lower_spawn(dest, expr, task, *name),
            ExprKind::Closure(closure) => self.lower_closure(dest, expr, closure),
            ExprKind::Error => bug!(span, "lowers what is no value"),
        }
    }

    /// Evaluates an expression into an operand. One that names a place is read by the statement that uses it.
    pub fn operand(&mut self, expr: ExprId) -> Operand {
        if self.types.conversions.contains_key(&expr) {
            return Operand::Use(self.lower_to_temp(expr).into());
        }
        self.own_operand(expr)
    }

    /// The expression's own value.
    fn own_operand(&mut self, expr: ExprId) -> Operand {
        let ty = self.ty(expr);
        if let Some(constant) = self.own_constant(expr) {
            return Operand::Const(constant);
        }
        if self.names_place(expr) {
            return self.read_operand(expr);
        }
        if ty.is_unit() || ty.is_never() {
            self.lower_into(Dest::Nothing, expr);
            return Operand::Const(Const::Unit);
        }
        let temp = self.builder.temp(ty);
        self.lower_own(Dest::Local(temp), expr);
        Operand::Use(temp.into())
    }

    /// Evaluates an expression into a new temporary.
    pub fn lower_to_temp(&mut self, expr: ExprId) -> Local {
        let converted = self.types.conversions.get(&expr).copied();
        let temp = self.builder.temp(converted.unwrap_or_else(|| self.ty(expr)));
        self.lower_into(Dest::Local(temp), expr);
        temp
    }

    fn lower_block(&mut self, dest: Dest, block: &Block, span: Span) {
        self.in_block(&[], span, |this| {
            let depth = this.frames.len();
            for statement in &block.statements {
                match statement {
                    Statement::Let { pat, value, otherwise, .. } => {
                        let end = value.map_or(span, |value| this.span(value));
                        this.as_statement(end, |this| this.lower_let(*pat, *value, *otherwise));
                    }
                    Statement::Defer { body, captures, span } => this.lower_defer(*body, captures, *span),
                    Statement::Expr(expr) => {
                        this.as_statement(this.span(*expr), |this| this.lower_into(Dest::Nothing, *expr));
                    }
                }
            }
            if let Some(tail) = block.tail {
                this.as_statement(this.span(tail), |this| this.lower_into(dest, tail));
            }
            this.run_defers(depth, span.shrink_to_end());
        });
    }

    /// `return`, `break`, `continue`
    fn lower_jump(&mut self, leave: Leave, value: Option<ExprId>, span: Span) {
        self.leave(leave, span, |this, dest| {
            if let Some(value) = value {
                this.lower_into(dest, value);
            }
        });
    }
}
