//! Modules, and what `use` brings from them.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast::Ident;

use super::did_you_mean;
use crate::resolve::imports::Import;

/// What kind of item of a module is meant, for messages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::resolve) enum ItemKind {
    Type,
    Value,
    /// `use a::b`
    Any,
}

/// A module that is not there. `outer` is the module before it in the path, `place` where its file was looked for.
pub(in crate::resolve) fn unknown_module(
    name: Ident,
    outer: Option<&str>,
    place: &str,
    nearest: Option<Symbol>,
) -> Diagnostic {
    let message = match outer {
        Some(outer) => format!("the module `{outer}` has no module `{}`", name.name),
        None => format!("there is no module `{}`", name.name),
    };
    let diagnostic = Diagnostic::error(codes::UNKNOWN_MODULE, name.span, message, "not found")
        .note(missing_file(name, place));
    did_you_mean(diagnostic, name.span, nearest)
}

/// An item that a module does not have. `place` is where the file of a submodule was looked for.
pub(in crate::resolve) fn unknown_item(
    module: &str,
    name: Ident,
    kind: ItemKind,
    place: &str,
    nearest: Option<Symbol>,
) -> Diagnostic {
    let what = match kind {
        ItemKind::Type => "type",
        ItemKind::Value => "function or constant",
        ItemKind::Any => "item",
    };
    let message = format!("the module `{module}` has no {what} `{}`", name.name);
    let diagnostic = Diagnostic::error(codes::UNKNOWN_ITEM, name.span, message, "not found");
    let may_be_module = kind == ItemKind::Any && name.name.as_str().starts_with(char::is_lowercase);
    let diagnostic = match may_be_module {
        true => diagnostic.note(missing_file(name, place)),
        false => diagnostic,
    };
    did_you_mean(diagnostic, name.span, nearest)
}

/// A variant that is looked for among the items of a module.
pub(in crate::resolve) fn variant_of_module(module: &str, name: Ident) -> Diagnostic {
    let message = format!("the module `{module}` has no item `{}`", name.name);
    Diagnostic::error(codes::UNKNOWN_ITEM, name.span, message, "not found")
        .help("a variant is reached through its enum, and stands bare where the enum is expected")
}

/// Where the file of a module would stand.
fn missing_file(name: Ident, place: &str) -> String {
    format!("there is neither a file `{place}{0}.plat` nor a folder `{place}{0}`", name.name)
}

/// An item that only its own file may use. `place` says where it is defined and where `pub` would stand.
pub(in crate::resolve) fn private_item(module: &str, name: Ident, place: Option<(Span, Span)>) -> Diagnostic {
    let message = format!("`{}` is private to the module `{module}`", name.name);
    let diagnostic = Diagnostic::error(codes::PRIVATE_ITEM, name.span, message, "cannot be used here");
    match place {
        Some((defined, insert)) => diagnostic.secondary(defined, "defined here without `pub`").suggest(
            "make it public",
            insert,
            "pub ",
        ),
        None => diagnostic,
    }
}

/// A path through something that holds no items.
pub(in crate::resolve) fn not_a_module(name: Ident) -> Diagnostic {
    let message = format!("`{}` is a type, not a module", name.name);
    Diagnostic::error(codes::UNKNOWN_MODULE, name.span, message, "a module is needed here")
        .help("variants stand bare where their enum is expected; methods come with their type")
}

/// Names that stand for each other in a circle, each with the module that it stands in.
pub(in crate::resolve) fn import_cycle(links: &[(Ident, String)]) -> Diagnostic {
    let Some(((name, module), rest)) = links.split_first() else {
        crate::bug!("a circle has no links");
    };
    let message = format!("`{}` stands for itself", name.name);
    let label = format!("`{module}` takes the name from elsewhere");
    let mut diagnostic = Diagnostic::error(codes::IMPORT_CYCLE, name.span, message, label);
    for (name, module) in rest {
        diagnostic = diagnostic.secondary(name.span, format!("and `{module}` takes it from here"));
    }
    diagnostic.note("no module defines the item that is meant").help("name the module that defines it")
}

/// A `use` that brings what nobody uses.
pub(in crate::resolve) fn unused_import(import: &Import) -> Diagnostic {
    let message = format!("`{}` is imported and not used", import.name.name);
    let diagnostic =
        Diagnostic::warning(codes::UNUSED_IMPORT, import.span, message, "never used in this file");
    match import.item {
        Some(item) => diagnostic.suggest("remove the `use`", item, ""),
        None => diagnostic.help("remove it from the braces"),
    }
}

/// Offers the `use` that would bring what is missing, at the place where it would stand.
pub(in crate::resolve) fn suggest_import(
    diagnostic: Diagnostic,
    path: &str,
    place: Option<Span>,
) -> Diagnostic {
    let text = format!("`use {path};` would bring it here");
    match place {
        Some(place) => diagnostic.suggest(text, place, format!("use {path};\n")),
        None => diagnostic.help(text),
    }
}
