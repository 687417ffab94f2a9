//! Operators and conversions on known values. Each does what the program would do.

use super::{Evaluator, Known, Panic, Value, fitting, rounded, string};
use crate::hir::{BinaryOp, ExprId, UnaryOp};
use crate::types::{FloatTy, IntTy, TyKind};

impl Evaluator<'_> {
    pub(super) fn unary(&self, id: ExprId, op: UnaryOp, operand: ExprId) -> Known {
        let value = match self.known(operand) {
            Known::Value(value) => value,
            other => return other,
        };
        let result = match (op, value, self.ty(id).kind()) {
            (UnaryOp::Not, Value::Bool(value), _) => Value::Bool(!value),
            (UnaryOp::Neg, Value::Float(value), _) => Value::Float(-value),
            (UnaryOp::Neg, Value::Int(value), TyKind::Int(int)) => match fitting(value.checked_neg(), *int) {
                Some(value) => value,
                None => return self.panics(id, Panic::Overflow("-")),
            },
            (UnaryOp::BitNot, Value::Int(value), TyKind::Int(int)) => {
                Value::Int(if int.is_signed() { !value } else { int.max() ^ value })
            }
            _ => return Known::Nothing,
        };
        Known::Value(result)
    }

    fn panics(&self, id: ExprId, panic: Panic) -> Known {
        Known::Panics(panic, self.body.exprs[id].span)
    }

    /// `and`, whose value is `false` as soon as its left side is; or `or`, likewise `true`.
    pub(super) fn logical(&self, left: ExprId, right: ExprId, decisive: bool) -> Known {
        match self.known(left) {
            Known::Value(Value::Bool(value)) if value != decisive => self.known(right),
            other => other,
        }
    }

    pub(super) fn binary(&self, id: ExprId, op: BinaryOp, left: ExprId, right: ExprId) -> Known {
        let kind = self.ty(left).kind();
        let [left, right] = match [self.known(left), self.known(right)] {
            [Known::Value(left), Known::Value(right)] => [left, right],
            [Known::Value(_), other] | [other, _] => return other,
        };
        if let Value::Aggregate(None, parts) = &left
            && !op.is_comparison()
        {
            return self.time(id, op, parts, &right);
        }
        let outcome = match (left, right, kind) {
            (Value::Int(left), Value::Int(right), TyKind::Int(int)) => int_operation(op, left, right, *int),
            (Value::Float(left), Value::Float(right), TyKind::Float(float)) => {
                Ok(float_operation(op, left, right, *float))
            }
            (Value::String(left), Value::String(right), _) => Ok(match op {
                BinaryOp::Add => string(format!("{left}{right}")),
                _ => compared(op, left.as_str().cmp(right.as_str())),
            }),
            (Value::Char(left), Value::Char(right), _) => Ok(compared(op, left.cmp(&right))),
            (Value::Bool(left), Value::Bool(right), _) => Ok(compared(op, left.cmp(&right))),
            _ => Ok(None),
        };
        match outcome {
            Ok(value) => value.map_or(Known::Nothing, Known::Value),
            Err(panic) => self.panics(id, panic),
        }
    }

    /// Arithmetic of durations, on their nanoseconds.
    fn time(&self, id: ExprId, op: BinaryOp, left: &[Value], right: &Value) -> Known {
        let right = match right {
            Value::Aggregate(None, parts) => parts.first(),
            number => Some(number),
        };
        let (Some(&Value::Int(left)), Some(&Value::Int(right))) = (left.first(), right) else {
            return Known::Nothing;
        };
        match int_operation(op, left, right, IntTy::I64) {
            Ok(value) => Known::Value(Value::Aggregate(None, value.into_iter().collect())),
            Err(panic) => self.panics(id, panic),
        }
    }

    /// `value as T` between numbers.
    pub(super) fn cast(&self, id: ExprId, value: ExprId) -> Known {
        let value = match self.known(value) {
            Known::Value(value) => value,
            other => return other,
        };
        let result = match (value, self.ty(id).kind()) {
            (Value::Int(value), TyKind::Int(int)) => fitting(Some(value), *int),
            (Value::Float(value), TyKind::Int(int)) => truncated(value, *int),
            (Value::Char(value), TyKind::Int(int)) => fitting(Some(u32::from(value).into()), *int),
            (Value::Bool(value), TyKind::Int(_)) => Some(Value::Int(value.into())),
            (Value::Float(value), TyKind::Float(float)) => Some(Value::Float(rounded(value, *float))),
            // Large integers are rounded by the machine, once.
            (Value::Int(value), TyKind::Float(float)) if value.unsigned_abs() <= 1 << 24 => {
                Some(Value::Float(rounded(value as f64, *float)))
            }
            _ => return Known::Nothing,
        };
        result.map_or_else(|| self.panics(id, Panic::Cast), Known::Value)
    }
}

