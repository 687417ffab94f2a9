//! Which locals hold something that must be released, at each point of owned MIR: what the unwinder releases. Guards that are set
//! count as such, and so do shields, uses of fields and open scopes: the unwinder runs the `defer`s, ends shields and uses, and closes the
//! scopes.

use plat_syntax::index::IndexVec;

use super::local_set::LocalSet;
use super::managed::Managed;
use crate::mir::visit::Access;
use crate::mir::{
    Argument, BlockId, Function, Local, LocalKind, Operand, Place, Projection, StatementKind, UseStep,
};

/// What the owning locals of a function hold. Whether one holds something is the same on every path to a point.
pub struct Held {
    on_entry: IndexVec<BlockId, LocalSet>,
    /// Locals that own, of a type with something to release.
    owning: LocalSet,
}

impl Held {
    /// Solves the dataflow of a function of owned MIR.
    pub fn solve(function: &Function, managed: &Managed<'_>) -> Self {
        let mut owning = LocalSet::new(function.locals.len());
        let owns = |kind| matches!(kind, LocalKind::Owned | LocalKind::Variable | LocalKind::Result);
        for (local, decl) in function.locals.iter_enumerated() {
            let is_guard =
                matches!(decl.kind, LocalKind::Guard | LocalKind::Shield | LocalKind::Use | LocalKind::Scope);
            if is_guard || owns(decl.kind) && managed.needs_release(decl.ty) {
                owning.insert(local);
            }
        }
        let nothing = LocalSet::new(function.locals.len());
        let mut held = Self { on_entry: IndexVec::filled(function.blocks.len(), nothing), owning };
        for param in function.params().filter(|&param| held.owning.contains(param)) {
            held.on_entry[Function::ENTRY].insert(param);
        }
        // One pass is enough: a predecessor in this order comes before the block, or agrees with one that does.
        for id in function.reverse_postorder() {
            let mut state = held.on_entry[id].clone();
            for statement in &function.blocks[id].statements {
                held.step(&mut state, &statement.kind);
            }
            for successor in function.blocks[id].terminator.kind.successors() {
                held.on_entry[successor].union_with(&state);
            }
        }
        held
    }

    /// What is held where a block begins.
    pub fn on_entry(&self, block: BlockId) -> &LocalSet {
        &self.on_entry[block]
    }

    /// What the unwinder releases if the statement unwinds: what is held before it, without what it moves away or releases: a
    /// panic of a `deinit` is raised when the release is over.
    pub fn across(&self, before: &LocalSet, kind: &StatementKind) -> LocalSet {
        let mut across = before.clone();
        match kind {
            StatementKind::Release(place) => {
                if let Some(local) = place.as_local() {
                    across.remove(local);
                }
            }
            // It is closed when it raises something.
            StatementKind::ScopeExit(scope) | StatementKind::ScopeLeave(scope) => across.remove(*scope),
            _ => {}
        }
        kind.for_each_operand(|operand| {
            if let Operand::Move(place) = operand {
                take(&mut across, place);
            }
        });
        across
    }

    /// Changes what is held before a statement to what is held after it.
    pub fn step(&self, held: &mut LocalSet, kind: &StatementKind) {
        *held = self.across(held, kind);
        if let StatementKind::Call { callee, args, .. } = kind {
            for (position, arg) in args.iter().enumerate() {
                match arg {
                    Argument::Place(place) if callee.fills(position) => self.fill(held, place.local),
                    _ => {}
                }
            }
        }
        kind.for_each_place(|place, access| match access {
            Access::Assign if place.projections.is_empty() => self.fill(held, place.local),
            Access::Remove if place.projections.is_empty() => held.remove(place.local),
            _ => {}
        });
        match kind {
            StatementKind::Forget(local)
            | StatementKind::Disarm(local)
            | StatementKind::Unshield(local)
            | StatementKind::InUse(UseStep::End(local), _) => held.remove(*local),
            StatementKind::Defer { guard: local, .. }
            | StatementKind::Shield { shield: local, .. }
            | StatementKind::ScopeEnter(local)
            | StatementKind::InUse(UseStep::Begin(local), _) => held.insert(*local),
            _ => {}
        }
    }

    fn fill(&self, held: &mut LocalSet, local: Local) {
        if self.owning.contains(local) {
            held.insert(local);
        }
    }
}

/// A local of which a part is moved out is taken apart; only what stands in a block leaves that where
/// it is.
fn take(held: &mut LocalSet, place: &Place) {
    let leaves = |step: &Projection| {
        matches!(step, Projection::Element(_) | Projection::ClassField(_) | Projection::Content(_))
    };
    if !place.projections.iter().any(leaves) {
        held.remove(place.local);
    }
}
