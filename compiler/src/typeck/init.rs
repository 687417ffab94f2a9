//! Locals that are declared without a value, and the fields of `self` in an initialiser: assigned before they are used, and
//! a `let` only once.
//!
//! Follows the structure of the body, not a graph: what is surely and what is perhaps assigned goes in and comes out of
//! each expression, in the order of evaluation. Bodies with nothing of the kind, which is most, are not looked at.
//!
//! Until all fields of `self` are set there is no value that `self` could be: the first use of it as a whole makes one. Where
//! that happens on one of several ways only, [`Completion`] says when it is made on the others.

use plat_syntax::diagnostics::Diagnostic;
use plat_syntax::hash::HashMap;
use plat_syntax::source::Span;

use crate::hir::{
    AggregateId, Arg, Arm, Block, ExprId, ExprKind, FieldId, FnKind, Leave, LocalId, LocalKind, LoopId,
    PatId, PatKind, Statement, StringPart,
};

use super::body::Checker;
use super::errors::initialisers::Path;
use super::errors::places as errors;
use super::results::Completion;

/// What the flow of a body says.
#[derive(Default)]
pub(super) struct Findings {
    /// What is wrong.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// When `self` of an initialiser becomes a value, for the branching expressions in which it may.
    pub(super) completions: HashMap<ExprId, Completion>,
}

/// Checks the locals of a body that are declared without a value, and the fields of `self` in an initialiser.
pub(super) fn check(checker: &Checker<'_, '_>, late: &[LocalId]) -> Findings {
    let Some(value) = checker.body.value else { return Findings::default() };
    let this = initialised(checker);
    if late.is_empty() && this.is_none() {
        return Findings::default();
    }
    let fields =
        this.iter().flat_map(|&(_, aggregate)| checker.program.definitions().fields(aggregate).ids());
    let followed: Vec<Slot> =
        late.iter().map(|&local| Slot::Local(local)).chain(fields.map(Slot::Field)).collect();
    let nothing = Bits::new(followed.len());
    let mut flow = Flow {
        checker,
        this: this.map(|(local, _)| local),
        initialised: this.map(|(_, aggregate)| aggregate),
        slots: followed.iter().enumerate().map(|(slot, &followed)| (followed, slot)).collect(),
        lost: vec![None; followed.len()],
        followed,
        state: State { sure: nothing.clone(), perhaps: nothing, whole: None, is_reachable: true },
        loops: HashMap::default(),
        assignments: Vec::new(),
        declared: Vec::new(),
        whole_uses: 0,
        findings: Findings::default(),
    };
    flow.begin();
    flow.expr(value);
    if flow.state.is_reachable {
        flow.end_initialiser(checker.span(value).shrink_to_end());
    }
    flow.findings
}

/// What is followed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    /// A local that is declared without a value.
    Local(LocalId),
    /// A field of `self`.
    Field(FieldId),
}

/// `self` of an initialiser, and what it is to be.
fn initialised(checker: &Checker<'_, '_>) -> Option<(LocalId, AggregateId)> {
    if checker.function.kind != FnKind::Init {
        return None;
    }
    let &local = checker.body.params.first()?;
    let (aggregate, _) = AggregateId::of(checker.locals[local].ty?)?;
    Some((local, aggregate))
}

/// Whether the expression may evaluate one of its parts or another.
fn is_branching(kind: &ExprKind) -> bool {
    matches!(
        kind,
        ExprKind::If { .. }
            | ExprKind::Match { .. }
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Loop(..)
            | ExprKind::While(..)
            | ExprKind::For { .. }
    )
}

/// What is assigned at one point.
#[derive(Clone)]
pub(super) struct State {
    pub(super) sure: Bits,
    pub(super) perhaps: Bits,
    /// Where `self` was first used as a value on the way here.
    pub(super) whole: Option<Span>,
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
                self.whole = self.whole.or(other.whole);
            }
        }
    }

    fn unreachable(&self) -> Self {
        Self { is_reachable: false, ..self.clone() }
    }
}

