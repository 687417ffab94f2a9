//! Patterns and what they cover.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use crate::hir::Name;

use super::{count, did_you_mean, quoted};

/// A `match` that does not cover every value.
pub(in crate::typeck) fn not_exhaustive(scrutinee: Span, ty: &str, missing: &[String]) -> Diagnostic {
    let is_anything = missing[0] == "_";
    let message = if is_anything { "not every value is covered".into() } else { not_covered(missing) };
    let advice = if is_anything {
        "add an arm `_ -> …` for the rest".into()
    } else {
        format!("add an arm such as `{} -> …`, or `_ -> …` for the rest", missing[0])
    };
    Diagnostic::error(codes::NOT_EXHAUSTIVE, scrutinee, message, format!("this is `{ty}`"))
        .note("a `match` must have an arm for every value")
        .help(advice)
}

/// Arms of one operation of a `select` that do not cover all that it gives.
pub(in crate::typeck) fn select_not_exhaustive(operation: Span, ty: &str, missing: &[String]) -> Diagnostic {
    let is_anything = missing[0] == "_";
    let message = if is_anything { "not every value is covered".into() } else { not_covered(missing) };
    let advice = if is_anything {
        "add an arm for `_`, with the operation written alike".into()
    } else {
        format!("add an arm for `{}`, or for `_`, with the operation written alike", missing[0])
    };
    Diagnostic::error(codes::NOT_EXHAUSTIVE, operation, message, format!("this gives values of type `{ty}`"))
        .note("the arms of one operation must cover what it gives, but for the `None` of a `recv`")
        .help(advice)
}

fn not_covered(missing: &[String]) -> String {
    let verb = if missing.len() == 1 { "is" } else { "are" };
    format!("{} {verb} not covered", quoted(missing.iter().map(String::as_str)))
}

/// A `match` with more cases than can be looked at.
pub(in crate::typeck) fn too_complex(span: Span) -> Diagnostic {
    let message = "the patterns here are too complex to check";
    Diagnostic::error(codes::TOO_COMPLEX, span, message, "has too many combinations")
        .help("match on one part at a time")
}

/// `let` with a pattern that may not match.
pub(in crate::typeck) fn refutable_let(span: Span, missing: &[String]) -> Diagnostic {
    let message = format!("this pattern does not match every value: {}", not_covered(missing));
    Diagnostic::error(codes::REFUTABLE_PATTERN, span, message, "may not match")
        .help("say what happens otherwise: `let … = … else { … };`, `if let` or `match`")
}

/// `for` with a pattern that may not match.
pub(in crate::typeck) fn refutable_for(span: Span, missing: &[String]) -> Diagnostic {
    let message = format!("this pattern does not match every element: {}", not_covered(missing));
    Diagnostic::error(codes::REFUTABLE_PATTERN, span, message, "may not match")
        .help("bind the element to a name and `match` on it in the loop")
}

/// An arm that those before it leave nothing.
pub(in crate::typeck) fn unreachable_arm(span: Span) -> Diagnostic {
    let message = "this arm can never be reached";
    Diagnostic::warning(codes::UNREACHABLE_ARM, span, message, "the arms before it cover all of this")
}

/// The block of a `let … else` that goes on.
pub(in crate::typeck) fn let_else_reaches_end(span: Span) -> Diagnostic {
    let message = "the block after `else` must not reach its end";
    Diagnostic::error(
        codes::LET_ELSE_REACHES_END,
        span,
        message,
        "goes on without the names that the pattern binds",
    )
    .help("leave with `return`, `break`, `continue` or `panic(…)`")
}

/// `let (a, b);`
pub(in crate::typeck) fn pattern_without_value(span: Span) -> Diagnostic {
    let message = "a pattern needs a value";
    Diagnostic::error(codes::REFUTABLE_PATTERN, span, message, "only a name can be declared without one")
}

/// A pattern for values of another type.
pub(in crate::typeck) fn wrong_pattern(
    span: Span,
    pattern: &str,
    value: &str,
    is_optional: bool,
) -> Diagnostic {
    let message = format!("this pattern is for `{pattern}`, but the value is `{value}`");
    let diagnostic =
        Diagnostic::error(codes::WRONG_PATTERN, span, message, format!("expected a pattern for `{value}`"));
    if is_optional { diagnostic.help("match what is inside: `Some(…)`") } else { diagnostic }
}

