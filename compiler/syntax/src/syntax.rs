//! Text → tokens → syntax tree.
//!
//! Knows no files and no meaning of names.

pub mod ast;
