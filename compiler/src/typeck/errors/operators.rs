//! Operators, bounds by structure, conversions and literals.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use crate::hir::{BinaryOp, Name};
use crate::types::{FloatTy, IntTy, Ty, TyKind};

use super::did_you_mean;
use super::types::suggest_cast;

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
            TyKind::Float(FloatTy::F32) => Self::Float(32),
            TyKind::Float(FloatTy::F64) => Self::Float(64),
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

/// A number times a duration.
pub(in crate::typeck) fn help_duration_first(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.help("write the duration first: `duration * 2`")
}

/// `channel <- value`, as other languages write it.
pub(in crate::typeck) fn suggest_send(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.help("there is no `<-`: a channel is sent to by `channel.send(value)`")
}

/// `op=` whose result is of another type than the place.
pub(in crate::typeck) fn changes_type(span: Span, op: BinaryOp, place: &str, result: &str) -> Diagnostic {
    let message = format!("the result of this `{}` is `{result}`, which is no `{place}`", op.as_str());
    Diagnostic::error(codes::MISMATCHED_TYPES, span, message, format!("`{place}` cannot hold it"))
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

/// A value in a string in a form that its type does not have.
pub(in crate::typeck) fn wrong_format(span: Span, wanted: &str, ty: &str) -> Diagnostic {
    let message = format!("this format is for {wanted}, found `{ty}`");
    Diagnostic::error(codes::WRONG_FORMAT, span, message, format!("this is `{ty}`"))
        .note("`x`, `X`, `o` and `b` are for integers; `e`, `+` and a leading `0` for numbers; width and alignment for everything")
}

/// Says which part of a type is in the way of a bound.
pub(in crate::typeck) fn note_obstacle(
    diagnostic: Diagnostic,
    part: &str,
    bound: &str,
    path: &[String],
) -> Diagnostic {
    let names: Vec<&str> = path.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    let path = names.join(".");
    diagnostic.note(format!("because of what is inside it: `{path}` is `{part}`, which is not `{bound}`"))
}

/// Offers to give a type parameter a bound.
pub(in crate::typeck) fn suggest_bound(
    diagnostic: Diagnostic,
    param: Symbol,
    declared: Span,
    has_bounds: bool,
    bound: &str,
) -> Diagnostic {
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
