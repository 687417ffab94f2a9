//! Integer arithmetic with its checks.
//!
//! A check is a comparison and a branch to a block off the main path, which calls a runtime function that panics: a
//! call has a row in the unwind table, a trap has not.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use plat_abi::functions::RuntimeFn;
use plat_abi::layout::Arithmetic;

use super::func::FunctionCompiler;
use crate::bug;
use crate::mir::{BinaryOp, Const, Operand};
use crate::types::{IntTy, TyKind};

impl FunctionCompiler<'_, '_> {
    /// Panics because of an overflow if the condition holds.
    pub fn panic_overflow_if(&mut self, condition: Value, operation: Arithmetic) {
        let cold = self.emitter.begin_cold(condition);
        let operation = self.emitter.int(types::I64, i64::from(operation as u8));
        self.call_unwinding(RuntimeFn::panic_overflow, &[operation]);
        self.emitter.end_cold_unreachable(cold);
    }

    /// An operation on integers that is no comparison.
    pub fn integer_binary(
        &mut self,
        op: BinaryOp,
        int: IntTy,
        left: (Value, &Operand),
        right: (Value, &Operand),
    ) -> Value {
        match op {
            BinaryOp::Add => self.checked_add(int, left, right),
            BinaryOp::Sub => self.checked_subtract(int, left.0, right),
            BinaryOp::Mul => self.checked_multiply(int, left.0, right.0),
            BinaryOp::Div | BinaryOp::Rem => self.checked_divide(op, int, left.0, right),
            BinaryOp::Shl | BinaryOp::Shr => self.checked_shift(op, int, left.0, right),
            _ => self.bitwise(op, left.0, right.0),
        }
    }

    /// Arithmetic that keeps the low bits, or is known not to fail.
    pub fn unchecked(&mut self, op: BinaryOp, int: IntTy, left: Value, right: Value) -> Value {
        let ins = self.emitter.builder.ins();
        match (op, int.is_signed()) {
            (BinaryOp::Add, _) => ins.iadd(left, right),
            (BinaryOp::Sub, _) => ins.isub(left, right),
            (BinaryOp::Mul, _) => ins.imul(left, right),
            (BinaryOp::Div, true) => ins.sdiv(left, right),
            (BinaryOp::Div, false) => ins.udiv(left, right),
            (BinaryOp::Rem, true) => ins.srem(left, right),
            (BinaryOp::Rem, false) => ins.urem(left, right),
            (BinaryOp::Shl, _) => ins.ishl(left, right),
            (BinaryOp::Shr, true) => ins.sshr(left, right),
            (BinaryOp::Shr, false) => ins.ushr(left, right),
            (other, _) => bug!("{other:?} is no arithmetic without checks"),
        }
    }

    /// The integer type of an operand.
    pub fn int_of(&self, operand: &Operand) -> IntTy {
        match *self.function.operand_ty(self.emitter.program.definitions, operand).kind() {
            TyKind::Int(int) => int,
            _ => bug!("{operand:?} is no integer"),
        }
    }

    /// Whether arithmetic overflows.
    pub fn overflows(&mut self, op: BinaryOp, left: &Operand, right: &Operand) -> Value {
        let int = self.int_of(left);
        let (left, right) = (self.scalar(left), self.scalar(right));
        self.with_overflow(op, int, left, right).1
    }

    fn with_overflow(&mut self, op: BinaryOp, int: IntTy, left: Value, right: Value) -> (Value, Value) {
        let ins = self.emitter.builder.ins();
        match (op, int.is_signed()) {
            (BinaryOp::Add, true) => ins.sadd_overflow(left, right),
            (BinaryOp::Sub, true) => ins.ssub_overflow(left, right),
            (BinaryOp::Mul, true) => ins.smul_overflow(left, right),
            (BinaryOp::Add, false) => ins.uadd_overflow(left, right),
            (BinaryOp::Sub, false) => ins.usub_overflow(left, right),
            (BinaryOp::Mul, false) => ins.umul_overflow(left, right),
            (other, _) => bug!("{other:?} has no overflow"),
        }
    }

