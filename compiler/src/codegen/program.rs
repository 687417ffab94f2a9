//! What all functions of one compilation share, computed before the first is compiled and only read after.

use cranelift_codegen::isa::OwnedTargetIsa;
use plat_abi::functions::RuntimeFn;
use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::{SourceMap, Span};

use super::abi::FunctionAbi;
use super::closure::FunctionValues;
use super::crossing::Crossing;
use super::forks::{AllForks, find_forks};
use super::item::{Glue, Item};
use super::layout::{HiddenWords, Layouts, Part, TypeIndex, place_captures};
use super::{DebugInfo, Listing, Options, Sanitizer};
use crate::hir::{Definitions, FieldId};
use crate::mir::graph;
use crate::mir::managed::Managed;
use crate::mir::{
    Callee, Const, Entry, EntryId, Function, FunctionId, FunctionKind, Mir, Operand, Place, Poll, Projection,
    Rvalue, StatementKind, TerminatorKind,
};
use crate::types::{Sharing, Ty, TyKind, TypePrinter};

/// A program on its way to machine code.
pub struct Program<'a> {
    /// Its functions.
    pub mir: &'a Mir,
    /// Its types' definitions.
    pub definitions: &'a Definitions,
    /// Its texts.
    pub sources: &'a SourceMap,
    /// The machine.
    pub isa: OwnedTargetIsa,
    /// What to print on the way.
    pub listing: Option<Listing>,
    /// What to tell debuggers.
    pub debug_info: DebugInfo,
    /// Who is told of accesses to memory.
    pub sanitizer: Sanitizer,
    /// The layouts of its types.
    pub layouts: Layouts,
    /// How its functions are called.
    pub abis: IndexVec<FunctionId, FunctionAbi>,
    /// How methods are called through tables.
    pub entry_abis: IndexVec<EntryId, FunctionAbi>,
    /// The numbers of the tables, by the interface's type and what its values hold.
    table_numbers: HashMap<(Ty, Ty), u32>,
    /// The number of each table among those of its interface.
    table_kinds: Vec<u32>,
    /// Which functions check the stack: some on each cycle of the call graph.
    pub checks_stack: IndexVec<FunctionId, bool>,
    /// The tasks whose records stand in frames.
    pub forks: AllForks,
    /// The functions it uses as values.
    pub values: FunctionValues,
    /// Its string literals.
    pub strings: Vec<Symbol>,
    string_numbers: HashMap<Symbol, u32>,
    deinits: HashMap<Ty, FunctionId>,
    /// The types whose release may run a `deinit`.
    runs_deinit: HashSet<Ty>,
    /// Whether it binds task-locals, which tasks then inherit.
    pub binds_locals: bool,
    /// Whether it has transactions, at whose end objects then go that were dropped meanwhile.
    pub has_transactions: bool,
    /// The classes whose objects may go from task to task.
    pub crossing: Crossing,
}

