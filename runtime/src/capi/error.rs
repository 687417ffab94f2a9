//! Rows about errors of the operating system.

use std::io::{self, ErrorKind as Kind};

use plat_abi::layout::ErrorKind;

use crate::scheduler::worker::Worker;
use crate::text::string::from_text;

/// What a row returns whose caller has to wait and to try again.
pub(super) const AGAIN: i64 = i64::MIN;

/// What a row returns that gives a number, or the negative number of the system's error.
pub(super) fn status(result: io::Result<i64>) -> i64 {
    result.unwrap_or_else(|error| match error.raw_os_error() {
        _ if error.kind() == Kind::WouldBlock => AGAIN,
        Some(code) => -i64::from(code),
        // What the system was not even asked for, such as a path that it cannot have.
        None => -i64::from(libc::EINVAL),
    })
}

/// Row `error_text`.
///
/// # Safety
/// Called by compiled code on `worker`.
pub unsafe extern "C" fn error_text(worker: *mut Worker, code: i64) -> *mut u8 {
    // SAFETY: the worker's record belongs to its thread, which runs this.
    unsafe { from_text(&mut (*worker).heap, &text(code as i32)).cast() }
}

/// The system's text, as a part of a sentence.
fn text(code: i32) -> String {
    let text = io::Error::from_raw_os_error(code).to_string();
    let text = text.rsplit_once(" (os error").map_or(text.as_str(), |(text, _)| text);
    let mut characters = text.chars();
    match (characters.next(), characters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => text.into(),
    }
}

/// Row `error_kind`.
///
/// # Safety
/// None beyond the row's types.
pub unsafe extern "C" fn error_kind(_worker: *mut Worker, code: i64) -> i64 {
    kind(code as i32) as i64
}

fn kind(code: i32) -> ErrorKind {
    match code {
        libc::EMFILE | libc::ENFILE => return ErrorKind::TooManyOpenFiles,
        libc::EBADF => return ErrorKind::Closed,
        _ => {}
    }
    match io::Error::from_raw_os_error(code).kind() {
        Kind::NotFound => ErrorKind::NotFound,
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => ErrorKind::PermissionDenied,
        Kind::ConnectionRefused => ErrorKind::ConnectionRefused,
        Kind::ConnectionReset => ErrorKind::ConnectionReset,
        Kind::ConnectionAborted => ErrorKind::ConnectionAborted,
        Kind::NotConnected => ErrorKind::NotConnected,
        Kind::AddrInUse => ErrorKind::AddressInUse,
        Kind::AddrNotAvailable => ErrorKind::AddressNotAvailable,
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => ErrorKind::Unreachable,
        Kind::BrokenPipe => ErrorKind::BrokenPipe,
        Kind::AlreadyExists => ErrorKind::AlreadyExists,
        Kind::WouldBlock => ErrorKind::WouldBlock,
        Kind::InvalidInput | Kind::InvalidFilename => ErrorKind::InvalidInput,
        Kind::TimedOut => ErrorKind::TimedOut,
        Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => ErrorKind::StorageFull,
        Kind::IsADirectory => ErrorKind::IsADirectory,
        Kind::NotADirectory => ErrorKind::NotADirectory,
        Kind::DirectoryNotEmpty => ErrorKind::DirectoryNotEmpty,
        Kind::Interrupted => ErrorKind::Interrupted,
        Kind::Unsupported => ErrorKind::Unsupported,
        _ => ErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_parts_of_sentences() {
        assert_eq!(text(libc::ECONNRESET), "connection reset by peer");
        assert_eq!(text(libc::ENOENT), "no such file or directory");
        assert!(text(libc::EIO).ends_with("error"));
    }

    #[test]
    fn kinds_tell_what_programs_tell_apart() {
        assert_eq!(kind(libc::EMFILE), ErrorKind::TooManyOpenFiles);
        assert_eq!(kind(libc::ECONNREFUSED), ErrorKind::ConnectionRefused);
        assert_eq!(kind(libc::EAGAIN), ErrorKind::WouldBlock);
        assert_eq!(kind(0), ErrorKind::Other);
    }
}
