//! Closures and functions as values.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::count;
use crate::hir::Name;

/// A closure with more or fewer parameters than the function type that is expected.
pub(in crate::typeck) fn wrong_param_count(
    head: Span,
    found: usize,
    expected: usize,
    expected_ty: &str,
) -> Diagnostic {
    let message =
        format!("a closure with {} where one with {expected} is expected", count(found, "parameter"));
    let help = if expected < found {
        "leave out what it does not get".to_owned()
    } else if expected == 1 {
        "name the parameter between the bars: `|x| …`, or `|_| …` if it is not used".to_owned()
    } else {
        let names = ["x", "y", "z"].iter().copied().chain(std::iter::repeat("_"));
        let names: Vec<_> = names.take(expected).collect();
        format!(
            "name the parameters between the bars: `|{}| …`, with `_` for what is not used",
            names.join(", ")
        )
    };
    Diagnostic::error(codes::CLOSURE_PARAMETERS, head, message, format!("expected `{expected_ty}`"))
        .help(help)
}

/// A parameter of a closure that is a place to be changed where a value is passed.
pub(in crate::typeck) fn unexpected_inout(param: Span) -> Diagnostic {
    let message = "this parameter is passed as a value, not as a place to be changed";
    Diagnostic::error(codes::CLOSURE_PARAMETERS, param, message, "is not `inout` where this closure goes")
        .help("remove `inout`; a copy that can be changed is `var copy = x;`")
}

/// A parameter of a closure that is a value where a place to be changed is passed.
pub(in crate::typeck) fn missing_inout(param: Span) -> Diagnostic {
    let message = "this parameter is a place that the closure may change";
    Diagnostic::error(codes::CLOSURE_PARAMETERS, param, message, "is `inout` where this closure goes")
        .suggest("say so", param.shrink_to_start(), "inout ")
}

/// A method named without a value to call it on.
pub(in crate::typeck) fn method_as_value(name: Name, ty: &str) -> Diagnostic {
    let message = format!("the method `{name}` of `{ty}` needs a value to be called on", name = name.symbol);
    Diagnostic::error(codes::WRONG_RECEIVER, name.span, message, "not a function by itself")
        .help(format!("write a closure that calls it: `|it| it.{}()`", name.symbol))
}

/// `list.push` as a function value.
pub(in crate::typeck) fn changing_method_as_value(name: Name, base: Symbol) -> Diagnostic {
    let name_text = name.symbol;
    let message = format!("`{name_text}` changes the value it is called on, so it is no function value");
    Diagnostic::error(codes::WRONG_RECEIVER, name.span, message, "a `mut fn` that is not called")
        .note("a function value holds a copy of what its method is called on, and only the copy would change")
        .help(format!("write a closure, which refers to the variable itself: `|…| {base}.{name_text}(…)`"))
}

/// A captured place used by a closure while the call that it is passed to changes it.
pub(in crate::typeck) fn captured_in_use(used: Span, changed: Span, name: Symbol) -> Diagnostic {
    let message = format!("the closure uses `{name}` while this call changes it");
    Diagnostic::error(codes::OVERLAPPING_PLACES, used, message, "captured by the closure")
        .secondary(changed, "in use until the call returns")
        .help("copy what the closure needs into a variable before the call")
}

/// A function value of which nobody knows that it is sharable.
pub(in crate::typeck) fn not_known_sharable(span: Span, found: &str, expected: &str) -> Diagnostic {
    let message = format!("expected `{expected}`, found `{found}`");
    Diagnostic::error(codes::NOT_SHARABLE_FUNCTION, span, message, "may hold what one task at a time may use")
        .help("write `Sharable fn(…)` where the function comes from, or pass a function or closure directly")
}

/// A closure that is not sharable because of something it captures.
pub(in crate::typeck) fn captures_unsharable(
    closure: Span,
    name: Symbol,
    ty: &str,
    used: Span,
) -> Diagnostic {
    let message = "this closure cannot be used by several tasks at once";
    Diagnostic::error(codes::NOT_SHARABLE_FUNCTION, closure, message, "must be `Sharable` here")
        .secondary(used, format!("it captures `{name}`, and `{ty}` is not Sharable"))
        .note("a closure is Sharable when everything it captures is, and it holds no variable")
}

/// A closure that is not sharable because it holds a variable.
pub(in crate::typeck) fn holds_variable(closure: Span, name: Symbol, declared: Span) -> Diagnostic {
    let message = "this closure cannot be used by several tasks at once";
    Diagnostic::error(codes::NOT_SHARABLE_FUNCTION, closure, message, "must be `Sharable` here")
        .secondary(declared, format!("it holds the variable `{name}`"))
        .note("a closure is Sharable when everything it captures is, and it holds no variable")
        .help(format!("copy the value first, `let copy = {name};`, and use the copy in the closure"))
}
