//! Strings as the runtime makes them: joining, comparing, formatting, and writing out.

pub mod format;
pub mod output;
pub mod string;
