//! What makes loops faster, while values can still be moved about without a thought for who owns them.
//!
//! Parts: `natural` (which blocks are loops, and a block before each), `unique` (lists are made unique once rather than at
//! every store), `checks` (checks that come out the same in every round stand before the loop; then `ranges` drops those
//! that cannot fail), `rotate` (tests stand at the end of rounds), `counted` (which loops count, and how far), `strips` (such loops poll
//! once in many rounds), `views` (buffers are found once rather than at every access; called by `drops`).

use crate::hir::Definitions;
use crate::mir::{Function, FunctionId};
use crate::passes::ranges::Ranges;
use crate::passes::simplify;

mod checks;
mod counted;
mod natural;
mod overlap;
mod rotate;
mod strips;
mod unique;
mod views;

pub(super) use overlap::{affects, exposed, is_tracked};
pub(super) use unique::made_unique;
pub(super) use views::{owners as view_owners, run as make_views};

/// Makes the loops of a function faster, and drops its checks that cannot fail. `is_make_unique` says which functions make
/// the list they are given unique, and do nothing else to it.
pub(super) fn run(
    function: &mut Function,
    definitions: &Definitions,
    is_make_unique: &impl Fn(FunctionId) -> bool,
) {
    let has_loops = natural::make_preheaders(function);
    let mut changed = unique::run(function, is_make_unique);
    if has_loops {
        changed |= checks::hoist(function, is_make_unique);
    }
    if let Some(ranges) = Ranges::solve(function, definitions, is_make_unique) {
        changed |= ranges.rewrite(function);
    }
    if has_loops || changed {
        simplify::run(function, definitions);
    }
    if natural::make_preheaders(function) {
        rotate::run(function);
        simplify::clean_blocks(function);
    }
    if natural::make_preheaders(function) {
        strips::run(function, definitions);
        simplify::clean_blocks(function);
    }
}
