//! Expressions: one arm per kind; what takes more than a few lines is in the files beside this one.

use plat_syntax::source::Span;
use plat_syntax::syntax::ast;

use super::paths::is_value_name;
use super::{BodyResolver, hir_name, literals};
use crate::hir::{BinaryOp, ExprId, ExprKind, Literal, TypeHeadKind, UnaryOp};

impl BodyResolver<'_, '_> {
    pub fn expr(&mut self, expr: &ast::Expr) -> ExprId {
        let kind = self.expr_kind(expr);
        self.new_expr(kind, expr.span)
    }

    pub fn optional_expr(&mut self, expr: Option<&ast::Expr>) -> Option<ExprId> {
        expr.map(|expr| self.expr(expr))
    }

    fn exprs(&mut self, exprs: &[ast::Expr]) -> Vec<ExprId> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn expr_kind(&mut self, expr: &ast::Expr) -> ExprKind {
        let span = expr.span;
        match &expr.kind {
            ast::ExprKind::Int(literal) => literals::int(*literal),
            ast::ExprKind::Float(literal) => literals::float(*literal),
            ast::ExprKind::Char(value) => ExprKind::Literal(Literal::Char(*value)),
            ast::ExprKind::Bool(value) => ExprKind::Literal(Literal::Bool(*value)),
            ast::ExprKind::String(parts) => self.string(parts),
            ast::ExprKind::Path(path) => self.path_value(path),
            ast::ExprKind::SelfValue => self.self_value(span),
            ast::ExprKind::Tuple(items) => ExprKind::Tuple(self.exprs(items)),
            ast::ExprKind::List(items) => ExprKind::List(self.exprs(items)),
            ast::ExprKind::Unary { op, operand } => {
                let operand = self.expr(operand);
                ExprKind::Unary(unary_op(*op), operand)
            }
            ast::ExprKind::Binary { op, left, right, .. } => {
                let (left, right) = (self.expr(left), self.expr(right));
                binary(*op, left, right)
            }
            ast::ExprKind::Range { start, end, limits } => {
                let (start, end) = (self.expr(start), self.expr(end));
                ExprKind::Range { start, end, inclusive: *limits == ast::RangeLimits::Closed }
            }
            ast::ExprKind::Cast { operand, ty } => {
                let operand = self.expr(operand);
                ExprKind::Cast(operand, self.resolver.resolve_type(ty, self.scope))
            }
            ast::ExprKind::Call { callee, args } => self.call(callee, args),
            ast::ExprKind::MethodCall { receiver, name, type_args, args } => {
                self.method_call(receiver, *name, type_args, args)
            }
            ast::ExprKind::Field { base, name } => self.field(base, *name),
            ast::ExprKind::TupleField { base, index, index_span } => {
                ExprKind::TupleField(self.expr(base), *index, *index_span)
            }
            ast::ExprKind::Index { base, index } => {
                let (base, index) = (self.expr(base), self.expr(index));
                ExprKind::Index(base, index)
            }
            ast::ExprKind::Try(value) => {
                let mark = Span { start: span.end.saturating_sub(1), ..span };
                let is_allowed = self.may_return("?", mark);
                let value = self.expr(value);
                if is_allowed { ExprKind::Try(value) } else { ExprKind::Error }
            }
            ast::ExprKind::Block(block) => ExprKind::Block(self.block_contents(block)),
            ast::ExprKind::If(branch) => self.branch(branch),
            ast::ExprKind::Match { subject, arms } => self.match_expr(subject, arms),
            ast::ExprKind::While { label, condition, body } => self.while_loop(*label, condition, body),
            ast::ExprKind::Loop { label, body } => self.plain_loop(*label, body),
            ast::ExprKind::For(each) => self.for_loop(each),
            ast::ExprKind::Concurrent { options, scope, body } => {
                self.concurrent(options, *scope, body, span)
            }
            ast::ExprKind::Spawn { options, body } => self.spawn(options, body, span),
            ast::ExprKind::Return(value) => {
                let is_allowed = self.may_return("return", span);
                let value = self.optional_expr(value.as_deref());
                if is_allowed { ExprKind::Return(value) } else { ExprKind::Error }
            }
            ast::ExprKind::Break(value) => self.break_expr(value.as_deref(), span),
            ast::ExprKind::Continue(label) => self.continue_expr(*label, span),
            ast::ExprKind::Assign { place, op, value, .. } => self.assign(place, *op, value),
            ast::ExprKind::Closure(closure) => self.closure(closure, span),
            ast::ExprKind::Duration(nanoseconds) => self.duration(*nanoseconds, span),
            ast::ExprKind::Dict(entries) => {
                let entry = |(key, value): &(ast::Expr, ast::Expr)| (self.expr(key), self.expr(value));
                ExprKind::Dict(entries.iter().map(entry).collect())
            }
            ast::ExprKind::Race(arms) => self.race(arms, span),
            ast::ExprKind::Select { options, arms } => self.select(options, arms, span),
            ast::ExprKind::Atomically(blocks) => self.transaction(blocks, span),
            ast::ExprKind::Blocking(block) => self.blocking(block, span),
            ast::ExprKind::Retry => self.retry(span),
            ast::ExprKind::Error => ExprKind::Error,
        }
    }

