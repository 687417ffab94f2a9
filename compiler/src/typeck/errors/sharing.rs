//! Values that cannot go to another task.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

/// A task that captures what is not Sharable.
pub(in crate::typeck) fn captured(span: Span, name: Symbol, declared: Span) -> Diagnostic {
    let message = format!("`{name}` cannot be used by another task");
    Diagnostic::error(codes::TRANSFER_CAPTURED, span, message, "the task would share it with this one")
        .secondary(declared, format!("`{name}` belongs to this task"))
}

/// Says which `var` field is in the way.
pub(in crate::typeck) fn var_field(
    diagnostic: Diagnostic,
    class: &str,
    field: Symbol,
    place: Option<Span>,
) -> Diagnostic {
    let diagnostic = match place {
        Some(place) => diagnostic.secondary(place, "this field can be changed while another task reads it"),
        None => diagnostic,
    };
    diagnostic.note(format!(
        "objects of `{class}` may be used by one task at a time, because their field `{field}` is a `var`"
    ))
}

/// Says which type is in the way.
pub(in crate::typeck) fn not_sharable(diagnostic: Diagnostic, ty: &str) -> Diagnostic {
    diagnostic.note(format!(
        "values of `{ty}` may be used by one task at a time: nothing says that they are Sharable"
    ))
}

/// Says where what is in the way stands.
pub(in crate::typeck) fn reached(diagnostic: Diagnostic, whole: &str, part: &str, path: &str) -> Diagnostic {
    diagnostic.note(format!("a `{whole}` contains a `{part}`, in `{path}`"))
}

/// What can be done instead.
pub(in crate::typeck) fn ways_out(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic
        .help("let the task make the object and give it back as its result: `spawn { … }` and `await()`")
        .help("or pass on only values: numbers, strings, collections of them, objects whose fields are all `let`")
}

/// A constant that not every task may use.
pub(in crate::typeck) fn constant(span: Span, name: Symbol, ty: &str, culprit: &str) -> Diagnostic {
    let message = format!("`{name}` cannot be a constant, because not every task may use a `{ty}`");
    let diagnostic = Diagnostic::error(codes::CONST_NOT_SHARABLE, span, message, "all tasks would share it")
        .note(format!("values of `{culprit}` may be used by one task at a time"));
    let diagnostic =
        if culprit == ty { diagnostic } else { diagnostic.note(format!("a `{ty}` contains a `{culprit}`")) };
    diagnostic.help("make it in `main` and pass it on, or leave out what can be changed: only `let` fields")
}
