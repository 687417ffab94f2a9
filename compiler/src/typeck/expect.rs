//! What the surroundings of an expression expect of it, and why.

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use crate::hir::FnId;
use crate::types::Ty;

/// What is expected of an expression.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expect {
    /// A value of any type.
    Nothing,
    /// A value of this type. Expressions made of others pass it on and report the innermost mistake; for the
    /// rest it is a hint (to literals, bare variants and generic calls), and whoever asks compares.
    Value(Ty, Why),
    /// Nothing: the value is dropped, so arms and branches need no common type.
    Dropped,
}

/// Where an expected type comes from, for the second label of a mismatch.
#[derive(Clone, Copy, Debug)]
pub(super) enum Why {
    /// Nothing worth a label.
    Plain,
    /// A type written for a variable.
    Annotation(Span),
    /// The result type of a function.
    Result(FnId),
    /// A parameter or field: its name and where it is declared.
    Param(Symbol, Span),
    /// The place that is assigned.
    Place(Span),
    /// The other operand.
    Operand(Span),
    /// The first element of a list.
    Element(Span),
    /// The first branch of an `if`, the first arm of a `match`, an earlier `break`.
    Branch(BranchKind, Span),
    /// An earlier `return` of a task's body.
    EarlierReturn(Span),
    /// The type written for a task.
    TaskType(Span),
    /// What the parameter of this name and place takes: a closure with another result.
    ClosureOf(Symbol, Span),
    /// A condition.
    Condition,
    /// An index.
    Index,
}

impl Why {
    /// Why a closure gives what it gives, when this is why it has its type.
    pub(super) fn of_closure_result(self) -> Self {
        match self {
            Self::Param(name, span) => Self::ClosureOf(name, span),
            other => other,
        }
    }
}

/// What a [`Why::Branch`] is a branch of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BranchKind {
    /// `if` and `else`
    If,
    /// Arms of a `match`
    Arm,
    /// Arms of a `select`
    SelectArm,
    /// Arms of a `race`
    RaceArm,
    /// `break`s of a loop
    Break,
}

impl Expect {
    /// The expected type, if a value is expected.
    pub(super) fn hint(self) -> Option<Ty> {
        match self {
            Self::Value(ty, _) => Some(ty),
            Self::Nothing | Self::Dropped => None,
        }
    }
}
