//! Conversions between number types.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{self, InstBuilder, Value, types};
use plat_abi::functions::RuntimeFn;

use super::func::FunctionCompiler;
use super::layout::{float_type, int_type};
use super::place::single;
use crate::bug;
use crate::mir::{CastKind, Operand};
use crate::types::{FloatTy, IntTy, Ty, TyKind};

impl FunctionCompiler<'_, '_> {
    /// Converts a number, `Char` or `Bool`.
    pub fn cast(&mut self, kind: CastKind, operand: &Operand, to: Ty) -> Value {
        let (value, from) = self.operand(operand);
        let value = single(&value);
        if kind == CastKind::Bits {
            return self.same_bits(value, from, to);
        }
        match (number(from), number(to)) {
            (Number::Int(from), Number::Int(to)) => self.integer_to_integer(kind, value, from, to),
            (Number::Int(from), Number::Float(to)) => self.integer_to_float(value, from, to),
            (Number::Float(from), Number::Int(to)) => self.float_to_integer(kind, value, from, to),
            (Number::Float(FloatTy::F32), Number::Float(FloatTy::F64)) => {
                self.emitter.builder.ins().fpromote(types::F64, value)
            }
            (Number::Float(FloatTy::F64), Number::Float(FloatTy::F32)) => {
                self.emitter.builder.ins().fdemote(types::F32, value)
            }
            (Number::Float(_), Number::Float(_)) => value,
            (Number::Char, Number::Int(to)) => self.integer_to_integer(kind, value, IntTy::U32, to),
            // Known to be a character: the number of a loop through a range of them.
            (Number::Int(IntTy::U32), Number::Char) => value,
            (from, to) => bug!("no conversion from {from:?} to {to:?}"),
        }
    }

    /// Whether a checked cast to an integer type would not panic.
    pub fn fits(&mut self, operand: &Operand, to: Ty) -> Value {
        let (value, from) = self.operand(operand);
        let value = single(&value);
        let misfits = match (number(from), number(to)) {
            (Number::Int(from), Number::Int(to)) => self.integer_misfits(value, from, to),
            (Number::Float(from), Number::Int(to)) => vec![self.float_misfits(value, from, to)],
            (from, to) => bug!("does a {from:?} fit a {to:?}?"),
        };
        let mut fits = self.emitter.int(types::I8, 1);
        for misfit in misfits {
            fits = self.emitter.builder.ins().band_not(fits, misfit);
        }
        fits
    }

    fn same_bits(&mut self, value: Value, from: Ty, to: Ty) -> Value {
        let ty = |ty| match number(ty) {
            Number::Int(int) => int_type(int),
            Number::Float(float) => float_type(float),
            Number::Char => types::I32,
        };
        self.emitter.convert_bits(value, ty(from), ty(to))
    }

    fn integer_to_integer(&mut self, kind: CastKind, mut value: Value, from: IntTy, to: IntTy) -> Value {
        match kind {
            CastKind::Checked => {
                for misfit in self.integer_misfits(value, from, to) {
                    self.panic_if(misfit, RuntimeFn::panic_cast, &[]);
                }
            }
            CastKind::Saturating => value = self.clamp(value, from, to),
            CastKind::Wrapping | CastKind::Bits => {}
        }
        self.resize(value, from, int_type(to))
    }

    /// Which of the ways hold in which an integer may be out of the range of a type.
    fn integer_misfits(&mut self, value: Value, from: IntTy, to: IntTy) -> Vec<Value> {
        let mut misfits = Vec::new();
        if to.max() < from.max() {
            let is_above =
                if from.is_signed() { IntCC::SignedGreaterThan } else { IntCC::UnsignedGreaterThan };
            let greatest = self.emitter.int(int_type(from), to.max() as i64);
            misfits.push(self.emitter.builder.ins().icmp(is_above, value, greatest));
        }
        if to.min() > from.min() {
            let least = self.emitter.int(int_type(from), to.min() as i64);
            misfits.push(self.emitter.builder.ins().icmp(IntCC::SignedLessThan, value, least));
        }
        misfits
    }

