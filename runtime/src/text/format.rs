//! Numbers, characters and strings as text (language reference, "Display of built-in types" and `${x:…}`).

use core::fmt::Write;

use plat_abi::layout::{Align, FormatSpec, Notation};

use super::string::Builder;

/// What a value's text is made of: a sign that zero filling leaves in front, and the rest.
struct Number {
    sign: &'static str,
    digits: String,
}

/// Appends an integer given by its sign and magnitude.
pub fn integer(builder: &mut Builder<'_>, is_negative: bool, magnitude: u64, spec: FormatSpec) {
    if spec == FormatSpec::default() || spec == (FormatSpec { nested: true, ..FormatSpec::default() }) {
        return decimal(builder, is_negative, magnitude);
    }
    let digits = match spec.kind {
        Notation::Plain => format!("{magnitude}"),
        Notation::Hex => format!("{magnitude:x}"),
        Notation::UpperHex => format!("{magnitude:X}"),
        Notation::Binary => format!("{magnitude:b}"),
        Notation::Octal => format!("{magnitude:o}"),
        Notation::Exponent => format!("{magnitude:e}"),
    };
    number(builder, Number { sign: sign_of(is_negative, spec), digits }, spec);
}

/// Appends an integer as most are: the general way takes four times as long.
fn decimal(builder: &mut Builder<'_>, is_negative: bool, magnitude: u64) {
    if is_negative {
        builder.push("-");
    }
    builder.push(itoa::Buffer::new().format(magnitude));
}

/// Appends a `Float64`.
pub fn float64(builder: &mut Builder<'_>, value: f64, spec: FormatSpec) {
    let digits = float_digits(
        value.abs(),
        spec,
        |magnitude| format!("{magnitude}"),
        |magnitude| format!("{magnitude:e}"),
    );
    float(builder, value.is_nan(), value.is_sign_negative(), digits, spec);
}

/// Appends a `Float32`, with the shortest digits that read back as one.
pub fn float32(builder: &mut Builder<'_>, value: f32, spec: FormatSpec) {
    let short = |_| format!("{}", value.abs());
    let exponent = |_| format!("{:e}", value.abs());
    let digits = float_digits(f64::from(value.abs()), spec, short, exponent);
    float(builder, value.is_nan(), value.is_sign_negative(), digits, spec);
}

fn float(builder: &mut Builder<'_>, is_nan: bool, is_negative: bool, digits: String, spec: FormatSpec) {
    let sign = sign_of(is_negative && !is_nan, spec);
    number(builder, Number { sign, digits }, spec);
}

/// The text of a float without its sign: `short` and `exponent` give its shortest digits in either notation.
fn float_digits(
    magnitude: f64,
    spec: FormatSpec,
    short: impl Fn(f64) -> String,
    exponent: impl Fn(f64) -> String,
) -> String {
    if magnitude.is_nan() {
        return "nan".to_owned();
    }
    if magnitude.is_infinite() {
        return "inf".to_owned();
    }
    match (spec.kind, spec.precision) {
        (Notation::Exponent, Some(precision)) => format!("{magnitude:.*e}", usize::from(precision)),
        (Notation::Exponent, None) => exponent(magnitude),
        (_, Some(precision)) => format!("{magnitude:.*}", usize::from(precision)),
        (_, None) if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) => exponent(magnitude),
        (_, None) => with_point(short(magnitude)),
    }
}

/// A whole number gets `.0`, so that it reads as a float.
fn with_point(mut digits: String) -> String {
    if !digits.contains('.') {
        digits.push_str(".0");
    }
    digits
}

fn sign_of(is_negative: bool, spec: FormatSpec) -> &'static str {
    match (is_negative, spec.plus) {
        (true, _) => "-",
        (false, true) => "+",
        (false, false) => "",
    }
}

fn number(builder: &mut Builder<'_>, number: Number, spec: FormatSpec) {
    let length = number.sign.len() + number.digits.len();
    let missing = usize::from(spec.width).saturating_sub(length);
    if spec.zero && spec.align == Align::Natural {
        builder.push(number.sign);
        fill(builder, '0', missing);
        return builder.push(&number.digits);
    }
    padded(builder, missing, Align::Right, spec, |builder| {
        builder.push(number.sign);
        builder.push(&number.digits);
    });
}

/// Appends a boolean.
pub fn boolean(builder: &mut Builder<'_>, value: bool, spec: FormatSpec) {
    plain(builder, if value { "true" } else { "false" }, spec);
}

/// Appends a character; inside another value as a literal.
pub fn character(builder: &mut Builder<'_>, value: char, spec: FormatSpec) {
    if spec.nested {
        builder.push("'");
        escaped(builder, value, '\'');
        return builder.push("'");
    }
    plain(builder, value.encode_utf8(&mut [0; 4]), spec);
}

/// Appends a string; inside another value as a literal.
pub fn string(builder: &mut Builder<'_>, value: &str, spec: FormatSpec) {
    if !spec.nested {
        return plain(builder, value, spec);
    }
    builder.push("\"");
    value.chars().for_each(|character| escaped(builder, character, '"'));
    builder.push("\"");
}

fn escaped(builder: &mut Builder<'_>, character: char, quote: char) {
    match character {
        '\n' => builder.push("\\n"),
        '\r' => builder.push("\\r"),
        '\t' => builder.push("\\t"),
        '\0' => builder.push("\\0"),
        '\\' => builder.push("\\\\"),
        '$' if quote == '"' => builder.push("\\$"),
        _ if character == quote => {
            builder.push("\\");
            builder.push(quote.encode_utf8(&mut [0; 4]));
        }
        _ if character.is_control() => {
            write_infallibly(builder, format_args!("\\u{{{:X}}}", character as u32))
        }
        _ => builder.push(character.encode_utf8(&mut [0; 4])),
    }
}

