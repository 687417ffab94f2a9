//! Blocks of functions and closures: what a value of a function type points to.

use std::mem::offset_of;

use cranelift_codegen::ir::{InstBuilder, Value};
use plat_abi::layout::{ClosureHeader, ClosureInfo};

use super::abi;
use super::emitter::{Address, Emitter};
use super::layout::POINTER;

impl Emitter<'_, '_> {
    /// Releases the captures of a closure that nothing refers to any more, and frees its block.
    pub fn free_closure(&mut self, block: Value) {
        let free = self.closure_info(block, offset_of!(ClosureInfo, free));
        self.call_closure_glue(free, block);
    }

    /// Makes the captures of a closure shared.
    pub fn share_captures(&mut self, block: Value) {
        let share = self.closure_info(block, offset_of!(ClosureInfo, share));
        self.when(share, |this| this.call_closure_glue(share, block));
    }

    fn closure_info(&mut self, block: Value, offset: usize) -> Value {
        let info = self.load(POINTER, Address::header(block, offset_of!(ClosureHeader, info)));
        self.load(POINTER, Address::header(info, offset))
    }

    fn call_closure_glue(&mut self, code: Value, block: Value) {
        let signature = self.builder.import_signature(abi::signature(&[POINTER], &[]));
        self.builder.ins().call_indirect(signature, code, &[block]);
    }
}
