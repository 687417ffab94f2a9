//! Escapes in strings and characters.

use crate::diagnostics::Sink;
use crate::source::Span;
use crate::syntax::errors;

/// Decodes `text`, which stands at `span`, onto the end of `decoded`.
pub(super) fn unescape(text: &str, span: Span, decoded: &mut String, sink: &mut Sink) {
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        decoded.push_str(&rest[..at]);
        let escape = &rest[at..];
        let length = escape_length(escape);
        match decode(&escape[1..length]) {
            Some(character) => decoded.push(character),
            None => {
                let start = span.start + (text.len() - escape.len()) as u32;
                let place = Span { start, end: start + length as u32, ..span };
                sink.emit(errors::unknown_escape(place, &escape[..length]));
            }
        }
        rest = &escape[length..];
    }
    decoded.push_str(rest);
}

/// The length of the escape that `text` begins with, backslash included.
fn escape_length(text: &str) -> usize {
    if text.starts_with("\\u{") {
        let end = text.find(|c: char| c != '\\' && c != 'u' && c != '{' && !c.is_ascii_hexdigit());
        return match end {
            Some(end) if text[end..].starts_with('}') => end + 1,
            Some(end) => end,
            None => text.len(),
        };
    }
    1 + text[1..].chars().next().map_or(0, char::len_utf8)
}

/// The character that an escape without its backslash stands for.
fn decode(escape: &str) -> Option<char> {
    Some(match escape {
        "n" => '\n',
        "t" => '\t',
        "r" => '\r',
        "0" => '\0',
        "\\" => '\\',
        "\"" => '"',
        "'" => '\'',
        "$" => '$',
        _ => {
            let digits = escape.strip_prefix("u{")?.strip_suffix('}')?;
            return char::from_u32(u32::from_str_radix(digits, 16).ok()?);
        }
    })
}
