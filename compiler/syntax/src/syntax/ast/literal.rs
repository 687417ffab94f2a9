//! Literals: numbers, strings with interpolation, formats.

use super::Expr;
use crate::index::Symbol;
use crate::source::Span;

/// A string literal without interpolation, decoded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// The text.
    pub text: Box<str>,
    /// The literal.
    pub span: Span,
}

/// The type that an integer literal names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum IntSuffix {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

/// `42`, `0xffu8`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IntLiteral {
    /// Its value, without the sign; saturated if it does not fit (which has been reported).
    pub value: u128,
    /// Its suffix.
    pub suffix: Option<IntSuffix>,
}

/// The type that a float literal names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum FloatSuffix {
    F32,
    F64,
}

/// `3.14`, `1e-9f32`
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FloatLiteral {
    /// The digits without `_` and suffix, for rounding to `f32` once only.
    pub text: Symbol,
    /// Its value.
    pub value: f64,
    /// Its suffix.
    pub suffix: Option<FloatSuffix>,
}

/// A part of a string literal.
#[derive(Clone, PartialEq, Debug)]
pub enum StringPart {
    /// Text, decoded.
    Text(Box<str>),
    /// `${value:format}`
    Value {
        /// The expression.
        value: Expr,
        /// The format.
        format: Option<FormatSpec>,
    },
}

/// How a value is aligned in its width.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alignment {
    /// `<`
    Left,
    /// `^`
    Center,
    /// `>`
    Right,
}

/// How a number is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notation {
    /// `x`
    LowerHex,
    /// `X`
    UpperHex,
    /// `o`
    Octal,
    /// `b`
    Binary,
    /// `e`
    Exponent,
}

/// What follows the `:` in `${x:>8.3}`: `[[fill]align][+][0][width][.precision][notation]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormatSpec {
    /// The character to fill with, if written.
    pub fill: Option<char>,
    /// `<`, `^` or `>`.
    pub alignment: Option<Alignment>,
    /// `+`: positive numbers get their sign too.
    pub plus: bool,
    /// `0` before the width: filled with zeros after the sign.
    pub zero: bool,
    /// The least number of characters.
    pub width: Option<u32>,
    /// Digits after the dot; for strings the greatest number of characters.
    pub precision: Option<u32>,
    /// `x`, `X`, `o`, `b` or `e`.
    pub notation: Option<Notation>,
    /// Where it stands.
    pub span: Span,
}
