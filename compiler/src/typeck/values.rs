//! The values of constants that are known without running the program.
//!
//! One pass over the expressions of a body, which stand after those they are made of, computes what can be computed:
//! literals, operators, conversions between numbers, tuples, structs, variants and their fields, and other constants. What
//! calls functions, or is changed or counted, is not known; the program computes that itself.

use std::sync::OnceLock;

use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::Span;

use crate::hir::{Body, ConstId, Definitions, ExprId, ExprKind, FnBody, FnId, Literal, Sign, StringPart};
use crate::hir::{UnaryOp, VariantId};
use crate::types::{FloatTy, IntTy, Ty, TyKind};

use super::results::{ArgSource, BodyTypes, CallTarget, TypeConst};

mod arithmetic;

/// A value. Its type is that of the expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A `Bool`.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// A float.
    Float(f64),
    /// A `Char`.
    Char(char),
    /// A `String`.
    String(Symbol),
    /// A struct or tuple with its fields, or an enum with the number of the variant and its fields.
    Aggregate(Option<VariantId>, Vec<Value>),
}

/// Why computing a value would panic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Panic {
    /// The result of this operator does not fit.
    Overflow(&'static str),
    /// A division by zero.
    DivisionByZero,
    /// A shift by as many bits as there are, or more.
    Shift,
    /// A conversion to a type that does not hold the value.
    Cast,
}

/// What is known of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// Its value.
    Value(Value),
    /// That computing it panics, and where.
    Panics(Panic, Span),
    /// Nothing.
    Nothing,
}

impl Known {
    /// The value, if that is known.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// Values of constants, as far as they are known.
pub type ConstValues = IndexVec<ConstId, Option<Value>>;

/// Strings longer than this are put together by the program.
const MAX_TEXT: usize = 1 << 16;
/// Defaults inside defaults are known no deeper than this: they may go on for ever.
const MAX_DEPTH: usize = 4;
/// Aggregates with more values in them than this are made by the program.
const MAX_PARTS: usize = 256;

/// What all evaluations read.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The program.
    pub definitions: &'a Definitions,
    /// The types of bodies that have been checked.
    pub bodies: &'a IndexVec<FnId, OnceLock<BodyTypes>>,
    /// The values of constants.
    pub consts: &'a ConstValues,
}

impl<'a> Facts<'a> {
    /// What is known of every expression of a body.
    pub fn of_body(self, body: &'a Body, types: &'a BodyTypes) -> IndexVec<ExprId, Known> {
        self.at_depth(body, types, 0)
    }

    /// What is known of the result of a function without parameters.
    pub fn of_function(self, id: FnId) -> Known {
        self.function_at_depth(id, 0)
    }

    fn function_at_depth(self, id: FnId, depth: usize) -> Known {
        let FnBody::Plat(body) = &self.definitions.functions[id].body else { return Known::Nothing };
        let (Some(types), Some(value)) = (self.bodies[id].get(), body.value) else { return Known::Nothing };
        let known = self.at_depth(body, types, depth)[value].clone();
        after_conversion(types, value, known)
    }

    fn at_depth(self, body: &'a Body, types: &'a BodyTypes, depth: usize) -> IndexVec<ExprId, Known> {
        let mut evaluator = Evaluator { facts: self, body, types, depth, known: IndexVec::new() };
        for id in body.exprs.ids() {
            let known = evaluator.expr(id);
            evaluator.known.push(known);
        }
        evaluator.known
    }
}

/// What is known of an expression's value when it has become one of an interface's type.
fn after_conversion(types: &BodyTypes, id: ExprId, known: Known) -> Known {
    match known {
        Known::Value(_) if types.conversions.contains_key(&id) => Known::Nothing,
        known => known,
    }
}

struct Evaluator<'a> {
    facts: Facts<'a>,
    body: &'a Body,
    types: &'a BodyTypes,
    depth: usize,
    known: IndexVec<ExprId, Known>,
}

