//! Small programs built by hand.

use plat_abi::functions::RuntimeFn;
use plat_syntax::index::Symbol;
use plat_syntax::source::{Origin, SourceMap};

use super::*;
use crate::mir::builder::Builder;
use crate::mir::testing::{SPAN, begin};
use crate::mir::{
    Argument, BinaryOp, Callee, Const, Function, LocalKind, Operand, Place, Rvalue, TerminatorKind,
};
use crate::types::Ty;

fn finish(mut builder: Builder) -> Function {
    builder.terminate(TerminatorKind::Return, SPAN);
    builder.finish()
}

fn program(functions: impl IntoIterator<Item = Function>) -> Mir {
    Mir { functions: functions.into_iter().collect(), main: Some(FunctionId(0)), ..Mir::default() }
}

fn compile_program(mir: &Mir, optimize: Optimize, listing: Option<Listing>) -> Artifact {
    let mut sources = SourceMap::default();
    sources.add("test.plat".to_owned(), "fn main() {}\n".to_owned(), Origin::User);
    compile(
        mir,
        &Definitions::default(),
        &sources,
        &Options { optimize, listing, debug_info: DebugInfo::Lines, sanitizer: Sanitizer::None },
    )
    .expect("it compiles")
}

/// `fn main() { print("hello") }`
fn hello() -> Mir {
    let mut main = begin("main", Ty::unit());
    let text = Argument::Value(Operand::Const(Const::String(Symbol::intern("hello"))));
    main.call(None, Callee::Runtime(RuntimeFn::print), vec![text], SPAN);
    program([finish(main)])
}

/// `fn main() { let n = fib(30); … } fn fib(n: Int) -> Int { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }`
fn fib() -> Mir {
    let mut main = begin("main", Ty::unit());
    let result = main.temp(Ty::int());
    let thirty = Argument::Value(Operand::Const(Const::Int(30, Ty::int())));
    main.call(Some(Place::from(result)), Callee::Function(FunctionId(1)), vec![thirty], SPAN);

    let mut fib = begin("fib", Ty::int());
    let n = fib.param(Ty::int(), None, LocalKind::Borrowed);
    let constant = |value| Operand::Const(Const::Int(value, Ty::int()));
    let read = |local| Operand::Borrow(Place::from(local));
    let is_small = fib.assign_temp(Ty::bool(), Rvalue::Binary(BinaryOp::Lt, read(n), constant(2)), SPAN);
    let (small, large, end) = (fib.new_block(), fib.new_block(), fib.new_block());
    fib.branch(read(is_small), small, large, SPAN);
    fib.switch_to(small);
    fib.assign(Function::RESULT, Rvalue::Use(read(n)), SPAN);
    fib.goto_and_switch(end, SPAN);
    fib.terminate(TerminatorKind::Return, SPAN);
    fib.switch_to(large);
    let parts = [1, 2].map(|less| {
        let less = Rvalue::Binary(BinaryOp::Sub, read(n), constant(less));
        let less = fib.assign_temp(Ty::int(), less, SPAN);
        let part = fib.temp(Ty::int());
        let args = vec![Argument::Value(read(less))];
        fib.call(Some(Place::from(part)), Callee::Function(FunctionId(1)), args, SPAN);
        part
    });
    let sum = Rvalue::Binary(BinaryOp::Add, read(parts[0]), read(parts[1]));
    fib.assign(Function::RESULT, sum, SPAN);
    fib.goto(end, SPAN);
    program([finish(main), fib.finish()])
}

#[test]
fn the_same_program_gives_the_same_bytes() {
    for optimize in [Optimize::Debug, Optimize::Release] {
        let first = compile_program(&fib(), optimize, None);
        assert_eq!(first.object, compile_program(&fib(), optimize, None).object);
        assert!(first.text.is_empty());
    }
}

#[test]
fn a_literal_is_printed_through_the_pinned_worker() {
    let text = compile_program(&hello(), Optimize::Release, Some(Listing::Clif)).text;
    assert!(text.contains("get_pinned_reg"), "{text}");
    assert!(text.starts_with("; plat::main\n"), "{text}");
}

#[test]
fn only_functions_that_recurse_check_the_stack() {
    let text = compile_program(&fib(), Optimize::Release, Some(Listing::Clif)).text;
    let (main, fib) = text.split_once("; plat::fib\n").expect("both functions are listed");
    assert!(fib.contains("get_stack_pointer"), "{fib}");
    assert!(!main.contains("get_stack_pointer"), "{main}");
}

#[test]
fn assembly_is_listed_on_demand() {
    let text = compile_program(&hello(), Optimize::Debug, Some(Listing::Assembly)).text;
    assert!(text.contains("; plat::main\n"), "{text}");
    assert!(!text.contains("function u0"), "{text}");
}
