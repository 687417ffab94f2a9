//! Interfaces, and types that are said to have them.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast::Ident;

use super::did_you_mean;
use crate::hir::BoundOnlyReason;

/// A bound that is not even a name.
pub(in crate::resolve) fn not_an_interface_type(span: Span) -> Diagnostic {
    Diagnostic::error(codes::NOT_AN_INTERFACE, span, "this is not an interface", "an interface is named here")
}

/// An interface that nothing in scope is.
pub(in crate::resolve) fn unknown(name: Ident, nearest: Option<Symbol>) -> Diagnostic {
    let message = format!("there is no interface `{}` here", name.name);
    did_you_mean(Diagnostic::error(codes::UNKNOWN_TYPE, name.span, message, "not found"), name.span, nearest)
}

/// An interface that extends itself.
pub(in crate::resolve) fn extends_itself(span: Span, name: Symbol) -> Diagnostic {
    let message = format!("the interface `{name}` extends itself");
    Diagnostic::error(codes::INTERFACE_CYCLE, span, message, format!("leads back to `{name}`"))
        .help("leave out one of the interfaces on the way")
}

/// `: Sharable`
pub(in crate::resolve) fn sharable_by_hand(span: Span) -> Diagnostic {
    Diagnostic::error(codes::SHARABLE_BY_HAND, span, "`Sharable` is not implemented by hand", "remove this")
        .note("a type is `Sharable` when all its parts are: the compiler sees that by itself")
        .help("ask for it where it is needed: `fn f<T: Sharable>(value: T)`")
}

/// A second implementation of one interface for one type.
pub(in crate::resolve) fn implemented_twice(
    span: Span,
    ty: &str,
    interface: &str,
    previous: Span,
    is_of_library: bool,
) -> Diagnostic {
    let message = format!("`{ty}` has the interface `{interface}` twice");
    let diagnostic = Diagnostic::error(codes::IMPLEMENTED_TWICE, span, message, "implemented again here");
    if is_of_library {
        return diagnostic
            .note("the library implements it")
            .help(format!("make a type of your own and extend that: `newtype Name = {ty};`"));
    }
    if previous.file != span.file {
        return diagnostic.note("another file implements it first");
    }
    diagnostic
        .secondary(previous, "first implemented here")
        .note("a program has one implementation of an interface for a type, so that all of it agrees on what the type does")
}

/// `extend List<Int> : I`, which leaves out other lists.
pub(in crate::resolve) fn for_some_instances(name: Ident) -> Diagnostic {
    let message = format!("an interface is implemented for every `{}`, or for none", name.name);
    Diagnostic::error(codes::CANNOT_EXTEND, name.span, message, "only some instances are extended here")
        .help("extend it with type parameters, which may have bounds: `extend List<T: Display> : I`")
        .help("methods without an interface may be for some instances")
}

/// A method in an `extend T : I` that `I` does not have.
pub(in crate::resolve) fn not_of_interface(
    span: Span,
    name: Symbol,
    interface: Symbol,
    nearest: Option<Symbol>,
) -> Diagnostic {
    let message = format!("the interface `{interface}` has no method `{name}`");
    let diagnostic =
        Diagnostic::error(codes::NOT_OF_INTERFACE, span, message, format!("not a method of `{interface}`"));
    match nearest {
        Some(_) => did_you_mean(diagnostic, span, nearest),
        None => diagnostic.help("methods of the type's own belong into an `extend` without an interface"),
    }
}

/// A method of an interface that the declared one extends, which the type has by another declaration.
pub(in crate::resolve) fn implemented_elsewhere(span: Span, name: Symbol) -> Diagnostic {
    let message = format!("`{name}` belongs to an interface that is implemented elsewhere");
    Diagnostic::error(codes::NOT_OF_INTERFACE, span, message, "has no effect here")
        .help("write it where that interface is given to the type")
}

/// Methods that an interface asks for and a type does not have.
pub(in crate::resolve) fn missing_methods(
    span: Span,
    ty: &str,
    interface: Symbol,
    missing: &[(Symbol, Option<Span>)],
    signatures: &[String],
) -> Diagnostic {
    let names: Vec<_> = missing.iter().map(|(name, _)| format!("`{name}`")).collect();
    let message = format!("`{ty}` is said to be `{interface}`, but does not have {}", names.join(", "));
    let mut diagnostic = Diagnostic::error(codes::MISSING_METHOD, span, message, "not implemented in full");
    for &(name, declared) in missing {
        if let Some(declared) = declared.filter(|declared| declared.file == span.file) {
            diagnostic = diagnostic.secondary(declared, format!("`{name}` is asked for here"));
        }
    }
    let bodies: Vec<_> = signatures.iter().map(|signature| format!("`{signature} {{ … }}`")).collect();
    diagnostic.help(format!("add {}", bodies.join(", ")))
}

/// A method whose signature is not the interface's.
pub(in crate::resolve) fn wrong_signature(
    span: Span,
    name: Symbol,
    interface: Symbol,
    signature: &str,
    asked: Option<Span>,
) -> Diagnostic {
    let message = format!("`{name}` is not what the interface `{interface}` asks for");
    let label = format!("should be `{signature}`");
    let diagnostic = Diagnostic::error(codes::WRONG_SIGNATURE, span, message, label);
    match asked.filter(|asked| asked.file == span.file) {
        Some(asked) => diagnostic.secondary(asked, "asked for here"),
        None => diagnostic,
    }
}

/// An interface as a type whose methods cannot all be called on a value of unknown type.
pub(in crate::resolve) fn bound_only(
    span: Span,
    name: Symbol,
    method: Symbol,
    reason: BoundOnlyReason,
    declared: Option<Span>,
) -> Diagnostic {
    let message = format!("the interface `{name}` can be a bound, but not a type");
    let why = match reason {
        BoundOnlyReason::Static => {
            format!("`{method}` is a function of the type, and no value says of which")
        }
        BoundOnlyReason::NamesSelf => {
            format!("`{method}` names `Self`, and two values of type `{name}` need not be of one type")
        }
    };
    let diagnostic = Diagnostic::error(codes::BOUND_ONLY, span, message, "used as a type here");
    let diagnostic = match declared.filter(|declared| declared.file == span.file) {
        Some(declared) => diagnostic.secondary(declared, why),
        None => diagnostic.note(why),
    };
    diagnostic.help(format!("make what uses it generic: `<T: {name}>`"))
}

/// An interface without one that it extends.
pub(in crate::resolve) fn missing_super(span: Span, ty: &str, interface: &str, above: &str) -> Diagnostic {
    let message = format!("`{ty}` is said to be `{interface}`, but is not `{above}`");
    Diagnostic::error(codes::MISSING_METHOD, span, message, format!("`{interface}` extends `{above}`"))
        .help(format!("implement `{above}` too: `extend {ty} : {above} {{ … }}`"))
}
