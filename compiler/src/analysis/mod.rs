//! What a whole program does that no function shows by itself. Reads monomorphic MIR and reports; changes only where the
//! blocks of closures are.

mod errors;
pub mod escape;
mod lifetimes;
pub mod regions;
mod scopes;
mod transfer;
