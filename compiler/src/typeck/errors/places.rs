//! Places, and locals without a value.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use crate::typeck::places::PlaceUse;

/// What is tried with a place, as the end of "cannot be …".
fn tried(wanted: PlaceUse) -> String {
    match wanted {
        PlaceUse::Assign => "assigned".into(),
        PlaceUse::Change => "changed".into(),
        PlaceUse::Inout => "passed with `&`".into(),
        PlaceUse::Receiver(method) => format!("changed by `{method}`"),
        PlaceUse::ForInout => "changed in place".into(),
    }
}

fn label(wanted: PlaceUse) -> String {
    match wanted {
        PlaceUse::Assign => "assigned here".into(),
        PlaceUse::Change => "changed here".into(),
        PlaceUse::Inout => "`&` lets the function change it".into(),
        PlaceUse::Receiver(method) => format!("`{method}` is a `mut fn`: it changes what it is called on"),
        PlaceUse::ForInout => "`for inout` changes its elements".into(),
    }
}

/// A `let` that is changed.
pub(in crate::typeck) fn let_is_read_only(
    span: Span,
    name: Symbol,
    declared: Span,
    keyword: Span,
    wanted: PlaceUse,
) -> Diagnostic {
    let message = format!("`{name}` cannot be {}, because it is a `let`", tried(wanted));
    Diagnostic::error(codes::NOT_MUTABLE, span, message, label(wanted))
        .secondary(declared, format!("`{name}` is declared here"))
        .suggest("make it a `var`", keyword, "var")
}

/// A parameter that is changed.
pub(in crate::typeck) fn parameter_is_read_only(
    span: Span,
    name: Symbol,
    declared: Span,
    wanted: PlaceUse,
) -> Diagnostic {
    let message = format!("`{name}` cannot be {}, because it is a parameter", tried(wanted));
    Diagnostic::error(codes::NOT_MUTABLE, span, message, label(wanted))
        .secondary(declared, "parameters are read only")
        .help(format!("copy it into a variable, `var {name} = {name};`, to change the copy"))
        .suggest("make it `inout` to change the caller's variable", declared.shrink_to_start(), "inout ")
}

/// A name bound by a pattern or a `for` that is changed.
pub(in crate::typeck) fn binding_is_read_only(
    span: Span,
    name: Symbol,
    declared: Span,
    wanted: PlaceUse,
) -> Diagnostic {
    let message = format!("`{name}` cannot be {}, because a pattern binds it", tried(wanted));
    Diagnostic::error(codes::NOT_MUTABLE, span, message, label(wanted))
        .secondary(declared, "names in patterns are read only")
        .help(format!("copy it into a variable, `var {name} = {name};`, to change the copy"))
}

/// A key of a dict whose values are changed.
pub(in crate::typeck) fn key(span: Span, name: Symbol, declared: Span, wanted: PlaceUse) -> Diagnostic {
    let message = format!("`{name}` cannot be {}, because it is a key", tried(wanted));
    Diagnostic::error(codes::NOT_MUTABLE, span, message, label(wanted))
        .secondary(declared, "a key of the dict")
        .note("a key stands where its value says; another one has another place")
        .help("after the loop, remove the key and insert the other one")
}

/// `self` that is changed in a method that is not `mut`.
pub(in crate::typeck) fn self_is_read_only(
    span: Span,
    method: Symbol,
    head: Span,
    wanted: PlaceUse,
) -> Diagnostic {
    let message = format!("`self` cannot be {}, because `{method}` is not a `mut fn`", tried(wanted));
    Diagnostic::error(codes::NOT_MUTABLE, span, message, label(wanted))
        .secondary(head, "this method only reads `self`")
        .suggest("make it a `mut fn`", head.shrink_to_start(), "mut ")
}

/// `self` of a class's method that is changed.
pub(in crate::typeck) fn self_of_class(span: Span, wanted: PlaceUse) -> Diagnostic {
    let message = format!("`self` cannot be {}, because it is a reference to an object", tried(wanted));
    Diagnostic::error(codes::NOT_MUTABLE, span, message, label(wanted))
        .help("a method of a class changes the fields of its object: `self.field = …;`")
}

/// A `let` field that is changed.
pub(in crate::typeck) fn field_is_read_only(
    span: Span,
    name: Symbol,
    declared: Option<Span>,
    wanted: PlaceUse,
) -> Diagnostic {
    let message = format!("the field `{name}` cannot be {}, because it is a `let`", tried(wanted));
    let diagnostic = Diagnostic::error(codes::NOT_MUTABLE, span, message, label(wanted));
    match declared {
        Some(declared) => diagnostic
            .secondary(declared, format!("`{name}` is declared here"))
            .help(format!("declare it with `var {name}`")),
        None => diagnostic,
    }
}

