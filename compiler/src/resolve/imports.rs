//! `use`: names of one module brought into another, and paths through modules.
//!
//! A path begins at the top: with a module of the same package, a package that it depends on, or `std`. Outside of `use`
//! items it may also begin with a module that a `use` has named. Modules may use each other in circles; only names that
//! stand for each other in a circle (`pub use` of what is a `pub use` of the first) mean nothing.

use plat_syntax::define_id;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast::{self, Ident};

use super::errors::modules::{self as errors, ItemKind};
use super::later::Later;
use super::scope::{Declaration, ModuleDef, TypeDef, ValueDef};
use super::{Layer, ModuleIndex, Resolver};
use crate::hir::Access;
use plat_syntax::index::Symbol;

define_id!(
    /// A name that a `use` brings into a module.
    ImportId, "import"
);

/// A name that a `use` brings into a module.
#[derive(Clone, Debug)]
pub(super) struct Import {
    /// The module that the `use` stands in.
    pub module: ModuleIndex,
    /// The whole path, at least one name.
    pub path: Vec<Ident>,
    /// The name it gets.
    pub name: Ident,
    pub access: Access,
    /// From its first name inside the innermost braces to its last.
    pub span: Span,
    /// The `use` item, if the name is the only one it brings.
    pub item: Option<Span>,
    state: State,
}

/// How far the resolution of an import is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Unresolved,
    InProgress,
    Resolved,
    /// It leads nowhere, or its name is taken, which was reported.
    Failed,
}

/// Where an item is looked up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Home {
    /// In the scope of the place where its name stands.
    Here,
    /// In a module that a path leads to.
    Module(ModuleIndex),
}

/// What a name means in a module, to somebody outside of it.
#[derive(Clone, Copy, Default)]
struct Found {
    ty: Option<(TypeDef, Access)>,
    value: Option<(ValueDef, Access)>,
    module: Option<(ModuleDef, Access)>,
    /// Where the name was defined.
    span: Option<Span>,
}

impl Found {
    fn accesses(&self) -> impl Iterator<Item = Access> {
        let (ty, value, module) = (self.ty, self.value, self.module);
        [ty.map(|it| it.1), value.map(|it| it.1), module.map(|it| it.1)].into_iter().flatten()
    }
}

/// The modules that a path goes through, and what comes after them.
pub(super) fn split_path(segments: &[ast::PathSegment]) -> (&[ast::PathSegment], &[ast::PathSegment]) {
    let is_module = |segment: &ast::PathSegment| segment.name.name.as_str().starts_with(is_snake_start);
    let modules = segments.iter().take_while(|segment| is_module(segment)).count();
    segments.split_at(modules.min(segments.len().saturating_sub(1)))
}

fn is_snake_start(first: char) -> bool {
    !first.is_uppercase()
}

impl<'a> Resolver<'a> {
    /// Notes the names that a `use` item brings.
    pub fn collect_use(&mut self, item: &'a ast::Item, tree: &'a ast::UseTree, module: ModuleIndex) {
        let access = super::collect::access_of(item);
        let is_only = matches!(tree.end, ast::UseEnd::Name(_));
        self.collect_branch(tree, &[], module, access, is_only.then_some(item.span));
    }

    fn collect_branch(
        &mut self,
        tree: &'a ast::UseTree,
        outer: &[Ident],
        module: ModuleIndex,
        access: Access,
        item: Option<Span>,
    ) {
        let path: Vec<Ident> = outer.iter().chain(&tree.path).copied().collect();
        match &tree.end {
            ast::UseEnd::Group(branches) => {
                for branch in branches {
                    self.collect_branch(branch, &path, module, access, None);
                }
            }
            ast::UseEnd::Name(alias) => {
                let (Some(first), Some(&last)) = (tree.path.first(), path.last()) else { return };
                let name = alias.unwrap_or(last);
                let span = first.span.to(name.span);
                let import = Import { module, path, name, access, span, item, state: State::Unresolved };
                let id = self.imports.push(import);
                self.imports_by_name.entry((module, name.name)).or_insert(id);
            }
        }
    }

    /// Finds out what the imports stand for, and declares their names.
    pub fn resolve_imports(&mut self) {
        for id in self.imports.ids() {
            self.resolve_import(id, &mut Vec::new());
        }
    }

    /// `chain` holds the imports that are being resolved, each needed by the one before.
    fn resolve_import(&mut self, id: ImportId, chain: &mut Vec<ImportId>) {
        match self.imports[id].state {
            State::Resolved | State::Failed => return,
            State::InProgress => return self.report_import_cycle(id, chain),
            State::Unresolved => self.imports[id].state = State::InProgress,
        }
        chain.push(id);
        let import = self.imports[id].clone();
        let found = self.follow(&import, chain);
        chain.pop();
        self.imports[id].state = if found.is_some() { State::Resolved } else { State::Failed };
        self.bind(id, &import, found);
    }

