//! Calls, arguments, methods and fields.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use crate::hir::Name;

use super::{count, did_you_mean, listed, quoted};

/// Points to a declaration in the same file.
fn declared_here(diagnostic: Diagnostic, declared: Option<Span>, name: Symbol) -> Diagnostic {
    match declared {
        Some(span) => diagnostic.secondary(span, format!("`{name}` is declared here")),
        None => diagnostic,
    }
}

/// A call of something that is not a function.
pub(in crate::typeck) fn not_callable(span: Span, ty: &str) -> Diagnostic {
    let message = format!("`{ty}` cannot be called");
    Diagnostic::error(codes::NOT_CALLABLE, span, message, "this is not a function")
}

/// Parameters that get no value.
pub(in crate::typeck) fn missing_arguments(
    call: Span,
    name: Symbol,
    missing: &[(Option<Symbol>, String)],
    declared: Option<Span>,
) -> Diagnostic {
    let parts: Vec<_> = missing.iter().map(|(name, ty)| describe(*name, ty)).collect();
    let noun = if missing.len() == 1 { "argument" } else { "arguments" };
    let message = format!("`{name}` needs {} more {noun}: {}", missing.len(), listed(&parts));
    let diagnostic =
        Diagnostic::error(codes::MISSING_ARGUMENT, call, message, format!("without {}", listed(&parts)));
    declared_here(diagnostic, declared, name)
}

fn describe(name: Option<Symbol>, ty: &str) -> String {
    match name {
        Some(name) => format!("`{name}: {ty}`"),
        None => format!("a `{ty}`"),
    }
}

/// More arguments than parameters.
pub(in crate::typeck) fn too_many_arguments(
    extra: Span,
    name: Symbol,
    wanted: usize,
    given: usize,
    declared: Option<Span>,
) -> Diagnostic {
    let message = format!("`{name}` takes {}, found {given}", count(wanted, "argument"));
    let diagnostic = Diagnostic::error(codes::TOO_MANY_ARGUMENTS, extra, message, "too many");
    declared_here(diagnostic, declared, name)
}

/// A named argument that is no parameter.
pub(in crate::typeck) fn unknown_argument(
    name: Name,
    called: Symbol,
    known: &[&str],
    declared: Option<Span>,
) -> Diagnostic {
    let message = format!("`{called}` has no parameter `{}`", name.symbol);
    let diagnostic = Diagnostic::error(codes::UNKNOWN_ARGUMENT, name.span, message, "not a parameter");
    did_you_mean(declared_here(diagnostic, declared, called), name, known, "parameter")
}

/// A parameter that gets two values.
pub(in crate::typeck) fn duplicate_argument(span: Span, first: Span, name: Option<Symbol>) -> Diagnostic {
    let name = name.map_or_else(|| "this parameter".into(), |name| format!("`{name}`"));
    let message = format!("{name} is given twice");
    Diagnostic::error(codes::DUPLICATE_ARGUMENT, span, message, "given again").secondary(first, "given here")
}

/// `f::<A, B>()` of a function with another number of type parameters.
pub(in crate::typeck) fn wrong_type_arg_count(
    span: Span,
    name: Symbol,
    wanted: usize,
    given: usize,
) -> Diagnostic {
    let message = format!("`{name}` takes {}, found {given}", count(wanted, "type argument"));
    Diagnostic::error(codes::TYPE_ARGUMENT_COUNT, span, message, "wrong number of type arguments")
}

/// A type argument that is not what its parameter asks for.
pub(in crate::typeck) fn unmet_bound(
    span: Span,
    ty: &str,
    bound: &str,
    param: Symbol,
    called: Symbol,
    declared: Option<Span>,
) -> Diagnostic {
    let message = format!("`{ty}` is not `{bound}`, which `{called}` needs of `{param}`");
    let is_same = ty == param.as_str();
    let label =
        if is_same { format!("`{ty}` could be any type") } else { format!("here `{param}` is `{ty}`") };
    let diagnostic = Diagnostic::error(codes::UNMET_BOUND, span, message, label);
    match declared {
        Some(declared) => diagnostic.secondary(declared, format!("`{param}` must be `{bound}`")),
        None => diagnostic,
    }
}

/// Says with which arguments the type has the interface.
pub(in crate::typeck) fn note_implementations(
    diagnostic: Diagnostic,
    ty: &str,
    others: &[String],
) -> Diagnostic {
    match others {
        [] => diagnostic,
        _ => diagnostic.note(format!("`{ty}` is {}", quoted(others.iter().map(String::as_str)))),
    }
}

