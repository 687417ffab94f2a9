//! Changes of blocks that other tasks have seen.
//!
//! What a shared block refers to is shared, too: that is why sharing a value stops at the first shared block. A block
//! whose count is -1 belongs to one task again and is changed in place, and so are objects that have gone from task to
//! task, and the cells of the library. So what is stored there is shared first. A place in it whose address is passed on may
//! be changed unseen: until the call returns a buffer's block is no shared one, and what an object's field holds then is
//! shared after the call. A closure keeps such an address for longer, and the block stays local.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};

use super::emitter::Address;
use super::func::FunctionCompiler;
use super::item::Glue;
use crate::mir::{Argument, Place, Projection};
use crate::types::{Ty, TyKind};

/// A shared block in which a place is passed to a call.
#[derive(Clone, Copy, Debug)]
pub struct Lent {
    block: Value,
    was_shared: Value,
    /// Whether it is no shared one until the call returns.
    is_taken: bool,
    address: Value,
    ty: Ty,
}

impl FunctionCompiler<'_, '_> {
    /// Shares the value that has just been stored at a place in a block, if the block is shared.
    pub fn share_stored(&mut self, place: &Place) {
        if let Some(block) = self.changed_block(place) {
            let ty = self.function.place_ty(self.emitter.program.definitions, place);
            let is_shared = self.is_shared(block);
            let cold = self.emitter.begin_cold(is_shared);
            let address = self.place_address(place);
            self.emitter.call_glue(Glue::Share(self.emitter.program.layouts.number(ty)), &[address]);
            self.emitter.end_cold(cold);
        }
    }

    /// Takes the block of a buffer, which the task has alone, back from what is shared.
    pub fn unshare(&mut self, block: Value) {
        let is_shared = self.is_shared(block);
        let cold = self.emitter.begin_cold(is_shared);
        let local = self.emitter.int(types::I64, 1);
        self.emitter.store(local, Address::header(block, 0));
        self.emitter.end_cold(cold);
    }

    /// Takes back the block that a place is in before its address is kept.
    pub fn unshare_around(&mut self, place: &Place) {
        if let Some(block) = self.changed_block(place).filter(|_| !is_in_object(place)) {
            self.unshare(block);
        }
    }

    /// Takes back the blocks of buffers that the places among the arguments are in, until the call returns. Of the others it notes
    /// whether they are shared: an object may be referred to from anywhere.
    pub fn lend(&mut self, args: &[Argument]) -> Vec<Lent> {
        let places = args.iter().filter_map(|arg| match arg {
            Argument::Place(place) if !self.is_in_cell(place) => Some(place),
            _ => None,
        });
        let mut lent = Vec::new();
        for place in places.collect::<Vec<_>>() {
            if let Some(block) = self.changed_block(place) {
                let was_shared = self.is_shared(block);
                let is_taken = !is_in_object(place);
                if is_taken {
                    self.unshare(block);
                }
                let address = self.place_address(place);
                let ty = self.function.place_ty(self.emitter.program.definitions, place);
                lent.push(Lent { block, was_shared, is_taken, address, ty });
            }
        }
        lent
    }

    /// Shares what was shared before `lend`, with what the call has put there.
    pub fn take_back(&mut self, lent: Vec<Lent>) {
        for Lent { block, was_shared, is_taken, address, ty } in lent {
            let cold = self.emitter.begin_cold(was_shared);
            self.emitter.call_glue(Glue::Share(self.emitter.program.layouts.number(ty)), &[address]);
            if is_taken {
                let shared = self.emitter.int(types::I64, -1);
                self.emitter.store(shared, Address::header(block, 0));
            }
            self.emitter.end_cold(cold);
        }
    }

    fn is_shared(&mut self, block: Value) -> Value {
        let count = self.emitter.load(types::I64, Address::header(block, 0));
        self.emitter.builder.ins().icmp_imm_s(IntCC::SignedLessThan, count, 0)
    }

    /// The innermost block that a place with counted contents is in, if that may be a shared one.
    fn changed_block(&mut self, place: &Place) -> Option<Value> {
        let program = self.emitter.program;
        let ty = self.function.place_ty(program.definitions, place);
        if !program.layouts.is_managed(ty) {
            return None;
        }
        let step = place.projections.iter().rposition(is_block_step)?;
        let outer = Place { local: place.local, projections: place.projections[..step].to_vec() };
        let (location, ty) = self.resolve(&outer);
        if let TyKind::Class(id, _) = *ty.kind()
            && !program.definitions.classes[id].is_cell
            && !program.crossing.includes(ty)
        {
            // It has been in one task only, or has no `var` fields.
            return None;
        }
        Some(self.load_pointer(location, ty))
    }

    /// Whether the innermost block is a cell of the library, which shares what it holds by itself.
    fn is_in_cell(&self, place: &Place) -> bool {
        let definitions = self.emitter.program.definitions;
        let Some(step) = place.projections.iter().rposition(is_block_step) else { return false };
        let object = Place { local: place.local, projections: place.projections[..step].to_vec() };
        matches!(*self.function.place_ty(definitions, &object).kind(),
            TyKind::Class(id, _) if definitions.classes[id].is_cell)
    }
}

/// Whether the step leads into a block that is changed in place.
fn is_block_step(step: &Projection) -> bool {
    matches!(step, Projection::Element(_) | Projection::ClassField(_) | Projection::Content(_))
}

/// Whether the innermost block is an object.
fn is_in_object(place: &Place) -> bool {
    let step = place.projections.iter().rfind(|step| is_block_step(step));
    matches!(step, Some(Projection::ClassField(_)))
}
