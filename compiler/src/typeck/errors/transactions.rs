//! What transactions change.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use crate::typeck::captures::Changed;

/// A variable from outside that a transaction changes, or an object that it has come to through one.
pub(in crate::typeck) fn changed_in_transaction(
    place: Span,
    what: Changed,
    name: Symbol,
    declared: Span,
) -> Diagnostic {
    let (message, help) = match what {
        Changed::Variable => (
            format!("a transaction cannot change `{name}`, which was there before it"),
            "keep the value in a `TVar`, or change a variable that the transaction declares",
        ),
        Changed::Object => (
            format!("a transaction cannot change an object that it has from `{name}`"),
            "let the field be a `TVar`: `let field: TVar<T>;`",
        ),
    };
    Diagnostic::error(codes::CHANGED_IN_TRANSACTION, place, message, "would be changed by every run")
        .secondary(declared, format!("`{name}` is declared outside of the transaction"))
        .note("a transaction may run more than once before it takes effect")
        .help("give the new value as that of the transaction, and assign it after that: `x = atomically { … };`")
        .help(help)
}
