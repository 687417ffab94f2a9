//! Small functions before and after.

use plat_abi::functions::RuntimeFn;
use plat_syntax::index::{IndexVec, Symbol};

use super::run;
use crate::hir::{
    Access, Definitions, Enum, EnumId, Field, FieldId, Struct, StructId, TypeParam, TypeRef, Variant,
    VariantField, VariantId,
};
use crate::mir::builder::Builder;
use crate::mir::managed::Managed;
use crate::mir::printer::{Library, MirPrinter};
use crate::mir::testing::{SPAN, begin};
use crate::mir::verify::{Phase, verify};
use crate::mir::{
    Argument, BinaryOp, Callee, Const, Function, FunctionId, Local, LocalKind, Mir, Operand, Place,
    Projection, Rvalue, StatementKind, TerminatorKind,
};
use crate::types::{Ty, TyKind};

const OPTION: EnumId = EnumId(0);
const PAIR: StructId = StructId(0);

/// `enum Option<T> { Some(T), None }` and `struct Pair { var name: String; var other: String; }`
fn definitions() -> Definitions {
    let mut definitions = Definitions::default();
    let symbol = Symbol::intern;
    let ty = |ty| TypeRef { ty, span: SPAN };
    let payload = Ty::new(TyKind::Param(0, symbol("T")));
    let some = [VariantField { name: None, ty: ty(payload) }].into_iter().collect();
    let variants = [
        Variant { name: symbol("Some"), span: SPAN, fields: some },
        Variant { name: symbol("None"), span: SPAN, fields: IndexVec::new() },
    ];
    definitions.enums.push(Enum {
        access: Access::Public,
        name: symbol("Option"),
        span: SPAN,
        is_library: false,
        type_params: vec![TypeParam {
            name: symbol("T"),
            span: SPAN,
            bounds: Vec::new(),
            is_wrong: false,
            is_implied: false,
        }],
        variants: variants.into_iter().collect(),
        members: Vec::new(),
    });
    let field = |name| Field {
        name: symbol(name),
        span: SPAN,
        declaration: SPAN,
        ty: ty(Ty::string()),
        is_var: true,
        is_public: true,
        default: None,
    };
    definitions.structs.push(Struct {
        access: Access::Public,
        name: symbol("Pair"),
        span: SPAN,
        is_library: false,
        is_newtype: false,
        type_params: Vec::new(),
        fields: ["name", "other"].into_iter().map(field).collect(),
        members: Vec::new(),
    });
    definitions
}

fn finish(mut builder: Builder) -> Function {
    builder.terminate(TerminatorKind::Return, SPAN);
    builder.finish()
}

fn use_of(place: impl Into<Place>) -> Operand {
    Operand::Use(place.into())
}

fn value(place: impl Into<Place>) -> Argument {
    Argument::Value(use_of(place))
}

fn string(text: &str) -> Rvalue {
    Rvalue::Use(Operand::Const(Const::String(Symbol::intern(text))))
}

fn print(builder: &mut Builder, text: Local) {
    builder.call(None, Callee::Runtime(RuntimeFn::print), vec![value(text)], SPAN);
}

/// The bodies after the pass, which must satisfy the verifier.
fn owned(functions: Vec<Function>) -> String {
    let definitions = definitions();
    let managed = Managed::new(&definitions);
    let mut mir = Mir { functions: functions.into_iter().collect(), ..Mir::default() };
    let is_managed = |ty| managed.needs_release(ty);
    assert_eq!(verify(&mir, &definitions, Phase::Mono, &is_managed), []);
    run(&mut mir, &managed);
    let text = MirPrinter::new(&mir, &definitions, Library::Shown).to_string();
    let violations = verify(&mir, &definitions, Phase::Owned, &is_managed);
    assert!(violations.is_empty(), "{violations:?}\n{text}");
    let is_declaration = |line: &&str| !line.trim_start().starts_with("let ");
    text.lines().filter(is_declaration).map(|line| format!("{}\n", line.trim())).collect()
}

/// The first function after the pass, without its head and its closing brace.
fn owned_body(builder: Builder) -> String {
    let text = owned(vec![finish(builder)]);
    text.lines().skip(1).filter(|line| *line != "}").map(|line| format!("{line}\n")).collect()
}

#[track_caller]
fn assert_lines(found: &str, expected: &str) {
    let expected: String = expected.trim().lines().map(|line| format!("{}\n", line.trim())).collect();
    assert_eq!(found, expected, "found:\n{found}");
}

