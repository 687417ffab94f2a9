//! Which files make up a program.
//!
//! Beginning with the files that are asked for, every path in them that may lead through modules is followed, and so on
//! in the files found: `a::b` is `a/b.plat` or the folder `a/b`, beside the file that the package begins with. Files that
//! nobody mentions are not read, unless all of a package are asked for.

use std::collections::{BTreeMap, VecDeque};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use plat_syntax::diagnostics::Sink;
use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::index::Symbol;
use plat_syntax::source::{FileId, Origin, SourceMap};
use plat_syntax::syntax::{self, ast};

use super::failure::Failure;
use super::input::{Input, Purpose};
use super::shelf::{Book, Shelf};
use super::{loader, stdlib};
use crate::resolve::{self, Layer, Module, ModuleIndex, Package, PackageIndex, Program};

/// A re-export may lead to another one; more than this many are a circle.
const MAX_REEXPORTS: usize = 32;

/// The package of the standard library.
pub(super) const STD: PackageIndex = 0;

/// A program's modules, with the trees of their files.
#[derive(Debug, Default)]
pub struct Modules {
    modules: Vec<Loaded>,
    packages: Vec<Package>,
    prelude: ModuleIndex,
    main: Option<ModuleIndex>,
    /// The modules whose tests are to run.
    tested: Vec<ModuleIndex>,
}

/// A module that has been found.
#[derive(Debug)]
struct Loaded {
    path: String,
    tree: Option<ast::File>,
    layer: Layer,
    package: PackageIndex,
    children: BTreeMap<Symbol, ModuleIndex>,
    /// Where its submodules stand.
    shelf: Shelf,
    others: Vec<Symbol>,
}

/// Loads the library's base and what is asked for, with all modules that it mentions.
pub fn load(
    input: &Input,
    purpose: Purpose,
    sources: &mut SourceMap,
    sink: &mut Sink,
) -> Result<Modules, Failure> {
    let mut loader = Loader {
        found: Modules::default(),
        waiting: VecDeque::new(),
        loaded_packages: HashMap::default(),
        dependencies: HashSet::default(),
        sources,
        sink,
    };
    loader.load_library();
    loader.load_input(input, purpose)?;
    loader.follow_all()?;
    Ok(loader.found)
}

/// The state of loading; `packages` adds how packages are found.
pub(super) struct Loader<'s> {
    pub found: Modules,
    /// Modules whose paths have not been followed yet.
    waiting: VecDeque<ModuleIndex>,
    /// Packages by their folders.
    pub loaded_packages: HashMap<PathBuf, Option<PackageIndex>>,
    /// Packages that others depend on: paths in messages begin with their names.
    pub dependencies: HashSet<PackageIndex>,
    pub sources: &'s mut SourceMap,
    pub sink: &'s mut Sink,
}