    /// The integer in the range of both types that is nearest.
    fn clamp(&mut self, mut value: Value, from: IntTy, to: IntTy) -> Value {
        if to.max() < from.max() {
            let greatest = self.emitter.int(int_type(from), to.max() as i64);
            let ins = self.emitter.builder.ins();
            value = if from.is_signed() { ins.smin(value, greatest) } else { ins.umin(value, greatest) };
        }
        if to.min() > from.min() {
            let least = self.emitter.int(int_type(from), to.min() as i64);
            value = self.emitter.builder.ins().smax(value, least);
        }
        value
    }

    /// The low bits of an integer, or the integer in more bits.
    fn resize(&mut self, value: Value, from: IntTy, to: ir::Type) -> Value {
        let ins = self.emitter.builder.ins();
        match to.bits().cmp(&from.bits()) {
            std::cmp::Ordering::Less => ins.ireduce(to, value),
            std::cmp::Ordering::Equal => value,
            std::cmp::Ordering::Greater if from.is_signed() => ins.sextend(to, value),
            std::cmp::Ordering::Greater => ins.uextend(to, value),
        }
    }

    fn integer_to_float(&mut self, value: Value, from: IntTy, to: FloatTy) -> Value {
        let value = self.resize(value, from, types::I64);
        let ins = self.emitter.builder.ins();
        match from {
            IntTy::U64 => ins.fcvt_from_uint(float_type(to), value),
            _ => ins.fcvt_from_sint(float_type(to), value),
        }
    }

    /// Truncates; checked, it panics for what is not a number or out of range.
    fn float_to_integer(&mut self, kind: CastKind, value: Value, from: FloatTy, to: IntTy) -> Value {
        if kind == CastKind::Checked {
            let misfit = self.float_misfits(value, from, to);
            self.panic_if(misfit, RuntimeFn::panic_cast, &[]);
        }
        let ins = self.emitter.builder.ins();
        let mut wide = match to {
            IntTy::U64 => ins.fcvt_to_uint_sat(types::I64, value),
            _ => ins.fcvt_to_sint_sat(types::I64, value),
        };
        if kind == CastKind::Saturating && to != IntTy::U64 {
            wide = self.clamp(wide, IntTy::I64, to);
        }
        self.resize(wide, IntTy::I64, int_type(to))
    }

    /// Whether a float is not a number or, truncated, out of the range of a type.
    fn float_misfits(&mut self, value: Value, from: FloatTy, to: IntTy) -> Value {
        // Both bounds are powers of two, or 0, and so exact in every float type; the lower one may have fractions below it
        // that truncate to it, which `min - 1` would show where it is exact.
        let exact_bits = if from == FloatTy::F32 { 24 } else { 53 };
        let (lower, at_least) = if to.bits() <= exact_bits || !to.is_signed() {
            (to.min() as f64 - 1.0, FloatCC::GreaterThan)
        } else {
            (to.min() as f64, FloatCC::GreaterThanOrEqual)
        };
        let lower = self.float_constant(from, lower);
        let upper = self.float_constant(from, (to.max() + 1) as f64);
        let ins = self.emitter.builder.ins();
        let is_above = ins.fcmp(at_least, value, lower);
        let is_below = self.emitter.builder.ins().fcmp(FloatCC::LessThan, value, upper);
        let fits = self.emitter.builder.ins().band(is_above, is_below);
        self.emitter.builder.ins().icmp_imm_u(IntCC::Equal, fits, 0)
    }

    fn float_constant(&mut self, ty: FloatTy, value: f64) -> Value {
        let ins = self.emitter.builder.ins();
        match ty {
            FloatTy::F32 => ins.f32const(value as f32),
            FloatTy::F64 => ins.f64const(value),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Number {
    Int(IntTy),
    Float(FloatTy),
    Char,
}

fn number(ty: Ty) -> Number {
    match *ty.kind() {
        TyKind::Int(int) => Number::Int(int),
        TyKind::Bool => Number::Int(IntTy::U8),
        TyKind::Float(float) => Number::Float(float),
        TyKind::Char => Number::Char,
        ref other => bug!("{other:?} is no number"),
    }
}
