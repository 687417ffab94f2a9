//! How much stack code needs.
//!
//! Functions on a cycle of the call graph check at entry that there is room for themselves and for all they call up to
//! the next check. Everything else has an exact bound.

use plat_syntax::hash::{HashMap, HashSet};

use plat_abi::functions::RuntimeFn;
use plat_abi::layout::STUB_BYTES;

use super::compiled::{Compiled, Target};
use super::item::{Glue, Item};
use super::program::{Program, called_values};
use super::unwind::Cleanup;
use crate::types::Ty;

/// What a runtime call takes of the caller's stack.
const RUNTIME_CALL: u32 = STUB_BYTES as u32;

/// What a poll of a loop takes, whose stub saves all registers.
const POLL_CALL: u32 = if cfg!(target_arch = "aarch64") { 896 } else { 448 };

/// What the unwinder puts below the frame it unwinds before it calls cleanup code there, or waits for a scope: twice what a stub
/// saves. The call that unwinds has put the first there.
const CLEANUP_CALL: u32 = 2 * RUNTIME_CALL;

/// The stack needs of compiled code.
pub struct StackBounds<'a> {
    program: &'a Program<'a>,
    code: HashMap<Item, &'a Compiled>,
    needs: HashMap<Item, Need>,
}

/// The stack a function needs.
#[derive(Clone, Copy, Debug)]
struct Need {
    /// Bytes for it and all it calls, up to the frames of functions that check.
    bytes: u32,
    /// Whether it reaches a function that checks.
    checks: bool,
}

impl<'a> StackBounds<'a> {
    /// Adds up the frames.
    pub fn new(program: &'a Program<'a>, code: impl IntoIterator<Item = &'a Compiled>) -> Self {
        let code = code.into_iter().map(|compiled| (compiled.item, compiled)).collect();
        Self { program, code, needs: HashMap::default() }
    }

    /// Bytes that a function needs with all it calls; `None` if it reaches one that checks.
    pub fn bound(&mut self, item: Item) -> Option<u32> {
        let need = self.need(item);
        (!need.checks).then_some(need.bytes)
    }

    /// Bytes that must be free below the limit that checks compare with: for what checks, and for what comes to it. The runtime calls
    /// glue where there is as much.
    pub fn reserve(&mut self) -> u32 {
        let all: Vec<Item> = self.code.keys().copied().collect();
        let needs = all.into_iter().map(|item| (item, self.need(item)));
        let needed = needs.filter(|(item, need)| need.checks || is_called_by_runtime(*item));
        needed.map(|(_, need)| need.bytes).max().unwrap_or(0).max(RUNTIME_CALL)
    }

    fn checks(&self, item: Item) -> bool {
        matches!(item, Item::Function(id) if self.program.checks_stack[id])
    }

    /// Walks the call graph depth first, with a path of its own: chains of calls can be long. What calls something
    /// further up its path recurses and so checks; of its own frames only one counts.
    fn need(&mut self, root: Item) -> Need {
        let mut path = vec![(root, self.called(root))];
        let mut is_on_path = HashSet::from_iter([root]);
        while let Some((item, pending)) = path.last_mut() {
            let item = *item;
            let Some(callee) = pending.pop() else {
                let need = self.add_up(item);
                self.needs.insert(item, need);
                is_on_path.remove(&item);
                path.pop();
                continue;
            };
            let is_known = self.needs.contains_key(&callee) || self.checks(callee);
            if !is_known && is_on_path.insert(callee) {
                path.push((callee, self.called(callee)));
            }
        }
        self.needs[&root]
    }

    fn add_up(&self, item: Item) -> Need {
        let frame = self.code.get(&item).map_or(0, |code| code.frame_size);
        let bytes = if self.polls(item) { POLL_CALL } else { RUNTIME_CALL };
        let mut need = Need { bytes, checks: self.checks(item) };
        for callee in self.callees(item) {
            if self.checks(callee) {
                let frame = self.code.get(&callee).map_or(0, |code| code.frame_size);
                need.bytes = need.bytes.max(frame + RUNTIME_CALL);
                need.checks = true;
            } else if let Some(inner) = self.needs.get(&callee) {
                need.bytes = need.bytes.max(inner.bytes);
                need.checks |= inner.checks;
            }
        }
        if self.calls_by_stub(item) {
            need.bytes += RUNTIME_CALL;
        }
        if self.has_scopes(item) {
            need.bytes = need.bytes.max(CLEANUP_CALL);
        }
        for code in self.cleanup(item) {
            if let Some(inner) = self.needs.get(&code) {
                need.bytes = need.bytes.max(CLEANUP_CALL + inner.bytes);
                need.checks |= inner.checks;
            }
        }
        Need { bytes: frame + need.bytes, ..need }
    }

