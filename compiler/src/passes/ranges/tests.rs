//! Small functions before and after.

use super::Ranges;
use crate::hir::Definitions;
use crate::mir::builder::Builder;
use crate::mir::printer::{Library, MirPrinter};
use crate::mir::testing::{SPAN, begin};
use crate::mir::{
    BinaryOp, CastKind, Const, Function, Local, LocalKind, Mir, Operand, Place, Projection, Rvalue,
    StatementKind, TerminatorKind,
};
use crate::types::{IntTy, Ty, TyKind};

fn int(value: i128) -> Operand {
    Operand::Const(Const::Int(value, Ty::int()))
}

fn of(local: Local) -> Operand {
    Operand::Use(local.into())
}

fn binary(builder: &mut Builder, op: BinaryOp, left: Operand, right: Operand) -> Local {
    let ty = if op.is_comparison() { Ty::bool() } else { Ty::int() };
    builder.assign_temp(ty, Rvalue::Binary(op, left, right), SPAN)
}

fn rewritten(mut builder: Builder) -> String {
    builder.terminate(TerminatorKind::Return, SPAN);
    let mut function: Function = builder.finish();
    let definitions = Definitions::default();
    let nothing = |_| false;
    Ranges::solve_all(&function, &definitions, &nothing).rewrite(&mut function);
    let mir = Mir { functions: [function].into_iter().collect(), ..Mir::default() };
    MirPrinter::new(&mir, &definitions, Library::Shown).to_string()
}

/// `var i = 0; while i < n { body }`, with the condition at the end of each round.
fn counting(
    builder: &mut Builder,
    bound: Operand,
    step: i128,
    body: impl FnOnce(&mut Builder, Local),
) -> Local {
    let i = builder.assign_temp(Ty::int(), Rvalue::Use(int(0)), SPAN);
    let (inside, end) = (builder.new_block(), builder.new_block());
    let first = binary(builder, BinaryOp::Lt, of(i), bound.clone());
    builder.branch(of(first), inside, end, SPAN);
    builder.switch_to(inside);
    body(builder, i);
    builder.assign(i, Rvalue::Binary(BinaryOp::Add, of(i), int(step)), SPAN);
    let again = binary(builder, BinaryOp::Lt, of(i), bound);
    builder.branch(of(again), inside, end, SPAN);
    builder.switch_to(end);
    i
}

fn buffer() -> Ty {
    Ty::new(TyKind::Buffer(Ty::int()))
}

fn check(builder: &mut Builder, index: Operand, buffer: &Place) {
    let length = builder.assign_temp(Ty::int(), Rvalue::Length(buffer.clone()), SPAN);
    builder.push(StatementKind::CheckIndex { index, length: of(length) }, SPAN);
}

#[test]
fn an_index_below_the_length_needs_no_check_and_no_counter_below_a_bound_overflows() {
    let mut builder = begin("f", Ty::unit());
    let items = Place::from(builder.param(buffer(), None, LocalKind::Borrowed));
    let length = builder.assign_temp(Ty::int(), Rvalue::Length(items.clone()), SPAN);
    counting(&mut builder, of(length), 1, |builder, i| check(builder, of(i), &items));
    let text = rewritten(builder);
    assert!(!text.contains("check_index"), "{text}");
    assert!(text.contains("wrapping+ 1"), "{text}");
}

#[test]
fn a_step_of_two_may_pass_the_greatest_number() {
    let mut builder = begin("f", Ty::unit());
    let bound = builder.param(Ty::int(), None, LocalKind::Borrowed);
    counting(&mut builder, of(bound), 2, |_, _| {});
    let text = rewritten(builder);
    assert!(!text.contains("wrapping"), "{text}");
}

#[test]
fn an_index_is_checked_after_the_buffer_was_changed() {
    let mut builder = begin("f", Ty::unit());
    let items = Place::from(builder.param(buffer(), None, LocalKind::Inout));
    let length = builder.assign_temp(Ty::int(), Rvalue::Length(items.clone()), SPAN);
    counting(&mut builder, of(length), 1, |builder, i| {
        check(builder, of(i), &items);
        builder.push(StatementKind::SetLength(items.clone(), int(0)), SPAN);
    });
    let text = rewritten(builder);
    assert!(text.contains("check_index"), "{text}");
}

