//! What is read was assigned on every path; in owned MIR, what is owned is given up exactly once on each.

use plat_syntax::index::Id;

use super::{Context, Phase, Report};
use crate::mir::visit::Access;
use crate::mir::{Callee, Function, Local, LocalKind, Operand, Place, StatementKind, TerminatorKind};

/// What a local holds when control reaches a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing.
    Empty,
    /// A value.
    Full,
    /// A value of which parts were moved or released. Which ones, is not followed.
    Partial,
    /// Nothing on some paths, a value on others.
    Mixed,
}

impl State {
    fn join(self, other: Self) -> Self {
        match (self, other) {
            _ if self == other => self,
            (Self::Mixed, _) | (_, Self::Mixed) => Self::Mixed,
            (Self::Partial, _) | (_, Self::Partial) => Self::Partial,
            _ => Self::Mixed,
        }
    }
}

/// Functions with more states of locals at blocks than this are taken on trust: only generators write them, and following them
/// would take longer than compiling them.
const MAX_STATES: usize = 1 << 23;

pub(super) fn check(context: &Context<'_>, report: &mut Report<'_>) {
    if report.function.blocks.len().saturating_mul(report.function.locals.len()) > MAX_STATES {
        return;
    }
    let flow = Flow::new(context, report.function);
    let states = flow.solve(report);
    for (id, block) in report.function.blocks.iter_enumerated() {
        let Some(mut state) = states[id.index()].clone() else { continue };
        for (position, statement) in block.statements.iter().enumerate() {
            report.at(id, position);
            flow.step(&mut state, &statement.kind, Some(report));
        }
        report.at(id, block.statements.len());
        flow.finish(&mut state, &block.terminator.kind, report);
    }
}

struct Flow<'a> {
    function: &'a Function,
    /// Whether ownership is known.
    is_owned: bool,
    /// Whether each local owns something that must be released.
    managed: Vec<bool>,
}

impl<'a> Flow<'a> {
    fn new(context: &Context<'a>, function: &'a Function) -> Self {
        let is_owned = context.phase == Phase::Owned;
        let owns = |kind| matches!(kind, LocalKind::Owned | LocalKind::Variable | LocalKind::Result);
        let managed = function.locals.iter();
        let managed = managed.map(|decl| is_owned && owns(decl.kind) && (context.is_managed)(decl.ty));
        Self { function, is_owned, managed: managed.collect() }
    }