/// The value of a newtype that is changed.
pub(in crate::typeck) fn newtype_is_read_only(span: Span, name: Symbol, wanted: PlaceUse) -> Diagnostic {
    let message = format!("the value of a `{name}` cannot be {}", tried(wanted));
    Diagnostic::error(codes::NOT_MUTABLE, span, message, label(wanted))
        .note(format!("`{name}` is a `newtype`: it and its value are one"))
        .help(format!("replace all of it: `place = {name}(…);`"))
}

/// A constant that is changed.
pub(in crate::typeck) fn constant(span: Span, name: Symbol, _declared: Span, wanted: PlaceUse) -> Diagnostic {
    let message = format!("`{name}` cannot be {}, because it is a constant", tried(wanted));
    Diagnostic::error(codes::NOT_MUTABLE, span, message, label(wanted))
        .help("copy it into a `var` to change the copy")
}

/// A value that is not stored anywhere.
pub(in crate::typeck) fn not_a_place(whole: Span, part: Span, wanted: PlaceUse) -> Diagnostic {
    let message = format!("this cannot be {}, because it is not a place", tried(wanted));
    let diagnostic = Diagnostic::error(codes::NOT_A_PLACE, whole, message, label(wanted));
    let diagnostic = if part == whole {
        diagnostic
    } else {
        diagnostic.secondary(part, "this is a value that is not stored")
    };
    diagnostic
        .note("places are `var`s, `inout` parameters, and the fields and elements of places")
        .help("store the value in a `var` first")
}

/// An argument of an `inout` parameter without `&`.
pub(in crate::typeck) fn missing_ampersand(span: Span, param: Symbol) -> Diagnostic {
    let message = format!("`{param}` is `inout`: pass a place with `&`");
    Diagnostic::error(codes::MISSING_AMPERSAND, span, message, "the function may change this").suggest(
        "write `&` before it",
        span.shrink_to_start(),
        "&",
    )
}

/// `&` before an argument of an ordinary parameter.
pub(in crate::typeck) fn superfluous_ampersand(arg: Span, value: Span, param: Option<Symbol>) -> Diagnostic {
    let name = param.map_or_else(|| "this parameter".into(), |name| format!("`{name}`"));
    let message = format!("{name} is not `inout`: pass the value without `&`");
    let ampersand = Span { start: value.start.saturating_sub(1).max(arg.start), end: value.start, ..value };
    Diagnostic::error(codes::SUPERFLUOUS_AMPERSAND, arg, message, "the function only reads this").suggest(
        "remove the `&`",
        ampersand,
        "",
    )
}

/// A place that a call changes and uses otherwise.
pub(in crate::typeck) fn overlap(other: Span, changed: Span, name: Symbol, are_elements: bool) -> Diagnostic {
    let message = format!("`{name}` is used while this call changes it");
    let diagnostic = Diagnostic::error(codes::OVERLAPPING_PLACES, other, message, "used again here")
        .secondary(changed, "in use until the call returns");
    if are_elements {
        return diagnostic
            .note("two elements of one collection may be the same one")
            .help("exchange elements with `xs.swap(i, j)`, or work on a copy of one of them");
    }
    diagnostic.help("copy the value into a variable before the call")
}

/// A use of the list whose elements a `for inout` changes.
pub(in crate::typeck) fn used_in_loop(span: Span, list: Span, name: Symbol) -> Diagnostic {
    let message = format!("`{name}` is used while `for inout` changes its elements");
    Diagnostic::error(codes::OVERLAPPING_PLACES, span, message, "used here")
        .secondary(list, "in use until the loop ends")
        .help("copy what is needed into a variable before the loop, or loop over the indices")
}

/// A local that has no value yet.
pub(in crate::typeck) fn used_before_assignment(
    span: Span,
    name: Symbol,
    declared: Span,
    is_perhaps: bool,
) -> Diagnostic {
    let (message, label) = if is_perhaps {
        (format!("`{name}` may not have a value here"), "assigned on some ways to here only")
    } else {
        (format!("`{name}` has no value here"), "not assigned before this")
    };
    Diagnostic::error(codes::USED_BEFORE_ASSIGNMENT, span, message, label)
        .secondary(declared, format!("`{name}` is declared without a value"))
}

/// A `let` that is assigned again.
pub(in crate::typeck) fn assigned_twice(
    span: Span,
    name: Symbol,
    first: Option<Span>,
    keyword: Option<Span>,
) -> Diagnostic {
    let message = format!("`{name}` may be assigned more than once");
    let diagnostic = Diagnostic::error(codes::ASSIGNED_TWICE, span, message, "may already have a value here");
    let diagnostic = match first {
        Some(first) => diagnostic.secondary(first, "assigned here"),
        None => diagnostic.note("it is assigned again in the next round of the loop"),
    };
    match keyword {
        Some(keyword) => diagnostic.suggest("make it a `var`", keyword, "var"),
        None => diagnostic,
    }
}
