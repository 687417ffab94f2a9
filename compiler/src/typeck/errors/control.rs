//! Branches, loops, elements, `return` and `?`.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::source::Span;

use crate::typeck::tasks::ExitKind;

/// Branches of an `if` of different types.
pub(in crate::typeck) fn branches_differ(span: Span, first: Span, expected: &str, found: &str) -> Diagnostic {
    let message = format!("`if` and `else` have different types, `{expected}` and `{found}`");
    Diagnostic::error(codes::BRANCHES_DIFFER, span, message, format!("this is `{found}`"))
        .secondary(first, format!("this is `{expected}`"))
}

/// Arms of a `match`, a `select` or a `race` of different types.
pub(in crate::typeck) fn arms_differ(
    span: Span,
    first: Span,
    of: &str,
    expected: &str,
    found: &str,
) -> Diagnostic {
    let message = format!("the arms of this `{of}` have different types, `{expected}` and `{found}`");
    Diagnostic::error(codes::BRANCHES_DIFFER, span, message, format!("this is `{found}`"))
        .secondary(first, format!("the first arm is `{expected}`"))
}

/// `break`s of a loop of different types.
pub(in crate::typeck) fn breaks_differ(span: Span, first: Span, expected: &str, found: &str) -> Diagnostic {
    let message = format!("this loop gives values of different types, `{expected}` and `{found}`");
    Diagnostic::error(codes::BRANCHES_DIFFER, span, message, format!("this is `{found}`"))
        .secondary(first, format!("this is `{expected}`"))
}

/// A condition that is not a `Bool`.
pub(in crate::typeck) fn condition_not_bool(span: Span, found: &str) -> Diagnostic {
    let message = format!("a condition must be `Bool`, found `{found}`");
    Diagnostic::error(codes::MISMATCHED_TYPES, span, message, format!("this is `{found}`"))
        .help("say what is asked, for example `x != 0`, `not text.is_empty()` or `option.is_some()`")
}

/// `return` without the value that the function returns.
pub(in crate::typeck) fn return_without_value(span: Span, expected: &str) -> Diagnostic {
    let message = format!("`return` needs a value of type `{expected}`");
    Diagnostic::error(codes::MISSING_VALUE, span, message, "without a value it returns `()`")
}

/// `if` without `else` where a type other than `Unit` is expected.
pub(in crate::typeck) fn missing_else_for(span: Span, expected: &str) -> Diagnostic {
    let message = format!("expected `{expected}`, but an `if` without `else` gives no value");
    Diagnostic::error(codes::MISSING_ELSE, span, message, "has no value when the condition is false")
        .help("add `else { … }` with the value for the other case")
}

/// `for` over something else than a range, list or channel.
pub(in crate::typeck) fn not_iterable(span: Span, ty: &str, is_int: bool) -> Diagnostic {
    let message = format!("cannot iterate over `{ty}`");
    let diagnostic = Diagnostic::error(codes::NOT_ITERABLE, span, message, format!("this is `{ty}`"))
        .note("`for` goes over ranges, lists, channels, and what has `mut fn next() -> Option<T>` or an `iterator()` that has it");
    if is_int { diagnostic.suggest("count with a range", span.shrink_to_start(), "0..") } else { diagnostic }
}

/// `for inout` over something else than a list.
pub(in crate::typeck) fn not_changeable_in_place(span: Span, ty: &str) -> Diagnostic {
    let message = format!("cannot change the elements of `{ty}` in place");
    Diagnostic::error(codes::NOT_ITERABLE, span, message, format!("this is `{ty}`"))
        .note("`for inout` changes the elements of a list or the values of a dict")
}

/// `for inout entry in dict`
pub(in crate::typeck) fn entry_as_a_whole(span: Span) -> Diagnostic {
    let message = "an entry of a dict cannot be changed as a whole";
    Diagnostic::error(codes::NOT_ITERABLE, span, message, "stands for a key and a value")
        .note("the key stays as it is, the value is changed in place")
        .help("take it apart: `for inout (key, value) in …`")
}

