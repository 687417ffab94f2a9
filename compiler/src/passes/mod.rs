//! From built MIR to owned MIR.
//!
//! In the order of [`run`]: `mono` makes the instances that `main` needs; `shields`, `simplify` and `inline` leave less to do, while
//! values can still be moved about without a thought for who owns them; `closures` makes calls of known function values
//! direct; `reachable` drops what has been inlined
//! everywhere; `drops` decides who owns what, once and for all: nothing after it may add or take away a use of a value.
//!
//! Every pass but `mono` changes functions in place and knows nothing of the others, only which form of MIR it is given.
//! Passes know neither syntax nor machine code: what a type looks like in memory is `codegen`'s business.

use plat_syntax::diagnostics::Sink;

use crate::analysis::escape;
use crate::bug;
use crate::hir::Hir;
use crate::mir::managed::Managed;
use crate::mir::verify::{Phase, verify};
use crate::mir::{Mir, StatementKind};

mod closures;
mod copies;
mod deinit;
mod drops;
mod errors;
mod exclusivity;
mod glue;
mod inline;
mod mentions;
mod mono;
mod objects;
mod reachable;
mod reads;
mod sharing;
mod shields;
mod simplify;

/// How deep closures that call closures are made direct calls. Each round inlines what the one before made known.
const MAX_CLOSURE_DEPTH: usize = 4;

/// Makes the program monomorphic and its ownership explicit. After an error the result is not to be used.
pub fn run(built: &Mir, hir: &Hir, sink: &mut Sink) -> Mir {
    let mut mir = mono::run(built, hir, sink);
    sharing::check(&mir, &hir.definitions, sink);
    deinit::check(&mir, sink);
    if sink.has_errors() {
        return mir;
    }
    let managed = Managed::new(&hir.definitions).with_weak_references(&mir);
    verify_in_debug("mono", &mir, &managed, Phase::Mono);
    escape::check(&mir, &hir.definitions, sink);
    if sink.has_errors() {
        return mir;
    }
    mir.functions.iter_mut().for_each(|function| drop_idle_keeps(function, &managed));
    mir.functions.iter_mut().for_each(|function| objects::run(function, &hir.definitions));
    exclusivity::run(&mut mir, &managed);
    shields::run(&mut mir);
    mir.functions.iter_mut().for_each(simplify::run);
    inline::run(&mut mir);
    for _ in 0..MAX_CLOSURE_DEPTH {
        if !closures::run(&mut mir) {
            break;
        }
        mir.functions.iter_mut().for_each(simplify::run);
        inline::run(&mut mir);
    }
    reachable::run(&mut mir);
    mir.functions.iter_mut().for_each(simplify::run);
    verify_in_debug("inline", &mir, &managed, Phase::Mono);
    escape::place(&mut mir, &hir.definitions, mentions::changes);
    drops::run(&mut mir, &managed);
    verify_in_debug("drops", &mir, &managed, Phase::Owned);
    mir
}

/// Nobody can tell when these values are released.
fn drop_idle_keeps(function: &mut crate::mir::Function, managed: &Managed<'_>) {
    let mut blocks = std::mem::take(&mut function.blocks);
    for block in blocks.iter_mut() {
        block.statements.retain(|statement| match &statement.kind {
            StatementKind::KeepAlive(place) => {
                let ty = function.place_ty(managed.definitions(), place);
                managed.needs_release(ty) && managed.is_observed(ty)
            }
            _ => true,
        });
    }
    function.blocks = blocks;
}

/// Stops the compiler at the pass that broke a rule, in debug builds.
fn verify_in_debug(pass: &str, mir: &Mir, managed: &Managed<'_>, phase: Phase) {
    if !cfg!(debug_assertions) {
        return;
    }
    let violations = verify(mir, managed.definitions(), phase, &|ty| managed.needs_release(ty));
    if let Some(violation) = violations.first() {
        bug!("after {pass}: {violation}");
    }
}
