//! Simplifies monomorphic MIR before ownership is made explicit, when moving values about still costs nothing to
//! think of: jumps, copies of locals, structs of which only parts are used, values nobody reads.

use crate::hir::Definitions;
use crate::mir::Function;

mod blocks;
mod constants;
mod copies;
mod dead;
mod enums;
mod forward;
mod split;
mod strings;
#[cfg(test)]
mod tests;
mod variants;

pub(super) use dead::{only_computes, run as drop_dead};

/// How often the parts may take turns. Each round lays bare what the next can do; after three there is next to nothing
/// left, and more only cost time.
const MAX_ROUNDS: usize = 4;

/// Simplifies the jumps of a function and nothing else.
pub(super) fn clean_blocks(function: &mut Function) {
    blocks::run(function);
}

/// Simplifies a function until nothing changes.
pub(super) fn run(function: &mut Function, definitions: &Definitions) {
    for _ in 0..MAX_ROUNDS {
        let mut changed = blocks::run(function);
        changed |= split::run(function, definitions);
        changed |= variants::run(function);
        changed |= enums::run(function, definitions);
        changed |= copies::run(function);
        changed |= constants::run(function);
        changed |= forward::run(function);
        changed |= strings::run(function);
        changed |= dead::run(function, definitions);
        if !changed {
            break;
        }
    }
    crate::mir::builder::keep_reachable_blocks(function);
    crate::mir::builder::keep_mentioned_locals(function);
}
