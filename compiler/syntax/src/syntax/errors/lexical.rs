//! Mistakes in characters and tokens: codes `E00`.

use crate::diagnostics::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::lexer::Case;

pub fn unexpected_character(span: Span, character: char) -> Diagnostic {
    let shown: String = if character.is_control() || character.is_whitespace() {
        character.escape_unicode().collect()
    } else {
        character.to_string()
    };
    let error = Diagnostic::error(
        codes::UNEXPECTED_CHARACTER,
        span,
        format!("unexpected character `{shown}`"),
        "nothing begins with this",
    );
    match look_alike(character) {
        Some(ascii) => error.suggest(format!("write `{ascii}`, which looks alike"), span, ascii),
        None if character.is_alphabetic() => error.note("names are made of ASCII letters, digits and `_`"),
        None => error.help("remove it"),
    }
}

/// What people mean by characters that word processors and other keyboards put in.
fn look_alike(character: char) -> Option<&'static str> {
    Some(match character {
        '“' | '”' | '„' | '«' | '»' => "\"",
        '‘' | '’' => "'",
        '–' | '—' | '−' => "-",
        '×' => "*",
        '÷' => "/",
        '；' => ";",
        '，' => ",",
        '（' => "(",
        '）' => ")",
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "!=",
        '→' => "->",
        '…' => "..",
        '\u{a0}' | '\u{3000}' | '\u{feff}' | '\u{200b}' => " ",
        _ => return None,
    })
}

pub fn unterminated_comment(open: Span, innermost: Option<Span>) -> Diagnostic {
    let error = Diagnostic::error(
        codes::UNTERMINATED_COMMENT,
        open,
        "this comment is never closed",
        "the comment begins here",
    )
    .note("block comments nest: every `/*` needs its own `*/`");
    match innermost {
        Some(span) => error.secondary(span, "another comment begins here and is not closed either"),
        None => error,
    }
}

pub fn unterminated_string(open: Span, end: Span, is_multi_line: bool) -> Diagnostic {
    let quotes = if is_multi_line { "\"\"\"" } else { "\"" };
    let error = Diagnostic::error(
        codes::UNTERMINATED_STRING,
        open,
        "this string is never closed",
        "the string begins here",
    );
    let error = if is_multi_line {
        error
    } else {
        error.note("a string in `\"` ends on the line that it begins on; one in `\"\"\"` may span lines")
    };
    error.suggest(format!("close it with `{quotes}`"), end, quotes)
}

pub fn unterminated_value(open: Span) -> Diagnostic {
    Diagnostic::error(
        codes::UNTERMINATED_VALUE,
        open,
        "this `${` is never closed",
        "the value in the string begins here",
    )
    .help("close it with `}`, or write `\\$` for a dollar sign")
}

pub fn unterminated_char(quote: Span) -> Diagnostic {
    Diagnostic::error(
        codes::MALFORMED_CHARACTER,
        quote,
        "this character is never closed",
        "expected one character and another `'`",
    )
}

pub fn quoted_label(quote: Span, name: &str) -> Diagnostic {
    Diagnostic::error(
        codes::MALFORMED_CHARACTER,
        quote,
        "this character is never closed",
        "expected one character and another `'`",
    )
    .suggest(format!("labels are plain names: `{name}`"), quote, "")
}

pub fn not_one_character(span: Span, text: &str) -> Diagnostic {
    let message = if text.is_empty() { "this character is empty" } else { "this is more than one character" };
    let error = Diagnostic::error(codes::MALFORMED_CHARACTER, span, message, "expected one character");
    if text.is_empty() {
        return error;
    }
    error.suggest("a string is written in `\"`", span, format!("\"{}\"", text.replace('"', "\\\"")))
}

pub fn unknown_escape(span: Span, escape: &str) -> Diagnostic {
    let error = Diagnostic::error(
        codes::UNKNOWN_ESCAPE,
        span,
        format!("unknown escape `{escape}`"),
        "this stands for no character",
    );
    if escape.starts_with("\\u") {
        return error
            .help("write `\\u{…}` with the number of a character in hexadecimal, such as `\\u{1F600}`");
    }
    error
        .note("the escapes are `\\n`, `\\t`, `\\r`, `\\\\`, `\\\"`, `\\'`, `\\0`, `\\$` and `\\u{…}`")
        .suggest("write `\\\\` for a backslash", span.shrink_to_start(), "\\")
}

pub fn number_without_digits(span: Span, radix: u32) -> Diagnostic {
    let label = format!("expected {} digits after the prefix", radix_name(radix));
    Diagnostic::error(codes::MALFORMED_NUMBER, span, "this number has no digits", label)
}

