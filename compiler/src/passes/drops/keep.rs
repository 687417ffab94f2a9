//! Variables that keep their value until their block ends, where the program can tell.
//!
//! `lower` says by `KeepAlive` where that is. A value that its last use moves away is gone before; where that happens on
//! some of the ways that lead to the end of the block only, the use copies instead, so that no flag is needed at run
//! time to say whether there still is something to release. What is not surely there at the end, a temporary of a branch
//! for example, is released after its last use.

use plat_syntax::hash::HashSet;
use plat_syntax::index::IndexVec;

use super::effects::{Effects, Tracked, consumed_operands};
use super::liveness::Liveness;
use super::modes::Signatures;
use super::ownership::target_mut;
use crate::mir::holders::HoldsFunctions;
use crate::mir::local_set::LocalSet;
use crate::mir::managed::Managed;
use crate::mir::{BlockId, Function, Local, LocalKind, Operand, Place, Rvalue, Statement, StatementKind};

/// Leaves those `KeepAlive`s that say where a value is to be released.
pub(super) fn run(
    function: &mut Function,
    signatures: &Signatures,
    managed: &Managed<'_>,
    holds: &HoldsFunctions<'_>,
) {
    let kept = kept_locals(function, managed);
    if kept.is_empty() {
        drop_keeps(function, |_, _, _| false);
        return;
    }
    keep_until_replaced(function, &kept);
    let tracked = Tracked::new(function, managed, holds);
    let mut never_moved = HashSet::default();
    loop {
        let mut flow = Flow {
            function,
            signatures,
            tracked: &tracked,
            kept: &kept,
            never_moved: &never_moved,
            uses: None,
        };
        let found = flow.solve();
        let undecided: Vec<Local> =
            found.undecided.iter().copied().filter(|local| !never_moved.contains(local)).collect();
        if undecided.is_empty() {
            let held = found.held;
            drop_keeps(function, |block, position, _| held.contains(&(block, position)));
            return;
        }
        never_moved.extend(undecided);
    }
}

/// The locals that are kept alive and of a type that makes a difference.
fn kept_locals(function: &Function, managed: &Managed<'_>) -> HashSet<Local> {
    let statements = function.blocks.iter().flat_map(|block| &block.statements);
    let kept = statements.filter_map(|statement| match &statement.kind {
        StatementKind::KeepAlive(place) => place.as_local(),
        _ => None,
    });
    kept.filter(|&local| {
        let decl = &function.locals[local];
        let is_own = matches!(decl.kind, LocalKind::Variable | LocalKind::Owned);
        is_own && managed.is_observed(decl.ty)
    })
    .collect()
}

fn drop_keeps(function: &mut Function, is_kept: impl Fn(BlockId, usize, &Place) -> bool) {
    for (id, block) in function.blocks.ids().zip(function.blocks.iter_mut()) {
        let mut position = 0;
        block.statements.retain(|statement| {
            let keep = match &statement.kind {
                StatementKind::KeepAlive(place) => is_kept(id, position, place),
                _ => true,
            };
            position += 1;
            keep
        });
    }
}

/// A variable that is assigned again keeps its value until the new one has been computed.
fn keep_until_replaced(function: &mut Function, kept: &HashSet<Local>) {
    for id in function.blocks.ids() {
        let statements = std::mem::take(&mut function.blocks[id].statements);
        let mut output = Vec::with_capacity(statements.len());
        for Statement { mut kind, span, site } in statements {
            let target = target_mut(&mut kind).and_then(|place| place.as_local());
            let Some(local) = target.filter(|local| kept.contains(local)) else {
                output.push(Statement { kind, span, site });
                continue;
            };
            let temp = function.add_temp(function.locals[local].ty);
            if let Some(place) = target_mut(&mut kind) {
                *place = temp.into();
            }
            output.push(Statement { kind, span, site });
            output.push(Statement { kind: StatementKind::KeepAlive(local.into()), span, site });
            let value = Rvalue::Use(Operand::Use(temp.into()));
            output.push(Statement { kind: StatementKind::Assign(local.into(), value), span, site });
        }
        function.blocks[id].statements = output;
    }
}

/// Where kept locals hold their value.
struct Flow<'a> {
    function: &'a Function,
    signatures: &'a Signatures,
    tracked: &'a Tracked,
    kept: &'a HashSet<Local>,
    never_moved: &'a HashSet<Local>,
    /// What is used later on, `KeepAlive`s not counted.
    uses: Option<Liveness>,
}

