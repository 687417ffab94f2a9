//! Warnings: what a program says in vain.
//!
//! Entry: [`check`], for programs without errors. Reads HIR and types, changes nothing, and warns of nothing that it is not
//! sure of: a name that begins with `_` is unused on purpose, and what other files may use is used.

use plat_syntax::diagnostics::Sink;
use plat_syntax::index::IndexVec;

use crate::hir::{Body, FnBody, Hir, LocalId};
use purity::Purity;

use crate::typeck::results::{BodyTypes, TypeckResults};

mod errors;
mod exposure;
mod items;
mod purity;
mod reachability;
mod uses;
mod values;
mod variables;

/// Warns of everything in a program that is in vain. The library is not looked at.
pub fn check(hir: &Hir, types: &TypeckResults<'_>, sink: &mut Sink) {
    let mut purity = Purity::new(hir, types);
    for (id, function) in hir.definitions.functions.iter_enumerated() {
        if function.is_library {
            continue;
        }
        if let (FnBody::Plat(body), Some(types)) = (&function.body, types.body(id)) {
            check_body(&Looked { hir, body, types }, &mut purity, sink);
        }
    }
    items::check(hir, types, sink);
    exposure::check(hir, types, sink);
}

fn check_body(looked: &Looked<'_>, purity: &mut Purity<'_>, sink: &mut Sink) {
    variables::check(looked, sink);
    reachability::check(looked, sink);
    values::check(looked, purity, sink);
}

/// The body that is looked at.
struct Looked<'a> {
    hir: &'a Hir,
    body: &'a Body,
    types: &'a BodyTypes,
}

/// A fact about each local.
type PerLocal<T> = IndexVec<LocalId, T>;
