//! Small functions before and after.

use plat_abi::functions::RuntimeFn;

use super::run;
use crate::hir::{BinaryOp, Definitions, FieldId};
use crate::mir::builder::Builder;
use crate::mir::printer::{Library, MirPrinter};
use crate::mir::testing::{SPAN, begin as plain_function};
use crate::mir::verify::{Phase, verify};
use crate::mir::{
    Argument, Callee, Const, Function, Local, LocalKind, Mir, Operand, Place, Projection, Rvalue,
    TerminatorKind,
};
use crate::types::Ty;

fn begin() -> Builder {
    plain_function("f", Ty::int())
}

fn use_of(place: impl Into<Place>) -> Operand {
    Operand::Use(place.into())
}

fn int(value: i128) -> Operand {
    Operand::Const(Const::Int(value, Ty::int()))
}

/// The body after the pass, which must satisfy the verifier.
fn simplified(mut builder: Builder) -> String {
    builder.terminate(TerminatorKind::Return, SPAN);
    let mut function = builder.finish();
    let definitions = Definitions::default();
    run(&mut function, &definitions);
    let mir = Mir { functions: [function].into_iter().collect(), ..Mir::default() };
    assert_eq!(verify(&mir, &definitions, Phase::Mono, &|_| false), []);
    let text = MirPrinter::new(&mir, &definitions, Library::Shown).to_string();
    let body = text.lines().skip(1).filter(|line| !line.trim_start().starts_with("let ") && *line != "}");
    body.map(|line| format!("{}\n", line.trim())).collect()
}

#[test]
fn reads_the_original_and_stores_the_result_where_it_is_wanted() {
    let mut builder = begin();
    let x = builder.param(Ty::int(), None, LocalKind::Borrowed);
    let copy = builder.assign_temp(Ty::int(), Rvalue::Use(use_of(x)), SPAN);
    let sum = Rvalue::Binary(BinaryOp::Add, use_of(copy), int(1));
    let sum = builder.assign_temp(Ty::int(), sum, SPAN);
    builder.assign(Function::RESULT, Rvalue::Use(use_of(sum)), SPAN);
    assert_eq!(simplified(builder), "bb0:\n_0 = _1 + 1\nreturn\n");
}

#[test]
fn keeps_a_copy_of_what_changes() {
    let mut builder = begin();
    let x = builder.assign_temp(Ty::int(), Rvalue::Use(int(1)), SPAN);
    let before = builder.assign_temp(Ty::int(), Rvalue::Use(use_of(x)), SPAN);
    let args = vec![Argument::Value(use_of(x))];
    builder.call(Some(x.into()), Callee::Runtime(RuntimeFn::task_id), args, SPAN);
    let sum = Rvalue::Binary(BinaryOp::Add, use_of(before), use_of(x));
    builder.assign(Function::RESULT, sum, SPAN);
    let expected = "bb0:\n_1 = 1\n_2 = _1\n_1 = runtime task_id(_1)\n_0 = _2 + _1\nreturn\n";
    assert_eq!(simplified(builder), expected);
}

#[test]
fn takes_decisions_that_are_already_made() {
    let mut builder = begin();
    let condition = builder.assign_temp(Ty::bool(), Rvalue::Use(Operand::Const(Const::Bool(true))), SPAN);
    let (then, otherwise) = (builder.new_block(), builder.new_block());
    let end = builder.new_block();
    builder.branch(use_of(condition), then, otherwise, SPAN);
    for (block, value) in [(then, 1), (otherwise, 2)] {
        builder.switch_to(block);
        builder.assign(Function::RESULT, Rvalue::Use(int(value)), SPAN);
        builder.goto(end, SPAN);
    }
    builder.switch_to(end);
    assert_eq!(simplified(builder), "bb0:\n_0 = 1\nreturn\n");
}

#[test]
fn reads_the_parts_of_what_was_just_put_together() {
    let pair = Ty::tuple(&[Ty::int(), Ty::int()]);
    let mut builder = begin();
    let x = builder.param(Ty::int(), None, LocalKind::Borrowed);
    let parts = Rvalue::Aggregate(pair, None, vec![use_of(x), use_of(x)]);
    let parts = Place::from(builder.assign_temp(pair, parts, SPAN));
    let [left, right] = [0, 1].map(|field| {
        let field = crate::mir::Projection::Field(crate::hir::FieldId(field));
        use_of(parts.clone().project(field))
    });
    builder.assign(Function::RESULT, Rvalue::Binary(BinaryOp::Mul, left, right), SPAN);
    assert_eq!(simplified(builder), "bb0:\n_0 = _1 * _1\nreturn\n");
}

/// `if condition { pair = (x, 2) } else { pair = (3, x) }`, and what it is used for afterwards.
fn pair_of_branches(after: impl FnOnce(&mut Builder, Local)) -> String {
    let mut builder = begin();
    let condition = builder.param(Ty::bool(), None, LocalKind::Borrowed);
    let x = builder.param(Ty::int(), None, LocalKind::Borrowed);
    let ty = Ty::tuple(&[Ty::int(), Ty::int()]);
    let pair = builder.temp(ty);
    let [then, otherwise, end] = [(); 3].map(|()| builder.new_block());
    builder.branch(use_of(condition), then, otherwise, SPAN);
    for (block, parts) in [(then, vec![use_of(x), int(2)]), (otherwise, vec![int(3), use_of(x)])] {
        builder.switch_to(block);
        builder.assign(pair, Rvalue::Aggregate(ty, None, parts), SPAN);
        builder.goto(end, SPAN);
    }
    builder.switch_to(end);
    after(&mut builder, pair);
    simplified(builder)
}

fn part(pair: Local, number: u32) -> Operand {
    use_of(Place::from(pair).project(Projection::Field(FieldId(number))))
}

#[test]
fn a_pair_of_which_only_parts_are_used_is_two_locals() {
    let text = pair_of_branches(|builder, pair| {
        let sum = Rvalue::Binary(BinaryOp::Sub, part(pair, 0), part(pair, 1));
        builder.assign(Function::RESULT, sum, SPAN);
    });
    assert!(!text.contains('(') && !text.contains('.'), "{text}");
}

#[test]
fn a_pair_that_is_passed_on_stays_whole() {
    let text = pair_of_branches(|builder, pair| {
        let callee = Callee::Runtime(RuntimeFn::print);
        builder.call(None, callee, vec![Argument::Value(use_of(pair))], SPAN);
        builder.assign(Function::RESULT, Rvalue::Use(part(pair, 0)), SPAN);
    });
    assert!(text.contains("(_2, 2)"), "{text}");
}
