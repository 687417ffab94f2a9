//! What runs and waits, for those who ask while a program runs, and for the report of a deadlock.
//!
//! A [`Picture`](picture::Picture) is taken while no worker runs a fiber, so all of it is of one moment, and nothing else has to be kept for
//! it: it is read off the fibers' stacks. It is bounded: of a million tasks that wait it has some thousands, and the number of
//! the rest.

mod answer;
pub mod deadlock;
mod json;
mod picture;
mod text;
mod watchdog;

pub use answer::{Without, answer};
pub use watchdog::{note_place, watch};