impl<'a> Program<'a> {
    /// Looks through the program.
    pub fn new(
        mir: &'a Mir,
        definitions: &'a Definitions,
        sources: &'a SourceMap,
        isa: OwnedTargetIsa,
        options: &Options,
    ) -> Self {
        let mut mentioned = Mentioned::default();
        for function in mir.functions.iter() {
            mentioned.add_function(definitions, sources, function);
        }
        let hidden = std::mem::take(&mut mentioned.hidden);
        mentioned.types.extend(mir.tables.iter().flat_map(|table| [table.interface, table.ty]));
        let values = std::mem::take(&mut mentioned.values);
        let types = std::mem::take(&mut mentioned.types);
        let layouts = Layouts::new(definitions, &mir.tables, types, hidden, &values.captured(mir));
        let abis = mir.functions.iter().map(|function| FunctionAbi::new(&layouts, function)).collect();
        let entry_abi = |entry: &Entry| FunctionAbi::of(&layouts, entry.params.iter().copied(), entry.result);
        let entry_abis = mir.entries.iter().map(entry_abi).collect();
        let tables = mir.tables.iter().zip(0..);
        let table_numbers = tables.map(|(table, number)| ((table.interface, table.ty), number)).collect();
        let table_kinds = kinds_of_tables(mir);
        let managed = Managed::new(definitions);
        let forks = find_forks(mir, &layouts);
        let checks_stack = find_checking(mir, &managed, &values, &forks);
        let runs_deinit = match managed.has_deinits() {
            true => layouts.types().filter(|&ty| managed.runs_deinit(ty)).collect(),
            false => HashSet::default(),
        };
        let Mentioned { strings, string_numbers, .. } = mentioned;
        let Options { listing, debug_info, sanitizer, .. } = *options;
        let deinits = mir.deinits.iter().copied().collect();
        Self {
            mir,
            definitions,
            sources,
            isa,
            listing,
            debug_info,
            sanitizer,
            layouts,
            abis,
            entry_abis,
            table_numbers,
            table_kinds,
            checks_stack,
            forks,
            values,
            strings,
            string_numbers,
            deinits,
            runs_deinit,
            binds_locals: calls(mir, RuntimeFn::set_locals),
            has_transactions: calls(mir, RuntimeFn::transaction_enter),
            crossing: Crossing::new(definitions, mir),
        }
    }

    /// The table of values of the interface's type that hold a value of the other type.
    pub fn table(&self, interface: Ty, ty: Ty) -> u32 {
        match self.table_numbers.get(&(interface, ty)) {
            Some(&number) => number,
            None => crate::bug!("no table for {ty:?} as {interface:?}"),
        }
    }

    /// The number of a table among those of its interface.
    pub fn table_kind(&self, table: u32) -> u32 {
        self.table_kinds[table as usize]
    }

    /// The functions that a function may call through tables.
    pub fn dynamic_callees(&self, id: FunctionId) -> Vec<FunctionId> {
        dynamic_callees(self.mir, &self.mir.functions[id])
    }

    /// The number of a string literal.
    pub fn string_number(&self, text: Symbol) -> u32 {
        self.string_numbers[&text]
    }

    /// A field of a class, as a message names it that says that it is in use.
    pub fn field_in_use(&self, class: Ty, field: FieldId) -> Symbol {
        field_in_use(self.definitions, class, field)
    }

    /// A closure, as such a message names it.
    pub fn closure_in_use(&self) -> Symbol {
        closure_in_use()
    }

    /// A place in the source as messages name it.
    pub fn place_text(&self, span: Span) -> Symbol {
        place_text(self.sources, span)
    }

    /// Whether the release of a value of this type may run a `deinit`.
    pub fn runs_deinit(&self, ty: Ty) -> bool {
        self.runs_deinit.contains(&ty.without_sharing())
    }

    /// The `deinit` of a class.
    pub fn deinit(&self, class: Ty) -> Option<FunctionId> {
        self.deinits.get(&class).copied()
    }

    /// The captures of a task body in its record, and where they end.
    pub fn captures(&self, task: FunctionId) -> (Vec<Part>, u32) {
        let function = &self.mir.functions[task];
        place_captures(&self.layouts, function.params().map(|param| function.locals[param].ty))
    }

    /// Where the program begins.
    pub fn main(&self) -> FunctionId {
        self.mir.main.unwrap_or_else(|| crate::bug!("a program has a `main`"))
    }

