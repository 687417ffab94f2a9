//! The format of a value in a string: `${x:>8.3}`.

use super::super::Lexer;
use crate::source::Span;
use crate::syntax::ast::{Alignment, FormatSpec, Notation};
use crate::syntax::errors;
use crate::syntax::token::Token;

impl Lexer<'_> {
    /// A format, whose `:` has just been read. The `}` after it is left for the lexer's loop.
    pub(super) fn format(&mut self) {
        let rest = self.rest();
        // Without its `}` the format ends where the string does, and the loop finds the value unterminated.
        let length = rest.find(['}', '"', '\n']).unwrap_or(rest.len());
        let start = self.at;
        self.advance(length);
        let span = self.place(start, self.at);
        let spec = parse(&rest[..length], span).unwrap_or_else(|| {
            self.emit(errors::malformed_format(span, &rest[..length]));
            FormatSpec { span, ..parse("", span).expect("the empty format is one") }
        });
        self.out.formats.push(spec);
        let index = self.out.formats.len() as u32 - 1;
        self.push(Token::Format(index), start);
    }
}

/// Reads `[[fill]align][+][0][width][.precision][notation]`.
fn parse(text: &str, span: Span) -> Option<FormatSpec> {
    let (fill, alignment, rest) = alignment(text);
    let (plus, rest) = flag(rest, '+');
    let (zero, rest) = flag(rest, '0');
    let (width, rest) = number(rest)?;
    let (precision, rest) = match rest.strip_prefix('.') {
        Some(rest) => {
            let (precision, rest) = number(rest)?;
            (Some(precision?), rest)
        }
        None => (None, rest),
    };
    let notation = match rest {
        "" => None,
        "x" => Some(Notation::LowerHex),
        "X" => Some(Notation::UpperHex),
        "o" => Some(Notation::Octal),
        "b" => Some(Notation::Binary),
        "e" => Some(Notation::Exponent),
        _ => return None,
    };
    Some(FormatSpec { fill, alignment, plus, zero, width, precision, notation, span })
}

fn alignment(text: &str) -> (Option<char>, Option<Alignment>, &str) {
    let mut chars = text.chars();
    let first = chars.next();
    if let (Some(fill), Some(alignment)) = (first, chars.next().and_then(alignment_of)) {
        return (Some(fill), Some(alignment), chars.as_str());
    }
    match first.and_then(alignment_of) {
        Some(alignment) => (None, Some(alignment), &text[1..]),
        None => (None, None, text),
    }
}

fn alignment_of(character: char) -> Option<Alignment> {
    match character {
        '<' => Some(Alignment::Left),
        '^' => Some(Alignment::Center),
        '>' => Some(Alignment::Right),
        _ => None,
    }
}

fn flag(text: &str, flag: char) -> (bool, &str) {
    text.strip_prefix(flag).map_or((false, text), |rest| (true, rest))
}

/// A number, if one begins here; `None` when it is too large to mean anything.
fn number(text: &str) -> Option<(Option<u32>, &str)> {
    let length = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if length == 0 {
        return Some((None, text));
    }
    Some((Some(text[..length].parse().ok()?), &text[length..]))
}