#[test]
fn the_last_use_moves_and_an_earlier_one_copies() {
    let mut builder = begin("f", Ty::tuple(&[Ty::string(), Ty::string()]));
    let text = builder.assign_temp(Ty::string(), string("a"), SPAN);
    let pair =
        Rvalue::Aggregate(Ty::tuple(&[Ty::string(), Ty::string()]), None, vec![use_of(text), use_of(text)]);
    builder.assign(Function::RESULT, pair, SPAN);
    assert_lines(
        &owned_body(builder),
        r#"
        bb0:
        _1 = "a"
        _0 = (copy _1, move _1)
        return
        "#,
    );
}

#[test]
fn a_value_that_is_only_read_is_released_after_its_last_use() {
    let mut builder = begin("f", Ty::unit());
    let text = builder.assign_temp(Ty::string(), string("a"), SPAN);
    print(&mut builder, text);
    print(&mut builder, text);
    assert_lines(
        &owned_body(builder),
        r#"
        bb0:
        _1 = "a"
        runtime print(borrow _1)
        runtime print(borrow _1)
        release _1
        return
        "#,
    );
}

#[test]
fn a_value_used_on_one_branch_is_released_on_the_edge_to_the_other() {
    let mut builder = begin("f", Ty::unit());
    let condition = builder.param(Ty::bool(), None, LocalKind::Borrowed);
    let text = builder.assign_temp(Ty::string(), string("a"), SPAN);
    let (then, end) = (builder.new_block(), builder.new_block());
    builder.branch(use_of(condition), then, end, SPAN);
    builder.switch_to(then);
    print(&mut builder, text);
    builder.goto_and_switch(end, SPAN);
    assert_lines(
        &owned_body(builder),
        r#"
        bb0:
        _2 = "a"
        if copy _1 then bb1 else bb3
        bb1:
        runtime print(borrow _2)
        release _2
        goto bb2
        bb2:
        return
        bb3:
        release _2
        goto bb2
        "#,
    );
}

#[test]
fn parameters_given_away_are_owned_and_arguments_move() {
    let mut identity = begin("identity", Ty::string());
    let param = identity.param(Ty::string(), None, LocalKind::Borrowed);
    identity.assign(Function::RESULT, Rvalue::Use(use_of(param)), SPAN);
    let mut caller = begin("caller", Ty::unit());
    let text = caller.assign_temp(Ty::string(), string("a"), SPAN);
    caller.call(Some(text.into()), Callee::Function(FunctionId(0)), vec![value(text)], SPAN);
    print(&mut caller, text);
    assert_lines(
        &owned(vec![finish(identity), finish(caller)]),
        r#"
        fn identity(own _1: String) -> String {
        bb0:
        _0 = move _1
        return
        }

        fn caller() -> Unit {
        bb0:
        _1 = "a"
        _1 = identity(move _1)
        runtime print(borrow _1)
        release _1
        return
        }
        "#,
    );
}

#[test]
fn an_old_value_that_the_call_needs_is_released_after_it() {
    let mut builder = begin("f", Ty::string());
    let text = builder.assign_temp(Ty::string(), string("a"), SPAN);
    let concat = Callee::Runtime(RuntimeFn::string_concat);
    builder.call(Some(text.into()), concat, vec![value(text), value(text)], SPAN);
    builder.assign(Function::RESULT, Rvalue::Use(use_of(text)), SPAN);
    assert_lines(
        &owned_body(builder),
        r#"
        bb0:
        _1 = "a"
        _2 = runtime string_concat(borrow _1, borrow _1)
        release _1
        _1 = move _2
        _0 = move _1
        return
        "#,
    );
}

#[test]
fn a_payload_moves_out_of_its_last_use() {
    let option = Ty::enumeration(OPTION, &[Ty::string()]);
    let mut builder = begin("f", Ty::string());
    let text = builder.assign_temp(Ty::string(), string("a"), SPAN);
    let some = Rvalue::Aggregate(option, Some(VariantId(0)), vec![use_of(text)]);
    let some = builder.assign_temp(option, some, SPAN);
    let payload = Place::from(some).project(Projection::VariantField(VariantId(0), FieldId(0)));
    builder.assign(Function::RESULT, Rvalue::Use(use_of(payload)), SPAN);
    assert_lines(
        &owned_body(builder),
        r#"
        bb0:
        _1 = "a"
        _2 = Option<String>::Some(move _1)
        _0 = move _2.Some.0
        return
        "#,
    );
}

