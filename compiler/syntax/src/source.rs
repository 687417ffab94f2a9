//! The texts of one compilation and places in them.
//!
//! Owns text, not files: the driver's loader reads files and adds their text here.

use std::ops::Range;

use crate::define_id;
use crate::index::IndexVec;

define_id!(
    /// One text of the compilation.
    FileId, "file"
);

/// A range of bytes in one file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Byte offset of the first byte.
    pub start: u32,
    /// Byte offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The span from byte `start` up to byte `end` of `file`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The smallest span that covers both. Both must be of one file.
    pub fn to(self, other: Self) -> Self {
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty span just before this one.
    pub fn shrink_to_start(self) -> Self {
        Self { end: self.start, ..self }
    }

    /// The empty span just after this one.
    pub fn shrink_to_end(self) -> Self {
        Self { start: self.end, ..self }
    }
}

/// Whether a file belongs to the program or to the standard library that comes with the compiler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Written by the user.
    User,
    /// Part of the standard library: panics raised in it are reported at its caller.
    Library,
}

/// One source text.
#[derive(Debug)]
pub struct SourceFile {
    /// The path as messages show it.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Where it comes from.
    pub origin: Origin,
    line_starts: Vec<u32>,
}

impl SourceFile {
    /// The line that the byte at `offset` stands in, from 0.
    pub fn line_index(&self, offset: u32) -> usize {
        self.line_starts.partition_point(|&start| start <= offset) - 1
    }

    /// The bytes of a line counted from 0, with its line break; `None` past the last line.
    pub fn line_range(&self, line: usize) -> Option<Range<usize>> {
        let start = *self.line_starts.get(line)? as usize;
        let end = self.line_starts.get(line + 1).map_or(self.text.len(), |&end| end as usize);
        Some(start..end)
    }
}

/// All texts of one compilation.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: IndexVec<FileId, SourceFile>,
}

/// A line and a column as people count them, both from 1; the column counts characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl SourceMap {
    /// Adds a text. The caller has checked that it is shorter than 4 GiB.
    pub fn add(&mut self, name: String, text: String, origin: Origin) -> FileId {
        let newlines = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(at, _)| at as u32 + 1)).collect();
        self.files.push(SourceFile { name, text, origin, line_starts })
    }

    /// The file with this id.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id]
    }

    /// All files, in the order they were added.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter_enumerated()
    }

    /// The text that `span` covers.
    pub fn snippet(&self, span: Span) -> &str {
        &self.files[span.file].text[span.start as usize..span.end as usize]
    }

    /// The line and column of the first byte of `span`.
    pub fn line_column(&self, span: Span) -> LineColumn {
        let file = &self.files[span.file];
        let line = file.line_index(span.start);
        let line_start = file.line_starts[line] as usize;
        let column = file.text[line_start..span.start as usize].chars().count() + 1;
        LineColumn { line: line as u32 + 1, column: column as u32 }
    }
}
