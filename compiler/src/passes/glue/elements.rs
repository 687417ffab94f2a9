//! Loops over the elements of buffers.

use super::{Generator, binary, int};
use crate::mir::{BinaryOp, BlockId, Local, Operand, Place, Rvalue};
use crate::types::Ty;

/// A loop being generated; its body is the current block.
pub(super) struct Loop {
    /// The index of the element.
    pub(super) index: Local,
    head: BlockId,
    end: BlockId,
}

impl Generator<'_> {
    /// The length of the buffer at `place`.
    pub(super) fn length(&mut self, place: &Place) -> Local {
        self.temp(Ty::int(), Rvalue::Length(place.clone()))
    }

    /// Begins a loop that counts from zero up to `length`.
    pub(super) fn begin_loop(&mut self, length: Local) -> Loop {
        let index = self.temp(Ty::int(), Rvalue::Use(int(0)));
        let head = self.builder.new_block();
        self.goto_and_switch(head);
        let goes_on = self.temp(Ty::bool(), binary(BinaryOp::Lt, index, Operand::Use(length.into())));
        let (_, end) = self.branch(goes_on);
        Loop { index, head, end }
    }

    /// Ends the body of a loop and goes on after it.
    pub(super) fn end_loop(&mut self, counted: &Loop) {
        let next = Rvalue::Wrapping(BinaryOp::Add, Operand::Use(counted.index.into()), int(1));
        self.assign(counted.index, next);
        self.goto_and_switch(counted.head);
        self.builder.switch_to(counted.end);
    }
}
