//! The words about values that are given away.

use plat_syntax::diagnostics::{Diagnostic, Edit, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::journal::How;
use crate::hir::Field;

/// How a value goes away, for readers.
pub(super) enum Way {
    /// A task captures it.
    Captured,
    /// It is sent.
    Sent,
    /// It is put where any task may come to it.
    Kept,
    /// It is passed to a function that gives it away.
    Passed(Option<Symbol>),
}

/// Whose a parameter is.
pub(super) enum Owner {
    /// The caller's, unless `move` is written before its name there.
    Caller(Span),
    /// That of whoever calls a function value.
    CallerOfValue,
    /// It is a place of the caller.
    Place,
    /// A `defer` uses the variable.
    Defer,
    /// It is `self`.
    Object,
    /// The closure's that was made there, which may be called again.
    Closure(Span),
}

fn quoted(name: Option<Symbol>, otherwise: &str) -> String {
    name.map_or(otherwise.to_owned(), |name| format!("`{name}`"))
}

impl Way {
    fn label(&self, what: &str) -> String {
        match self {
            Self::Captured => format!("the task has {what} from here on"),
            Self::Sent => format!("{what} is given to another task here"),
            Self::Kept => format!("{what} goes where any task may use it"),
            Self::Passed(Some(function)) => format!("`{function}` gives {what} away"),
            Self::Passed(None) => format!("{what} is given away by this call"),
        }
    }
}

/// A value that is used after it has been given away.
pub(super) fn used_after(
    span: Span,
    name: Option<Symbol>,
    gift: Span,
    given: Option<Symbol>,
    way: &Way,
) -> Diagnostic {
    let what = quoted(name, "a value");
    let message = format!("{what} is used after it has been given away");
    if span == gift {
        return Diagnostic::error(
            codes::USED_AFTER_GIVEN,
            span,
            message,
            "given away in an earlier round of the loop",
        );
    }
    let label = if given == name { way.label("it") } else { way.label(&quoted(given, "the value")) };
    Diagnostic::error(codes::USED_AFTER_GIVEN, span, message, "used here").secondary(gift, label)
}

/// A value that is used by what gives it away.
pub(super) fn used_beside(span: Span, name: Option<Symbol>, given: Option<Symbol>) -> Diagnostic {
    let what = quoted(name, "a value");
    let message = format!("{what} is used after it has been given away");
    let label = if given == name {
        format!("this gives {what} away, and uses it as well")
    } else {
        format!("this gives {} away, and uses {what} as well", quoted(given, "a value"))
    };
    Diagnostic::error(codes::USED_AFTER_GIVEN, span, message, label)
}

/// A parameter that a function gives away though it is not its own.
pub(super) fn not_own(
    span: Span,
    given: Option<Symbol>,
    way: &Way,
    param: Option<Symbol>,
    owner: Owner,
) -> Diagnostic {
    let name = quoted(param, "this value");
    let message = match owner {
        Owner::Closure(_) => format!("{name} is given away by a closure, which may be called again"),
        Owner::Defer => format!("{name} is given away, but a `defer` uses it"),
        _ => format!("{name} is given away, but belongs to the caller"),
    };
    let label = way.label(&quoted(given, "it"));
    let diagnostic = Diagnostic::error(codes::GIVEN_NOT_OWN, span, message, label);
    match owner {
        Owner::Caller(span) => diagnostic.secondary(span, "the caller may go on using it").suggest(
            "let the caller give it away",
            span.shrink_to_start(),
            "move ",
        ),
        Owner::CallerOfValue => {
            diagnostic.help("write the parameter as `move`, also in the type of the function value")
        }
        Owner::Place => diagnostic
            .note("the place is the caller's, and holds the value still when this function returns")
            .help("take the value out: `replace(&place, other)` gives it and leaves another one there"),
        Owner::Defer => diagnostic
            .note("the `defer` runs when the block is left, by a panic or a cancellation as well")
            .help("copy what the `defer` needs into a variable before"),
        Owner::Object => diagnostic
            .note("the object is the caller's, with all that can be reached from it")
            .help("make it a function with a parameter that is `move`"),
        Owner::Closure(span) => diagnostic
            .secondary(span, "the closure")
            .help("pass the value to the closure as a `move` parameter"),
    }
}

/// What is in a `Mutex` is given by the body that may use it.
pub(super) fn leaves_shared_state(span: Span) -> Diagnostic {
    let message = "what is in shared state cannot leave the body that uses it";
    Diagnostic::error(
        codes::LEAVES_SHARED_STATE,
        span,
        message,
        "the body gives it, or a part of it, as its result",
    )
    .help("give something that any task may have, such as a number or a string")
    .help("or take the value out, and leave another one there: `|inout v| replace(&v, other)`")
}

/// Where two variables came to be of one region.
pub(super) fn joined(a: Symbol, b: Symbol) -> String {
    format!("`{a}` and `{b}` may reach each other from here on")
}

/// Says which `var` field makes objects one task's.
pub(super) fn var_field(diagnostic: Diagnostic, class: &str, field: Symbol) -> Diagnostic {
    diagnostic.note(format!(
        "objects of `{class}` may be used by one task at a time, because their field `{field}` is a `var`"
    ))
}

/// Offers to make these `var` fields `let`: nothing changes them.
pub(super) fn needless_var_fields(diagnostic: Diagnostic, fields: &[&Field]) -> Diagnostic {
    let text = match fields {
        [field] => {
            format!("nothing changes `{}`: make it a `let`, and many tasks may use the object", field.name)
        }
        _ => {
            "nothing changes its `var` fields: make them `let`, and many tasks may use the object".to_owned()
        }
    };
    let edit = |field: &&Field| {
        let start = field.declaration.start;
        let keyword = Span { end: start + "var".len() as u32, ..field.declaration };
        Edit { span: keyword, replacement: "let".into() }
    };
    diagnostic.suggest_all(text, fields.iter().map(edit).collect())
}

/// Says which type is one task's.
pub(super) fn not_sharable(diagnostic: Diagnostic, ty: &str) -> Diagnostic {
    diagnostic.note(format!(
        "values of `{ty}` may be used by one task at a time: nothing says that they are Sharable"
    ))
}

/// Says that a type parameter may stand for anything. A bound of it would stand at `place`, if that is given.
pub(super) fn type_param(diagnostic: Diagnostic, param: &str, place: Option<Span>) -> Diagnostic {
    let diagnostic = diagnostic.note(format!("a `{param}` may be something that one task uses at a time"));
    let text = format!("if all that it stands for can be shared, say so: `{param}: Sharable`");
    match place {
        Some(place) => diagnostic.suggest(text, place, ": Sharable"),
        None => diagnostic.help(text),
    }
}

/// Says where what makes a type one task's stands.
pub(super) fn contains(diagnostic: Diagnostic, whole: &str, part: &str) -> Diagnostic {
    diagnostic.note(format!("a `{whole}` contains a `{part}`"))
}

/// Says that an arm of a `select` which was not chosen has given nothing away.
pub(super) fn gone_in_one_arm(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic
        .note("it is gone where that arm of the `select` has been chosen; in the others it is still here")
}

/// Says which values an arm of a `select` that was not chosen has given away all the same.
pub(super) fn gone_in_all_arms(
    diagnostic: Diagnostic,
    sent: Option<Symbol>,
    used: Option<Symbol>,
) -> Diagnostic {
    if sent == used {
        return gone_in_one_arm(diagnostic);
    }
    let (sent, used) = (quoted(sent, "what is sent"), quoted(used, "this value"));
    diagnostic
        .note(format!("where another arm of the `select` is chosen {sent} is still here, but nothing that could run a `deinit`: that of {used} might use it when another task has it"))
}

/// What can be done instead.
pub(super) fn ways_out(diagnostic: Diagnostic, how: &How) -> Diagnostic {
    let diagnostic = match how {
        How::Captured => {
            diagnostic.help("let the task give it back as its result, and use that: `let it = task.await();`")
        }
        How::Sent | How::Passed(..) => diagnostic.help("give it away last, after all uses"),
        How::Kept => diagnostic.help("use it through what it was put into"),
    };
    diagnostic
        .help("if several tasks are to use it at once, protect it with a `Mutex`, or make its fields `let`")
}
