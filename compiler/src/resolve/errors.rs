//! The words of this stage's diagnostics.

use plat_syntax::diagnostics::{Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;
use plat_syntax::syntax::ast::Ident;

use crate::hir::TypeHeadKind;

pub(super) mod foreign;
pub(super) mod interfaces;
pub(super) mod modules;
pub(super) mod tasks;

/// What kind of name is meant, for messages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NameKind {
    /// `x`
    Variable,
    /// `f(…)`
    Function,
    /// `LIMIT`
    Constant,
    /// `Some(…)`, in an expression
    TypeOrVariant,
    /// `Some(x)`, in a pattern
    Pattern,
}

impl NameKind {
    fn words(self) -> &'static str {
        match self {
            Self::Variable => "variable",
            Self::Function => "function",
            Self::Constant => "constant",
            Self::TypeOrVariant => "type or variant",
            Self::Pattern => "variant or struct",
        }
    }
}

/// Adds "did you mean" with the edit.
fn did_you_mean(diagnostic: Diagnostic, at: Span, nearest: Option<Symbol>) -> Diagnostic {
    match nearest {
        Some(name) => diagnostic.suggest(format!("did you mean `{name}`?"), at, name.as_str()),
        None => diagnostic,
    }
}

/// A name that nothing in scope has.
pub(super) fn unknown_name(kind: NameKind, name: Ident, nearest: Option<Symbol>) -> Diagnostic {
    let message = format!("there is no {} `{}` here", kind.words(), name.name);
    did_you_mean(Diagnostic::error(codes::UNKNOWN_NAME, name.span, message, "not found"), name.span, nearest)
}

/// A row that the table of runtime functions, or the list of intrinsics, does not have in this form.
pub(super) fn unknown_extern(name: Ident, abi: &str, parameters: usize) -> Diagnostic {
    let message = format!("there is no {abi} function `{}` with {parameters} parameters", name.name);
    Diagnostic::error(codes::UNKNOWN_NAME, name.span, message, "not found")
}

/// A type name that nothing in scope has.
pub(super) fn unknown_type(name: Ident, nearest: Option<Symbol>) -> Diagnostic {
    let message = format!("there is no type `{}` here", name.name);
    did_you_mean(Diagnostic::error(codes::UNKNOWN_TYPE, name.span, message, "not found"), name.span, nearest)
}

/// A variant that the enum does not have.
pub(super) fn unknown_variant(owner: Symbol, name: Ident, nearest: Option<Symbol>) -> Diagnostic {
    let message = format!("`{owner}` has no variant `{}`", name.name);
    did_you_mean(
        Diagnostic::error(codes::UNKNOWN_VARIANT, name.span, message, "not a variant"),
        name.span,
        nearest,
    )
}

/// A second definition of a name.
pub(super) fn duplicate(what: &str, name: Ident, previous: Span) -> Diagnostic {
    let message = format!("the {what} `{}` is defined twice", name.name);
    Diagnostic::error(codes::DUPLICATE_DEFINITION, name.span, message, "defined again here")
        .secondary(previous, "first defined here")
}

/// A second definition of a method of the standard library.
pub(super) fn duplicates_library(name: Ident) -> Diagnostic {
    let message = format!("the method `{}` is defined twice", name.name);
    Diagnostic::error(codes::DUPLICATE_DEFINITION, name.span, message, "defined again here")
        .note("the standard library defines it first")
}

/// A type with the name of a built-in one.
pub(super) fn redefines_builtin(name: Ident) -> Diagnostic {
    let message = format!("`{}` is the name of a built-in type", name.name);
    Diagnostic::error(codes::DUPLICATE_DEFINITION, name.span, message, "cannot be defined again")
}

/// A type parameter with the name of a type that every program knows.
pub(super) fn parameter_hides_type(name: Ident) -> Diagnostic {
    let message = format!("the type parameter `{0}` has the name of the type `{0}`", name.name);
    Diagnostic::error(codes::DUPLICATE_DEFINITION, name.span, message, "a type parameter stands for any type")
        .help("give it another name, such as `T`")
}

