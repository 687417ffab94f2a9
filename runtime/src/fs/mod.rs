//! Files and paths: what the library asks of the file system. Everything here blocks its thread.

mod listing;

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Seek, SeekFrom};
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;

use plat_abi::layout::{FileType, MetadataWords, OpenMode};

use crate::reactor::{self, Source};
use crate::scheduler::worker::Worker;
pub use listing::Listing;

/// A source for a file, which is opened as the bits of [`OpenMode`] say. One that has events, such as a pipe with a path, is registered.
pub fn open(worker: &Worker, path: &Path, mode: i64, permissions: u32) -> io::Result<u32> {
    let has = |bit: OpenMode| mode & bit as i64 != 0;
    let mut options = OpenOptions::new();
    options.read(has(OpenMode::Read)).write(has(OpenMode::Write)).append(has(OpenMode::Append));
    options.truncate(has(OpenMode::Truncate)).create(has(OpenMode::Create));
    options.create_new(has(OpenMode::CreateNew)).mode(permissions);
    reactor::add_any(worker, OwnedFd::from(options.open(path)?))
}

/// Calls `operate` with the file of a source.
fn with_file<R>(source: &Source, operate: impl Fn(&File) -> io::Result<R>) -> io::Result<R> {
    source.with(|descriptor| {
        let file = borrowed(descriptor);
        loop {
            match operate(&file) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    })
}

/// A file that its owner closes.
fn borrowed(descriptor: BorrowedFd<'_>) -> ManuallyDrop<File> {
    // SAFETY: it is open as long as it is borrowed, and this never closes it.
    ManuallyDrop::new(unsafe { File::from_raw_fd(descriptor.as_raw_fd()) })
}

/// Moves to a position, and gives it.
pub fn seek(source: &Source, position: SeekFrom) -> io::Result<u64> {
    with_file(source, |mut file| file.seek(position))
}

/// What is to be on the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Synced {
    /// The content, and what it takes to find it.
    Content,
    /// All that is known about the file as well.
    Whole,
}

/// Waits until what was written is on the disk.
pub fn sync(source: &Source, synced: Synced) -> io::Result<()> {
    with_file(source, |file| match synced {
        Synced::Content => file.sync_data(),
        Synced::Whole => file.sync_all(),
    })
}

/// Cuts a file off, or adds zeros.
pub fn set_length(source: &Source, length: u64) -> io::Result<()> {
    with_file(source, |file| file.set_len(length))
}

/// What is known about an open file.
pub fn metadata(source: &Source) -> io::Result<MetadataWords> {
    with_file(source, |file| Ok(words(&file.metadata()?)))
}

/// What is known about what is at a path; with `follows` about what links lead to.
pub fn path_metadata(path: &Path, follows: bool) -> io::Result<MetadataWords> {
    let metadata = if follows { fs::metadata(path) } else { fs::symlink_metadata(path) };
    Ok(words(&metadata?))
}

fn words(metadata: &Metadata) -> MetadataWords {
    /// Bits of a file's mode that say who may do what; the others are its type.
    const PERMISSIONS: u32 = 0o7777;
    const PER_SECOND: i64 = 1_000_000_000;
    let moment = |seconds: i64, nanos: i64| seconds.saturating_mul(PER_SECOND).saturating_add(nanos);
    MetadataWords {
        file_type: file_type(metadata.file_type()) as i64,
        length: metadata.len() as i64,
        permissions: i64::from(metadata.mode() & PERMISSIONS),
        modified: moment(metadata.mtime(), metadata.mtime_nsec()),
        accessed: moment(metadata.atime(), metadata.atime_nsec()),
    }
}

fn file_type(found: fs::FileType) -> FileType {
    if found.is_file() {
        FileType::File
    } else if found.is_dir() {
        FileType::Directory
    } else if found.is_symlink() {
        FileType::Link
    } else {
        FileType::Other
    }
}

/// Sets who may do what.
pub fn set_permissions(path: &Path, permissions: u32) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(permissions))
}

/// Makes a link at `path`: a second name of a file, or one that leads to another path.
pub fn link(target: &Path, path: &Path, is_symbolic: bool) -> io::Result<()> {
    if is_symbolic { symlink(target, path) } else { fs::hard_link(target, path) }
}

/// What is removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Removed {
    /// A file, or a link.
    File,
    /// A directory with nothing in it.
    EmptyDirectory,
    /// A directory and all that is in it; links are not followed.
    Directory,
}

/// Removes what is at a path.
pub fn remove(path: &Path, what: Removed) -> io::Result<()> {
    match what {
        Removed::File => fs::remove_file(path),
        Removed::EmptyDirectory => fs::remove_dir(path),
        Removed::Directory => fs::remove_dir_all(path),
    }
}

/// Makes a directory; with `with_parents` also those that it is in, and there may be one already.
pub fn create_directory(path: &Path, with_parents: bool, permissions: u32) -> io::Result<()> {
    DirBuilder::new().recursive(with_parents).mode(permissions).create(path)
}