fn plain(builder: &mut Builder<'_>, value: &str, spec: FormatSpec) {
    let cut = spec.precision.map_or(value, |most| first_chars(value, usize::from(most)));
    if spec.width == 0 {
        return builder.push(cut);
    }
    let missing = usize::from(spec.width).saturating_sub(cut.chars().count());
    padded(builder, missing, Align::Left, spec, |builder| builder.push(cut));
}

fn first_chars(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

/// Appends what `write` writes with `missing` fill characters around it.
fn padded(
    builder: &mut Builder<'_>,
    missing: usize,
    natural: Align,
    spec: FormatSpec,
    write: impl FnOnce(&mut Builder<'_>),
) {
    let align = if spec.align == Align::Natural { natural } else { spec.align };
    let before = match align {
        Align::Natural | Align::Left => 0,
        Align::Center => missing / 2,
        Align::Right => missing,
    };
    let filler = if spec.fill == '\0' { ' ' } else { spec.fill };
    fill(builder, filler, before);
    write(builder);
    fill(builder, filler, missing - before);
}

fn fill(builder: &mut Builder<'_>, filler: char, count: usize) {
    let mut bytes = [0; 4];
    let filler = filler.encode_utf8(&mut bytes);
    (0..count).for_each(|_| builder.push(filler));
}

/// Units of a duration, from the largest, with their nanoseconds.
const UNITS: [(&str, u64); 6] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Appends a duration: hours and minutes whole, then the largest unit that is at least one, with a fraction.
pub fn duration(builder: &mut Builder<'_>, nanoseconds: i64, spec: FormatSpec) {
    let text = duration_text(nanoseconds);
    plain(builder, &text, spec);
}

fn duration_text(nanoseconds: i64) -> String {
    let mut rest = nanoseconds.unsigned_abs();
    let mut text = String::from(if nanoseconds < 0 { "-" } else { "" });
    for (unit, size) in &UNITS[..2] {
        if rest >= *size {
            text.push_str(&format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    if rest > 0 || nanoseconds == 0 {
        text.push_str(&fraction_text(rest));
    }
    text
}

fn fraction_text(nanoseconds: u64) -> String {
    let (unit, size) =
        UNITS[2..].iter().find(|(_, size)| nanoseconds >= *size).unwrap_or(&("s", 1_000_000_000));
    let (whole, rest) = (nanoseconds / size, nanoseconds % size);
    if rest == 0 {
        return format!("{whole}{unit}");
    }
    let width = size.ilog10() as usize;
    let digits = format!("{rest:0width$}");
    format!("{whole}.{}{unit}", digits.trim_end_matches('0'))
}

fn write_infallibly(builder: &mut Builder<'_>, arguments: core::fmt::Arguments<'_>) {
    builder.write_fmt(arguments).expect("a builder takes all text");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::string::tests::built;

    fn spec() -> FormatSpec {
        FormatSpec::default()
    }

    fn nested() -> FormatSpec {
        FormatSpec { nested: true, ..spec() }
    }

    #[test]
    fn floats_have_the_shortest_digits_that_read_back() {
        for (value, text) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (-0.0, "-0.0"),
            (0.0, "0.0"),
            (1e21, "1e21"),
            (123456789012345680000.0, "123456789012345680000.0"),
            (0.000001, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(built(|builder| float64(builder, value, spec())), text);
        }
        assert_eq!(built(|builder| float32(builder, 0.1, spec())), "0.1");
    }

    #[test]
    fn numbers_follow_their_format() {
        let precision = FormatSpec { precision: Some(2), ..spec() };
        assert_eq!(built(|builder| float64(builder, 2.0_f64.sqrt(), precision)), "1.41");
        let right = FormatSpec { align: Align::Right, width: 5, ..spec() };
        assert_eq!(built(|builder| integer(builder, true, 42, right)), "  -42");
        let hex = FormatSpec { kind: Notation::Hex, zero: true, width: 4, ..spec() };
        assert_eq!(built(|builder| integer(builder, false, 255, hex)), "00ff");
        let zeros = FormatSpec { zero: true, plus: true, width: 6, ..spec() };
        assert_eq!(built(|builder| integer(builder, false, 42, zeros)), "+00042");
    }

    #[test]
    fn text_is_padded_and_cut_by_characters() {
        let left = FormatSpec { width: 6, fill: '·', ..spec() };
        assert_eq!(built(|builder| string(builder, "größe", left)), "größe·");
        let center = FormatSpec { width: 5, align: Align::Center, precision: Some(2), ..spec() };
        assert_eq!(built(|builder| string(builder, "äbc", center)), " äb  ");
    }

    #[test]
    fn nested_text_is_a_literal() {
        assert_eq!(built(|builder| string(builder, "a\"$\n\u{1}", nested())), r#""a\"\$\n\u{1}""#);
        assert_eq!(built(|builder| character(builder, '\'', nested())), r"'\''");
        assert_eq!(built(|builder| character(builder, '"', nested())), "'\"'");
    }

    #[test]
    fn durations_use_the_largest_units() {
        for (nanoseconds, text) in [
            (0, "0s"),
            (5, "5ns"),
            (250_000_000, "250ms"),
            (1_500_000_000, "1.5s"),
            (123_000_000_000, "2m3s"),
            (3_600_000_000_000, "1h"),
            (-1_250, "-1.25us"),
        ] {
            assert_eq!(duration_text(nanoseconds), text);
        }
    }
}