/// A type with bounds in the arguments of an `extend`, where a type parameter would be.
pub(super) fn bounds_of_type(name: Ident) -> Diagnostic {
    let message = format!("the type parameter `{0}` has the name of the type `{0}`", name.name);
    Diagnostic::error(codes::DUPLICATE_DEFINITION, name.span, message, "only type parameters have bounds")
        .help("give the parameter another name, such as `T`, or leave the bounds out")
}

/// A name bound twice by one pattern.
pub(super) fn bound_twice(name: Ident, previous: Span) -> Diagnostic {
    let message = format!("the pattern binds `{}` twice", name.name);
    Diagnostic::error(codes::DUPLICATE_DEFINITION, name.span, message, "bound again here")
        .secondary(previous, "first bound here")
}

/// The wrong number of type arguments.
pub(super) fn type_argument_count(span: Span, name: Symbol, expected: usize, found: usize) -> Diagnostic {
    let arguments = match expected {
        0 => "no type arguments".into(),
        1 => "1 type argument".into(),
        n => format!("{n} type arguments"),
    };
    let message =
        format!("`{name}` takes {arguments}, but {found} {} given", if found == 1 { "is" } else { "are" });
    Diagnostic::error(codes::TYPE_ARGUMENT_COUNT, span, message, format!("expected {arguments}"))
}

/// Says where an interface does not need all of its type arguments.
pub(super) fn suggest_generic_function(diagnostic: Diagnostic, interface: Symbol) -> Diagnostic {
    diagnostic.help(format!(
        "what follows may be left out only in a bound of a function: `fn f<C: {interface}<…>>(values: C)`"
    ))
}

/// A label that no loop around has.
pub(super) fn unknown_label(label: Ident, nearest: Option<Symbol>) -> Diagnostic {
    let message = format!("no loop around this has the label `{}`", label.name);
    did_you_mean(
        Diagnostic::error(codes::UNKNOWN_LABEL, label.span, message, "not a label of an enclosing loop"),
        label.span,
        nearest,
    )
}

/// `break` or `continue` where no loop is.
pub(super) fn outside_loop(word: &str, span: Span) -> Diagnostic {
    let message = format!("`{word}` outside of a loop");
    Diagnostic::error(codes::JUMP_OUTSIDE_LOOP, span, message, "no loop encloses this")
}

/// `break` or `continue` of a loop that is outside of the task.
pub(super) fn jump_out_of_task(word: &str, span: Span, spawn: Span) -> Diagnostic {
    let message = format!("`{word}` cannot leave the body of a task");
    Diagnostic::error(codes::JUMP_OUT_OF_TASK, span, message, "the loop is outside of the task")
        .secondary(spawn, "the task begins here")
        .note("a task runs on its own: by then the loop may long have gone on or ended")
        .help("`return` ends the task; let the loop look at the task's result to decide whether to go on")
}

/// `return`, `?`, `break` or `continue` that leads out of a `defer`.
pub(super) fn jump_out_of_defer(word: &str, span: Span, defer: Span) -> Diagnostic {
    let message = format!("`{word}` cannot leave a `defer`");
    Diagnostic::error(codes::JUMP_OUT_OF_DEFER, span, message, "this would lead out of the `defer`")
        .secondary(defer, "it begins here")
        .note("a `defer` runs because its block is being left already: where that leads has been decided")
        .help("handle the case here: with `if`, `match` or a loop of its own")
}

/// `break` or `continue` of a loop outside of the closure it stands in.
pub(super) fn jump_out_of_closure(word: &str, span: Span, closure: Span) -> Diagnostic {
    let message = format!("`{word}` cannot leave the body of a closure");
    Diagnostic::error(codes::JUMP_OUT_OF_CLOSURE, span, message, "the loop is outside of the closure")
        .secondary(closure, "the closure begins here")
        .note("a closure runs when it is called: by then the loop may long have gone on or ended")
        .help("`return` ends the closure; let it give a value by which the loop decides whether to go on")
}