pub fn wrong_digit(span: Span, digit: char, radix: u32) -> Diagnostic {
    let message = format!("`{digit}` is no {} digit", radix_name(radix));
    Diagnostic::error(codes::MALFORMED_NUMBER, span, message, "in this number")
}

fn radix_name(radix: u32) -> &'static str {
    match radix {
        2 => "binary",
        8 => "octal",
        16 => "hexadecimal",
        _ => "decimal",
    }
}

pub fn number_too_large(span: Span) -> Diagnostic {
    Diagnostic::error(codes::MALFORMED_NUMBER, span, "this number is too large", "no type holds it")
}

pub fn duration_too_long(span: Span) -> Diagnostic {
    Diagnostic::error(codes::MALFORMED_NUMBER, span, "this duration is too long", "no `Duration` holds it")
        .note("a `Duration` is at most 292 years")
}

pub fn unknown_suffix(span: Span, number: Span, suffix: &str, is_float: bool) -> Diagnostic {
    let message = format!("`{suffix}` is not a suffix of numbers");
    let error = Diagnostic::error(codes::UNKNOWN_SUFFIX, span, message, "unknown suffix")
        .secondary(number, "after this number");
    if is_float && ["ns", "us", "ms", "s", "m", "h"].contains(&suffix) {
        return error
            .note("durations are whole numbers of `ns`, `us`, `ms`, `s`, `m` or `h`")
            .help("use a smaller unit: `1500ms` for one and a half seconds");
    }
    match corrected_suffix(suffix) {
        Some(corrected) => error.suggest(format!("did you mean `{corrected}`?"), span, corrected),
        None => error.note(
            "numbers may end with `i8` … `i64`, `u8` … `u64`, `f32` or `f64`, durations with `ns`, `us`, `ms`, `s`, `m` or `h`",
        ),
    }
}

/// What people write out of habit.
fn corrected_suffix(suffix: &str) -> Option<&'static str> {
    Some(match suffix.to_ascii_lowercase().as_str() {
        "sec" | "secs" => "s",
        "min" | "mins" => "m",
        "hr" | "hrs" => "h",
        "millis" | "msec" => "ms",
        "micros" | "usec" => "us",
        "nanos" | "nsec" => "ns",
        "l" | "ll" | "isize" => "i64",
        "u" | "ul" | "ull" | "usize" => "u64",
        "f" => "f32",
        "d" => "f64",
        _ => return None,
    })
}

pub fn wrong_case(span: Span, name: &str, case: Case, corrected: &str) -> Diagnostic {
    let (kind, what) = match case {
        Case::Snake => ("snake_case", "functions, variables, fields and modules are"),
        Case::Title => ("TitleCase", "types, variants and type parameters are"),
        Case::Screaming => ("SCREAMING_CASE", "constants are"),
    };
    let error = Diagnostic::error(
        codes::WRONG_CASE,
        span,
        format!("`{name}` should be written in {kind}"),
        format!("expected a name in {kind}"),
    )
    .note(format!("{what} written in {kind}"));
    if corrected == name {
        return error.note("a single capital is the name of a type parameter");
    }
    if corrected.is_empty() {
        return error;
    }
    error.suggest(format!("write `{corrected}`"), span, corrected)
}

pub fn text_after_opening_quotes(span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::STRING_LAYOUT,
        span,
        "the text of a multi-line string begins on the next line",
        "expected the end of the line after these quotes",
    )
    .suggest("break the line", span.shrink_to_end(), "\n")
}

pub fn text_before_closing_quotes(span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::STRING_LAYOUT,
        span,
        "the closing quotes of a multi-line string stand on a line of their own",
        "expected nothing but spaces before these quotes",
    )
    .note("their indentation is what is removed from every line")
    .suggest("break the line", span.shrink_to_start(), "\n")
}

pub fn line_indented_too_little(span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::STRING_LAYOUT,
        span,
        "this line is indented less than the closing quotes",
        "expected the indentation of the closing quotes",
    )
    .note("the indentation of the closing quotes is removed from every line")
}

pub fn malformed_format(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error(
        codes::MALFORMED_FORMAT,
        span,
        format!("`{}` is not a format", text.escape_debug()),
        "expected a format such as `.3`, `>5` or `04x`",
    )
    .note("a format is a fill character, `<`, `^` or `>`, `+`, `0`, a width, `.` and a precision, and one of `x X o b e`; each may be left out")
}
