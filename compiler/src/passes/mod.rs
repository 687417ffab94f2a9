//! From built MIR to owned MIR, in the order [`run`] says.
//!
//! Every pass but `mono` changes functions in place and knows nothing of the others, only which form of MIR it is given.
//! Passes know neither syntax nor machine code: what a type looks like in memory is `codegen`'s business.

use plat_syntax::diagnostics::Sink;

use crate::hir::Hir;
use crate::mir::Mir;

mod errors;
mod glue;
pub mod managed;
mod mono;

/// Makes the program monomorphic and its ownership explicit. After an error the result is not to be used.
pub fn run(built: &Mir, hir: &Hir, sink: &mut Sink) -> Mir {
    let mir = mono::run(built, hir, sink);
    if sink.has_errors() {
        return mir;
    }
    mir
}
