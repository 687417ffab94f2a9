//! Scopes of items: one per module, and two that modules share.
//!
//! A name is looked up in its own module (what is defined there and what `use` brings there), then in the prelude,
//! then among the built-in types. An inner scope hides the names of outer ones. The public functions of `stdlib/sys` are
//! `sys::name` in the library and unknown elsewhere, as are its types, which need no `sys::`.

use std::cell::Cell;

use plat_syntax::hash::HashMap;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::aliases::AliasId;
use super::imports::ImportId;
use super::types::Builtin;
use super::{Layer, ModuleIndex};
use crate::hir::{Access, ClassId, ConstId, EnumId, FnId, InterfaceId, StructId};

/// What a type's name means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TypeDef {
    Struct(StructId),
    Enum(EnumId),
    Interface(InterfaceId),
    Class(ClassId),
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

/// What the name of a module means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ModuleDef {
    Module(ModuleIndex),
    /// A module that is not there, which was reported.
    Error,
}

/// A name of a scope.
#[derive(Debug)]
pub(super) struct Entry<T> {
    pub def: T,
    /// Where the name was written.
    pub span: Span,
    pub access: Access,
    /// The `use` that brought it here.
    import: Option<ImportId>,
    /// Whether the module that it was brought into has used it.
    is_used: Cell<bool>,
}

/// Names with what they mean and where they were defined.
#[derive(Debug)]
struct Names<T>(HashMap<Symbol, Entry<T>>);

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<T: Copy> Names<T> {
    /// Adds the name, or says where it was defined before.
    fn declare(&mut self, at: Declaration, def: T) -> Result<(), Span> {
        match self.0.get(&at.name) {
            Some(previous) => Err(previous.span),
            None => {
                let Declaration { span, access, import, .. } = at;
                self.0.insert(at.name, Entry { def, span, access, import, is_used: Cell::new(false) });
                Ok(())
            }
        }
    }

    fn entry(&self, name: Symbol) -> Option<&Entry<T>> {
        self.0.get(&name)
    }

    /// What the name means to its own module.
    fn get(&self, name: Symbol) -> Option<T> {
        let entry = self.0.get(&name)?;
        entry.is_used.set(true);
        Some(entry.def)
    }

    /// Whether the import has brought the name here and nobody has used it.
    fn is_unused(&self, name: Symbol, import: ImportId) -> Option<bool> {
        let entry = self.0.get(&name).filter(|entry| entry.import == Some(import))?;
        Some(!entry.is_used.get())
    }
}

/// The names of one module or of several.
#[derive(Debug, Default)]
struct ItemScope {
    types: Names<TypeDef>,
    values: Names<ValueDef>,
    modules: Names<ModuleDef>,
}

/// All scopes of a program.
#[derive(Debug)]
pub(super) struct Scopes {
    own: Vec<ItemScope>,
    sys: ItemScope,
    prelude: ItemScope,
    /// The module `std::prelude`, whose items are the prelude.
    prelude_module: ModuleIndex,
    /// The enums that have a variant of this name.
    variants: HashMap<Symbol, Vec<EnumId>>,
}

/// Where a name is declared.
#[derive(Clone, Copy)]
pub(super) struct Declaration {
    pub module: ModuleIndex,
    pub layer: Layer,
    pub access: Access,
    pub name: Symbol,
    pub span: Span,
    /// The `use` that declares it, if it is one.
    pub import: Option<ImportId>,
}

impl Scopes {
    pub fn new(modules: usize, prelude_module: ModuleIndex) -> Self {
        Self {
            own: (0..modules).map(|_| ItemScope::default()).collect(),
            sys: ItemScope::default(),
            prelude: ItemScope::default(),
            prelude_module,
            variants: HashMap::default(),
        }
    }

    /// The scope that other files see the item in without a `use`, if there is one.
    fn shared(&mut self, at: Declaration) -> Option<&mut ItemScope> {
        match at.layer {
            _ if at.access != Access::Public => None,
            Layer::Sys => Some(&mut self.sys),
            Layer::Prelude => Some(&mut self.prelude),
            Layer::Std | Layer::User => None,
        }
    }

    /// Declares a type, or says where its name was defined before.
    pub fn declare_type(&mut self, at: Declaration, def: TypeDef) -> Result<(), Span> {
        self.own[at.module].types.declare(at, def)?;
        self.shared(at).map_or(Ok(()), |scope| scope.types.declare(at, def))
    }

    /// Declares a function or constant, or says where its name was defined before.
    pub fn declare_value(&mut self, at: Declaration, def: ValueDef) -> Result<(), Span> {
        self.own[at.module].values.declare(at, def)?;
        self.shared(at).map_or(Ok(()), |scope| scope.values.declare(at, def))
    }

    /// Declares the name of a module, or says where it was declared before.
    pub fn declare_module(&mut self, at: Declaration, def: ModuleDef) -> Result<(), Span> {
        self.own[at.module].modules.declare(at, def)
    }