fn truncated(value: f64, int: IntTy) -> Option<Value> {
    let whole = value.trunc();
    // Every `f64` this small is exact as an `i128`.
    if whole.is_nan() || whole.abs() >= 1e20 {
        return None;
    }
    fitting(Some(whole as i128), int)
}

fn int_operation(op: BinaryOp, left: i128, right: i128, int: IntTy) -> Result<Option<Value>, Panic> {
    let checked = |value| fitting(value, int).map(Some).ok_or(Panic::Overflow(op.as_str()));
    match op {
        BinaryOp::Add => checked(left.checked_add(right)),
        BinaryOp::Sub => checked(left.checked_sub(right)),
        BinaryOp::Mul => checked(left.checked_mul(right)),
        BinaryOp::Div | BinaryOp::Rem if right == 0 => Err(Panic::DivisionByZero),
        BinaryOp::Div => checked(left.checked_div(right)),
        BinaryOp::Rem => match fitting(left.checked_div(right), int) {
            Some(_) => Ok(fitting(left.checked_rem(right), int)),
            None => Err(Panic::Overflow(op.as_str())),
        },
        BinaryOp::BitAnd => Ok(Some(Value::Int(left & right))),
        BinaryOp::BitOr => Ok(Some(Value::Int(left | right))),
        BinaryOp::BitXor => Ok(Some(Value::Int(left ^ right))),
        BinaryOp::Shl | BinaryOp::Shr => shifted(op, left, right, int),
        _ => Ok(compared(op, left.cmp(&right))),
    }
}

/// A shift, which drops the bits that are shifted out.
fn shifted(op: BinaryOp, left: i128, right: i128, int: IntTy) -> Result<Option<Value>, Panic> {
    let count = u32::try_from(right).ok().filter(|&count| count < int.bits()).ok_or(Panic::Shift)?;
    if op == BinaryOp::Shr {
        return Ok(Some(Value::Int(left >> count)));
    }
    let unused = 128 - int.bits();
    let bits = (left << count) << unused;
    let value = if int.is_signed() { bits >> unused } else { ((bits as u128) >> unused) as i128 };
    Ok(Some(Value::Int(value)))
}

fn float_operation(op: BinaryOp, left: f64, right: f64, float: FloatTy) -> Option<Value> {
    let value = match op {
        BinaryOp::Add => left + right,
        BinaryOp::Sub => left - right,
        BinaryOp::Mul => left * right,
        BinaryOp::Div => left / right,
        BinaryOp::Eq => return Some(Value::Bool(left == right)),
        BinaryOp::Ne => return Some(Value::Bool(left != right)),
        BinaryOp::Lt => return Some(Value::Bool(left < right)),
        BinaryOp::Le => return Some(Value::Bool(left <= right)),
        BinaryOp::Gt => return Some(Value::Bool(left > right)),
        BinaryOp::Ge => return Some(Value::Bool(left >= right)),
        _ => return None,
    };
    // The bits of what is not a number may differ between machines.
    (!value.is_nan()).then(|| Value::Float(rounded(value, float)))
}

fn compared(op: BinaryOp, ordering: std::cmp::Ordering) -> Option<Value> {
    Some(Value::Bool(match op {
        BinaryOp::Eq => ordering.is_eq(),
        BinaryOp::Ne => ordering.is_ne(),
        BinaryOp::Lt => ordering.is_lt(),
        BinaryOp::Le => ordering.is_le(),
        BinaryOp::Gt => ordering.is_gt(),
        BinaryOp::Ge => ordering.is_ge(),
        _ => return None,
    }))
}
