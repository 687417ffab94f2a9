//! The Plat compiler.
