//! Scopes of items: one per file, and two that files share.
//!
//! A name is looked up in its own file, then in the prelude, then among the built-in types. An inner scope hides the
//! names of outer ones. The public functions of `stdlib/sys` are `sys::name` in the library and unknown elsewhere.

use std::collections::HashMap;

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::aliases::AliasId;
use super::types::Builtin;
use super::{Layer, ModuleIndex};
use crate::hir::{ConstId, EnumId, FnId, InterfaceId, StructId};

/// What a type's name means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TypeDef {
    Struct(StructId),
    Enum(EnumId),
    Interface(InterfaceId),
    Alias(AliasId),
    Builtin(Builtin),
    /// A definition that was reported: its uses stay quiet.
    Error,
}

/// What the name of a function or constant means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ValueDef {
    Fn(FnId),
    Const(ConstId),
    /// A definition that was reported: its uses stay quiet.
    Error,
}

/// Names with what they mean and where they were defined.
#[derive(Debug)]
struct Names<T>(HashMap<Symbol, (T, Span)>);

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Copy> Names<T> {
    /// Adds the name, or says where it was defined before.
    fn declare(&mut self, name: Symbol, def: T, span: Span) -> Result<(), Span> {
        match self.0.get(&name) {
            Some(&(_, previous)) => Err(previous),
            None => {
                self.0.insert(name, (def, span));
                Ok(())
            }
        }
    }

    fn get(&self, name: Symbol) -> Option<T> {
        self.0.get(&name).map(|&(def, _)| def)
    }
}

/// The names of one file or of several.
#[derive(Debug, Default)]
struct ItemScope {
    types: Names<TypeDef>,
    values: Names<ValueDef>,
}

/// All scopes of a program.
#[derive(Debug)]
pub(super) struct Scopes {
    own: Vec<ItemScope>,
    sys: ItemScope,
    prelude: ItemScope,
    /// The enums that have a variant of this name.
    variants: HashMap<Symbol, Vec<EnumId>>,
}

/// Where an item is declared.
#[derive(Clone, Copy)]
pub(super) struct Declaration {
    pub module: ModuleIndex,
    pub layer: Layer,
    pub is_public: bool,
    pub name: Symbol,
    pub span: Span,
}

impl Scopes {
    pub fn new(modules: usize) -> Self {
        Self {
            own: (0..modules).map(|_| ItemScope::default()).collect(),
            sys: ItemScope::default(),
            prelude: ItemScope::default(),
            variants: HashMap::new(),
        }
    }

    /// The scope that other files see the item in, if there is one.
    fn shared(&mut self, at: Declaration) -> Option<&mut ItemScope> {
        match at.layer {
            Layer::Sys if at.is_public => Some(&mut self.sys),
            Layer::Library if at.is_public => Some(&mut self.prelude),
            _ => None,
        }
    }

    /// Declares a type, or says where its name was defined before.
    pub fn declare_type(&mut self, at: Declaration, def: TypeDef) -> Result<(), Span> {
        self.own[at.module].types.declare(at.name, def, at.span)?;
        self.shared(at).map_or(Ok(()), |scope| scope.types.declare(at.name, def, at.span))
    }

    /// Declares a function or constant, or says where its name was defined before.
    pub fn declare_value(&mut self, at: Declaration, def: ValueDef) -> Result<(), Span> {
        self.own[at.module].values.declare(at.name, def, at.span)?;
        self.shared(at).map_or(Ok(()), |scope| scope.values.declare(at.name, def, at.span))
    }

    /// Notes that the enum has this variant.
    pub fn declare_variant(&mut self, name: Symbol, id: EnumId) {
        self.variants.entry(name).or_default().push(id);
    }

    /// Whether any enum has a variant of this name.
    pub fn is_variant(&self, name: Symbol) -> bool {
        self.variants.contains_key(&name)
    }

    /// The scopes that a file sees, innermost first.
    fn visible(&self, module: ModuleIndex) -> impl Iterator<Item = &ItemScope> {
        [&self.own[module], &self.prelude].into_iter()
    }

    /// What a type's name means in a file.
    pub fn find_type(&self, module: ModuleIndex, layer: Layer, name: Symbol) -> Option<TypeDef> {
        let item = self.visible(module).find_map(|scope| scope.types.get(name));
        item.or_else(|| Builtin::find(name.as_str(), layer).map(TypeDef::Builtin))
    }

    /// What a type's name means in the prelude.
    pub fn find_prelude_type(&self, name: Symbol) -> Option<TypeDef> {
        self.prelude.types.get(name)
    }

    /// What the name of a function or constant means in a file.
    pub fn find_value(&self, module: ModuleIndex, name: Symbol) -> Option<ValueDef> {
        self.visible(module).find_map(|scope| scope.values.get(name))
    }

    /// The function of `stdlib/sys` with this name.
    pub fn find_sys_value(&self, name: Symbol) -> Option<ValueDef> {
        self.sys.values.get(name)
    }

    /// The names of types that a file sees, for suggestions.
    pub fn type_names(&self, module: ModuleIndex, layer: Layer) -> impl Iterator<Item = Symbol> {
        let items = self.visible(module).flat_map(|scope| scope.types.0.keys().copied());
        items.chain(Builtin::names(layer).map(Symbol::intern))
    }

    /// The names of interfaces that a file sees, for suggestions.
    pub fn interface_names(&self, module: ModuleIndex) -> impl Iterator<Item = Symbol> {
        let is_interface = |(name, &(def, _)): (&Symbol, &(TypeDef, Span))| match def {
            TypeDef::Interface(_) => Some(*name),
            _ => None,
        };
        self.visible(module).flat_map(move |scope| scope.types.0.iter().filter_map(is_interface))
    }

    /// The names of functions and constants that a file sees, for suggestions.
    pub fn value_names(&self, module: ModuleIndex) -> impl Iterator<Item = Symbol> {
        self.visible(module).flat_map(|scope| scope.values.0.keys().copied())
    }

    /// The names of variants, for suggestions.
    pub fn variant_names(&self) -> impl Iterator<Item = Symbol> {
        self.variants.keys().copied()
    }
}
