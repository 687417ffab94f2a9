//! Which functions are worth to be put in place of their calls.

use crate::hir::{Definitions, FnId, Hir};
use crate::mir::typing::field_tys;
use crate::mir::{
    Callee, Function, FunctionId, FunctionKind, LocalKind, Rvalue, StatementKind, TerminatorKind,
};
use crate::types::{Ty, TyKind};
use plat_syntax::hash::HashSet;

/// Statements that a callee may have, calls counted [`CALL_WEIGHT`] times. Enough for every accessor of the library and
/// for `List.push`; with twice as much, code grows by a third and nothing we measure gets faster.
const MAX_WEIGHT: usize = 24;

/// The same for functions that do their work by function values, and for the `next` of iterators. What they are called with decides
/// how fast they are, and they are called with it right there: a chain of iterators is one loop when all of it has been put in place.
const MAX_WEIGHT_OF_STEPS: usize = 96;

/// How much a call adds, and a guard: what it takes to pass arguments and to describe the frame to the unwinder.
const CALL_WEIGHT: usize = 3;

/// How much it adds to make a buffer or to move elements: each is a call too, with branches around it. What does both is
/// the slow path of something, and stays apart.
const BUFFER_WEIGHT: usize = 10;

/// Inlined calls that a callee may have in it. Chains of functions that do nothing but call the next would otherwise be described
/// once more for each of their links.
const MAX_SITES: usize = 256;

/// How deep in each other structs are looked through for function values.
const MAX_DEPTH: u32 = 8;

/// Where calls of a function are replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// Nowhere.
    Nothing,
    /// Where functions are made that it may be given, or that its caller was given itself.
    WithFunctions,
    /// Everywhere.
    Always,
}

/// Says what functions are worth.
pub struct Judge<'a> {
    definitions: &'a Definitions,
    /// What does `Iterator.next`.
    steps: HashSet<FnId>,
}

impl<'a> Judge<'a> {
    /// Knows the iterators of the program.
    pub fn new(hir: &'a Hir) -> Self {
        Self { definitions: &hir.definitions, steps: hir.iterator_steps().collect() }
    }

    /// Where calls of the function, as it is, are replaced.
    pub fn worth(&self, function: &Function, id: FunctionId) -> Worth {
        let Some(weight) = weight(function, id) else { return Worth::Nothing };
        let returns = function.blocks.iter().any(|block| block.terminator.kind == TerminatorKind::Return);
        let is_possible = function.kind != FunctionKind::TaskBody
            && weight <= MAX_WEIGHT_OF_STEPS
            && function.inline_sites.len() <= MAX_SITES
            // A function that does not return only runs when it is too late to be fast.
            && returns
            && !assigns_params(function);
        let is_small = || weight <= MAX_WEIGHT && !has_loop(function);
        let is_step = || function.origin.is_some_and(|origin| self.steps.contains(&origin));
        if !is_possible {
            Worth::Nothing
        } else if is_small() || is_step() {
            Worth::Always
        } else if self.takes_functions(function) {
            Worth::WithFunctions
        } else {
            Worth::Nothing
        }
    }

    /// Whether the function is given function values that it may call, or makes some.
    pub fn has_functions(&self, function: &Function) -> bool {
        let mut statements = function.blocks.iter().flat_map(|block| &block.statements);
        self.takes_functions(function)
            || statements
                .any(|statement| matches!(&statement.kind, StatementKind::Assign(_, Rvalue::Closure(_))))
    }

    fn takes_functions(&self, function: &Function) -> bool {
        function.params().any(|param| self.is_of_functions(function.locals[param].ty, MAX_DEPTH))
    }

    /// Whether a value of the type is a function, or has one in it.
    fn is_of_functions(&self, ty: Ty, depth: u32) -> bool {
        match ty.kind() {
            TyKind::Fn(_) => true,
            TyKind::Struct(..) | TyKind::Tuple(_) if depth > 0 => field_tys(self.definitions, ty, None)
                .is_some_and(|fields| fields.into_iter().any(|field| self.is_of_functions(field, depth - 1))),
            _ => false,
        }
    }
}

/// What putting the function somewhere adds; `None` if it cannot be.
fn weight(function: &Function, id: FunctionId) -> Option<usize> {
    let mut weight = 0;
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        weight += match &statement.kind {
            StatementKind::Call { callee: Callee::Function(callee), .. } if *callee == id => return None,
            StatementKind::Call { callee: Callee::Primitive(_), .. } => 1,
            StatementKind::Call { .. } => CALL_WEIGHT,
            // Views of what the library's `defer`s see are never made: they see objects. Of a program's they may see what has to be boxed,
            // and nobody would release that.
            StatementKind::Defer { .. } if function.is_library => CALL_WEIGHT,
            StatementKind::Poll(_) => 0,
            StatementKind::MoveElements { .. } | StatementKind::Assign(_, Rvalue::NewBuffer(..)) => {
                BUFFER_WEIGHT
            }
            StatementKind::ScopeEnter(_) | StatementKind::Spawn { .. } | StatementKind::Defer { .. } => {
                return None;
            }
            _ => 1,
        };
    }
    Some(weight)
}

/// Whether a block leads back to itself or one before it.
fn has_loop(function: &Function) -> bool {
    let mut position = vec![0; function.blocks.len()];
    let order = function.reverse_postorder();
    for (at, block) in order.iter().enumerate() {
        position[block.0 as usize] = at;
    }
    order.iter().any(|&block| {
        let successors = function.blocks[block].terminator.kind.successors();
        successors.iter().any(|successor| position[successor.0 as usize] <= position[block.0 as usize])
    })
}

/// Whether the function changes a parameter that is not `inout`. Lowering makes no such function.
fn assigns_params(function: &Function) -> bool {
    let mut assigns = false;
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        statement.kind.for_each_place(|place, access| {
            let is_param = (1..=function.param_count).contains(&place.local.0);
            let is_inout = function.locals[place.local].kind == LocalKind::Inout;
            // The object changes, not the parameter that refers to it.
            let is_param = is_param && !place.is_in_object();
            assigns |= is_param && !is_inout && access != crate::mir::visit::Access::Inspect;
        });
    }
    assigns
}
