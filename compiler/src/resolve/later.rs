//! The one list of what the language has and this version of the compiler does not compile yet.
//!
//! Each use gets one diagnostic and becomes an error expression or type, so that nothing follows from it.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

/// Something of the language that is not compiled yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Later {
    /// A type of the standard library.
    LibraryType(Symbol),
    /// A module of the standard library.
    LibraryModule(Symbol),
}

/// Types of the standard library that are not there yet.
const TYPES: &[&str] = &["Actor", "Reply", "Supervisor"];

/// Modules of the standard library that are not there yet.
const MODULES: &[&str] = &["actor"];

impl Later {
    /// The module `std::name`, if it is one of the library's that are not there yet.
    pub fn library_module(name: Symbol) -> Option<Self> {
        MODULES.contains(&name.as_str()).then_some(Self::LibraryModule(name))
    }

    /// The type with this name, if it is one of the library's that are not there yet.
    pub fn library_type(name: Symbol) -> Option<Self> {
        TYPES.contains(&name.as_str()).then_some(Self::LibraryType(name))
    }

    /// The diagnostic for its use at `span`.
    pub fn diagnostic(self, span: Span) -> Diagnostic {
        let what = match self {
            Self::LibraryType(name) => format!("the type `{name}`"),
            Self::LibraryModule(name) => format!("the module `std::{name}`"),
        };
        let message = format!("{what} is not part of this version");
        Diagnostic::error(codes::NOT_YET, span, message, "cannot be compiled yet")
    }
}
