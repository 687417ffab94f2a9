//! What a program consists of: modules that form trees, one tree per package.
//!
//! Made by whoever finds the files; resolution itself knows none.

use std::collections::BTreeMap;

use plat_syntax::index::Symbol;
use plat_syntax::syntax::ast;

/// The number of a module in [`Program::modules`].
pub type ModuleIndex = usize;

/// The number of a package in [`Program::packages`].
pub type PackageIndex = usize;

/// All modules of a program: those of the library first.
#[derive(Debug, Default)]
pub struct Program<'a> {
    /// The modules.
    pub modules: Vec<Module<'a>>,
    /// The packages that they belong to.
    pub packages: Vec<Package>,
    /// The module whose items are the prelude.
    pub prelude: ModuleIndex,
    /// The module that has the program's `main`; `None` when no `main` is needed.
    pub main: Option<ModuleIndex>,
    /// The modules whose tests are to run.
    pub tested: Vec<ModuleIndex>,
}

/// A file, a folder of files, or both under one name.
#[derive(Debug)]
pub struct Module<'a> {
    /// Its path as messages show it, such as `geometry::shapes`.
    pub path: String,
    /// Its syntax tree, if it is not a mere folder.
    pub file: Option<&'a ast::File>,
    /// Who sees its items.
    pub layer: Layer,
    /// What it belongs to.
    pub package: PackageIndex,
    /// Its submodules.
    pub children: BTreeMap<Symbol, ModuleIndex>,
    /// Where its submodules are looked for, for messages.
    pub place: String,
    /// Modules that stand there and that nobody has named, for suggestions. Filled in when a name is not found.
    pub others: Vec<Symbol>,
}

/// Modules that are developed together.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// The module that holds the others.
    pub root: ModuleIndex,
    /// What the first name of a path stands for: top modules, and the packages that this one depends on.
    pub names: BTreeMap<Symbol, ModuleIndex>,
    /// Whether it is what the user works on: its tests are checked.
    pub is_own: bool,
}

/// Who sees the public items of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layer {
    /// `stdlib/sys`: declares runtime functions and intrinsics, which are `sys::name` in the library.
    Sys,
    /// The files of the standard library whose public items every program sees.
    Prelude,
    /// The modules of the standard library, `std::…`.
    Std,
    /// The program.
    User,
}

impl Layer {
    /// Whether it belongs to the standard library.
    pub fn is_library(self) -> bool {
        self != Self::User
    }
}
