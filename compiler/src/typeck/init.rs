//! Locals that are declared without a value: assigned before they are used, and a `let` only once.
//!
//! Follows the structure of the body, not a graph: what is surely and what is perhaps assigned goes in and comes out of
//! each expression, in the order of evaluation. Bodies without such locals, which is most, are not looked at.

use std::collections::HashMap;

use plat_syntax::diagnostics::Diagnostic;
use plat_syntax::source::Span;

use crate::hir::{
    Arg, Arm, Block, ExprId, ExprKind, LocalId, LocalKind, LoopId, PatId, PatKind, Statement, StringPart,
};

use super::body::Checker;
use super::errors::places as errors;

/// Checks the locals of a body that are declared without a value.
pub(super) fn check(checker: &Checker<'_, '_>, late: &[LocalId]) -> Vec<Diagnostic> {
    let (Some(value), false) = (checker.body.value, late.is_empty()) else { return Vec::new() };
    let mut flow = Flow {
        checker,
        slots: late.iter().enumerate().map(|(slot, &local)| (local, slot)).collect(),
        state: State { sure: Bits::new(late.len()), perhaps: Bits::new(late.len()), is_reachable: true },
        loops: HashMap::new(),
        assignments: Vec::new(),
        declared: Vec::new(),
        found: Vec::new(),
    };
    flow.expr(value);
    flow.found
}

/// What is assigned at one point.
#[derive(Clone)]
struct State {
    sure: Bits,
    perhaps: Bits,
    is_reachable: bool,
}

impl State {
    /// What holds where two ways meet.
    fn join(&mut self, other: &Self) {
        match (self.is_reachable, other.is_reachable) {
            (_, false) => {}
            (false, true) => *self = other.clone(),
            (true, true) => {
                self.sure.intersect(&other.sure);
                self.perhaps.unite(&other.perhaps);
            }
        }
    }

    fn unreachable(&self) -> Self {
        Self { is_reachable: false, ..self.clone() }
    }
}

/// A set of slots.
#[derive(Clone)]
struct Bits(Vec<u64>);

impl Bits {
    fn new(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    fn has(&self, slot: usize) -> bool {
        self.0[slot / 64] >> (slot % 64) & 1 == 1
    }

    fn set(&mut self, slot: usize, value: bool) {
        let bit = 1 << (slot % 64);
        if value { self.0[slot / 64] |= bit } else { self.0[slot / 64] &= !bit }
    }

    fn intersect(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= b);
    }

    fn unite(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }
}

/// Where the ways out of a loop, and back to its beginning, come together.
struct LoopExits {
    after: State,
    again: State,
}

struct Flow<'c> {
    checker: &'c Checker<'c, 'c>,
    slots: HashMap<LocalId, usize>,
    state: State,
    loops: HashMap<LoopId, LoopExits>,
    /// Every assignment met, in order.
    assignments: Vec<(usize, Span)>,
    /// Every declaration met, in order.
    declared: Vec<usize>,
    found: Vec<Diagnostic>,
}

