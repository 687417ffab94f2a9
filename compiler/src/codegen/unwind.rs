//! Call sites: where calls that can unwind return to, what they were written for, and what their frames own.

use cranelift_codegen::CompiledCode;
use cranelift_codegen::ir::StackSlot;
use plat_abi::layout::SlotKind;
use plat_syntax::source::Span;

use super::item::{Glue, Item};
use super::layout::{Layouts, TypeIndex};
use super::marks;
use crate::mir::{FunctionId, InlineSiteId};
use crate::types::Ty;

/// A call that can unwind, as it was written.
#[derive(Clone, Debug)]
pub struct Site {
    /// What it was written for.
    pub span: Span,
    /// The inlined call whose body it was written in.
    pub inlined: Option<InlineSiteId>,
    /// The slots of what an unwinding has to clean up meanwhile, in that order.
    pub slots: Vec<(Cleanup<Ty>, StackSlot)>,
}

/// What an unwinding cleans up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Cleanup<T> {
    /// An owned value of this type.
    Release(T),
    /// A `defer` with this body, whose guard is set.
    Defer(FunctionId),
    /// A shield that is set.
    Shield,
    /// The use of a field of an object.
    Use,
    /// An open scope.
    Scope,
}

/// Something in a frame to be cleaned up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CleanupSlot {
    /// What.
    pub cleanup: Cleanup<TypeIndex>,
    /// Its address relative to the frame pointer.
    pub frame_offset: i32,
}

impl Cleanup<TypeIndex> {
    /// The code that does it, if the runtime does not do it by itself.
    pub fn code(self) -> Option<Item> {
        match self {
            Self::Release(ty) => Some(Item::Glue(Glue::Drop(ty))),
            Self::Defer(body) => Some(Item::Glue(Glue::RunDefer(body))),
            Self::Shield | Self::Use | Self::Scope => None,
        }
    }

    /// How the runtime knows it.
    pub fn kind(self) -> SlotKind {
        match self {
            Self::Release(_) => SlotKind::Release,
            Self::Defer(_) => SlotKind::Defer,
            Self::Shield => SlotKind::Shield,
            Self::Use => SlotKind::Use,
            Self::Scope => SlotKind::Scope,
        }
    }
}

/// A call that can unwind, in the code.
#[derive(Clone, Debug)]
pub struct CallSite {
    /// Offset of the return address.
    pub return_offset: u32,
    /// What it was written for.
    pub span: Span,
    /// The inlined call whose body it was written in.
    pub inlined: Option<InlineSiteId>,
    /// What is to be cleaned up meanwhile, in that order.
    pub slots: Vec<CleanupSlot>,
}

/// Finds the sites in compiled code.
pub fn call_sites(layouts: &Layouts, sites: &[Site], code: &CompiledCode) -> Vec<CallSite> {
    let layout = code.buffer.frame_layout().unwrap_or_else(|| crate::bug!("code without a frame layout"));
    let ranges = code.buffer.get_srclocs_sorted();
    let mut found = Vec::new();
    for call in code.buffer.call_sites() {
        // The range of the call ends with it; one that begins at the return address is of what comes after.
        let range = ranges.partition_point(|range| range.start < call.ret_addr).checked_sub(1);
        let Some(range) = range.map(|position| &ranges[position]) else { continue };
        let Some(site) = marks::site(sites, range.loc).filter(|_| call.ret_addr <= range.end) else {
            continue;
        };
        let slots = site.slots.iter().map(|&(cleanup, slot)| CleanupSlot {
            cleanup: match cleanup {
                Cleanup::Release(ty) => Cleanup::Release(layouts.number(ty)),
                Cleanup::Defer(body) => Cleanup::Defer(body),
                Cleanup::Shield => Cleanup::Shield,
                Cleanup::Use => Cleanup::Use,
                Cleanup::Scope => Cleanup::Scope,
            },
            frame_offset: layout.stackslots[slot].offset as i32 - layout.frame_to_fp_offset as i32,
        });
        let slots = slots.collect();
        found.push(CallSite { return_offset: call.ret_addr, span: site.span, inlined: site.inlined, slots });
    }
    found
}
