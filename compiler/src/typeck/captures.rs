//! What closures capture, and how: by value, by reference, or the variable itself.
//!
//! A `let` is captured by value. A `var`, an `inout` parameter or the `self` of a `mut fn` is captured by value if
//! nobody changes it once the closure is made; else the variable itself moves into the closure if nobody else uses
//! it from then on; else the closure refers to it where it stands.
//!
//! "From then on" is the order of evaluation, and everything in a loop, or in another closure, that can run again. It is
//! never too little: what counts as used later perhaps is not.
//!
//! Here too, because it takes the same walk: a closure passed to a call may not use the places that the call changes, and a transaction may
//! not change what was there before it.

use plat_syntax::hash::{HashMap, HashSet};

use crate::hir::{
    Arg, Block, Closure, ClosureForm, ExprId, ExprKind, FnKind, LocalId, LocalKind, LoopId, PatId, Statement,
    TaskBody,
};
use crate::types::TyKind;

use super::body::Checker;
use super::errors::{closures as errors, transactions};
use super::{CallTarget, Capture, CaptureMode};

/// Decides for every closure of a body, and reports closures that use what their call changes.
pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let closures =
        checker.body.exprs.ids().filter(|&id| matches!(checker.expr(id).kind, ExprKind::Closure(_)));
    let closures: Vec<ExprId> = closures.collect();
    let Some(value) = checker.body.value else { return };
    if closures.is_empty() {
        return;
    }
    let mut walk = Walk::new(checker, &closures);
    walk.expr(value);
    let Walk { events, made, declared, overlaps, outer_changes, tree, .. } = walk;
    let decision = Decision { checker, events: &events, declared: &declared, tree: &tree };
    let mut captures = HashMap::default();
    for made in &made {
        captures.insert(made.closure, decision.captures(made));
    }
    for capture in captures.values().flatten() {
        if capture.mode == CaptureMode::Reference {
            checker.types.referenced.insert(capture.local);
        }
    }
    checker.types.captures = captures;
    for overlap in overlaps {
        let (used, changed) = (checker.span(overlap.used), checker.span(overlap.changed));
        checker.emit(errors::captured_in_use(used, changed, checker.local_name(overlap.local)));
    }
    for OuterChange { place, what, local } in outer_changes {
        let (name, declared) = (checker.local_name(local), checker.body.locals[local].span);
        checker.emit(transactions::changed_in_transaction(checker.span(place), what, name, declared));
    }
}

/// What can run more than once, or at another time than where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Region {
    Loop(LoopId),
    Closure(ExprId),
    Task(ExprId),
    Defer(ExprId),
}

/// The regions around a point: the innermost, by its number.
type Regions = usize;

/// All regions of a body, each with the one around it. Bodies may be nested deeply, so that there are no lists of them.
struct RegionTree {
    nodes: Vec<RegionNode>,
}

struct RegionNode {
    /// `None` for the body itself, which is the first.
    region: Option<Region>,
    around: Regions,
    depth: usize,
}

impl RegionTree {
    /// The body itself.
    const BODY: Regions = 0;

    fn new() -> Self {
        Self { nodes: vec![RegionNode { region: None, around: Self::BODY, depth: 0 }] }
    }

    fn add(&mut self, region: Region, around: Regions) -> Regions {
        let depth = self.depth(around) + 1;
        self.nodes.push(RegionNode { region: Some(region), around, depth });
        self.nodes.len() - 1
    }

    fn depth(&self, at: Regions) -> usize {
        self.nodes[at].depth
    }

    /// The regions around a point, from the innermost on.
    fn outwards(&self, mut at: Regions) -> impl Iterator<Item = Region> + '_ {
        std::iter::from_fn(move || {
            let node = &self.nodes[at];
            at = node.around;
            node.region
        })
    }

    /// How many regions are around both points.
    fn common(&self, mut a: Regions, mut b: Regions) -> usize {
        while a != b {
            if self.depth(a) >= self.depth(b) {
                a = self.nodes[a].around;
            } else {
                b = self.nodes[b].around;
            }
        }
        self.depth(a)
    }
}

