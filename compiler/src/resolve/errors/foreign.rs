//! Functions of C.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::source::Span;
use plat_syntax::syntax::ast::Ident;

/// `extern` with another word than `"C"`.
pub(in crate::resolve) fn unknown_abi(span: Span, abi: &str) -> Diagnostic {
    let message = format!("there is no calling convention `{abi}`");
    Diagnostic::error(codes::UNKNOWN_ABI, span, message, "not known").suggest(
        "functions of C are declared in `extern \"C\"`",
        span,
        "\"C\"",
    )
}

/// A type that C has no counterpart of.
pub(in crate::resolve) fn wrong_type(span: Span, ty: &str, is_string: bool) -> Diagnostic {
    let message = format!("C has no type like `{ty}`");
    let diagnostic = Diagnostic::error(
        codes::FOREIGN_SIGNATURE,
        span,
        message,
        "cannot be passed to C or returned from it",
    )
    .note(
        "numbers, `Bool`, `Char` and newtypes of them can be passed; a result may also be `Unit` or `Never`",
    );
    if is_string {
        return diagnostic.note("a `String` is no sequence of characters that ends with a zero, as in C");
    }
    diagnostic
}

/// `inout` or `move` before a parameter.
pub(in crate::resolve) fn mode(span: Span, word: &str) -> Diagnostic {
    let message = format!("C has no `{word}` parameters");
    Diagnostic::error(codes::FOREIGN_SIGNATURE, span, message, "arguments are passed to C by value")
}

/// A type parameter.
pub(in crate::resolve) fn type_parameter(name: Ident) -> Diagnostic {
    let message = format!("a function of C cannot have the type parameter `{}`", name.name);
    Diagnostic::error(codes::FOREIGN_SIGNATURE, name.span, message, "C knows one version of each function")
}

/// More parameters than are passed in registers.
pub(in crate::resolve) fn too_many_parameters(name: Ident, integers: usize, floats: usize) -> Diagnostic {
    let message = format!("`{}` has too many parameters to be called", name.name);
    Diagnostic::error(codes::FOREIGN_SIGNATURE, name.span, message, "not all of them fit into registers")
        .note(format!("up to {integers} integers and {floats} floats can be passed to a function of C"))
        .help("write a function in C that takes less and calls it")
}
