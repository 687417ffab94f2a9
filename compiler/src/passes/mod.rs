//! From built MIR to owned MIR.
//!
//! In the order of [`run`]: `mono` makes the instances that `main` needs; `shields`, `simplify` and `inline` leave less to do, while
//! values can still be moved about without a thought for who owns them; `reachable` drops what has been inlined
//! everywhere; `drops` decides who owns what, once and for all: nothing after it may add or take away a use of a value.
//!
//! Every pass but `mono` changes functions in place and knows nothing of the others, only which form of MIR it is given.
//! Passes know neither syntax nor machine code: what a type looks like in memory is `codegen`'s business.

use plat_syntax::diagnostics::Sink;

use crate::bug;
use crate::hir::Hir;
use crate::mir::Mir;
use crate::mir::managed::Managed;
use crate::mir::verify::{Phase, verify};

mod copies;
mod drops;
mod errors;
mod glue;
mod inline;
mod mentions;
mod mono;
mod reachable;
mod reads;
mod shields;
mod simplify;

/// Makes the program monomorphic and its ownership explicit. After an error the result is not to be used.
pub fn run(built: &Mir, hir: &Hir, sink: &mut Sink) -> Mir {
    let mut mir = mono::run(built, hir, sink);
    if sink.has_errors() {
        return mir;
    }
    let managed = Managed::new(&hir.definitions);
    verify_in_debug("mono", &mir, &managed, Phase::Mono);
    shields::run(&mut mir);
    mir.functions.iter_mut().for_each(simplify::run);
    inline::run(&mut mir);
    reachable::run(&mut mir);
    mir.functions.iter_mut().for_each(simplify::run);
    verify_in_debug("inline", &mir, &managed, Phase::Mono);
    drops::run(&mut mir, &managed);
    verify_in_debug("drops", &mir, &managed, Phase::Owned);
    mir
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
