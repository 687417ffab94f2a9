//! Functions of the bits of integers.

use cranelift_codegen::ir::{InstBuilder, Value, types};

use super::func::FunctionCompiler;
use super::place::single;
use crate::bug;
use crate::mir::{BitOp, BitPairOp, Operand};
use crate::types::{IntTy, TyKind};

impl FunctionCompiler<'_, '_> {
    pub fn bits(&mut self, op: BitOp, operand: &Operand) -> Value {
        let value = self.scalar(operand);
        let ty = self.emitter.builder.func.dfg.value_type(value);
        let ins = self.emitter.builder.ins();
        match op {
            BitOp::CountOnes => ins.popcnt(value),
            BitOp::LeadingZeros => ins.clz(value),
            BitOp::TrailingZeros => ins.ctz(value),
            BitOp::SwapBytes if ty == types::I8 => value,
            BitOp::SwapBytes => ins.bswap(value),
        }
    }

    pub fn bit_pair(&mut self, op: BitPairOp, left: &Operand, right: &Operand) -> Value {
        let (left, ty) = self.operand(left);
        let (left, right) = (single(&left), self.scalar(right));
        let TyKind::Int(int) = *ty.kind() else { bug!("the bits of a {ty:?}") };
        let ins = self.emitter.builder.ins();
        match op {
            BitPairOp::ShiftLeft => ins.ishl(left, right),
            BitPairOp::ShiftRight if int.is_signed() => ins.sshr(left, right),
            BitPairOp::ShiftRight => ins.ushr(left, right),
            BitPairOp::RotateLeft => ins.rotl(left, right),
            BitPairOp::RotateRight => ins.rotr(left, right),
            BitPairOp::MultiplyHigh if int == IntTy::U64 => ins.umulhi(left, right),
            BitPairOp::MultiplyHigh => bug!("the high half of a product of {int:?}"),
        }
    }
}