impl Loader<'_> {
    fn load_library(&mut self) {
        let std = Symbol::intern("std");
        let shelf = Shelf::Library("std".into());
        let root = self.add("std".into(), None, Layer::Std, STD, shelf.clone());
        self.found.packages.push(Package { root, names: BTreeMap::from([(std, root)]), is_own: false });
        let prelude = Symbol::intern("prelude");
        self.found.prelude = self.add("std::prelude".into(), None, Layer::Prelude, STD, shelf.under(prelude));
        self.found.modules[root].children.insert(prelude, self.found.prelude);
        self.found.modules[root].others = shelf.names();
        let files: Vec<(FileId, Layer)> =
            stdlib::base().map(|file| (self.add_library_file(file), file.layer)).collect();
        for (tree, layer) in self.parse_side_by_side(&files) {
            self.add("std".into(), Some(tree), layer, STD, shelf.clone());
        }
    }

    /// Parses the library's base with the help of another thread: every compilation does it, and it is most of what a
    /// small program costs before code generation.
    fn parse_side_by_side(&mut self, files: &[(FileId, Layer)]) -> Vec<(ast::File, Layer)> {
        let sources = &*self.sources;
        let parse = |files: &[(FileId, Layer)]| {
            let mut sink = Sink::default();
            let trees = files
                .iter()
                .map(|&(file, layer)| (syntax::parse(file, &sources.file(file).text, &mut sink), layer));
            (trees.collect::<Vec<_>>(), sink)
        };
        let (first, second) = files.split_at(half(files, |(file, _)| sources.file(*file).text.len()));
        let ((mut trees, found), (others, more)) = thread::scope(|scope| {
            let helper = scope.spawn(|| parse(second));
            let own = parse(first);
            (own, helper.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        trees.extend(others);
        for diagnostic in found.finish().into_iter().chain(more.finish()) {
            self.sink.emit(diagnostic);
        }
        trees
    }

    /// Adds a package that begins with a file, which is the module `path`, or with no file in a folder.
    pub fn add_package(
        &mut self,
        path: String,
        file: Option<&Path>,
        folder: PathBuf,
    ) -> Result<PackageIndex, Failure> {
        let package = self.found.packages.len();
        let tree = file.map(|file| self.parse_file(file)).transpose()?;
        let stem = file.and_then(Path::file_stem).map(|stem| Symbol::intern(&stem.to_string_lossy()));
        let root = self.add(path, tree, Layer::User, package, Shelf::Folder(folder));
        let std = (Symbol::intern("std"), self.found.packages[STD].root);
        let names = stem.map(|stem| (stem, root)).into_iter().chain([std]).collect();
        self.found.packages.push(Package { root, names, is_own: false });
        Ok(package)
    }

    /// The module that a package begins with.
    pub fn root(&self, package: PackageIndex) -> ModuleIndex {
        self.found.packages[package].root
    }

    /// Gives a package a name in another one.
    pub fn add_name(&mut self, package: PackageIndex, name: &str, other: PackageIndex) {
        let root = self.root(other);
        self.found.packages[package].names.insert(Symbol::intern(name), root);
    }

    /// Says that the tests of a package are the user's own concern.
    pub fn set_own(&mut self, package: PackageIndex) {
        self.found.packages[package].is_own = true;
    }

    /// Sets the module whose `main` is the program's.
    pub fn set_main(&mut self, module: ModuleIndex) {
        self.found.main = Some(module);
    }

    /// The files of the library that are no modules.
    pub fn base_modules(&self) -> Vec<ModuleIndex> {
        let modules = self.found.modules.iter().enumerate();
        let is_base = |module: &Loaded| matches!(module.layer, Layer::Prelude | Layer::Sys);
        modules.filter(|(_, module)| is_base(module)).map(|(index, _)| index).collect()
    }

    /// Adds modules whose tests are to run.
    pub fn add_tested(&mut self, modules: impl IntoIterator<Item = ModuleIndex>) {
        self.found.tested.extend(modules);
    }

    fn parse_file(&mut self, path: &Path) -> Result<ast::File, Failure> {
        let file = loader::load(path, self.sources)?;
        Ok(self.parse(file))
    }

    fn parse(&mut self, file: FileId) -> ast::File {
        syntax::parse(file, &self.sources.file(file).text, self.sink)
    }

    fn parse_library(&mut self, file: stdlib::LibraryFile) -> ast::File {
        let file = self.add_library_file(file);
        self.parse(file)
    }

    fn add_library_file(&mut self, file: stdlib::LibraryFile) -> FileId {
        self.sources.add(file.name.into(), file.text.into(), Origin::Library)
    }

    fn add(
        &mut self,
        path: String,
        tree: Option<ast::File>,
        layer: Layer,
        package: PackageIndex,
        shelf: Shelf,
    ) -> ModuleIndex {
        let index = self.found.modules.len();
        if tree.is_some() {
            self.waiting.push_back(index);
        }
        let (children, others) = (BTreeMap::new(), Vec::new());
        self.found.modules.push(Loaded { path, tree, layer, package, children, shelf, others });
        index
    }

    /// Follows the paths of all modules, and of those found on the way.
    fn follow_all(&mut self) -> Result<(), Failure> {
        while let Some(index) = self.waiting.pop_front() {
            let module = &self.found.modules[index];
            let Some(tree) = &module.tree else { continue };
            let package = module.package;
            for path in resolve::mentioned_modules(tree) {
                self.follow(package, &path, 0)?;
            }
        }
        Ok(())
    }

    /// Loads the modules that a path goes through, as far as it does.
    fn follow(&mut self, package: PackageIndex, path: &[Symbol], reexports: usize) -> Result<(), Failure> {
        let Some((&first, rest)) = path.split_first() else { return Ok(()) };
        let Some(mut module) = self.top(package, first)? else { return Ok(()) };
        for (position, &name) in rest.iter().enumerate() {
            if name.as_str().starts_with(char::is_uppercase) {
                break;
            }
            if let Some(child) = self.child(module, name)? {
                module = child;
                continue;
            }
            let found = &self.found.modules[module];
            let elsewhere = found.tree.as_ref().and_then(|tree| resolve::reexport(tree, name));
            if let Some(mut path) = elsewhere.filter(|_| reexports < MAX_REEXPORTS) {
                path.extend(&rest[position + 1..]);
                return self.follow(found.package, &path, reexports + 1);
            }
            break;
        }
        Ok(())
    }

    /// The module or package that a path in a package begins with.
    fn top(&mut self, package: PackageIndex, name: Symbol) -> Result<Option<ModuleIndex>, Failure> {
        let found = &self.found.packages[package];
        if let Some(&module) = found.names.get(&name) {
            return Ok(Some(module));
        }
        let root = found.root;
        if package == STD {
            return Ok(None);
        }
        let module = self.child(root, name)?;
        if let Some(module) = module {
            self.found.packages[package].names.insert(name, module);
        }
        Ok(module)
    }

    /// The submodule of this name, loaded when it is first mentioned.
    pub fn child(&mut self, module: ModuleIndex, name: Symbol) -> Result<Option<ModuleIndex>, Failure> {
        let outer = &self.found.modules[module];
        if let Some(&child) = outer.children.get(&name) {
            return Ok(Some(child));
        }
        let (package, layer) = (outer.package, outer.layer);
        let is_root = self.found.packages[package].root == module;
        let is_top = is_root && package != STD && !self.dependencies.contains(&package);
        let path = if is_top { name.to_string() } else { format!("{}::{name}", outer.path) };
        let shelf = outer.shelf.under(name);
        let tree = match outer.shelf.find(name) {
            Some(Book::File(file)) => Some(self.parse_file(&file)?),
            Some(Book::Library(file)) => Some(self.parse_library(file)),
            Some(Book::Folder) => None,
            None => {
                if outer.others.is_empty() {
                    self.found.modules[module].others = self.found.modules[module].shelf.names();
                }
                return Ok(None);
            }
        };
        let child = self.add(path, tree, layer, package, shelf);
        self.found.modules[module].children.insert(name, child);
        Ok(Some(child))
    }

    /// Loads all submodules of a module, and theirs. Returns all modules, the given one first.
    pub fn load_all(&mut self, module: ModuleIndex) -> Result<Vec<ModuleIndex>, Failure> {
        let mut all = vec![module];
        let mut next = 0;
        while let Some(&module) = all.get(next) {
            let package = self.found.modules[module].package;
            let is_root = self.root(package) == module && package != STD;
            for name in self.found.modules[module].shelf.names() {
                // What a package begins with is a file among those of its top modules.
                let known = self.found.packages[package].names.get(&name).copied();
                let child = match known.filter(|_| is_root) {
                    Some(known) => Some(known),
                    None => self.child(module, name)?,
                };
                all.extend(child.filter(|child| !all.contains(child)));
            }
            next += 1;
        }
        Ok(all)
    }
}

/// Where to cut a list so that both parts weigh about the same.
fn half<T>(items: &[T], weight: impl Fn(&T) -> usize) -> usize {
    let whole: usize = items.iter().map(&weight).sum();
    let mut sum = 0;
    let reaches_half = |item: &T| {
        sum += weight(item);
        sum * 2 >= whole
    };
    items.iter().position(reaches_half).map_or(items.len(), |position| position + 1)
}

impl Modules {
    /// The modules as resolution sees them.
    pub fn program(&self) -> Program<'_> {
        Program {
            modules: self.modules.iter().map(Loaded::module).collect(),
            packages: self.packages.clone(),
            prelude: self.prelude,
            main: self.main,
            tested: self.tested.clone(),
        }
    }

    /// The tree of the program's own file.
    pub fn main_tree(&self) -> Option<&ast::File> {
        self.modules[self.main?].tree.as_ref()
    }
}

impl Loaded {
    fn module(&self) -> Module<'_> {
        Module {
            path: self.path.clone(),
            file: self.tree.as_ref(),
            layer: self.layer,
            package: self.package,
            children: self.children.clone(),
            place: self.shelf.place(),
            others: self.others.clone(),
        }
    }
}
