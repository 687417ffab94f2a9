//! HIR and types → MIR: what the program does, step by step, without a word about ownership.
//!
//! Runs only on programs without errors; whatever does not fit is our own mistake. Every operand is
//! [`Operand::Use`](crate::mir::Operand::Use): who copies, moves and releases is decided by `passes`. The one thing that
//! is decided here is *when* a place is read: operands are read by the statement that uses them, unless what is
//! evaluated in between may change them (`effects.rs`).

use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::index::{Id, Symbol};
use plat_syntax::parallel;

use crate::bug;
use crate::hir::{self, Definitions, EnumId, FnBody, FnId, Hir, StructId};
use crate::mir::verify::{Phase, verify};
use crate::mir::{Callee, Function, FunctionId, Glue, Mir};
use crate::typeck::Extent;
use crate::typeck::results::{BodyTypes, TypeckResults};
use crate::types::{Ty, TyKind};

mod aggregates;
mod assembly;
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
mod limited;
mod loops;
mod named_functions;
mod operators;
mod pattern;
mod place;
mod select;
mod strings;
mod taken;
mod tasks;

use function::FunctionLowerer;

/// Lowers `main` and every function that it may call, directly or through others; then whatever else has been checked, for the
/// mistakes that only its MIR shows.
pub fn lower(hir: &Hir, results: &TypeckResults<'_>, extent: Extent) -> Mir {
    let context = Context::new(hir, results);
    let mut program = assembly::Assembly::new(hir);
    if let Some(main) = hir.main {
        program.begin(main, entry_point::lower(&context, main));
    }
    for (id, function) in hir.definitions.functions.iter_enumerated() {
        if (!function.is_library || extent == Extent::All) && matches!(function.body, FnBody::Plat(_)) {
            program.want(id);
        }
    }
    // Which functions are called is known when those that call them are lowered: each round does it for all that are known.
    loop {
        let wanted = program.take_wanted();
        if wanted.is_empty() {
            break;
        }
        let work = |number: usize| ProgramLowerer::new(&context).lower_function(wanted[number]);
        let lowered = parallel::map(wanted.len(), LEAST_FOR_THREADS, work);
        wanted.into_iter().zip(lowered).for_each(|(id, lowered)| program.add(id, lowered));
    }
    let mir = program.finish();
    if cfg!(debug_assertions) {
        let violations = verify(&mir, &hir.definitions, Phase::Built, &|_| false);
        if let Some(violation) = violations.first() {
            bug!("after lower: {violation}");
        }
    }
    mir
}

/// Fewer functions than this are lowered by one thread.
const LEAST_FOR_THREADS: usize = 100;

/// What is known of the whole program.
#[derive(Clone, Copy)]
struct Context<'a> {
    hir: &'a Hir,
    results: &'a TypeckResults<'a>,
    /// Whether the program has classes of its own.
    has_classes: bool,
}

impl<'a> Context<'a> {
    fn new(hir: &'a Hir, results: &'a TypeckResults<'a>) -> Self {
        let mut classes = hir.definitions.classes.iter();
        let has_classes = classes.any(|class| !class.is_library || class.deinit.is_some());
        Self { hir, results, has_classes }
    }
}

/// What came of one function: the bodies in it before itself, with numbers of their own.
struct Lowered {
    functions: Vec<Function>,
    /// What it calls.
    wanted: Vec<FnId>,
    /// Those of the functions that compute constants.
    const_tasks: HashMap<hir::ConstId, FunctionId>,
}

/// The program for one function that is lowered: what is known, and what has come of the function so far.
struct ProgramLowerer<'a> {
    hir: &'a Hir,
    results: &'a TypeckResults<'a>,
    has_classes: bool,
    functions: Vec<Function>,
    is_wanted: HashSet<FnId>,
    wanted: Vec<FnId>,
    /// How many bodies of tasks and of closures, and how many `defer`s, it has so far, for their names.
    task_count: u32,
    closure_count: u32,
    defer_count: u32,
    /// The constants in its body.
    folded: Option<consts::Folded>,
    const_tasks: HashMap<hir::ConstId, FunctionId>,
}

impl<'a> ProgramLowerer<'a> {
    fn new(context: &Context<'a>) -> Self {
        let Context { hir, results, has_classes } = *context;
        Self {
            hir,
            results,
            has_classes,
            functions: Vec::new(),
            is_wanted: HashSet::default(),
            wanted: Vec::new(),
            task_count: 0,
            closure_count: 0,
            defer_count: 0,
            folded: None,
            const_tasks: HashMap::default(),
        }
    }

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
        if self.is_wanted.insert(id) {
            self.wanted.push(id);
        }
    }

    /// The methods that the tables of values of the interface's type have.
    fn want_table(&mut self, ty: Ty) {
        let Some(interface) = ty.as_interface() else { return };
        for (_, method) in self.definitions().table(interface) {
            self.want(method);
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

    /// Objects of this type, if it is a class, are made: their `deinit` is needed.
    fn want_deinit(&mut self, ty: Ty) {
        if let TyKind::Class(id, _) = *ty.kind()
            && let Some(deinit) = self.definitions().classes[id].deinit
        {
            self.want(deinit);
        }
    }

    fn lower_function(mut self, id: FnId) -> Lowered {
        match &self.function(id).body {
            hir::FnBody::Plat(body) => FunctionLowerer::lower(&mut self, id, body),
            hir::FnBody::Foreign(_) => foreign::lower(&mut self, id),
            other => bug!("{id} is called, but is {other:?}"),
        };
        self.finish()
    }

    fn finish(self) -> Lowered {
        Lowered { functions: self.functions, wanted: self.wanted, const_tasks: self.const_tasks }
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

    /// The method `Scope.spawn`.
    fn scope_spawn(&self) -> Option<FnId> {
        self.definitions().member_of_struct(self.hir.lang.scope?, "spawn")
    }

    /// The members of `Dict` that make the one of a literal, and put an entry into it.
    fn dict_members(&self) -> [FnId; 2] {
        ["with_capacity", "insert"].map(|name| {
            let found = self.hir.lang.dict.and_then(|dict| self.definitions().member_of_struct(dict, name));
            found.unwrap_or_else(|| bug!("Dict has no {name}"))
        })
    }

    fn add(&mut self, function: Function) -> FunctionId {
        self.functions.push(function);
        FunctionId::from_index(self.functions.len() - 1)
    }

    /// The number of the function's next task body, from 1.
    fn next_task_number(&mut self) -> u32 {
        next(&mut self.task_count)
    }

    /// The number of the function's next closure, from 1.
    fn next_closure_number(&mut self) -> u32 {
        next(&mut self.closure_count)
    }

    /// The number of the function's next `defer`, from 1.
    fn next_defer_number(&mut self) -> u32 {
        next(&mut self.defer_count)
    }
}

fn next(count: &mut u32) -> u32 {
    *count += 1;
    *count
}