/// A variant's name for a value that is no enum.
pub(in crate::typeck) fn no_variants(name: Name, ty: &str) -> Diagnostic {
    let message = format!("`{}` is no pattern for `{ty}`", name.symbol);
    Diagnostic::error(codes::WRONG_PATTERN, name.span, message, format!("`{ty}` has no variants"))
}

/// A tuple pattern of the wrong length.
pub(in crate::typeck) fn wrong_tuple_length(
    span: Span,
    pattern: usize,
    value: usize,
    ty: &str,
) -> Diagnostic {
    let message =
        format!("this pattern has {}, but the value is `{ty}` with {value}", count(pattern, "part"));
    Diagnostic::error(codes::WRONG_PATTERN, span, message, format!("expected {}", count(value, "part")))
}

/// A tuple pattern for something else.
pub(in crate::typeck) fn tuple_for_other(span: Span, ty: &str) -> Diagnostic {
    let message = format!("this pattern is for a tuple, but the value is `{ty}`");
    Diagnostic::error(codes::WRONG_PATTERN, span, message, format!("expected a pattern for `{ty}`"))
}

/// A range of values that have no order a pattern could use.
pub(in crate::typeck) fn range_of_other(span: Span, ty: &str) -> Diagnostic {
    let message = format!("a range is no pattern for `{ty}`");
    Diagnostic::error(codes::WRONG_PATTERN, span, message, "ranges are for numbers and characters")
}

/// A constant as the end of a range whose value only the running program knows.
pub(in crate::typeck) fn range_end_not_known(name: Name) -> Diagnostic {
    let message = format!("the value of `{}` is not known here", name.symbol);
    Diagnostic::error(codes::WRONG_PATTERN, name.span, message, "computed when the program runs")
        .note("which values a range covers is decided when the program is compiled")
        .help(format!("use a guard: `n if n >= {}`", name.symbol))
}

/// A field that the variant or struct does not have.
pub(in crate::typeck) fn unknown_pattern_field(name: Name, owner: Symbol, known: &[&str]) -> Diagnostic {
    let message = format!("`{owner}` has no field `{}`", name.symbol);
    let diagnostic = Diagnostic::error(codes::WRONG_FIELDS, name.span, message, "not found");
    did_you_mean(diagnostic, name, known, "field")
}

/// A field that is matched twice.
pub(in crate::typeck) fn duplicate_pattern_field(
    span: Span,
    first: Span,
    name: Option<Symbol>,
) -> Diagnostic {
    let name = name.map_or_else(|| "this field".into(), |name| format!("`{name}`"));
    let message = format!("{name} is matched twice");
    Diagnostic::error(codes::WRONG_FIELDS, span, message, "matched again").secondary(first, "matched here")
}

/// More patterns than fields.
pub(in crate::typeck) fn too_many_fields(
    extra: Span,
    owner: Symbol,
    wanted: usize,
    given: usize,
) -> Diagnostic {
    let message = format!("`{owner}` has {}, found {given}", count(wanted, "field"));
    Diagnostic::error(codes::WRONG_FIELDS, extra, message, "too many")
}

/// Fewer patterns than fields.
pub(in crate::typeck) fn missing_fields(
    span: Span,
    owner: Symbol,
    missing: &[Option<Symbol>],
    wanted: usize,
    given: usize,
) -> Diagnostic {
    let names: Vec<_> = missing.iter().flatten().map(|name| name.as_str()).collect();
    let message = format!("`{owner}` has {}, found {given}", count(wanted, "field"));
    let label = if names.is_empty() {
        "some are missing".into()
    } else {
        format!("without {}", quoted(names.into_iter()))
    };
    Diagnostic::error(codes::WRONG_FIELDS, span, message, label).help("skip the rest with `..`")
}

/// `Some` for `Some(x)`
pub(in crate::typeck) fn missing_parentheses(span: Span, owner: Symbol, wanted: usize) -> Diagnostic {
    let message = format!("`{owner}` has {}", count(wanted, "field"));
    Diagnostic::error(codes::WRONG_FIELDS, span, message, "stands without them").suggest(
        "skip them with `..`",
        span.shrink_to_end(),
        "(..)",
    )
}

/// Alternatives that give a name different types.
pub(in crate::typeck) fn alternatives_differ(
    span: Span,
    first: Span,
    name: Symbol,
    known: &str,
    found: &str,
) -> Diagnostic {
    let message = format!("`{name}` is `{known}` in one alternative and `{found}` in another");
    Diagnostic::error(codes::WRONG_PATTERN, span, message, format!("here it is `{found}`"))
        .secondary(first, format!("here it is `{known}`"))
}
