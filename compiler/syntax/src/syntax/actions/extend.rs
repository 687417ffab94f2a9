//! The type arguments of an `extend`, in which type parameters are declared.

use super::Actions;
use crate::syntax::ast::{GenericParam, Ident, PathSegment, Type};

/// A type argument, and the names in it that have bounds.
pub(in crate::syntax) struct ExtendArg {
    ty: Type,
    bounded: Vec<GenericParam>,
}

impl ExtendArg {
    /// One in which nothing has bounds.
    pub(in crate::syntax) fn of(ty: Type) -> Self {
        Self { ty, bounded: Vec::new() }
    }

    /// The arguments, and all names in them that have bounds.
    pub(in crate::syntax) fn take_apart(args: Vec<Self>) -> (Vec<Type>, Vec<GenericParam>) {
        let (types, bounded): (Vec<_>, Vec<_>) = args.into_iter().map(|arg| (arg.ty, arg.bounded)).unzip();
        (types, bounded.into_iter().flatten().collect())
    }
}

impl Actions<'_> {
    pub(in crate::syntax) fn extend_name(&self, name: Ident, bounds: Option<Vec<Type>>) -> ExtendArg {
        let segment = PathSegment { name, args: Vec::new() };
        let ty = self.path_type((vec![segment], name.span));
        ExtendArg { ty, bounded: bounds.map(|bounds| GenericParam { name, bounds }).into_iter().collect() }
    }

    pub(in crate::syntax) fn extend_path(
        &self,
        start: u32,
        mut path: Vec<PathSegment>,
        name: Ident,
        args: Vec<ExtendArg>,
        end: u32,
    ) -> ExtendArg {
        let (args, bounded) = ExtendArg::take_apart(args);
        path.push(PathSegment { name, args });
        ExtendArg { ty: self.path_type((path, self.span(start, end))), bounded }
    }

    pub(in crate::syntax) fn extend_tuple(&self, start: u32, items: Vec<ExtendArg>, end: u32) -> ExtendArg {
        let (items, bounded) = ExtendArg::take_apart(items);
        ExtendArg { ty: self.tuple_type(start, items, end), bounded }
    }
}
