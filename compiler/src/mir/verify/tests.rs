//! Small functions that break one rule each.

use super::{Phase, verify};
use crate::hir::{BinaryOp, Definitions};
use crate::mir::builder::Builder;
use crate::mir::testing::{SPAN, begin as plain_function};
use crate::mir::{Const, Function, LocalKind, Mir, Operand, Place, Rvalue, StatementKind, TerminatorKind};
use crate::types::{Ty, TyKind};

fn begin(result: Ty) -> Builder {
    plain_function("f", result)
}

fn messages(builder: Builder, phase: Phase) -> Vec<String> {
    let mut mir = Mir::default();
    mir.functions.push(builder.finish());
    let is_managed = |ty: Ty| matches!(ty.kind(), TyKind::String);
    let violations = verify(&mir, &Definitions::default(), phase, &is_managed);
    violations.into_iter().map(|violation| violation.message).collect()
}

fn use_of(place: impl Into<Place>) -> Operand {
    Operand::Use(place.into())
}

fn one() -> Operand {
    Operand::Const(Const::Int(1, Ty::int()))
}

#[test]
fn accepts_a_sum() {
    let mut builder = begin(Ty::int());
    let x = builder.param(Ty::int(), None, LocalKind::Borrowed);
    builder.assign(Function::RESULT, Rvalue::Binary(BinaryOp::Add, use_of(x), one()), SPAN);
    builder.terminate(TerminatorKind::Return, SPAN);
    assert_eq!(messages(builder, Phase::Built), Vec::<String>::new());
}

#[test]
fn rejects_a_value_of_another_type() {
    let mut builder = begin(Ty::bool());
    builder.assign(Function::RESULT, Rvalue::Use(one()), SPAN);
    builder.terminate(TerminatorKind::Return, SPAN);
    assert_eq!(messages(builder, Phase::Built), ["stored value: expected Bool, found Int"]);
}

#[test]
fn rejects_a_local_assigned_on_one_path_only() {
    let mut builder = begin(Ty::int());
    let condition = builder.param(Ty::bool(), None, LocalKind::Borrowed);
    let x = builder.temp(Ty::int());
    let (then, end) = (builder.new_block(), builder.new_block());
    builder.branch(use_of(condition), then, end, SPAN);
    builder.switch_to(then);
    builder.assign(x, Rvalue::Use(one()), SPAN);
    builder.goto_and_switch(end, SPAN);
    builder.assign(Function::RESULT, Rvalue::Use(use_of(x)), SPAN);
    builder.terminate(TerminatorKind::Return, SPAN);
    assert_eq!(messages(builder, Phase::Built).len(), 1);
}

#[test]
fn rejects_uses_once_ownership_is_known() {
    let mut builder = begin(Ty::string());
    let text = builder.param(Ty::string(), None, LocalKind::Borrowed);
    builder.assign(Function::RESULT, Rvalue::Use(use_of(text)), SPAN);
    builder.terminate(TerminatorKind::Return, SPAN);
    assert_eq!(messages(builder, Phase::Owned).len(), 1);
}

#[test]
fn rejects_a_parameter_that_leaks() {
    let mut builder = begin(Ty::unit());
    builder.param(Ty::string(), None, LocalKind::Owned);
    builder.terminate(TerminatorKind::Return, SPAN);
    assert_eq!(messages(builder, Phase::Owned), ["_1 is neither released nor moved"]);
}

#[test]
fn rejects_a_second_release() {
    let mut builder = begin(Ty::unit());
    let text = builder.param(Ty::string(), None, LocalKind::Owned);
    builder.push(StatementKind::Release(text.into()), SPAN);
    builder.push(StatementKind::Release(text.into()), SPAN);
    builder.terminate(TerminatorKind::Return, SPAN);
    assert_eq!(messages(builder, Phase::Owned).len(), 1);
}

#[test]
fn rejects_a_release_on_one_path_only() {
    let mut builder = begin(Ty::unit());
    let text = builder.param(Ty::string(), None, LocalKind::Owned);
    let condition = builder.param(Ty::bool(), None, LocalKind::Borrowed);
    let (then, end) = (builder.new_block(), builder.new_block());
    builder.branch(Operand::Copy(condition.into()), then, end, SPAN);
    builder.switch_to(then);
    builder.push(StatementKind::Release(text.into()), SPAN);
    builder.goto_and_switch(end, SPAN);
    builder.terminate(TerminatorKind::Return, SPAN);
    assert_eq!(messages(builder, Phase::Owned), ["_1 is owned on some of the paths here only"]);
}
