//! Which modules a file mentions, as far as its syntax tree says: what to load before names are resolved.

use plat_syntax::hash::HashMap;
use plat_syntax::index::Symbol;
use plat_syntax::syntax::ast;

/// The paths in a file that may lead to modules, each from the top. Those of a `use` end with what it brings, which may
/// be a module or an item.
pub fn mentioned_modules(file: &ast::File) -> Vec<Vec<Symbol>> {
    let uses = imported(file);
    let named: HashMap<Symbol, &Vec<Symbol>> =
        uses.iter().map(|import| (import.name, &import.path)).collect();
    let paths = file.module_paths.iter().map(|path| {
        let names = path.iter().map(|ident| ident.name);
        match path.first().and_then(|first| named.get(&first.name)) {
            Some(outer) => outer.iter().copied().chain(names.skip(1)).collect(),
            None => names.collect(),
        }
    });
    let paths: Vec<Vec<Symbol>> = paths.collect();
    uses.into_iter().map(|import| import.path).chain(paths).collect()
}

/// What the file's `pub use` of this name stands for, from the top.
pub fn reexport(file: &ast::File, name: Symbol) -> Option<Vec<Symbol>> {
    imported(file)
        .into_iter()
        .find(|import| import.is_public && import.name == name)
        .map(|import| import.path)
}

/// A name that a `use` brings.
struct Imported {
    name: Symbol,
    path: Vec<Symbol>,
    is_public: bool,
}

fn imported(file: &ast::File) -> Vec<Imported> {
    let mut found = Vec::new();
    for item in &file.items {
        if let ast::ItemKind::Use(tree) = &item.kind {
            let is_public = item.visibility != ast::Visibility::Private;
            add_branch(tree, &[], is_public, &mut found);
        }
    }
    found
}

fn add_branch(tree: &ast::UseTree, outer: &[Symbol], is_public: bool, found: &mut Vec<Imported>) {
    let path: Vec<Symbol> = outer.iter().copied().chain(tree.path.iter().map(|ident| ident.name)).collect();
    match &tree.end {
        ast::UseEnd::Group(branches) => {
            for branch in branches {
                add_branch(branch, &path, is_public, found);
            }
        }
        ast::UseEnd::Name(alias) => {
            let Some(name) = alias.map(|alias| alias.name).or_else(|| path.last().copied()) else { return };
            found.push(Imported { name, path, is_public });
        }
    }
}
