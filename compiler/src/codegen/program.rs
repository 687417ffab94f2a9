//! What all functions of one compilation share, computed before the first is compiled and only read after.

use std::collections::HashMap;

use cranelift_codegen::isa::OwnedTargetIsa;
use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::SourceMap;

use super::abi::FunctionAbi;
use super::item::{Glue, Item};
use super::layout::{Layouts, Part, TypeIndex, place_captures};
use super::{DebugInfo, Listing, Options, graph};
use crate::hir::Definitions;
use crate::mir::{Callee, Const, Function, FunctionId, Mir, Operand, Rvalue, StatementKind, TerminatorKind};
use crate::types::{Ty, TypePrinter};

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
    /// The layouts of its types.
    pub layouts: Layouts,
    /// How its functions are called.
    pub abis: IndexVec<FunctionId, FunctionAbi>,
    /// Which functions can be reached from themselves: they check the stack.
    pub is_recursive: IndexVec<FunctionId, bool>,
    /// Its string literals.
    pub strings: Vec<Symbol>,
    string_numbers: HashMap<Symbol, u32>,
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
            mentioned.add_function(function);
        }
        let layouts = Layouts::new(definitions, std::mem::take(&mut mentioned.types));
        let abis = mir.functions.iter().map(|function| FunctionAbi::new(&layouts, function)).collect();
        let is_recursive = find_recursive(mir);
        let Mentioned { strings, string_numbers, .. } = mentioned;
        let Options { listing, debug_info, .. } = *options;
        Self {
            mir,
            definitions,
            sources,
            isa,
            listing,
            debug_info,
            layouts,
            abis,
            is_recursive,
            strings,
            string_numbers,
        }
    }

    /// The number of a string literal.
    pub fn string_number(&self, text: Symbol) -> u32 {
        self.string_numbers[&text]
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
            Item::TypeInfo(ty) => format!("plat::type_info.{}", self.type_name(ty)),
            Item::TaskDescriptor(id) => format!("plat::task.{}", self.mir.functions[id].name),
            Item::Global(id) => format!("plat::const.{}", self.mir.functions[id].name),
            Item::Program => "plat::program".to_owned(),
            Item::Memmove => "memmove".to_owned(),
            Item::Start => "plat_rt_start".to_owned(),
            Item::Foreign(id) => self.definitions.functions[id].name.to_string(),
            Item::ForeignStub(_) => "plat_foreign".to_owned(),
        }
    }

    fn glue_name(&self, glue: Glue) -> String {
        match glue {
            Glue::Drop(ty) => format!("plat::drop.{}", self.type_name(ty)),
            Glue::Share(ty) => format!("plat::share.{}", self.type_name(ty)),
            Glue::Free(ty) => format!("plat::free.{}", self.type_name(ty)),
            Glue::ShareContents(ty) => format!("plat::share_contents.{}", self.type_name(ty)),
            Glue::FreeChain(group) => format!("plat::free_chain.{group}"),
            Glue::ShareAll(group) => format!("plat::share_all.{group}"),
            Glue::DropCaptures(id) => format!("plat::drop_captures.{}", self.mir.functions[id].name),
            Glue::RunDefer(id) => format!("plat::run_defer.{}", self.mir.functions[id].name),
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
    strings: Vec<Symbol>,
    string_numbers: HashMap<Symbol, u32>,
}

impl Mentioned {
    fn add_function(&mut self, function: &Function) {
        self.types.extend(function.locals.iter().map(|local| local.ty));
        for block in function.blocks.iter() {
            for statement in &block.statements {
                self.add_statement(&statement.kind);
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
            && let Rvalue::Aggregate(ty, ..) | Rvalue::NewBuffer(ty, _) | Rvalue::Reinterpret(_, ty) = rvalue
        {
            self.types.push(*ty);
        }
        statement.for_each_operand(|operand| self.add_operand(operand));
    }

    fn add_operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Const(Const::String(text)) if !self.string_numbers.contains_key(text) => {
                self.string_numbers.insert(*text, self.strings.len() as u32);
                self.strings.push(*text);
                self.types.push(Ty::string());
            }
            Operand::Const(Const::TypeInfo(ty)) => self.types.push(*ty),
            Operand::Const(constant) => self.types.push(constant.ty()),
            _ => {}
        }
    }
}

fn find_recursive(mir: &Mir) -> IndexVec<FunctionId, bool> {
    let edges: Vec<Vec<usize>> = mir.functions.iter().map(callees).collect();
    let mut is_recursive = IndexVec::filled(mir.functions.len(), false);
    for node in graph::cycles(&edges).into_iter().flatten() {
        is_recursive[FunctionId(node as u32)] = true;
    }
    is_recursive
}

fn callees(function: &Function) -> Vec<usize> {
    let statements = function.blocks.iter().flat_map(|block| &block.statements);
    let called = statements.filter_map(|statement| match &statement.kind {
        StatementKind::Call { callee: Callee::Function(id), .. }
        | StatementKind::Defer { body: Callee::Function(id), .. } => Some(id.0 as usize),
        _ => None,
    });
    called.collect()
}
