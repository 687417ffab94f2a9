//! Strings as the runtime makes them: joining, comparing, hashing, formatting, and writing out.

pub mod format;
pub mod hash;
pub mod json;
pub mod output;
pub mod string;
