//! From built MIR to owned MIR.
//!
//! First [`monomorphize`]: `mono` makes the instances that `main` needs; it, `deinit` and the analysis of closures are the
//! last to find mistakes in a program. Then, in the order of [`run`]: `objects` and `exclusivity` see to fields of objects that a call
//! may change; `shields` and `inline`, with `simplify`, and with `closures` and `devirtualize`, which make calls of what is known direct, leave less to do, while
//! values can still be moved about without a thought for who owns them; `loops` and `ranges` drop checks and
//! move what is the same in every round; `reachable` drops what has been inlined everywhere; `drops` decides who owns
//! what, once and for all: nothing after it may add or take away a use of a value. In the end each function learns what calls of it may do.
//!
//! Every pass but `mono` changes functions in place, where it can many of them at once (`parallel`), and knows nothing of the others, only which form of MIR it is given.
//! Passes know neither syntax nor machine code: what a type looks like in memory is `codegen`'s business.

use plat_syntax::diagnostics::Sink;
use plat_syntax::index::IndexVec;

use crate::analysis::effects::{EffectMap, Effects, Releases};
use crate::analysis::{escape, locks, transactions};
use crate::bug;
use crate::hir::{FnId, Hir};
use crate::mir::managed::Managed;
use crate::mir::verify::{Phase, verify};
use crate::mir::{Function, FunctionId, Mir, StatementKind};

mod closures;
mod copies;
mod deinit;
mod devirtualize;
mod drops;
mod errors;
mod exclusivity;
mod glue;
mod inline;
mod loops;
mod mentions;
mod mono;
mod objects;
mod parallel;
mod polls;
mod ranges;
mod reachable;
mod reads;
mod shields;
mod simplify;

use parallel::for_each_function;

/// A program with all its types known.
#[derive(Debug)]
pub struct Monomorphic {
    /// What `main` reaches.
    pub program: Mir,
    /// What else there is: looked at for mistakes, and not to be compiled.
    pub unreached: Option<Mir>,
}

/// Makes the program monomorphic. After an error the result is not to be used.
pub fn monomorphize(built: &Mir, hir: &Hir, sink: &mut Sink) -> Monomorphic {
    let errors = sink.error_count();
    let program = mono::run(built, hir, sink);
    check_instances(&program, hir, errors, sink);
    let errors = sink.error_count();
    let unreached = mono::unreached(built, hir, &program, sink);
    if let Some(unreached) = &unreached {
        check_instances(unreached, hir, errors, sink);
    }
    Monomorphic { program, unreached }
}

/// Finds the mistakes that only show where all types are known. Before the instances were made there were so many errors.
fn check_instances(mir: &Mir, hir: &Hir, errors: usize, sink: &mut Sink) {
    if !mir.deinits.is_empty() || locks::are_used(mir, hir) || transactions::are_used(mir, hir) {
        let managed = Managed::of_program(&hir.definitions, mir);
        let effects = EffectMap::solve(mir, &managed, Releases::Implied);
        deinit::check(mir, &effects, sink);
        locks::check(mir, hir, &effects, sink);
        transactions::check(mir, hir, &effects, sink);
    }
    if sink.error_count() == errors {
        verify_in_debug("mono", mir, &Managed::new(&hir.definitions), Phase::Mono);
        escape::check(mir, hir, sink);
    }
}

/// Makes a monomorphic program faster and its ownership explicit.
pub fn run(mut mir: Mir, hir: &Hir) -> Mir {
    let managed = Managed::of_program(&hir.definitions, &mir);
    mir.functions.iter_mut().for_each(|function| drop_idle_keeps(function, &managed));
    for_each_function(&mut mir, || (), |(), function| objects::run(function, &hir.definitions));
    exclusivity::run(&mut mir, &managed);
    shields::run(&mut mir, &managed);
    polls::mark(&mut mir);
    let make_unique = hir.make_unique();
    inline::run(&mut mir, hir, &managed, make_unique);
    reachable::run(&mut mir);
    verify_in_debug("inline", &mir, &managed, Phase::Mono);
    let makes_unique = functions_of(&mir, make_unique);
    let run_loops = |function: &mut Function| {
        loops::run(function, &hir.definitions, &|id| makes_unique[id]);
    };
    for_each_function(&mut mir, || (), |(), function| run_loops(function));
    verify_in_debug("loops", &mir, &managed, Phase::Mono);
    if let Some(make_unique) = make_unique {
        inline::inline_only(&mut mir, hir, &managed, make_unique);
        reachable::run(&mut mir);
    }
    verify_in_debug("make_unique", &mir, &managed, Phase::Mono);
    escape::place(&mut mir, &hir.definitions, mentions::changes);
    drops::run(&mut mir, &managed);
    verify_in_debug("drops", &mir, &managed, Phase::Owned);
    for_each_function(&mut mir, || (), |(), function| polls::place(function));
    verify_in_debug("polls", &mir, &managed, Phase::Owned);
    note_effects(&mut mir, &managed);
    mir
}

/// Says of each function what a call of it may do.
fn note_effects(mir: &mut Mir, managed: &Managed<'_>) {
    let map = EffectMap::solve(mir, managed, Releases::Written);
    let effects: IndexVec<FunctionId, Effects> = mir.functions.ids().map(|id| map.of(id)).collect();
    for (function, &effects) in mir.functions.iter_mut().zip(effects.iter()) {
        function.effects = effects;
    }
}

/// Of each function, whether it is an instance of the definition.
fn functions_of(mir: &Mir, definition: Option<FnId>) -> IndexVec<FunctionId, bool> {
    mir.functions.iter().map(|function| definition.is_some() && function.origin == definition).collect()
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
