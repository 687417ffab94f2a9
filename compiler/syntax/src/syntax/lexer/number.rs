//! Numbers and durations.

use super::Lexer;
use crate::index::Symbol;
use crate::syntax::ast::{FloatLiteral, FloatSuffix, IntLiteral, IntSuffix};
use crate::syntax::errors;
use crate::syntax::token::Token;

/// Nanoseconds in each unit of a duration.
const DURATION_UNITS: [(&str, u64); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// What a number was read as, before its suffix.
struct Digits {
    radix: u32,
    /// Without underscores and prefix.
    text: String,
    /// Whether it has a fraction or an exponent.
    is_float: bool,
}

impl Lexer<'_> {
    /// A number whose first digit logos has found at `start`.
    pub(super) fn number(&mut self, start: usize) {
        let digits = self.digits(start);
        let suffix_start = self.at;
        let suffix_length = name_length(self.rest());
        self.advance(suffix_length);
        let token = self.literal(&digits, start, suffix_start);
        self.push(token, start);
    }

    /// The number in `t.0`: decimal digits and nothing else, so that `t.1.0` is two fields.
    pub(super) fn field_number(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let value = rest[..length].parse().unwrap_or(u128::MAX);
        self.advance(length);
        let token = self.int(value, None);
        self.push(token, start);
    }

    /// Reads the digits of a number, its fraction and its exponent.
    fn digits(&mut self, start: usize) -> Digits {
        let bytes = &self.text.as_bytes()[start..];
        let radix = match bytes.get(..2) {
            Some(b"0x" | b"0X") => 16,
            Some(b"0b" | b"0B") => 2,
            Some(b"0o" | b"0O") => 8,
            _ => 10,
        };
        let mut end = if radix == 10 { 0 } else { 2 };
        // Digits of a wrong radix are read too, to be reported in place.
        let is_digit = |byte: &u8| if radix == 16 { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
        let run =
            |from: usize| bytes[from..].iter().take_while(|&byte| is_digit(byte) || *byte == b'_').count();
        end += run(end);
        let mut is_float = false;
        if radix == 10 {
            if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
                is_float = true;
                end += 1;
                end += run(end);
            }
            if let Some(length) = exponent_length(&bytes[end..]) {
                is_float = true;
                end += length;
                end += run(end);
            }
        }
        let text: String = self.text[start..start + end].chars().filter(|&c| c != '_').collect();
        let text = if radix == 10 { text } else { text[2..].to_owned() };
        self.advance(start + end - self.at);
        Digits { radix, text, is_float }
    }

    /// The token of a number from its digits and the suffix that begins at `suffix_start`.
    fn literal(&mut self, digits: &Digits, start: usize, suffix_start: usize) -> Token {
        let text = self.text;
        let suffix = &text[suffix_start..self.at];
        if let Some(float) = float_suffix(suffix).filter(|_| digits.radix == 10) {
            return self.float(&digits.text, Some(float), start);
        }
        if digits.is_float {
            if !suffix.is_empty() {
                self.unknown_suffix(start, suffix_start, digits);
            }
            return self.float(&digits.text, None, start);
        }
        let value = self.int_value(digits, start, suffix_start);
        if suffix.is_empty() {
            return self.int(value, None);
        }
        if let Some(int) = int_suffix(suffix) {
            return self.int(value, Some(int));
        }
        let unit = DURATION_UNITS.iter().find(|unit| unit.0 == suffix && digits.radix == 10);
        if let Some(&(_, nanoseconds)) = unit {
            return self.duration(value, nanoseconds, start);
        }
        self.unknown_suffix(start, suffix_start, digits);
        self.int(value, None)
    }

    fn int_value(&mut self, digits: &Digits, start: usize, end: usize) -> u128 {
        let span = self.span(start, end);
        if digits.text.is_empty() {
            self.emit(errors::number_without_digits(span, digits.radix));
            return 0;
        }
        if let Some(wrong) = digits.text.chars().find(|c| !c.is_digit(digits.radix)) {
            self.emit(errors::wrong_digit(span, wrong, digits.radix));
            return 0;
        }
        u128::from_str_radix(&digits.text, digits.radix).unwrap_or_else(|_| {
            self.emit(errors::number_too_large(span));
            u128::MAX
        })
    }

    fn unknown_suffix(&mut self, start: usize, suffix_start: usize, digits: &Digits) {
        let suffix = &self.text[suffix_start..self.at];
        let number = self.span(start, suffix_start);
        let span = self.span(suffix_start, self.at);
        self.emit(errors::unknown_suffix(span, number, suffix, digits.is_float));
    }

    fn int(&mut self, value: u128, suffix: Option<IntSuffix>) -> Token {
        self.out.ints.push(IntLiteral { value, suffix });
        Token::Int(self.out.ints.len() as u32 - 1)
    }

    fn float(&mut self, text: &str, suffix: Option<FloatSuffix>, start: usize) -> Token {
        let value: f64 = text.parse().unwrap_or(f64::INFINITY);
        if value.is_infinite() {
            let span = self.span(start, self.at);
            self.emit(errors::number_too_large(span));
        }
        self.out.floats.push(FloatLiteral { text: Symbol::intern(text), value, suffix });
        Token::Float(self.out.floats.len() as u32 - 1)
    }

    fn duration(&mut self, value: u128, nanoseconds: u64, start: usize) -> Token {
        let total = u64::try_from(value).ok().and_then(|value| value.checked_mul(nanoseconds));
        // A `Duration` is a signed number of nanoseconds.
        let total = total.filter(|&total| i64::try_from(total).is_ok()).unwrap_or_else(|| {
            let span = self.span(start, self.at);
            self.emit(errors::duration_too_long(span));
            i64::MAX as u64
        });
        self.out.durations.push(total);
        Token::Duration(self.out.durations.len() as u32 - 1)
    }
}

/// The length of `e`, its sign included, if an exponent begins here.
fn exponent_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'e' | b'E', digit, ..] if digit.is_ascii_digit() => Some(1),
        [b'e' | b'E', b'+' | b'-', digit, ..] if digit.is_ascii_digit() => Some(2),
        _ => None,
    }
}

fn name_length(text: &str) -> usize {
    text.bytes().take_while(|&byte| byte.is_ascii_alphanumeric() || byte == b'_').count()
}

fn int_suffix(suffix: &str) -> Option<IntSuffix> {
    Some(match suffix {
        "i8" => IntSuffix::I8,
        "i16" => IntSuffix::I16,
        "i32" => IntSuffix::I32,
        "i64" => IntSuffix::I64,
        "u8" => IntSuffix::U8,
        "u16" => IntSuffix::U16,
        "u32" => IntSuffix::U32,
        "u64" => IntSuffix::U64,
        _ => return None,
    })
}

fn float_suffix(suffix: &str) -> Option<FloatSuffix> {
    match suffix {
        "f32" => Some(FloatSuffix::F32),
        "f64" => Some(FloatSuffix::F64),
        _ => None,
    }
}
