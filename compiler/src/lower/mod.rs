//! HIR and types → MIR: what the program does, step by step, without a word about ownership.
//!
//! Runs only on programs without errors; whatever does not fit is our own mistake. Every operand is
//! [`Operand::Use`](crate::mir::Operand::Use): who copies, moves and releases is decided by `passes`. The one thing that
//! is decided here is *when* a place is read: operands are read by the statement that uses them, unless what is
//! evaluated in between may change them (`effects.rs`).

use plat_syntax::hash::HashMap;
use plat_syntax::index::{IndexVec, Symbol};

use crate::bug;
use crate::hir::{self, Definitions, EnumId, FnBody, FnId, Hir, InterfaceId, MethodSource, Owner, StructId};
use crate::mir::verify::{Phase, verify};
use crate::mir::{Callee, FunctionId, Glue, Mir};
use crate::typeck::results::{BodyTypes, TypeckResults};
use crate::types::{Ty, TyKind};

mod aggregates;
mod branches;
mod calls;
mod closures;
mod consts;
mod decision;
mod defers;
mod effects;
mod entry_point;
mod expr;
mod foreign;
mod function;
mod initialiser;
mod intrinsics;
mod keep;
mod loops;
mod named_functions;
mod operators;
mod pattern;
mod place;
mod strings;
mod tasks;

use function::FunctionLowerer;

/// Lowers `main` and every function that it may call, directly or through others; then whatever else of the program has no
/// type parameters, for the mistakes that only its MIR shows.
pub fn lower(hir: &Hir, results: &TypeckResults<'_>) -> Mir {
    let is_wanted = IndexVec::filled(hir.definitions.functions.len(), false);
    let mut program = ProgramLowerer {
        hir,
        results,
        mir: Mir::default(),
        is_wanted,
        wanted: Vec::new(),
        task_counts: HashMap::default(),
        defer_counts: HashMap::default(),
        folded: None,
        const_tasks: HashMap::default(),
        closure_counts: HashMap::default(),
    };
    if let Some(main) = hir.main {
        program.want(main);
        program.lower_wanted();
        program.report_failure_of(main);
    }
    for (id, function) in hir.definitions.functions.iter_enumerated() {
        if !function.is_library && function.type_params.is_empty() {
            program.want(id);
        }
    }
    program.lower_wanted();
    if cfg!(debug_assertions) {
        let violations = verify(&program.mir, &hir.definitions, Phase::Built, &|_| false);
        if let Some(violation) = violations.first() {
            bug!("after lower: {violation}");
        }
    }
    program.mir
}

/// What all functions of a program share while they are lowered.
struct ProgramLowerer<'a> {
    hir: &'a Hir,
    results: &'a TypeckResults<'a>,
    mir: Mir,
    /// Whether each function has been called by one that was lowered.
    is_wanted: IndexVec<FnId, bool>,
    /// Those that are yet to be lowered.
    wanted: Vec<FnId>,
    /// How many bodies of tasks, and of closures, each function has so far, for their names.
    task_counts: HashMap<FnId, u32>,
    closure_counts: HashMap<FnId, u32>,
    /// How many `defer`s, likewise.
    defer_counts: HashMap<FnId, u32>,
    /// The constants in the body that is being lowered.
    folded: Option<(FnId, consts::Folded)>,
    /// The task bodies that compute constants.
    const_tasks: HashMap<hir::ConstId, FunctionId>,
}

