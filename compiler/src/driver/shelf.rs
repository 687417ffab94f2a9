//! Where modules stand: folders of files, and the library that the binary carries.

use std::fs;
use std::path::{Path, PathBuf};

use plat_syntax::index::Symbol;

use super::stdlib;

/// Where files of modules are looked for.
#[derive(Clone, Debug)]
pub enum Shelf {
    /// A folder; empty for the current one.
    Folder(PathBuf),
    /// A folder of the library, by its path in there.
    Library(String),
}

/// What stands on a shelf under a name.
pub enum Book {
    /// A file, with or without a folder of the same name.
    File(PathBuf),
    /// A file of the library.
    Library(stdlib::LibraryFile),
    /// A folder without a file of the same name.
    Folder,
}

impl Shelf {
    /// The shelf of the submodules of the module `name` on this one.
    pub fn under(&self, name: Symbol) -> Self {
        match self {
            Self::Folder(folder) => Self::Folder(folder.join(name.as_str())),
            Self::Library(path) => Self::Library(format!("{path}/{name}")),
        }
    }

    /// What stands under a name.
    pub fn find(&self, name: Symbol) -> Option<Book> {
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
    pub fn names(&self) -> Vec<Symbol> {
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
    pub fn place(&self) -> String {
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
