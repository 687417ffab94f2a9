//! Types that do not fit, operators, literals, loops and `?`.

use plat_syntax::diagnostics::{Diagnostic, Edit, Help, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use crate::hir::{BinaryOp, Bound, Name};
use crate::types::{IntTy, Ty, TyKind};

use super::{bound_name, did_you_mean};

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
    format!("`{function}` returns `{expected}`")
}

/// The label at a parameter or field.
pub(in crate::typeck) fn because_param(name: Symbol, expected: &str) -> String {
    format!("`{name}` is `{expected}`")
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

/// Branches of an `if` of different types.
pub(in crate::typeck) fn branches_differ(span: Span, first: Span, expected: &str, found: &str) -> Diagnostic {
    let message = format!("`if` and `else` have different types, `{expected}` and `{found}`");
    Diagnostic::error(codes::BRANCHES_DIFFER, span, message, format!("this is `{found}`"))
        .secondary(first, format!("this is `{expected}`"))
}

/// Arms of a `match` of different types.
pub(in crate::typeck) fn arms_differ(span: Span, first: Span, expected: &str, found: &str) -> Diagnostic {
    let message = format!("the arms of this `match` have different types, `{expected}` and `{found}`");
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

/// An index that is not an `Int`.
pub(in crate::typeck) fn index_not_int(span: Span, found: &str) -> Diagnostic {
    let message = format!("an index must be `Int`, found `{found}`");
    Diagnostic::error(codes::MISMATCHED_TYPES, span, message, format!("this is `{found}`"))
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

/// A variable without type or value that nothing tells the type of.
pub(in crate::typeck) fn unknown_local(span: Span, name: Symbol) -> Diagnostic {
    let message = format!("cannot tell the type of `{name}`");
    Diagnostic::error(codes::CANNOT_INFER, span, message, "nothing says what it holds")
        .help(format!("write it: `let {name}: Int;`"))
}

/// An expression whose type must be known and is not.
pub(in crate::typeck) fn unknown_type(span: Span) -> Diagnostic {
    let message = "cannot tell the type of this";
    Diagnostic::error(codes::CANNOT_INFER, span, message, "its type must be known here")
        .help("write the type of the variable it comes from: `let x: Int = …`")
}

/// An operand of two of different types.
pub(in crate::typeck) struct Operand {
    /// Where it stands.
    pub(in crate::typeck) span: Span,
    /// Its type, as written.
    pub(in crate::typeck) ty: String,
    /// What kind of type.
    pub(in crate::typeck) kind: OperandKind,
    /// Whether `as` after it needs parentheses.
    pub(in crate::typeck) needs_parentheses: bool,
}

/// What kind of type an operand has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::typeck) enum OperandKind {
    /// An integer with so many bits.
    Int(u32),
    /// A float with so many bits.
    Float(u32),
    /// `String`
    String,
    /// Any other.
    Other,
}

impl OperandKind {
    pub(in crate::typeck) fn of(ty: Ty) -> Self {
        match *ty.kind() {
            TyKind::Int(int) => Self::Int(int.bits()),
            TyKind::Float(crate::types::FloatTy::F32) => Self::Float(32),
            TyKind::Float(crate::types::FloatTy::F64) => Self::Float(64),
            TyKind::String => Self::String,
            _ => Self::Other,
        }
    }

    fn is_number(self) -> bool {
        matches!(self, Self::Int(_) | Self::Float(_))
    }

    /// Whether a number of this kind is more likely to hold the other's than the reverse.
    fn is_wider(self, other: Self) -> bool {
        match (self, other) {
            (Self::Float(_), Self::Int(_)) => true,
            (Self::Int(a), Self::Int(b)) | (Self::Float(a), Self::Float(b)) => a > b,
            _ => false,
        }
    }
}

/// Operands of different types.
pub(in crate::typeck) fn operands_differ(op: BinaryOp, left: &Operand, right: &Operand) -> Diagnostic {
    let message =
        format!("both sides of `{}` must have one type, found `{}` and `{}`", op.as_str(), left.ty, right.ty);
    let diagnostic =
        Diagnostic::error(codes::OPERANDS_DIFFER, right.span, message, format!("this is `{}`", right.ty))
            .secondary(left.span, format!("this is `{}`", left.ty));
    if left.kind.is_number() && right.kind.is_number() {
        let (from, to) = if right.kind.is_wider(left.kind) { (left, right) } else { (right, left) };
        return suggest_cast(diagnostic, from.span, from.needs_parentheses, &to.ty);
    }
    let is_text = left.kind == OperandKind::String || right.kind == OperandKind::String;
    if op == BinaryOp::Add && is_text {
        return diagnostic.help("`+` joins strings only; put values into text with `\"… ${value} …\"`");
    }
    diagnostic
}

/// The ends of a range of different types.
pub(in crate::typeck) fn range_ends_differ(start: Span, end: Span, left: &str, right: &str) -> Diagnostic {
    let message = format!("both ends of a range must have one type, found `{left}` and `{right}`");
    Diagnostic::error(codes::OPERANDS_DIFFER, end, message, format!("this is `{right}`"))
        .secondary(start, format!("this is `{left}`"))
}

/// An operator for numbers on another type.
pub(in crate::typeck) fn no_operator(span: Span, op: BinaryOp, ty_name: &str, ty: Ty) -> Diagnostic {
    let message = format!("`{}` cannot be used on `{ty_name}`", op.as_str());
    let diagnostic =
        Diagnostic::error(codes::NO_OPERATOR, span, message, format!("both sides are `{ty_name}`"));
    match (op, ty.kind()) {
        (BinaryOp::BitAnd | BinaryOp::BitOr, TyKind::Bool) => {
            diagnostic.help("conditions are joined with `and` and `or`")
        }
        (BinaryOp::BitXor, TyKind::Bool) => diagnostic.help("`a != b` is true when exactly one of them is"),
        (BinaryOp::Add, TyKind::Char) => diagnostic.help("join text: `\"${a}${b}\"`"),
        (BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor | BinaryOp::Shl | BinaryOp::Shr, _) => {
            diagnostic.note(format!("`{}` is for integers", op.as_str()))
        }
        (BinaryOp::Add, TyKind::Param(..)) => {
            diagnostic.note("a type parameter has no arithmetic: its bounds do not promise any")
        }
        (BinaryOp::Add, _) => diagnostic.note("`+` is for numbers and strings"),
        _ => diagnostic.note(format!("`{}` is for numbers", op.as_str())),
    }
}

/// Values that cannot be compared.
pub(in crate::typeck) fn not_comparable(span: Span, op: BinaryOp, ty: &str) -> Diagnostic {
    let is_equality = matches!(op, BinaryOp::Eq | BinaryOp::Ne);
    let (how, bound) = if is_equality { ("", "Eq") } else { (" by order", "Ord") };
    let message = format!("values of type `{ty}` cannot be compared{how}");
    Diagnostic::error(codes::NO_OPERATOR, span, message, format!("`{}` needs `{bound}`", op.as_str()))
}

/// A value in a string that has no text form.
pub(in crate::typeck) fn not_displayable(span: Span, ty: &str) -> Diagnostic {
    let message = format!("a value of type `{ty}` cannot be printed");
    Diagnostic::error(codes::UNMET_BOUND, span, message, "`${…}` needs `Display`")
}

/// Says which part of a type is in the way of a bound.
pub(in crate::typeck) fn note_obstacle(
    diagnostic: Diagnostic,
    part: &str,
    bound: Bound,
    path: &[String],
) -> Diagnostic {
    let path = path.join(".");
    let bound = bound_name(bound);
    diagnostic.note(format!("because of what is inside it: `{path}` is `{part}`, which is not `{bound}`"))
}

/// Offers to give a type parameter a bound.
pub(in crate::typeck) fn suggest_bound(
    diagnostic: Diagnostic,
    param: Symbol,
    declared: Span,
    has_bounds: bool,
    bound: Bound,
) -> Diagnostic {
    let bound = bound_name(bound);
    if has_bounds {
        return diagnostic.help(format!("add `+ {bound}` to the bounds of `{param}`"));
    }
    let advice = format!("ask for it where `{param}` is declared: `{param}: {bound}`");
    diagnostic.suggest(advice, declared.shrink_to_end(), format!(": {bound}"))
}

/// `~` on something else than an integer.
pub(in crate::typeck) fn no_bit_not(span: Span, ty: &str) -> Diagnostic {
    let message = format!("`~` cannot be used on `{ty}`");
    let diagnostic = Diagnostic::error(codes::NO_OPERATOR, span, message, format!("this is `{ty}`"));
    if ty == "Bool" { diagnostic.help("write `not`") } else { diagnostic.note("`~` is for integers") }
}

/// `-` on something that has no negative.
pub(in crate::typeck) fn no_negation(span: Span, ty: &str, is_unsigned: bool) -> Diagnostic {
    let message = format!("`-` cannot be used on `{ty}`");
    let diagnostic = Diagnostic::error(codes::NO_OPERATOR, span, message, format!("this is `{ty}`"));
    if is_unsigned {
        diagnostic.note(format!("`{ty}` has no negative values"))
    } else {
        diagnostic.note("`-` is for numbers")
    }
}

/// What to write instead of `as`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::typeck) enum CastAdvice {
    /// Put it into a string.
    Interpolate,
    /// Read the number.
    Parse,
    /// Compare.
    CompareWithZero,
    /// Nothing comes to mind.
    Nothing,
}

/// A conversion that there is not.
pub(in crate::typeck) fn cannot_cast(span: Span, from: &str, to: &str, advice: CastAdvice) -> Diagnostic {
    let message = format!("`{from}` cannot be converted to `{to}` with `as`");
    let diagnostic = Diagnostic::error(codes::BAD_CAST, span, message, "no such conversion")
        .note("`as` converts between number types, and from `Char` and `Bool` to integers");
    match advice {
        CastAdvice::Interpolate => diagnostic.help("make text of it with `\"${…}\"`"),
        CastAdvice::Parse => {
            diagnostic.help(format!("read the number with `{to}.parse(text)`, which gives a `Result`"))
        }
        CastAdvice::CompareWithZero => diagnostic.help("compare it: `x != 0`"),
        CastAdvice::Nothing => diagnostic,
    }
}

/// An integer that its type cannot hold.
pub(in crate::typeck) fn literal_out_of_range(span: Span, written: &str, int: IntTy) -> Diagnostic {
    let message = format!("`{written}` does not fit `{}`", int.name());
    Diagnostic::error(codes::LITERAL_OUT_OF_RANGE, span, message, "out of range").note(format!(
        "`{}` holds {} to {}",
        int.name(),
        int.min(),
        int.max()
    ))
}

/// `Int.MAXIMUM`
pub(in crate::typeck) fn unknown_type_const(name: Name, ty: &str, known: &[&str]) -> Diagnostic {
    let message = format!("`{ty}` has no constant `{}`", name.symbol);
    let diagnostic = Diagnostic::error(codes::UNKNOWN_TYPE_CONSTANT, name.span, message, "not found");
    did_you_mean(diagnostic, name, known, "constant")
}

/// `for` over something else than a range, list or channel.
pub(in crate::typeck) fn not_iterable(span: Span, ty: &str, is_int: bool) -> Diagnostic {
    let message = format!("cannot iterate over `{ty}`");
    let diagnostic = Diagnostic::error(codes::NOT_ITERABLE, span, message, format!("this is `{ty}`"))
        .note("`for` goes over ranges, lists and channels");
    if is_int { diagnostic.suggest("count with a range", span.shrink_to_start(), "0..") } else { diagnostic }
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
            .note("the characters of a string have different lengths, so that there is no n-th one at hand");
    }
    diagnostic.note("lists can be indexed")
}