    /// The name of an item in symbol tables and listings.
    pub fn item_name(&self, item: Item) -> String {
        match item {
            Item::Function(id) => format!("plat::{}", self.mir.functions[id].name),
            Item::Runtime(function) => function.symbol().to_owned(),
            Item::Glue(glue) => self.glue_name(glue),
            Item::String(number) => format!("plat::string.{number}"),
            Item::EmptyBuffer => "plat::empty_buffer".to_owned(),
            Item::EmptyVariant(ty, variant) => format!("plat::empty_variant.{ty}.{}", variant.0),
            Item::InterfaceTable(number) => {
                let table = &self.mir.tables[number as usize];
                let show = |ty: Ty| TypePrinter::new(self.definitions, ty).to_string();
                format!("plat::table.{}.{}", show(table.interface), show(table.ty))
            }
            Item::TypeInfo(ty) => format!("plat::type_info.{}", self.type_name(ty)),
            Item::TaskDescriptor(id) => format!("plat::task.{}", self.mir.functions[id].name),
            Item::FrameTask(id) => format!("plat::fork.{}", self.mir.functions[id].name),
            Item::ScopeSite(id, scope) => format!("plat::scope.{}.{}", self.mir.functions[id].name, scope.0),
            Item::Global(id) => format!("plat::const.{}", self.mir.functions[id].name),
            Item::Closure(id) => format!("plat::function.{}", self.mir.functions[id].name),
            Item::ClosureInfo(id) => format!("plat::closure.{}", self.mir.functions[id].name),
            Item::Program => "plat::program".to_owned(),
            Item::Memmove => "memmove".to_owned(),
            Item::Start => "plat_rt_start".to_owned(),
            Item::CallDeinit => "plat_call_deinit".to_owned(),
            Item::Poll(Poll::Ends) => "plat_loop_poll".to_owned(),
            Item::Poll(Poll::Pauses) => "plat_loop_pause".to_owned(),
            Item::Foreign(id) => self.definitions.functions[id].name.to_string(),
            Item::ForeignStub(_) | Item::SanitizerStub => "plat_foreign".to_owned(),
            Item::Sanitizer(function) => function.symbol().to_owned(),
            Item::MoreStack(_) => "__morestack".to_owned(),
        }
    }

    fn glue_name(&self, glue: Glue) -> String {
        match glue {
            Glue::Drop(ty) => format!("plat::drop.{}", self.type_name(ty)),
            Glue::Share(ty) => format!("plat::share.{}", self.type_name(ty)),
            Glue::Free(ty) => format!("plat::free.{}", self.type_name(ty)),
            Glue::ShareContents(ty) => format!("plat::share_contents.{}", self.type_name(ty)),
            Glue::FreeWeak(ty) => format!("plat::free_weak.{}", self.type_name(ty)),
            Glue::EndObject(ty) => format!("plat::end_object.{}", self.type_name(ty)),
            Glue::FreeChain(group) => format!("plat::free_chain.{group}"),
            Glue::ShareAll(group) => format!("plat::share_all.{group}"),
            Glue::DropCaptures(id) => format!("plat::drop_captures.{}", self.mir.functions[id].name),
            Glue::RunDefer(id) => format!("plat::run_defer.{}", self.mir.functions[id].name),
            Glue::ClosureEntry(id) => format!("plat::entry.{}", self.mir.functions[id].name),
            Glue::FreeClosure(id) => format!("plat::free_closure.{}", self.mir.functions[id].name),
            Glue::ShareClosure(id) => format!("plat::share_closure.{}", self.mir.functions[id].name),
            Glue::Watch(watch) => format!("plat::watch.{}", watch.symbol()),
            Glue::MainTask => "plat::main_task".to_owned(),
            Glue::Main => "main".to_owned(),
        }
    }

    /// A type as the program would write it.
    pub fn type_name(&self, ty: TypeIndex) -> String {
        TypePrinter::new(self.definitions, self.layouts.ty(ty)).to_string()
    }

    /// Whether loads and stores are ordered as x86 orders them.
    pub fn is_x86(&self) -> bool {
        self.isa.name() == "x64"
    }
}

/// Types and strings, in the order the program mentions them.
#[derive(Default)]
struct Mentioned {
    types: Vec<Ty>,
    hidden: HiddenWords,
    values: FunctionValues,
    strings: Vec<Symbol>,
    string_numbers: HashMap<Symbol, u32>,
}

