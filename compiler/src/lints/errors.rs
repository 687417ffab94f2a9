//! The words of the warnings.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

/// A variable that is not mentioned again.
pub(super) fn unused_variable(span: Span, name: Symbol) -> Diagnostic {
    let message = format!("`{name}` is never used");
    Diagnostic::warning(codes::UNUSED_VARIABLE, span, message, "not used").suggest(
        "if that is on purpose, let its name begin with `_`",
        span.shrink_to_start(),
        "_",
    )
}

/// A variable that is given values which nobody reads.
pub(super) fn never_read(span: Span, name: Symbol, assigned: Option<Span>) -> Diagnostic {
    let message = format!("`{name}` is given a value, but nothing reads it");
    let diagnostic = Diagnostic::warning(codes::UNUSED_VARIABLE, span, message, "never read");
    let diagnostic = match assigned {
        Some(assigned) => diagnostic.secondary(assigned, "this value is not used"),
        None => diagnostic,
    };
    diagnostic.help("if that is on purpose, let its name begin with `_`")
}

/// A `var` that is never changed.
pub(super) fn needless_var(span: Span, name: Symbol, keyword: Span) -> Diagnostic {
    let message = format!("`{name}` is never changed");
    Diagnostic::warning(codes::NEEDLESS_VAR, span, message, "need not be a `var`").suggest(
        "make it a `let`",
        keyword,
        "let",
    )
}

/// A function or constant that nothing uses.
pub(super) fn unused_item(what: &str, name: Symbol, span: Span) -> Diagnostic {
    let message = format!("the {what} `{name}` is never used");
    Diagnostic::warning(codes::UNUSED_ITEM, span, message, "not used")
        .help("remove it, or make it `pub` if other files are to use it")
}

/// A private type in what other files may use. It could be named by them if `pub` stood at `insert`.
pub(super) fn private_in_public(span: Span, user: Symbol, name: Symbol, insert: Span) -> Diagnostic {
    let message = format!("`{user}` is `pub`, but `{name}` in it is private");
    Diagnostic::warning(codes::PRIVATE_IN_PUBLIC, span, message, "other files cannot name this").suggest(
        format!("make `{name}` `pub` too"),
        insert,
        "pub ",
    )
}

/// A statement that is never reached.
pub(super) fn unreachable_code(span: Span, end: Span) -> Diagnostic {
    Diagnostic::warning(codes::UNREACHABLE_CODE, span, "this is never reached", "never reached")
        .secondary(end, "nothing goes on after this")
}

/// A value that a statement computes and drops.
pub(super) fn unused_value(span: Span, is_equality: bool) -> Diagnostic {
    let message = "this statement computes a value and does nothing with it";
    let diagnostic = Diagnostic::warning(codes::UNUSED_VALUE, span, message, "the value is not used");
    if is_equality {
        return diagnostic.help("`==` compares; `=` assigns");
    }
    diagnostic.help("remove it, or write `let _ = …;` to say that only computing it matters")
}
