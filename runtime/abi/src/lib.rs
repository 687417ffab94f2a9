//! The boundary between compiled Plat code and its runtime.
#![no_std]
#![forbid(unsafe_code)]
