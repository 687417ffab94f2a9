//! HIR and types → MIR: what the program does, step by step, without a word about ownership.
//!
//! Runs only on programs without errors; whatever does not fit is our own mistake. Every operand is
//! [`Operand::Use`](crate::mir::Operand::Use): who copies, moves and releases is decided by `passes`. The one thing that
//! is decided here is *when* a place is read: operands are read by the statement that uses them, unless what is
//! evaluated in between may change them (`effects.rs`).

use std::collections::HashMap;

use plat_syntax::index::{IndexVec, Symbol};

use crate::hir::{self, Definitions, EnumId, FnId, Hir, StructId};
use crate::mir::{FunctionId, Mir};
use crate::typeck::results::{BodyTypes, TypeckResults};
use crate::types::Ty;

mod aggregates;
mod branches;
mod calls;
mod consts;
mod decision;
mod effects;
mod expr;
mod function;
mod intrinsics;
mod loops;
mod operators;
mod pattern;
mod place;
mod strings;
mod tasks;

use function::FunctionLowerer;

/// Lowers every function that has a body.
pub fn lower(hir: &Hir, results: &TypeckResults) -> Mir {
    let mut program = ProgramLowerer { hir, results, mir: Mir::default(), task_counts: HashMap::new() };
    let mut lowered = IndexVec::filled(hir.definitions.functions.len(), None);
    for (id, function) in hir.definitions.functions.iter_enumerated() {
        if let hir::FnBody::Plat(body) = &function.body {
            lowered[id] = Some(FunctionLowerer::lower(&mut program, id, body));
        }
    }
    program.mir.main = hir.main.and_then(|main| lowered[main]);
    program.mir
}

/// What all functions of a program share while they are lowered.
struct ProgramLowerer<'a> {
    hir: &'a Hir,
    results: &'a TypeckResults,
    mir: Mir,
    /// How many task bodies each function has so far, for their names.
    task_counts: HashMap<FnId, u32>,
}

impl<'a> ProgramLowerer<'a> {
    fn definitions(&self) -> &'a Definitions {
        &self.hir.definitions
    }

    fn function(&self, id: FnId) -> &'a hir::Function {
        &self.hir.definitions.functions[id]
    }

    /// The types of a body.
    fn types(&self, id: FnId) -> &'a BodyTypes {
        match self.results.bodies.get(id) {
            Some(Some(types)) => types,
            _ => crate::bug!("{id} was not checked"),
        }
    }

    /// What a function returns: as declared, or as inferred for a constant's value.
    fn result_ty(&self, id: FnId) -> Ty {
        self.results.results.get(id).copied().unwrap_or(self.function(id).result.ty)
    }

    fn option(&self) -> EnumId {
        self.hir.lang.option.unwrap_or_else(|| crate::bug!("the library has no Option"))
    }

    fn list(&self) -> StructId {
        self.hir.lang.list.unwrap_or_else(|| crate::bug!("the library has no List"))
    }

    /// The method `List.make_unique`, which places in a list are changed through.
    fn make_unique(&self) -> FnId {
        let members = &self.definitions().structs[self.list()].members;
        let name = Symbol::intern("make_unique");
        let method = members.iter().find(|&&member| self.function(member).name == name);
        *method.unwrap_or_else(|| crate::bug!("List has no make_unique"))
    }

    fn add(&mut self, function: crate::mir::Function) -> FunctionId {
        self.mir.functions.push(function)
    }

    /// The number of the next task body in a function, from 1.
    fn next_task_number(&mut self, origin: FnId) -> u32 {
        let number = self.task_counts.entry(origin).or_insert(0);
        *number += 1;
        *number
    }
}
