//! Mistakes in how tokens are put together: codes `E01`.

use crate::diagnostics::{Diagnostic, codes};
use crate::index::Symbol;
use crate::source::Span;
use crate::syntax::ast::BinaryOp;

/// Whether a function has a body where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BodyRule {
    /// It has one.
    Needed,
    /// It may have one.
    Optional,
    /// It has none.
    Forbidden,
}

/// What an arm of a `select` has in the place of an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Awaited<'a> {
    /// A name alone.
    Name(Symbol),
    /// `sleep(…)`
    Time,
    /// A method of something that has no name.
    Unnamed(&'a str),
    /// Another call.
    Call,
    /// Something else.
    Other,
}

/// An arm of a `select` that does not begin with what `select` can wait for.
pub fn nothing_to_wait_for(span: Span, awaited: Awaited<'_>) -> Diagnostic {
    let message = "this is nothing that `select` can wait for";
    let diagnostic = Diagnostic::error(codes::NOT_SELECTABLE, span, message, "no operation of something that has a name")
        .note("an arm receives, `value = channel.recv()`, sends, `channel.send(value)`, awaits, `result = task.await()`, takes, `semaphore.acquire()`, accepts or reads, or is `timeout(…)` or `default`");
    match awaited {
        Awaited::Name(name) => {
            diagnostic.help(format!("say what of `{name}` is waited for: `value = {name}.recv()`"))
        }
        Awaited::Time => diagnostic.help("a time is waited for by `timeout(…)`"),
        Awaited::Unnamed(text) => diagnostic.help(format!(
            "give what stands before the last `.` of `{text}` a name, by a `let` before the `select`"
        )),
        Awaited::Call => {
            diagnostic.help("to wait for the first of several calls of any kind, use `race { … }`")
        }
        Awaited::Other => diagnostic,
    }
}

/// The general message: `expected an expression, found ...`.
pub fn unexpected(span: Span, expected: &str, found: &str) -> Diagnostic {
    let message = format!("expected {expected}, found {found}");
    Diagnostic::error(codes::UNEXPECTED_TOKEN, span, message, format!("expected {expected}"))
}

/// What was lost between two tokens.
pub fn missing_semicolon(after: Span, found: Option<(Span, &str)>) -> Diagnostic {
    let error = Diagnostic::error(codes::MISSING_SEMICOLON, after, "missing `;`", "expected `;` after this");
    let error = match found {
        Some((span, found)) => error.secondary(span, format!("before {found}")),
        None => error,
    };
    error.suggest("write `;` here", after.shrink_to_end(), ";")
}

pub fn missing_comma(after: Span, next: Span) -> Diagnostic {
    Diagnostic::error(codes::MISSING_COMMA, after, "missing `,`", "expected `,` after this")
        .secondary(next, "before the next one")
        .suggest("separate them with `,`", after.shrink_to_end(), ",")
}

pub fn unclosed(open: Span, bracket: &str, close: &str, end: Span) -> Diagnostic {
    Diagnostic::error(
        codes::UNCLOSED_BRACKET,
        open,
        format!("this `{bracket}` is never closed"),
        format!("no `{close}` belongs to it"),
    )
    .secondary(end, format!("expected `{close}` before this"))
}

pub fn missing_open(after: Span, next: Span) -> Diagnostic {
    Diagnostic::error(codes::UNEXPECTED_TOKEN, after, "missing `{`", "expected `{` after this")
        .secondary(next, "before this")
        .suggest("open the braces", after.shrink_to_end(), " {")
}

pub fn mismatched_close(close: Span, found: &str, open: Span, bracket: &str, wanted: &str) -> Diagnostic {
    Diagnostic::error(
        codes::UNMATCHED_CLOSE,
        close,
        format!("`{found}` does not close `{bracket}`"),
        format!("expected `{wanted}`"),
    )
    .secondary(open, "to close this")
    .suggest(format!("write `{wanted}`"), close, wanted)
}

pub fn stray_close(close: Span, found: &str) -> Diagnostic {
    Diagnostic::error(
        codes::UNMATCHED_CLOSE,
        close,
        format!("`{found}` closes nothing"),
        "no bracket is open that it could close",
    )
    .suggest("remove it", close, "")
}

pub fn nested_too_deeply(span: Span, limit: u32) -> Diagnostic {
    Diagnostic::error(
        codes::NESTED_TOO_DEEPLY,
        span,
        "nested too deeply",
        format!("more than {limit} brackets are open here"),
    )
    .help("give parts of it names, or functions of their own")
}

pub fn chain_too_long(span: Span, limit: u32) -> Diagnostic {
    Diagnostic::error(
        codes::NESTED_TOO_DEEPLY,
        span,
        "nested too deeply",
        format!("this is the end of more than {limit} operators in one statement"),
    )
    .help("break it up with `let`, or compute it in a loop")
}