/// A set of slots.
#[derive(Clone)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn new(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    pub(super) fn has(&self, slot: usize) -> bool {
        self.0[slot / 64] >> (slot % 64) & 1 == 1
    }

    pub(super) fn set(&mut self, slot: usize, value: bool) {
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

pub(super) struct Flow<'c> {
    pub(super) checker: &'c Checker<'c, 'c>,
    /// `self` of the initialiser, outside of tasks.
    pub(super) this: Option<LocalId>,
    /// What the initialiser makes.
    pub(super) initialised: Option<AggregateId>,
    pub(super) followed: Vec<Slot>,
    pub(super) slots: HashMap<Slot, usize>,
    /// The way on which each slot is not assigned, though it is on others.
    pub(super) lost: Vec<Option<Path>>,
    pub(super) state: State,
    loops: HashMap<LoopId, LoopExits>,
    /// Every assignment met, in order.
    pub(super) assignments: Vec<(usize, Span)>,
    /// Every declaration met, in order.
    declared: Vec<usize>,
    /// How often `self` was used as a value so far.
    pub(super) whole_uses: usize,
    pub(super) findings: Findings,
}

impl Flow<'_> {
    fn expr(&mut self, id: ExprId) {
        if !self.state.is_reachable {
            return;
        }
        let (uses, is_complete) = (self.whole_uses, self.is_complete());
        self.expr_kind(id);
        if self.whole_uses > uses && is_branching(&self.checker.expr(id).kind) {
            let completion = if is_complete { Completion::Before } else { Completion::Within };
            self.findings.completions.insert(id, completion);
        }
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
            | ExprKind::StaticFn(..)
            | ExprKind::Variant(..)
            | ExprKind::BareVariant(_)
            | ExprKind::TypeConst(..)
            | ExprKind::Error => {}
            ExprKind::Interpolate(parts) => self.interpolation(parts),
            ExprKind::Local(local) if self.is_self(*local) => self.use_whole(self.checker.span(id)),
            ExprKind::Local(local) => self.use_local(*local, self.checker.span(id)),
            ExprKind::Call { callee, args } => {
                self.expr(*callee);
                self.args(args);
            }
            ExprKind::Construct { args, .. } | ExprKind::StaticCall { args, .. } => self.args(args),
            ExprKind::MethodCall { receiver, args, .. } => {
                self.expr(*receiver);
                if self.changes_receiver(id) {
                    self.change(*receiver);
                }
                self.args(args);
            }
            ExprKind::Field(..) if self.own_field(id).is_some() => self.use_field(id),
            ExprKind::Field(base, _)
            | ExprKind::TupleField(base, ..)
            | ExprKind::Unary(_, base)
            | ExprKind::Cast(base, _)
            | ExprKind::Try(base) => self.expr(*base),
            ExprKind::Leavable { call, bodies, .. } => self.leavable(*call, bodies),
            ExprKind::Concurrent { options, body, .. } => {
                self.exprs(options.iter().map(|option| option.value));
                self.expr(*body);
            }
            ExprKind::Race(arms) => {
                for arm in arms {
                    self.body_apart(arm.body, &arm.captures, self.checker.span(id));
                }
            }
            ExprKind::Index(left, right) | ExprKind::Binary(_, left, right) => self.exprs([*left, *right]),
            ExprKind::Range { start, end, .. } => self.exprs([*start, *end]),
            ExprKind::And(left, right) | ExprKind::Or(left, right) => {
                self.expr(*left);
                self.optional(*right);
            }
            ExprKind::Assign(place, value) => self.assign(*place, *value),
            ExprKind::OpAssign(_, place, value) => {
                self.exprs([*place, *value]);
                self.change(*place);
            }
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
            ExprKind::Return(value) => {
                self.exprs(*value);
                if self.state.is_reachable {
                    self.end_initialiser(self.checker.span(id));
                }
            }
            ExprKind::Spawn { task, name, .. } => {
                self.exprs(*name);
                self.body_apart(task.body, &task.captures, self.checker.span(id));
            }
            ExprKind::Closure(closure) => {
                self.body_apart(closure.body, &closure.captures, self.checker.span(id));
            }
        }
    }

    /// Where the body of a limited scope or a transaction leaves more than that, it has assigned nothing that is followed.
    fn leavable(&mut self, call: ExprId, bodies: &[ExprId]) {
        self.expr(call);
        // They all have the same ways.
        let Some(&body) = bodies.first() else { return };
        let ExprKind::Closure(closure) = &self.checker.expr(body).kind else { return };
        for leave in &closure.leaves {
            let before = self.state.clone();
            match *leave {
                Leave::Function => self.end_initialiser(self.checker.span(call)),
                Leave::Loop(target) => self.leave_loop(target, |exits| &mut exits.after),
                Leave::Round(target) => self.leave_loop(target, |exits| &mut exits.again),
            }
            self.state = before;
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
        for arg in args.iter().filter(|arg| arg.is_inout) {
            self.change(arg.value);
        }
    }

    fn use_local(&mut self, local: LocalId, span: Span) {
        let Some(&slot) = self.slots.get(&Slot::Local(local)) else { return };
        if !self.state.sure.has(slot) {
            let declared = &self.checker.body.locals[local];
            let is_perhaps = self.state.perhaps.has(slot);
            self.findings.diagnostics.push(errors::used_before_assignment(
                span,
                declared.name,
                declared.span,
                is_perhaps,
            ));
            self.state.sure.set(slot, true);
        }
    }

    /// The value is computed before the place is taken.
    fn assign(&mut self, place: ExprId, value: ExprId) {
        let target = match self.checker.expr(place).kind {
            ExprKind::Local(local) => Some(Slot::Local(local)),
            _ => self.own_field(place).map(Slot::Field),
        };
        let Some(target) = target else { return self.exprs([value, place]) };
        self.expr(value);
        let Some(&slot) = self.slots.get(&target) else { return };
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
    pub(super) fn report_second(&mut self, slot: usize, span: Span) {
        let first = self.assignments.iter().find(|&&(other, at)| other == slot && at != span);
        let first = first.map(|&(_, at)| at);
        let local = match self.followed[slot] {
            Slot::Local(local) => local,
            Slot::Field(field) => return self.report_field_twice(field, span, first),
        };
        let declared = &self.checker.body.locals[local];
        if declared.kind != LocalKind::Let {
            return;
        }
        self.findings.diagnostics.push(errors::assigned_twice(span, declared.name, first, declared.keyword));
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
            && let Some(&slot) = self.slots.get(&Slot::Local(local))
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
        self.meet(&without, Path::Skipped(self.checker.span(id)), Path::Skipped(self.checker.span(id)));
    }

    /// Goes on where the state that was reached last, by the way `here`, and another one come together.
    fn meet(&mut self, other: &State, here: Path, there: Path) {
        if self.state.is_reachable && other.is_reachable {
            for slot in 0..self.followed.len() {
                match (self.state.sure.has(slot), other.sure.has(slot)) {
                    (false, true) => self.lost[slot] = Some(here),
                    (true, false) => self.lost[slot] = Some(there),
                    _ => {}
                }
            }
        }
        let is_mixed = self.state.whole.is_some() != other.whole.is_some();
        let are_both = self.state.is_reachable && other.is_reachable;
        self.state.join(other);
        if is_mixed && are_both {
            self.report_mixed();
        }
    }

    fn branch(&mut self, condition: ExprId, then: ExprId, otherwise: Option<ExprId>) {
        self.expr(condition);
        let before = self.state.clone();
        self.expr(then);
        let after_then = std::mem::replace(&mut self.state, before);
        self.exprs(otherwise);
        let span = self.checker.span(condition);
        let here = otherwise
            .map_or(Path::ConditionFails(span), |otherwise| Path::Branch(self.checker.span(otherwise)));
        self.meet(&after_then, here, Path::Branch(self.checker.span(then)));
    }

    fn matching(&mut self, scrutinee: ExprId, arms: &[Arm]) {
        self.expr(scrutinee);
        let mut before = self.state.clone();
        let mut after = self.state.unreachable();
        let mut last = Path::Branch(self.checker.span(scrutinee));
        for arm in arms {
            self.state = before.clone();
            if let Some(guard) = arm.guard {
                self.expr(guard);
                before.join(&self.state);
            }
            self.expr(arm.body);
            let path = Path::Branch(arm.span);
            self.meet(&after, path, last);
            if after.is_reachable || self.state.is_reachable {
                last = path;
            }
            after = std::mem::replace(&mut self.state, before.clone());
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
        let ways = [&self.state, &exits.again, &exits.after];
        let whole = ways.iter().find_map(|way| way.whole.filter(|_| way.is_reachable));
        if let (Some(span), None, false) = (whole, before.whole, self.is_complete_in(before)) {
            self.report_whole_in_part(span, before);
        }
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

    /// A task captures what has a value when it is spawned, a closure what has one when it is made, a `defer` what has one
    /// when it is met.
    fn body_apart(&mut self, body: ExprId, captures: &[LocalId], span: Span) {
        for &capture in captures {
            if self.is_self(capture) {
                self.use_whole(span);
            } else {
                self.use_local(capture, span);
            }
        }
        let before = self.state.clone();
        let this = self.this.take();
        self.expr(body);
        self.this = this;
        self.state = before;
    }
}
