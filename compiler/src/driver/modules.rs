//! Which files make up a program.
//!
//! Beginning with the program's own file, every path in it that may lead through modules is followed, and so on in the
//! files found: `a::b` is `a/b.plat` or the folder `a/b`, beside the program's own file. Files that nobody mentions are
//! not read.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use plat_syntax::diagnostics::Sink;
use plat_syntax::index::Symbol;
use plat_syntax::source::{FileId, Origin, SourceMap};
use plat_syntax::syntax::{self, ast};

use super::failure::Failure;
use super::{loader, stdlib};
use crate::resolve::{self, Layer, Module, ModuleIndex, Package, PackageIndex, Program};

/// A re-export may lead to another one; more than this many are a circle.
const MAX_REEXPORTS: usize = 32;

/// A program's modules, with the trees of their files.
#[derive(Debug, Default)]
pub struct Modules {
    modules: Vec<Loaded>,
    packages: Vec<Package>,
    prelude: ModuleIndex,
    main: Option<ModuleIndex>,
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

/// Where files of modules are looked for.
#[derive(Clone, Debug)]
enum Shelf {
    /// A folder; empty for the current one.
    Folder(PathBuf),
    /// A folder of the library, by its path in there.
    Library(String),
}

/// What stands on a shelf under a name.
enum Book {
    File(PathBuf),
    Library(stdlib::LibraryFile),
    Folder,
}

impl Shelf {
    /// The shelf of the submodules of the module `name` on this one.
    fn under(&self, name: Symbol) -> Self {
        match self {
            Self::Folder(folder) => Self::Folder(folder.join(name.as_str())),
            Self::Library(path) => Self::Library(format!("{path}/{name}")),
        }
    }

    fn find(&self, name: Symbol) -> Option<Book> {
        match self {
            Self::Folder(folder) => {
                let file = folder.join(format!("{name}.plat"));
                if file.is_file() {
                    return Some(Book::File(file));
                }
                folder.join(name.as_str()).is_dir().then_some(Book::Folder)
            }
            Self::Library(path) => {
                let path = format!("{path}/{name}");
                let file = stdlib::module(&path).map(Book::Library);
                file.or_else(|| stdlib::is_folder(&path).then_some(Book::Folder))
            }
        }
    }

    /// The names of modules on it, sorted.
    fn names(&self) -> Vec<Symbol> {
        let mut names: Vec<Symbol> = match self {
            Self::Folder(folder) => {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                let entries = fs::read_dir(folder).into_iter().flatten().flatten();
                entries
                    .filter_map(|entry| module_name(&entry.path()))
                    .map(|name| Symbol::intern(&name))
                    .collect()
            }
            Self::Library(path) => stdlib::names_in(path).map(Symbol::intern).collect(),
        };
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The shelf as messages show it, before a name on it.
    fn place(&self) -> String {
        match self {
            Self::Folder(folder) if folder.as_os_str().is_empty() => String::new(),
            Self::Folder(folder) => format!("{}/", folder.display()),
            Self::Library(path) => format!("{path}/"),
        }
    }
}

/// The module that a path in a folder is: a `.plat` file, or a folder.
fn module_name(path: &Path) -> Option<String> {
    let is_module = path.extension().is_some_and(|ending| ending == "plat") || path.is_dir();
    let name = path.file_stem()?.to_str()?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    (is_module && is_name).then(|| name.to_owned())
}

/// Loads the library's base and the program in `file`, which stands at `path`, with all modules that it mentions.
pub fn load(file: FileId, path: &Path, sources: &mut SourceMap, sink: &mut Sink) -> Result<Modules, Failure> {
    let mut loader = Loader { found: Modules::default(), waiting: VecDeque::new(), sources, sink };
    loader.load_library();
    loader.load_program(file, path);
    loader.follow_all()?;
    Ok(loader.found)
}

struct Loader<'s> {
    found: Modules,
    /// Modules whose paths have not been followed yet.
    waiting: VecDeque<ModuleIndex>,
    sources: &'s mut SourceMap,
    sink: &'s mut Sink,
}

impl Loader<'_> {
    fn load_library(&mut self) {
        let std = Symbol::intern("std");
        let shelf = Shelf::Library("std".into());
        let root = self.add("std".into(), None, Layer::Std, 0, shelf.clone());
        self.found.packages.push(Package { root, names: BTreeMap::from([(std, root)]) });
        let prelude = Symbol::intern("prelude");
        self.found.prelude = self.add("std::prelude".into(), None, Layer::Prelude, 0, shelf.under(prelude));
        self.found.modules[root].children.insert(prelude, self.found.prelude);
        for file in stdlib::base() {
            let tree = self.parse_library(file);
            self.add("std".into(), Some(tree), file.layer, 0, shelf.clone());
        }
    }

    fn load_program(&mut self, file: FileId, path: &Path) {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let tree = self.parse(file);
        let package = self.found.packages.len();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let name = Symbol::intern(&stem);
        let root = self.add(stem, Some(tree), Layer::User, package, Shelf::Folder(folder));
        let std = self.found.packages[0].root;
        let names = BTreeMap::from([(name, root), (Symbol::intern("std"), std)]);
        self.found.packages.push(Package { root, names });
        self.found.main = Some(root);
    }

    fn parse(&mut self, file: FileId) -> ast::File {
        syntax::parse(file, &self.sources.file(file).text, self.sink)
    }

    fn parse_library(&mut self, file: stdlib::LibraryFile) -> ast::File {
        let id = self.sources.add(file.name.into(), file.text.into(), Origin::Library);
        self.parse(id)
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
        if package == 0 {
            return Ok(None);
        }
        let module = self.child(root, name)?;
        if let Some(module) = module {
            self.found.packages[package].names.insert(name, module);
        }
        Ok(module)
    }

    /// The submodule of this name, loaded when it is first mentioned.
    fn child(&mut self, module: ModuleIndex, name: Symbol) -> Result<Option<ModuleIndex>, Failure> {
        let outer = &self.found.modules[module];
        if let Some(&child) = outer.children.get(&name) {
            return Ok(Some(child));
        }
        let (package, layer) = (outer.package, outer.layer);
        let is_top = package != 0 && self.found.packages[package].root == module;
        let path = if is_top { name.to_string() } else { format!("{}::{name}", outer.path) };
        let shelf = outer.shelf.under(name);
        let tree = match outer.shelf.find(name) {
            Some(Book::File(file)) => {
                let file = loader::load(&file, self.sources)?;
                Some(self.parse(file))
            }
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
}

impl Modules {
    /// The modules as resolution sees them.
    pub fn program(&self) -> Program<'_> {
        Program {
            modules: self.modules.iter().map(Loaded::module).collect(),
            packages: self.packages.clone(),
            prelude: self.prelude,
            main: self.main,
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