    /// Notes that the enum has this variant.
    pub fn declare_variant(&mut self, name: Symbol, id: EnumId) {
        self.variants.entry(name).or_default().push(id);
    }

    /// Whether any enum has a variant of this name.
    pub fn is_variant(&self, name: Symbol) -> bool {
        self.variants.contains_key(&name)
    }

    /// The scopes that a module sees, innermost first.
    fn visible(&self, module: ModuleIndex) -> impl Iterator<Item = &ItemScope> {
        [&self.own[module], &self.prelude].into_iter()
    }

    /// The scope of the items that a path through the module leads to.
    fn items(&self, module: ModuleIndex) -> &ItemScope {
        if module == self.prelude_module { &self.prelude } else { &self.own[module] }
    }

    /// What a type's name means in a module.
    pub fn find_type(&self, module: ModuleIndex, layer: Layer, name: Symbol) -> Option<TypeDef> {
        let item = self.visible(module).find_map(|scope| scope.types.get(name));
        let item = item.or_else(|| self.sys.types.get(name).filter(|_| layer.is_library()));
        item.or_else(|| Builtin::find(name.as_str(), layer).map(TypeDef::Builtin))
    }

    /// What a type's name means in the prelude.
    pub fn find_prelude_type(&self, name: Symbol) -> Option<TypeDef> {
        self.prelude.types.get(name)
    }

    /// What the name of a function or constant means in a module.
    pub fn find_value(&self, module: ModuleIndex, name: Symbol) -> Option<ValueDef> {
        self.visible(module).find_map(|scope| scope.values.get(name))
    }

    /// The module that `use` has given this name.
    pub fn find_module(&self, module: ModuleIndex, name: Symbol) -> Option<ModuleDef> {
        self.own[module].modules.get(name)
    }

    /// The function of `stdlib/sys` with this name.
    pub fn find_sys_value(&self, name: Symbol) -> Option<ValueDef> {
        self.sys.values.get(name)
    }

    /// The type of this name in a module, for those outside of it.
    pub fn type_entry(&self, module: ModuleIndex, name: Symbol) -> Option<&Entry<TypeDef>> {
        self.items(module).types.entry(name)
    }

    /// The function or constant of this name in a module, for those outside of it.
    pub fn value_entry(&self, module: ModuleIndex, name: Symbol) -> Option<&Entry<ValueDef>> {
        self.items(module).values.entry(name)
    }

    /// The module that a `use` in a module has given this name, for those outside of it.
    pub fn module_entry(&self, module: ModuleIndex, name: Symbol) -> Option<&Entry<ModuleDef>> {
        self.items(module).modules.entry(name)
    }

    /// The names of the public items of a module, for suggestions.
    pub fn public_names(&self, module: ModuleIndex) -> impl Iterator<Item = Symbol> {
        let scope = self.items(module);
        let types = scope.types.0.iter().map(|(name, entry)| (*name, entry.access));
        let values = scope.values.0.iter().map(|(name, entry)| (*name, entry.access));
        let modules = scope.modules.0.iter().map(|(name, entry)| (*name, entry.access));
        let all = types.chain(values).chain(modules);
        all.filter(|(_, access)| *access == Access::Public).map(|(name, _)| name)
    }

    /// The names that `use` has given to modules in a module, for suggestions.
    pub fn module_names(&self, module: ModuleIndex) -> impl Iterator<Item = Symbol> {
        self.own[module].modules.0.keys().copied()
    }

    /// Whether nothing that the import has brought into the module was used.
    pub fn is_unused(&self, module: ModuleIndex, name: Symbol, import: ImportId) -> bool {
        let scope = &self.own[module];
        let found = [
            scope.types.is_unused(name, import),
            scope.values.is_unused(name, import),
            scope.modules.is_unused(name, import),
        ];
        found.into_iter().flatten().all(|is_unused| is_unused)
    }

    /// The names of types that a module sees, for suggestions.
    pub fn type_names(&self, module: ModuleIndex, layer: Layer) -> impl Iterator<Item = Symbol> {
        let items = self.visible(module).flat_map(|scope| scope.types.0.keys().copied());
        items.chain(Builtin::names(layer).map(Symbol::intern))
    }

    /// The names of interfaces that a module sees, for suggestions.
    pub fn interface_names(&self, module: ModuleIndex) -> impl Iterator<Item = Symbol> {
        let is_interface = |(name, entry): (&Symbol, &Entry<TypeDef>)| match entry.def {
            TypeDef::Interface(_) => Some(*name),
            _ => None,
        };
        self.visible(module).flat_map(move |scope| scope.types.0.iter().filter_map(is_interface))
    }

    /// The names of functions and constants that a module sees, for suggestions.
    pub fn value_names(&self, module: ModuleIndex) -> impl Iterator<Item = Symbol> {
        self.visible(module).flat_map(|scope| scope.values.0.keys().copied())
    }

    /// The names of variants, for suggestions.
    pub fn variant_names(&self) -> impl Iterator<Item = Symbol> {
        self.variants.keys().copied()
    }
}