pub fn chained_comparison(second: Span, first: Span, middle: Option<Span>, is_generic: bool) -> Diagnostic {
    let error = Diagnostic::error(
        codes::CHAINED_COMPARISON,
        second,
        "comparisons do not chain",
        "a comparison stands to the left of this already",
    )
    .secondary(first, "the first comparison");
    if is_generic {
        return error.suggest(
            "if these are type arguments, write `::` before them",
            first.shrink_to_start(),
            "::",
        );
    }
    match middle {
        Some(_) => error.help("compare twice and join with `and`: `a < b and b < c`"),
        None => error,
    }
}

pub fn not_after_operator(not: Span, operator: Span, operand: Span) -> Diagnostic {
    let mut error = Diagnostic::error(
        codes::NOT_AFTER_OPERATOR,
        not,
        "`not` needs parentheses here",
        "`not` binds less tightly than the operator before it",
    )
    .secondary(operator, "this operator");
    error = error.suggest("put it in parentheses", not.to(operand).shrink_to_start(), "(");
    if let Some(help) = error.helps.last_mut() {
        let edit = crate::diagnostics::Edit { span: operand.shrink_to_end(), replacement: ")".to_owned() };
        help.edits.push(edit);
    }
    error
}

pub fn assignment_in_expression(span: Span, in_condition: bool) -> Diagnostic {
    if in_condition {
        return Diagnostic::error(
            codes::ASSIGNMENT_IN_EXPRESSION,
            span,
            "`=` in a condition",
            "this assigns; it does not compare",
        )
        .suggest("to compare, write `==`", span, "==");
    }
    Diagnostic::error(
        codes::ASSIGNMENT_IN_EXPRESSION,
        span,
        "an assignment is not an expression",
        "this cannot stand inside an expression",
    )
    .suggest("to compare, write `==`", span, "==")
    .help("to assign, write a statement of its own")
}

pub fn if_without_else(after: Span) -> Diagnostic {
    Diagnostic::error(codes::IF_WITHOUT_ELSE, after, "this `if` has no `else`", "expected `else` after this")
        .note("an `if` whose value is used needs a value for both cases")
        .help("add one: `if … { … } else { … }`")
}

pub fn keyword_as_name(span: Span, keyword: &str) -> Diagnostic {
    Diagnostic::error(
        codes::KEYWORD_AS_NAME,
        span,
        format!("`{keyword}` is a keyword"),
        "a keyword cannot be a name",
    )
    .suggest("choose another name", span, format!("{keyword}_"))
}

pub fn missing_name(after: Span, what: &str, found: &str) -> Diagnostic {
    Diagnostic::error(
        codes::MISSING_NAME,
        after,
        format!("expected a name, found {found}"),
        format!("expected a name after `{what}`"),
    )
}

pub fn missing_body(name_span: Span, head: Span, name: Symbol) -> Diagnostic {
    Diagnostic::error(
        codes::FUNCTION_BODY,
        name_span,
        format!("function `{name}` has no body"),
        "expected a body in braces after this function's head",
    )
    .secondary(head.shrink_to_end(), "the head ends here")
    .note("only the functions of interfaces and `extern` blocks end with `;`")
}

pub fn body_of_foreign_function(body: Span, head_end: Span) -> Diagnostic {
    Diagnostic::error(codes::FUNCTION_BODY, body, "a foreign function has no body", "this body")
        .note("the functions of an `extern` block are defined elsewhere")
        .suggest("end it with `;`", head_end.to(body), ";")
}

pub fn needless_pub(span: Span, what: &str) -> Diagnostic {
    Diagnostic::error(
        codes::MISPLACED_MODIFIER,
        span,
        format!("`pub` has no meaning before {what}"),
        "nothing here has a name to make public",
    )
    .suggest("remove it", span, "")
}

pub fn receiver_of_free_function(span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::MISPLACED_MODIFIER,
        span,
        "only methods are `mut` or `static`",
        "this function stands outside a type",
    )
    .suggest("remove it", span, "")
}

pub fn misplaced_member(span: Span, what: &str, place: &str) -> Diagnostic {
    Diagnostic::error(
        codes::MISPLACED_MEMBER,
        span,
        format!("{what} cannot stand in {place}"),
        "expected a function",
    )
    .note("fields, `init` and `deinit` belong into a `struct` or `class`")
}

pub fn method_in_enum(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(
        codes::MISPLACED_MEMBER,
        span,
        "a function cannot stand in an enum",
        "expected a variant or `}`",
    )
    .suggest(
        format!("the methods of an enum stand in `extend {name} {{ … }}`"),
        span.shrink_to_start(),
        format!("}}\n\nextend {name} {{\n  "),
    )
}

pub fn variant_without_fields(parens: Span) -> Diagnostic {
    Diagnostic::error(
        codes::VARIANT_FIELDS,
        parens,
        "these parentheses are empty",
        "expected the fields of the variant",
    )
    .suggest("a variant without fields has no parentheses", parens, "")
}

