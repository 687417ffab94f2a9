//! Types of expressions, patterns and locals, and every rule that depends on them.
//!
//! Entry: [`check`]. Bodies are checked one at a time, each with its own unknowns; nothing learnt in one body is
//! needed for another, except the types and values of constants, which come first. Within a body
//! a first walk gives types (`body`, `expr` and its groups); what needs final types waits until the unknowns
//! are settled (`settle`): bounds, ranges of literals, exhaustiveness; then `init` follows the flow of locals that are declared without a value.
//!
//! Knows no files and no memory layout. Never fails: what is wrong is reported and has [`Ty::error`], which is quiet.

mod aggregates;
mod arguments;
mod atomics;
mod blocks;
mod body;
mod bounds;
mod calls;
mod captures;
mod closures;
mod coerce;
mod consts;
mod control;
mod errors;
mod exhaustive;
mod expect;
mod expr;
mod fields;
mod function_values;
mod implementations;
mod index;
mod infer;
mod init;
mod init_self;
mod literals;
mod lookup;
mod loops;
mod matching;
mod members;
mod methods;
mod named_functions;
mod operators;
mod patterns;
mod places;
mod privacy;
pub mod results;
mod scopes;
mod settle;
mod signature;
mod tasks;
mod unify;
pub mod values;

use std::sync::OnceLock;

use plat_syntax::diagnostics::Sink;
use plat_syntax::index::IndexVec;
use plat_syntax::parallel;

use crate::bug;
use crate::hir::{ConstId, Definitions, FnBody, FnId, FnKind, Function, Hir};
use crate::types::Ty;

use body::Checker;
use bounds::Bounds;
use members::Members;
pub use results::{
    ArgSource, BodyTypes, CallTarget, Capture, CaptureMode, ErrorConversion, Iteration, PatConstructor,
    ResolvedCall, TypeConst, TypeckResults,
};
use values::ConstValues;

/// Which bodies are checked whether anybody needs them or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// The program's own.
    Program,
    /// The library's too.
    All,
}

/// Checks a program and says what it found out about it.
pub fn check<'a>(hir: &'a Hir, extent: Extent, sink: &mut Sink) -> TypeckResults<'a> {
    let mut program = Program::new(hir);
    let functions = &hir.definitions.functions;
    let mut bodies: IndexVec<FnId, OnceLock<BodyTypes>> = IndexVec::filled(functions.len(), OnceLock::new());
    let mut declared: IndexVec<FnId, Ty> = functions.ids().map(|id| program.declared_result(id)).collect();
    consts::check(&mut program, &mut bodies, &mut declared, sink);
    let is_wanted = |id: FnId| !functions[id].is_library || extent == Extent::All;
    let wanted = functions.ids().filter(|&id| is_wanted(id) && bodies[id].get().is_none());
    for (id, types) in check_bodies(&program, wanted.collect(), sink) {
        bodies[id] = OnceLock::from(types);
    }
    let results = TypeckResults { program, bodies, results: declared };
    consts::check_cycles(hir, &results, sink);
    consts::check_sharable(hir, &results, sink);
    scopes::check_declarations(hir, sink);
    implementations::check(hir, sink);
    implementations::check_main(hir, sink);
    results
}

/// Checks bodies, several at a time.
fn check_bodies(program: &Program<'_>, mut ids: Vec<FnId>, sink: &mut Sink) -> Vec<(FnId, BodyTypes)> {
    let functions = &program.hir.definitions.functions;
    ids.retain(|&id| matches!(functions[id].body, FnBody::Plat(_)));
    let checked = parallel::map(ids.len(), LEAST_FOR_THREADS, |number| {
        let mut found = Sink::default();
        let FnBody::Plat(body) = &functions[ids[number]].body else { bug!("a body to check is there") };
        (Checker::check_function(program, ids[number], body, &mut found), found)
    });
    let mut bodies = Vec::with_capacity(ids.len());
    for (id, (types, found)) in ids.into_iter().zip(checked) {
        bodies.push((id, types));
        sink.append(found);
    }
    bodies
}

/// Programs with fewer bodies are checked by one thread.
const LEAST_FOR_THREADS: usize = 200;

/// What all bodies share.
struct Program<'a> {
    hir: &'a Hir,
    members: Members,
    bounds: Bounds,
    /// Types of constants; those that are not declared are filled in as their values are checked.
    const_types: IndexVec<ConstId, Ty>,
    /// Values of constants, as far as they are known; filled in as they are checked.
    const_values: ConstValues,
    common: Common,
}

/// Types that are needed all the time, interned once.
#[derive(Clone, Copy)]
struct Common {
    unit: Ty,
    bool: Ty,
    int: Ty,
    never: Ty,
    string: Ty,
    error: Ty,
}

impl<'a> Program<'a> {
    fn new(hir: &'a Hir) -> Self {
        let common = Common {
            unit: Ty::unit(),
            bool: Ty::bool(),
            int: Ty::int(),
            never: Ty::never(),
            string: Ty::string(),
            error: Ty::error(),
        };
        let declared = |constant: &crate::hir::Const| constant.ty.map_or(common.error, |ty| ty.ty);
        Self {
            hir,
            members: Members::of(&hir.definitions),
            bounds: Bounds::default(),
            const_types: hir.definitions.consts.iter().map(declared).collect(),
            const_values: IndexVec::filled(hir.definitions.consts.len(), None),
            common,
        }
    }

    fn definitions(&self) -> &'a Definitions {
        &self.hir.definitions
    }

    /// The method `Dict.insert`, which dict literals call.
    fn dict_insert(&self) -> Option<FnId> {
        self.definitions().member_of_struct(self.hir.lang.dict?, "insert")
    }

    fn function(&self, id: FnId) -> &'a Function {
        &self.hir.definitions.functions[id]
    }

    /// The type that calls of the function have: for an initialiser, what it makes.
    fn declared_result(&self, id: FnId) -> Ty {
        let function = self.function(id);
        match (function.kind, self.definitions().self_type(function)) {
            (FnKind::Init, Some(made)) => made,
            _ => function.result.ty,
        }
    }
}