/// A use of a variable that some closure captures.
struct Event {
    local: LocalId,
    /// When in the order of evaluation.
    at: u32,
    regions: Regions,
    is_change: bool,
}

/// A closure that is made.
struct Made {
    closure: ExprId,
    at: u32,
    regions: Regions,
}

/// A closure's use of a place that the call it is passed to changes.
struct Overlap {
    used: ExprId,
    changed: ExprId,
    local: LocalId,
}

/// A change by a transaction of something that was there before it.
struct OuterChange {
    place: ExprId,
    what: Changed,
    /// The variable, or the one that it begins with.
    local: LocalId,
}

/// What such a change changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Changed {
    /// The variable, or a part of it.
    Variable,
    /// An object that the variable leads to.
    Object,
}

struct Walk<'c, 'a, 's> {
    checker: &'c Checker<'a, 's>,
    /// The variables that closures capture and that may change.
    variables: HashSet<LocalId>,
    /// The regions around the declaration of each of them.
    declared: HashMap<LocalId, usize>,
    tree: RegionTree,
    regions: Regions,
    clock: u32,
    events: Vec<Event>,
    made: Vec<Made>,
    overlaps: Vec<Overlap>,
    /// The bodies of the transactions around.
    transactions: Vec<&'c Closure>,
    outer_changes: Vec<OuterChange>,
}

impl<'c, 'a, 's> Walk<'c, 'a, 's> {
    fn new(checker: &'c Checker<'a, 's>, closures: &[ExprId]) -> Self {
        let captured = closures.iter().flat_map(|&id| match &checker.expr(id).kind {
            ExprKind::Closure(closure) => closure.captures.as_slice(),
            _ => &[],
        });
        let changes =
            |local: &LocalId| matches!(checker.body.locals[*local].kind, LocalKind::Var | LocalKind::Inout);
        Self {
            checker,
            variables: captured.copied().filter(changes).collect(),
            declared: HashMap::default(),
            tree: RegionTree::new(),
            regions: RegionTree::BODY,
            clock: 0,
            events: Vec::new(),
            made: Vec::new(),
            overlaps: Vec::new(),
            transactions: Vec::new(),
            outer_changes: Vec::new(),
        }
    }

    fn expr(&mut self, id: ExprId) {
        let checker = self.checker;
        match &checker.expr(id).kind {
            ExprKind::Local(local) => self.event(*local, false),
            ExprKind::Assign(place, value) | ExprKind::OpAssign(_, place, value) => {
                self.expr(*value);
                self.expr(*place);
                self.change(*place);
            }
            ExprKind::Call { callee, args } => {
                self.expr(*callee);
                self.call(None, args);
            }
            ExprKind::MethodCall { receiver, args, .. } => {
                self.expr(*receiver);
                let is_changed = self.changes_receiver(id);
                self.call(is_changed.then_some(*receiver), args);
            }
            ExprKind::Construct { args, .. } | ExprKind::StaticCall { args, .. } => self.call(None, args),
            ExprKind::Loop(target, body) => self.inside(Region::Loop(*target), |this| this.expr(*body)),
            ExprKind::While(target, condition, body) => self.inside(Region::Loop(*target), |this| {
                this.expr(*condition);
                this.expr(*body);
            }),
            ExprKind::For { id: target, is_inout, pat, iterable, body, .. } => {
                self.expr(*iterable);
                if *is_inout {
                    self.change(*iterable);
                }
                self.inside(Region::Loop(*target), |this| {
                    this.declare(*pat);
                    this.expr(*body);
                });
            }
            ExprKind::Block(block) => self.block(block),
            ExprKind::Spawn { task, name, .. } => {
                name.iter().for_each(|&name| self.expr(name));
                self.task(id, task);
            }
            ExprKind::Race(arms) => arms.iter().for_each(|arm| self.task(id, arm)),
            ExprKind::Closure(closure) => self.closure(id, closure),
            _ => checker.body.for_each_child(id, |child| self.expr(child)),
        }
    }

    fn task(&mut self, id: ExprId, task: &TaskBody) {
        task.captures.iter().for_each(|&local| self.event(local, false));
        self.inside(Region::Task(id), |this| this.expr(task.body));
    }

