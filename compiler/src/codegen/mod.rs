//! From owned MIR to an object file, by way of Cranelift.
//!
//! Every function is compiled by itself (`func`, and `glue` for generated ones), by several threads; then the object file
//! and the runtime's tables are written in the program's order (`object`, `tables`). The same program gives the same
//! bytes. Code generation knows MIR and types, not syntax or names; it decides nothing about ownership, which MIR spells
//! out, only how counts are kept.

use std::fmt;

use cranelift_module::ModuleError;
use plat_abi::functions::Part;
use plat_syntax::hash::HashSet;
use plat_syntax::parallel;
use plat_syntax::source::SourceMap;

use crate::hir::{Definitions, FnId};
use crate::mir::{FunctionId, Mir};
use compiled::{Compiled, Compiler, Target};
use item::{Glue, Item};
use object::ObjectFile;
use program::Program;
use stack::StackBounds;
use tables::Tables;

mod abi;
mod bits;
mod call;
mod casts;
mod chains;
mod checks;
mod closure;
mod compiled;
mod counts;
mod crossing;
mod data;
mod debug;
mod emitter;
mod forks;
mod func;
mod glue;
mod growth;
mod heap;
mod interface;
mod item;
mod layout;
mod locals;
mod marks;
mod object;
mod object_words;
mod place;
mod polls;
mod primitive;
mod program;
mod recursion;
mod rvalue;
mod sanitizer;
mod scopes;
mod selectors;
mod shared;
mod stack;
mod statement;
mod tables;
mod target;
mod unwind;

#[cfg(test)]
mod tests;

/// How much time to spend on the code's speed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Optimize {
    /// As little as possible.
    Debug,
    /// As much as it takes.
    Release,
}

/// What to print on the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listing {
    /// Cranelift's intermediate representation.
    Clif,
    /// The machine's assembly language.
    Assembly,
}

/// How to compile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// For speed, or soon.
    pub optimize: Optimize,
    /// What to print.
    pub listing: Option<Listing>,
    /// What debuggers are told.
    pub debug_info: DebugInfo,
    /// Who is told of accesses to memory.
    pub sanitizer: Sanitizer,
}

/// Who watches the program for mistakes of ours, or of what it calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sanitizer {
    /// Nobody.
    None,
    /// ThreadSanitizer, for data races.
    Thread,
}

/// What the object file tells debuggers and profilers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DebugInfo {
    /// The names of functions.
    None,
    /// Functions, lines, and the shape of frames.
    Lines,
}

/// What was compiled.
#[derive(Debug)]
pub struct Artifact {
    /// The object file.
    pub object: Vec<u8>,
    /// The listing that was asked for, else nothing.
    pub text: String,
    /// The functions of C that the object file refers to, in the order of their declarations.
    pub foreign: Vec<FnId>,
    /// Whether it calls functions of the runtime that speak TLS or make hashes.
    pub needs_secure: bool,
}

