//! Constants: the order in which they are checked, their values, and those that need their own value.

use std::collections::VecDeque;
use std::sync::OnceLock;

use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::index::IndexVec;

use crate::hir::{Bound, ConstId, ExprKind, FnBody, FnId, Hir, Name};
use crate::types::{Ty, TypePrinter};

use super::bounds;
use super::errors::{sharing, types as errors};
use super::values::{Facts, Known};
use super::{ArgSource, BodyTypes, CallTarget, Checker, Program, TypeckResults};

/// The types of bodies that have been checked.
type Bodies = IndexVec<FnId, OnceLock<BodyTypes>>;
/// What functions return.
type Declared = IndexVec<FnId, Ty>;

/// Checks all constants, and computes the values of those that need no running.
pub(super) fn check(
    program: &mut Program<'_>,
    bodies: &mut Bodies,
    declared: &mut Declared,
    sink: &mut Sink,
) {
    let hir = program.hir;
    for id in in_order(hir) {
        let constant = &hir.definitions.consts[id];
        let function = constant.value;
        let FnBody::Plat(body) = &hir.definitions.functions[function].body else { continue };
        let types = if constant.ty.is_some() {
            Checker::check_function(program, function, body, sink)
        } else {
            let (types, result) = Checker::check_const(program, function, sink);
            program.const_types[id] = result;
            declared[function] = result;
            types
        };
        bodies[function] = OnceLock::from(types);
        compute(program, bodies, id, sink);
    }
}

/// Computes the value of a constant, if that can be done without defaults that have yet to be checked.
fn compute(program: &mut Program<'_>, bodies: &Bodies, id: ConstId, sink: &mut Sink) {
    let definitions = program.definitions();
    let constant = &definitions.consts[id];
    let facts = Facts { definitions, bodies, consts: &program.const_values };
    match facts.of_function(constant.value) {
        Known::Value(value) => program.const_values[id] = Some(value),
        Known::Panics(panic, span) => sink.emit(errors::const_panics(constant.name, panic, span)),
        Known::Nothing => {}
    }
}

/// Constants, each after those that its value mentions.
fn in_order(hir: &Hir) -> Vec<ConstId> {
    let mut order = Order { hir, seen: HashSet::default(), sorted: Vec::new() };
    for id in hir.definitions.consts.ids() {
        order.visit(id);
    }
    order.sorted
}

struct Order<'a> {
    hir: &'a Hir,
    seen: HashSet<ConstId>,
    sorted: Vec<ConstId>,
}

impl Order<'_> {
    /// Without recursion: a chain of constants may be long.
    fn visit(&mut self, first: ConstId) {
        let mut stack = vec![(first, false)];
        while let Some((id, is_done)) = stack.pop() {
            if is_done {
                self.sorted.push(id);
                continue;
            }
            if !self.seen.insert(id) {
                continue;
            }
            stack.push((id, true));
            let value = self.hir.definitions.consts[id].value;
            stack.extend(mentioned(self.hir, value).map(|other| (other, false)));
        }
    }
}

/// The constants that a function mentions.
fn mentioned(hir: &Hir, id: FnId) -> impl Iterator<Item = ConstId> {
    let exprs = match &hir.definitions.functions[id].body {
        FnBody::Plat(body) => body.exprs.as_slice(),
        _ => &[],
    };
    exprs.iter().filter_map(|expr| match expr.kind {
        ExprKind::Const(constant) => Some(constant),
        _ => None,
    })
}

/// Reports constants whose values need themselves, through other constants and the functions they call: each circle once.
pub(super) fn check_cycles(hir: &Hir, results: &TypeckResults<'_>, sink: &mut Sink) {
    let mut search =
        Components { hir, results, nodes: HashMap::default(), open: Vec::new(), cyclic: HashSet::default() };
    for constant in hir.definitions.consts.iter() {
        search.visit(constant.value);
    }
    let mut reported = HashSet::default();
    for constant in hir.definitions.consts.iter().filter(|constant| search.cyclic.contains(&constant.value)) {
        let chain = search.chain(constant.value);
        if chain.iter().any(|id| reported.contains(id)) {
            continue;
        }
        let links = chain.iter().map(|&id| {
            let function = &hir.definitions.functions[id];
            Name { symbol: function.name, span: function.span }
        });
        sink.emit(errors::const_cycle(&links.collect::<Vec<_>>()));
        reported.extend(chain);
    }
}

