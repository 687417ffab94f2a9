//! Ownership made explicit: every operand says whether it copies, moves or borrows, every release is a statement.
//!
//! A local that owns something holds a value exactly where the value may still be used. So the last use moves it where
//! the use consumes, and else a release follows; where a path branches off on which it is not used, the release stands
//! on that edge. No flag at run time is ever needed to say whether a local holds something.
//!
//! Parts: `modes` (which parameters the callee owns), `aliases` (parts that are only read), `guards` (what a
//! `defer` will see), `effects` (what a statement does to locals), `liveness`, `keep` (variables that
//! the program can tell the end of),
//! `ownership` (rewrites statements), `edges` (releases between blocks).

use crate::mir::holders::HoldsFunctions;
use crate::mir::managed::Managed;
use crate::mir::{Function, Mir};
use crate::passes::loops;
use crate::passes::parallel::for_each_function;

mod aliases;
mod edges;
mod effects;
mod guards;
mod keep;
mod liveness;
mod modes;
mod ownership;
#[cfg(test)]
mod tests;

/// Makes ownership explicit in monomorphic MIR.
pub fn run(mir: &mut Mir, managed: &Managed<'_>) {
    modes::infer(mir, managed);
    let signatures = modes::signatures(mir);
    let program = managed.program();
    let definitions = managed.definitions();
    let begin = || (Managed::with_program(definitions, program.clone()), HoldsFunctions::new(definitions));
    for_each_function(mir, begin, |(managed, holds), function| run_on(function, &signatures, managed, holds));
}

fn run_on(
    function: &mut Function,
    signatures: &modes::Signatures,
    managed: &Managed<'_>,
    holds: &HoldsFunctions<'_>,
) {
    keep::run(function, signatures, managed, holds);
    aliases::run(function, signatures, managed);
    guards::touch_captures(function);
    loops::make_views(function, managed.definitions());
    let tracked = effects::Tracked::new(function, managed, holds);
    guards::put_before_owners(function, &tracked);
    let live = liveness::Liveness::solve(function, &tracked);
    ownership::rewrite(function, signatures, managed, &tracked, &live);
    edges::release_on_edges(function, &tracked, &live);
}
