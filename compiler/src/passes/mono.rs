//! Monomorphisation: one function for each combination of type arguments that `main` can reach.
//!
//! Instances are numbered in the order in which they are found, breadth first from `main`, so the same program always
//! gives the same MIR. Afterwards no type has a parameter, and every callee is a function or a runtime function.

use std::collections::VecDeque;

use plat_abi::functions::RuntimeFn;
use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::index::IndexVec;
use plat_syntax::source::Span;

use super::errors::{endless_instances, endless_type};
use super::glue;
use crate::bug;
use crate::hir::{self, FnId, FnKind, Hir, Owner};
use crate::mir::boxing::{MAX_PARTS, contained_tys, has_at_most_parts};
use crate::mir::managed::Managed;
use crate::mir::transfer::{Known, Transfer};
use crate::mir::typing::field_tys;
use crate::mir::{
    Argument, Callee, CastKind, Const, Entry, EntryId, Function, FunctionId, FunctionKind, Glue, Mir,
    Operand, Rvalue, Statement, StatementKind, Table,
};
use crate::types::{FloatTy, Ty, TyKind, TypePrinter};

mod comparisons;
mod interfaces;
mod names;
mod substitute;

pub(super) use interfaces::TableMethod;
pub(super) use names::{glue_name, method_name};

/// The largest type argument that is taken for a sensible one, in names. Half of [`MAX_PARTS`], so that a function that asks
/// for ever larger instances is found before the types in it are.
const MAX_ARG_PARTS: usize = MAX_PARTS / 2;

/// Makes the instances that the program needs.
pub fn run(built: &Mir, hir: &Hir, sink: &mut Sink) -> Mir {
    instances(built, hir, built.main.as_slice(), sink)
}

/// Makes the instances that the program's functions need which `main` does not reach, nor anything that it reaches: not to
/// be compiled, but to find mistakes in them. Functions with type parameters are left out, except for their instances.
pub fn unreached(built: &Mir, hir: &Hir, reached: &Mir, sink: &mut Sink) -> Option<Mir> {
    let reached: HashSet<FnId> = reached.functions.iter().filter_map(|function| function.origin).collect();
    let is_unreached = |function: &Function| {
        function.kind == FunctionKind::Plain
            && function.type_param_count == 0
            && !function.is_library
            && function.origin.is_some_and(|origin| !reached.contains(&origin))
    };
    let functions = built.functions.iter_enumerated();
    let roots: Vec<_> = functions.filter(|(_, function)| is_unreached(function)).map(|(id, _)| id).collect();
    (!roots.is_empty()).then(|| instances(built, hir, &roots, sink))
}

/// Makes the instances that these functions need.
fn instances(built: &Mir, hir: &Hir, roots: &[FunctionId], sink: &mut Sink) -> Mir {
    let mut mono = Mono {
        built,
        hir,
        sink,
        by_definition: plain_functions(built),
        numbers: HashMap::default(),
        pending: VecDeque::new(),
        deinits: Vec::new(),
        checked: HashSet::default(),
        managed: Managed::new(&hir.definitions),
        sharing: Known::default(),
        reported: HashSet::default(),
        entries: IndexVec::new(),
        entry_ids: HashMap::default(),
        tables: Vec::new(),
        generic_entries: HashMap::default(),
        has_table: HashSet::default(),
    };
    let mut mir = Mir::default();
    for &root in roots {
        let number = mono.request(Instance::Function(root, Vec::new()));
        if built.main == Some(root) {
            mir.main = number;
        }
        mono.note_deinit(root, number);
    }
    while let Some(instance) = mono.pending.pop_front() {
        let function = mono.instantiate(&instance);
        mir.functions.push(function);
    }
    mir.deinits = mono.deinits;
    mir.entries = mono.entries;
    mir.tables = mono.tables;
    mir
}

/// The MIR function of each HIR function.
fn plain_functions(built: &Mir) -> HashMap<FnId, FunctionId> {
    let plain =
        built.functions.iter_enumerated().filter(|(_, function)| function.kind == FunctionKind::Plain);
    plain.filter_map(|(id, function)| Some((function.origin?, id))).collect()
}