    fn report_import_cycle(&mut self, id: ImportId, chain: &[ImportId]) {
        let start = chain.iter().position(|&other| other == id).unwrap_or(0);
        let link = |&id: &ImportId| {
            let import = &self.imports[id];
            (import.path[import.path.len() - 1], self.modules[import.module].path.clone())
        };
        let links: Vec<(Ident, String)> = chain[start..].iter().map(link).collect();
        self.sink.emit(errors::import_cycle(&links));
    }

    /// What the path of an import leads to; `None` after a diagnostic.
    fn follow(&mut self, import: &Import, chain: &mut Vec<ImportId>) -> Option<Found> {
        let (&last, outer) = import.path.split_last()?;
        let Some((&first, rest)) = outer.split_first() else {
            let module = self.top_module(last, import.module)?;
            let module = Some((ModuleDef::Module(module), Access::Public));
            return Some(Found { module, ..Found::default() });
        };
        let mut module = self.top_module(first, import.module)?;
        for &name in rest {
            self.resolve_import_named(module, name.name, chain);
            module = self.submodule(module, name, import.module)?;
        }
        let errors = self.sink.error_count();
        self.resolve_import_named(module, last.name, chain);
        let found = self.look_into(module, last.name);
        let is_hidden = |access: Access| access != Access::Public && module != import.module;
        if found.accesses().next().is_none() {
            if self.sink.error_count() == errors {
                self.report_unknown_item(module, last, ItemKind::Any);
            }
            return None;
        }
        if found.accesses().all(is_hidden) {
            self.report_private(module, last, &found);
            return Some(found);
        }
        Some(Found {
            ty: found.ty.filter(|it| !is_hidden(it.1)),
            value: found.value.filter(|it| !is_hidden(it.1)),
            module: found.module.filter(|it| !is_hidden(it.1)),
            span: found.span,
        })
    }

    /// Makes sure that the import of this name in a module, if there is one, has been resolved.
    fn resolve_import_named(&mut self, module: ModuleIndex, name: Symbol, chain: &mut Vec<ImportId>) {
        if let Some(&id) = self.imports_by_name.get(&(module, name)) {
            self.resolve_import(id, chain);
        }
    }

    /// Declares the name of an import in its module.
    fn bind(&mut self, id: ImportId, import: &Import, found: Option<Found>) {
        let &Import { module, name, access, .. } = import;
        let layer = self.layer(module);
        let at = Declaration { module, layer, access, name: name.name, span: name.span, import: Some(id) };
        let Some(found) = found else {
            // A second definition is not worth a word: neither of them can be used.
            let _ = self.scopes.declare_type(at, TypeDef::Error);
            let _ = self.scopes.declare_value(at, ValueDef::Error);
            let _ = self.scopes.declare_module(at, ModuleDef::Error);
            return;
        };
        let declared = [
            found.ty.map(|(def, _)| self.scopes.declare_type(at, def)),
            found.value.map(|(def, _)| self.scopes.declare_value(at, def)),
            found.module.map(|(def, _)| self.scopes.declare_module(at, def)),
        ];
        if let Some(previous) = declared.into_iter().flatten().find_map(Result::err) {
            self.sink.emit(super::errors::duplicate("name", name, previous));
            self.imports[id].state = State::Failed;
        }
    }

    /// What the name means in a module, seen from outside.
    fn look_into(&self, module: ModuleIndex, name: Symbol) -> Found {
        let ty = self.scopes.type_entry(module, name);
        let value = self.scopes.value_entry(module, name);
        let brought = self.scopes.module_entry(module, name);
        let child = self.modules[module].children.get(&name);
        Found {
            ty: ty.map(|entry| (entry.def, entry.access)),
            value: value.map(|entry| (entry.def, entry.access)),
            module: child
                .map(|&child| (ModuleDef::Module(child), Access::Public))
                .or_else(|| brought.map(|entry| (entry.def, entry.access))),
            span: ty
                .map(|entry| entry.span)
                .or_else(|| value.map(|entry| entry.span))
                .or_else(|| brought.map(|entry| entry.span)),
        }
    }

    /// The module or package that a path in `from` begins with; `None` after a diagnostic.
    fn top_module(&mut self, name: Ident, from: ModuleIndex) -> Option<ModuleIndex> {
        let package = &self.packages[self.modules[from].package];
        if let Some(&module) = package.names.get(&name.name) {
            return Some(module);
        }
        let (root, names) = (package.root, package.names.keys().copied());
        let others = self.modules[root].others.iter().copied();
        let known = names.chain(others).chain(self.scopes.module_names(from));
        let nearest = self.suggest(name.name, known);
        let diagnostic = errors::unknown_module(name, None, &self.modules[root].place, nearest);
        self.sink.emit(self.suggest_library_module(diagnostic, name.name, from));
        None
    }