/// The strongly connected components of "needs" among functions (Tarjan's), with a stack of its own.
struct Components<'a> {
    hir: &'a Hir,
    results: &'a TypeckResults<'a>,
    nodes: HashMap<FnId, Node>,
    open: Vec<FnId>,
    /// Functions that lead back to themselves.
    cyclic: HashSet<FnId>,
}

#[derive(Clone, Copy)]
struct Node {
    order: usize,
    low: usize,
    is_open: bool,
}

impl Components<'_> {
    fn visit(&mut self, start: FnId) {
        let mut stack = self.enter(start).into_iter().collect::<Vec<_>>();
        while let Some((id, needed)) = stack.last_mut() {
            let id = *id;
            let Some(next) = needed.pop() else {
                stack.pop();
                self.leave(id, stack.last().map(|(parent, _)| *parent));
                continue;
            };
            if next == id {
                self.cyclic.insert(id);
            }
            match self.nodes.get(&next).copied() {
                None => stack.extend(self.enter(next)),
                Some(node) if node.is_open => self.lower(id, node.order),
                Some(_) => {}
            }
        }
    }

    fn enter(&mut self, id: FnId) -> Option<(FnId, Vec<FnId>)> {
        if self.nodes.contains_key(&id) {
            return None;
        }
        let order = self.nodes.len();
        self.nodes.insert(id, Node { order, low: order, is_open: true });
        self.open.push(id);
        Some((id, self.needed(id)))
    }

    fn lower(&mut self, id: FnId, order: usize) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.low = node.low.min(order);
        }
    }

    fn leave(&mut self, id: FnId, parent: Option<FnId>) {
        let Some(&node) = self.nodes.get(&id) else { return };
        if let Some(parent) = parent {
            self.lower(parent, node.low);
        }
        if node.low == node.order {
            let start = self.open.iter().rposition(|&open| open == id).unwrap_or(0);
            let component = self.open.split_off(start);
            for member in &component {
                self.nodes.entry(*member).and_modify(|node| node.is_open = false);
            }
            if component.len() > 1 {
                self.cyclic.extend(component);
            }
        }
    }

    /// The shortest way from a function back to itself, beginning with it.
    fn chain(&self, start: FnId) -> Vec<FnId> {
        let mut before: HashMap<FnId, FnId> = HashMap::default();
        let mut waiting = VecDeque::from([start]);
        while let Some(id) = waiting.pop_front() {
            for next in self.needed(id) {
                if next == start {
                    let mut chain: Vec<FnId> =
                        std::iter::successors(Some(id), |id| before.get(id).copied()).collect();
                    chain.reverse();
                    return chain;
                }
                if self.cyclic.contains(&next) && !before.contains_key(&next) {
                    before.insert(next, id);
                    waiting.push_back(next);
                }
            }
        }
        vec![start]
    }

    /// The functions that a function calls, those that compute constants and defaults among them.
    fn needed(&self, id: FnId) -> Vec<FnId> {
        let constants = mentioned(self.hir, id).map(|constant| self.hir.definitions.consts[constant].value);
        let calls = self.results.body(id).map(called).unwrap_or_default();
        constants.chain(calls).collect()
    }
}

fn called(types: &BodyTypes) -> Vec<FnId> {
    let targets = types.calls.values().filter_map(|call| match call.target {
        CallTarget::Fn(id, _) => Some(id),
        _ => None,
    });
    let defaults = types.calls.values().flat_map(|call| &call.args).filter_map(|source| match source {
        ArgSource::Default(id) => Some(*id),
        ArgSource::Given(_) => None,
    });
    let methods = types.iterators.values().flat_map(|calls| calls.methods()).map(|method| method.id);
    targets.chain(defaults).chain(methods).collect()
}

/// Reports constants whose values not every task may use: all tasks see them.
pub(super) fn check_sharable(hir: &Hir, results: &TypeckResults<'_>, sink: &mut Sink) {
    for constant in hir.definitions.consts.iter() {
        let ty = results.results[constant.value];
        if ty.has_error() || hir.definitions.functions[constant.value].is_library {
            continue;
        }
        if let Some(obstacle) = bounds::obstacle_whatever_params(hir, ty, Bound::Sharable) {
            let show = |ty| TypePrinter::new(&hir.definitions, ty).to_string();
            let (whole, culprit) = (show(ty), show(obstacle.ty));
            sink.emit(sharing::constant(constant.span, constant.name, &whole, &culprit));
        }
    }
}
