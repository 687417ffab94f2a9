//! What arms of a `select` are to send.
//!
//! An offer is given away where it is made, with its region, as if one of its arms were sure to be chosen. In the arms that have not sent it
//! the region is taken back: until then the task that waits has used nothing of it, and nobody else has seen it.
//!
//! So in the arm that has sent it, variables of the region are left that would have been released before, had they not been used in another
//! arm. Letting go of a reference late is no race. A `deinit` that runs then might be one: what could run any is not taken back, and so
//! released before the offer is made. The variable that was sent is, as it has no reference of its own while the offer stands.

use plat_syntax::hash::HashSet;

use super::flow::Flow;
use super::journal::Journal;
use super::partition::Partition;
use crate::hir::Definitions;
use crate::mir::boxing::{MAX_PARTS, contained_tys, has_at_most_parts};
use crate::mir::typing::field_tys;
use crate::mir::{Function, Local, Mir, Operand, Rvalue, StatementKind};
use crate::types::{Ty, TyKind};

impl Flow<'_> {
    /// Takes the region of an offer back.
    pub(super) fn withdraw(
        &self,
        offer: Local,
        variable: Option<Local>,
        state: &mut Partition,
        journal: &Journal,
    ) {
        let Some(element) = self.elements.of(offer) else { return };
        if let Some(gift) = journal.gift_of_offer(element) {
            for given in state.given_by(gift) {
                match self.elements.local(given).filter(|&local| self.is_used_after(journal.at(), local)) {
                    Some(local) if self.may_run_deinit(local) => {}
                    Some(_) => {
                        state.take_back(given);
                        state.join(element, given);
                    }
                    // It would only join to the rest what it once was one region with.
                    None => state.detach(given),
                }
            }
        }
        if let Some(variable) = variable
            && let Some(restored) = self.elements.of(variable)
        {
            if !self.is_referenced(variable) {
                state.detach(restored);
            }
            state.join(restored, element);
        }
        state.detach(element);
    }

    fn may_run_deinit(&self, local: Local) -> bool {
        may_run_deinit(&self.hir.definitions, self.function.locals[local].ty)
    }
}

/// Makes assignments of what goes back to variables.
pub(super) fn settle(mir: &mut Mir) {
    for function in mir.functions.iter_mut() {
        settle_in(function);
    }
}

fn settle_in(function: &mut Function) {
    for block in function.blocks.iter_mut() {
        block.statements.retain_mut(|statement| match statement.kind {
            StatementKind::Withdraw { offer, variable: Some(variable) } => {
                let value = Rvalue::Use(Operand::Use(offer.into()));
                statement.kind = StatementKind::Assign(variable.into(), value);
                true
            }
            StatementKind::Withdraw { variable: None, .. } => false,
            _ => true,
        });
    }
}

/// Whether a `deinit` of the program, as far as can be told, may run when a value of this type is released. Those of the library look at
/// nothing but their own object.
pub(super) fn may_run_deinit(definitions: &Definitions, ty: Ty) -> bool {
    if !definitions.classes.iter().any(|class| class.deinit.is_some() && !class.is_library) {
        return false;
    }
    let (mut pending, mut seen) = (vec![ty], HashSet::default());
    while let Some(ty) = pending.pop() {
        match *ty.kind() {
            TyKind::Param(..) | TyKind::Interface(..) | TyKind::Fn(_) => return true,
            _ if definitions.has_deinit(ty) => return true,
            // Types without end are found out when the program's instances are made.
            _ if !has_at_most_parts(ty, MAX_PARTS) => return true,
            _ if !seen.insert(ty) => {}
            TyKind::Class(..) => pending.extend(field_tys(definitions, ty, None).unwrap_or_default()),
            TyKind::Buffer(part) | TyKind::Task(part) | TyKind::Weak(part) => pending.push(part),
            _ => pending.extend(contained_tys(definitions, ty)),
        }
    }
    false
}