impl Evaluator<'_> {
    fn ty(&self, id: ExprId) -> Ty {
        self.types.exprs[id]
    }

    fn known(&self, id: ExprId) -> Known {
        // What stands before an expression without being a part of it, such as the callee of a call, is never asked for.
        let known = self.known.get(id).cloned().unwrap_or(Known::Nothing);
        after_conversion(self.types, id, known)
    }

    fn expr(&self, id: ExprId) -> Known {
        let ty = self.ty(id);
        let value = match &self.body.exprs[id].kind {
            ExprKind::Literal(literal) => literal_value(literal, Sign::Plus, ty),
            ExprKind::TypeConst(..) => self.types.type_consts.get(&id).map(|value| match *value {
                TypeConst::Int(value) => Value::Int(value),
                TypeConst::Float(value) => Value::Float(value),
            }),
            ExprKind::Const(id) => self.facts.consts.get(*id).cloned().flatten(),
            ExprKind::Unary(UnaryOp::Neg, operand) => match &self.body.exprs[*operand].kind {
                ExprKind::Literal(literal) => literal_value(literal, Sign::Minus, ty),
                _ => return self.unary(id, UnaryOp::Neg, *operand),
            },
            ExprKind::Unary(op, operand) => return self.unary(id, *op, *operand),
            ExprKind::Binary(op, left, right) => return self.binary(id, *op, *left, *right),
            ExprKind::And(left, right) => return self.logical(*left, *right, false),
            ExprKind::Or(left, right) => return self.logical(*left, *right, true),
            ExprKind::Cast(value, _) => return self.cast(id, *value),
            ExprKind::If { condition, then, otherwise: Some(otherwise) } => {
                return match self.known(*condition) {
                    Known::Value(Value::Bool(true)) => self.known(*then),
                    Known::Value(Value::Bool(false)) => self.known(*otherwise),
                    Known::Value(_) => Known::Nothing,
                    other => other,
                };
            }
            ExprKind::Block(block) if block.statements.is_empty() => {
                return block.tail.map_or(Known::Nothing, |tail| self.known(tail));
            }
            ExprKind::Interpolate(parts) => self.interpolation(parts),
            ExprKind::Tuple(items) if !items.is_empty() => return self.aggregate(None, items),
            ExprKind::Range { start, end, inclusive } => {
                return match self.aggregate(None, &[*start, *end]) {
                    Known::Value(Value::Aggregate(variant, mut ends)) => {
                        ends.push(Value::Bool(*inclusive));
                        Known::Value(Value::Aggregate(variant, ends))
                    }
                    other => other,
                };
            }
            ExprKind::Variant(..) | ExprKind::BareVariant(_) => {
                self.types.variants.get(&id).map(|&variant| Value::Aggregate(Some(variant), Vec::new()))
            }
            ExprKind::Call { args, .. } | ExprKind::Construct { args, .. } => {
                let values: Vec<_> = args.iter().map(|arg| arg.value).collect();
                return self.construct(id, &values);
            }
            ExprKind::Field(base, _) | ExprKind::TupleField(base, ..) => self.field(id, *base),
            _ => None,
        };
        value.map_or(Known::Nothing, Known::Value)
    }

    /// The values of several expressions, unless one of them is not known.
    fn all(&self, ids: &[ExprId]) -> Result<Vec<Value>, Known> {
        let mut values = Vec::with_capacity(ids.len());
        for &id in ids {
            match self.known(id) {
                Known::Value(value) => values.push(value),
                other => return Err(other),
            }
        }
        Ok(values)
    }

    fn aggregate(&self, variant: Option<VariantId>, ids: &[ExprId]) -> Known {
        match self.all(ids) {
            Ok(values) if part_count(&values) <= MAX_PARTS => Known::Value(Value::Aggregate(variant, values)),
            Ok(_) => Known::Nothing,
            Err(known) => known,
        }
    }

    /// A struct from its fields, or a variant from its payload.
    fn construct(&self, id: ExprId, given: &[ExprId]) -> Known {
        let Some(call) = self.types.calls.get(&id) else { return Known::Nothing };
        let variant = match call.target {
            CallTarget::Struct => None,
            CallTarget::Variant(variant) => Some(variant),
            _ => return Known::Nothing,
        };
        let given = match self.all(given) {
            Ok(values) => values,
            Err(known) => return known,
        };
        let mut fields = Vec::with_capacity(call.args.len());
        for source in &call.args {
            fields.push(match *source {
                ArgSource::Given(position) => given[position].clone(),
                ArgSource::Default(function) if self.depth < MAX_DEPTH => {
                    match self.facts.function_at_depth(function, self.depth + 1) {
                        Known::Value(value) => value,
                        _ => return Known::Nothing,
                    }
                }
                ArgSource::Default(_) => return Known::Nothing,
            });
        }
        if part_count(&fields) > MAX_PARTS {
            return Known::Nothing;
        }
        Known::Value(Value::Aggregate(variant, fields))
    }

    fn field(&self, id: ExprId, base: ExprId) -> Option<Value> {
        let field = *self.types.fields.get(&id)?;
        match self.known.get(base)? {
            Known::Value(Value::Aggregate(None, fields)) => fields.get(field.0 as usize).cloned(),
            _ => None,
        }
    }

    fn interpolation(&self, parts: &[StringPart]) -> Option<Value> {
        let mut text = String::new();
        for part in parts {
            match part {
                StringPart::Text(part) => text += part.as_str(),
                StringPart::Value(value, format) if *format == Default::default() => {
                    text += &display(self.known.get(*value)?.value()?)?;
                }
                StringPart::Value(..) => return None,
            }
        }
        string(text)
    }
}