    fn assign(&mut self, place: &ast::Expr, op: Option<ast::BinaryOp>, value: &ast::Expr) -> ExprKind {
        let (place, value) = (self.expr(place), self.expr(value));
        match op.map(|op| binary(op, place, value)) {
            None => ExprKind::Assign(place, value),
            Some(ExprKind::Binary(op, ..)) => ExprKind::OpAssign(op, place, value),
            // The grammar has no `and=` or `or=`.
            Some(_) => ExprKind::Error,
        }
    }

    fn field(&mut self, base: &ast::Expr, name: ast::Ident) -> ExprKind {
        if let Some(head) = self.type_before_dot(base) {
            return match head.kind {
                TypeHeadKind::Error => ExprKind::Error,
                _ if is_value_name(name.name) => ExprKind::StaticFn(head, hir_name(name)),
                _ => self.type_const(base, head, name),
            };
        }
        ExprKind::Field(self.expr(base), hir_name(name))
    }
}

fn unary_op(op: ast::UnaryOp) -> UnaryOp {
    match op {
        ast::UnaryOp::Neg => UnaryOp::Neg,
        ast::UnaryOp::BitNot => UnaryOp::BitNot,
        ast::UnaryOp::Not => UnaryOp::Not,
    }
}

/// The operation on two operands. `and` and `or` are kinds of their own, because they may skip the right one.
fn binary(op: ast::BinaryOp, left: ExprId, right: ExprId) -> ExprKind {
    let op = match op {
        ast::BinaryOp::And => return ExprKind::And(left, right),
        ast::BinaryOp::Or => return ExprKind::Or(left, right),
        ast::BinaryOp::Eq => BinaryOp::Eq,
        ast::BinaryOp::Ne => BinaryOp::Ne,
        ast::BinaryOp::Lt => BinaryOp::Lt,
        ast::BinaryOp::Le => BinaryOp::Le,
        ast::BinaryOp::Gt => BinaryOp::Gt,
        ast::BinaryOp::Ge => BinaryOp::Ge,
        ast::BinaryOp::BitOr => BinaryOp::BitOr,
        ast::BinaryOp::BitXor => BinaryOp::BitXor,
        ast::BinaryOp::BitAnd => BinaryOp::BitAnd,
        ast::BinaryOp::Shl => BinaryOp::Shl,
        ast::BinaryOp::Shr => BinaryOp::Shr,
        ast::BinaryOp::Add => BinaryOp::Add,
        ast::BinaryOp::Sub => BinaryOp::Sub,
        ast::BinaryOp::Mul => BinaryOp::Mul,
        ast::BinaryOp::Div => BinaryOp::Div,
        ast::BinaryOp::Rem => BinaryOp::Rem,
    };
    ExprKind::Binary(op, left, right)
}