    /// What a function calls, and what the unwinder calls for it.
    fn called(&self, item: Item) -> Vec<Item> {
        let mut called = self.callees(item);
        called.extend(self.cleanup(item));
        called
    }

    /// Whether the unwinder may wait for a scope of the function.
    fn has_scopes(&self, item: Item) -> bool {
        let Some(code) = self.code.get(&item) else { return false };
        let mut slots = code.call_sites.iter().flat_map(|site| &site.slots);
        slots.any(|slot| slot.cleanup == Cleanup::Scope)
    }

    /// The code that cleans up after a function.
    fn cleanup(&self, item: Item) -> Vec<Item> {
        let Some(code) = self.code.get(&item) else { return Vec::new() };
        let slots = code.call_sites.iter().flat_map(|site| &site.slots);
        let mut cleanup: Vec<Item> = slots.filter_map(|slot| slot.cleanup.code()).collect();
        let mut seen = HashSet::default();
        cleanup.retain(|item| seen.insert(*item));
        cleanup
    }

    fn callees(&self, item: Item) -> Vec<Item> {
        let Some(code) = self.code.get(&item) else { return Vec::new() };
        let called = code.relocations.iter().filter_map(|relocation| match relocation.target {
            // Who makes a closure does not call it.
            Target::Item(Item::Glue(Glue::ClosureEntry(_))) => None,
            Target::Item(callee @ (Item::Function(_) | Item::Glue(_))) => Some(callee),
            _ => None,
        });
        called.chain(self.indirect_callees(item)).collect()
    }

    /// Whether loops of the code poll.
    fn polls(&self, item: Item) -> bool {
        let Some(code) = self.code.get(&item) else { return false };
        code.relocations.iter().any(|relocation| matches!(relocation.target, Target::Item(Item::Poll(_))))
    }

    /// Whether some of what the code calls is called by a stub that catches.
    fn calls_by_stub(&self, item: Item) -> bool {
        let Some(code) = self.code.get(&item) else { return false };
        code.relocations.iter().any(|relocation| {
            let rows = [RuntimeFn::catch_panic, RuntimeFn::scope_catch].map(Item::Runtime);
            let mut stubs = rows.into_iter().chain([Item::CallDeinit]);
            stubs.any(|stub| relocation.target == Target::Item(stub))
        })
    }

    /// What code calls by an address that it was not written with: values of its types.
    fn indirect_callees(&self, item: Item) -> Vec<Item> {
        let program = self.program;
        let layouts = &program.layouts;
        match item {
            Item::Function(id) => {
                let values = called_values(&program.mir.functions[id]);
                let bodies = values.into_iter().flat_map(|ty| program.values.of(ty));
                let bodies = bodies.map(|&body| Item::Glue(Glue::ClosureEntry(body)));
                bodies.chain(program.dynamic_callees(id).into_iter().map(Item::Function)).collect()
            }
            Item::Glue(Glue::Free(ty) | Glue::ShareContents(ty)) => self.closure_glue(&[layouts.ty(ty)]),
            Item::Glue(Glue::FreeChain(group) | Glue::ShareAll(group)) => {
                self.closure_glue(layouts.group_members(group))
            }
            _ => Vec::new(),
        }
    }

    /// The generated functions of the closures of these types.
    fn closure_glue(&self, types: &[Ty]) -> Vec<Item> {
        let bodies = types.iter().flat_map(|&ty| self.program.values.of(ty));
        let glue = bodies.flat_map(|&body| [Glue::FreeClosure(body), Glue::ShareClosure(body)]);
        glue.map(Item::Glue).collect()
    }
}

fn is_called_by_runtime(item: Item) -> bool {
    matches!(item, Item::Glue(Glue::Drop(_) | Glue::Share(_) | Glue::DropCaptures(_)))
}
