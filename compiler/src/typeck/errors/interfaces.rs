//! Interfaces: what types are said to have, and what is missing for it.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::source::Span;

/// A type that is said to have, by its structure, an interface that a part of it does not have.
pub(in crate::typeck) fn structure_lacks(span: Span, ty: &str, bound: &str) -> Diagnostic {
    let message = format!("`{ty}` cannot be `{bound}` by its structure");
    Diagnostic::error(codes::STRUCTURE_LACKS, span, message, format!("not all of it is `{bound}`"))
        .help(format!("write the methods of `{bound}` yourself"))
}

/// A type with an interface, whose structure does not have what the interface extends.
pub(in crate::typeck) fn super_lacks(span: Span, ty: &str, interface: &str, bound: &str) -> Diagnostic {
    let message = format!("`{ty}` cannot be `{interface}`, because it is not `{bound}`");
    Diagnostic::error(codes::STRUCTURE_LACKS, span, message, format!("`{interface}` extends `{bound}`"))
}
