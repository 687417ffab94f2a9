//! Patterns.

use super::{FloatLiteral, Ident, IntLiteral, Path, RangeLimits};
use crate::source::Span;

/// A pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct Pattern {
    /// What it is.
    pub kind: PatternKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of patterns.
#[derive(Clone, PartialEq, Debug)]
pub enum PatternKind {
    /// `_`
    Wildcard,
    /// `x`
    Binding(Ident),
    /// `1`, `"a"`, `MAX`
    Literal(PatternLiteral),
    /// `1..5`, `'a'..='z'`
    Range {
        /// The first value.
        start: PatternLiteral,
        /// The end.
        end: PatternLiteral,
        /// Whether the end belongs to it.
        limits: RangeLimits,
    },
    /// `None`, `Some(x)`, `Shape::Rect(w = a, ..)`, `Point(x = 0, y)`
    Constructor {
        /// The variant or struct.
        path: Path,
        /// What stands in parentheses; `None` without parentheses.
        args: Option<PatternArgs>,
    },
    /// `(a, b)`; `()` is the unit value.
    Tuple(Vec<Pattern>),
    /// `A | B`
    Or(Vec<Pattern>),
    /// Something that was reported.
    Error,
}

/// What stands in the parentheses of a constructor pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct PatternArgs {
    /// The fields.
    pub fields: Vec<PatternField>,
    /// The place of `..`, always last.
    pub rest: Option<Span>,
}

/// A field in a constructor pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct PatternField {
    /// The name in `name = pattern`.
    pub name: Option<Ident>,
    /// The pattern.
    pub pattern: Pattern,
}

/// A constant in a pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct PatternLiteral {
    /// Its value.
    pub kind: PatternLiteralKind,
    /// Where it stands, with its minus.
    pub span: Span,
}

/// The kinds of constants in patterns.
#[derive(Clone, PartialEq, Debug)]
pub enum PatternLiteralKind {
    /// `-1`
    Int {
        /// Whether a minus stands before it.
        negative: bool,
        /// The number.
        value: IntLiteral,
    },
    /// `-1.5`
    Float {
        /// Whether a minus stands before it.
        negative: bool,
        /// The number.
        value: FloatLiteral,
    },
    /// `"text"`
    String(Box<str>),
    /// `'a'`
    Char(char),
    /// `true`
    Bool(bool),
    /// `5s`, in nanoseconds.
    Duration(u64),
    /// `MAX`
    Const(Path),
}
