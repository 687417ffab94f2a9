//! Tests of the whole way from text to tree, and what is found wrong on it.

mod depth;
mod errors;
mod grammar;

use super::{parse, printer};
use crate::diagnostics::{Diagnostic, Sink};
use crate::source::{FileId, Origin, SourceMap};

/// The printed tree of a file, which must have no mistakes.
fn tree(text: &str) -> String {
    let (tree, diagnostics) = run(text);
    assert!(diagnostics.is_empty(), "unexpected: {diagnostics:#?}");
    tree
}

/// The printed tree of a file and what is wrong with it, in source order.
fn run(text: &str) -> (String, Vec<Diagnostic>) {
    let mut sink = Sink::default();
    let file = parse(FileId(0), text, &mut sink);
    (printer::ast(&file), sink.finish())
}

/// The mistakes of a file as `CODE LINE:COLUMN`.
fn mistakes(text: &str) -> Vec<String> {
    let mut sources = SourceMap::default();
    sources.add("test.plat".into(), text.into(), Origin::User);
    let place = |diagnostic: &Diagnostic| {
        let place = sources.line_column(diagnostic.span());
        format!("{} {}:{}", diagnostic.code, place.line, place.column)
    };
    run(text).1.iter().map(place).collect()
}
