//! Call sites: where calls that can unwind return to, what they were written for, and what their frames own.

use cranelift_codegen::CompiledCode;
use cranelift_codegen::ir::StackSlot;
use plat_syntax::source::Span;

use super::layout::{Layouts, TypeIndex};
use crate::mir::InlineSiteId;
use crate::types::Ty;

/// A call that can unwind, as it was written. Its source location in Cranelift's sense is its number plus 1.
#[derive(Clone, Debug)]
pub struct Site {
    /// What it was written for.
    pub span: Span,
    /// The inlined call whose body it was written in.
    pub inlined: Option<InlineSiteId>,
    /// The slots of what the frame owns meanwhile.
    pub slots: Vec<(Ty, StackSlot)>,
}

/// An owned value in a frame.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct OwnedSlot {
    /// Its type.
    pub ty: TypeIndex,
    /// Its address relative to the frame pointer.
    pub frame_offset: i64,
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
    /// What the frame owns meanwhile, in the order to release it: what was declared last comes first.
    pub slots: Vec<OwnedSlot>,
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
        if range.loc.is_default() || call.ret_addr > range.end {
            continue;
        }
        let site = &sites[range.loc.bits() as usize - 1];
        let owned = site.slots.iter().rev().map(|&(ty, slot)| OwnedSlot {
            ty: layouts.number(ty),
            frame_offset: i64::from(layout.stackslots[slot].offset) - i64::from(layout.frame_to_fp_offset),
        });
        let slots = owned.collect();
        found.push(CallSite { return_offset: call.ret_addr, span: site.span, inlined: site.inlined, slots });
    }
    found
}
