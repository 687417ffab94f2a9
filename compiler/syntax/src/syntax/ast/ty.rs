//! Paths and types.

use super::{Ident, ParamMode};
use crate::source::Span;

/// `a::b::<T>::C<U>`; a plain name is a path of one segment.
#[derive(Clone, PartialEq, Debug)]
pub struct Path {
    /// At least one.
    pub segments: Vec<PathSegment>,
    /// The whole path.
    pub span: Span,
}

impl Path {
    /// The name, if the path is nothing but a name.
    pub fn as_ident(&self) -> Option<Ident> {
        match self.segments.as_slice() {
            [only] if only.args.is_empty() => Some(only.name),
            _ => None,
        }
    }
}

/// A name of a path with its type arguments.
#[derive(Clone, PartialEq, Debug)]
pub struct PathSegment {
    /// The name.
    pub name: Ident,
    /// Explicit type arguments; empty when there are none.
    pub args: Vec<Type>,
}

/// A type.
#[derive(Clone, PartialEq, Debug)]
pub struct Type {
    /// What it is.
    pub kind: TypeKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of types.
#[derive(Clone, PartialEq, Debug)]
pub enum TypeKind {
    /// `Int`, `List<Int>`, `geometry::Point`
    Path(Path),
    /// `(A, B)`; `()` is the unit type.
    Tuple(Vec<Type>),
    /// `fn(A) -> B`
    Function(Box<FunctionType>),
    /// Something that was reported.
    Error,
}

/// `Sharable fn(A, inout B) -> C`
#[derive(Clone, PartialEq, Debug)]
pub struct FunctionType {
    /// The place of `Sharable`.
    pub sharable: Option<Span>,
    /// The parameters.
    pub params: Vec<(ParamMode, Type)>,
    /// The result.
    pub result: Option<Type>,
}
