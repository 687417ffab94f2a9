//! Patterns, types and paths.

use super::items::{moded, name};
use super::tree::Tree;
use crate::syntax::ast::{
    FunctionType, Path, PathSegment, Pattern, PatternArgs, PatternKind, PatternLiteral, PatternLiteralKind,
    RangeLimits, Type, TypeKind,
};

pub(super) fn ty(it: &Type) -> Tree {
    match &it.kind {
        TypeKind::Path(it) => path(it),
        TypeKind::Tuple(items) => Tree::node("tuple", items.iter().map(ty)),
        TypeKind::Function(it) => function_type(it),
        TypeKind::Error => Tree::word("error"),
    }
}

fn function_type(it: &FunctionType) -> Tree {
    let word = if it.sharable.is_some() { "sharable-fn" } else { "fn" };
    let params = it.params.iter().map(|(mode, param)| moded(*mode, ty(param)));
    Tree::node(word, params.chain(it.result.iter().map(|result| Tree::node("->", [ty(result)]))))
}

/// A path: one word, unless it has type arguments.
pub(super) fn path(it: &Path) -> Tree {
    if it.segments.iter().all(|segment| segment.args.is_empty()) {
        let names: Vec<_> = it.segments.iter().map(|segment| segment.name.name.as_str()).collect();
        return Tree::word(names.join("::"));
    }
    match it.segments.as_slice() {
        [only] => segment(only),
        segments => Tree::node("path", segments.iter().map(segment)),
    }
}

fn segment(it: &PathSegment) -> Tree {
    match it.args.as_slice() {
        [] => name(it.name),
        args => Tree::node(it.name.name.as_str(), args.iter().map(ty)),
    }
}

pub(super) fn pattern(it: &Pattern) -> Tree {
    match &it.kind {
        PatternKind::Wildcard => Tree::word("_"),
        PatternKind::Binding(binding) => name(*binding),
        PatternKind::Literal(it) => literal(it),
        PatternKind::Range { start, end, limits } => {
            Tree::node(range_word(*limits), [literal(start), literal(end)])
        }
        PatternKind::Constructor { path: it, args } => match args {
            None => Tree::node("is", [path(it)]),
            Some(args) => constructor(it, args),
        },
        PatternKind::Tuple(items) => Tree::node("tuple", items.iter().map(pattern)),
        PatternKind::Or(alternatives) => Tree::node("|", alternatives.iter().map(pattern)),
        PatternKind::Error => Tree::word("error"),
    }
}

fn constructor(it: &Path, args: &PatternArgs) -> Tree {
    let fields = args.fields.iter().map(|field| match field.name {
        Some(field_name) => Tree::node("field", [name(field_name), pattern(&field.pattern)]),
        None => pattern(&field.pattern),
    });
    let rest = args.rest.map(|_| Tree::word(".."));
    Tree::node("is", std::iter::once(path(it)).chain(fields).chain(rest))
}

pub(super) fn range_word(limits: RangeLimits) -> &'static str {
    match limits {
        RangeLimits::HalfOpen => "..",
        RangeLimits::Closed => "..=",
    }
}

fn literal(it: &PatternLiteral) -> Tree {
    let sign = |negative: bool| if negative { "-" } else { "" };
    match &it.kind {
        PatternLiteralKind::Int { negative, value } => {
            Tree::word(format!("{}{}", sign(*negative), super::expressions::int(*value)))
        }
        PatternLiteralKind::Float { negative, value } => {
            Tree::word(format!("{}{}", sign(*negative), super::expressions::float(*value)))
        }
        PatternLiteralKind::String(text) => Tree::word(format!("{text:?}")),
        PatternLiteralKind::Char(value) => Tree::word(format!("{value:?}")),
        PatternLiteralKind::Bool(value) => Tree::word(value.to_string()),
        PatternLiteralKind::Duration(nanoseconds) => Tree::word(format!("{nanoseconds}ns")),
        PatternLiteralKind::Const(it) => Tree::node("const", [path(it)]),
    }
}