impl Mentioned {
    fn add_function(&mut self, definitions: &Definitions, sources: &SourceMap, function: &Function) {
        self.types.extend(function.locals.iter().map(|local| local.ty));
        for block in function.blocks.iter() {
            for statement in &block.statements {
                self.add_statement(&statement.kind);
                if let StatementKind::InUse(_, place) = &statement.kind {
                    self.add_use(definitions, sources, function, place, statement.span);
                }
                if let StatementKind::Assign(_, Rvalue::Identity(place)) = &statement.kind {
                    self.hidden.numbered.insert(function.place_ty(definitions, place));
                }
            }
            if let TerminatorKind::Branch(operand, ..) | TerminatorKind::Switch(operand, ..) =
                &block.terminator.kind
            {
                self.add_operand(operand);
            }
        }
    }

    fn add_statement(&mut self, statement: &StatementKind) {
        if let StatementKind::Assign(_, rvalue) | StatementKind::Init(_, rvalue) = statement
            && let Rvalue::Aggregate(ty, ..)
            | Rvalue::NewBuffer(ty, _)
            | Rvalue::Upgrade(_, ty)
            | Rvalue::Interface(ty, _)
            | Rvalue::Reinterpret(_, ty) = rvalue
        {
            self.types.push(*ty);
        }
        if let StatementKind::Assign(_, Rvalue::Closure(closure))
        | StatementKind::Init(_, Rvalue::Closure(closure)) = statement
            && let Callee::Function(body) = closure.body
        {
            self.types.push(closure.ty);
            self.values.add(closure.ty, body);
        }
        statement.for_each_operand(|operand| self.add_operand(operand));
    }

    /// What may be found in use: its name, and where that begins, are told when it is.
    fn add_use(
        &mut self,
        definitions: &Definitions,
        sources: &SourceMap,
        function: &Function,
        place: &Place,
        span: Span,
    ) {
        let mut reference = place.clone();
        if let Some(Projection::ClassField(field)) = reference.projections.pop() {
            let class = function.place_ty(definitions, &reference);
            self.hidden.in_use.insert((class, field));
            self.add_string(field_in_use(definitions, class, field));
        } else {
            self.add_string(closure_in_use());
        }
        self.add_string(place_text(sources, span));
    }

    fn add_string(&mut self, text: Symbol) {
        if !self.string_numbers.contains_key(&text) {
            self.string_numbers.insert(text, self.strings.len() as u32);
            self.strings.push(text);
            self.types.push(Ty::string());
        }
    }

    fn add_operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Const(Const::String(text)) => self.add_string(*text),
            Operand::Const(Const::TypeInfo(ty)) => self.types.push(*ty),
            Operand::Const(constant) => self.types.push(constant.ty()),
            _ => {}
        }
    }
}

/// The functions that check the stack: at least one on each cycle of the call graph, so that what is called between two checks is bounded.
/// The bodies of tasks leave that to the functions on the cycle, if there is one.
fn find_checking(
    mir: &Mir,
    managed: &Managed<'_>,
    values: &FunctionValues,
    forks: &AllForks,
) -> IndexVec<FunctionId, bool> {
    let callees = |function| callees(mir, function, values);
    let mut edges: Vec<Vec<usize>> = mir.functions.iter().map(callees).collect();
    for (edges, forks) in edges.iter_mut().zip(forks.iter()) {
        edges.extend(forks.values().map(|fork| fork.body.0 as usize));
    }
    for (edges, function) in edges.iter_mut().zip(mir.functions.iter()) {
        edges.extend(deinits_run(mir, managed, function));
    }
    let is_task = |node: usize| mir.functions[FunctionId(node as u32)].kind == FunctionKind::TaskBody;
    let mut checks = IndexVec::filled(mir.functions.len(), false);
    for node in graph::cycles(&edges).into_iter().flatten() {
        checks[FunctionId(node as u32)] = !is_task(node);
    }
    for (node, edges) in edges.iter_mut().enumerate() {
        edges.retain(|&callee| is_task(node) && is_task(callee));
    }
    for node in graph::cycles(&edges).into_iter().flatten() {
        checks[FunctionId(node as u32)] = true;
    }
    checks
}

