//! What a statement does to the locals whose ownership is followed.

use plat_syntax::index::Id;

use super::modes::Signatures;
use crate::mir::holders::{Holders, HoldsFunctions, PASSES_ALL};
use crate::mir::managed::Managed;
use crate::mir::visit::Access;
use crate::mir::{
    Argument, Callee, Capture, Function, Local, LocalKind, Operand, Rvalue, StatementKind, Storage,
    TerminatorKind,
};
use crate::passes::loops::view_owners;

/// The locals that own something: not numbers, and not what the caller keeps.
pub(super) struct Tracked {
    flags: Vec<bool>,
    /// Of each view, the locals that own what it shows.
    owners: Vec<Vec<Local>>,
    /// Of each local, those that the closures it may hold need: using it uses them. Empty where no closure needs any.
    needs: Vec<Vec<Local>>,
}

impl Tracked {
    pub(super) fn new(function: &Function, managed: &Managed<'_>, holds: &HoldsFunctions<'_>) -> Self {
        let owns = |kind| matches!(kind, LocalKind::Owned | LocalKind::Variable | LocalKind::Result);
        let flags = function.locals.iter();
        let flags = flags.map(|decl| owns(decl.kind) && managed.needs_release(decl.ty)).collect();
        let holders = Holders::solve(function, holds, PASSES_ALL);
        let needs = if holders.has_needs() {
            function.locals.ids().map(|local| holders.needs(local)).collect()
        } else {
            Vec::new()
        };
        Self { flags, owners: view_owners(function), needs }
    }

    /// The locals that own what the local shows, if that is a view.
    pub(super) fn owners(&self, local: Local) -> &[Local] {
        self.owners.get(local.index()).map_or(&[], Vec::as_slice)
    }

    /// The locals that the closures in the local need.
    pub(super) fn needs(&self, local: Local) -> &[Local] {
        self.needs.get(local.index()).map_or(&[], Vec::as_slice)
    }

    pub(super) fn contains(&self, local: Local) -> bool {
        self.flags.get(local.index()).copied().unwrap_or_default()
    }
}

/// What a statement does to tracked locals. One that it both uses and defines is used first.
#[derive(Default, Debug)]
pub(super) struct Effects {
    /// It needs the value that the local holds.
    pub(super) uses: Vec<Local>,
    /// It gives the local, all of it, a new value.
    pub(super) defines: Vec<Local>,
}

impl Effects {
    pub(super) fn of(kind: &StatementKind, tracked: &Tracked) -> Self {
        let mut effects = Self::default();
        kind.for_each_operand(|operand| effects.read(operand, tracked));
        if let StatementKind::Call { callee, args, .. } = kind {
            effects.addresses(callee, args, tracked);
        }
        kind.for_each_place(|place, access| match access {
            Access::Address => {}
            Access::Assign if place.projections.is_empty() => effects.define(place.local, tracked),
            _ => effects.used(place.local, tracked),
        });
        match kind {
            StatementKind::Forget(local) => effects.used(*local, tracked),
            StatementKind::Defer { captures, .. } => {
                captures.iter().for_each(|place| effects.used(place.local, tracked));
            }
            StatementKind::Touch(locals) => locals.iter().for_each(|&local| effects.used(local, tracked)),
            _ => {}
        }
        effects
    }

    pub(super) fn of_terminator(kind: &TerminatorKind, tracked: &Tracked) -> Self {
        let mut effects = Self::default();
        if let Some(operand) = kind.operand() {
            effects.read(operand, tracked);
        }
        if *kind == TerminatorKind::Return {
            effects.used(Function::RESULT, tracked);
        }
        effects
    }

    fn read(&mut self, operand: &Operand, tracked: &Tracked) {
        if let Some(place) = operand.place() {
            self.used(place.local, tracked);
        }
    }

    fn addresses(&mut self, callee: &Callee, args: &[Argument], tracked: &Tracked) {
        for (position, arg) in args.iter().enumerate() {
            match arg {
                Argument::Place(place) if callee.fills(position) => self.define(place.local, tracked),
                Argument::Place(place) => self.used(place.local, tracked),
                Argument::Value(_) => {}
            }
        }
    }

    /// What uses a view needs its owners.
    fn used(&mut self, local: Local, tracked: &Tracked) {
        for &used in [local].iter().chain(tracked.owners(local)) {
            self.add_use(used, tracked);
            for &needed in tracked.needs(used) {
                self.add_use(needed, tracked);
            }
        }
    }

    fn add_use(&mut self, local: Local, tracked: &Tracked) {
        for &owner in tracked.owners(local) {
            self.add_tracked(owner, tracked);
        }
        self.add_tracked(local, tracked);
    }

    fn add_tracked(&mut self, local: Local, tracked: &Tracked) {
        if tracked.contains(local) && !self.uses.contains(&local) {
            self.uses.push(local);
        }
    }

    fn define(&mut self, local: Local, tracked: &Tracked) {
        if tracked.contains(local) && !self.defines.contains(&local) {
            self.defines.push(local);
        }
    }
}

/// Of each operand of a statement, in order, whether its value goes somewhere that keeps it.
pub(super) fn consumed_operands(kind: &StatementKind, signatures: &Signatures) -> Vec<bool> {
    let all = |consumes: bool| {
        let mut consumed = Vec::new();
        kind.for_each_operand(|_| consumed.push(consumes));
        consumed
    };
    match kind {
        StatementKind::Assign(_, Rvalue::Closure(closure))
        | StatementKind::Init(_, Rvalue::Closure(closure)) => {
            let takes = closure.captures.iter().filter_map(|capture| match capture {
                Capture::Value(_) => Some(closure.storage == Storage::Heap),
                Capture::Owned(_) => Some(true),
                Capture::Place(_) => None,
            });
            takes.collect()
        }
        StatementKind::Assign(_, rvalue) | StatementKind::Init(_, rvalue) => all(matches!(
            rvalue,
            Rvalue::Use(_) | Rvalue::Aggregate(..) | Rvalue::Interface(..) | Rvalue::Reinterpret(..)
        )),
        StatementKind::Call { callee, args, .. } => {
            let values = args.iter().enumerate().filter(|(_, arg)| matches!(arg, Argument::Value(_)));
            values.map(|(position, _)| signatures.takes(callee, position)).collect()
        }
        StatementKind::Spawn { captures, .. } => {
            let mut consumed = all(true);
            let others = consumed.len() - captures.len();
            consumed[..others].fill(false);
            consumed
        }
        _ => all(false),
    }
}
