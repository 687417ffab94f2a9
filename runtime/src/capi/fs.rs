//! Rows about files and paths. They block their thread.
//!
//! Each is called by compiled code through its stub, on `worker`, with the numbers of sources and the listings that the caller has, live strings,
//! and places of strings and of `MetadataWords` that are the caller's alone: that is what every `SAFETY` here leans on.

use std::io::{self, SeekFrom};
use std::path::Path;

use plat_abi::layout::MetadataWords;

use super::error::status;
use super::source::source;
use crate::fs::{self, Listing, Removed, Synced};
use crate::scheduler::worker::Worker;
use crate::text::string::{Builder, text};

/// # Safety
/// `string` is a live string.
unsafe fn path<'a>(string: *mut u8) -> &'a Path {
    // SAFETY: by the contract.
    Path::new(unsafe { text(string.cast()) })
}

/// What a row returns that gives nothing.
fn done(result: io::Result<()>) -> i64 {
    status(result.map(|()| 0))
}

/// Appends a path, which must be text.
///
/// # Safety
/// `into` is the place of a string that is the caller's alone.
unsafe fn give_path(worker: *mut Worker, found: io::Result<std::path::PathBuf>, into: *mut u8) -> i64 {
    status(found.and_then(|found| {
        let found = found.to_str().ok_or_else(|| io::Error::from_raw_os_error(libc::EILSEQ))?;
        // SAFETY: by the contract, and the worker's record belongs to its thread, which runs this.
        unsafe { Builder::new(&mut (*worker).heap, into.cast()).push(found) };
        Ok(0)
    }))
}

/// # Safety
/// `into` is the place of `MetadataWords`.
unsafe fn give_metadata(found: io::Result<MetadataWords>, into: *mut u8) -> i64 {
    done(found.map(|words| {
        // SAFETY: by the contract.
        unsafe { into.cast::<MetadataWords>().write(words) }
    }))
}

/// Row `file_open`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn file_open(worker: *mut Worker, name: *mut u8, mode: i64, permissions: i64) -> i64 {
    // SAFETY: see the module's head.
    let (worker, path) = unsafe { (&*worker, path(name)) };
    status(fs::open(worker, path, mode, permissions as u32).map(i64::from))
}

/// Row `file_seek`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn file_seek(_worker: *mut Worker, number: i64, offset: i64, origin: i64) -> i64 {
    let position = match origin {
        0 => u64::try_from(offset).map(SeekFrom::Start),
        1 => Ok(SeekFrom::Current(offset)),
        _ => Ok(SeekFrom::End(offset)),
    };
    let position = position.map_err(|_| io::Error::from_raw_os_error(libc::EINVAL));
    status(position.and_then(|position| fs::seek(source(number), position)).map(|place| place as i64))
}

/// Row `file_sync`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn file_sync(_worker: *mut Worker, number: i64, is_whole: i64) -> i64 {
    done(fs::sync(source(number), if is_whole == 0 { Synced::Content } else { Synced::Whole }))
}

/// Row `file_set_length`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn file_set_length(_worker: *mut Worker, number: i64, length: i64) -> i64 {
    let length = u64::try_from(length).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL));
    done(length.and_then(|length| fs::set_length(source(number), length)))
}

/// Row `file_metadata`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn file_metadata(_worker: *mut Worker, number: i64, into: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    unsafe { give_metadata(fs::metadata(source(number)), into) }
}

/// Row `path_metadata`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn path_metadata(
    _worker: *mut Worker,
    name: *mut u8,
    follows: i64,
    into: *mut u8,
) -> i64 {
    // SAFETY: see the module's head.
    unsafe { give_metadata(fs::path_metadata(path(name), follows != 0), into) }
}

/// Row `path_set_permissions`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn path_set_permissions(_worker: *mut Worker, name: *mut u8, permissions: i64) -> i64 {
    // SAFETY: see the module's head.
    done(fs::set_permissions(unsafe { path(name) }, permissions as u32))
}

/// Row `path_rename`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn path_rename(_worker: *mut Worker, from: *mut u8, to: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    done(unsafe { std::fs::rename(path(from), path(to)) })
}

/// Row `path_copy`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn path_copy(_worker: *mut Worker, from: *mut u8, to: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    status(unsafe { std::fs::copy(path(from), path(to)) }.map(|count| count as i64))
}

/// Row `path_link`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn path_link(
    _worker: *mut Worker,
    target: *mut u8,
    name: *mut u8,
    is_symbolic: i64,
) -> i64 {
    // SAFETY: see the module's head.
    done(unsafe { fs::link(path(target), path(name), is_symbolic != 0) })
}

/// Row `path_link_target`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn path_link_target(worker: *mut Worker, name: *mut u8, into: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    unsafe { give_path(worker, std::fs::read_link(path(name)), into) }
}

/// Row `path_resolve`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn path_resolve(worker: *mut Worker, name: *mut u8, into: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    unsafe { give_path(worker, std::fs::canonicalize(path(name)), into) }
}

/// Row `path_remove`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn path_remove(_worker: *mut Worker, name: *mut u8, what: i64) -> i64 {
    let what = match what {
        0 => Removed::File,
        1 => Removed::EmptyDirectory,
        _ => Removed::Directory,
    };
    // SAFETY: see the module's head.
    done(fs::remove(unsafe { path(name) }, what))
}

/// Row `directory_create`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn directory_create(
    _worker: *mut Worker,
    name: *mut u8,
    with_parents: i64,
    permissions: i64,
) -> i64 {
    // SAFETY: see the module's head.
    done(fs::create_directory(unsafe { path(name) }, with_parents != 0, permissions as u32))
}

/// Row `directory_open`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn directory_open(_worker: *mut Worker, name: *mut u8) -> i64 {
    // SAFETY: see the module's head.
    let listing = Listing::open(unsafe { path(name) });
    status(listing.map(|listing| Box::into_raw(Box::new(listing)).expose_provenance() as i64))
}

/// Row `directory_next`.
///
/// # Safety
/// See the module's head.
pub unsafe extern "C" fn directory_next(worker: *mut Worker, listing: i64, into: *mut u8) -> i64 {
    // SAFETY: see the module's head; `directory_open` has made it.
    let (listing, mut into) = unsafe {
        let listing = &*core::ptr::with_exposed_provenance::<Listing>(listing as usize);
        (listing, Builder::new(&mut (*worker).heap, into.cast()))
    };
    let count = listing.next(|file_type, name| {
        let mark = char::from_digit(file_type as u32, 10).expect("there are few types");
        into.push(mark.encode_utf8(&mut [0; 4]));
        into.push(name);
        into.push("\0");
    });
    status(count.map(|count| count as i64))
}

/// Row `directory_close`.
///
/// # Safety
/// See the module's head; nobody uses the listing any more.
pub unsafe extern "C" fn directory_close(_worker: *mut Worker, listing: i64) {
    // SAFETY: see the module's head; `directory_open` has made it.
    drop(unsafe { Box::from_raw(core::ptr::with_exposed_provenance_mut::<Listing>(listing as usize)) });
}