/// The text of a value that is shown the same way by every program.
fn display(value: &Value) -> Option<String> {
    Some(match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Char(value) => value.to_string(),
        Value::String(value) => value.as_str().to_owned(),
        Value::Float(_) | Value::Aggregate(..) => return None,
    })
}

fn string(text: String) -> Option<Value> {
    (text.len() <= MAX_TEXT).then(|| Value::String(Symbol::intern(&text)))
}

/// How many values there are, those inside others included.
fn part_count(values: &[Value]) -> usize {
    let inside = |value: &Value| match value {
        Value::Aggregate(_, fields) => 1 + part_count(fields),
        _ => 1,
    };
    values.iter().map(inside).sum()
}

/// The value of a literal with its sign, of a type that its context decided. `None` after an error.
pub fn literal_value(literal: &Literal, sign: Sign, ty: Ty) -> Option<Value> {
    Some(match (literal, ty.kind()) {
        (Literal::Int(value, _), TyKind::Float(float)) => Value::Float(signed(*value as f64, sign, *float)),
        (Literal::Int(value, _), TyKind::Int(int)) => {
            let value = i128::try_from(*value).ok()?;
            let value = if sign == Sign::Minus { -value } else { value };
            return (int.min()..=int.max()).contains(&value).then_some(Value::Int(value));
        }
        (Literal::Float(value, _), TyKind::Float(float)) => Value::Float(signed(*value, sign, *float)),
        (Literal::Bool(value), _) => Value::Bool(*value),
        (Literal::Char(value), _) => Value::Char(*value),
        (Literal::String(text), _) => Value::String(*text),
        (Literal::Int(..) | Literal::Float(..), _) => return None,
    })
}

fn signed(value: f64, sign: Sign, float: FloatTy) -> f64 {
    rounded(if sign == Sign::Minus { -value } else { value }, float)
}

/// The nearest value that the type has.
fn rounded(value: f64, float: FloatTy) -> f64 {
    match float {
        FloatTy::F32 => f64::from(value as f32),
        FloatTy::F64 => value,
    }
}

/// The integer, if the type has it.
fn fitting(value: Option<i128>, int: IntTy) -> Option<Value> {
    value.filter(|value| (int.min()..=int.max()).contains(value)).map(Value::Int)
}
