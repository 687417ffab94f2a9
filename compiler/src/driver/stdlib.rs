//! The standard library, carried by the binary.
//!
//! `stdlib/sys/*.plat` declares what the compiler and the runtime provide, `stdlib/*.plat` is the prelude, and
//! `stdlib/std/**` are the modules that a program names: `stdlib/std/math.plat` is `std::math`.

use crate::resolve::Layer;

// `FILES: &[(&str, &str, &str)]`: path in `stdlib/`, name for messages and text of each file, in the order of paths.
include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));

/// The folder of the modules that a program names.
const MODULES: &str = "std/";

/// A file of the library.
#[derive(Clone, Copy, Debug)]
pub struct LibraryFile {
    /// Its path as messages show it, such as `std/list.plat`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
    /// Who sees it.
    pub layer: Layer,
}

/// The files that every program needs.
pub fn base() -> impl Iterator<Item = LibraryFile> {
    FILES.iter().filter(|(path, ..)| !path.starts_with(MODULES)).map(|&(path, name, text)| {
        let layer = if path.starts_with("sys/") { Layer::Sys } else { Layer::Prelude };
        LibraryFile { name, text, layer }
    })
}

/// The file of a module, such as `std/math` of `std::math`.
pub fn module(path: &str) -> Option<LibraryFile> {
    let found = FILES.iter().find(|(known, ..)| known.strip_suffix(".plat") == Some(path));
    found.map(|&(_, name, text)| LibraryFile { name, text, layer: Layer::Std })
}

/// Whether there are modules under this path, such as `std/net`.
pub fn is_folder(path: &str) -> bool {
    FILES.iter().any(|(known, ..)| known.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
}

/// The names of the files and folders under a path.
pub fn names_in(path: &str) -> impl Iterator<Item = &'static str> {
    FILES.iter().filter_map(move |(known, ..)| {
        let rest = known.strip_prefix(path)?.strip_prefix('/')?;
        rest.split(['/', '.']).next()
    })
}
