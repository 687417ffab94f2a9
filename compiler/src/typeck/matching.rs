//! `match`, and `let pattern = value` as a condition.

use crate::hir::{Arg, Arm, ExprId, ExprKind, PatId, SELECT_LOCAL};
use crate::types::Ty;

use super::body::Checker;
use super::expect::{BranchKind, Expect};
use super::settle::{MatchCheck, MatchKind};

impl Checker<'_, '_> {
    pub(super) fn infer_match(&mut self, id: ExprId, scrutinee: ExprId, arms: &[Arm], expect: Expect) -> Ty {
        let matched = self.infer(scrutinee, Expect::Nothing);
        let branch = if self.matches_select(scrutinee) { BranchKind::SelectArm } else { BranchKind::Arm };
        let before = self.is_unreachable;
        let mut all_end = true;
        let mut common: Option<(Ty, ExprId)> = None;
        for arm in arms {
            self.is_unreachable = before;
            self.check_pattern(arm.pat, matched);
            if let Some(guard) = arm.guard {
                self.check_condition(guard);
                self.is_unreachable = before;
            }
            common = Some(self.infer_arm(arm, common, expect, branch));
            all_end &= self.is_unreachable;
        }
        self.is_unreachable = before || all_end;
        let arms = arms.iter().map(|arm| (arm.pat, arm.guard.is_some())).collect();
        let kind = MatchKind::Match { scrutinee };
        self.pending.matches.push(MatchCheck { kind, arms, span: self.span(id) });
        common.map_or(self.common.never, |(ty, _)| ty)
    }

    /// The type of the arms so far, and the first that has it.
    fn infer_arm(
        &mut self,
        arm: &Arm,
        common: Option<(Ty, ExprId)>,
        expect: Expect,
        branch: BranchKind,
    ) -> (Ty, ExprId) {
        match common {
            Some((ty, first)) if !ty.is_never() => {
                let written = if branch == BranchKind::SelectArm { self.written_arm(first) } else { first };
                (self.join_branch(arm.body, ty, expect, branch, written), first)
            }
            _ => (self.infer_branch(arm.body, expect), arm.body),
        }
    }

    /// Whether what is matched is a part of a `select`: which operation was chosen, or what it has given. `resolve` makes both of hidden
    /// variables.
    pub(super) fn matches_select(&self, scrutinee: ExprId) -> bool {
        match &self.expr(scrutinee).kind {
            ExprKind::Local(local) => self.body.locals[*local].name.as_str() == SELECT_LOCAL,
            ExprKind::MethodCall { args, .. } => match args[..] {
                [Arg { value, .. }] => self.matches_select(value),
                _ => false,
            },
            _ => false,
        }
    }

    /// The body, as written, of the first arm of those that one operation of a `select` has.
    fn written_arm(&self, body: ExprId) -> ExprId {
        match &self.expr(self.value_of(body)).kind {
            ExprKind::Match { scrutinee, arms } if self.matches_select(*scrutinee) && !arms.is_empty() => {
                self.written_arm(arms[0].body)
            }
            _ => body,
        }
    }

    /// `let pattern = value` as a condition.
    pub(super) fn infer_let_condition(&mut self, pat: PatId, value: ExprId) -> Ty {
        let ty = self.infer(value, Expect::Nothing);
        self.check_pattern(pat, ty);
        self.pending.matches.push(MatchCheck::single(MatchKind::Conditional, pat, self.pat_span(pat)));
        self.common.bool
    }
}