    fn inside(&mut self, region: Region, work: impl FnOnce(&mut Self)) {
        let outside = self.regions;
        self.regions = self.tree.add(region, outside);
        work(self);
        self.regions = outside;
    }

    fn event(&mut self, local: LocalId, is_change: bool) {
        self.clock += 1;
        if self.variables.contains(&local) {
            self.events.push(Event { local, at: self.clock, regions: self.regions, is_change });
        }
    }

    /// A change of the place, which is one of the variable it begins with unless a reference lies between.
    fn change(&mut self, mut place: ExprId) {
        self.note_outer_change(place);
        loop {
            match self.checker.expr(place).kind {
                ExprKind::Local(local) => return self.event(local, true),
                ExprKind::Field(base, _) | ExprKind::TupleField(base, ..) | ExprKind::Index(base, _) => {
                    let ty = self.checker.types.exprs[base];
                    if !matches!(ty.kind(), TyKind::Struct(..) | TyKind::Tuple(_) | TyKind::Error) {
                        return;
                    }
                    place = base;
                }
                _ => return,
            }
        }
    }

    /// Finds out whether a transaction changes what was there before it.
    fn note_outer_change(&mut self, place: ExprId) {
        let (mut part, mut what) = (place, Changed::Variable);
        while let ExprKind::Field(base, _) | ExprKind::TupleField(base, ..) | ExprKind::Index(base, _) =
            self.checker.expr(part).kind
        {
            if matches!(self.checker.types.exprs[base].kind(), TyKind::Class(..)) {
                what = Changed::Object;
            }
            part = base;
        }
        let ExprKind::Local(local) = self.checker.expr(part).kind else { return };
        // A `let` that may be assigned once cannot be in a closure; in one that leaves more than itself nobody has said so.
        let is_let = part == place && self.checker.body.locals[local].kind == LocalKind::Let;
        let is_changed =
            |body: &&Closure| body.captures.contains(&local) && !(is_let && body.leaves.is_empty());
        if self.transactions.iter().any(is_changed) {
            self.outer_changes.push(OuterChange { place, what, local });
        }
    }

    fn changes_receiver(&self, call: ExprId) -> bool {
        match self.checker.types.calls.get(&call).map(|call| &call.target) {
            Some(CallTarget::Fn(id, _)) => self.checker.program.function(*id).kind == FnKind::MutMethod,
            _ => false,
        }
    }

    fn call(&mut self, receiver: Option<ExprId>, args: &[Arg]) {
        args.iter().for_each(|arg| self.expr(arg.value));
        let places = args.iter().filter(|arg| arg.is_inout).map(|arg| arg.value);
        let changed: Vec<ExprId> = receiver.into_iter().chain(places).collect();
        for &place in &changed {
            self.change(place);
        }
        for arg in args {
            if let ExprKind::Closure(closure) = &self.checker.expr(arg.value).kind {
                self.find_overlaps(closure.body, &closure.captures, &changed);
            }
        }
    }

    /// Finds the places in a closure's body that overlap those that the call changes.
    fn find_overlaps(&mut self, id: ExprId, captures: &[LocalId], changed: &[ExprId]) {
        let checker = self.checker;
        let used = checker.path(id).filter(|path| captures.contains(&path.local));
        let Some(used) = used else {
            return checker.body.for_each_child(id, |child| self.find_overlaps(child, captures, changed));
        };
        for &place in changed {
            if checker.path(place).is_some_and(|changed| changed.overlaps(&used)) {
                self.overlaps.push(Overlap { used: id, changed: place, local: used.local });
            }
        }
        self.find_in_indices(id, captures, changed);
    }

    fn find_in_indices(&mut self, mut place: ExprId, captures: &[LocalId], changed: &[ExprId]) {
        while let ExprKind::Field(base, _) | ExprKind::TupleField(base, ..) | ExprKind::Index(base, _) =
            self.checker.expr(place).kind
        {
            if let ExprKind::Index(_, index) = self.checker.expr(place).kind {
                self.find_overlaps(index, captures, changed);
            }
            place = base;
        }
    }

