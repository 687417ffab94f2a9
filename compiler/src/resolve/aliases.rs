//! Type aliases: resolved when first used, so that they may be written in any order.

use plat_syntax::define_id;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast;

use super::types::TypeScope;
use super::{ModuleIndex, Resolver, errors};
use crate::types::Ty;

define_id!(
    /// A `type Name = T;`
    AliasId, "alias"
);

/// An alias, and what is known of it.
#[derive(Clone, Copy)]
pub(super) struct Alias<'a> {
    pub declaration: &'a ast::TypeAlias,
    pub module: ModuleIndex,
    pub state: AliasState,
}

/// How far the resolution of an alias is.
#[derive(Clone, Copy)]
pub(super) enum AliasState {
    Unresolved,
    /// Being resolved: met again, it stands for itself.
    InProgress,
    /// The type, which mentions the alias's parameters.
    Resolved(Ty),
}

impl Resolver<'_> {
    /// The type that the alias stands for with these arguments.
    pub fn apply_alias(&mut self, id: AliasId, args: &[Ty], span: Span) -> Ty {
        let declaration = self.aliases[id].declaration;
        if !self.check_arity(span, declaration.name.name, declaration.generics.len(), args.len()) {
            return Ty::error();
        }
        self.resolve_alias(id).substitute(args)
    }

    /// The type that the alias stands for.
    pub fn resolve_alias(&mut self, id: AliasId) -> Ty {
        let Alias { declaration, module, state } = self.aliases[id];
        match state {
            AliasState::Resolved(ty) => return ty,
            AliasState::InProgress => {
                let start = self.open_aliases.iter().position(|&open| open == id).unwrap_or(0);
                let link = |&id: &AliasId| self.aliases[id].declaration.name;
                let links: Vec<_> = self.open_aliases[start..].iter().map(link).collect();
                self.sink.emit(errors::alias_cycle(declaration.name, &links));
                self.aliases[id].state = AliasState::Resolved(Ty::error());
                return Ty::error();
            }
            AliasState::Unresolved => self.aliases[id].state = AliasState::InProgress,
        }
        let outside = TypeScope::of_module(module);
        let params = self.resolve_generics(&declaration.generics, &outside);
        let scope = TypeScope { params, ..outside };
        self.open_aliases.push(id);
        let resolved = self.resolve_type(&declaration.ty, &scope).ty;
        self.open_aliases.pop();
        if let AliasState::Resolved(error) = self.aliases[id].state {
            return error;
        }
        self.aliases[id].state = AliasState::Resolved(resolved);
        resolved
    }
}
