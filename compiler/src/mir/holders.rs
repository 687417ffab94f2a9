//! Where function values made in a function, and the scopes that it names, may go: which locals may hold which.
//!
//! Not by the flow of control: a local that holds a closure somewhere counts as if it held it everywhere. What a call gives
//! back, or stores into a place that it is passed, may hold whatever the call was given, if its type can hold a function and
//! nobody knows better ([`Passes`]).

use std::cell::RefCell;
use std::collections::BTreeSet;

use plat_abi::functions::RuntimeFn;
use plat_syntax::hash::HashMap;
use plat_syntax::index::IndexVec;

use super::boxing::contained_tys;
use super::typing::field_tys;
use super::{
    Argument, BlockId, Callee, Capture, Closure, Function, Local, LocalKind, Operand, Place, Rvalue,
    StatementKind, Storage,
};
use crate::hir::{Definitions, StructId};
use crate::types::{Ty, TyKind};

/// Answers, and remembers, whether values of a type may hold functions.
pub struct HoldsFunctions<'a> {
    definitions: &'a Definitions,
    /// The library's `Scope`, where scopes count as well.
    scope: Option<StructId>,
    /// Whether values of interfaces count: what they hold, their types do not say.
    sees_interfaces: bool,
    known: RefCell<HashMap<Ty, bool>>,
}

impl<'a> HoldsFunctions<'a> {
    /// Knows nothing yet.
    pub fn new(definitions: &'a Definitions) -> Self {
        Self { definitions, scope: None, sees_interfaces: true, known: RefCell::default() }
    }

    /// As `new`, and scopes count as well as functions.
    pub fn and_scopes(definitions: &'a Definitions, scope: Option<StructId>) -> Self {
        Self { scope, ..Self::new(definitions) }
    }

    /// What a scope may be in, as far as types say.
    pub fn scopes_only(definitions: &'a Definitions, scope: Option<StructId>) -> Self {
        Self { scope, sees_interfaces: false, ..Self::new(definitions) }
    }

    /// Whether what is in the place may hold a function.
    pub fn place_may(&self, function: &Function, place: &Place) -> bool {
        self.may_hold(function.place_ty(self.definitions, place))
    }

    /// Whether a value of this type may hold a function.
    pub fn may_hold(&self, ty: Ty) -> bool {
        if let Some(&known) = self.known.borrow().get(&ty) {
            return known;
        }
        // A type that contains itself holds a function if something else in it does.
        self.known.borrow_mut().insert(ty, false);
        let holds = match *ty.kind() {
            TyKind::Fn(_) => true,
            TyKind::Interface(..) => self.sees_interfaces,
            TyKind::Struct(id, _) if Some(id) == self.scope => true,
            TyKind::Buffer(part) | TyKind::Task(part) | TyKind::ChannelHandle(part) | TyKind::Weak(part) => {
                self.may_hold(part)
            }
            TyKind::Class(..) => {
                let fields = field_tys(self.definitions, ty, None).unwrap_or_default();
                fields.into_iter().any(|part| self.may_hold(part))
            }
            TyKind::Tuple(_) | TyKind::Struct(..) | TyKind::Enum(..) => {
                contained_tys(self.definitions, ty).into_iter().any(|part| self.may_hold(part))
            }
            _ => false,
        };
        self.known.borrow_mut().insert(ty, holds);
        holds
    }
}

/// Where a function value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A parameter.
    Param(Local),
    /// A closure made in the function: its number among those.
    Made(usize),
    /// A scope that the function names: its record.
    Scope(Local),
}

/// Whether what is called may give back, or store into a place that it is passed, the argument at this position.
pub type Passes<'a> = dyn Fn(&Callee, usize) -> bool + 'a;

/// Of calls of which nothing is known.
pub const PASSES_ALL: &Passes<'static> = &|_, _| true;

/// A closure made in the function.
#[derive(Debug, Clone)]
pub struct Made {
    /// The block where it is made.
    pub block: BlockId,
    /// The statement that makes it.
    pub statement: usize,
    /// Where its block is.
    pub storage: Storage,
    /// Whether it refers to variables of the function.
    pub refers: bool,
    /// The locals that its block refers to, or borrows from if it is in the frame.
    pub needs: Vec<Local>,
}

/// Which function values each local of a function may hold.
#[derive(Debug)]
pub struct Holders {
    /// The closures that the function makes.
    pub made: Vec<Made>,
    held: IndexVec<Local, BTreeSet<Origin>>,
}

impl Holders {
    /// Follows the values through the function.
    pub fn solve(function: &Function, holds: &HoldsFunctions<'_>, passes: &Passes<'_>) -> Self {
        let mut holders =
            Self { made: all_made(function), held: IndexVec::filled(function.locals.len(), BTreeSet::new()) };
        let may_hold: IndexVec<Local, bool> =
            function.locals.iter().map(|decl| holds.may_hold(decl.ty)).collect();
        for param in function.params().filter(|&param| may_hold[param]) {
            holders.held[param].insert(Origin::Param(param));
        }
        let names_scopes = || function.statements().any(|statement| named_scope(&statement.kind).is_some());
        if holders.made.is_empty() && !function.params().any(|param| may_hold[param]) && !names_scopes() {
            return holders;
        }
        let mut changed = true;
        while std::mem::take(&mut changed) {
            let mut number = 0;
            for statement in function.blocks.iter().flat_map(|block| &block.statements) {
                let is_made = closure_of(&statement.kind).is_some();
                changed |= holders.step(&statement.kind, is_made.then_some(number), &may_hold, passes);
                number += usize::from(is_made);
            }
        }
        holders
    }