/// What may be held, and what may not be, at a point.
#[derive(Clone)]
struct State {
    full: LocalSet,
    empty: LocalSet,
}

#[derive(Default)]
struct Found {
    /// The `KeepAlive`s of what is surely held.
    held: HashSet<(BlockId, usize)>,
    /// Locals that are moved away on some of the ways to a `KeepAlive` only.
    undecided: Vec<Local>,
}

impl Flow<'_> {
    fn solve(&mut self) -> Found {
        let function = self.function;
        let mut without = function.clone();
        drop_keeps(&mut without, |_, _, _| false);
        self.uses = Some(Liveness::solve(&without, self.tracked));
        let nothing = LocalSet::new(function.locals.len());
        let unknown = State { full: nothing.clone(), empty: nothing };
        let mut on_entry = IndexVec::filled(function.blocks.len(), unknown);
        for &local in self.kept {
            let is_param = function.params().any(|param| param == local);
            let state = &mut on_entry[Function::ENTRY];
            if is_param { state.full.insert(local) } else { state.empty.insert(local) }
        }
        let order = function.reverse_postorder();
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for &id in &order {
                let mut state = on_entry[id].clone();
                self.walk(&without, id, &mut state, &mut Found::default());
                for successor in function.blocks[id].terminator.kind.successors() {
                    changed |= on_entry[successor].full.union_with(&state.full);
                    changed |= on_entry[successor].empty.union_with(&state.empty);
                }
            }
        }
        let mut found = Found::default();
        for &id in &order {
            let mut state = on_entry[id].clone();
            self.walk(&without, id, &mut state, &mut found);
        }
        found
    }

    /// Goes through a block, and notes what its `KeepAlive`s find.
    fn walk(&self, without: &Function, id: BlockId, state: &mut State, found: &mut Found) {
        let later = self.used_after(without, id);
        let mut plain = 0;
        for (position, statement) in self.function.blocks[id].statements.iter().enumerate() {
            if let StatementKind::KeepAlive(place) = &statement.kind {
                if let Some(local) = place.as_local().filter(|local| self.kept.contains(local)) {
                    match (state.full.contains(local), state.empty.contains(local)) {
                        (true, false) => {
                            found.held.insert((id, position));
                        }
                        (true, true) => found.undecided.push(local),
                        _ => {}
                    }
                }
                continue;
            }
            self.step(&statement.kind, &later[plain], state);
            plain += 1;
        }
    }

    /// Of each statement of a block without its `KeepAlive`s, the kept locals that are used after it.
    fn used_after(&self, without: &Function, id: BlockId) -> Vec<Vec<Local>> {
        let Some(uses) = &self.uses else { return Vec::new() };
        let mut live = uses.before_terminator(without, self.tracked, id);
        let mut after = Vec::new();
        for statement in without.blocks[id].statements.iter().rev() {
            after.push(self.kept.iter().copied().filter(|&local| live.contains(local)).collect());
            super::liveness::step_back(&mut live, &Effects::of(&statement.kind, self.tracked));
        }
        after.reverse();
        after
    }

    fn step(&self, kind: &StatementKind, used_after: &[Local], state: &mut State) {
        let effects = Effects::of(kind, self.tracked);
        for local in self.moved(kind) {
            let is_last = !used_after.contains(&local) || effects.defines.contains(&local);
            if is_last && !self.never_moved.contains(&local) {
                state.full.remove(local);
                state.empty.insert(local);
            }
        }
        if let StatementKind::Forget(local) = kind
            && self.kept.contains(local)
        {
            state.full.remove(*local);
            state.empty.insert(*local);
        }
        for &local in effects.defines.iter().filter(|local| self.kept.contains(local)) {
            state.empty.remove(local);
            state.full.insert(local);
        }
    }

    /// The kept locals that the statement consumes and does nothing else with.
    fn moved(&self, kind: &StatementKind) -> Vec<Local> {
        let mut mentions: Vec<(Local, bool)> = Vec::new();
        let mut consumed = consumed_operands(kind, self.signatures).into_iter();
        kind.for_each_operand(|operand| {
            let consumes = consumed.next() == Some(true);
            if let Some(place) = operand.place().filter(|place| self.kept.contains(&place.local)) {
                mentions.push((place.local, consumes && place.projections.is_empty()));
            }
        });
        kind.for_each_place(|place, _| mentions.push((place.local, false)));
        let once = |&&(local, is_move): &&(Local, bool)| {
            is_move && mentions.iter().filter(|&&(other, _)| other == local).count() == 1
        };
        mentions.iter().filter(once).map(|&(local, _)| local).collect()
    }
}