impl<'a> ProgramLowerer<'a> {
    fn definitions(&self) -> &'a Definitions {
        &self.hir.definitions
    }

    fn function(&self, id: FnId) -> &'a hir::Function {
        &self.hir.definitions.functions[id]
    }

    /// A function as it is called.
    fn callee(&mut self, id: FnId, type_args: &[Ty]) -> Callee {
        self.want(id);
        Callee::Generic(id, type_args.to_vec())
    }

    fn want(&mut self, id: FnId) {
        if std::mem::replace(&mut self.is_wanted[id], true) {
            return;
        }
        let function = self.function(id);
        if matches!(function.body, FnBody::Plat(_) | FnBody::Foreign(_)) {
            self.wanted.push(id);
        }
        if let Some(Owner::Interface(interface)) = function.owner {
            if Some(interface) == self.hir.lang.hash {
                self.want_hasher();
            }
            self.want_implementations(id, interface);
        }
    }

    /// Which function a call of an interface's method means is known when all types are: any implementation may be it.
    fn want_implementations(&mut self, method: FnId, interface: InterfaceId) {
        let definitions = self.definitions();
        let members = &definitions.interfaces[interface].members;
        let Some(position) = members.iter().position(|&member| member == method) else { return };
        for implementation in definitions.implementations.of_interface(interface) {
            if let MethodSource::Own(function) = implementation.methods[position] {
                self.want(function);
            }
        }
        for id in definitions.interfaces.ids() {
            let (this, plain) = definitions.in_own_terms(id);
            if let Some((inherited, _)) = definitions.inherited_default(plain, this, method) {
                self.want(inherited);
            }
        }
    }

    /// The methods that the tables of values of the interface's type have.
    fn want_table(&mut self, ty: Ty) {
        let Some(interface) = ty.as_interface() else { return };
        for (_, method) in self.definitions().table(interface) {
            self.want(method);
        }
    }

    /// What the generated functions that put values into a hasher call.
    fn want_hasher(&mut self) {
        if let Some(hasher) = self.hir.lang.hasher {
            for &member in &self.definitions().structs[hasher].members {
                self.want(member);
            }
        }
    }

    /// An operation by the structure of a type, which implementations may replace.
    fn glue(&mut self, glue: Glue, ty: Ty) -> Callee {
        if let Some(interface) = self.hir.lang.interface(glue.structural()) {
            for &member in &self.definitions().interfaces[interface].members {
                self.want(member);
            }
        }
        Callee::Glue(glue, ty)
    }

    /// Whether the program has classes of its own.
    fn has_classes(&self) -> bool {
        self.definitions().classes.iter().any(|class| !class.is_library || class.deinit.is_some())
    }

    /// Objects of this type, if it is a class, are made: their `deinit` is needed.
    fn want_deinit(&mut self, ty: Ty) {
        if let TyKind::Class(id, _) = *ty.kind()
            && let Some(deinit) = self.definitions().classes[id].deinit
        {
            self.want(deinit);
        }
    }

    /// Lowers the functions that are wanted, and what they call.
    fn lower_wanted(&mut self) {
        while let Some(id) = self.wanted.pop() {
            let function = self.lower_function(id);
            if self.hir.main == Some(id) {
                self.mir.main = Some(function);
            }
        }
    }

    fn lower_function(&mut self, id: FnId) -> FunctionId {
        match &self.function(id).body {
            hir::FnBody::Plat(body) => FunctionLowerer::lower(self, id, body),
            hir::FnBody::Foreign(_) => foreign::lower(self, id),
            other => bug!("{id} is called, but is {other:?}"),
        }
    }

    /// The types of a body.
    fn types(&self, id: FnId) -> &'a BodyTypes {
        match self.results.body(id) {
            Some(types) => types,
            None => bug!("{id} was not checked"),
        }
    }

    /// What a function returns: as declared, or as inferred for a constant's value.
    fn result_ty(&self, id: FnId) -> Ty {
        self.results.result(id)
    }

    fn option(&self) -> EnumId {
        self.hir.lang.option.unwrap_or_else(|| bug!("the library has no Option"))
    }

    fn list(&self) -> StructId {
        self.hir.lang.list.unwrap_or_else(|| bug!("the library has no List"))
    }

    /// The method `List.make_unique`, which places in a list are changed through.
    fn make_unique(&self) -> FnId {
        self.hir.make_unique().unwrap_or_else(|| bug!("List has no make_unique"))
    }

    /// A method of one of the library's structs that the compiler calls by name.
    fn method_of(&self, id: StructId, name: &str) -> FnId {
        let members = &self.definitions().structs[id].members;
        let symbol = Symbol::intern(name);
        let method = members.iter().find(|&&member| self.function(member).name == symbol);
        *method.unwrap_or_else(|| bug!("{} has no {name}", self.definitions().structs[id].name))
    }

    fn is_dict(&self, id: StructId) -> bool {
        self.hir.lang.dict == Some(id)
    }

    /// The members of `Dict` that make the one of a literal, and put an entry into it.
    fn dict_members(&self) -> [FnId; 2] {
        ["with_capacity", "insert"].map(|name| {
            let found = self.hir.lang.dict.and_then(|dict| self.definitions().member_of_struct(dict, name));
            found.unwrap_or_else(|| bug!("Dict has no {name}"))
        })
    }

    fn add(&mut self, function: crate::mir::Function) -> FunctionId {
        self.mir.functions.push(function)
    }

    /// The number of the next task body in a function, from 1.
    fn next_task_number(&mut self, origin: FnId) -> u32 {
        next_number(&mut self.task_counts, origin)
    }

    /// The number of the next closure in a function, from 1.
    fn next_closure_number(&mut self, origin: FnId) -> u32 {
        next_number(&mut self.closure_counts, origin)
    }

    /// The number of the next `defer` in a function, from 1.
    fn next_defer_number(&mut self, origin: FnId) -> u32 {
        next_number(&mut self.defer_counts, origin)
    }
}

fn next_number(counts: &mut HashMap<FnId, u32>, origin: FnId) -> u32 {
    let number = counts.entry(origin).or_insert(0);
    *number += 1;
    *number
}
