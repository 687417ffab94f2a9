//! `Eq` and `Ord` by structure: lexicographic; enums by variant, then fields.
//!
//! Floats are ordered totally here, unlike by their operators: NaN equals itself and comes last; `-0.0` equals `0.0`.

use plat_abi::functions::RuntimeFn;
use plat_syntax::source::Span;

use super::{Generator, Shape, binary, int, value};
use crate::hir::{FieldId, Hir, VariantId};
use crate::mir::{
    BinaryOp, Callee, Const, Function, Glue, Operand, Place, Projection, Rvalue, TerminatorKind,
};
use crate::types::{Ty, TyKind};

/// `(T, T) -> Bool`
pub(super) fn generate_equal(hir: &Hir, ty: Ty, span: Span) -> Function {
    generate(hir, Question::Equal, ty, span)
}

/// `(T, T) -> Int`
pub(super) fn generate_compare(hir: &Hir, ty: Ty, span: Span) -> Function {
    generate(hir, Question::Order, ty, span)
}

/// What is asked about two values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Question {
    /// Whether they are equal.
    Equal,
    /// Which comes first.
    Order,
}

impl Question {
    fn glue(self) -> Glue {
        match self {
            Self::Equal => Glue::Equal,
            Self::Order => Glue::Compare,
        }
    }

    fn answer_ty(self) -> Ty {
        match self {
            Self::Equal => Ty::bool(),
            Self::Order => Ty::int(),
        }
    }

    /// The answer for values without a difference.
    fn same(self) -> Rvalue {
        Rvalue::Use(match self {
            Self::Equal => Operand::Const(Const::Bool(true)),
            Self::Order => int(0),
        })
    }
}

fn generate(hir: &Hir, question: Question, ty: Ty, span: Span) -> Function {
    let mut generator = Generator::new(hir, question.glue(), ty, question.answer_ty(), span);
    let left = Place::from(generator.value_param(ty));
    let right = Place::from(generator.value_param(ty));
    let mut compare = Compare { generator, question };
    compare.values(ty, &left, &right);
    let mut generator = compare.generator;
    generator.assign(Function::RESULT, question.same());
    generator.finish()
}

/// Every method goes on where it has found no difference, and returns where it has.
struct Compare<'a> {
    generator: Generator<'a>,
    question: Question,
}

