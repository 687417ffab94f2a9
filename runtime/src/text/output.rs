//! What the runtime itself has to say, on standard error.

use core::fmt::Arguments;
use std::io::{self, Write};

/// Writes to standard error, ignoring failures: there is nowhere left to report them.
pub fn write_error(text: Arguments<'_>) {
    let _ = io::stderr().lock().write_all(text.to_string().as_bytes());
}
