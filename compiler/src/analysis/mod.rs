//! What a whole program does that no function shows by itself: `regions` on built MIR, `escape` on monomorphic MIR. They report, and
//! change only which parameters are `move` and where the blocks of closures are.

pub mod effects;
mod errors;
pub mod escape;
mod lifetimes;
pub mod locks;
pub mod regions;
mod scopes;
pub mod transactions;
mod under;
