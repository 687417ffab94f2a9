//! What assignments evaluate.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use plat_abi::functions::RuntimeFn;
use plat_abi::layout::{Arithmetic, TASK_CAPTURES};

use super::counts::CountOp;
use super::emitter::{Address, Emitter, Source};
use super::func::FunctionCompiler;
use super::item::Item;
use super::layout::{BoxedVariant, Layout, Leaf, POINTER, Part, Shape, tag_type};
use super::place::{Location, single};
use crate::bug;
use crate::hir::VariantId;
use crate::mir::{BinaryOp, FloatOp, Operand, Place, Rvalue, UnaryOp};
use crate::types::{Ty, TyKind};

impl FunctionCompiler<'_, '_> {
    /// Compiles `place = rvalue`.
    pub fn compile_assign(&mut self, place: &Place, rvalue: &Rvalue) {
        let ty = self.function.place_ty(self.emitter.program.definitions, place);
        if let Rvalue::Aggregate(aggregate, variant, operands) = rvalue
            && self.emitter.program.layouts.of(*aggregate).leaves.is_none()
        {
            self.build_in_memory(place, *aggregate, *variant, operands);
        } else {
            let value = self.rvalue(rvalue, ty);
            let (location, _) = self.resolve(place);
            self.store(location, ty, &value);
        }
        self.share_stored(place);
    }

    /// The value of an rvalue that is to be a `ty`.
    fn rvalue(&mut self, rvalue: &Rvalue, ty: Ty) -> Source {
        let value = match rvalue {
            Rvalue::Use(operand) => return self.operand(operand).0,
            Rvalue::Reinterpret(operand, to) if matches!(to.kind(), TyKind::Int(_)) => {
                let value = self.scalar(operand);
                self.emitter.builder.ins().bitcast(types::I64, MemFlagsData::new(), value)
            }
            Rvalue::Reinterpret(operand, _) => return self.operand(operand).0,
            Rvalue::Aggregate(aggregate, variant, operands) => {
                return self.aggregate(*aggregate, *variant, operands);
            }
            Rvalue::TaskResult(place) => return self.task_result(place, ty),
            Rvalue::Weaken(place) => return self.weaken(place),
            Rvalue::Upgrade(place, _) => return self.upgrade(place),
            Rvalue::Identity(place) => self.identity(place),
            Rvalue::Unary(op, operand) => self.unary(*op, operand),
            Rvalue::Binary(op, left, right) => self.binary(*op, left, right),
            Rvalue::Wrapping(op, left, right) => {
                let int = self.int_of(left);
                let (left, right) = (self.scalar(left), self.scalar(right));
                self.unchecked(*op, int, left, right)
            }
            Rvalue::MultiplyFolded(left, right) => {
                let (left, right) = (self.scalar(left), self.scalar(right));
                let low = self.emitter.builder.ins().imul(left, right);
                let high = self.emitter.builder.ins().umulhi(left, right);
                self.emitter.builder.ins().bxor(low, high)
            }
            Rvalue::Overflows(op, left, right) => self.overflows(*op, left, right),
            Rvalue::Cast(kind, operand, to) => self.cast(*kind, operand, *to),
            Rvalue::Fits(operand, to) => self.fits(operand, *to),
            Rvalue::Float(op, operand) => self.float(*op, operand),
            Rvalue::Bits(op, operand) => self.bits(*op, operand),
            Rvalue::BitPair(op, left, right) => self.bit_pair(*op, left, right),
            Rvalue::Interface(interface, operand) => self.interface_value(*interface, operand),
            Rvalue::Discriminant(place) => self.discriminant(place),
            Rvalue::NewBuffer(buffer, capacity) => {
                let Shape::Buffer(element) = self.emitter.program.layouts.of(*buffer).shape else {
                    bug!("{buffer:?} is no buffer")
                };
                let size = self.emitter.program.layouts.of(element).size;
                let capacity = self.scalar(capacity);
                self.emitter.new_buffer(*buffer, size, capacity)
            }
            Rvalue::Length(place) => {
                let buffer = self.pointer_at(place);
                self.emitter.buffer_length(buffer)
            }
            Rvalue::Capacity(place) => {
                let buffer = self.pointer_at(place);
                self.emitter.buffer_capacity(buffer)
            }
            Rvalue::IsManaged(ty) => bug!("whether {ty:?} is managed is known"),
            Rvalue::Closure(closure) => self.closure(closure),
            Rvalue::IsUnique(place) => {
                let buffer = self.pointer_at(place);
                self.emitter.is_unique(buffer)
            }
        };
        let ty = self.emitter.builder.func.dfg.value_type(value);
        Source::Leaves(vec![(Leaf { offset: 0, ty }, value)])
    }

