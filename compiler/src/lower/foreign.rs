//! Functions of C: each is a function of the program that calls it, so that it is like any other to those who use it.

use super::ProgramLowerer;
use super::function::shell;
use crate::hir::FnId;
use crate::mir::builder::Builder;
use crate::mir::printer::function_name;
use crate::mir::{
    Argument, Callee, Function, FunctionId, FunctionKind, LocalKind, Operand, Place, TerminatorKind,
};

/// The function that calls the foreign function `id` with its own parameters.
pub(super) fn lower(program: &mut ProgramLowerer<'_>, id: FnId) -> FunctionId {
    let function = program.function(id);
    let (span, result) = (function.span, function.result.ty);
    let name = function_name(program.definitions(), id);
    let mut builder = Builder::new(shell(program, id, name, FunctionKind::Plain, span), result);
    let mut args = Vec::with_capacity(function.params.len());
    for param in &function.params {
        let local = builder.param(param.ty.ty, Some(param.name), LocalKind::Borrowed);
        args.push(Argument::Value(Operand::Use(local.into())));
    }
    let has_result = !result.is_unit() && !result.is_never();
    let target = has_result.then(|| Place::from(Function::RESULT));
    builder.call(target, Callee::Foreign(id), args, span);
    let end = if result.is_never() { TerminatorKind::Unreachable } else { TerminatorKind::Return };
    builder.terminate(end, span);
    program.add(builder.finish())
}
