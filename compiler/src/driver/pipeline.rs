//! The stages in their order. Only this file decides to stop.

use std::mem::ManuallyDrop;

use plat_syntax::diagnostics::Sink;
use plat_syntax::source::SourceMap;
use plat_syntax::syntax::{self, printer as syntax_printer};

use super::cli::Emit;
use super::failure::Failure;
use super::input::{Input, Purpose};
use super::link::{ForeignFunction, Linkable, Symbols};
use super::timings::Timings;
use super::{loader, modules};
use crate::analysis::effects::listing::{self, Listed, Of};
use crate::analysis::regions;
use crate::codegen::{self, DebugInfo, Listing, Optimize, Options, Sanitizer};
use crate::hir;
use crate::lints;
use crate::lower;
use crate::mir::printer::{Library, MirPrinter};
use crate::passes;
use crate::resolve;
use crate::typeck::{self, Extent};

/// How far to go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Goal {
    /// Find all mistakes.
    Check,
    /// Find all mistakes, and what functions may do.
    ListEffects(Of),
    /// Find the tests, and only mistakes of syntax and names.
    ListTests,
    /// Print what a stage made.
    Emit(Emit, Profile),
    /// Make an object file.
    Object(Profile),
}

/// What kind of executable is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Profile {
    /// A fast one, or soon.
    pub optimize: Optimize,
    /// Whether debuggers and profilers are to know it.
    pub symbols: Symbols,
    /// Who watches it.
    pub sanitizer: Sanitizer,
}

impl Profile {
    /// What `platc build` makes if nothing else is asked for.
    pub const DEBUG: Self =
        Self { optimize: Optimize::Debug, symbols: Symbols::Keep, sanitizer: Sanitizer::None };
}

impl Goal {
    /// Whether the compilation ends with printing what this stage made.
    fn prints(self, stage: Emit) -> bool {
        matches!(self, Self::Emit(wanted, _) if wanted == stage)
    }

    /// What codegen is to do; `None` when it has nothing to do.
    fn options(self) -> Option<Options> {
        let (profile, listing) = match self {
            Self::Check | Self::ListEffects(_) | Self::ListTests => return None,
            Self::Emit(Emit::Clif, profile) => (profile, Some(Listing::Clif)),
            Self::Emit(Emit::Asm, profile) => (profile, Some(Listing::Assembly)),
            Self::Emit(_, profile) | Self::Object(profile) => (profile, None),
        };
        let debug_info = match profile.symbols {
            Symbols::Keep => DebugInfo::Lines,
            Symbols::Strip => DebugInfo::None,
        };
        Some(Options { optimize: profile.optimize, listing, debug_info, sanitizer: profile.sanitizer })
    }
}

/// What a compilation made.
#[derive(Debug)]
pub enum Product {
    /// Nothing but the certainty that there are no errors.
    Checked,
    /// The names of the tests.
    Tests(Vec<String>),
    /// What functions may do.
    Effects(Vec<Listed>),
    /// A printed stage.
    Text(String),
    /// An object file, and the names of the tests in it.
    Object(Linkable, Vec<String>),
}

/// The state of one compilation.
#[derive(Debug, Default)]
pub struct Session {
    /// The program's texts and the library's.
    pub sources: SourceMap,
    /// The diagnostics so far.
    pub sink: Sink,
    /// How long the stages took.
    pub timings: Timings,
}

/// Why a compilation ended without a product.
#[derive(Debug)]
pub enum Stop {
    /// The program has errors; they are in the sink.
    Errors,
    /// Something else failed.
    Failure(Failure),
}

