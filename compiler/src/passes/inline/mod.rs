//! Puts functions in place of their calls, where that is worth it (`worth`).
//!
//! The library is written in small functions (`xs.push(x)`, `ch.recv()`, `option.unwrap()`), and a call costs more than
//! most of them do. Runs before ownership is decided, so that values pass in and out without being counted.
//! Callees come before their callers (`order`): what is put in has been simplified, has been inlined into itself, and its calls of
//! known closures and methods are direct.
//!
//! A parameter becomes the place that is passed for it, without a copy. That is sound because nothing the callee does
//! may change that place: places passed with `&` overlap no other argument, which `typeck` and `lower` see to. Neither may the callee
//! take a value away that it borrows, though there may be nobody else who uses it afterwards: not if the program can tell.

use plat_syntax::index::IndexVec;

use crate::hir::{FnId, Hir};
use crate::mir::managed::Managed;
use crate::mir::{BlockId, Callee, Function, FunctionId, Mir, StatementKind};
use crate::passes::devirtualize::Methods;
use crate::passes::parallel::{for_each, for_each_function};
use crate::passes::{closures, simplify};
use worth::{Judge, Worth};

mod order;
mod sites;
mod splice;
mod worth;

/// Where a function stops growing.
const MAX_CALLER_STATEMENTS: usize = 4000;

/// How deep closures that call closures are made direct calls. Each round inlines what the one before made known.
const MAX_CLOSURE_DEPTH: usize = 4;

/// Simplifies every function, makes its calls of known closures and methods direct, and inlines what is worth it, but for the instances of `later`.
pub fn run(mir: &mut Mir, hir: &Hir, managed: &Managed<'_>, later: Option<FnId>) {
    let judge = Judge::new(hir);
    let is_wanted = |function: &Function| later.is_none() || function.origin != later;
    let definitions = &hir.definitions;
    let methods = Methods::of(mir);
    for_each_function(
        mir,
        || (),
        |(), function| {
            methods.call_directly(function, definitions);
        },
    );
    for_each_callee_first(mir, &judge, managed, &is_wanted, |function, ready, managed| {
        simplify::run(function, definitions);
        for _ in 0..MAX_CLOSURE_DEPTH {
            let has_inlined = inline_into(function, ready, &judge, managed);
            if has_inlined {
                simplify::run(function, definitions);
            }
            let is_more_known = closures::run(function) | methods.call_directly(function, definitions);
            if !is_more_known {
                break;
            }
        }
    });
}

/// Inlines the instances of a definition, and does nothing else.
pub fn inline_only(mir: &mut Mir, hir: &Hir, managed: &Managed<'_>, wanted: FnId) {
    let judge = Judge::new(hir);
    let is_wanted = |function: &Function| function.origin == Some(wanted);
    for_each_callee_first(mir, &judge, managed, &is_wanted, |function, ready, managed| {
        if inline_into(function, ready, &judge, managed) {
            simplify::clean_blocks(function);
        }
    });
}

/// A function that is done, and may be put in place of its calls.
struct Ready {
    body: Function,
    worth: Worth,
}

type AllReady = IndexVec<FunctionId, Option<Ready>>;

/// Does `work` to every function, its callees first, with what may be inlined into it.
fn for_each_callee_first(
    mir: &mut Mir,
    judge: &Judge<'_>,
    managed: &Managed<'_>,
    is_wanted: &impl Fn(&Function) -> bool,
    work: impl Fn(&mut Function, &AllReady, &Managed<'_>) + Sync,
) {
    let (definitions, program) = (managed.definitions(), managed.program());
    let layers = order::layers(mir);
    let functions = std::mem::take(&mut mir.functions).into_items().into_iter();
    let mut functions: IndexVec<FunctionId, Option<Function>> = functions.map(Some).collect();
    let mut ready: AllReady = functions.iter().map(|_| None).collect();
    for layer in layers {
        let mut taken: Vec<(FunctionId, Function)> =
            layer.into_iter().filter_map(|id| Some((id, functions[id].take()?))).collect();
        let begin = || Managed::with_program(definitions, program.clone());
        for_each(&mut taken, begin, |managed, (_, function)| work(function, &ready, managed));
        for (id, mut function) in taken {
            sites::keep_mentioned(&mut function);
            let worth = if is_wanted(&function) { judge.worth(&function, id) } else { Worth::Nothing };
            if worth != Worth::Nothing {
                ready[id] = Some(Ready { body: function.clone(), worth });
            }
            functions[id] = Some(function);
        }
    }
    mir.functions = functions.into_items().into_iter().flatten().collect();
}

/// Replaces calls in `caller`, from the last to the first so that what is put in is not visited. Says whether there were any.
fn inline_into(caller: &mut Function, ready: &AllReady, judge: &Judge<'_>, managed: &Managed<'_>) -> bool {
    let has_functions = judge.has_functions(caller);
    let mut size = size(caller);
    let mut has_inlined = false;
    for block in caller.blocks.ids().rev() {
        for position in (0..caller.blocks[block].statements.len()).rev() {
            let Some(callee) = wanted_callee(caller, block, position, ready, has_functions) else { continue };
            if size > MAX_CALLER_STATEMENTS {
                return has_inlined;
            }
            size += self::size(callee);
            splice::splice(caller, block, position, callee, &|ty| managed.is_observed(ty));
            has_inlined = true;
        }
    }
    has_inlined
}

fn size(function: &Function) -> usize {
    function.blocks.iter().map(|block| block.statements.len()).sum()
}

fn wanted_callee<'r>(
    caller: &Function,
    block: BlockId,
    position: usize,
    ready: &'r AllReady,
    has_functions: bool,
) -> Option<&'r Function> {
    let StatementKind::Call { callee: Callee::Function(id), .. } =
        caller.blocks[block].statements[position].kind
    else {
        return None;
    };
    let Ready { body, worth } = ready[id].as_ref()?;
    (*worth == Worth::Always || has_functions).then_some(body)
}

#[cfg(test)]
mod tests;