/// An `inout` parameter of a closure that is taken apart.
pub(super) fn inout_without_name(span: Span) -> Diagnostic {
    let message = "an `inout` parameter needs a name";
    Diagnostic::error(codes::INOUT_PATTERN, span, message, "the place as a whole is passed")
        .help("name the place, and change its parts through the name: `|inout pair| pair.0 += 1`")
}

/// `self` where there is none.
pub(super) fn no_self(span: Span, reason: NoSelf) -> Diagnostic {
    let (label, help) = match reason {
        NoSelf::FreeFunction => ("this function belongs to no type", "pass the value as a parameter"),
        NoSelf::Static => ("a `static fn` has no `self`", "remove `static` to make it a method"),
        NoSelf::Default => {
            ("a default value is computed without `self`", "compute it in the function's body")
        }
        NoSelf::Const => ("a constant has no `self`", "name the value that is meant"),
    };
    Diagnostic::error(codes::MISUSED_SELF, span, "there is no `self` here", label).help(help)
}

/// Why there is no `self`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NoSelf {
    FreeFunction,
    Static,
    Default,
    Const,
}

/// An alternative of a pattern that does not bind a name that another one binds.
pub(super) fn unequal_bindings(alternative: Span, name: Symbol, bound: Span) -> Diagnostic {
    let message = format!("`{name}` is not bound by every alternative of the pattern");
    let label = format!("this one does not bind `{name}`");
    Diagnostic::error(codes::UNEQUAL_BINDINGS, alternative, message, label)
        .secondary(bound, "bound here")
        .note("the code after the pattern cannot know which alternative matched")
        .help("bind the same names in all alternatives, or write `_`")
}

/// A struct whose values would be infinitely large.
pub(super) fn infinite_struct(name: Ident, field: Span, is_newtype: bool) -> Diagnostic {
    let message = format!("a `{}` would contain itself", name.name);
    let label = if is_newtype { "its value contains it" } else { "contained by this field" };
    Diagnostic::error(codes::INFINITE_STRUCT, name.span, message, "would be infinitely large")
        .secondary(field, label)
        .help("put an `Option`, an enum or a `List` in between")
}

/// A type alias that stands for itself. Each of the links, of which it is the first, mentions the next.
pub(super) fn alias_cycle(name: Ident, links: &[Ident]) -> Diagnostic {
    let message = format!("the alias `{}` stands for itself", name.name);
    let mut diagnostic = Diagnostic::error(codes::ALIAS_CYCLE, name.span, message, "leads back to itself");
    let others = links.iter().skip(1);
    for link in others.clone() {
        diagnostic = diagnostic.secondary(link.span, "stands for it in turn");
    }
    if others.len() == 0 {
        return diagnostic;
    }
    let names: Vec<String> = links.iter().chain([&name]).map(|link| format!("`{}`", link.name)).collect();
    diagnostic.note(format!("each stands for the next: {}", names.join(", ")))
}

/// A type where a value belongs.
pub(super) fn type_as_value(name: Ident, kind: TypeHeadKind) -> Diagnostic {
    let message = format!("`{}` is a type, not a value", name.name);
    let diagnostic = Diagnostic::error(codes::TYPE_AS_VALUE, name.span, message, "a value is needed here");
    match kind {
        TypeHeadKind::Struct(_) | TypeHeadKind::Class(_) => diagnostic
            .help(format!("`{0}(…)` makes a value, `{0}.name(…)` calls a static function", name.name)),
        TypeHeadKind::Enum(_) => diagnostic.help(format!("`{}::Variant` is a value", name.name)),
        TypeHeadKind::Whole(_) | TypeHeadKind::Error => diagnostic,
    }
}

