//! Runs fibers on workers.

pub mod worker;