    /// Where an operand is constant, or unsigned, the check is a comparison, which Cranelift fuses with the branch; of an
    /// overflow flag it makes a byte and tests that.
    fn checked_add(&mut self, int: IntTy, left: (Value, &Operand), right: (Value, &Operand)) -> Value {
        let (value, amount) = match (constant(left.1), constant(right.1)) {
            (Some(amount), None) => (right.0, Some(amount)),
            (_, amount) => (left.0, amount),
        };
        let (sum, overflows) = match (amount, int.is_signed()) {
            (_, false) => {
                let sum = self.emitter.builder.ins().iadd(left.0, right.0);
                (sum, self.emitter.builder.ins().icmp(IntCC::UnsignedLessThan, sum, value))
            }
            (Some(amount), true) => {
                let sum = self.emitter.builder.ins().iadd(left.0, right.0);
                let condition = if amount >= 0 { IntCC::SignedLessThan } else { IntCC::SignedGreaterThan };
                (sum, self.emitter.builder.ins().icmp(condition, sum, value))
            }
            (None, true) => self.with_overflow(BinaryOp::Add, int, left.0, right.0),
        };
        self.panic_overflow_if(overflows, Arithmetic::Add);
        sum
    }

    fn checked_subtract(&mut self, int: IntTy, left: Value, right: (Value, &Operand)) -> Value {
        let (difference, overflows) = match (constant(right.1), int.is_signed()) {
            (_, false) => {
                let overflows = self.emitter.builder.ins().icmp(IntCC::UnsignedLessThan, left, right.0);
                (self.emitter.builder.ins().isub(left, right.0), overflows)
            }
            (Some(amount), true) => {
                let difference = self.emitter.builder.ins().isub(left, right.0);
                let condition = if amount >= 0 { IntCC::SignedGreaterThan } else { IntCC::SignedLessThan };
                (difference, self.emitter.builder.ins().icmp(condition, difference, left))
            }
            (None, true) => self.with_overflow(BinaryOp::Sub, int, left, right.0),
        };
        self.panic_overflow_if(overflows, Arithmetic::Subtract);
        difference
    }

    fn checked_multiply(&mut self, int: IntTy, left: Value, right: Value) -> Value {
        let (product, overflows) = self.with_overflow(BinaryOp::Mul, int, left, right);
        self.panic_overflow_if(overflows, Arithmetic::Multiply);
        product
    }

    fn checked_divide(&mut self, op: BinaryOp, int: IntTy, left: Value, right: (Value, &Operand)) -> Value {
        let divisor = constant(right.1);
        if divisor.is_none_or(|divisor| divisor == 0) {
            let is_zero = self.emitter.builder.ins().icmp_imm_u(IntCC::Equal, right.0, 0);
            self.panic_if(is_zero, RuntimeFn::panic_division_by_zero, &[]);
        }
        if int.is_signed() && divisor.is_none_or(|divisor| divisor == -1) {
            self.check_quotient(op, int, left, right.0);
        }
        self.unchecked(op, int, left, right.0)
    }

    /// Panics for the least value by -1, whose quotient does not fit.
    fn check_quotient(&mut self, op: BinaryOp, int: IntTy, left: Value, right: Value) {
        let operation = if op == BinaryOp::Div { Arithmetic::Divide } else { Arithmetic::Remainder };
        let ins = self.emitter.builder.ins();
        let is_minus_one = ins.icmp_imm_s(IntCC::Equal, right, -1);
        let is_least = self.emitter.builder.ins().icmp_imm_s(IntCC::Equal, left, int.min() as i64);
        let overflows = self.emitter.builder.ins().band(is_minus_one, is_least);
        self.panic_overflow_if(overflows, operation);
    }

    fn checked_shift(&mut self, op: BinaryOp, int: IntTy, left: Value, right: (Value, &Operand)) -> Value {
        let is_known_inside =
            constant(right.1).is_some_and(|amount| (0..i128::from(int.bits())).contains(&amount));
        if !is_known_inside {
            let width = i64::from(int.bits());
            // As an unsigned number a negative amount is too large as well.
            let is_outside =
                self.emitter.builder.ins().icmp_imm_u(IntCC::UnsignedGreaterThanOrEqual, right.0, width);
            self.panic_overflow_if(is_outside, Arithmetic::Shift);
        }
        self.unchecked(op, int, left, right.0)
    }
}

fn constant(operand: &Operand) -> Option<i128> {
    match operand {
        Operand::Const(Const::Int(value, _)) => Some(*value),
        _ => None,
    }
}
