//! Functions, methods, constants and types of a file that nothing uses.
//!
//! What others may use (`pub`, `main`, everything the compiler calls by itself) is the beginning; what is used is found from
//! there ([`super::uses`]). Names that begin with `_` are unused on purpose.

use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::HashSet;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::errors;
use super::uses::{self, Item};
use crate::hir::{Access, Definitions, FnBody, FnId, FnKind, Function, Hir, MethodSource};
use crate::typeck::results::TypeckResults;

/// Warns of items that nothing uses.
pub(super) fn check(hir: &Hir, types: &TypeckResults<'_>, sink: &mut Sink) {
    let candidates = candidates(hir);
    if candidates.is_empty() {
        return;
    }
    let unsure = candidates.iter().map(|found| found.item).collect();
    let used = uses::find(&hir.definitions, types, &unsure);
    for found in candidates {
        // Of a type that is not used its members are not worth a word.
        let is_of_unused = found.of.is_some_and(|of| unsure.contains(&of) && !used.contains(&of));
        if !used.contains(&found.item) && !is_of_unused && !found.name.as_str().starts_with('_') {
            sink.emit(errors::unused_item(found.what, found.name, found.span));
        }
    }
}

/// An item that may turn out to be unused.
struct Candidate {
    what: &'static str,
    item: Item,
    /// The type it is a member of.
    of: Option<Item>,
    name: Symbol,
    span: Span,
}

/// The private items of the program.
fn candidates(hir: &Hir) -> Vec<Candidate> {
    let definitions = &hir.definitions;
    let mut found = Vec::new();
    functions(hir, &mut found);
    for (id, constant) in definitions.consts.iter_enumerated() {
        let value = &definitions.functions[constant.value];
        if !value.is_public && !value.is_library {
            let (name, span) = (constant.name, constant.span);
            found.push(Candidate { what: "constant", item: Item::Const(id), of: None, name, span });
        }
    }
    let mut add = |what, item, access, is_library: bool, name, span| {
        if access != Access::Public && !is_library {
            found.push(Candidate { what, item, of: None, name, span });
        }
    };
    for (id, it) in definitions.structs.iter_enumerated() {
        let what = if it.is_newtype { "newtype" } else { "struct" };
        add(what, Item::Struct(id), it.access, it.is_library, it.name, it.span);
    }
    for (id, it) in definitions.enums.iter_enumerated() {
        add("enum", Item::Enum(id), it.access, it.is_library, it.name, it.span);
    }
    for (id, it) in definitions.classes.iter_enumerated() {
        add("class", Item::Class(id), it.access, it.is_library, it.name, it.span);
    }
    for (id, it) in definitions.interfaces.iter_enumerated() {
        add("interface", Item::Interface(id), it.access, it.is_library, it.name, it.span);
    }
    found.sort_by_key(|found| found.span);
    found
}

/// The private functions and methods. What computes constants and defaults, and the bodies of tests, have names that are none in
/// the language, or belong to a constant; initialisers and implementations of interfaces belong to their types.
fn functions(hir: &Hir, found: &mut Vec<Candidate>) {
    let definitions = &hir.definitions;
    let values: HashSet<_> = definitions.consts.iter().map(|constant| constant.value).collect();
    let implementing = implementing(definitions);
    for (id, function) in definitions.functions.iter_enumerated() {
        // Another `main` than the one that is compiled is for a file that is run by itself, or beside its tests.
        let is_main = function.owner.is_none() && function.name.as_str() == "main";
        let is_private = !function.is_public && !function.is_library && !is_main;
        let is_own = !values.contains(&id) && !implementing.contains(&id);
        if is_private && is_own && is_named(function) {
            let what = match function.kind {
                FnKind::Method | FnKind::MutMethod => "method",
                _ => "function",
            };
            let of = function.owner.and_then(|owner| Item::of_owner(definitions, owner));
            let (name, span) = (function.name, function.span);
            found.push(Candidate { what, item: Item::Fn(id), of, name, span });
        }
    }
}

/// Whether it has a name by which the program calls it.
fn is_named(function: &Function) -> bool {
    let is_name = |name: Symbol| name.as_str().chars().all(|it| it.is_alphanumeric() || it == '_');
    let is_called = matches!(function.kind, FnKind::Static | FnKind::Method | FnKind::MutMethod);
    is_called && matches!(function.body, FnBody::Plat(_)) && is_name(function.name)
}

/// The functions that do what interfaces ask for.
fn implementing(definitions: &Definitions) -> HashSet<FnId> {
    let methods = definitions.implementations.iter().flat_map(|it| &it.methods);
    let mut all: HashSet<FnId> = methods
        .filter_map(|method| match method {
            MethodSource::Own(id) => Some(*id),
            MethodSource::Inherited(..) | MethodSource::Default => None,
        })
        .collect();
    all.extend(definitions.interfaces.iter().flat_map(|it| &it.members));
    all
}
