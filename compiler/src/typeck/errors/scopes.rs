//! The words of diagnostics about scopes that would be kept.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::source::Span;

/// A field, result or parameter that a scope would be kept by.
pub(in crate::typeck) fn declared(span: Span, ty: &str) -> Diagnostic {
    explain(Diagnostic::error(
        codes::SCOPE_ESCAPES,
        span,
        "a scope cannot be kept",
        format!("`{ty}` would keep it"),
    ))
}

/// A value that would keep a scope.
pub(in crate::typeck) fn kept(span: Span, ty: &str) -> Diagnostic {
    explain(Diagnostic::error(
        codes::SCOPE_ESCAPES,
        span,
        "a scope cannot be kept",
        format!("a `{ty}` would keep it"),
    ))
}

fn explain(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic
        .note("a scope ends with its block: what has it in it, and what returns it, could outlive that")
        .help("give functions that spawn into the scope a parameter of type `Scope`")
}
