//! The one list of what the language has and this version of the compiler does not compile yet.
//!
//! Each use gets one diagnostic and becomes an error expression or type, so that nothing follows from it.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

macro_rules! later {
    ($($name:ident: $what:literal $(, $instead:literal)?;)*) => {
        /// A construct of the language that is not compiled yet.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Later {
            $($name,)*
            /// A type of the standard library that is not there yet.
            LibraryType(Symbol),
            /// A module of the standard library that is not there yet.
            LibraryModule(Symbol),
        }

        impl Later {
            /// Its name as the subject of a sentence, with the verb.
            fn subject(self) -> String {
                match self {
                    $(Self::$name => $what.into(),)*
                    Self::LibraryType(name) => format!("the type `{name}` is"),
                    Self::LibraryModule(name) => format!("the module `std::{name}` is"),
                }
            }

            /// What to write instead.
            fn instead(self) -> Option<&'static str> {
                match self {
                    $($(Self::$name => Some($instead),)?)*
                    _ => None,
                }
            }
        }
    };
}

later! {
    Atomically: "`atomically` is";
    Retry: "`retry` is";
}

/// Types of the standard library that are not there yet.
const TYPES: &[&str] = &["Actor", "Reply", "Supervisor", "TVar"];

/// Modules of the standard library that are not there yet.
const MODULES: &[&str] = &["actor", "crypto", "stm"];

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
        let message = format!("{} not part of this version", self.subject());
        let diagnostic = Diagnostic::error(codes::NOT_YET, span, message, "cannot be compiled yet");
        match self.instead() {
            Some(instead) => diagnostic.help(instead),
            None => diagnostic,
        }
    }
}
