//! Names that a `use` would bring: which one, and where it would stand.

use plat_syntax::diagnostics::Diagnostic;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast;

use super::errors::modules as errors;
use super::{Layer, ModuleIndex, Resolver};
use crate::hir::Access;

impl Resolver<'_> {
    /// Adds to a complaint about an unknown name in a file which `use` would bring it, if there is a public item of that
    /// name in a module of the program.
    pub fn suggest_import(&self, diagnostic: Diagnostic, name: Symbol, from: ModuleIndex) -> Diagnostic {
        let mut paths = (0..self.modules.len()).filter_map(|module| self.path_to_item(module, name, from));
        match paths.next() {
            Some(path) => errors::suggest_import(diagnostic, &path, self.place_of_use(from)),
            None => diagnostic,
        }
    }

    /// The same for an unknown module, which may be one of the library.
    pub fn suggest_library_module(
        &self,
        diagnostic: Diagnostic,
        name: Symbol,
        from: ModuleIndex,
    ) -> Diagnostic {
        let std = self.packages[self.modules[from].package].names.get(&Symbol::intern("std"));
        let is_there = std.is_some_and(|&std| {
            self.modules[std].children.contains_key(&name) || self.modules[std].others.contains(&name)
        });
        match is_there {
            true => errors::suggest_import(diagnostic, &format!("std::{name}"), self.place_of_use(from)),
            false => diagnostic,
        }
    }

    /// The path to the public item of this name that a module defines, from another module.
    fn path_to_item(&self, module: ModuleIndex, name: Symbol, from: ModuleIndex) -> Option<String> {
        let is_module = matches!(self.layer(module), Layer::Std | Layer::User) && module != from;
        let types = self.scopes.type_entry(module, name).map(|entry| entry.access);
        let values = self.scopes.value_entry(module, name).map(|entry| entry.access);
        let is_public = [types, values].into_iter().flatten().any(|access| access == Access::Public);
        if !is_module || !is_public {
            return None;
        }
        Some(format!("{}::{name}", self.path_to_module(module, from)?))
    }

    /// The path to a module, as another one would write it.
    fn path_to_module(&self, module: ModuleIndex, from: ModuleIndex) -> Option<String> {
        let names = &self.packages[self.modules[from].package].names;
        if let Some((name, _)) = names.iter().find(|(_, top)| **top == module) {
            return Some(name.to_string());
        }
        let (outer, name) = self.modules.iter().enumerate().find_map(|(outer, candidate)| {
            let child = candidate.children.iter().find(|(_, child)| **child == module);
            child.map(|(name, _)| (outer, name))
        })?;
        Some(format!("{}::{name}", self.path_to_module(outer, from)?))
    }

    /// Where one more `use` would stand in a module's file: before its first one, or before its first item.
    fn place_of_use(&self, module: ModuleIndex) -> Option<Span> {
        let items = &self.modules[module].file?.items;
        let is_use = |item: &&ast::Item| matches!(item.kind, ast::ItemKind::Use(_));
        let first = items.iter().find(is_use).or_else(|| items.first().filter(|item| item.doc.is_none()))?;
        Some(first.span.shrink_to_start())
    }
}