#[test]
fn a_second_check_of_the_same_index_goes() {
    let mut builder = begin("f", Ty::unit());
    let items = Place::from(builder.param(buffer(), None, LocalKind::Borrowed));
    let index = builder.param(Ty::int(), None, LocalKind::Borrowed);
    check(&mut builder, of(index), &items);
    check(&mut builder, of(index), &items);
    let text = rewritten(builder);
    assert_eq!(text.matches("check_index").count(), 1, "{text}");
}

#[test]
fn a_counter_that_goes_down_is_not_below_its_bound() {
    let mut builder = begin("f", Ty::unit());
    let items = Place::from(builder.param(buffer(), None, LocalKind::Borrowed));
    let length = builder.assign_temp(Ty::int(), Rvalue::Length(items.clone()), SPAN);
    counting(&mut builder, of(length), -1, |builder, i| check(builder, of(i), &items));
    let text = rewritten(builder);
    assert!(text.contains("check_index"), "{text}");
}

#[test]
fn a_shift_that_drops_bits_is_not_known_to_be_positive() {
    let mut builder = begin("f", Ty::bool());
    let number = builder.param(Ty::int(), None, LocalKind::Borrowed);
    let masked = binary(&mut builder, BinaryOp::BitAnd, of(number), int(0xff));
    let shifted = binary(&mut builder, BinaryOp::Shl, of(masked), int(60));
    let negative = Rvalue::Binary(BinaryOp::Lt, of(shifted), int(0));
    builder.assign(Function::RESULT, negative, SPAN);
    let text = rewritten(builder);
    assert!(text.contains("_0 = _4 < 0") || text.contains("< 0"), "{text}");
    assert!(!text.contains("false"), "{text}");
}

#[test]
fn what_is_not_negative_is_divided_by_shifting() {
    let mut builder = begin("f", Ty::int());
    let number = builder.param(Ty::int(), None, LocalKind::Borrowed);
    let masked = binary(&mut builder, BinaryOp::BitAnd, of(number), int(0xff));
    builder.assign(Function::RESULT, Rvalue::Binary(BinaryOp::Div, of(masked), int(4)), SPAN);
    let text = rewritten(builder);
    assert!(text.contains(">> 2"), "{text}");
}

#[test]
fn a_division_by_what_may_be_zero_or_minus_one_keeps_its_checks() {
    let mut builder = begin("f", Ty::int());
    let number = builder.param(Ty::int(), None, LocalKind::Borrowed);
    let divisor = builder.param(Ty::int(), None, LocalKind::Borrowed);
    let masked = binary(&mut builder, BinaryOp::BitAnd, of(divisor), int(0xff));
    let first = binary(&mut builder, BinaryOp::Div, of(number), of(masked));
    let odd = binary(&mut builder, BinaryOp::BitOr, of(masked), int(1));
    builder.assign(Function::RESULT, Rvalue::Binary(BinaryOp::Div, of(first), of(odd)), SPAN);
    let text = rewritten(builder);
    assert!(!text.contains("wrapping/"), "{text}");
}

#[test]
fn a_cast_of_what_fits_is_unchecked() {
    let mut builder = begin("f", Ty::new(TyKind::Int(IntTy::U8)));
    let number = builder.param(Ty::int(), None, LocalKind::Borrowed);
    let masked = binary(&mut builder, BinaryOp::BitAnd, of(number), int(0xff));
    let byte = Ty::new(TyKind::Int(IntTy::U8));
    builder.assign(Function::RESULT, Rvalue::Cast(CastKind::Checked, of(masked), byte), SPAN);
    let text = rewritten(builder);
    assert!(text.contains("wrapping"), "{text}");
}

#[test]
fn an_element_of_an_element_exists_where_both_were_checked() {
    let rows = Ty::new(TyKind::Buffer(buffer()));
    let mut builder = begin("f", Ty::unit());
    let items = Place::from(builder.param(rows, None, LocalKind::Borrowed));
    let index = builder.param(Ty::int(), None, LocalKind::Borrowed);
    check(&mut builder, of(index), &items);
    let row = items.project(Projection::Element(index));
    check(&mut builder, of(index), &row);
    builder.terminate(TerminatorKind::Return, SPAN);
    let function = builder.finish();
    let definitions = Definitions::default();
    let nothing = |_| false;
    let ranges = Ranges::solve_all(&function, &definitions, &nothing);
    assert!(ranges.elements_exist(Function::ENTRY, &row.project(Projection::Element(index))));
}
