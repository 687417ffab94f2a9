//! Type parameters and their bounds.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast;

use super::imports::{Home, split_path};
use super::later::Later;
use super::scope::TypeDef;
use super::types::{Builtin, TypeScope};
use super::{ModuleIndex, Resolver, errors};
use crate::hir::{Bound, Interface, InterfaceRef, TypeParam};
use crate::types::{Ty, TyKind};

/// The bounds that are not declared in the library: types meet them by what they are.
const BUILTIN_BOUNDS: [(&str, Bound); 2] = [("Sharable", Bound::Sharable), ("Object", Bound::Object)];

impl Resolver<'_> {
    /// The type parameters of an item, after those of the scope around it.
    pub fn resolve_generics(&mut self, generics: &[ast::GenericParam], outer: &TypeScope) -> Vec<TypeParam> {
        let mut params = self.declare_generics(generics, outer.module, &outer.params);
        self.resolve_bounds(generics, &mut params, outer);
        params
    }

    /// The type parameters of a function, after those of the scope around it, and the implied ones: what the bounds leave out.
    pub fn resolve_function_generics(
        &mut self,
        generics: &[ast::GenericParam],
        outer: &TypeScope,
    ) -> Vec<TypeParam> {
        let mut params = self.declare_generics(generics, outer.module, &outer.params);
        let mut implied = Vec::new();
        self.resolve_bounds_of(generics, &mut params, outer, Some(&mut implied));
        params.extend(implied);
        params
    }

    /// The type parameters of an item, without their bounds, which may name any of them.
    pub fn declare_generics(
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
            params.push(TypeParam {
                name: name.name,
                span: name.span,
                bounds: Vec::new(),
                is_wrong: false,
                is_implied: false,
            });
        }
        params
    }

    /// Gives the last of the type parameters, which are those declared here, their bounds.
    pub fn resolve_bounds(
        &mut self,
        generics: &[ast::GenericParam],
        params: &mut [TypeParam],
        outer: &TypeScope,
    ) {
        self.resolve_bounds_of(generics, params, outer, None);
    }

    fn resolve_bounds_of(
        &mut self,
        generics: &[ast::GenericParam],
        params: &mut [TypeParam],
        outer: &TypeScope,
        mut implied: Option<&mut Vec<TypeParam>>,
    ) {
        if generics.iter().all(|generic| generic.bounds.is_empty()) {
            return;
        }
        let scope = TypeScope { params: params.to_vec(), ..outer.clone() };
        let (first, count) = (params.len() - generics.len(), params.len());
        for (position, (generic, param)) in (first..).zip(generics.iter().zip(&mut params[first..])) {
            let this = Ty::new(TyKind::Param(position as u32, param.name));
            let bounds = generic.bounds.iter().map(|bound| {
                let implied = implied.as_mut().map(|params| Implied { this, first: count, params });
                self.resolve_interface_with(bound, &scope, implied)
            });
            let bounds: Vec<_> = bounds.collect();
            param.is_wrong = bounds.contains(&None);
            param.bounds = bounds.into_iter().flatten().collect();
        }
    }

    /// Whether every program knows the type: a parameter of that name is more likely meant to be the type, as in
    /// `extend List<String>`.
    fn is_known_type(&self, name: Symbol, module: ModuleIndex) -> bool {
        let is_builtin = Builtin::find(name.as_str(), self.layer(module)).is_some();
        is_builtin || self.scopes.find_prelude_type(name).is_some()
    }

    /// The interface that a bound, or the list after a type's name, names; `None` after a diagnostic.
    pub fn resolve_interface(&mut self, written: &ast::Type, scope: &TypeScope) -> Option<Bound> {
        self.resolve_interface_with(written, scope, None)
    }

    fn resolve_interface_with(
        &mut self,
        written: &ast::Type,
        scope: &TypeScope,
        implied: Option<Implied<'_>>,
    ) -> Option<Bound> {
        let ast::TypeKind::Path(path) = &written.kind else {
            let ty = self.resolve_type(written, scope);
            if !ty.ty.has_error() {
                self.sink.emit(errors::interfaces::not_an_interface_type(written.span));
            }
            return None;
        };
        let (modules, [segment]) = split_path(&path.segments) else { return None };
        let name = segment.name;
        let (module, layer) = (scope.module, self.layer(scope.module));
        let found = match self.home_of(modules, module)? {
            Home::Here => self.scopes.find_type(module, layer, name.name),
            Home::Module(other) => Some(self.type_in(other, name, module)),
        };
        let mut args: Vec<Ty> = segment.args.iter().map(|arg| self.resolve_type(arg, scope).ty).collect();
        match found {
            Some(TypeDef::Interface(id)) => {
                if let Some(implied) = implied {
                    implied.complete(&self.hir.definitions.interfaces[id], &mut args, path.span);
                }
                let is_right = self.check_interface_arity(path.span, id, args.len());
                let is_right = is_right && !args.iter().any(|arg| arg.has_error());
                is_right.then(|| Bound::Interface(InterfaceRef { id, args: Ty::list(&args) }))
            }
            Some(TypeDef::Error) => None,
            None if let Some(bound) = builtin_bound(name.name) => {
                self.check_arity(path.span, name.name, 0, args.len()).then_some(bound)
            }
            None if !scope.params.iter().any(|param| param.name == name.name) => {
                let names = self
                    .scopes
                    .interface_names(module)
                    .chain(BUILTIN_BOUNDS.map(|(name, _)| Symbol::intern(name)));
                self.sink.emit(match Later::library_type(name.name) {
                    Some(later) => later.diagnostic(name.span),
                    None => errors::interfaces::unknown(name, self.suggest(name.name, names)),
                });
                None
            }
            _ => {
                self.sink.emit(errors::not_an_interface(name));
                None
            }
        }
    }
}

/// What the bounds of a function's type parameter may leave out: `C: Iterable<Int>` does not say what iterates.
struct Implied<'a> {
    /// The type parameter.
    this: Ty,
    /// How many type parameters there are without the implied ones.
    first: usize,
    /// The implied ones.
    params: &'a mut Vec<TypeParam>,
}

impl Implied<'_> {
    /// Adds the arguments that are missing at the end, if they may be left out: each is a type parameter.
    fn complete(self, interface: &Interface, args: &mut Vec<Ty>, span: Span) {
        let TyKind::Param(_, of) = *self.this.kind() else { return };
        let missing = interface.type_params.get(1 + args.len()..).unwrap_or_default();
        if args.len() < interface.needed_args() {
            return;
        }
        let mut added = Vec::with_capacity(missing.len());
        for param in missing {
            let name = Symbol::intern(&format!("{of}::{}", param.name));
            let position = self.first + self.params.len() + added.len();
            args.push(Ty::new(TyKind::Param(position as u32, name)));
            added.push(TypeParam { name, span, bounds: Vec::new(), is_wrong: false, is_implied: true });
        }
        let owner_args: Vec<Ty> = std::iter::once(self.this).chain(args.iter().copied()).collect();
        for (added, param) in added.iter_mut().zip(missing) {
            added.bounds = param.bounds.iter().map(|bound| bound.substitute(&owner_args)).collect();
        }
        self.params.extend(added);
    }
}

fn builtin_bound(name: Symbol) -> Option<Bound> {
    BUILTIN_BOUNDS.into_iter().find(|(known, _)| *known == name.as_str()).map(|(_, bound)| bound)
}