/// Why nothing was compiled.
#[derive(Debug)]
pub enum Error {
    /// This machine is none that code can be generated for.
    UnsupportedMachine {
        /// Why not.
        reason: &'static str,
    },
    /// The code generator gave up: a function is too large for it.
    Generator {
        /// What it said.
        message: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsupportedMachine { reason } => {
                write!(f, "cannot generate code for this machine: {reason}")
            }
            Self::Generator { message } => write!(f, "cannot generate code: {message}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<ModuleError> for Error {
    fn from(error: ModuleError) -> Self {
        Self::Generator { message: error.to_string() }
    }
}

/// Compiles a program.
pub fn compile(
    mir: &Mir,
    definitions: &Definitions,
    sources: &SourceMap,
    options: &Options,
) -> Result<Artifact, Error> {
    let isa = target::host(options.optimize)?;
    let program = Program::new(mir, definitions, sources, isa, options);
    let mut code = compile_functions(&program)?;
    let items = compile_glue(&program, &mut code)?;
    let text = code.iter().map(|compiled| compiled.text.as_str()).collect();
    let foreign = items.iter().filter_map(|item| match item {
        Item::Foreign(id) => Some(*id),
        _ => None,
    });
    let mut foreign: Vec<FnId> = foreign.collect();
    foreign.sort_unstable();
    let needs_secure =
        items.iter().any(|item| matches!(item, Item::Runtime(function) if function.part() == Part::Secure));
    Ok(Artifact { object: write_object(&program, &code, &items)?, text, foreign, needs_secure })
}

/// Programs of fewer functions are compiled by one thread: starting another costs as much as some twenty functions.
const LEAST_FOR_THREADS: usize = 48;

fn compile_functions(program: &Program<'_>) -> Result<Vec<Compiled>, Error> {
    let count = program.mir.functions.len();
    let begin = || Compiler::new(program);
    let work = |compiler: &mut Compiler<'_>, index| compiler.function(FunctionId(index as u32));
    parallel::map_with(count, LEAST_FOR_THREADS, begin, work).into_iter().collect()
}

/// Compiles the generated functions that the program needs; returns all items that it refers to, in order.
fn compile_glue(program: &Program<'_>, code: &mut Vec<Compiled>) -> Result<Vec<Item>, Error> {
    let mut wanted = Wanted { program, seen: HashSet::default(), items: Vec::new() };
    for item in [Glue::Main, Glue::MainTask].map(Item::Glue) {
        wanted.add(item);
    }
    wanted.add(Item::TaskDescriptor(program.main()));
    for compiled in code.iter() {
        wanted.add_all_of(compiled);
    }
    // Each round compiles what the last one found to be needed.
    let mut next = 0;
    while next < wanted.items.len() {
        let glue_of = |item: &Item| match item {
            Item::Glue(glue) => Some(*glue),
            _ => None,
        };
        let glue: Vec<Glue> = wanted.items[next..].iter().filter_map(glue_of).collect();
        next = wanted.items.len();
        let begin = || Compiler::new(program);
        let work = |compiler: &mut Compiler<'_>, index: usize| compiler.glue(glue[index]);
        for compiled in parallel::map_with(glue.len(), LEAST_FOR_THREADS, begin, work) {
            let compiled = compiled?;
            wanted.add_all_of(&compiled);
            code.push(compiled);
        }
    }
    Ok(wanted.items)
}

/// The items that a program refers to, each once, in the order they were first referred to.
struct Wanted<'p> {
    program: &'p Program<'p>,
    seen: HashSet<Item>,
    items: Vec<Item>,
}

impl Wanted<'_> {
    fn add(&mut self, item: Item) {
        if !self.seen.insert(item) {
            return;
        }
        self.items.push(item);
        let program = self.program;
        match item {
            Item::TypeInfo(ty) => {
                self.add_some(tables::drop_glue(program, ty));
                self.add_some(tables::share_glue(program, ty));
            }
            Item::TaskDescriptor(task) | Item::FrameTask(task) => {
                let result = program.layouts.number(program.mir.functions[task].result_ty());
                self.add_some(tables::drop_glue(program, result));
                self.add_some(tables::drop_captures_glue(program, task));
            }
            Item::Global(task) => self.add(Item::TaskDescriptor(task)),
            Item::Closure(body) => self.add(Item::Glue(Glue::ClosureEntry(body))),
            Item::ClosureInfo(body) => {
                self.add(Item::Glue(Glue::FreeClosure(body)));
                self.add_some(tables::share_closure_glue(program, body));
            }
            _ => {}
        }
    }

    fn add_some(&mut self, item: Option<Item>) {
        if let Some(item) = item {
            self.add(item);
        }
    }

    fn add_all_of(&mut self, compiled: &Compiled) {
        for relocation in &compiled.relocations {
            if let Target::Item(item) = relocation.target {
                self.add(item);
            }
        }
        for slot in compiled.call_sites.iter().flat_map(|site| &site.slots) {
            self.add_some(slot.cleanup.code());
        }
    }
}

fn write_object(program: &Program<'_>, code: &[Compiled], items: &[Item]) -> Result<Vec<u8>, Error> {
    let mut bounds = StackBounds::new(program, code);
    let mut object = ObjectFile::new(program)?;
    for compiled in code {
        object.define_function(compiled)?;
    }
    let mut tables = Tables::new(program, &mut object);
    for &item in items {
        match item {
            Item::String(number) => {
                tables.write_data(item, data::string(program.strings[number as usize].as_str()))?;
            }
            Item::EmptyBuffer => tables.write_data(item, data::empty_buffer())?,
            Item::InterfaceTable(number) => tables.write_data(item, interface::table(program, number))?,
            Item::EmptyVariant(_, variant) => tables.write_data(item, data::empty_variant(variant))?,
            Item::TypeInfo(ty) => tables.write_type(ty)?,
            Item::TaskDescriptor(_) | Item::FrameTask(_) => tables.write_task(item, &mut bounds)?,
            Item::ScopeSite(function, scope) => tables.write_scope(function, scope)?,
            Item::Global(task) => tables.write_data(item, data::global(task))?,
            Item::Closure(body) => tables.write_closure(body)?,
            Item::ClosureInfo(body) => tables.write_closure_info(body)?,
            Item::Function(_)
            | Item::Runtime(_)
            | Item::Glue(_)
            | Item::Program
            | Item::Memmove
            | Item::Sanitizer(_)
            | Item::SanitizerStub
            | Item::Start
            | Item::CallDeinit
            | Item::Poll(_)
            | Item::Foreign(_)
            | Item::ForeignStub(_)
            | Item::MoreStack(_) => {}
        }
    }
    tables.write_program(code, bounds.reserve())?;
    object.finish(code)
}
