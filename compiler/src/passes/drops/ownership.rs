//! Rewrites the statements of a function: how operands use their places, and the releases after them.

use plat_abi::functions::Effect;
use plat_syntax::source::Span;

use super::effects::{Effects, Tracked, consumed_operands};
use super::liveness::{Liveness, step_back};
use super::modes::Signatures;
use crate::mir::boxing::is_boxed;
use crate::mir::local_set::LocalSet;
use crate::mir::managed::Managed;
use crate::mir::typing::field_tys;
use crate::mir::visit::Access;
use crate::mir::{
    BlockId, Callee, Function, InlineSiteId, Local, LocalKind, Operand, Place, Projection, Rvalue, Statement,
    StatementKind,
};
use crate::types::Ty;

/// Rewrites every block. Where values die between blocks is `edges`' business.
pub(super) fn rewrite(
    function: &mut Function,
    signatures: &Signatures,
    managed: &Managed<'_>,
    tracked: &Tracked,
    live: &Liveness,
) {
    let blocks: Vec<BlockId> = function.blocks.ids().collect();
    let mut rewriter = Rewriter { function, signatures, managed, tracked, site: None, output: Vec::new() };
    for block in blocks {
        let live = live.before_terminator(rewriter.function, tracked, block);
        rewriter.rewrite_block(block, live);
    }
}

/// The statement that releases all of a local.
pub(super) fn release(local: Local, span: Span, site: Option<InlineSiteId>) -> Statement {
    Statement { kind: StatementKind::Release(local.into()), span, site }
}

struct Rewriter<'a> {
    function: &'a mut Function,
    signatures: &'a Signatures,
    managed: &'a Managed<'a>,
    tracked: &'a Tracked,
    /// The inlined call that the statement being rewritten was written in.
    site: Option<InlineSiteId>,
    output: Vec<Statement>,
}

/// How a statement mentions a local.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mention {
    /// The whole value goes somewhere that keeps it.
    Consumed,
    /// Something in it is read or copied before the statement does anything else.
    Copied,
    /// It must stay as it is while the statement runs.
    Needed,
}

