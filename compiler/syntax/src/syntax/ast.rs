//! The syntax tree: the whole language as written, with a span on every node.
//!
//! Plain boxed trees. Names are uninterpreted: whether `x` is a local, a function or a label is for `resolve` to
//! say. Parentheses leave no node, only a wider span. What the parser could not make sense of is an `Error` node,
//! and has been reported; later stages stay quiet about it.
//!
//! Invariant: the tree is never deeper than `recover::MAX_DEPTH` allows, so that it can be walked recursively.

mod expr;
mod item;
mod literal;
mod pattern;
mod ty;

use crate::index::Symbol;
use crate::source::{FileId, Span};

pub use expr::*;
pub use item::*;
pub use literal::*;
pub use pattern::*;
pub use ty::*;

/// A name where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ident {
    /// The name.
    pub name: Symbol,
    /// Where it stands.
    pub span: Span,
}

/// The text of the doc comments before an item, lines joined by newlines, without the slashes.
pub type Doc = Option<Box<str>>;

/// One file.
#[derive(Clone, PartialEq, Debug)]
pub struct File {
    /// Which file.
    pub id: FileId,
    /// The `//!` comments.
    pub doc: Doc,
    /// Its items, in source order.
    pub items: Vec<Item>,
    /// The modules that paths outside of `use` items go through, `a::b` of `a::b::area(x)`: each in its first place.
    pub module_paths: Vec<Vec<Ident>>,
}
