//! Reads a part of a value where it stands in place of a copy of it: what a pattern binds and an element that a loop
//! looks at cost no count as long as they are only read.

use plat_syntax::index::Id;

use super::effects::consumed_operands;
use super::modes::Signatures;
use crate::mir::holders::closure_of;
use crate::mir::managed::Managed;
use crate::mir::{Capture, Function, Local, Place, StatementKind};
use crate::passes::copies::{self, Copies};
use crate::passes::mentions::count;
use crate::passes::simplify::drop_dead;

/// How deep in each other parts may be bound one by one.
const MAX_ROUNDS: usize = 4;

/// Replaces copies of parts that are never given away.
pub(super) fn run(function: &mut Function, signatures: &Signatures, managed: &Managed<'_>) {
    for _ in 0..MAX_ROUNDS {
        if !replace_aliases(function, signatures, managed) {
            break;
        }
        drop_dead(function, managed.definitions());
    }
}

fn replace_aliases(function: &mut Function, signatures: &Signatures, managed: &Managed<'_>) -> bool {
    let counts = count(function);
    let given_away = given_away(function, signatures);
    // Where releases run code, every statement might.
    let is_var_field = |place: &Place| function.reads_var_field(managed.definitions(), place);
    let wanted = |local: Local, source: &Place| {
        // If the whole is given away while a part is still read, it would have to be copied, and would no longer be
        // changed in place.
        let only_read = !given_away[local.index()] && !given_away[source.local.index()];
        only_read
            && !source.projections.is_empty()
            && managed.needs_release(function.locals[local].ty)
            && !(managed.has_deinits() && is_var_field(source))
    };
    let found = Copies::solve(function, &counts, wanted, is_var_field);
    copies::replace(function, &found, &counts)
}

/// The locals of which all is consumed somewhere, or shared with another task.
fn given_away(function: &Function, signatures: &Signatures) -> Vec<bool> {
    let mut given_away = vec![false; function.locals.len()];
    given_away[Function::RESULT.index()] = true;
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        let mut consumed = consumed_operands(&statement.kind, signatures).into_iter();
        statement.kind.for_each_operand(|operand| {
            let is_consumed = consumed.next() == Some(true);
            if let Some(local) = operand.place().and_then(Place::as_local).filter(|_| is_consumed) {
                given_away[local.index()] = true;
            }
        });
        if let Some(closure) = closure_of(&statement.kind) {
            // What a closure in the frame borrows must not change before the closure's last use.
            for capture in &closure.captures {
                if let Capture::Value(operand) = capture
                    && let Some(place) = operand.place()
                {
                    given_away[place.local.index()] = true;
                }
            }
        }
        if let StatementKind::Share(place) = &statement.kind {
            given_away[place.local.index()] = true;
        }
    }
    given_away
}
