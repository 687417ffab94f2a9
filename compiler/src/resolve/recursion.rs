//! Structs that contain themselves in place, which no memory could hold.
//!
//! Only structs and tuples hold their parts in place: an enum that contains itself is boxed, and a collection's
//! elements stand elsewhere.

use plat_syntax::hash::HashSet;
use plat_syntax::index::Id;
use plat_syntax::syntax::ast::Ident;

use super::{Resolver, errors};
use crate::hir::{Definitions, StructId};
use crate::types::{Ty, TyKind};

/// Structs inside structs deeper than this are taken to go on for ever: `struct Grow<T> { var next: Grow<(T, T)>; }`
/// has a new type at each step.
const MAX_DEPTH: usize = 64;

impl Resolver<'_> {
    /// Reports every struct that contains itself.
    pub fn check_recursion(&mut self) {
        for index in 0..self.hir.definitions.structs.len() {
            let id = StructId::from_index(index);
            let definition = &self.hir.definitions.structs[id];
            let field = definition.fields.iter().find(|field| {
                let mut search =
                    Search { definitions: &self.hir.definitions, wanted: id, seen: HashSet::default() };
                search.contains(field.ty.ty, 0)
            });
            if let Some(field) = field {
                let name = Ident { name: definition.name, span: definition.span };
                self.sink.emit(errors::infinite_struct(name, field.span, definition.is_newtype));
            }
        }
    }
}

/// The search for a struct among the parts of a type.
struct Search<'a> {
    definitions: &'a Definitions,
    wanted: StructId,
    seen: HashSet<Ty>,
}

impl Search<'_> {
    fn contains(&mut self, ty: Ty, depth: usize) -> bool {
        match *ty.kind() {
            TyKind::Tuple(parts) => parts.iter().any(|&part| self.contains(part, depth)),
            TyKind::Struct(id, _) if id == self.wanted => true,
            TyKind::Struct(id, args) if self.seen.insert(ty) && depth < MAX_DEPTH => {
                let fields = &self.definitions.structs[id].fields;
                fields.iter().any(|field| self.contains(field.ty.ty.substitute(args), depth + 1))
            }
            _ => false,
        }
    }
}