    /// The module of this name in another; `None` after a diagnostic.
    fn submodule(&mut self, module: ModuleIndex, name: Ident, from: ModuleIndex) -> Option<ModuleIndex> {
        let found = self.look_into(module, name.name);
        match found.module {
            Some((ModuleDef::Error, _)) => return None,
            Some((ModuleDef::Module(target), access)) => {
                if access != Access::Public && module != from {
                    self.report_private(module, name, &found);
                }
                return Some(target);
            }
            None => {}
        }
        let diagnostic = match (found.ty, self.later_module(module, name.name)) {
            (Some((TypeDef::Error, _)), _) => return None,
            (Some(_), _) => errors::not_a_module(name),
            (None, Some(later)) => later.diagnostic(name.span),
            (None, None) => {
                let found = &self.modules[module];
                let known = found.children.keys().copied().chain(found.others.iter().copied());
                let nearest = self.suggest(name.name, known);
                errors::unknown_module(name, Some(&found.path), &found.place, nearest)
            }
        };
        self.sink.emit(diagnostic);
        None
    }

    /// Where the item after these names is looked up; `None` after a diagnostic.
    pub fn home_of(&mut self, modules: &[ast::PathSegment], from: ModuleIndex) -> Option<Home> {
        let Some((first, rest)) = modules.split_first() else { return Some(Home::Here) };
        let mut module = match self.scopes.find_module(from, first.name.name) {
            Some(ModuleDef::Module(module)) => module,
            Some(ModuleDef::Error) => return None,
            None => self.top_module(first.name, from)?,
        };
        for segment in rest {
            module = self.submodule(module, segment.name, from)?;
        }
        Some(Home::Module(module))
    }

    /// The type of this name in a module; [`TypeDef::Error`] after a diagnostic.
    pub fn type_in(&mut self, module: ModuleIndex, name: Ident, from: ModuleIndex) -> TypeDef {
        let found = self.look_into(module, name.name);
        match found.ty {
            Some((def, access)) => {
                if access != Access::Public && module != from {
                    self.report_private(module, name, &found);
                }
                def
            }
            None => {
                self.report_unknown_item(module, name, ItemKind::Type);
                TypeDef::Error
            }
        }
    }

    /// The function or constant of this name in a module; [`ValueDef::Error`] after a diagnostic.
    pub fn value_in(&mut self, module: ModuleIndex, name: Ident, from: ModuleIndex) -> ValueDef {
        let found = self.look_into(module, name.name);
        match found.value {
            Some((def, access)) => {
                if access != Access::Public && module != from {
                    self.report_private(module, name, &found);
                }
                def
            }
            None => {
                self.report_unknown_item(module, name, ItemKind::Value);
                ValueDef::Error
            }
        }
    }

    /// The module of the library with this name that is not there yet.
    fn later_module(&self, module: ModuleIndex, name: Symbol) -> Option<Later> {
        let is_std =
            self.layer(module) == Layer::Std && self.packages[self.modules[module].package].root == module;
        if is_std { Later::library_module(name) } else { None }
    }

    fn report_unknown_item(&mut self, module: ModuleIndex, name: Ident, kind: ItemKind) {
        if let Some(later) = self.later_module(module, name.name) {
            return self.sink.emit(later.diagnostic(name.span));
        }
        let found = &self.modules[module];
        let modules = found.children.keys().chain(&found.others).copied();
        let nearest = self.suggest(name.name, self.scopes.public_names(module).chain(modules));
        let diagnostic = match self.scopes.is_variant(name.name) {
            true => errors::variant_of_module(&found.path, name),
            false => errors::unknown_item(&found.path, name, kind, &found.place, nearest),
        };
        self.sink.emit(diagnostic);
    }

    fn report_private(&mut self, module: ModuleIndex, name: Ident, found: &Found) {
        let insert = found.accesses().find_map(|access| match access {
            Access::Public => None,
            Access::Private(insert) => Some(insert),
        });
        let is_library = self.layer(module).is_library();
        let place = found.span.zip(insert).filter(|_| !is_library);
        self.sink.emit(errors::private_item(&self.modules[module].path, name, place));
    }

    /// Warns of imports that nobody has used. One that brings methods (`extend`) does its work without being named.
    pub fn warn_of_unused_imports(&mut self) {
        for id in self.imports.ids() {
            let import = &self.imports[id];
            let is_checked = import.access != Access::Public && !self.layer(import.module).is_library();
            if is_checked
                && import.state == State::Resolved
                && self.scopes.is_unused(import.module, import.name.name, id)
                && !self.extends_types(import)
            {
                self.sink.emit(errors::unused_import(import));
            }
        }
    }

    /// Whether the import names a module that adds methods to types.
    fn extends_types(&self, import: &Import) -> bool {
        match self.scopes.module_entry(import.module, import.name.name).map(|entry| entry.def) {
            Some(ModuleDef::Module(module)) => self.modules[module].file.is_some_and(|file| {
                file.items.iter().any(|item| matches!(item.kind, ast::ItemKind::Extend(_)))
            }),
            Some(ModuleDef::Error) => true,
            None => false,
        }
    }
}
