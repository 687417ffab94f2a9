//! Walking expressions and patterns.

use super::{Body, ExprId, ExprKind, LocalId, PatId, PatKind, Statement, StringPart};

impl Body {
    /// Calls `visit` with each expression directly inside another, in order of evaluation where it has one: the value of
    /// an assignment before its place.
    pub fn for_each_child(&self, id: ExprId, mut visit: impl FnMut(ExprId)) {
        match &self.exprs[id].kind {
            ExprKind::Literal(_)
            | ExprKind::Local(_)
            | ExprKind::Const(_)
            | ExprKind::Fn(..)
            | ExprKind::StaticFn(..)
            | ExprKind::Variant(..)
            | ExprKind::BareVariant(_)
            | ExprKind::TypeConst(..)
            | ExprKind::Continue(_)
            | ExprKind::Error => {}
            ExprKind::Interpolate(parts) => {
                for part in parts {
                    if let StringPart::Value(value, _) = part {
                        visit(*value);
                    }
                }
            }
            ExprKind::Call { callee: first, args } | ExprKind::MethodCall { receiver: first, args, .. } => {
                visit(*first);
                args.iter().for_each(|arg| visit(arg.value));
            }
            ExprKind::Construct { args, .. } | ExprKind::StaticCall { args, .. } => {
                args.iter().for_each(|arg| visit(arg.value));
            }
            ExprKind::Field(only, _)
            | ExprKind::TupleField(only, ..)
            | ExprKind::Unary(_, only)
            | ExprKind::Cast(only, _)
            | ExprKind::Try(only)
            | ExprKind::Let(_, only)
            | ExprKind::Leavable { call: only, .. }
            | ExprKind::Loop(_, only) => visit(*only),
            ExprKind::Concurrent { options, body, .. } => {
                options.iter().for_each(|option| visit(option.value));
                visit(*body);
            }
            ExprKind::Race(arms) => arms.iter().for_each(|arm| visit(arm.body)),
            ExprKind::Spawn { task, name, .. } => {
                name.iter().copied().for_each(&mut visit);
                visit(task.body);
            }
            ExprKind::Closure(closure) => visit(closure.body),
            ExprKind::Assign(place, value) | ExprKind::OpAssign(_, place, value) => {
                visit(*value);
                visit(*place);
            }
            ExprKind::Index(left, right)
            | ExprKind::Binary(_, left, right)
            | ExprKind::And(left, right)
            | ExprKind::Or(left, right)
            | ExprKind::Range { start: left, end: right, .. }
            | ExprKind::While(_, left, right)
            | ExprKind::For { iterable: left, body: right, .. } => {
                visit(*left);
                visit(*right);
            }
            ExprKind::Dict(entries) => entries.iter().for_each(|&(key, value)| {
                visit(key);
                visit(value);
            }),
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().copied().for_each(visit),
            ExprKind::Block(block) => {
                for statement in &block.statements {
                    match statement {
                        Statement::Expr(expr) | Statement::Defer { body: expr, .. } => visit(*expr),
                        Statement::Let { value, otherwise, .. } => {
                            value.iter().chain(otherwise).copied().for_each(&mut visit);
                        }
                    }
                }
                block.tail.into_iter().for_each(visit);
            }
            ExprKind::If { condition, then, otherwise } => {
                visit(*condition);
                visit(*then);
                otherwise.iter().copied().for_each(visit);
            }
            ExprKind::Match { scrutinee, arms } => {
                visit(*scrutinee);
                for arm in arms {
                    arm.guard.into_iter().for_each(&mut visit);
                    visit(arm.body);
                }
            }
            ExprKind::Break(_, value) | ExprKind::Return(value) => value.iter().copied().for_each(visit),
        }
    }

    /// Calls `visit` with each name that the pattern binds; those of alternatives once for each.
    pub fn for_each_bound(&self, pat: PatId, visit: &mut impl FnMut(LocalId)) {
        match &self.pats[pat].kind {
            PatKind::Bind(local) => visit(*local),
            PatKind::Tuple(items) | PatKind::Or(items) => {
                items.iter().for_each(|&item| self.for_each_bound(item, visit));
            }
            PatKind::Variant(_, _, args) | PatKind::Bare(_, args) | PatKind::Struct(_, args) => {
                args.items.iter().for_each(|&(_, item)| self.for_each_bound(item, visit));
            }
            PatKind::Wild
            | PatKind::Literal(..)
            | PatKind::Const(_)
            | PatKind::Range { .. }
            | PatKind::Error => {}
        }
    }
}
