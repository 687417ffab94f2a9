//! Type parameters and their bounds.

use plat_syntax::syntax::ast;

use super::later::Later;
use super::scope::TypeDef;
use super::types::Builtin;
use super::{ModuleIndex, Resolver, errors};
use crate::hir::{Bound, TypeParam};
use plat_syntax::index::Symbol;

/// The interfaces that the compiler knows. All types have them by structure.
const BOUNDS: [(&str, Bound); 5] = [
    ("Eq", Bound::Eq),
    ("Ord", Bound::Ord),
    ("Hash", Bound::Hash),
    ("Display", Bound::Display),
    ("Sharable", Bound::Sharable),
];

impl Resolver<'_> {
    /// The type parameters of an item, after those of its owner.
    pub fn resolve_generics(
        &mut self,
        generics: &[ast::GenericParam],
        module: ModuleIndex,
        outer: &[TypeParam],
    ) -> Vec<TypeParam> {
        let mut params = outer.to_vec();
        for generic in generics {
            let name = generic.name;
            if let Some(previous) = params.iter().find(|param| param.name == name.name) {
                self.sink.emit(errors::duplicate("type parameter", name, previous.span));
            }
            if self.is_known_type(name.name, module) {
                self.sink.emit(errors::parameter_hides_type(name));
            }
            let bounds: Vec<_> =
                generic.bounds.iter().map(|bound| self.resolve_bound(bound, module)).collect();
            let is_wrong = bounds.contains(&None);
            let bounds = bounds.into_iter().flatten().collect();
            params.push(TypeParam { name: name.name, span: name.span, bounds, is_wrong });
        }
        params
    }

    /// Whether every program knows the type: a parameter of that name is more likely meant to be the type, as in
    /// `extend List<String>`.
    fn is_known_type(&self, name: Symbol, module: ModuleIndex) -> bool {
        let is_builtin = Builtin::find(name.as_str(), self.layer(module)).is_some();
        is_builtin || self.scopes.find_prelude_type(name).is_some()
    }

    fn resolve_bound(&mut self, bound: &ast::Type, module: ModuleIndex) -> Option<Bound> {
        let ast::TypeKind::Path(path) = &bound.kind else {
            self.resolve_type(bound, &super::TypeScope { module, params: Vec::new(), self_ty: None });
            return None;
        };
        let Some(name) = path.as_ident() else {
            self.sink.emit(Later::Interface.diagnostic(bound.span));
            return None;
        };
        let layer = self.layer(module);
        match self.scopes.find_type(module, layer, name.name) {
            Some(TypeDef::Error) => return None,
            Some(_) => {
                self.sink.emit(errors::not_an_interface(name));
                return None;
            }
            None => {}
        }
        if let Some(&(_, known)) = BOUNDS.iter().find(|(known, _)| *known == name.name.as_str()) {
            return Some(known);
        }
        let names = BOUNDS.iter().map(|(name, _)| Symbol::intern(name));
        self.sink.emit(match Later::library_type(name.name) {
            Some(later) => later.diagnostic(name.span),
            None => errors::unknown_type(name, self.suggest(name.name, names)),
        });
        None
    }
}
