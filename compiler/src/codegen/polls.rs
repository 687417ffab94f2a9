//! Polls: where the code of loops asks whether anything is asked of the worker.
//!
//! A load and a branch; the block off the main path calls a stub that keeps all registers, so that the loop is compiled as if it
//! called nothing. Functions on a cycle of the call graph poll where they check the stack (`growth`).

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use plat_abi::layout::WORKER_POLL;

use super::abi;
use super::func::FunctionCompiler;
use super::item::Item;
use crate::mir::Poll;

impl FunctionCompiler<'_, '_> {
    /// Calls the runtime if something is asked of the worker.
    pub fn poll(&mut self, poll: Poll) {
        let word = self.emitter.worker_field(WORKER_POLL, types::I64);
        let is_asked = self.emitter.builder.ins().icmp_imm_s(IntCC::NotEqual, word, 0);
        let cold = self.emitter.begin_cold(is_asked);
        self.emitter.watch_leaving();
        self.at_site(|emitter| emitter.call(Item::Poll(poll), &abi::poll_signature(), &[]));
        self.emitter.end_cold(cold);
    }
}
