//! What is mentioned exists and belongs to the phase.

use super::{Context, Phase, Report};
use crate::hir::FnBody;
use crate::mir::{
    Callee, Local, LocalKind, Operand, Place, Projection, Rvalue, StatementKind, TaskScope, TerminatorKind,
    UseStep,
};
use crate::types::Ty;

pub(super) fn check(context: &Context<'_>, report: &mut Report<'_>) {
    let function = report.function;
    report.require(!function.blocks.is_empty(), || "there is no entry".to_owned());
    for local in function.params() {
        report.require(function.locals.get(local).is_some(), || format!("parameter {local} does not exist"));
    }
    for (id, block) in function.blocks.iter_enumerated() {
        for (position, statement) in block.statements.iter().enumerate() {
            report.at(id, position);
            check_statement(context, report, &statement.kind);
        }
        report.at(id, block.statements.len());
        check_terminator(context, report, &block.terminator.kind);
    }
}

fn check_statement(context: &Context<'_>, report: &mut Report<'_>, kind: &StatementKind) {
    kind.for_each_operand(|operand| check_operand(context, report, operand));
    let takes_records = matches!(kind, StatementKind::Call { callee: Callee::Runtime(_), .. });
    kind.for_each_place(|place, _| match place.as_local() {
        Some(local) if takes_records && is_record(report, local) => {}
        _ => check_place(context, report, place),
    });
    match kind {
        StatementKind::Release(_) => {
            report
                .require(context.phase == Phase::Owned, || "a release before ownership is known".to_owned());
        }
        StatementKind::KeepAlive(_) => {
            report.require(context.phase != Phase::Owned, || "keeps alive what is owned".to_owned());
        }
        StatementKind::Withdraw { .. } => {
            report
                .require(context.phase == Phase::Built, || "withdraws what has been looked after".to_owned());
        }
        StatementKind::ScopeEnter(scope)
        | StatementKind::ScopeExit(scope)
        | StatementKind::ScopeLeave(scope) => check_kind(report, *scope, LocalKind::Scope),
        StatementKind::Spawn { scope, body, .. } => {
            if let TaskScope::Record(scope) = scope {
                check_kind(report, *scope, LocalKind::Scope);
            }
            check_callee(context, report, body);
        }
        StatementKind::Defer { guard, body, .. } => {
            check_kind(report, *guard, LocalKind::Guard);
            check_callee(context, report, body);
        }
        StatementKind::Disarm(guard) => check_kind(report, *guard, LocalKind::Guard),
        StatementKind::Shield { shield, guard } => {
            check_kind(report, *shield, LocalKind::Shield);
            check_kind(report, *guard, LocalKind::Guard);
        }
        StatementKind::Unshield(shield) => check_kind(report, *shield, LocalKind::Shield),
        StatementKind::InUse(UseStep::Begin(guard) | UseStep::End(guard), _) => {
            check_kind(report, *guard, LocalKind::Use);
        }
        StatementKind::Call { callee, .. } | StatementKind::Global { body: callee, .. } => {
            check_callee(context, report, callee);
        }
        StatementKind::Assign(_, Rvalue::Closure(closure))
        | StatementKind::Init(_, Rvalue::Closure(closure)) => {
            check_callee(context, report, &closure.body);
        }
        _ => {}
    }
}

fn check_kind(report: &mut Report<'_>, local: Local, kind: LocalKind) {
    let is_one = report.function.locals.get(local).is_some_and(|decl| decl.kind == kind);
    report.require(is_one, || format!("{local} is no {kind:?}"));
}

fn check_terminator(context: &Context<'_>, report: &mut Report<'_>, kind: &TerminatorKind) {
    if let Some(operand) = kind.operand() {
        check_operand(context, report, operand);
    }
    for successor in kind.successors() {
        let exists = report.function.blocks.get(successor).is_some();
        report.require(exists, || format!("{successor} does not exist"));
    }
}

fn check_operand(context: &Context<'_>, report: &mut Report<'_>, operand: &Operand) {
    let Some(place) = operand.place() else { return };
    check_place(context, report, place);
    let is_element = matches!(place.projections.last(), Some(Projection::Element(_)));
    let fits = match operand {
        Operand::Use(_) => context.phase != Phase::Owned,
        Operand::Move(_) => context.phase == Phase::Owned || is_element,
        Operand::Copy(_) | Operand::Borrow(_) => context.phase == Phase::Owned,
        Operand::Const(_) => true,
    };
    report.require(fits, || format!("{operand:?} does not belong to {:?} MIR", context.phase));
}

/// Whether the local is a record, whose address runtime functions take.
fn is_record(report: &Report<'_>, local: Local) -> bool {
    let is_record = |kind| matches!(kind, LocalKind::Scope | LocalKind::Selector(_));
    report.function.locals.get(local).is_some_and(|decl| is_record(decl.kind))
}

fn check_place(context: &Context<'_>, report: &mut Report<'_>, place: &Place) {
    let function = report.function;
    let Some(decl) = function.locals.get(place.local) else {
        report.violation(format!("{} does not exist", place.local));
        return;
    };
    let is_value = !matches!(
        decl.kind,
        LocalKind::Scope | LocalKind::Selector(_) | LocalKind::Guard | LocalKind::Shield | LocalKind::Use
    );
    report.require(is_value, || format!("{:?} {} is no value", decl.kind, place.local));
    for index in place.indices() {
        let is_int = function.locals.get(index).is_some_and(|decl| decl.ty == Ty::int());
        report.require(is_int, || format!("{index} is no index"));
    }
    if function.try_place_ty(context.definitions, place).is_none() {
        report.violation(format!("{place:?} steps into what is not there"));
    }
}

fn check_callee(context: &Context<'_>, report: &mut Report<'_>, callee: &Callee) {
    let (exists, phase_fits) = match callee {
        Callee::Generic(id, _) => {
            // What an interface asks for has no body of its own: `mono` finds the one that is meant.
            let is_required = || matches!(context.definitions.functions[*id].body, FnBody::Required);
            (context.by_origin.contains_key(id) || is_required(), context.phase == Phase::Built)
        }
        Callee::GenericBody(id, _) => {
            (context.mir.functions.get(*id).is_some(), context.phase == Phase::Built)
        }
        Callee::Function(id) => (context.mir.functions.get(*id).is_some(), context.phase != Phase::Built),
        Callee::Glue(..) => (true, context.phase == Phase::Built),
        Callee::Entry(id) => (context.mir.entries.get(*id).is_some(), context.phase != Phase::Built),
        Callee::Value(_) | Callee::Runtime(_) | Callee::Primitive(_) => (true, true),
        Callee::Foreign(id) => (matches!(context.definitions.functions[*id].body, FnBody::Foreign(_)), true),
    };
    report.require(exists, || format!("{callee:?} does not exist"));
    report.require(phase_fits, || format!("{callee:?} does not belong to {:?} MIR", context.phase));
}
