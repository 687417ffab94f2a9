//! The standard library, carried by the binary.

use plat_syntax::source::{FileId, Origin, SourceMap};

// `FILES: &[(&str, &str)]`: name and text of each file of `stdlib/`, in the order of their names.
include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));

/// Adds the library's files to the source map.
pub fn load(sources: &mut SourceMap) -> Vec<FileId> {
    FILES.iter().map(|(name, text)| sources.add((*name).into(), (*text).into(), Origin::Library)).collect()
}