impl Flow<'_> {
    fn expr(&mut self, id: ExprId) {
        if !self.state.is_reachable {
            return;
        }
        self.expr_kind(id);
        if self.checker.types.exprs[id].is_never() {
            self.state.is_reachable = false;
        }
    }

    fn exprs(&mut self, ids: impl IntoIterator<Item = ExprId>) {
        ids.into_iter().for_each(|id| self.expr(id));
    }

    fn expr_kind(&mut self, id: ExprId) {
        match &self.checker.expr(id).kind {
            ExprKind::Literal(_)
            | ExprKind::Const(_)
            | ExprKind::Fn(..)
            | ExprKind::Variant(..)
            | ExprKind::BareVariant(_)
            | ExprKind::TypeConst(..)
            | ExprKind::Error => {}
            ExprKind::Interpolate(parts) => self.interpolation(parts),
            ExprKind::Local(local) => self.use_local(*local, self.checker.span(id)),
            ExprKind::Call { callee, args } => {
                self.expr(*callee);
                self.args(args);
            }
            ExprKind::Construct { args, .. } | ExprKind::StaticCall { args, .. } => self.args(args),
            ExprKind::MethodCall { receiver, args, .. } => {
                self.expr(*receiver);
                self.args(args);
            }
            ExprKind::Field(base, _)
            | ExprKind::TupleField(base, ..)
            | ExprKind::Unary(_, base)
            | ExprKind::Cast(base, _)
            | ExprKind::Try(base)
            | ExprKind::Concurrent(base) => self.expr(*base),
            ExprKind::Index(left, right) | ExprKind::Binary(_, left, right) => self.exprs([*left, *right]),
            ExprKind::Range { start, end, .. } => self.exprs([*start, *end]),
            ExprKind::And(left, right) | ExprKind::Or(left, right) => {
                self.expr(*left);
                self.optional(*right);
            }
            ExprKind::Assign(place, value) => self.assign(*place, *value),
            ExprKind::OpAssign(_, place, value) => self.exprs([*place, *value]),
            ExprKind::Tuple(items) | ExprKind::List(items) => self.exprs(items.iter().copied()),
            ExprKind::Dict(entries) => {
                self.exprs(entries.iter().flat_map(|&(key, value)| [key, value]));
            }
            ExprKind::Block(block) => self.block(block),
            ExprKind::If { condition, then, otherwise } => self.branch(*condition, *then, *otherwise),
            ExprKind::Let(_, value) => self.expr(*value),
            ExprKind::Match { scrutinee, arms } => self.matching(*scrutinee, arms),
            ExprKind::Loop(target, body) => self.loop_with(*target, None, *body),
            ExprKind::While(target, condition, body) => self.loop_with(*target, Some(*condition), *body),
            ExprKind::For { id: target, iterable, body, .. } => {
                self.expr(*iterable);
                self.for_loop(*target, *body);
            }
            ExprKind::Break(target, value) => {
                self.exprs(*value);
                self.leave_loop(*target, |exits| &mut exits.after);
            }
            ExprKind::Continue(target) => self.leave_loop(*target, |exits| &mut exits.again),
            ExprKind::Return(value) => self.exprs(*value),
            ExprKind::Spawn { body, captures, .. } => {
                self.body_apart(*body, captures, self.checker.span(id));
            }
        }
    }

    fn interpolation(&mut self, parts: &[StringPart]) {
        for part in parts {
            if let StringPart::Value(value, _) = part {
                self.expr(*value);
            }
        }
    }

    fn args(&mut self, args: &[Arg]) {
        self.exprs(args.iter().map(|arg| arg.value));
    }

    fn use_local(&mut self, local: LocalId, span: Span) {
        let Some(&slot) = self.slots.get(&local) else { return };
        if !self.state.sure.has(slot) {
            let declared = &self.checker.body.locals[local];
            let is_perhaps = self.state.perhaps.has(slot);
            self.found.push(errors::used_before_assignment(span, declared.name, declared.span, is_perhaps));
            self.state.sure.set(slot, true);
        }
    }

    /// The value is computed before the place is taken.
    fn assign(&mut self, place: ExprId, value: ExprId) {
        let ExprKind::Local(local) = self.checker.expr(place).kind else { return self.exprs([value, place]) };
        self.expr(value);
        let Some(&slot) = self.slots.get(&local) else { return };
        if !self.state.is_reachable {
            return;
        }
        let span = self.checker.span(place);
        if self.state.perhaps.has(slot) {
            self.report_second(slot, span);
        }
        self.assignments.push((slot, span));
        self.state.sure.set(slot, true);
        self.state.perhaps.set(slot, true);
    }

    /// A `var` may be assigned again.
    fn report_second(&mut self, slot: usize, span: Span) {
        let Some((&local, _)) = self.slots.iter().find(|&(_, &other)| other == slot) else { return };
        let declared = &self.checker.body.locals[local];
        if declared.kind != LocalKind::Let {
            return;
        }
        let first = self.assignments.iter().find(|&&(other, at)| other == slot && at != span);
        let first = first.map(|&(_, at)| at);
        self.found.push(errors::assigned_twice(span, declared.name, first, declared.keyword));
    }

    fn block(&mut self, block: &Block) {
        for statement in &block.statements {
            match statement {
                Statement::Expr(expr) => self.expr(*expr),
                Statement::Defer { body, captures, span } => self.body_apart(*body, captures, *span),
                Statement::Let { pat, value: None, .. } => self.declare(*pat),
                Statement::Let { value: Some(value), otherwise, .. } => {
                    self.expr(*value);
                    if let Some(otherwise) = *otherwise {
                        self.optional(otherwise);
                    }
                }
            }
        }
        self.exprs(block.tail);
    }

    fn declare(&mut self, pat: PatId) {
        if let PatKind::Bind(local) = self.checker.body.pats[pat].kind
            && let Some(&slot) = self.slots.get(&local)
        {
            self.state.sure.set(slot, false);
            self.state.perhaps.set(slot, false);
            self.declared.push(slot);
        }
    }

    /// Something that is perhaps evaluated.
    fn optional(&mut self, id: ExprId) {
        let without = self.state.clone();
        self.expr(id);
        self.state.join(&without);
    }

    fn branch(&mut self, condition: ExprId, then: ExprId, otherwise: Option<ExprId>) {
        self.expr(condition);
        let before = self.state.clone();
        self.expr(then);
        let after_then = std::mem::replace(&mut self.state, before);
        self.exprs(otherwise);
        self.state.join(&after_then);
    }

    fn matching(&mut self, scrutinee: ExprId, arms: &[Arm]) {
        self.expr(scrutinee);
        let mut before = self.state.clone();
        let mut after = self.state.unreachable();
        for arm in arms {
            self.state = before.clone();
            if let Some(guard) = arm.guard {
                self.expr(guard);
                before.join(&self.state);
            }
            self.expr(arm.body);
            after.join(&self.state);
        }
        self.state = after;
    }

    fn enter_loop(&mut self, target: LoopId) {
        let nowhere = self.state.unreachable();
        self.loops.insert(target, LoopExits { after: nowhere.clone(), again: nowhere });
    }

    fn leave_loop(&mut self, target: LoopId, way: impl Fn(&mut LoopExits) -> &mut State) {
        if let Some(exits) = self.loops.get_mut(&target)
            && self.state.is_reachable
        {
            way(exits).join(&self.state);
        }
        self.state.is_reachable = false;
    }

    fn loop_with(&mut self, target: LoopId, condition: Option<ExprId>, body: ExprId) {
        self.enter_loop(target);
        let mark = (self.assignments.len(), self.declared.len());
        let before = self.state.clone();
        self.exprs(condition);
        let done = if condition.is_some() { self.state.clone() } else { self.state.unreachable() };
        self.expr(body);
        self.end_loop(target, &before, mark, done);
    }

    fn for_loop(&mut self, target: LoopId, body: ExprId) {
        self.enter_loop(target);
        let mark = (self.assignments.len(), self.declared.len());
        let before = self.state.clone();
        self.expr(body);
        let done = before.clone();
        self.end_loop(target, &before, mark, done);
    }

    /// Comes together after a loop, which is left with the state `done` when its condition fails. What was assigned on the
    /// way back to the beginning would be assigned again by the next round.
    fn end_loop(&mut self, target: LoopId, before: &State, mark: (usize, usize), done: State) {
        let Some(mut exits) = self.loops.remove(&target) else { return };
        exits.again.join(&self.state);
        if exits.again.is_reachable {
            self.report_repeated(before, &exits.again, mark);
        }
        let mut after = done;
        if after.is_reachable && exits.again.is_reachable {
            after.perhaps.unite(&exits.again.perhaps);
        }
        after.join(&exits.after);
        self.state = after;
    }

    fn report_repeated(&mut self, before: &State, again: &State, (assigned, declared): (usize, usize)) {
        let repeated: Vec<_> = self.assignments[assigned..]
            .iter()
            .copied()
            .filter(|&(slot, _)| again.perhaps.has(slot) && !before.perhaps.has(slot))
            .filter(|&(slot, _)| !self.declared[declared..].contains(&slot))
            .collect();
        for (slot, span) in repeated {
            self.report_second(slot, span);
        }
    }

    /// A task captures what has a value when it is spawned, a `defer` what has one when it is met.
    fn body_apart(&mut self, body: ExprId, captures: &[LocalId], span: Span) {
        for &capture in captures {
            self.use_local(capture, span);
        }
        let before = self.state.clone();
        self.expr(body);
        self.state = before;
    }
}
