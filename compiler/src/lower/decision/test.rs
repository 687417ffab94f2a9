//! What a pattern tests, and what one test says about another of the same place.

use crate::bug;
use crate::hir::{ConstId, VariantId};
use crate::lower::operators::is_scalar;
use crate::mir::Const;
use crate::types::{Ty, TyKind};

/// A test of a scalar place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    /// Is this variant.
    Variant(VariantId),
    /// Equals this `Bool`.
    Bool(bool),
    /// Equals this integer or character.
    Value(i128),
    /// Lies between these integers or characters, the second included.
    Range(i128, i128),
    /// Equals this string, float, or constant, which take a comparison.
    Equal(Const),
    /// Equals the value of the constant named here.
    EqualTo(ConstId),
    /// Lies between these floats.
    FloatRange(f64, f64, EndKind),
}

/// Whether the end of a range belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EndKind {
    Inclusive,
    Exclusive,
}

/// What is known of a test when another one of the same place has come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Holds,
    Fails,
    Open,
}

/// What is known of `test` when `known`, a test of the same place, has come out.
pub(super) fn verdict(test: &Test, known: &Test, outcome: bool) -> Verdict {
    if test == known {
        return if outcome { Verdict::Holds } else { Verdict::Fails };
    }
    match (test, known) {
        (Test::Bool(_), Test::Bool(_)) if !outcome => Verdict::Holds,
        (Test::Variant(_), Test::Variant(_))
        | (Test::Value(_), Test::Value(_))
        | (Test::Bool(_), Test::Bool(_))
        | (Test::Equal(_), Test::Equal(_))
            if outcome =>
        {
            Verdict::Fails
        }
        (Test::Range(start, end), Test::Value(value)) if outcome => {
            if start <= value && value <= end {
                Verdict::Holds
            } else {
                Verdict::Fails
            }
        }
        _ => Verdict::Open,
    }
}

pub(super) fn const_test(constant: Const) -> Test {
    match constant {
        Const::Bool(value) => Test::Bool(value),
        Const::Char(value) => Test::Value(i128::from(u32::from(value))),
        Const::Int(value, _) => Test::Value(value),
        constant => Test::Equal(constant),
    }
}

pub(super) fn range_test([start, end]: &[Const; 2], inclusive: bool) -> Test {
    let kind = if inclusive { EndKind::Inclusive } else { EndKind::Exclusive };
    if let (Const::Float(start, _), Const::Float(end, _)) = (start, end) {
        return Test::FloatRange(*start, *end, kind);
    }
    let (start, end) = (scalar_value(start), scalar_value(end));
    Test::Range(start, if inclusive { end } else { end - 1 })
}

/// The number of an integer or character.
fn scalar_value(constant: &Const) -> i128 {
    match constant {
        Const::Int(value, _) => *value,
        Const::Char(value) => i128::from(u32::from(*value)),
        _ => bug!("a range of {constant:?}"),
    }
}

/// The integer or character of a number.
pub(super) fn scalar_const(value: i128, ty: Ty) -> Const {
    debug_assert!(is_scalar(ty));
    if *ty.kind() != TyKind::Char {
        return Const::Int(value, ty);
    }
    let character = u32::try_from(value).ok().and_then(char::from_u32);
    Const::Char(character.unwrap_or_else(|| bug!("{value} is no character")))
}