    /// The state on entry to each block that can be reached.
    fn solve(&self, report: &mut Report<'_>) -> Vec<Option<Vec<State>>> {
        let function = self.function;
        let mut states: Vec<Option<Vec<State>>> = vec![None; function.blocks.len()];
        let mut entry = vec![State::Empty; function.locals.len()];
        entry[1..=function.param_count as usize].fill(State::Full);
        states[Function::ENTRY.index()] = Some(entry);
        let order = function.reverse_postorder();
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for &block in &order {
                let Some(mut state) = states[block.index()].clone() else { continue };
                for statement in &function.blocks[block].statements {
                    self.step(&mut state, &statement.kind, None);
                }
                let terminator = &function.blocks[block].terminator.kind;
                if let Some(Operand::Move(place)) = terminator.operand() {
                    self.remove(&mut state, place);
                }
                for successor in terminator.successors() {
                    changed |= join_into(&mut states[successor.index()], &state);
                }
            }
        }
        self.check_joins(report, &states);
        states
    }

    fn check_joins(&self, report: &mut Report<'_>, states: &[Option<Vec<State>>]) {
        for id in self.function.blocks.ids() {
            let Some(state) = &states[id.index()] else { continue };
            report.at(id, 0);
            for local in self.function.locals.ids() {
                let is_wrong = self.managed[local.index()] && state[local.index()] == State::Mixed;
                report.require(!is_wrong, || format!("{local} is owned on some of the paths here only"));
            }
        }
    }

    /// What a statement does to the state; with a report, also whether it may.
    fn step(&self, state: &mut [State], kind: &StatementKind, mut report: Option<&mut Report<'_>>) {
        kind.for_each_operand(|operand| {
            let Some(place) = operand.place() else { return };
            self.check_read(state, place, report.as_deref_mut());
            if matches!(operand, Operand::Move(_)) {
                self.remove(state, place);
            }
        });
        // A variable need not hold anything where its block ends.
        if matches!(kind, StatementKind::KeepAlive(_)) {
            return;
        }
        let fills_places = matches!(kind, StatementKind::Call { callee: Callee::Runtime(_), .. });
        kind.for_each_place(|place, access| {
            let is_whole = place.projections.is_empty();
            self.check_indices(state, place, report.as_deref_mut());
            match access {
                Access::Assign | Access::Init if is_whole => {
                    self.fill(state, place.local, report.as_deref_mut())
                }
                Access::Address if is_whole && fills_places => state[place.local.index()] = State::Full,
                Access::Remove => {
                    self.check_read(state, place, report.as_deref_mut());
                    self.remove(state, place);
                }
                _ => self.check_read(state, place, report.as_deref_mut()),
            }
            // A part that was released or taken out is stored anew: the value is whole again.
            if matches!(access, Access::Assign | Access::Init)
                && !place.is_in_object()
                && place.indices().next().is_none()
                && state[place.local.index()] == State::Partial
            {
                state[place.local.index()] = State::Full;
            }
        });
        if let StatementKind::Forget(local) = kind {
            state[local.index()] = State::Empty;
        }
    }

    fn finish(&self, state: &mut [State], kind: &TerminatorKind, report: &mut Report<'_>) {
        if let Some(place) = kind.operand().and_then(Operand::place) {
            self.check_read(state, place, Some(report));
        }
        if !matches!(kind, TerminatorKind::Return) {
            return;
        }
        let result = self.function.result_ty();
        if !result.is_unit() && !result.is_never() {
            let is_set = state[Function::RESULT.index()] == State::Full;
            report.require(is_set, || "returns without a result".to_owned());
        }
        for local in self.function.locals.ids().filter(|&local| local != Function::RESULT) {
            let is_kept = self.managed[local.index()] && state[local.index()] == State::Full;
            report.require(!is_kept, || format!("{local} is neither released nor moved"));
        }
    }

    fn fill(&self, state: &mut [State], local: Local, report: Option<&mut Report<'_>>) {
        if let Some(report) = report {
            let is_lost = self.managed[local.index()] && state[local.index()] == State::Full;
            report.require(!is_lost, || format!("{local} is assigned while it holds a value"));
        }
        state[local.index()] = State::Full;
    }

    fn remove(&self, state: &mut [State], place: &Place) {
        if place.indices().next().is_none() && !place.is_in_object() {
            let is_whole = place.projections.is_empty();
            state[place.local.index()] = if is_whole { State::Empty } else { State::Partial };
        }
    }

    fn check_read(&self, state: &[State], place: &Place, report: Option<&mut Report<'_>>) {
        let Some(report) = report else { return };
        let is_wrong = match state[place.local.index()] {
            State::Full => false,
            State::Partial => place.projections.is_empty() && self.is_owned,
            State::Empty | State::Mixed => true,
        };
        report.require(!is_wrong, || format!("{place:?} is used where it may hold nothing"));
        self.check_indices(state, place, Some(report));
    }

    fn check_indices(&self, state: &[State], place: &Place, report: Option<&mut Report<'_>>) {
        let Some(report) = report else { return };
        for index in place.indices() {
            let is_set = state[index.index()] == State::Full;
            report.require(is_set, || format!("the index {index} is used before it is assigned"));
        }
    }
}

/// Joins `state` into what is known on entry to a block, and says whether that changed.
fn join_into(known: &mut Option<Vec<State>>, state: &[State]) -> bool {
    let Some(known) = known else {
        *known = Some(state.to_vec());
        return true;
    };
    let mut changed = false;
    for (known, &new) in known.iter_mut().zip(state) {
        let joined = known.join(new);
        changed |= joined != *known;
        *known = joined;
    }
    changed
}
