//! Programs of two functions, the first of which calls the second.

use crate::hir::{BinaryOp, Hir};
use crate::mir::builder::Builder;
use crate::mir::managed::Managed;
use crate::mir::printer::{Library, MirPrinter};
use crate::mir::testing::{SPAN, begin as plain_function};
use crate::mir::verify::{Phase, verify};
use crate::mir::{
    Argument, Callee, Const, Function, FunctionId, LocalKind, Mir, Operand, Rvalue, TerminatorKind,
};
use crate::types::Ty;

fn begin(name: &str) -> Builder {
    plain_function(name, Ty::int())
}

fn int(value: i128) -> Operand {
    Operand::Const(Const::Int(value, Ty::int()))
}

/// `fn caller(x) { callee(x, 2) }`
fn caller() -> Function {
    let mut builder = begin("caller");
    let x = builder.param(Ty::int(), None, LocalKind::Borrowed);
    let args = vec![Argument::Value(Operand::Use(x.into())), Argument::Value(int(2))];
    builder.call(Some(Function::RESULT.into()), Callee::Function(FunctionId(1)), args, SPAN);
    builder.terminate(TerminatorKind::Return, SPAN);
    builder.finish()
}

/// `fn callee(a, b) { a + b }`, or with `calls_itself` one that does.
fn callee(calls_itself: bool) -> Function {
    let mut builder = begin("callee");
    let a = builder.param(Ty::int(), None, LocalKind::Borrowed);
    let b = builder.param(Ty::int(), None, LocalKind::Borrowed);
    let [a, b] = [a, b].map(|local| Operand::Use(local.into()));
    if calls_itself {
        let args = vec![Argument::Value(a), Argument::Value(b)];
        builder.call(Some(Function::RESULT.into()), Callee::Function(FunctionId(1)), args, SPAN);
    } else {
        builder.assign(Function::RESULT, Rvalue::Binary(BinaryOp::Add, a, b), SPAN);
    }
    builder.terminate(TerminatorKind::Return, SPAN);
    builder.finish()
}

fn inlined(callee: Function) -> String {
    let mut mir = Mir { functions: [caller(), callee].into_iter().collect(), ..Mir::default() };
    let hir = Hir::default();
    let definitions = &hir.definitions;
    super::run(&mut mir, &hir, &Managed::new(definitions), None);
    assert_eq!(verify(&mir, definitions, Phase::Mono, &|_| false), []);
    let caller = Mir { functions: mir.functions.iter().take(1).cloned().collect(), ..Mir::default() };
    MirPrinter::new(&caller, definitions, Library::Shown).to_string()
}

#[test]
fn puts_a_small_body_in_place_of_its_call() {
    let expected = "\
fn caller(_1: Int) -> Int {
  bb0:
    _0 = _1 + 2
    return
}
";
    assert_eq!(inlined(callee(false)), expected);
}

#[test]
fn leaves_a_function_that_calls_itself() {
    assert!(inlined(callee(true)).contains("f1(_1, 2)"));
}