/// Says how a type comes by an interface.
pub(in crate::typeck) fn suggest_implementation(diagnostic: Diagnostic, ty: &str, bound: &str) -> Diagnostic {
    diagnostic.help(format!("implement it: `extend {ty} : {bound} {{ … }}`"))
}

/// Says how a struct comes by an interface that it does not have by structure here: it has an `init`, or fields of its own.
pub(in crate::typeck) fn suggest_vouching(diagnostic: Diagnostic, ty: &str, bound: &str) -> Diagnostic {
    diagnostic.note(format!("`{ty}` has an `init`, or fields that are private to its file")).help(format!(
        "say in its file what it looks like: `extend {ty} : {bound} {{ … }}`, or, if like its fields, `{{}}`"
    ))
}

/// A variant with fields that stands without arguments.
pub(in crate::typeck) fn variant_needs_fields(
    span: Span,
    name: Symbol,
    fields: &[(Option<Symbol>, String)],
    declared: Option<Span>,
) -> Diagnostic {
    let parts: Vec<_> = fields.iter().map(|(name, ty)| describe(*name, ty)).collect();
    let message = format!("`{name}` holds {}", listed(&parts));
    let diagnostic = Diagnostic::error(codes::MISSING_ARGUMENT, span, message, "stands without arguments")
        .help(format!("write `{name}(…)`"));
    declared_here(diagnostic, declared, name)
}

/// A variant without fields that is called.
pub(in crate::typeck) fn variant_without_fields(
    call: Span,
    callee: Span,
    name: Symbol,
    declared: Option<Span>,
) -> Diagnostic {
    let message = format!("`{name}` holds nothing");
    let diagnostic = Diagnostic::error(codes::TOO_MANY_ARGUMENTS, call, message, "has arguments").suggest(
        "write it without parentheses",
        Span { start: callee.end, ..call },
        "",
    );
    declared_here(diagnostic, declared, name)
}

/// A bare name that is no variant of the enum that is expected.
pub(in crate::typeck) fn unknown_variant(name: Name, owner: Symbol, known: &[&str]) -> Diagnostic {
    let message = format!("`{owner}` has no variant `{}`", name.symbol);
    let diagnostic = Diagnostic::error(codes::UNKNOWN_VARIANT, name.span, message, "not found");
    did_you_mean(diagnostic, name, known, "variant")
}

/// A bare variant where no enum is expected.
pub(in crate::typeck) fn bare_variant_without_enum(name: Name, owners: &[Symbol]) -> Diagnostic {
    let message = format!("cannot tell of which enum `{}` is a variant", name.symbol);
    let label = "no enum is expected here";
    let diagnostic = Diagnostic::error(codes::BARE_VARIANT, name.span, message, label);
    match owners {
        [] => diagnostic,
        [only] => {
            let full = format!("{only}::{}", name.symbol);
            diagnostic.suggest(format!("name the enum: `{full}`"), name.span, full)
        }
        _ => {
            let full: Vec<_> = owners.iter().map(|owner| format!("`{owner}::{}`", name.symbol)).collect();
            diagnostic.help(format!("name the enum: {}", full.join(" or ")))
        }
    }
}

/// `Int(…)`, `Shape(…)`, or a type of the library that is made in other ways.
pub(in crate::typeck) fn cannot_construct(span: Span, ty: &str, variants: &[Symbol]) -> Diagnostic {
    let message = format!("a value of type `{ty}` cannot be made like this");
    let diagnostic = Diagnostic::error(codes::CANNOT_CONSTRUCT, span, message, "has no initialiser");
    match variants {
        [] => diagnostic,
        [first, ..] => diagnostic.help(format!("name a variant: `{ty}::{first}`")),
    }
}

/// A field that the type does not have.
pub(in crate::typeck) fn unknown_field(name: Name, ty: &str, known: &[&str]) -> Diagnostic {
    let message = format!("`{ty}` has no field `{}`", name.symbol);
    let diagnostic = Diagnostic::error(codes::UNKNOWN_FIELD, name.span, message, "not found");
    did_you_mean(diagnostic, name, known, "field")
}

/// `xs.length` for `xs.length()`
pub(in crate::typeck) fn method_without_call(name: Name, ty: &str) -> Diagnostic {
    let message = format!("`{}` is a method of `{ty}`, not a field", name.symbol);
    Diagnostic::error(codes::UNKNOWN_FIELD, name.span, message, "is not called").suggest(
        "call it",
        name.span.shrink_to_end(),
        "()",
    )
}

