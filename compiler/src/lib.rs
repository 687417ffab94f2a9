//! The Plat compiler.
//!
//! `text → tokens → AST → HIR → HIR + TypeckResults → MIR → mono MIR → CLIF → object → executable`; see `ARCHITECTURE.md`.
//! Text, tokens and syntax tree live in `plat_syntax`; each stage after them is a module here with one public
//! entry, and [`driver`] alone calls them, touches files and decides to stop.
#![forbid(unsafe_code)]

pub mod analysis;
pub mod bug;
pub mod codegen;
pub mod driver;
pub mod hir;
pub mod lints;
pub mod lower;
pub mod mir;
pub mod passes;
pub mod resolve;
pub mod typeck;
pub mod types;