/// `xs[a..b]`
pub(in crate::typeck) fn slice(span: Span) -> Diagnostic {
    Diagnostic::error(codes::NOT_YET, span, "slices are not part of this version", "cannot be compiled yet")
        .help("copy the elements in a loop over the range")
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
pub(in crate::typeck) fn try_cannot_end(span: Span, gives: &str, returns: &str, in_task: bool) -> Diagnostic {
    let (kind, other) =
        if gives.starts_with("Option") { ("Option", "`None`") } else { ("Result", "`Err(…)`") };
    let whose = if in_task { "this task's body" } else { "this function" };
    let message = format!("`?` returns {other} early, but {whose} returns `{returns}`");
    Diagnostic::error(codes::BAD_TRY, span, message, format!("would return `{gives}`"))
        .help(format!("return a `{kind}`, or take the value out with `match`"))
}

/// `?` where the function's `Result` has another error type.
pub(in crate::typeck) fn try_error_differs(span: Span, gives: &str, returns: &str) -> Diagnostic {
    let message =
        format!("`?` would return an error of type `{gives}`, but this function's errors are `{returns}`");
    Diagnostic::error(codes::BAD_TRY, span, message, format!("the error is `{gives}`"))
        .help("convert the error first: `match` on the result and return the error that fits")
}

/// A `Result` that nobody looks at.
pub(in crate::typeck) fn dropped_result(span: Span) -> Diagnostic {
    let message = "this `Result` is dropped, and with it the error that it may hold";
    Diagnostic::warning(codes::DROPPED_VALUE, span, message, "not used").suggest(
        "handle it with `match` or `?`, or say that it does not matter",
        span.shrink_to_start(),
        "let _ = ",
    )
}

/// A task whose result nobody waits for.
pub(in crate::typeck) fn dropped_task(span: Span, result: &str) -> Diagnostic {
    let message = format!("the result of this task, a `{result}`, is dropped");
    Diagnostic::warning(codes::DROPPED_VALUE, span, message, "nobody can wait for its result")
        .suggest(
            "keep the task and call `.await()` on it, or say that it does not matter",
            span.shrink_to_start(),
            "let _ = ",
        )
        .help("end the task's body with `;` if it is not meant to have a result")
}

/// A constant that needs its own value.
pub(in crate::typeck) fn const_cycle(span: Span, name: Symbol) -> Diagnostic {
    let message = format!("the value of `{name}` needs the value of `{name}`");
    Diagnostic::error(codes::CONST_CYCLE, span, message, "has no end")
}