/// `for` over a range that has no next value.
pub(in crate::typeck) fn not_countable(span: Span, ty: &str) -> Diagnostic {
    let message = format!("cannot iterate over a range of `{ty}`");
    Diagnostic::error(codes::NOT_ITERABLE, span, message, "there is no next value")
        .note("`for` goes over ranges of integers and characters")
}

/// `xs[i]` of something without elements.
pub(in crate::typeck) fn not_indexable(span: Span, ty: &str, is_string: bool) -> Diagnostic {
    let message = format!("`{ty}` cannot be indexed");
    let diagnostic = Diagnostic::error(codes::NOT_INDEXABLE, span, message, format!("this is `{ty}`"));
    if is_string {
        return diagnostic
            .note("the characters of a string have different lengths, so that there is no n-th one at hand")
            .help("`text[a..b]` is what stands between two positions in bytes, `text.chars()` goes through the characters");
    }
    diagnostic.note("lists and dicts can be indexed")
}

/// `break value` in a `while` or `for`.
pub(in crate::typeck) fn break_value_outside_loop(span: Span) -> Diagnostic {
    let message = "only `loop` can be left with a value";
    Diagnostic::error(codes::BREAK_VALUE, span, message, "this loop may also end without `break`")
        .help("keep the value in a `var` declared before the loop, or write a `loop`")
}

/// `break` without the value that the loop gives.
pub(in crate::typeck) fn break_without_value(span: Span, first: Option<Span>, expected: &str) -> Diagnostic {
    let message = format!("`break` needs a value of type `{expected}`");
    let diagnostic = Diagnostic::error(codes::BREAK_VALUE, span, message, "leaves the loop without a value");
    match first {
        Some(first) => diagnostic.secondary(first, "the loop gives this"),
        None => diagnostic,
    }
}

/// `?` on something that is neither `Option` nor `Result`.
pub(in crate::typeck) fn try_on_other(value: Span, ty: &str) -> Diagnostic {
    let message = format!("`?` needs an `Option` or a `Result`, found `{ty}`");
    Diagnostic::error(codes::BAD_TRY, value, message, format!("this is `{ty}`"))
}

/// `?` in a function whose result cannot hold what `?` returns.
pub(in crate::typeck) fn try_cannot_end(span: Span, gives: &str, returns: &str, of: ExitKind) -> Diagnostic {
    let (kind, other) =
        if gives.starts_with("Option") { ("Option", "`None`") } else { ("Result", "`Err(…)`") };
    let article = if kind == "Option" { "an" } else { "a" };
    let whose = match of {
        ExitKind::Function => "this function",
        ExitKind::Task => "this task's body",
        ExitKind::Closure | ExitKind::CopyingClosure => "this closure",
    };
    let message = format!("`?` returns {other} early, but {whose} returns `{returns}`");
    Diagnostic::error(codes::BAD_TRY, span, message, format!("would return `{gives}`")).help(
        match returns.starts_with("Result") && kind == "Option" {
            true => "say what is wrong when there is nothing: `.ok_or(error)?`".to_owned(),
            false => format!("return {article} `{kind}`, or take the value out with `match`"),
        },
    )
}

/// `?` where the function's `Result` has another error type.
pub(in crate::typeck) fn try_error_differs(span: Span, gives: &str, returns: &str) -> Diagnostic {
    let message =
        format!("`?` would return an error of type `{gives}`, but this function's errors are `{returns}`");
    Diagnostic::error(codes::BAD_TRY, span, message, format!("the error is `{gives}`"))
}

/// Says how `?` comes to convert errors.
pub(in crate::typeck) fn suggest_from(diagnostic: Diagnostic, gives: &str, returns: &str) -> Diagnostic {
    diagnostic.help(format!(
        "say how one becomes the other: `extend {returns} : From<{gives}> {{ static fn from(value: {gives}) -> {returns} {{ … }} }}`, or let the function return `Result<T>`, whose error may be any"
    ))
}

/// `return` in a `deinit`.
pub(in crate::typeck) fn return_in_deinit(span: Span) -> Diagnostic {
    let message = "a `deinit` cannot be left by `return`";
    Diagnostic::error(codes::RETURN_IN_DEINIT, span, message, "there is nobody to return to")
        .help("put what follows into an `if`")
}