    fn unary(&mut self, op: UnaryOp, operand: &Operand) -> Value {
        let (value, ty) = self.operand(operand);
        let value = single(&value);
        match (op, ty.kind()) {
            (UnaryOp::Neg, TyKind::Float(_)) => self.emitter.builder.ins().fneg(value),
            (UnaryOp::Neg, TyKind::Int(int)) => {
                let least = int.min() as i64;
                let is_least = self.emitter.builder.ins().icmp_imm_s(IntCC::Equal, value, least);
                self.panic_overflow_if(is_least, Arithmetic::Negate);
                self.emitter.builder.ins().ineg(value)
            }
            (UnaryOp::BitNot, _) => self.emitter.builder.ins().bnot(value),
            (UnaryOp::Not, _) => self.emitter.builder.ins().icmp_imm_u(IntCC::Equal, value, 0),
            (UnaryOp::Neg, other) => bug!("a {other:?} cannot be negated"),
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Operand, right: &Operand) -> Value {
        let (left_value, ty) = self.operand(left);
        let left_value = single(&left_value);
        let right_value = self.scalar(right);
        match ty.kind() {
            TyKind::Float(_) => self.float_binary(op, left_value, right_value),
            TyKind::Int(int) if !op.is_comparison() => {
                self.integer_binary(op, *int, (left_value, left), (right_value, right))
            }
            TyKind::Int(int) => self.compare(op, int.is_signed(), left_value, right_value),
            _ if op.is_comparison() => self.compare(op, false, left_value, right_value),
            _ => self.bitwise(op, left_value, right_value),
        }
    }

    fn compare(&mut self, op: BinaryOp, is_signed: bool, left: Value, right: Value) -> Value {
        let condition = match op {
            BinaryOp::Eq => IntCC::Equal,
            BinaryOp::Ne => IntCC::NotEqual,
            BinaryOp::Lt => IntCC::SignedLessThan,
            BinaryOp::Le => IntCC::SignedLessThanOrEqual,
            BinaryOp::Gt => IntCC::SignedGreaterThan,
            BinaryOp::Ge => IntCC::SignedGreaterThanOrEqual,
            other => bug!("{other:?} compares nothing"),
        };
        let condition = if is_signed { condition } else { condition.unsigned() };
        self.emitter.builder.ins().icmp(condition, left, right)
    }

    /// `&`, `|` or `^`.
    pub fn bitwise(&mut self, op: BinaryOp, left: Value, right: Value) -> Value {
        let ins = self.emitter.builder.ins();
        match op {
            BinaryOp::BitAnd => ins.band(left, right),
            BinaryOp::BitOr => ins.bor(left, right),
            BinaryOp::BitXor => ins.bxor(left, right),
            other => bug!("{other:?} is not bitwise"),
        }
    }

    fn float_binary(&mut self, op: BinaryOp, left: Value, right: Value) -> Value {
        let ins = self.emitter.builder.ins();
        match op {
            BinaryOp::Add => ins.fadd(left, right),
            BinaryOp::Sub => ins.fsub(left, right),
            BinaryOp::Mul => ins.fmul(left, right),
            BinaryOp::Div => ins.fdiv(left, right),
            BinaryOp::Rem => self.float_remainder(left, right),
            BinaryOp::Eq => ins.fcmp(FloatCC::Equal, left, right),
            BinaryOp::Ne => ins.fcmp(FloatCC::NotEqual, left, right),
            BinaryOp::Lt => ins.fcmp(FloatCC::LessThan, left, right),
            BinaryOp::Le => ins.fcmp(FloatCC::LessThanOrEqual, left, right),
            BinaryOp::Gt => ins.fcmp(FloatCC::GreaterThan, left, right),
            BinaryOp::Ge => ins.fcmp(FloatCC::GreaterThanOrEqual, left, right),
            other => bug!("{other:?} of floats"),
        }
    }

    /// The remainder of two `Float32`s is exact in `Float64` as well, so that one function serves both.
    fn float_remainder(&mut self, left: Value, right: Value) -> Value {
        let emitter = &mut self.emitter;
        if emitter.builder.func.dfg.value_type(left) == types::F64 {
            return call_remainder(emitter, left, right);
        }
        let left = emitter.builder.ins().fpromote(types::F64, left);
        let right = emitter.builder.ins().fpromote(types::F64, right);
        let remainder = call_remainder(emitter, left, right);
        emitter.builder.ins().fdemote(types::F32, remainder)
    }

    fn float(&mut self, op: FloatOp, operand: &Operand) -> Value {
        let value = self.scalar(operand);
        let ins = self.emitter.builder.ins();
        match op {
            FloatOp::Sqrt => ins.sqrt(value),
            FloatOp::Floor => ins.floor(value),
            FloatOp::Ceil => ins.ceil(value),
            FloatOp::Trunc => ins.trunc(value),
            FloatOp::Abs => ins.fabs(value),
        }
    }

    /// The result of a finished task, which keeps it too.
    fn task_result(&mut self, task: &Place, ty: Ty) -> Source {
        let record = self.pointer_at(task);
        let result = Address::data(record).at(TASK_CAPTURES as u32);
        let value = self.load_value(Location::Memory(result), ty);
        self.emitter.count(CountOp::Retain, ty, &value);
        value
    }

    fn aggregate(&mut self, ty: Ty, variant: Option<VariantId>, operands: &[Operand]) -> Source {
        let layout = self.emitter.program.layouts.of(ty);
        match (&layout.shape, variant) {
            (Shape::Record(parts), None) => self.gather(layout, Vec::new(), parts, operands),
            (Shape::Tagged(variants), Some(variant)) => {
                let tag_ty = tag_type(variants.len());
                let tag = self.emitter.int(tag_ty, i64::from(variant.0));
                let tag = vec![(Leaf { offset: 0, ty: tag_ty }, tag)];
                self.gather(layout, tag, &variants[variant.0 as usize], operands)
            }
            (Shape::Niche { full, .. }, Some(variant)) if *full == variant => self.operand(&operands[0]).0,
            (Shape::Niche { .. }, Some(_)) => pointer_value(self.emitter.int(POINTER, 0)),
            (Shape::Boxed(variants), Some(variant)) => {
                let block = self.boxed(ty, variant, variants, operands);
                pointer_value(block)
            }
            (Shape::Object(object), None) => pointer_value(self.new_object(ty, object, operands)),
            (shape, _) => bug!("{shape:?} is no aggregate"),
        }
    }

    /// The scalars of an aggregate from those of its parts; what no part fills is zero.
    fn gather(
        &mut self,
        layout: &Layout,
        mut filled: Vec<(Leaf, Value)>,
        parts: &[Part],
        operands: &[Operand],
    ) -> Source {
        for (part, operand) in parts.iter().zip(operands) {
            let Source::Leaves(leaves) = self.operand(operand).0 else {
                bug!("a part has more scalars than the whole")
            };
            filled.extend(
                leaves
                    .into_iter()
                    .map(|(leaf, value)| (Leaf { offset: part.offset + leaf.offset, ..leaf }, value)),
            );
        }
        let Some(leaves) = &layout.leaves else { bug!("the value is too large for registers") };
        let gathered = leaves.iter().map(|&leaf| {
            let found = filled.iter().find(|(other, _)| other.offset == leaf.offset);
            let value = match found {
                Some(&(other, value)) => self.emitter.convert_bits(value, other.ty, leaf.ty),
                None => self.zero(leaf),
            };
            (leaf, value)
        });
        Source::Leaves(gathered.collect())
    }

    fn zero(&mut self, leaf: Leaf) -> Value {
        match leaf.ty {
            types::F32 => self.emitter.builder.ins().f32const(0.0),
            types::F64 => self.emitter.builder.ins().f64const(0.0),
            ty => self.emitter.int(ty, 0),
        }
    }

    fn boxed(
        &mut self,
        ty: Ty,
        variant: VariantId,
        variants: &[BoxedVariant],
        operands: &[Operand],
    ) -> Value {
        let chosen = &variants[variant.0 as usize];
        if chosen.parts.is_empty() {
            let number = self.emitter.program.layouts.number(ty);
            return self.emitter.constant(Item::EmptyVariant(number, variant));
        }
        let block = self.emitter.new_box(ty, variant, chosen.size, variants.len());
        self.store_parts(Address::data(block), &chosen.parts, operands);
        block
    }

    /// Builds an aggregate that is too large for registers.
    fn build_in_memory(&mut self, place: &Place, ty: Ty, variant: Option<VariantId>, operands: &[Operand]) {
        let (location, _) = self.resolve(place);
        let Location::Memory(target) = location else { bug!("{ty:?} is too large for variables") };
        let reads_target = |operand: &Operand| {
            operand.place().is_some_and(|read| read.local == place.local || self.is_inout(read.local))
        };
        let is_apart = place.projections.is_empty() && !operands.iter().any(reads_target);
        let layout = self.emitter.program.layouts.of(ty);
        let address = if is_apart { target } else { self.temporary(layout.size) };
        match (&layout.shape, variant) {
            (Shape::Record(parts), None) => self.store_parts(address, parts, operands),
            (Shape::Tagged(variants), Some(variant)) => {
                let tag = self.emitter.int(tag_type(variants.len()), i64::from(variant.0));
                self.emitter.store(tag, address);
                self.store_parts(address, &variants[variant.0 as usize], operands);
            }
            (shape, _) => bug!("{shape:?} is not built in memory"),
        }
        if !is_apart {
            self.emitter.copy_memory(address, target, layout.size);
        }
    }

    pub(super) fn store_parts(&mut self, address: Address, parts: &[Part], operands: &[Operand]) {
        for (part, operand) in parts.iter().zip(operands) {
            let (value, _) = self.operand(operand);
            self.store_memory(address.at(part.offset), part.ty, &value);
        }
    }
}

pub(super) fn pointer_value(pointer: Value) -> Source {
    Source::Leaves(vec![(Leaf { offset: 0, ty: POINTER }, pointer)])
}

fn call_remainder(emitter: &mut Emitter<'_, '_>, left: Value, right: Value) -> Value {
    emitter
        .call_runtime(RuntimeFn::float_remainder, &[left, right])
        .unwrap_or_else(|| bug!("float_remainder has a result"))
}