#[test]
fn a_field_moves_out_and_the_others_are_released() {
    let pair = Ty::structure(PAIR, &[]);
    let mut builder = begin("f", Ty::string());
    let text = builder.assign_temp(Ty::string(), string("a"), SPAN);
    let both = Rvalue::Aggregate(pair, None, vec![use_of(text), use_of(text)]);
    let both = builder.assign_temp(pair, both, SPAN);
    let name = Place::from(both).project(Projection::Field(FieldId(0)));
    builder.assign(Function::RESULT, Rvalue::Use(use_of(name)), SPAN);
    assert_lines(
        &owned_body(builder),
        r#"
        bb0:
        _1 = "a"
        _2 = Pair(copy _1, move _1)
        _0 = move _2.name
        release _2.other
        return
        "#,
    );
}

#[test]
fn a_field_that_is_assigned_releases_what_it_held() {
    let pair = Ty::structure(PAIR, &[]);
    let mut builder = begin("f", Ty::unit());
    let both = builder.param(pair, None, LocalKind::Inout);
    let name = Place::from(both).project(Projection::Field(FieldId(0)));
    let other = Place::from(both).project(Projection::Field(FieldId(1)));
    builder.assign(name.clone(), string("a"), SPAN);
    builder.assign(name, Rvalue::Use(use_of(other)), SPAN);
    assert_lines(
        &owned_body(builder),
        r#"
        bb0:
        release _1.name
        _1.name = "a"
        _2 = copy _1.other
        release _1.name
        _1.name = move _2
        return
        "#,
    );
}

#[test]
fn a_loop_that_replaces_its_variable_moves_it_around() {
    let mut append = begin("append", Ty::string());
    let param = append.param(Ty::string(), None, LocalKind::Borrowed);
    append.assign(Function::RESULT, Rvalue::Use(use_of(param)), SPAN);
    let mut builder = begin("f", Ty::string());
    let count = builder.param(Ty::int(), None, LocalKind::Borrowed);
    let text = builder.assign_temp(Ty::string(), string("a"), SPAN);
    let (head, body, end) = (builder.new_block(), builder.new_block(), builder.new_block());
    builder.goto_and_switch(head, SPAN);
    let zero = Operand::Const(Const::Int(0, Ty::int()));
    let more = Rvalue::Binary(BinaryOp::Gt, use_of(count), zero);
    let more = builder.assign_temp(Ty::bool(), more, SPAN);
    builder.branch(use_of(more), body, end, SPAN);
    builder.switch_to(body);
    builder.call(Some(text.into()), Callee::Function(FunctionId(0)), vec![value(text)], SPAN);
    builder.goto_and_switch(head, SPAN);
    builder.switch_to(end);
    builder.assign(Function::RESULT, Rvalue::Use(use_of(text)), SPAN);
    let text = owned(vec![finish(append), finish(builder)]);
    assert!(text.contains("_2 = append(move _2)\n"), "{text}");
    assert!(!text.contains("copy _2") && !text.contains("release"), "{text}");
}

#[test]
fn what_a_runtime_call_did_not_fill_is_forgotten() {
    let channel = Ty::new(TyKind::ChannelHandle(Ty::string()));
    let mut builder = begin("f", Ty::unit());
    let channel = builder.param(channel, None, LocalKind::Borrowed);
    let slot = builder.temp(Ty::string());
    let received = builder.temp(Ty::int());
    let args = vec![value(channel), Argument::Place(slot.into())];
    builder.call(Some(received.into()), Callee::Runtime(RuntimeFn::channel_recv), args, SPAN);
    let (some, none) = (builder.new_block(), builder.new_block());
    builder.terminate(TerminatorKind::Switch(use_of(received), vec![(0, none)], some), SPAN);
    builder.switch_to(none);
    builder.push(StatementKind::Forget(slot), SPAN);
    builder.terminate(TerminatorKind::Return, SPAN);
    builder.switch_to(some);
    assert_lines(
        &owned_body(builder),
        r#"
        bb0:
        _3 = runtime channel_recv(borrow _1, &_2)
        switch copy _3: 0 -> bb1, else -> bb2
        bb1:
        forget _2
        return
        bb2:
        release _2
        return
        "#,
    );
}
