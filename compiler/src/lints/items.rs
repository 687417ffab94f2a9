//! Functions and constants of a file that nothing uses.
//!
//! What others may use (`pub`, `main`, members of types, everything the compiler calls by itself) is the beginning; what is
//! used is found from there. Names that begin with `_` are unused on purpose.

use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::HashSet;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::errors;
use crate::hir::{Body, ConstId, Definitions, ExprKind, FnBody, FnId, Hir, PatKind, RangeEnd};
use crate::typeck::results::{ArgSource, BodyTypes, CallTarget, TypeckResults};

/// Warns of items that nothing uses.
pub(super) fn check(hir: &Hir, types: &TypeckResults<'_>, sink: &mut Sink) {
    let candidates = candidates(hir);
    let mut search =
        Search { definitions: &hir.definitions, types, seen: HashSet::default(), pending: Vec::new() };
    search.begin(&candidates);
    search.finish();
    for found in candidates.into_iter().filter(|found| !search.seen.contains(&found.item)) {
        if !found.name.as_str().starts_with('_') {
            sink.emit(errors::unused_item(found.what, found.name, found.span));
        }
    }
}

/// An item that may turn out to be unused.
struct Candidate {
    what: &'static str,
    item: Item,
    name: Symbol,
    span: Span,
}

/// Something that is used or not.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Item {
    Fn(FnId),
    Const(ConstId),
}

/// The private functions and constants of the program. What computes constants and defaults, and the bodies of tests, have names
/// that are none in the language, or belong to a constant.
fn candidates(hir: &Hir) -> Vec<Candidate> {
    let definitions = &hir.definitions;
    let values: HashSet<_> = definitions.consts.iter().map(|constant| constant.value).collect();
    let mut found = Vec::new();
    for (id, function) in definitions.functions.iter_enumerated() {
        let is_private = !function.is_public && !function.is_library && !is_entry(hir, id);
        let is_plain = function.owner.is_none() && matches!(function.body, FnBody::Plat(_));
        if is_private && is_plain && !values.contains(&id) && is_name(function.name) {
            let (item, name, span) = (Item::Fn(id), function.name, function.span);
            found.push(Candidate { what: "function", item, name, span });
        }
    }
    for (id, constant) in definitions.consts.iter_enumerated() {
        let value = &definitions.functions[constant.value];
        if !value.is_public && !value.is_library {
            let (item, name, span) = (Item::Const(id), constant.name, constant.span);
            found.push(Candidate { what: "constant", item, name, span });
        }
    }
    found.sort_by_key(|found| found.span);
    found
}

/// Whether a program begins there. A build of tests begins elsewhere, but its files may be those of a program.
fn is_entry(hir: &Hir, id: FnId) -> bool {
    let may_have_main = !hir.tests.is_empty() && hir.definitions.functions[id].name.as_str() == "main";
    Some(id) == hir.main || may_have_main
}

fn is_name(name: Symbol) -> bool {
    name.as_str().chars().all(|character| character.is_alphanumeric() || character == '_')
}

struct Search<'a> {
    definitions: &'a Definitions,
    types: &'a TypeckResults<'a>,
    seen: HashSet<Item>,
    pending: Vec<Item>,
}

impl Search<'_> {
    /// Everything that is not a candidate is used, whatever the library does with it: members of types, for instance, may be called
    /// through interfaces.
    fn begin(&mut self, candidates: &[Candidate]) {
        let values = self.definitions.consts.iter().map(|constant| Item::Fn(constant.value));
        let unsure: HashSet<Item> = candidates.iter().map(|found| found.item).chain(values).collect();
        let functions = self.definitions.functions.iter_enumerated();
        let of_program = functions.filter(|(_, function)| !function.is_library);
        let items = of_program.map(|(id, _)| Item::Fn(id));
        self.pending.extend(items.filter(|item| !unsure.contains(item)));
        let consts = self.definitions.consts.ids().map(Item::Const);
        self.pending.extend(consts.filter(|item| !unsure.contains(item)));
    }

    fn finish(&mut self) {
        while let Some(item) = self.pending.pop() {
            if !self.seen.insert(item) {
                continue;
            }
            match item {
                Item::Fn(id) => self.function(id),
                Item::Const(id) => self.pending.push(Item::Fn(self.definitions.consts[id].value)),
            }
        }
    }

    fn function(&mut self, id: FnId) {
        let function = &self.definitions.functions[id];
        if function.is_library {
            return;
        }
        self.pending.extend(function.params.iter().filter_map(|param| param.default).map(Item::Fn));
        if let (FnBody::Plat(body), Some(types)) = (&function.body, self.types.body(id)) {
            self.body(body, types);
        }
    }

    fn body(&mut self, body: &Body, types: &BodyTypes) {
        for expr in body.exprs.iter() {
            if let ExprKind::Const(id) = &expr.kind {
                self.pending.push(Item::Const(*id));
            }
        }
        for pat in body.pats.iter() {
            match &pat.kind {
                PatKind::Const(id) => self.pending.push(Item::Const(*id)),
                PatKind::Range { start, end, .. } => {
                    let consts = [start, end].into_iter().filter_map(|end| match end {
                        RangeEnd::Const(_, id) => Some(Item::Const(*id)),
                        RangeEnd::Literal(..) => None,
                    });
                    self.pending.extend(consts);
                }
                _ => {}
            }
        }
        for call in types.calls.values().chain(types.functions.values()) {
            if let CallTarget::Fn(id, _) = &call.target {
                self.pending.push(Item::Fn(*id));
            }
            self.pending.extend(call.args.iter().filter_map(|source| match source {
                ArgSource::Default(id) => Some(Item::Fn(*id)),
                ArgSource::Given(_) => None,
            }));
        }
    }
}