/// Compiles what is asked for, together with the modules that it uses.
pub fn compile(session: &mut Session, input: &Input, purpose: Purpose, goal: Goal) -> Result<Product, Stop> {
    let Session { sources, sink, timings } = session;

    if let (Input::File(path), true) = (input, goal.prints(Emit::Tokens)) {
        let file = loader::load(path, sources).map_err(Stop::Failure)?;
        let text = &sources.file(file).text;
        let tokens = timings.stage("tokens", || syntax::tokens(file, text, sink));
        return finish(sink, || Product::Text(syntax_printer::tokens(text, &tokens)));
    }

    let modules = timings.stage("parse", || modules::load(input, purpose, sources, sink));
    let modules = modules.map_err(Stop::Failure)?;
    stop_on_errors(sink)?;
    if goal.prints(Emit::Ast) {
        let tree = modules.main_tree();
        return finish(sink, || Product::Text(tree.map(syntax_printer::ast).unwrap_or_default()));
    }

    // The process ends soon: what the stages made is not taken apart before.
    let modules = ManuallyDrop::new(modules);
    let hir = timings.stage("resolve", || resolve::resolve(&modules.program(), sink));
    let hir = ManuallyDrop::new(hir);
    if goal.prints(Emit::Hir) {
        return finish(sink, || Product::Text(hir::printer::print(&hir)));
    }

    if goal == Goal::ListTests {
        return finish(sink, || Product::Tests(names_of_tests(&hir)));
    }

    let extent = if *input == Input::Library { Extent::All } else { Extent::Program };
    let types = ManuallyDrop::new(timings.stage("typeck", || typeck::check(&hir, extent, sink)));
    stop_on_errors(sink)?;
    timings.stage("lints", || lints::check(&hir, &types, sink));

    let mut built = ManuallyDrop::new(timings.stage("lower", || lower::lower(&hir, &types, extent)));
    timings.stage("regions", || regions::check(&mut built, &hir, sink));
    let mono = timings.stage("mono", || passes::monomorphize(&built, &hir, sink));
    stop_on_errors(sink)?;
    if goal == Goal::Check {
        return Ok(Product::Checked);
    }
    if let Goal::ListEffects(of) = goal {
        let parts = [Some(&mono.program), mono.unreached.as_ref()].into_iter().flatten();
        return Ok(Product::Effects(timings.stage("effects", || listing::list(parts, &hir, of))));
    }

    let mir = ManuallyDrop::new(timings.stage("passes", || passes::run(mono.program, &hir)));
    if goal.prints(Emit::Mir) {
        return Ok(Product::Text(MirPrinter::new(&mir, &hir.definitions, Library::Hidden).to_string()));
    }
    let Some(options) = goal.options() else { return Ok(Product::Checked) };
    if mir.main.is_none() {
        return Ok(Product::Object(Linkable::default(), Vec::new()));
    }

    let artifact = timings.stage("codegen", || codegen::compile(&mir, &hir.definitions, sources, &options));
    let artifact = artifact.map_err(|error| Stop::Failure(Failure::failed(error.to_string())))?;
    Ok(if options.listing.is_some() {
        Product::Text(artifact.text)
    } else {
        let foreign = artifact.foreign.iter().map(|&id| foreign_function(&hir, sources, id)).collect();
        let linkable = Linkable { object: artifact.object, foreign, needs_secure: artifact.needs_secure };
        Product::Object(linkable, names_of_tests(&hir))
    })
}

fn names_of_tests(hir: &hir::Hir) -> Vec<String> {
    hir.tests.iter().map(|test| test.name.clone()).collect()
}

/// A function of C as the linker's complaints are explained with.
fn foreign_function(hir: &hir::Hir, sources: &SourceMap, id: hir::FnId) -> ForeignFunction {
    let function = &hir.definitions.functions[id];
    let library = match &function.body {
        hir::FnBody::Foreign(foreign) => foreign.library.map(|(name, _)| name.to_string()),
        _ => None,
    };
    let place = sources.line_column(function.span);
    let file = &sources.file(function.span.file).name;
    ForeignFunction {
        name: function.name.to_string(),
        library,
        place: format!("{file}:{}:{}", place.line, place.column),
    }
}

fn finish(sink: &Sink, product: impl FnOnce() -> Product) -> Result<Product, Stop> {
    stop_on_errors(sink).map(|()| product())
}

fn stop_on_errors(sink: &Sink) -> Result<(), Stop> {
    if sink.has_errors() { Err(Stop::Errors) } else { Ok(()) }
}
