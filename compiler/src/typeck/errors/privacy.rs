//! Members that are not `pub`.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use crate::hir::Name;

/// Where a private member is, in a file that the user can change.
#[derive(Clone, Copy)]
pub(in crate::typeck) struct Place {
    /// Its name.
    pub name: Span,
    /// Where `pub` would stand.
    pub insert: Span,
}

/// A field.
pub(in crate::typeck) fn private_field(
    name: Name,
    ty: &str,
    has_method: bool,
    place: Option<Place>,
) -> Diagnostic {
    let message = format!("the field `{}` of `{ty}` is private", name.symbol);
    let label = if place.is_some() { "belongs to another file" } else { "belongs to the library" };
    let diagnostic = Diagnostic::error(codes::PRIVATE_MEMBER, name.span, message, label);
    let diagnostic = match has_method {
        true => diagnostic.suggest("call the method of that name", name.span.shrink_to_end(), "()"),
        false => diagnostic,
    };
    make_public(diagnostic, place)
}

/// A method or static function.
pub(in crate::typeck) fn private_method(name: Name, ty: &str, place: Place) -> Diagnostic {
    let message = format!("`{}` of `{ty}` is private", name.symbol);
    let diagnostic = Diagnostic::error(codes::PRIVATE_MEMBER, name.span, message, "belongs to another file");
    make_public(diagnostic, Some(place))
}

/// An `init`.
pub(in crate::typeck) fn private_init(span: Span, ty: &str, place: Option<Place>) -> Diagnostic {
    let message = format!("the `init` of `{ty}` is private");
    let label = if place.is_some() { "belongs to another file" } else { "belongs to the library" };
    make_public(Diagnostic::error(codes::PRIVATE_MEMBER, span, message, label), place)
}

/// A value whose making would have to give a private field its value.
pub(in crate::typeck) fn needs_private_field(
    span: Span,
    ty: &str,
    field: Symbol,
    place: Option<Place>,
) -> Diagnostic {
    let message = format!("a value of type `{ty}` cannot be made here");
    let label = format!("the field `{field}` is private and has no default");
    let diagnostic = Diagnostic::error(codes::PRIVATE_MEMBER, span, message, label);
    match place {
        Some(_) => make_public(diagnostic, place)
            .help("or give the type a `pub init`, or a `pub static fn` that makes one, in its own file"),
        None => diagnostic,
    }
}

/// A struct that is taken apart although not all its fields may be seen.
pub(in crate::typeck) fn private_struct(
    span: Span,
    owner: Symbol,
    field: Symbol,
    can_skip: bool,
    place: Option<Place>,
) -> Diagnostic {
    let message = format!("the field `{field}` of `{owner}` is private");
    let diagnostic = Diagnostic::error(codes::PRIVATE_MEMBER, span, message, "cannot be taken apart");
    let diagnostic = match can_skip {
        true => diagnostic.help("skip it: a `..` at the end stands for all other fields"),
        false => diagnostic,
    };
    make_public(diagnostic, place)
}

fn make_public(diagnostic: Diagnostic, place: Option<Place>) -> Diagnostic {
    match place {
        Some(place) => diagnostic.secondary(place.name, "defined here without `pub`").suggest(
            "make it public",
            place.insert,
            "pub ",
        ),
        None => diagnostic,
    }
}
