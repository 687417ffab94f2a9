//! Types that do not fit or are not known, values that are missing or dropped, constants.

use plat_syntax::diagnostics::{Diagnostic, Edit, Help, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use crate::hir::Name;
use crate::typeck::values::Panic;

/// An expression of another type than its surroundings expect.
pub(in crate::typeck) fn mismatched(span: Span, expected: &str, found: &str) -> Diagnostic {
    let message = format!("expected `{expected}`, found `{found}`");
    Diagnostic::error(codes::MISMATCHED_TYPES, span, message, format!("this is `{found}`"))
}

/// The label at a type written for a variable.
pub(in crate::typeck) fn because_annotated() -> String {
    "expected because of this type".into()
}

/// The label at the result type of a function.
pub(in crate::typeck) fn because_result(function: Symbol, expected: &str) -> String {
    if expected == "Unit" {
        return format!("`{function}` returns no value");
    }
    format!("`{function}` returns `{expected}`")
}

/// The label at a parameter or field.
pub(in crate::typeck) fn because_param(name: Symbol, expected: &str) -> String {
    format!("`{name}` is `{expected}`")
}

/// The label at a parameter that takes a closure.
pub(in crate::typeck) fn because_closure(name: Symbol, expected: &str) -> String {
    format!("`{name}` takes a function that gives `{expected}`")
}

/// The label at a place that is assigned.
pub(in crate::typeck) fn because_place(expected: &str) -> String {
    format!("this holds `{expected}`")
}

/// The label at the other operand.
pub(in crate::typeck) fn because_operand(expected: &str) -> String {
    format!("this is `{expected}`")
}

/// The label at the first element of a list.
pub(in crate::typeck) fn because_element(expected: &str) -> String {
    format!("the first element is `{expected}`, so all are")
}

/// The label at an earlier `return` in a task's body.
pub(in crate::typeck) fn because_earlier_return(expected: &str) -> String {
    format!("the task's result is `{expected}` because of this")
}

/// The label at the type written for a task.
pub(in crate::typeck) fn because_task(expected: &str) -> String {
    format!("the task must give `{expected}` because of this type")
}

/// The label at the declaration of a variable of the wrong type.
pub(in crate::typeck) fn because_local(name: Symbol, found: &str) -> String {
    format!("`{name}` is `{found}`")
}

/// The label at the last expression of a task's body, whose result is used.
pub(in crate::typeck) fn because_task_gives(found: &str) -> String {
    format!("the task's result, `{found}`, comes from here")
}

/// The label at the last expression of a task's body, where the task is used.
pub(in crate::typeck) fn because_task_result() -> String {
    "the task's result comes from here".into()
}

/// The label at the result type of a function that was called.
pub(in crate::typeck) fn because_call(function: Symbol, found: &str) -> String {
    format!("`{function}` returns `{found}`")
}

/// An index that is not an `Int`.
pub(in crate::typeck) fn index_not_int(span: Span, found: &str) -> Diagnostic {
    let message = format!("an index must be `Int`, found `{found}`");
    Diagnostic::error(codes::MISMATCHED_TYPES, span, message, format!("this is `{found}`"))
}

/// A block alone as an argument is a closure.
pub(in crate::typeck) fn suggest_block_value(diagnostic: Diagnostic, span: Span, fits: bool) -> Diagnostic {
    let diagnostic = diagnostic.note("a block that stands alone as an argument is a closure");
    if !fits {
        return diagnostic;
    }
    let edits = vec![
        Edit { span: span.shrink_to_start(), replacement: "(".into() },
        Edit { span: span.shrink_to_end(), replacement: ")".into() },
    ];
    with_edits(diagnostic, "parentheses around it pass its value".into(), edits)
}

/// Adds the edit that puts `text` after an expression.
fn append(diagnostic: Diagnostic, advice: String, span: Span, parentheses: bool, text: String) -> Diagnostic {
    let mut edits = Vec::new();
    if parentheses {
        edits.push(Edit { span: span.shrink_to_start(), replacement: "(".into() });
    }
    let close = if parentheses { ")" } else { "" };
    edits.push(Edit { span: span.shrink_to_end(), replacement: format!("{close}{text}") });
    with_edits(diagnostic, advice, edits)
}

fn with_edits(mut diagnostic: Diagnostic, advice: String, edits: Vec<Edit>) -> Diagnostic {
    diagnostic.helps.push(Help { text: advice, edits });
    diagnostic
}

/// Offers `as` between number types.
pub(in crate::typeck) fn suggest_cast(
    diagnostic: Diagnostic,
    span: Span,
    parentheses: bool,
    to: &str,
) -> Diagnostic {
    append(diagnostic, format!("convert it with `as {to}`"), span, parentheses, format!(" as {to}"))
}

/// Offers `.await()` where a task stands for its result.
pub(in crate::typeck) fn suggest_await(diagnostic: Diagnostic, span: Span, parentheses: bool) -> Diagnostic {
    let advice = "wait for the task's result with `.await()`".into();
    append(diagnostic, advice, span, parentheses, ".await()".into())
}

/// Says how a task gives its result.
pub(in crate::typeck) fn help_await(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.help("a task is not its result: wait for that with `.await()`")
}

/// Offers the end of a channel where the channel stands.
pub(in crate::typeck) fn suggest_end(
    diagnostic: Diagnostic,
    span: Span,
    parentheses: bool,
    end: &str,
) -> Diagnostic {
    append(diagnostic, format!("`{end}()` gives this end alone"), span, parentheses, format!(".{end}()"))
}

/// Says how a number becomes a duration.
pub(in crate::typeck) fn suggest_unit(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.help(
        "a duration is written with its unit, `250ms` or `5s`; of a variable, `Duration.millis(n)` makes one",
    )
}

/// Offers to call a function that was not called.
pub(in crate::typeck) fn suggest_call(diagnostic: Diagnostic, span: Span, parentheses: bool) -> Diagnostic {
    append(diagnostic, "call it".into(), span, parentheses, "()".into())
}

/// Says how a value becomes a task.
pub(in crate::typeck) fn suggest_spawn(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.help("`spawn { … }` makes a task of an expression; without it, it is evaluated at once")
}

/// Offers `Some(…)` or `Ok(…)`.
pub(in crate::typeck) fn suggest_wrap(diagnostic: Diagnostic, span: Span, variant: &str) -> Diagnostic {
    let edits = vec![
        Edit { span: span.shrink_to_start(), replacement: format!("{variant}(") },
        Edit { span: span.shrink_to_end(), replacement: ")".into() },
    ];
    with_edits(diagnostic, format!("wrap it: `{variant}(…)`"), edits)
}

/// Says how to get at what an `Option` or `Result` holds.
pub(in crate::typeck) fn suggest_unwrap(diagnostic: Diagnostic, is_option: bool) -> Diagnostic {
    let other = if is_option { "`None`" } else { "the error" };
    diagnostic.help(format!(
        "take the value out with `match`, return {other} early with `?`, or use `unwrap_or(…)` or `unwrap()`"
    ))
}

/// Offers the bytes of a text.
pub(in crate::typeck) fn suggest_bytes(diagnostic: Diagnostic, span: Span, parentheses: bool) -> Diagnostic {
    append(diagnostic, "take the bytes of the text".into(), span, parentheses, ".bytes()".into())
}

/// Says how bytes become text.
pub(in crate::typeck) fn suggest_reading_bytes(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.help(
        "`String.from_bytes(bytes)` reads them as UTF-8, if they are that; `\"${…}\"` shows their numbers",
    )
}

/// Says how a value becomes text.
pub(in crate::typeck) fn suggest_display(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.help("make text of it with `\"${…}\"`")
}

/// A body that must give a value and ends without.
pub(in crate::typeck) fn missing_result(end: Span, function: Symbol, expected: &str) -> Diagnostic {
    let message = format!("`{function}` must return `{expected}`, but its body ends without a value");
    Diagnostic::error(codes::MISSING_VALUE, end, message, format!("expected `{expected}`, found `Unit`"))
}

/// A block that must give a value and ends without.
pub(in crate::typeck) fn missing_value(end: Span, expected: &str) -> Diagnostic {
    let message = format!("this block must give `{expected}`, but it ends without a value");
    Diagnostic::error(codes::MISSING_VALUE, end, message, format!("expected `{expected}`, found `Unit`"))
}

/// Offers to remove the `;` that drops the value.
pub(in crate::typeck) fn suggest_removing_semicolon(diagnostic: Diagnostic, semicolon: Span) -> Diagnostic {
    diagnostic.note("a block's value is its last expression, written without `;`").suggest(
        "remove this semicolon",
        semicolon,
        "",
    )
}

/// A type argument that nothing tells.
pub(in crate::typeck) fn unknown_type_arg(span: Span, name: Symbol) -> Diagnostic {
    let message = format!("cannot tell what `{name}` is here");
    Diagnostic::error(codes::CANNOT_INFER, span, message, format!("`{name}` could be any type"))
        .help("write the type: of the variable, `let x: Option<Int> = …`, or as an argument, `List<Int>.init()`, `f::<Int>(…)`")
}

/// An empty list whose elements nothing tells.
pub(in crate::typeck) fn unknown_element(span: Span) -> Diagnostic {
    let message = "cannot tell what this list is a list of";
    Diagnostic::error(codes::CANNOT_INFER, span, message, "its elements could be of any type")
        .help("write the type of the variable: `let xs: List<Int> = [];`")
}

/// An empty dict whose keys or values nothing tells.
pub(in crate::typeck) fn unknown_in_dict(span: Span, what: &str) -> Diagnostic {
    let message = format!("cannot tell what the {what} of this dict are");
    Diagnostic::error(codes::CANNOT_INFER, span, message, format!("its {what} could be of any type"))
        .help("write the type of the variable: `let ages: Dict<String, Int> = [:];`")
}

/// A variable without type or value that nothing tells the type of.
pub(in crate::typeck) fn unknown_local(span: Span, name: Symbol) -> Diagnostic {
    let message = format!("cannot tell the type of `{name}`");
    Diagnostic::error(codes::CANNOT_INFER, span, message, "nothing says what it holds")
        .help(format!("write it: `let {name}: Int;`"))
}

/// A parameter of a closure that nothing tells the type of.
pub(in crate::typeck) fn unknown_param(span: Span, name: Symbol) -> Diagnostic {
    let message = format!("cannot tell the type of `{name}`");
    Diagnostic::error(codes::CANNOT_INFER, span, message, "nothing says what this closure is called with")
        .suggest("write the type", span.shrink_to_end(), ": Int")
}

/// An expression whose type must be known and is not.
pub(in crate::typeck) fn unknown_type(span: Span) -> Diagnostic {
    let message = "cannot tell the type of this";
    Diagnostic::error(codes::CANNOT_INFER, span, message, "its type must be known here")
        .help("write the type of the variable it comes from: `let x: Int = …`")
}

/// A `Result` that nobody looks at, perhaps as a statement of its own.
pub(in crate::typeck) fn dropped_result(span: Span, is_statement: bool) -> Diagnostic {
    let message = "this `Result` is dropped, and with it the error that it may hold";
    let diagnostic = Diagnostic::warning(codes::DROPPED_VALUE, span, message, "not used");
    if !is_statement {
        return diagnostic
            .help("handle it with `match` or `?`, or write `let _ = …;` to say that it does not matter");
    }
    let advice = "handle it with `match` or `?`, or say that it does not matter";
    diagnostic.suggest(advice, span.shrink_to_start(), "let _ = ")
}

/// A task whose result nobody waits for.
pub(in crate::typeck) fn dropped_task(span: Span, result: &str) -> Diagnostic {
    let message = format!("the result of this task, of type `{result}`, is dropped");
    Diagnostic::warning(codes::DROPPED_VALUE, span, message, "nobody can wait for its result")
        .help("keep the task and call `.await()` on it, or write `let _ = …;` to say that its result does not matter")
        .help("a task whose body ends with `;` has no result")
}

/// A constant whose value is computed by something that panics.
pub(in crate::typeck) fn const_panics(name: Symbol, panic: Panic, span: Span) -> Diagnostic {
    let message = format!("the value of `{name}` cannot be computed");
    let label = match panic {
        Panic::Overflow(op) => format!("the result of this `{op}` does not fit its type"),
        Panic::DivisionByZero => "this divides by zero".into(),
        Panic::Shift => "this shifts by as many bits as there are, or more".into(),
        Panic::Cast => "the value does not fit the type it is converted to".into(),
    };
    Diagnostic::error(codes::CONST_PANICS, span, message, label)
        .note("the compiler computes constants, so what would panic in a running program is an error")
}

/// A constant whose value needs itself: each link needs the next, and the last one the first.
pub(in crate::typeck) fn const_cycle(links: &[Name]) -> Diagnostic {
    let [first, rest @ ..] = links else { crate::bug!("a circle has no links") };
    let message = format!("the value of `{}` needs itself", first.symbol);
    let mut diagnostic = Diagnostic::error(codes::CONST_CYCLE, first.span, message, "has no end");
    for link in rest {
        diagnostic = diagnostic.secondary(link.span, "needs it in turn");
    }
    if rest.is_empty() {
        return diagnostic;
    }
    let names: Vec<String> = links.iter().chain([first]).map(|link| format!("`{}`", link.symbol)).collect();
    diagnostic.note(format!("each needs the next: {}", names.join(", ")))
}

/// Offers to let `?` convert the error of a `Result`.
pub(in crate::typeck) fn suggest_passing_error_on(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.help("errors are converted where `?` passes them on: `Ok(value?)`")
}