pub fn mixed_variant_fields(bare: Span, named: Span) -> Diagnostic {
    Diagnostic::error(
        codes::VARIANT_FIELDS,
        bare,
        "this field has no name",
        "expected a name and `:` before this type",
    )
    .secondary(named, "another field of the variant has one")
    .note("the fields of a variant are all named or all bare")
}

pub fn positional_after_named(bare: Span, named: Span) -> Diagnostic {
    Diagnostic::error(
        codes::POSITIONAL_AFTER_NAMED,
        bare,
        "this needs a name",
        "given by position after one given by name",
    )
    .secondary(named, "the first given by name")
}

pub fn misplaced_rest(rest: Span, other: Span) -> Diagnostic {
    Diagnostic::error(
        codes::MISPLACED_REST,
        rest,
        "`..` stands last in a pattern, and once",
        "this skips the rest of the fields",
    )
    .secondary(other, "this is a part of the pattern too")
}

pub fn second_type_args(span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::UNEXPECTED_TOKEN,
        span,
        "this name has type arguments already",
        "expected no more of them",
    )
}

pub fn expected_link(span: Span) -> Diagnostic {
    unexpected(span, "`link` or `{`", "another name")
}

/// What a word or operator of other languages is in Plat.
pub fn foreign(span: Span, found: &str, written: &str) -> Diagnostic {
    Diagnostic::error(
        codes::FOREIGN_SYNTAX,
        span,
        format!("`{found}` is not part of the language"),
        format!("this is written `{written}`"),
    )
    .suggest(format!("write `{written}`"), span, written)
}

/// A word of other languages that Plat has no word for: why, and what to write.
pub fn foreign_word(span: Span, found: &str, instead: &str, help: &str) -> Diagnostic {
    Diagnostic::error(
        codes::FOREIGN_SYNTAX,
        span,
        format!("`{found}` is not part of the language"),
        instead.to_owned(),
    )
    .help(help)
}

/// `!` before an operand.
pub fn not_operator(span: Span, is_spaced: bool) -> Diagnostic {
    let replacement = if is_spaced { "not" } else { "not " };
    Diagnostic::error(codes::FOREIGN_SYNTAX, span, "`!` is not part of the language", "this is written `not`")
        .suggest("write `not`", span, replacement)
}

pub fn macro_call(bang: Span) -> Diagnostic {
    Diagnostic::error(
        codes::FOREIGN_SYNTAX,
        bang,
        "`!` cannot follow a name",
        "functions are called without it",
    )
    .suggest("remove it", bang, "")
}

pub fn let_mut(keyword: Span, modifier: Span) -> Diagnostic {
    Diagnostic::error(
        codes::FOREIGN_SYNTAX,
        modifier,
        "variables are not declared with `mut`",
        "this is written `var`",
    )
    .suggest("a variable that changes is a `var`", keyword.to(modifier), "var")
}

pub fn increment(span: Span, operator: BinaryOp) -> Diagnostic {
    let text = operator.text();
    Diagnostic::error(
        codes::INCREMENT,
        span,
        format!("there is no operator `{text}{text}`"),
        "expected an assignment",
    )
    .help(format!("write `x {text}= 1;`"))
}

pub fn statement_goes_on(after: Span, operator: Span) -> Diagnostic {
    Diagnostic::error(
        codes::STATEMENT_GOES_ON,
        operator,
        "this statement has ended",
        "nothing continues a statement that begins with a block, `if`, `match` or the like",
    )
    .secondary(after, "it ended here")
    .help("put it in parentheses, or give its value a name with `let`")
}

pub fn item_in_block(span: Span, found: &str) -> Diagnostic {
    Diagnostic::error(
        codes::MISPLACED_ITEM,
        span,
        format!("{found} cannot stand inside a function"),
        "items stand at the top of a file",
    )
    .help("move it out of the function")
}

pub fn statement_outside(span: Span, found: &str) -> Diagnostic {
    Diagnostic::error(
        codes::MISPLACED_ITEM,
        span,
        format!("expected an item, found {found}"),
        "expected an item such as `fn`, `struct`, `enum`, `const` or `use`",
    )
}

pub fn self_parameter(span: Span, removed: Span, may_change: bool) -> Diagnostic {
    let error = Diagnostic::error(
        codes::FOREIGN_SYNTAX,
        span,
        "`self` is not a parameter",
        "every method has it, unless it is `static`",
    );
    let error = if may_change { error.note("a method that changes `self` is a `mut fn`") } else { error };
    error.suggest("remove it", removed, "")
}

pub fn async_function(word: Span) -> Diagnostic {
    Diagnostic::error(
        codes::FOREIGN_SYNTAX,
        word,
        "`async` is not part of the language",
        "every function may wait",
    )
    .suggest("remove it", word, "")
}