fn field_in_use(definitions: &Definitions, class: Ty, field: FieldId) -> Symbol {
    match *class.kind() {
        TyKind::Class(id, _) => {
            Symbol::intern(&format!("field {}", definitions.classes[id].fields[field].name))
        }
        _ => crate::bug!("a field of {class:?}"),
    }
}

fn closure_in_use() -> Symbol {
    Symbol::intern("the closure")
}

fn place_text(sources: &SourceMap, span: Span) -> Symbol {
    let at = sources.line_column(span);
    Symbol::intern(&format!("{}:{}:{}", sources.file(span.file).name, at.line, at.column))
}

/// The `deinit`s that what a function releases may run.
fn deinits_run(mir: &Mir, managed: &Managed<'_>, function: &Function) -> Vec<usize> {
    if mir.deinits.is_empty() {
        return Vec::new();
    }
    let statements = function.blocks.iter().flat_map(|block| &block.statements);
    let released = statements.filter_map(|statement| match &statement.kind {
        StatementKind::Release(place) => Some(function.place_ty(managed.definitions(), place)),
        _ => None,
    });
    let released: HashSet<Ty> = released.collect();
    let runs = |class: Ty| released.iter().any(|&ty| managed.may_end(ty, class));
    mir.deinits.iter().filter(|&&(class, _)| runs(class)).map(|&(_, deinit)| deinit.0 as usize).collect()
}

fn callees(mir: &Mir, function: &Function, values: &FunctionValues) -> Vec<usize> {
    let mut callees = Vec::new();
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        match &statement.kind {
            StatementKind::Call { callee: Callee::Function(id), .. }
            | StatementKind::Defer { body: Callee::Function(id), .. } => callees.push(id.0 as usize),
            _ => {}
        }
    }
    for ty in called_values(function) {
        callees.extend(values.of(ty).iter().map(|body| body.0 as usize));
    }
    callees.extend(dynamic_callees(mir, function).into_iter().map(|id| id.0 as usize));
    callees
}

/// The functions that a function may call through tables: those of every table that has the entry.
fn dynamic_callees(mir: &Mir, function: &Function) -> Vec<FunctionId> {
    let mut callees = Vec::new();
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        if let StatementKind::Call { callee: Callee::Entry(id), .. } = &statement.kind {
            let entry = &mir.entries[*id];
            let tables = mir.tables.iter().filter(|table| table.interface == entry.interface);
            callees.extend(tables.map(|table| table.methods[entry.number as usize]));
        }
    }
    callees
}

/// Whether the program calls a function of the runtime by itself.
fn calls(mir: &Mir, wanted: RuntimeFn) -> bool {
    mir.functions.iter().flat_map(Function::statements).any(|statement| {
        matches!(statement.kind, StatementKind::Call { callee: Callee::Runtime(called), .. } if called == wanted)
    })
}

/// The types of function values that a function calls, each once.
pub fn called_values(function: &Function) -> Vec<Ty> {
    let mut called = Vec::new();
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        let ty = match &statement.kind {
            StatementKind::Call { callee: Callee::Value(ty), .. } => *ty,
            // It calls its argument, on the caller's stack.
            StatementKind::Call {
                callee: Callee::Runtime(RuntimeFn::catch_panic | RuntimeFn::scope_catch),
                ..
            } => Ty::function(&[], Ty::unit(), Sharing::Transfer),
            _ => continue,
        };
        if !called.contains(&ty) {
            called.push(ty);
        }
    }
    called
}

/// The number of each table among those of its interface.
fn kinds_of_tables(mir: &Mir) -> Vec<u32> {
    let mut counts: HashMap<Ty, u32> = HashMap::default();
    let numbered = mir.tables.iter().map(|table| {
        let count = counts.entry(table.interface).or_default();
        *count += 1;
        *count - 1
    });
    numbered.collect()
}
