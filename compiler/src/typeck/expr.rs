//! The type of an expression: one arm, one call.

use crate::hir::{ConstId, ExprId, ExprKind, LocalId, StringPart};
use crate::types::Ty;

use super::body::Checker;
use super::expect::Expect;
use super::settle::{Dropped, Need};

impl Checker<'_, '_> {
    /// Gives an expression its type. With [`Expect::Value`] the type need not be the expected one: see there.
    pub(super) fn infer(&mut self, id: ExprId, expect: Expect) -> Ty {
        let expect = self.settled(expect);
        let ty = self.infer_kind(id, expect);
        self.types.exprs[id] = ty;
        self.is_unreachable |= ty.is_never();
        ty
    }

    fn infer_kind(&mut self, id: ExprId, expect: Expect) -> Ty {
        match &self.expr(id).kind {
            ExprKind::Literal(literal) => self.infer_literal(id, literal, expect),
            ExprKind::Interpolate(parts) => self.infer_interpolation(parts),
            ExprKind::Local(local) => self.infer_local(*local),
            ExprKind::Const(constant) => self.infer_const(*constant),
            ExprKind::Fn(function, args) => self.infer_function_value(id, *function, args, expect),
            ExprKind::StaticFn(ty, name) => self.infer_static_fn(id, ty, *name, expect),
            ExprKind::Closure(closure) => self.infer_closure(id, closure, expect),
            ExprKind::Variant(enumeration, variant, args) => {
                self.infer_variant(id, *enumeration, *variant, args, expect)
            }
            ExprKind::BareVariant(name) => self.infer_bare_variant(id, *name, expect),
            ExprKind::TypeConst(ty, name) => self.infer_type_const(id, *ty, *name),
            ExprKind::Call { callee, args } => self.infer_call(id, *callee, args, expect),
            ExprKind::Construct { ty, bare, args } => self.infer_construct(id, ty, *bare, args, expect),
            ExprKind::StaticCall { ty, name, type_args, args } => {
                self.infer_static_call(id, ty, *name, type_args, args, expect)
            }
            ExprKind::MethodCall { receiver, name, type_args, args } => {
                self.infer_method_call(id, *receiver, *name, type_args, args, expect)
            }
            ExprKind::Field(base, name) => self.infer_field(id, *base, *name, expect),
            ExprKind::TupleField(base, position, span) => self.infer_tuple_field(id, *base, *position, *span),
            ExprKind::Index(base, index) => self.infer_index(id, *base, *index),
            ExprKind::Unary(op, operand) => self.infer_unary(id, *op, *operand, expect),
            ExprKind::Binary(op, left, right) => self.infer_binary(id, *op, *left, *right, expect),
            ExprKind::And(left, right) | ExprKind::Or(left, right) => self.infer_logical(*left, *right),
            ExprKind::Assign(place, value) => self.infer_assign(*place, *value),
            ExprKind::OpAssign(op, place, value) => self.infer_op_assign(id, *op, *place, *value),
            ExprKind::Cast(value, ty) => self.infer_cast(id, *value, *ty),
            ExprKind::Tuple(items) => self.infer_tuple(items, expect),
            ExprKind::List(items) => self.infer_list(id, items, expect),
            ExprKind::Dict(entries) => self.infer_dict(id, entries, expect),
            ExprKind::Range { start, end, .. } => self.infer_range(*start, *end, expect),
            ExprKind::Block(block) => self.infer_block(id, block, expect),
            ExprKind::If { condition, then, otherwise } => {
                self.infer_if(id, *condition, *then, *otherwise, expect)
            }
            ExprKind::Let(pat, value) => self.infer_let_condition(*pat, *value),
            ExprKind::Match { scrutinee, arms } => self.infer_match(id, *scrutinee, arms, expect),
            ExprKind::Loop(target, body) => self.infer_loop(*target, *body, expect),
            ExprKind::While(target, condition, body) => self.infer_while(*target, *condition, *body),
            ExprKind::For { id: target, is_inout: true, pat, ty, iterable, body } => {
                self.infer_for_inout(*target, *pat, *ty, *iterable, *body)
            }
            ExprKind::For { id: target, pat, ty, iterable, body, .. } => {
                self.infer_for(id, *target, *pat, *ty, *iterable, *body)
            }
            ExprKind::Break(target, value) => self.infer_break(id, *target, *value),
            ExprKind::Continue(_) => self.common.never,
            ExprKind::Return(value) => self.infer_return(id, *value),
            ExprKind::Try(value) => self.infer_try(id, *value),
            ExprKind::Leavable { call, gives, .. } => self.infer_leavable(*call, *gives, expect),
            ExprKind::Concurrent { options, name, body } => {
                self.check_scope_options(options);
                name.iter().for_each(|&name| self.declare_scope(name));
                self.infer(*body, expect)
            }
            ExprKind::Race(arms) => self.infer_race(id, arms, expect),
            ExprKind::Spawn { task, name, is_in_scope } => {
                self.infer_spawn(id, task.body, *name, *is_in_scope, expect)
            }
            ExprKind::Error => self.common.error,
        }
    }

    /// The expectation, where an unknown type counts as none: the expression then says what it is.
    fn settled(&self, expect: Expect) -> Expect {
        match expect {
            Expect::Value(ty, why) => match self.infer.unbound(ty) {
                Some(super::infer::VarKind::Any) => Expect::Nothing,
                _ => Expect::Value(self.infer.shallow(ty), why),
            },
            other => other,
        }
    }

    /// Checks an expression whose value is dropped.
    pub(super) fn drop_value(&mut self, id: ExprId) {
        self.drop_value_as(id, Dropped::Tail);
    }

    /// Checks an expression whose value is dropped in this way.
    pub(super) fn drop_value_as(&mut self, id: ExprId, how: Dropped) {
        self.infer(id, Expect::Dropped);
        if !self.passes_value_on(id) {
            self.pending.dropped.push((id, how));
        }
    }

    /// Whether the expression's value is that of another in it, which is dropped (and warned of) by itself.
    fn passes_value_on(&self, id: ExprId) -> bool {
        matches!(
            self.expr(id).kind,
            ExprKind::Block(_) | ExprKind::If { .. } | ExprKind::Match { .. } | ExprKind::Concurrent { .. }
        )
    }

    fn infer_local(&mut self, local: LocalId) -> Ty {
        self.locals[local].ty.unwrap_or(self.common.error)
    }

    fn infer_const(&mut self, constant: ConstId) -> Ty {
        self.program.const_types[constant]
    }

    fn infer_interpolation(&mut self, parts: &[StringPart]) -> Ty {
        for part in parts {
            if let StringPart::Value(value, format) = part {
                let ty = self.infer(*value, Expect::Nothing);
                self.require(ty, Need::Display, self.span(*value));
                if let Some(need) = Need::of_format(format) {
                    self.require(ty, need, self.span(*value));
                }
            }
        }
        self.common.string
    }
}