impl Compare<'_> {
    fn values(&mut self, ty: Ty, left: &Place, right: &Place) {
        match self.generator.shape(ty) {
            Shape::Scalar | Shape::Class(_) => self.scalars(ty, left, right),
            Shape::Struct(_) | Shape::Tuple => self.fields(ty, None, left, right),
            Shape::Enum(variants) => self.variants(ty, variants, left, right),
            Shape::List(element) => {
                let buffer = Projection::Field(FieldId(0));
                let [left, right] = [left, right].map(|list| list.clone().project(buffer));
                if element == Ty::byte() {
                    self.bytes(&left, &right);
                } else {
                    self.elements(element, &left, &right);
                }
            }
        }
    }

    fn scalars(&mut self, ty: Ty, left: &Place, right: &Place) {
        match *ty.kind() {
            TyKind::String => self.bytes(left, right),
            TyKind::Float(_) => self.floats(left, right),
            TyKind::Bool | TyKind::Char | TyKind::Int(_) | TyKind::Class(..) => {
                self.returns_if(BinaryOp::Lt, left, right, -1);
                self.returns_if(BinaryOp::Gt, left, right, 1);
            }
            _ => {}
        }
    }

    /// Answers `order` if `left op right`.
    fn returns_if(&mut self, op: BinaryOp, left: &Place, right: &Place, order: i128) {
        let differs = binary(op, left.clone(), Operand::Use(right.clone()));
        let differs = self.generator.temp(Ty::bool(), differs);
        self.generator.return_if(differs, self.different(order));
    }

    /// The answer for values that differ, the left one being less or greater.
    fn different(&self, order: i128) -> Rvalue {
        Rvalue::Use(match self.question {
            Question::Equal => Operand::Const(Const::Bool(false)),
            Question::Order => int(order),
        })
    }

    /// Compares strings, or buffers of bytes: they look alike.
    fn bytes(&mut self, left: &Place, right: &Place) {
        if self.question == Question::Equal {
            self.lengths(BinaryOp::Ne, left, right, 1);
        }
        let order = self.generator.builder.temp(Ty::int());
        let callee = Callee::Runtime(RuntimeFn::bytes_compare);
        let args = vec![value(left.clone()), value(right.clone())];
        self.generator.builder.call(Some(order.into()), callee, args, self.generator.span);
        let differs = self.generator.temp(Ty::bool(), binary(BinaryOp::Ne, order, int(0)));
        let answer = match self.question {
            Question::Equal => self.different(1),
            Question::Order => Rvalue::Use(Operand::Use(order.into())),
        };
        self.generator.return_if(differs, answer);
    }

    /// Answers `order` if `length of left op length of right`.
    fn lengths(&mut self, op: BinaryOp, left: &Place, right: &Place, order: i128) {
        let [left, right] = [left, right].map(|place| Place::from(self.generator.length(place)));
        self.returns_if(op, &left, &right, order);
    }

    fn floats(&mut self, left: &Place, right: &Place) {
        self.returns_if(BinaryOp::Lt, left, right, -1);
        self.returns_if(BinaryOp::Gt, left, right, 1);
        // Neither is less: they are equal, or at least one of them is NaN.
        let [left, right] = [left, right].map(|float| {
            let is_nan = binary(BinaryOp::Ne, float.clone(), Operand::Use(float.clone()));
            Place::from(self.generator.temp(Ty::bool(), is_nan))
        });
        self.scalars(Ty::bool(), &left, &right);
    }

    fn fields(&mut self, ty: Ty, variant: Option<VariantId>, left: &Place, right: &Place) {
        for (field, field_ty) in self.generator.fields(ty, variant) {
            let [left, right] = [left, right].map(|place| Generator::field(place, variant, field));
            self.parts(field_ty, &left, &right);
        }
    }

    /// Asks the glue of a part.
    fn parts(&mut self, ty: Ty, left: &Place, right: &Place) {
        let answer = self.generator.builder.temp(self.question.answer_ty());
        let callee = Callee::Glue(self.question.glue(), ty);
        let args = vec![value(left.clone()), value(right.clone())];
        self.generator.builder.call(Some(answer.into()), callee, args, self.generator.span);
        let answered = Rvalue::Use(Operand::Use(answer.into()));
        match self.question {
            Question::Equal => {
                let same = self.generator.builder.new_block();
                let different = self.generator.builder.new_block();
                let span = self.generator.span;
                self.generator.builder.branch(Operand::Use(answer.into()), same, different, span);
                self.generator.builder.switch_to(different);
                self.generator.return_value(answered);
                self.generator.builder.switch_to(same);
            }
            Question::Order => {
                let differs = self.generator.temp(Ty::bool(), binary(BinaryOp::Ne, answer, int(0)));
                self.generator.return_if(differs, answered);
            }
        }
    }

    fn variants(&mut self, ty: Ty, variants: usize, left: &Place, right: &Place) {
        let [left_tag, right_tag] = [left, right]
            .map(|place| Place::from(self.generator.temp(Ty::int(), Rvalue::Discriminant(place.clone()))));
        self.scalars(Ty::int(), &left_tag, &right_tag);
        let end = self.generator.builder.new_block();
        for (variant, block) in self.generator.switch_variants(left, variants) {
            self.generator.builder.switch_to(block);
            self.fields(ty, Some(variant), left, right);
            self.generator.builder.terminate(TerminatorKind::Goto(end), self.generator.span);
        }
        self.generator.builder.switch_to(end);
    }

    fn elements(&mut self, element: Ty, left: &Place, right: &Place) {
        let [left_length, right_length] = [left, right].map(|place| self.generator.length(place));
        let [left_end, right_end] = [left_length, right_length].map(Place::from);
        if self.question == Question::Equal {
            self.returns_if(BinaryOp::Ne, &left_end, &right_end, 1);
        }
        let each = self.generator.begin_loop(left_length);
        if self.question == Question::Order {
            // The right one ends first: it is the beginning of the left one.
            self.returns_if(BinaryOp::Ge, &each.index.into(), &right_end, 1);
        }
        let element_of = |buffer: &Place| buffer.clone().project(Projection::Element(each.index));
        self.parts(element, &element_of(left), &element_of(right));
        self.generator.end_loop(&each);
        if self.question == Question::Order {
            self.returns_if(BinaryOp::Lt, &left_end, &right_end, -1);
        }
    }
}