/// A class in a pattern.
pub(super) fn class_pattern(name: Ident) -> Diagnostic {
    let message = format!("the class `{}` cannot be taken apart by a pattern", name.name);
    Diagnostic::error(codes::CLASS_PATTERN, name.span, message, "stands for an object, not for its fields")
        .note("an object is known by its identity, and its fields may change while a pattern is matched")
        .help("bind it to a name and read its fields: `object.field`")
}

/// A type that says that it is an `Object`.
pub(super) fn object_by_hand(span: Span) -> Diagnostic {
    let message = "nothing is made an `Object` by hand";
    Diagnostic::error(codes::NOT_AN_INTERFACE, span, message, "leave this out")
        .note("`Object` bounds type parameters: every class meets it, and no other type")
}

/// A `deinit` of something that is no class.
pub(super) fn deinit_of_value(keyword: Span) -> Diagnostic {
    let message = "only a class can have a `deinit`";
    Diagnostic::error(codes::DEINIT_OF_VALUE, keyword, message, "belongs to a value that is copied")
        .note("a value can be copied any number of times: there is no one moment when it ends")
        .help("make it a `class`, or put an object with a `deinit` into one of its fields")
}

/// A `mut fn` of a class.
pub(super) fn mut_in_class(keyword: Span, function: Symbol) -> Diagnostic {
    let message = format!("the method `{function}` of a class cannot be a `mut fn`");
    Diagnostic::error(codes::MUT_IN_CLASS, keyword, message, "not needed here")
        .note("every method of a class may change its `var` fields: `self` is a reference, which stays the same")
        .suggest("leave out `mut`", keyword, "")
}

/// A bound that is no interface.
pub(super) fn not_an_interface(name: Ident) -> Diagnostic {
    let message = format!("`{}` is not an interface", name.name);
    Diagnostic::error(codes::NOT_AN_INTERFACE, name.span, message, "a bound names an interface")
        .note("interfaces say what a type can do, such as `Eq`, `Ord`, `Hash`, `Display` and those that a program declares")
}

/// `Type::function` or `Type.Variant`.
pub(super) fn wrong_separator(owner: Symbol, name: Ident, between: Span, right: &str) -> Diagnostic {
    let (what, message) = match right {
        "." => ("member", format!("members of `{owner}` are reached with `.`")),
        _ => ("variant", format!("variants of `{owner}` are reached with `::`")),
    };
    Diagnostic::error(codes::WRONG_SEPARATOR, name.span, message, format!("`{}` is a {what}", name.name))
        .suggest(format!("write `{owner}{right}{}`", name.name), between, right)
}

/// A path through a type that has nothing of this name.
pub(super) fn not_in_type(owner: Symbol, name: Ident) -> Diagnostic {
    let message = format!("`{owner}` is not an enum, so it has no variant `{}`", name.name);
    Diagnostic::error(codes::UNKNOWN_VARIANT, name.span, message, "not a variant")
}

/// `extend` of what cannot be extended.
pub(super) fn cannot_extend(name: Ident) -> Diagnostic {
    let message = format!("`{}` cannot be extended", name.name);
    Diagnostic::error(codes::CANNOT_EXTEND, name.span, message, "not a struct, enum or built-in type")
        .help("extend the type that it stands for")
}

/// A program without `main`.
pub(super) fn missing_main(file: Span) -> Diagnostic {
    Diagnostic::error(
        codes::MISSING_MAIN,
        file,
        "the program has no `main`",
        "no function `main` in this file",
    )
    .help("a program begins with `fn main() { … }`")
}

/// A `main` that is not what the runtime calls.
pub(super) fn wrong_main(span: Span, label: &str) -> Diagnostic {
    Diagnostic::error(codes::WRONG_MAIN, span, "`main` has the wrong signature", label).help(
        "write `fn main()`, `fn main() -> Int32` to return an exit code, or `fn main() -> Result<Unit>`",
    )
}