/// A function that the result will have.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Instance {
    /// A built function with type arguments.
    Function(FunctionId, Vec<Ty>),
    /// A generated function.
    Glue(Glue, Ty),
    /// What the table of a value of an interface's type has for a method, when it holds a value of the other type.
    Method(Ty, TableMethod, Ty),
}

struct Mono<'a> {
    built: &'a Mir,
    hir: &'a Hir,
    sink: &'a mut Sink,
    by_definition: HashMap<FnId, FunctionId>,
    /// The number of each instance requested so far.
    numbers: HashMap<Instance, FunctionId>,
    /// Those not made yet, in the order of their numbers.
    pending: VecDeque<Instance>,
    /// The `deinit`s of the classes that there are objects of.
    deinits: Vec<(Ty, FunctionId)>,
    /// Types known to contain finitely many types.
    checked: HashSet<Ty>,
    managed: Managed<'a>,
    /// Which types belong to one task at a time.
    sharing: Known,
    /// Definitions that have been reported as endless.
    reported: HashSet<Span>,
    /// Methods that are called through tables.
    entries: IndexVec<EntryId, Entry>,
    /// Their numbers, by the interface's type and the number in its tables.
    entry_ids: HashMap<(Ty, u32), EntryId>,
    tables: Vec<Table>,
    /// Instances of generic methods that values of each interface's type are called with, in the order of their numbers,
    /// which follow those of the other methods.
    generic_entries: HashMap<Ty, Vec<TableMethod>>,
    /// The interface's type and the other type of each table.
    has_table: HashSet<(Ty, Ty)>,
}

