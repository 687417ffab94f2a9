//! Puts type arguments in the place of type parameters throughout a function.

use crate::mir::{Callee, Const, Function, Operand, Primitive, Rvalue, StatementKind};
use crate::types::Ty;

/// Replaces parameter `n` by `args[n]` in every type that the function mentions.
pub(super) fn apply(function: &mut Function, args: &[Ty]) {
    if args.is_empty() {
        return;
    }
    let replace = |ty: &mut Ty| *ty = ty.substitute(args);
    for decl in function.locals.iter_mut() {
        replace(&mut decl.ty);
    }
    for block in function.blocks.iter_mut() {
        for statement in &mut block.statements {
            in_statement(&mut statement.kind, &replace);
        }
        if let Some(operand) = block.terminator.kind.operand_mut() {
            in_operand(operand, &replace);
        }
    }
}

fn in_statement(kind: &mut StatementKind, replace: &impl Fn(&mut Ty)) {
    kind.for_each_operand_mut(|operand| in_operand(operand, replace));
    match kind {
        StatementKind::Assign(_, rvalue) | StatementKind::Init(_, rvalue) => in_rvalue(rvalue, replace),
        _ => {}
    }
    if let Some(callee) = kind.callee_mut() {
        in_callee(callee, replace);
    }
}

fn in_operand(operand: &mut Operand, replace: &impl Fn(&mut Ty)) {
    if let Operand::Const(Const::Int(_, ty) | Const::Float(_, ty) | Const::TypeInfo(ty)) = operand {
        replace(ty);
    }
}

fn in_rvalue(rvalue: &mut Rvalue, replace: &impl Fn(&mut Ty)) {
    match rvalue {
        Rvalue::Cast(_, _, ty)
        | Rvalue::Aggregate(ty, _, _)
        | Rvalue::Fits(_, ty)
        | Rvalue::IsManaged(ty)
        | Rvalue::NewBuffer(ty, _)
        | Rvalue::Upgrade(_, ty)
        | Rvalue::Interface(ty, _)
        | Rvalue::Reinterpret(_, ty) => replace(ty),
        Rvalue::Closure(closure) => replace(&mut closure.ty),
        _ => {}
    }
}

fn in_callee(callee: &mut Callee, replace: &impl Fn(&mut Ty)) {
    match callee {
        Callee::Generic(_, args) | Callee::GenericBody(_, args) => args.iter_mut().for_each(replace),
        Callee::Glue(_, ty) | Callee::Value(ty) | Callee::Primitive(Primitive::Atomic(_, ty)) => replace(ty),
        Callee::Function(_)
        | Callee::Entry(_)
        | Callee::Runtime(_)
        | Callee::Primitive(_)
        | Callee::Foreign(_) => {}
    }
}
