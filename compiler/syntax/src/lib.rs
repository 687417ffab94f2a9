//! Source text, diagnostics and syntax of Plat.
//!
//! Flow: `text → tokens → AST`. Knows no files (the driver's loader hands it text), no types, no terminal
//! (diagnostics are data; the driver renders them).
#![forbid(unsafe_code)]

pub mod diagnostics;
pub mod hash;
pub mod index;
pub mod parallel;
pub mod source;
pub mod syntax;