impl Mono<'_> {
    /// The number of an instance, or `None` if there would be no end to them, which is reported.
    fn request(&mut self, instance: Instance) -> Option<FunctionId> {
        if let Some(&number) = self.numbers.get(&instance) {
            return Some(number);
        }
        let is_small = match &instance {
            Instance::Function(_, args) => args.iter().all(|&arg| has_at_most_parts(arg, MAX_ARG_PARTS)),
            Instance::Glue(_, ty) => has_at_most_parts(*ty, MAX_PARTS),
            Instance::Method(_, method, ty) => {
                has_at_most_parts(*ty, MAX_PARTS)
                    && method.args.iter().all(|&arg| has_at_most_parts(arg, MAX_ARG_PARTS))
            }
        };
        if !is_small {
            match &instance {
                Instance::Function(id, args) => self.report_endless(*id, args),
                Instance::Method(_, method, _) if !method.args.is_empty() => {
                    self.report_endless_method(method);
                }
                Instance::Glue(_, ty) | Instance::Method(_, _, ty) => self.report_endless_type(*ty),
            }
            return None;
        }
        let number = FunctionId(u32::try_from(self.numbers.len()).expect("fewer than 2^32 instances"));
        self.numbers.insert(instance.clone(), number);
        self.pending.push_back(instance);
        Some(number)
    }

    fn report_endless(&mut self, id: FunctionId, args: &[Ty]) {
        let function = &self.built.functions[id];
        if self.reported.insert(function.span) {
            let example = names::instance_name(&self.hir.definitions, self.built, id, args);
            self.sink.emit(endless_instances(function.span, &function.name, &example));
        }
    }

    fn report_endless_method(&mut self, method: &TableMethod) {
        let function = &self.hir.definitions.functions[method.method];
        if self.reported.insert(function.span) {
            let name = function.name.as_str();
            self.sink.emit(endless_instances(function.span, name, name));
        }
    }

    fn instantiate(&mut self, instance: &Instance) -> Function {
        let mut function = match instance {
            Instance::Function(id, args) => {
                let mut function = self.built.functions[*id].clone();
                function.name = names::instance_name(&self.hir.definitions, self.built, *id, args);
                function.type_param_count = 0;
                substitute::apply(&mut function, args);
                function
            }
            Instance::Glue(glue, ty) => glue::generate(self.hir, *glue, *ty, self.main_span()),
            Instance::Method(as_ty, method, ty) => glue::generate_method(self.hir, *as_ty, method, *ty),
        };
        for decl in function.locals.iter() {
            self.check_ty(decl.ty);
        }
        self.resolve_callees(&mut function);
        function
    }

    /// Reports a type that contains ever larger types.
    fn check_ty(&mut self, ty: Ty) {
        let mut pending = vec![ty];
        while let Some(ty) = pending.pop() {
            if !self.checked.insert(ty) {
                continue;
            }
            if has_at_most_parts(ty, MAX_PARTS) {
                pending.extend_from_slice(ty.parts());
                pending.extend(contained_tys(&self.hir.definitions, ty));
                if matches!(ty.kind(), TyKind::Class(..)) {
                    pending.extend(field_tys(&self.hir.definitions, ty, None).unwrap_or_default());
                }
            } else {
                self.report_endless_type(ty);
            }
        }
    }

    fn report_endless_type(&mut self, ty: Ty) {
        let definitions = &self.hir.definitions;
        let (span, name) = match *ty.kind() {
            TyKind::Struct(id, _) => (definitions.structs[id].span, definitions.structs[id].name.as_str()),
            TyKind::Enum(id, _) => (definitions.enums[id].span, definitions.enums[id].name.as_str()),
            TyKind::Class(id, _) => (definitions.classes[id].span, definitions.classes[id].name.as_str()),
            _ => (self.main_span(), "main"),
        };
        if self.reported.insert(span) {
            let example = TypePrinter::new(definitions, ty).to_string();
            self.sink.emit(endless_type(span, name, &example));
        }
    }

    /// Where generated code belongs: to `main`, or in a module without one to whatever comes first.
    fn main_span(&self) -> Span {
        let mut first = self.built.functions.iter().filter(|function| !function.is_library);
        let main = self.built.main.map(|main| &self.built.functions[main]).or_else(|| first.next());
        main.unwrap_or_else(|| bug!("instances are of something")).span
    }

    fn resolve_callees(&mut self, function: &mut Function) {
        comparisons::fuse(function, &|ty| self.replaced_glue(Glue::Equal, ty).is_none());
        let mut blocks = std::mem::take(&mut function.blocks);
        for block in blocks.iter_mut() {
            let statements = std::mem::take(&mut block.statements);
            for statement in statements {
                self.resolve_statement(function, statement, &mut block.statements);
            }
        }
        function.blocks = blocks;
        self.request_tables(function);
    }

    fn resolve_statement(
        &mut self,
        function: &mut Function,
        statement: Statement,
        into: &mut Vec<Statement>,
    ) {
        let Statement { mut kind, span, site } = self.resolve_interface(function, statement, into);
        if let StatementKind::Assign(_, rvalue) = &mut kind
            && let Rvalue::IsManaged(ty) = rvalue
        {
            let is_managed = self.managed.needs_release(*ty);
            *rvalue = Rvalue::Use(Operand::Const(Const::Bool(is_managed)));
        }
        into.extend(self.take_result(function, &kind).map(|kind| Statement { kind, span, site }));
        if let StatementKind::Call { callee: Callee::Glue(Glue::Display, ty), args, .. } = &mut kind {
            let wide = widen_float(function, *ty, args);
            into.extend(wide.map(|kind| Statement { kind, span, site }));
        }
        if let StatementKind::Assign(_, Rvalue::Aggregate(ty, None, _)) = &kind {
            self.request_deinit(*ty);
        }
        if let Some(callee) = kind.callee_mut() {
            *callee = self.resolve(callee);
        }
        into.push(Statement { kind, span, site });
    }

    /// What comes before reading a task's result, if that belongs to one task at a time: it can be taken out once.
    fn take_result(&self, function: &Function, kind: &StatementKind) -> Option<StatementKind> {
        let (StatementKind::Assign(target, Rvalue::TaskResult(task))
        | StatementKind::Init(target, Rvalue::TaskResult(task))) = kind
        else {
            return None;
        };
        let transfer = Transfer::new(&self.hir.definitions, &[], &self.sharing);
        let take = || StatementKind::Call {
            target: None,
            callee: Callee::Runtime(RuntimeFn::task_take),
            args: vec![Argument::Value(Operand::Use(task.clone()))],
        };
        transfer.is_transfer(function.place_ty(&self.hir.definitions, target)).then(take)
    }

    /// Makes the `deinit` of a class of which an object is made.
    fn request_deinit(&mut self, ty: Ty) {
        let TyKind::Class(id, args) = *ty.kind() else { return };
        let Some(deinit) = self.hir.definitions.classes[id].deinit else { return };
        if self.deinits.iter().any(|&(known, _)| known == ty) {
            return;
        }
        let Some(&function) = self.by_definition.get(&deinit) else { bug!("{deinit} has no MIR") };
        if let Some(number) = self.request(Instance::Function(function, args.to_vec())) {
            self.deinits.push((ty, number));
        }
    }

    /// A `deinit` that is asked for by itself is that of its class, of which there may be no objects.
    fn note_deinit(&mut self, root: FunctionId, number: Option<FunctionId>) {
        let origin = self.built.functions[root].origin.map(|id| &self.hir.definitions.functions[id]);
        if let (Some(number), Some(hir::Function { kind: FnKind::Deinit, owner, .. })) = (number, origin)
            && let Some(Owner::Class(class)) = owner
        {
            self.deinits.push((Ty::new(TyKind::Class(*class, Ty::list(&[]))), number));
        }
    }

    fn resolve(&mut self, callee: &Callee) -> Callee {
        let instance = match callee {
            Callee::Generic(id, args) => match self.by_definition.get(id) {
                Some(&function) => Instance::Function(function, args.clone()),
                None => bug!("{id} is called and has no MIR"),
            },
            Callee::GenericBody(id, args) => Instance::Function(*id, args.clone()),
            Callee::Glue(Glue::Display, ty) if let Some(function) = format_function(*ty) => {
                return Callee::Runtime(function);
            }
            Callee::Glue(Glue::Compare, ty) if *ty == Ty::string() => {
                return Callee::Runtime(RuntimeFn::bytes_compare);
            }
            Callee::Glue(glue, ty) => match self.replaced_glue(*glue, *ty) {
                Some(callee) => return self.resolve(&callee),
                None => Instance::Glue(*glue, *ty),
            },
            Callee::Function(_)
            | Callee::Value(_)
            | Callee::Entry(_)
            | Callee::Runtime(_)
            | Callee::Primitive(_)
            | Callee::Foreign(_) => {
                return callee.clone();
            }
        };
        // After an error the MIR is not used: the callee may stay generic.
        self.request(instance).map_or_else(|| callee.clone(), Callee::Function)
    }
}

