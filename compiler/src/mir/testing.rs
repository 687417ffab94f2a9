//! What unit tests build functions by hand with.

use plat_syntax::index::IndexVec;
use plat_syntax::source::{FileId, Span};

use super::builder::Builder;
use super::{Effects, Function, FunctionKind, Poll};
use crate::types::Ty;

/// Stands for the place of everything built by hand.
pub const SPAN: Span = Span { file: FileId(0), start: 0, end: 0 };

/// Begins a plain function of the program.
pub fn begin(name: &str, result: Ty) -> Builder {
    let function = Function {
        name: name.to_owned(),
        origin: None,
        span: SPAN,
        kind: FunctionKind::Plain,
        is_library: false,
        type_param_count: 0,
        capture_count: 0,
        param_count: 0,
        locals: IndexVec::new(),
        blocks: IndexVec::new(),
        inline_sites: IndexVec::new(),
        deepest: 0,
        effects: Effects::ALL,
        poll: Poll::Ends,
    };
    Builder::new(function, result)
}