    fn block(&mut self, block: &Block) {
        for statement in &block.statements {
            match statement {
                Statement::Expr(expr) => self.expr(*expr),
                Statement::Defer { body, .. } => self.inside(Region::Defer(*body), |this| this.expr(*body)),
                Statement::Let { pat, value, otherwise, .. } => {
                    value.iter().chain(otherwise).for_each(|&expr| self.expr(expr));
                    self.declare(*pat);
                }
            }
        }
        block.tail.into_iter().for_each(|tail| self.expr(tail));
    }

    fn declare(&mut self, pat: PatId) {
        let depth = self.tree.depth(self.regions);
        self.checker.body.for_each_bound(pat, &mut |local| {
            self.declared.insert(local, depth);
        });
    }

    fn closure(&mut self, id: ExprId, closure: &'c Closure) {
        self.clock += 1;
        self.made.push(Made { closure: id, at: self.clock, regions: self.regions });
        let is_transaction = closure.form == ClosureForm::Transaction;
        if is_transaction {
            self.transactions.push(closure);
        }
        self.inside(Region::Closure(id), |this| {
            closure.params.iter().for_each(|param| this.declare(param.pat));
            this.expr(closure.body);
        });
        if is_transaction {
            self.transactions.pop();
        }
    }
}

struct Decision<'d, 'a, 's> {
    checker: &'d Checker<'a, 's>,
    events: &'d [Event],
    declared: &'d HashMap<LocalId, usize>,
    tree: &'d RegionTree,
}

impl Decision<'_, '_, '_> {
    fn captures(&self, made: &Made) -> Vec<Capture> {
        let ExprKind::Closure(closure) = &self.checker.expr(made.closure).kind else { return Vec::new() };
        let captures = closure.captures.iter();
        captures.map(|&local| Capture { local, mode: self.mode(made, local) }).collect()
    }

    fn mode(&self, made: &Made, local: LocalId) -> CaptureMode {
        let kind = self.checker.body.locals[local].kind;
        if !matches!(kind, LocalKind::Var | LocalKind::Inout) {
            return CaptureMode::Value;
        }
        // How many regions are around the declaration of the variable, and around the closure within its scope.
        let depth = self.declared.get(&local).copied().unwrap_or(0);
        let inside = self.tree.depth(made.regions).saturating_sub(depth);
        let mut around = self.tree.outwards(made.regions).take(inside);
        let is_copy =
            self.checker.copying_closures.contains(&made.closure) || around.any(|region| self.copies(region));
        if is_copy {
            return CaptureMode::Value;
        }
        let events: Vec<&Event> = self.events.iter().filter(|event| event.local == local).collect();
        let is_changed = |event: &&Event| {
            event.is_change && (self.is_inside(event, made) || self.comes_after(event, made, depth))
        };
        if !events.iter().any(is_changed) {
            return CaptureMode::Value;
        }
        let is_used_later =
            events.iter().any(|event| !self.is_inside(event, made) && self.comes_after(event, made, depth));
        if kind == LocalKind::Var && inside == 0 && !is_used_later {
            return CaptureMode::Owned;
        }
        CaptureMode::Reference
    }

    /// Whether what is in the region has a copy of what is outside.
    fn copies(&self, region: Region) -> bool {
        match region {
            Region::Task(_) => true,
            Region::Closure(id) => self.checker.copying_closures.contains(&id),
            Region::Loop(_) | Region::Defer(_) => false,
        }
    }

    fn is_inside(&self, event: &Event, made: &Made) -> bool {
        self.tree.outwards(event.regions).any(|region| region == Region::Closure(made.closure))
    }

    /// Whether the use, which is not the closure's own, may happen once the closure is made. `depth` is how many regions are
    /// around the variable's declaration.
    fn comes_after(&self, event: &Event, made: &Made, depth: usize) -> bool {
        let common = self.tree.common(event.regions, made.regions);
        let outside = self.tree.depth(event.regions) - common;
        let runs_later = |region| matches!(region, Region::Closure(_) | Region::Defer(_));
        let is_in_other = self.tree.outwards(event.regions).take(outside).any(runs_later);
        event.at > made.at || common > depth || is_in_other
    }
}