    /// What a local may hold.
    pub fn held(&self, local: Local) -> &BTreeSet<Origin> {
        &self.held[local]
    }

    /// What a statement may give to whatever receives something of it: what the operands and places hold that it reads.
    pub fn given(&self, kind: &StatementKind, passes: &Passes<'_>) -> BTreeSet<Origin> {
        let mut given = BTreeSet::new();
        if let StatementKind::Call { callee, args, .. } = kind {
            for (position, arg) in args.iter().enumerate() {
                if let Some(place) = arg.place().filter(|_| passes(callee, position)) {
                    given.extend(&self.held[place.local]);
                }
            }
            return given;
        }
        kind.for_each_operand(|operand| given.extend(self.of_operand(operand)));
        match kind {
            StatementKind::MoveElements { source, .. } => given.extend(&self.held[source.local]),
            StatementKind::Assign(_, Rvalue::TaskResult(place))
            | StatementKind::Init(_, Rvalue::TaskResult(place)) => given.extend(&self.held[place.local]),
            _ => {}
        }
        given
    }

    /// What an operand may hold.
    pub fn of_operand(&self, operand: &Operand) -> BTreeSet<Origin> {
        operand.place().map(|place| self.held[place.local].clone()).unwrap_or_default()
    }

    /// The locals that must stay as they are while the closures that a local may hold are used.
    pub fn needs(&self, local: Local) -> Vec<Local> {
        let mut needs: Vec<Local> = self.held[local]
            .iter()
            .flat_map(|origin| match origin {
                Origin::Made(number) => self.made[*number].needs.as_slice(),
                Origin::Param(_) | Origin::Scope(_) => &[],
            })
            .copied()
            .collect();
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    /// Whether there are closures that need anything to stay.
    pub fn has_needs(&self) -> bool {
        self.made.iter().any(|made| !made.needs.is_empty())
    }

    fn step(
        &mut self,
        kind: &StatementKind,
        made: Option<usize>,
        may_hold: &IndexVec<Local, bool>,
        passes: &Passes<'_>,
    ) -> bool {
        let mut given = self.given(kind, passes);
        given.extend(made.map(Origin::Made));
        given.extend(named_scope(kind).map(Origin::Scope));
        if given.is_empty() {
            return false;
        }
        let mut changed = false;
        for_each_receiver(kind, |place| {
            if may_hold[place.local] {
                let held = &mut self.held[place.local];
                let before = held.len();
                held.extend(&given);
                changed |= held.len() != before;
            }
        });
        changed
    }
}

/// The record of the scope that a statement makes a handle of.
pub fn named_scope(kind: &StatementKind) -> Option<Local> {
    match kind {
        StatementKind::Call { callee: Callee::Runtime(RuntimeFn::scope_handle), args, .. } => {
            match args.first()? {
                Argument::Place(place) => Some(place.local),
                Argument::Value(_) => None,
            }
        }
        _ => None,
    }
}

/// The closure that a statement makes.
pub fn closure_of(kind: &StatementKind) -> Option<&Closure> {
    match kind {
        StatementKind::Assign(_, Rvalue::Closure(closure))
        | StatementKind::Init(_, Rvalue::Closure(closure)) => Some(closure),
        _ => None,
    }
}

/// The closure that a statement makes, to be changed.
pub fn closure_of_mut(kind: &mut StatementKind) -> Option<&mut Closure> {
    match kind {
        StatementKind::Assign(_, Rvalue::Closure(closure))
        | StatementKind::Init(_, Rvalue::Closure(closure)) => Some(closure),
        _ => None,
    }
}

/// Calls `visit` with each place that a statement may store a function value into.
pub fn for_each_receiver(kind: &StatementKind, mut visit: impl FnMut(&Place)) {
    match kind {
        StatementKind::Assign(target, _) | StatementKind::Init(target, _) => visit(target),
        StatementKind::Call { target, args, .. } => {
            target.iter().for_each(&mut visit);
            for arg in args {
                if let Argument::Place(place) = arg {
                    visit(place);
                }
            }
        }
        StatementKind::MoveElements { target, .. } => visit(target),
        _ => {}
    }
}

fn all_made(function: &Function) -> Vec<Made> {
    let mut made = Vec::new();
    for (block, contents) in function.blocks.iter_enumerated() {
        for (statement, contents) in contents.statements.iter().enumerate() {
            if let Some(closure) = closure_of(&contents.kind) {
                made.push(Made {
                    block,
                    statement,
                    storage: closure.storage,
                    refers: closure.captures.iter().any(|capture| matches!(capture, Capture::Place(_))),
                    needs: needs_of(function, closure),
                });
            }
        }
    }
    made
}

fn needs_of(function: &Function, closure: &Closure) -> Vec<Local> {
    let is_own = |local: &Local| {
        matches!(function.locals[*local].kind, LocalKind::Variable | LocalKind::Owned | LocalKind::Result)
    };
    let needed = closure.captures.iter().filter_map(|capture| match capture {
        Capture::Place(place) => Some(place.local),
        Capture::Value(operand) if closure.storage == Storage::Frame => Some(operand.place()?.local),
        Capture::Value(_) | Capture::Owned(_) => None,
    });
    needed.filter(is_own).collect()
}
