//! Values that cannot go to another task.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

/// A constant that not every task may use.
pub(in crate::typeck) fn constant(span: Span, name: Symbol, ty: &str, culprit: &str) -> Diagnostic {
    let message = format!("`{name}` cannot be a constant, because not every task may use a `{ty}`");
    let diagnostic = Diagnostic::error(codes::CONST_NOT_SHARABLE, span, message, "all tasks would share it")
        .note(format!("values of `{culprit}` may be used by one task at a time"));
    let diagnostic =
        if culprit == ty { diagnostic } else { diagnostic.note(format!("a `{ty}` contains a `{culprit}`")) };
    diagnostic.help("make it in `main` and pass it on, or leave out what can be changed: only `let` fields")
}
