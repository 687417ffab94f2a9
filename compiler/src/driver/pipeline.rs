//! The stages in their order. Only this file decides to stop.

use plat_syntax::diagnostics::Sink;
use plat_syntax::source::{FileId, SourceMap};

use super::cli::Emit;
use super::stdlib;
use super::timings::Timings;

/// How much time to spend on the program's speed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    /// As little as possible.
    Debug,
    /// As much as it takes.
    Release,
}

/// How far to go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Goal {
    /// Find all mistakes.
    Check,
    /// Print what a stage made.
    Emit(Emit, Profile),
    /// Make an object file.
    Object(Profile),
}

/// What a compilation made.
#[derive(Debug)]
pub enum Product {
    /// Nothing but the certainty that there are no errors.
    Checked,
    /// A printed stage.
    Text(String),
    /// An object file.
    Object(Vec<u8>),
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

/// Compiles the program in `file` together with the standard library; `None` when it has errors.
pub fn compile(session: &mut Session, file: FileId, goal: Goal) -> Option<Product> {
    let library = session.timings.stage("load", || stdlib::load(&mut session.sources));
    let _ = (file, library, goal);
    (!session.sink.has_errors()).then_some(Product::Checked)
}
