//! Types.

use super::{Actions, Case};
use crate::index::Symbol;
use crate::source::Span;
use crate::syntax::ast::{FunctionType, ParamMode, Path, PathSegment, Type, TypeKind};
use crate::syntax::errors;

impl Actions<'_> {
    pub(in crate::syntax) fn path_type(&self, (segments, span): (Vec<PathSegment>, Span)) -> Type {
        Type { kind: TypeKind::Path(Path { segments, span }), span }
    }

    /// A type in parentheses is itself; the empty ones and those of several are tuples.
    pub(in crate::syntax) fn tuple_type(&self, start: u32, mut items: Vec<Type>, end: u32) -> Type {
        let span = self.span(start, end);
        match items.pop() {
            Some(only) if items.is_empty() => Type { span, ..only },
            last => {
                items.extend(last);
                Type { kind: TypeKind::Tuple(items), span }
            }
        }
    }

    pub(in crate::syntax) fn function_type(
        &self,
        start: u32,
        is_sharable: bool,
        params: Vec<(ParamMode, Type)>,
        result: Option<Type>,
        end: u32,
    ) -> Type {
        let sharable = is_sharable.then(|| self.token_span(start));
        let function = FunctionType { sharable, params, result };
        Type { kind: TypeKind::Function(Box::new(function)), span: self.span(start, end) }
    }

    /// A type's name in the wrong case, corrected.
    pub(in crate::syntax) fn wrong_type(&mut self, at: u32, name: Symbol) -> Type {
        let span = self.token_span(at);
        let corrected =
            known_type(name.as_str()).map_or_else(|| Case::Title.correct(name.as_str()), str::to_owned);
        self.emit(errors::wrong_case(span, name.as_str(), Case::Title, &corrected));
        let name = Symbol::intern(&corrected);
        let ident = crate::syntax::ast::Ident { name, span };
        self.path_type((vec![PathSegment { name: ident, args: Vec::new() }], span))
    }
}

/// What other languages call types that Plat has.
fn known_type(name: &str) -> Option<&'static str> {
    Some(match name {
        "i8" => "Int8",
        "i16" => "Int16",
        "i32" => "Int32",
        "i64" | "isize" | "long" => "Int64",
        "u8" | "byte" => "UInt8",
        "u16" => "UInt16",
        "u32" => "UInt32",
        "u64" | "usize" | "uint" => "UInt64",
        "integer" => "Int",
        "f32" => "Float32",
        "f64" | "double" => "Float64",
        "str" => "String",
        "boolean" => "Bool",
        "void" => "Unit",
        _ => return None,
    })
}
