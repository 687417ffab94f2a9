//! The edits that make a variable an `Atomic`, which tasks may change together.

use plat_syntax::diagnostics::Edit;
use plat_syntax::source::Span;

use super::body::Checker;
use crate::hir::{BinaryOp, ExprId, ExprKind, LocalId, Statement};
use crate::types::TyKind;

impl Checker<'_, '_> {
    /// The edits, if the variable holds an integer or a `Bool` and an `Atomic` can do all that is done with it. Code in which more than an operator
    /// with a space on each side stands between two parts is left alone: it might be a bracket.
    pub(super) fn atomic_edits(&self, local: LocalId) -> Option<Vec<Edit>> {
        let ty = self.infer.with_defaults(self.locals[local].ty?);
        let is_integer = matches!(ty.kind(), TyKind::Int(_));
        if !is_integer && !matches!(ty.kind(), TyKind::Bool) {
            return None;
        }
        let mut edits = self.declaration_edits(local, &self.show(ty))?;
        let mut changed = Vec::new();
        for (id, expr) in self.body.exprs.iter_enumerated() {
            let (method, operator, place, value) = match expr.kind {
                ExprKind::Assign(place, value) => ("store", "=", place, value),
                ExprKind::OpAssign(op, place, value) => (method_of(op), "+=", place, value),
                _ => continue,
            };
            if self.is_use_of(place, local) {
                if method.is_empty() || !(is_integer || operator == "=") {
                    return None;
                }
                edits.extend(self.change_edits(id, method, operator, place, value)?);
                changed.push(place);
            }
        }
        for (id, expr) in self.body.exprs.iter_enumerated() {
            if self.passes_place(id, local) {
                return None;
            }
            if self.is_use_of(id, local) && !changed.contains(&id) {
                edits.push(Edit { span: expr.span.shrink_to_end(), replacement: ".load()".into() });
            }
        }
        Some(edits)
    }

    fn is_use_of(&self, id: ExprId, local: LocalId) -> bool {
        matches!(self.expr(id).kind, ExprKind::Local(used) if used == local)
    }

    /// `var n = 0` becomes `let n = Atomic<Int>.init(0)`.
    fn declaration_edits(&self, local: LocalId, ty: &str) -> Option<Vec<Edit>> {
        let declared = &self.body.locals[local];
        let value = self.locals[local].value?;
        let before = self.written_type(value).unwrap_or(declared.span);
        let span = self.span(value);
        is_between(before, "=", span).then_some(())?;
        let head = Span { end: span.start, ..declared.keyword? };
        let replacement = format!("let {} = Atomic<{ty}>.init(", declared.name);
        Some(vec![
            Edit { span: head, replacement },
            Edit { span: span.shrink_to_end(), replacement: ")".into() },
        ])
    }

    /// Where the type stands that a declaration with this value says.
    fn written_type(&self, declared: ExprId) -> Option<Span> {
        self.body.exprs.iter().find_map(|expr| {
            let ExprKind::Block(block) = &expr.kind else { return None };
            block.statements.iter().find_map(|statement| match statement {
                Statement::Let { value, ty: Some(ty), .. } if *value == Some(declared) => Some(ty.span),
                _ => None,
            })
        })
    }

    /// `n += value` becomes `n.fetch_add(value)`.
    fn change_edits(
        &self,
        whole: ExprId,
        method: &str,
        operator: &str,
        place: ExprId,
        value: ExprId,
    ) -> Option<[Edit; 2]> {
        let (whole, place, value) = (self.span(whole), self.span(place), self.span(value));
        let is_plain = is_between(place, operator, value) && whole.end == value.end;
        let between = Span { start: place.end, end: value.start, ..place };
        is_plain.then(|| {
            [
                Edit { span: between, replacement: format!(".{method}(") },
                Edit { span: value.shrink_to_end(), replacement: ")".into() },
            ]
        })
    }

    /// Whether a call, or a loop, gets the variable as a place.
    fn passes_place(&self, id: ExprId, local: LocalId) -> bool {
        match &self.expr(id).kind {
            ExprKind::Call { args, .. }
            | ExprKind::MethodCall { args, .. }
            | ExprKind::Construct { args, .. }
            | ExprKind::StaticCall { args, .. } => {
                args.iter().any(|arg| arg.is_inout && self.is_use_of(arg.value, local))
            }
            ExprKind::For { is_inout: true, iterable, .. } => self.is_use_of(*iterable, local),
            _ => false,
        }
    }
}

/// The method of `Atomic` for `op=`; empty if there is none.
fn method_of(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "fetch_add",
        BinaryOp::Sub => "fetch_sub",
        BinaryOp::BitAnd => "fetch_and",
        BinaryOp::BitOr => "fetch_or",
        _ => "",
    }
}

/// Whether nothing stands between the two but an operator as long as this one, with a space on each side.
fn is_between(left: Span, operator: &str, right: Span) -> bool {
    left.file == right.file && left.end + operator.len() as u32 + 2 == right.start
}