/// The runtime function that displays a value of this type.
fn format_function(ty: Ty) -> Option<RuntimeFn> {
    Some(match ty.kind() {
        TyKind::Int(int) if int.is_signed() => RuntimeFn::format_int,
        TyKind::Int(_) => RuntimeFn::format_uint,
        TyKind::Float(FloatTy::F64) => RuntimeFn::format_float,
        TyKind::Float(FloatTy::F32) => RuntimeFn::format_float32,
        TyKind::Bool => RuntimeFn::format_bool,
        TyKind::Char => RuntimeFn::format_char,
        TyKind::String => RuntimeFn::format_string,
        _ => return None,
    })
}

/// The runtime formats a `Float32` given as the `Float64` of equal value.
fn widen_float(function: &mut Function, ty: Ty, args: &mut [Argument]) -> Option<StatementKind> {
    if !matches!(ty.kind(), TyKind::Float(FloatTy::F32)) {
        return None;
    }
    let [_, Argument::Value(value), _] = args else { bug!("display takes a builder, a value and a format") };
    let wide = function.add_temp(Ty::float());
    let cast = Rvalue::Cast(CastKind::Checked, value.clone(), Ty::float());
    *value = Operand::Use(wide.into());
    Some(StatementKind::Assign(wide.into(), cast))
}
