//! Numbers, strings and formats.

use plat_abi::layout::{Align, FormatSpec, Notation};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast;

use super::BodyResolver;
use crate::hir::{Arg, ExprKind, Literal, NumberTy, StringPart, TypeHead, TypeHeadKind};
use crate::types::{FloatTy, IntTy};

impl BodyResolver<'_, '_> {
    pub fn string(&mut self, parts: &[ast::StringPart]) -> ExprKind {
        match parts {
            [] => ExprKind::Literal(Literal::String(Symbol::intern(""))),
            [ast::StringPart::Text(text)] => ExprKind::Literal(Literal::String(Symbol::intern(text))),
            _ => ExprKind::Interpolate(parts.iter().map(|part| self.string_part(part)).collect()),
        }
    }

    /// `250ms` is `Duration(250000000)`.
    pub fn duration(&mut self, nanoseconds: u64, span: Span) -> ExprKind {
        let Some(id) = self.resolver.lang_struct("Duration") else { return ExprKind::Error };
        let value = self.new_expr(ExprKind::Literal(duration_literal(nanoseconds)), span);
        let ty = TypeHead { kind: TypeHeadKind::Struct(id), args: Vec::new(), span };
        ExprKind::Construct { ty, bare: None, args: vec![Arg { name: None, is_inout: false, value, span }] }
    }

    fn string_part(&mut self, part: &ast::StringPart) -> StringPart {
        match part {
            ast::StringPart::Text(text) => StringPart::Text(Symbol::intern(text)),
            ast::StringPart::Value { value, format } => {
                StringPart::Value(self.expr(value), format.as_ref().map(format_spec).unwrap_or_default())
            }
        }
    }
}

/// The format as the runtime takes it. The lexer has checked that the numbers are in range.
fn format_spec(spec: &ast::FormatSpec) -> FormatSpec {
    FormatSpec {
        fill: spec.fill.unwrap_or('\0'),
        align: match spec.alignment {
            None => Align::Natural,
            Some(ast::Alignment::Left) => Align::Left,
            Some(ast::Alignment::Center) => Align::Center,
            Some(ast::Alignment::Right) => Align::Right,
        },
        width: u16::try_from(spec.width.unwrap_or(0)).unwrap_or(u16::MAX),
        precision: spec.precision.map(|digits| u8::try_from(digits).unwrap_or(u8::MAX)),
        kind: match spec.notation {
            None => Notation::Plain,
            Some(ast::Notation::LowerHex) => Notation::Hex,
            Some(ast::Notation::UpperHex) => Notation::UpperHex,
            Some(ast::Notation::Octal) => Notation::Octal,
            Some(ast::Notation::Binary) => Notation::Binary,
            Some(ast::Notation::Exponent) => Notation::Exponent,
        },
        plus: spec.plus,
        zero: spec.zero,
        nested: false,
    }
}

/// The number of nanoseconds in a `Duration`.
pub(super) fn duration_literal(nanoseconds: u64) -> Literal {
    Literal::Int(nanoseconds.into(), Some(NumberTy::Int(IntTy::I64)))
}

/// An integer literal.
pub(super) fn int(literal: ast::IntLiteral) -> ExprKind {
    ExprKind::Literal(int_literal(literal))
}

/// A float literal.
pub(super) fn float(literal: ast::FloatLiteral) -> ExprKind {
    ExprKind::Literal(float_literal(literal))
}

pub(super) fn int_literal(literal: ast::IntLiteral) -> Literal {
    let suffix = literal.suffix.map(|suffix| match suffix {
        ast::IntSuffix::I8 => IntTy::I8,
        ast::IntSuffix::I16 => IntTy::I16,
        ast::IntSuffix::I32 => IntTy::I32,
        ast::IntSuffix::I64 => IntTy::I64,
        ast::IntSuffix::U8 => IntTy::U8,
        ast::IntSuffix::U16 => IntTy::U16,
        ast::IntSuffix::U32 => IntTy::U32,
        ast::IntSuffix::U64 => IntTy::U64,
    });
    Literal::Int(literal.value, suffix.map(NumberTy::Int))
}

pub(super) fn float_literal(literal: ast::FloatLiteral) -> Literal {
    match literal.suffix {
        None => Literal::Float(literal.value, None),
        Some(ast::FloatSuffix::F64) => Literal::Float(literal.value, Some(FloatTy::F64)),
        Some(ast::FloatSuffix::F32) => {
            // Rounded once, from the digits: rounding the rounded `f64` could be off by one.
            let value = literal.text.as_str().parse::<f32>().map_or(literal.value, f64::from);
            Literal::Float(value, Some(FloatTy::F32))
        }
    }
}