impl Rewriter<'_> {
    fn rewrite_block(&mut self, id: BlockId, live_at_end: LocalSet) {
        let statements = std::mem::take(&mut self.function.blocks[id].statements);
        let mut live = live_at_end;
        let mut pending = Vec::with_capacity(statements.len());
        for statement in statements.into_iter().rev() {
            let effects = Effects::of(&statement.kind, self.tracked);
            // Of all that lives on, a statement needs to know only about what it mentions: whole sets would take memory by
            // the square of the block's length.
            let mentioned = effects.uses.iter().chain(&effects.defines);
            let after: Vec<Local> = mentioned.copied().filter(|&local| live.contains(local)).collect();
            step_back(&mut live, &effects);
            pending.push((statement, effects, after));
        }
        for (statement, effects, after) in pending.into_iter().rev() {
            self.rewrite_statement(statement, &effects, &after);
        }
        self.function.blocks[id].statements = std::mem::take(&mut self.output);
        let mut terminator = self.function.blocks[id].terminator.clone();
        if let Some(operand) = terminator.kind.operand_mut() {
            // It decides by a number: reading it leaves everything as it is.
            self.rewrite_operand(operand, false);
        }
        self.function.blocks[id].terminator = terminator;
    }

    fn rewrite_statement(&mut self, statement: Statement, effects: &Effects, live_after: &[Local]) {
        let Statement { mut kind, span, site } = statement;
        self.site = site;
        if self.is_idle(&kind) {
            return;
        }
        let ignored = self.keep_result(&mut kind);
        // A local that the statement defines anew loses its old value here, though it lives on with the new one.
        let dying: Vec<Local> =
            effects.uses.iter().copied().filter(|local| self.dies(*local, effects, live_after)).collect();
        let moved: Vec<Local> = dying.iter().copied().filter(|&local| self.may_move(&kind, local)).collect();
        let taken_apart = self.take_apart(&kind, &dying);
        self.rewrite_operands(&mut kind, &moved);
        let rest = if taken_apart.is_some() { self.move_part(&mut kind) } else { Vec::new() };
        let forgotten = match kind {
            StatementKind::Forget(local) => Some(local),
            _ => None,
        };
        let is_gone =
            |local: &Local| moved.contains(local) || Some(*local) == forgotten || Some(*local) == taken_apart;
        let dying: Vec<Local> = dying.into_iter().filter(|local| !is_gone(local)).collect();
        let diverges = diverges(&kind);
        if !matches!(kind, StatementKind::Touch(_) | StatementKind::KeepAlive(_)) {
            self.push_storing(kind, span, rest, &dying);
        }
        // What is still held when a call diverges is the unwinder's.
        if !diverges {
            let last_used = dying.into_iter().filter(|local| !effects.defines.contains(local));
            let unwanted = effects.defines.iter().copied().filter(|local| !live_after.contains(local));
            let mut released: Vec<Local> = last_used.chain(unwanted).chain(ignored).collect();
            released.sort_unstable();
            self.output.extend(released.iter().rev().map(|&local| release(local, span, site)));
        }
    }

    /// Whether the value that the local holds before the statement is not needed after it.
    fn dies(&self, local: Local, effects: &Effects, live_after: &[Local]) -> bool {
        !live_after.contains(&local) || effects.defines.contains(&local)
    }

    /// Whether a statement has nothing to do because its type owns nothing.
    fn is_idle(&self, kind: &StatementKind) -> bool {
        match kind {
            StatementKind::Share(place) => !self.managed.needs_release(self.place_ty(place)),
            StatementKind::Forget(local) => !self.tracked.contains(*local),
            StatementKind::Touch(locals) => locals.iter().all(|local| !self.tracked.contains(*local)),
            _ => false,
        }
    }

    /// Gives a call whose managed result nobody wants a place for it.
    fn keep_result(&mut self, kind: &mut StatementKind) -> Option<Local> {
        if let StatementKind::Call { target: target @ None, callee, .. } = kind
            && let Some(result) = self.signatures.result(callee)
            && self.managed.needs_release(result)
        {
            let local = self.function.add_temp(result);
            *target = Some(local.into());
            return Some(local);
        }
        None
    }

    /// Whether the last mention of a dying local can take its value: it consumes, and nothing else needs it meanwhile.
    fn may_move(&self, kind: &StatementKind, local: Local) -> bool {
        let mut mentions = Vec::new();
        let mut consumed = consumed_operands(kind, self.signatures).into_iter();
        kind.for_each_operand(|operand| {
            let consumes = consumed.next() == Some(true);
            if let Some(place) = operand.place().filter(|place| self.is_in(place, local)) {
                let is_copied = consumes || !self.managed.needs_release(self.place_ty(place));
                mentions.push(match place.as_local() {
                    Some(whole) if consumes && whole == local => Mention::Consumed,
                    _ if is_copied => Mention::Copied,
                    _ => Mention::Needed,
                });
            }
        });
        kind.for_each_place(|place, access| {
            let is_stored = access == Access::Assign && place.projections.is_empty();
            if self.is_in(place, local) && !is_stored {
                mentions.push(Mention::Needed);
            }
        });
        mentions.last() == Some(&Mention::Consumed) && !mentions.contains(&Mention::Needed)
    }

    /// Whether the place is the local or a part of what it holds, perhaps seen through a view.
    fn is_in(&self, place: &Place, local: Local) -> bool {
        place.local == local || self.tracked.owners(place.local).contains(&local)
    }

    /// The dying local of which this assignment can move a part out, the rest being released.
    fn take_apart(&self, kind: &StatementKind, dying: &[Local]) -> Option<Local> {
        let StatementKind::Assign(target, Rvalue::Use(Operand::Use(place))) = kind else { return None };
        let is_part_of_dying = dying.contains(&place.local) && !place.projections.is_empty();
        let target_is_apart = target.local != place.local || target.projections.is_empty();
        let can_move = is_part_of_dying
            && target_is_apart
            && self.managed.needs_release(self.place_ty(place))
            && self.is_inline(place);
        can_move.then_some(place.local)
    }

    /// Whether the place lies in its local itself, not in a block on the heap.
    fn is_inline(&self, place: &Place) -> bool {
        let mut prefix = Place::from(place.local);
        place.projections.iter().all(|&step| {
            let ty = self.place_ty(&prefix);
            prefix.projections.push(step);
            !matches!(step, Projection::Element(_) | Projection::ClassField(_) | Projection::Content(_))
                && !is_boxed(self.managed.definitions(), ty)
        })
    }

    /// Makes the assignment move the part it reads; the result is the rest of the local, which has to be released.
    fn move_part(&self, kind: &mut StatementKind) -> Vec<Place> {
        let StatementKind::Assign(_, Rvalue::Use(operand)) = kind else { return Vec::new() };
        let Some(part) = operand.place().cloned() else { return Vec::new() };
        *operand = Operand::Move(part.clone());
        let mut rest = Vec::new();
        let mut prefix = Place::from(part.local);
        for &step in &part.projections {
            rest.extend(self.siblings(&prefix, step));
            prefix.projections.push(step);
        }
        rest
    }

    /// The managed fields beside the one that `step` leads to.
    fn siblings(&self, base: &Place, step: Projection) -> Vec<Place> {
        let (variant, own) = match step {
            Projection::Field(field) => (None, field),
            Projection::VariantField(variant, field) => (Some(variant), field),
            Projection::Element(_) | Projection::ClassField(_) | Projection::Content(_) => return Vec::new(),
        };
        let tys = field_tys(self.managed.definitions(), self.place_ty(base), variant).unwrap_or_default();
        let fields = (0..).map(crate::hir::FieldId).zip(tys);
        let others = fields.filter(|&(field, ty)| field != own && self.managed.needs_release(ty));
        others
            .map(|(field, _)| {
                base.clone().project(match variant {
                    Some(variant) => Projection::VariantField(variant, field),
                    None => Projection::Field(field),
                })
            })
            .collect()
    }

    fn rewrite_operands(&self, kind: &mut StatementKind, moved: &[Local]) {
        let consumed = consumed_operands(kind, self.signatures);
        let is_view = target_mut(kind).is_some_and(|target| self.is_view(target));
        let mut last_mentions: Vec<(Local, usize)> = Vec::new();
        let mut position = 0;
        kind.for_each_operand(|operand| {
            if let Some(local) =
                operand.place().map(|place| place.local).filter(|local| moved.contains(local))
            {
                last_mentions.retain(|&(other, _)| other != local);
                last_mentions.push((local, position));
            }
            position += 1;
        });
        position = 0;
        kind.for_each_operand_mut(|operand| {
            self.rewrite_operand(operand, consumed[position] && !is_view);
            if let Operand::Copy(place) = operand
                && last_mentions.contains(&(place.local, position))
            {
                *operand = Operand::Move(place.clone());
            }
            position += 1;
        });
    }

    fn is_view(&self, place: &Place) -> bool {
        place.as_local().is_some_and(|local| self.function.locals[local].kind == LocalKind::View)
    }

    /// Copies what is consumed or has nothing to count, borrows the rest.
    fn rewrite_operand(&self, operand: &mut Operand, consumes: bool) {
        let Operand::Use(place) = operand else { return };
        let place = place.clone();
        *operand = if consumes || !self.managed.needs_release(self.place_ty(&place)) {
            Operand::Copy(place)
        } else {
            Operand::Borrow(place)
        };
    }

    /// Emits the statement with the release of what its target held: after the evaluation, which may need it or unwind,
    /// and before the store. `rest` is what is left of a local that the statement took apart.
    fn push_storing(&mut self, mut kind: StatementKind, span: Span, rest: Vec<Place>, dying: &[Local]) {
        let target = target_mut(&mut kind).cloned();
        let displaces = target.as_ref().is_some_and(|target| self.holds_old_value(target, dying));
        let overlaps =
            target.as_ref().is_some_and(|target| rest.iter().any(|place| place.local == target.local));
        match target {
            Some(target) if displaces && self.is_seen_by_others(&target) => {
                self.push_replacing(kind, target, span);
                self.push_releases(rest, span);
            }
            Some(target) if overlaps || displaces && !is_independent(&kind, &target) => {
                let temp = self.function.add_temp(self.place_ty(&target));
                if let Some(place) = target_mut(&mut kind) {
                    *place = temp.into();
                }
                self.push(kind, span);
                self.push_releases(rest, span);
                if displaces {
                    self.push(StatementKind::Release(target.clone()), span);
                }
                self.push(StatementKind::Assign(target, Rvalue::Use(Operand::Move(temp.into()))), span);
            }
            target => {
                self.push_releases(target.filter(|_| displaces).into_iter().collect(), span);
                self.push(kind, span);
                self.push_releases(rest, span);
            }
        }
    }

    /// Whether what runs when the old value of the place is released could come to the place: the new value must be there
    /// by then.
    fn is_seen_by_others(&self, target: &Place) -> bool {
        let is_own =
            target.projections.is_empty() && self.function.locals[target.local].kind != LocalKind::Inout;
        target.is_in_object() || (!is_own && self.managed.is_observed(self.place_ty(target)))
    }

    /// Puts the new value in place of the old one, and only then releases that.
    fn push_replacing(&mut self, mut kind: StatementKind, target: Place, span: Span) {
        let ty = self.place_ty(&target);
        let value = match kind {
            StatementKind::Assign(_, rvalue @ Rvalue::Use(_)) => rvalue,
            _ => {
                let temp = self.function.add_temp(ty);
                if let Some(place) = target_mut(&mut kind) {
                    *place = temp.into();
                }
                self.push(kind, span);
                Rvalue::Use(Operand::Move(temp.into()))
            }
        };
        let old = self.function.add_temp(ty);
        let take = Rvalue::Use(Operand::Move(target.clone()));
        self.push(StatementKind::Assign(old.into(), take), span);
        self.push(StatementKind::Init(target, value), span);
        self.push(StatementKind::Release(old.into()), span);
    }

    /// Whether a store into the place would overwrite something that has to be released.
    fn holds_old_value(&self, target: &Place, dying: &[Local]) -> bool {
        let is_whole_variable =
            target.projections.is_empty() && self.function.locals[target.local].kind != LocalKind::Inout;
        if is_whole_variable {
            return dying.contains(&target.local);
        }
        self.managed.needs_release(self.place_ty(target))
    }

    fn push_releases(&mut self, places: Vec<Place>, span: Span) {
        for place in places {
            self.push(StatementKind::Release(place), span);
        }
    }

    fn push(&mut self, kind: StatementKind, span: Span) {
        self.output.push(Statement { kind, span, site: self.site });
    }

    fn place_ty(&self, place: &Place) -> Ty {
        self.function.place_ty(self.managed.definitions(), place)
    }
}

/// Where the statement stores a value in place of another.
pub(super) fn target_mut(kind: &mut StatementKind) -> Option<&mut Place> {
    match kind {
        StatementKind::Assign(target, _)
        | StatementKind::Spawn { target, .. }
        | StatementKind::Global { target, .. } => Some(target),
        StatementKind::Call { target, .. } => target.as_mut(),
        _ => None,
    }
}

/// Whether the old value of the target can go before the statement runs: it does not read it and does not unwind.
fn is_independent(kind: &StatementKind, target: &Place) -> bool {
    let StatementKind::Assign(_, rvalue) = kind else { return false };
    let mut mentions = rvalue.inspected().is_some();
    rvalue.for_each_part(|operand| {
        mentions |= operand.place().is_some_and(|place| place.local == target.local);
    });
    !mentions && matches!(rvalue, Rvalue::Use(_) | Rvalue::Aggregate(..) | Rvalue::Reinterpret(..))
}

fn diverges(kind: &StatementKind) -> bool {
    matches!(kind, StatementKind::Call { callee: Callee::Runtime(function), .. } if function.effect() == Effect::Diverges)
}
