//! Interfaces: what types are said to have, and what is missing for it.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::source::Span;

use super::quoted;
use crate::hir::Name;

/// A type that is said to have, by its structure, an interface that a part of it does not have.
pub(in crate::typeck) fn structure_lacks(span: Span, ty: &str, bound: &str) -> Diagnostic {
    let message = format!("`{ty}` cannot be `{bound}` by its structure");
    Diagnostic::error(codes::STRUCTURE_LACKS, span, message, format!("not all of it is `{bound}`"))
        .help(format!("write the methods of `{bound}` yourself"))
}

/// An interface that a type which is not the program's has already.
pub(in crate::typeck) fn second_implementation(span: Span, ty: &str, interface: &str) -> Diagnostic {
    let message = format!("`{ty}` has the interface `{interface}` already");
    Diagnostic::error(codes::IMPLEMENTED_TWICE, span, message, "implemented again here")
        .note("types of the language and the library have it by what they are, and all code agrees on that")
        .help(format!("make a type of your own and extend that: `newtype Name = {ty};`"))
}

/// A type with an interface, whose structure does not have what the interface extends.
pub(in crate::typeck) fn super_lacks(span: Span, ty: &str, interface: &str, bound: &str) -> Diagnostic {
    let message = format!("`{ty}` cannot be `{interface}`, because it is not `{bound}`");
    Diagnostic::error(codes::STRUCTURE_LACKS, span, message, format!("`{interface}` extends `{bound}`"))
}

/// A `main` that may end with an error that has no text form.
pub(in crate::typeck) fn main_error_not_displayable(span: Span, error: &str) -> Diagnostic {
    let message = format!("`main` may end with a `{error}`, which cannot be printed");
    Diagnostic::error(codes::WRONG_MAIN, span, message, format!("`{error}` is not `Display`"))
        .help(format!("implement it: `extend {error} : Display {{ … }}`"))
}

/// A method called on a value of an interface's type that names `Self`, so that the interface does it, though a type of the
/// program does it another way.
pub(in crate::typeck) fn hidden_override(name: Name, interface: &str, ty: &str, own: Span) -> Diagnostic {
    let method = name.symbol;
    let message = format!("the `{method}` of `{ty}` cannot be called on a value of type `{interface}`");
    let diagnostic =
        Diagnostic::error(codes::HIDDEN_OVERRIDE, name.span, message, "which type has it is not known here")
            .note(format!(
                "`{method}` names `Self`, and two values of type `{interface}` need not be of one type"
            ));
    let label = format!("`{ty}` has its own");
    let diagnostic = match own.file == name.span.file {
        true => diagnostic.secondary(own, label),
        false => diagnostic.note(label),
    };
    diagnostic.help(format!("call it where the type is known: in a function with `<T: {interface}>`"))
}

/// A method that several interfaces of a type have.
pub(in crate::typeck) fn ambiguous(name: Name, ty: &str, interfaces: &[&str]) -> Diagnostic {
    let all = quoted(interfaces.iter().copied());
    let message = format!("`{}` of `{ty}` may be that of {all}", name.symbol);
    let first = interfaces.first().copied().unwrap_or_default();
    Diagnostic::error(codes::AMBIGUOUS_METHOD, name.span, message, "which one is meant?")
        .help(format!("call it where only one is known: in a function with `<T: {first}>`"))
}
