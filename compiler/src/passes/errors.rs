//! What the passes may find wrong with a program.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::source::Span;

/// A generic function whose instances need ever larger instances of themselves.
pub(super) fn endless_instances(function: Span, name: &str, example: &str) -> Diagnostic {
    Diagnostic::error(
        codes::ENDLESS_INSTANCES,
        function,
        format!("`{name}` needs infinitely many instances of itself"),
        "is used with ever larger types",
    )
    .note("every combination of type arguments is compiled on its own, so there must be an end to them")
    .note(format!("one of them would be `{}`", shortened(example)))
    .help("pass the growing part as a value: wrap it in an enum or a `List`")
}

/// A generic type that contains ever larger instances of itself.
pub(super) fn endless_type(ty: Span, name: &str, example: &str) -> Diagnostic {
    Diagnostic::error(
        codes::ENDLESS_INSTANCES,
        ty,
        format!("`{name}` contains infinitely many types"),
        "contains itself with ever larger type arguments",
    )
    .note("every combination of type arguments is a type of its own, so there must be an end to them")
    .note(format!("one of them would be `{}`", shortened(example)))
    .help(format!("let `{name}` contain itself with the type arguments it was given"))
}

/// A `deinit` that waits or spawns, itself or by what it calls.
pub(super) fn deinit_suspends(deinit: Span, first: Span, calls: &[&str], what: &str) -> Diagnostic {
    let message = "a `deinit` cannot wait or spawn";
    let label = match calls {
        [] => format!("this {what}"),
        [only] => format!("this calls `{}`, which {what}", shortened(only)),
        [.., last] => format!("this leads to `{}`, which {what}", shortened(last)),
    };
    let diagnostic = Diagnostic::error(codes::DEINIT_SUSPENDS, first, message, label)
        .secondary(deinit, "this runs wherever the last reference to an object goes")
        .help("let whoever uses the object do this before letting go of it");
    if calls.len() < 2 {
        return diagnostic;
    }
    let chain: Vec<String> = calls.iter().map(|name| format!("`{}`", shortened(name))).collect();
    diagnostic.note(format!("the calls are {}", chain.join(" → ")))
}

/// A `deinit` that lets somebody keep the object.
pub(super) fn deinit_stores_self(deinit: Span, place: Span) -> Diagnostic {
    let message = "a `deinit` cannot keep the object that it belongs to";
    Diagnostic::error(codes::DEINIT_STORES_SELF, place, message, "`self` would be kept here")
        .secondary(deinit, "when this has run, the object is gone")
        .help("keep what is needed of its fields")
}

/// The beginning of a text that may be absurdly long.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
