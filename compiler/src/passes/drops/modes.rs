//! Which parameters a function owns: those that its body gives away, or passes to a function that does.
//!
//! A parameter that the body only reads is borrowed, and costs neither side a count. The captures of a task are always
//! owned: nobody else is there to release them. A value whose release the program can observe stays its caller's, unless the
//! parameter is written `move`.

use plat_syntax::hash::HashSet;
use plat_syntax::index::{Id, IndexVec};

use super::effects::consumed_operands;
use crate::hir::ParamMode;
use crate::mir::managed::Managed;
use crate::mir::{
    Callee, Entry, EntryId, Function, FunctionId, FunctionKind, Local, LocalKind, Mir, Operand, Statement,
    StatementKind,
};
use crate::types::Ty;

/// How functions take their arguments and what they return.
pub(super) struct Signatures {
    functions: IndexVec<FunctionId, Signature>,
    entries: IndexVec<EntryId, Signature>,
}

struct Signature {
    /// Of each parameter, whether the function owns it.
    owns: Vec<bool>,
    result: Ty,
}

impl Signatures {
    /// Whether a callee takes ownership of the argument at this position. Runtime functions take values by address only.
    pub(super) fn takes(&self, callee: &Callee, position: usize) -> bool {
        match callee {
            Callee::Function(id) => self.functions[*id].owns[position],
            Callee::Value(ty) => position > 0 && gives_away(*ty, position - 1),
            Callee::Entry(id) => self.entries[*id].owns[position],
            _ => false,
        }
    }

    /// What a function of the program returns.
    pub(super) fn result(&self, callee: &Callee) -> Option<Ty> {
        match callee {
            Callee::Function(id) => Some(self.functions[*id].result),
            Callee::Value(ty) => Some(ty.signature()?.result()),
            Callee::Entry(id) => Some(self.entries[*id].result),
            _ => None,
        }
    }
}

/// Whether callers of values of a function type give this argument away.
fn gives_away(ty: Ty, position: usize) -> bool {
    ty.signature().and_then(|it| it.modes().get(position).copied()) == Some(ParamMode::Move)
}

/// The signatures of all functions as they are now.
pub(super) fn signatures(mir: &Mir) -> Signatures {
    let of = |function: &Function| Signature {
        owns: function.params().map(|param| function.locals[param].kind == LocalKind::Owned).collect(),
        result: function.result_ty(),
    };
    let of_entry = |entry: &Entry| Signature {
        owns: entry.params.iter().map(|&(kind, _)| kind == LocalKind::Owned).collect(),
        result: entry.result,
    };
    Signatures {
        functions: mir.functions.iter().map(of).collect(),
        entries: mir.entries.iter().map(of_entry).collect(),
    }
}

/// Makes parameters owned until all that are given away are.
pub(super) fn infer(mir: &mut Mir, managed: &Managed<'_>) {
    for function in mir.functions.iter_mut().filter(|function| function.kind == FunctionKind::TaskBody) {
        for param in function.params() {
            own(function, param, managed);
        }
    }
    let mut signatures = signatures(mir);
    // Calls through a table know only the modes of its entry.
    let in_tables: HashSet<FunctionId> =
        mir.tables.iter().flat_map(|table| &table.methods).copied().collect();
    let mut changed = true;
    while std::mem::take(&mut changed) {
        for (id, function) in mir.functions.ids().zip(mir.functions.iter_mut()) {
            if in_tables.contains(&id) {
                continue;
            }
            for param in consumed_params(function, &signatures) {
                if own(function, param, managed) {
                    signatures.functions[id].owns[param.index() - 1] = true;
                    changed = true;
                }
            }
        }
    }
}

/// Makes a parameter owned, and says whether it was not before.
fn own(function: &mut Function, param: Local, managed: &Managed<'_>) -> bool {
    let is_task = function.kind == FunctionKind::TaskBody;
    let decl = &mut function.locals[param];
    // When a value goes must not depend on what a function happens to do with it, if the program can tell.
    let may_own = is_task || !managed.is_observed(decl.ty);
    let becomes_owned = decl.kind == LocalKind::Borrowed && may_own && managed.needs_release(decl.ty);
    if becomes_owned {
        decl.kind = LocalKind::Owned;
    }
    becomes_owned
}

/// The parameters that the body gives away, all of them.
fn consumed_params(function: &Function, signatures: &Signatures) -> Vec<Local> {
    let mut params = Vec::new();
    // A view takes nothing.
    let takes = |statement: &&Statement| !makes_view(function, &statement.kind);
    for statement in function.statements().filter(takes) {
        let mut consumed = consumed_operands(&statement.kind, signatures).into_iter();
        statement.kind.for_each_operand(|operand| {
            let local = whole_local(operand).filter(|local| (1..=function.param_count).contains(&local.0));
            if consumed.next() == Some(true) {
                params.extend(local);
            }
        });
    }
    params
}

fn makes_view(function: &Function, kind: &StatementKind) -> bool {
    let StatementKind::Assign(target, _) = kind else { return false };
    target.as_local().is_some_and(|local| function.locals[local].kind == LocalKind::View)
}

fn whole_local(operand: &Operand) -> Option<Local> {
    operand.place()?.as_local()
}
