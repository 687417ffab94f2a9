//! What functions are given to be called under something, a lock or in a transaction: their parameters that are called there, or passed on
//! to a function that does.

use plat_syntax::index::{Id, IndexVec};

use super::effects::EffectMap;
use crate::mir::{Argument, Callee, Function, FunctionId, Local, Mir, StatementKind};
use crate::types::TyKind;

/// Of each function, the parameters that it calls under that, or passes on to a function that does.
pub(super) struct Under(IndexVec<FunctionId, Vec<Local>>);

impl Under {
    /// Finds them, beginning with all parameters that are functions of those functions for which `calls` holds.
    pub(super) fn solve(mir: &Mir, effects: &EffectMap<'_>, calls: impl Fn(&Function) -> bool) -> Self {
        let first = |function| if calls(function) { function_params(function) } else { Vec::new() };
        let mut under = Self(mir.functions.iter().map(first).collect());
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for (id, function) in mir.functions.iter_enumerated() {
                for statement in function.statements() {
                    let args = under.args(&statement.kind).into_iter();
                    let passed: Vec<Local> = args.flat_map(|arg| effects.params_in(id, arg)).collect();
                    for param in passed {
                        if !under.0[id].contains(&param) {
                            under.0[id].push(param);
                            changed = true;
                        }
                    }
                }
            }
        }
        under
    }

    /// The arguments of a call that are called under that.
    pub(super) fn args<'m>(&self, kind: &'m StatementKind) -> Vec<&'m Argument> {
        match kind {
            StatementKind::Call { callee: Callee::Function(callee), args, .. } => {
                self.0[*callee].iter().filter_map(|param| args.get(param.index() - 1)).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The parameters that are functions.
pub(super) fn function_params(function: &Function) -> Vec<Local> {
    let is_function = |param: &Local| matches!(function.locals[*param].ty.kind(), TyKind::Fn(_));
    function.params().filter(is_function).collect()
}