/// `t.5` of a shorter tuple, or of something else.
pub(in crate::typeck) fn unknown_tuple_field(
    span: Span,
    position: u32,
    ty: &str,
    length: usize,
    is_tuple: bool,
) -> Diagnostic {
    let message = format!("`{ty}` has no field `{position}`");
    let diagnostic = Diagnostic::error(codes::UNKNOWN_FIELD, span, message, "not found");
    match (is_tuple, length) {
        (false, _) => diagnostic.note("only tuples have numbered fields"),
        (true, 0) => diagnostic.note("`Unit` is the empty tuple"),
        (true, _) => diagnostic.note(format!("its fields are `0` to `{}`", length - 1)),
    }
}

/// An arm of a `select` whose operation the type does not have, or not so that `select` could wait for it.
pub(in crate::typeck) fn not_selectable(name: Name, operation: &str, ty: &str) -> Diagnostic {
    let message = format!("`select` cannot wait for `{operation}` of `{ty}`");
    Diagnostic::error(codes::NOT_SELECTABLE, name.span, message, "nothing that `select` can wait for")
        .note("an arm receives from a channel or a timer, sends to a channel, or awaits a task")
}

/// A method that the type does not have.
pub(in crate::typeck) fn unknown_method(name: Name, ty: &str, known: &[&str]) -> Diagnostic {
    let message = format!("`{ty}` has no method `{}`", name.symbol);
    let diagnostic = Diagnostic::error(codes::UNKNOWN_METHOD, name.span, message, "not found");
    did_you_mean(diagnostic, name, known, "method")
}

/// Says that there is a field of that name.
pub(in crate::typeck) fn note_field(diagnostic: Diagnostic, name: Name) -> Diagnostic {
    diagnostic.note(format!("`{}` is a field; it is read without parentheses", name.symbol))
}

/// Says which methods a type parameter has.
pub(in crate::typeck) fn note_type_parameter(diagnostic: Diagnostic, param: Symbol) -> Diagnostic {
    diagnostic.note(format!(
        "`{param}` may be any type that meets its bounds: it has the methods of those, and no others"
    ))
}

/// Says which interfaces have a method of that name.
pub(in crate::typeck) fn note_interfaces(
    diagnostic: Diagnostic,
    name: Name,
    ty: &str,
    interfaces: &[&str],
) -> Diagnostic {
    let all = quoted(interfaces.iter().copied());
    let diagnostic =
        diagnostic.note(format!("{all} has a method `{}`, which `{ty}` does not have", name.symbol));
    match interfaces {
        [only] => diagnostic.help(format!("implement it: `extend {ty} : {only} {{ … }}`")),
        _ => diagnostic,
    }
}

/// A method that another instance of the type has.
pub(in crate::typeck) fn method_of_other_instance(name: Name, ty: &str, target: &str) -> Diagnostic {
    let message = format!("`{ty}` has no method `{}`", name.symbol);
    Diagnostic::error(codes::UNKNOWN_METHOD, name.span, message, "not found")
        .note(format!("`{target}` has it"))
}

/// `value.f()` of a function that belongs to the type.
pub(in crate::typeck) fn function_on_value(name: Name, ty: &str) -> Diagnostic {
    let message = format!("`{}` is a function of the type `{ty}`, not a method of its values", name.symbol);
    Diagnostic::error(codes::WRONG_RECEIVER, name.span, message, "has no `self`")
        .help(format!("call it on the type: `{ty}.{}(…)`", name.symbol))
}

/// `Type.f()` of a method.
pub(in crate::typeck) fn method_on_type(name: Name, ty: &str) -> Diagnostic {
    let message = format!("`{}` is a method of values of type `{ty}`", name.symbol);
    Diagnostic::error(codes::WRONG_RECEIVER, name.span, message, "needs a value before the dot")
}

/// A function that the type does not have.
pub(in crate::typeck) fn unknown_function_of_type(
    name: Name,
    ty: &str,
    known: &[&str],
    is_for_other: bool,
) -> Diagnostic {
    let message = format!("`{ty}` has no function `{}`", name.symbol);
    let diagnostic = Diagnostic::error(codes::UNKNOWN_METHOD, name.span, message, "not found");
    if is_for_other {
        return diagnostic.note("other instances of the type have it");
    }
    did_you_mean(diagnostic, name, known, "function")
}

/// `Shape.Circle(…)`
pub(in crate::typeck) fn variant_after_dot(name: Name, ty: &str) -> Diagnostic {
    let message = format!("`{}` is a variant of `{ty}`", name.symbol);
    Diagnostic::error(codes::UNKNOWN_METHOD, name.span, message, "is not a function")
        .help(format!("variants are named with `::`: `{ty}::{}`", name.symbol))
}
