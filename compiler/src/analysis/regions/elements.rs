//! What the regions of a function consist of.

use plat_syntax::index::IndexVec;

use crate::mir::transfer::Transfer;
use crate::mir::{Argument, Function, Local, StatementKind};

/// The numbers of a function's Transfer values: its locals, what its parameters were when it was called, and a few for calls to
/// keep apart what a place held before and after.
pub(super) struct Elements {
    locals: IndexVec<Local, Option<u32>>,
    named: Vec<Option<Local>>,
    params: Vec<Option<u32>>,
    spare: u32,
    count: u32,
}

impl Elements {
    pub fn new(function: &Function, transfer: &Transfer<'_>) -> Self {
        let (mut count, mut named) = (0, Vec::new());
        let mut number = |local: Local, is_whole: bool| {
            let decl = &function.locals[local];
            transfer.is_transfer(decl.ty).then(|| {
                count += 1;
                named.push(is_whole.then_some(local));
                count - 1
            })
        };
        let locals = function.locals.ids().map(|local| number(local, true)).collect();
        let params = function.params().map(|param| number(param, false)).collect();
        let spare = count;
        Self { locals, named, params, spare, count: spare + most_places(function) }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether the function has Transfer values.
    pub fn are_there(&self) -> bool {
        self.spare > 0
    }

    /// The element that is the local now.
    pub fn of(&self, local: Local) -> Option<u32> {
        self.locals[local]
    }

    /// The element that the parameter at this position was when the function was called.
    pub fn of_param(&self, position: usize) -> Option<u32> {
        self.params[position]
    }

    /// The position of the parameter that the element was.
    pub fn param(&self, element: u32) -> Option<usize> {
        self.params.iter().position(|&param| param == Some(element))
    }

    /// The local that the element is.
    pub fn local(&self, element: u32) -> Option<Local> {
        self.named.get(element as usize).copied().flatten()
    }

    /// The element for a call to keep what the place at this position held before.
    pub fn spare(&self, position: u32) -> u32 {
        self.spare + position
    }
}

/// The most places that a call of the function is given.
fn most_places(function: &Function) -> u32 {
    let statements = function.blocks.iter().flat_map(|block| &block.statements);
    let places = statements.map(|statement| match &statement.kind {
        StatementKind::Call { args, .. } => {
            args.iter().filter(|arg| matches!(arg, Argument::Place(_))).count() as u32
        }
        _ => 0,
    });
    places.max().unwrap_or(0)
}
