//! Initialisers: fields of `self` that are not set, or set twice.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::quoted;

/// A way through a body on which a field is not set.
#[derive(Clone, Copy)]
pub(in crate::typeck) enum Path {
    /// The condition does not hold, and there is no `else`.
    ConditionFails(Span),
    /// This branch or arm.
    Branch(Span),
    /// This is not evaluated.
    Skipped(Span),
}

impl Path {
    fn explain(self, diagnostic: Diagnostic, field: Symbol) -> Diagnostic {
        match self {
            Self::ConditionFails(span) => {
                diagnostic.secondary(span, format!("`{field}` is not set where this does not hold"))
            }
            Self::Branch(span) => diagnostic.secondary(span, format!("`{field}` is not set on this way")),
            Self::Skipped(span) => {
                diagnostic.secondary(span, format!("`{field}` is not set where this is not evaluated"))
            }
        }
    }
}

/// A field that is read before it is set.
pub(in crate::typeck) fn field_before_set(
    span: Span,
    field: Symbol,
    declared: Span,
    path: Option<Path>,
) -> Diagnostic {
    let message = match path {
        Some(_) => format!("the field `{field}` is read, but it is not set on every way here"),
        None => format!("the field `{field}` is read before it is set"),
    };
    let diagnostic = Diagnostic::error(codes::FIELD_BEFORE_SET, span, message, "has no value here yet");
    explain_why(diagnostic, field, declared, path).help(format!("set it first: `self.{field} = …;`"))
}

/// An initialiser that ends before all fields are set.
pub(in crate::typeck) fn field_not_set(
    span: Span,
    field: Symbol,
    declared: Span,
    path: Option<Path>,
) -> Diagnostic {
    let message = match path {
        Some(_) => format!("the field `{field}` is not set on every way through `init`"),
        None => format!("`init` does not set the field `{field}`"),
    };
    let label = format!("`{field}` has no value here");
    let diagnostic = Diagnostic::error(codes::FIELD_NOT_SET, span, message, label);
    explain_why(diagnostic, field, declared, path)
        .help(format!("set it, `self.{field} = …;`, or give it a default where it is declared"))
}

/// Shows why a field has no value: where it is declared without one, and on which way nothing sets it.
fn explain_why(diagnostic: Diagnostic, field: Symbol, declared: Span, path: Option<Path>) -> Diagnostic {
    let diagnostic = diagnostic.secondary(declared, format!("`{field}` is declared here, without a default"));
    match path {
        Some(path) => path.explain(diagnostic, field),
        None => diagnostic,
    }
}

/// `self` used before all its fields are set.
pub(in crate::typeck) fn self_before_set(span: Span, missing: &[Symbol]) -> Diagnostic {
    let missing = quoted(missing.iter().map(|name| name.as_str()));
    Diagnostic::error(
        codes::SELF_BEFORE_SET,
        span,
        "`self` is used before all its fields are set",
        format!("{missing} must be set first"),
    )
    .note("before that there is no value: only the fields that are set can be read")
    .help("set all fields first, then pass `self` on or call its methods")
}

/// `self` used on one way while another comes to the same point with fields that are not set.
pub(in crate::typeck) fn self_on_some_paths(span: Span, missing: &[Symbol]) -> Diagnostic {
    let missing = quoted(missing.iter().map(|name| name.as_str()));
    Diagnostic::error(
        codes::SELF_BEFORE_SET,
        span,
        "`self` is used before its fields are set on every way",
        format!("on another way that leads on from here, {missing} must be set first"),
    )
    .help("set all fields before the `if`, `match` or loop in which `self` is used")
}

/// A `let` field that is set again.
pub(in crate::typeck) fn field_set_twice(
    span: Span,
    field: Symbol,
    first: Option<Span>,
    declared: Span,
) -> Diagnostic {
    let message = format!("the `let` field `{field}` is set twice");
    let diagnostic = Diagnostic::error(codes::FIELD_SET_TWICE, span, message, "may have its value already");
    let diagnostic = match first {
        Some(first) => diagnostic.secondary(first, "set here first"),
        None => diagnostic.secondary(declared, "has its default already, or is set in each round of a loop"),
    };
    diagnostic.help(format!("declare it with `var {field}` to change it"))
}
