//! `bug!`: how the compiler reports a mistake of its own.
//!
//! A user's mistake is a diagnostic; what can only happen because the compiler is wrong is a bug. It unwinds to the
//! driver, which prints it with the place being compiled and exits with code 70. Knows no source map and no
//! terminal.

use plat_syntax::source::Span;

/// A mistake of the compiler: the payload that [`bug!`](crate::bug!) unwinds with.
#[derive(Debug)]
pub struct Bug {
    /// What should never have happened.
    pub message: String,
    /// The place in the program that was being compiled, where one is known.
    pub span: Option<Span>,
}

/// Reports a mistake of the compiler itself, with the place being compiled where one is known:
/// `bug!(span, "no layout for {ty}")` or `bug!("empty block")`.
#[macro_export]
macro_rules! bug {
    ($format:literal $($arguments:tt)*) => {
        $crate::bug::raise(None, format!($format $($arguments)*))
    };
    ($span:expr, $format:literal $($arguments:tt)*) => {
        $crate::bug::raise(Some($span), format!($format $($arguments)*))
    };
}

/// Unwinds with a [`Bug`]; called by [`bug!`](crate::bug!).
#[track_caller]
pub fn raise(span: Option<Span>, message: String) -> ! {
    std::panic::panic_any(Bug { message, span })
}
