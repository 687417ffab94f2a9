//! AST → HIR: says what every name means.
//!
//! Three rounds, because items may be used before they are written: `collect` gives every item an id and puts its
//! name into the scope of its module, and `imports` those that `use` brings there; `signatures` resolves the types of fields, parameters and results; `body` resolves what
//! functions do. What depends on types (fields, methods, variants that stand bare) stays a name, for `typeck`.
//!
//! Knows no files and no types of expressions. Constructs of the language that this version of the compiler cannot
//! compile yet are all in [`later`].

use std::cell::Cell;

use plat_syntax::diagnostics::{Sink, suggest};
use plat_syntax::hash::HashMap;
use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::Span;
use plat_syntax::syntax::ast;

use crate::hir::{FnId, Hir, InterfaceId};

mod aliases;
mod body;
mod collect;
mod entry_point;
mod errors;
mod extensions;
mod externs;
mod generics;
mod implementations;
mod imports;
mod lang_items;
mod later;
mod mentions;
mod missing;
mod program;
mod recursion;
mod scope;
mod signatures;
mod tests;
mod types;

use aliases::{Alias, AliasId};
use imports::{Import, ImportId};
use scope::Scopes;
use types::TypeScope;

pub use mentions::{mentioned_modules, reexport};
pub use program::{Layer, Module, ModuleIndex, Package, PackageIndex, Program};

/// Resolves a program.
pub fn resolve(program: &Program<'_>, sink: &mut Sink) -> Hir {
    let mut resolver = Resolver::new(program, sink);
    let items = resolver.collect();
    resolver.resolve_imports();
    resolver.resolve_signatures(&items);
    resolver.resolve_tests(&items, &program.tested);
    resolver.check_recursion();
    resolver.resolve_bodies();
    resolver.check_interface_types();
    resolver.find_lang_items();
    if let Some(module) = program.main {
        resolver.find_main(module);
    } else {
        resolver.make_test_main();
    }
    resolver.warn_of_unused_imports();
    resolver.hir
}

/// Every suggestion looks at all names in scope, so a file of nothing but unknown names would take quadratic time. Nobody
/// reads past the hundredth; fewer would leave a large file after a renaming without help.
const MAX_SUGGESTIONS: u32 = 100;

/// What all rounds share.
struct Resolver<'a> {
    modules: &'a [Module<'a>],
    packages: &'a [Package],
    sink: &'a mut Sink,
    hir: Hir,
    scopes: Scopes,
    imports: IndexVec<ImportId, Import>,
    /// The first import of each name in a module.
    imports_by_name: HashMap<(ModuleIndex, Symbol), ImportId>,
    aliases: IndexVec<AliasId, Alias<'a>>,
    /// The aliases being resolved, each needed by the one before.
    open_aliases: Vec<AliasId>,
    /// How many more unknown names are compared with all known ones.
    suggestions_left: Cell<u32>,
    /// Functions whose signatures are known and whose bodies are still to be resolved.
    pending: Vec<PendingBody<'a>>,
    /// Interfaces that types are said to have.
    implementing: Vec<implementations::Declared>,
    /// Interfaces that were written as types, and where.
    interface_types: Vec<(InterfaceId, Span)>,
}

/// A body to resolve.
struct PendingBody<'a> {
    id: FnId,
    params: &'a [ast::Param],
    source: BodySource<'a>,
    scope: TypeScope,
}

/// What a function does, as written.
#[derive(Clone, Copy)]
enum BodySource<'a> {
    Block(&'a ast::Block),
    /// A default or the value of a constant.
    Expr(&'a ast::Expr),
}

impl<'a> Resolver<'a> {
    fn new(program: &'a Program<'a>, sink: &'a mut Sink) -> Self {
        let modules = &program.modules;
        Self {
            modules,
            packages: &program.packages,
            sink,
            hir: Hir::default(),
            scopes: Scopes::new(modules.len(), program.prelude),
            imports: IndexVec::new(),
            imports_by_name: HashMap::default(),
            aliases: IndexVec::new(),
            open_aliases: Vec::new(),
            suggestions_left: Cell::new(MAX_SUGGESTIONS),
            pending: Vec::new(),
            implementing: Vec::new(),
            interface_types: Vec::new(),
        }
    }

    /// The known name that is nearest to an unknown one.
    fn suggest(&self, name: Symbol, known: impl Iterator<Item = Symbol>) -> Option<Symbol> {
        let left = self.suggestions_left.get().checked_sub(1)?;
        self.suggestions_left.set(left);
        suggest::nearest(name, known)
    }

    fn layer(&self, module: ModuleIndex) -> Layer {
        self.modules[module].layer
    }

    fn resolve_bodies(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            body::resolve(self, &pending);
        }
    }
}
