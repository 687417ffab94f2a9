//! What ends a command other than diagnostics: files, the linker, the operating system.

use std::io;
use std::process::ExitCode;

/// The exit codes of `platc` itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Exit {
    /// All is well.
    Success = 0,
    /// The program has mistakes, or something failed on the way to its executable.
    Failed = 1,
    /// The command line cannot be meant: unknown options, a file that cannot be read.
    Usage = 2,
    /// A mistake of the compiler itself.
    Bug = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failure with no place in the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The exit code it leads to.
    pub exit: Exit,
    /// What failed, in one line.
    pub message: String,
    /// Why.
    pub notes: Vec<String>,
    /// What to do.
    pub helps: Vec<String>,
}

impl Failure {
    /// Something failed on the way: exit code 1.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, message: message.into(), notes: Vec::new(), helps: Vec::new() }
    }

    /// The command line cannot be meant: exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::failed(message) }
    }

    /// Adds a reason.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.helps.push(text.into());
        self
    }
}

/// What an error of the operating system means, in words and without its number.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::IsADirectory => "it is a directory".into(),
        io::ErrorKind::StorageFull => "the disk is full".into(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".into(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or(&text).to_lowercase()
        }
    }
}
