//! Standard output and standard error: whole lines, atomic between tasks.
//!
//! A line is one `write`, so that another process that reads the pipe sees it at once and whole. Rejected: buffering when
//! the output is no terminal; a program that is killed would lose what it has printed.

use core::fmt::Arguments;
use std::io::{self, ErrorKind, Write};

use crate::broken_pipe;

/// Writes `text` and a line break to standard output. A reader that has gone away ends the program by SIGPIPE; other
/// errors (a full disk) are lost, as they are in C.
pub fn print_line(text: &str) {
    write_line(io::stdout().lock(), text);
}

/// Writes `text` and a line break to standard error.
pub fn print_error_line(text: &str) {
    write_line(io::stderr().lock(), text);
}

/// Writes to standard error, ignoring failures: there is nowhere left to report them.
pub fn write_error(text: Arguments<'_>) {
    let _ = io::stderr().lock().write_all(text.to_string().as_bytes());
}

/// Longest line that is put together with its line break on the stack.
const INLINE_LINE: usize = 1024;

fn write_line(mut output: impl Write, text: &str) {
    let mut line = [0; INLINE_LINE];
    let result = match line.get_mut(..=text.len()) {
        Some(line) => {
            line[..text.len()].copy_from_slice(text.as_bytes());
            line[text.len()] = b'\n';
            output.write_all(line)
        }
        None => output.write_all([text.as_bytes(), b"\n"].concat().as_slice()),
    };
    if result.and_then(|()| output.flush()).is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        broken_pipe::deliver();
    }
}
