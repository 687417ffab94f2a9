//! What text becomes which tokens, and which mistakes.

use super::lex;
use crate::diagnostics::Sink;
use crate::source::FileId;
use crate::syntax::lexer::Case;
use crate::syntax::token::Token;

/// The tokens of `text`, literals as what they stand for, then the codes of what is wrong with it.
fn describe(text: &str) -> String {
    let mut sink = Sink::default();
    let buffer = lex(FileId(0), text, &mut sink);
    let token = |token| match token {
        Token::Snake(name) => name.to_string(),
        Token::Title(name) => format!("T:{name}"),
        Token::TitleGeneric(name) => format!("G:{name}"),
        Token::Scream(name) => format!("S:{name}"),
        Token::Int(index) => buffer.ints[index as usize].value.to_string(),
        Token::Float(index) => format!("{:?}", buffer.floats[index as usize].value),
        Token::Duration(index) => format!("{}ns", buffer.durations[index as usize]),
        Token::Char(value) => format!("{value:?}"),
        Token::Str(index) => format!("{:?}", buffer.texts[index as usize]),
        Token::StrBegin(index) => format!("{:?}${{", buffer.texts[index as usize]),
        Token::StrMiddle(index) => format!("}}{:?}${{", buffer.texts[index as usize]),
        Token::StrEnd(index) => format!("}}{:?}", buffer.texts[index as usize]),
        Token::Format(_) => "format".to_owned(),
        token => token.fixed_text().unwrap_or("?").to_owned(),
    };
    let tokens = buffer.lexemes.iter().map(|lexeme| token(lexeme.token));
    let codes = sink.finish().into_iter().map(|diagnostic| diagnostic.code.to_string());
    tokens.chain(codes).collect::<Vec<_>>().join(" ")
}

fn check(text: &str, expected: &str) {
    assert_eq!(describe(text), expected, "{text}");
}

#[test]
fn names() {
    check("foo Foo FOO _ _x x1 T T1 A_B r", "foo T:Foo S:FOO _ _x x1 T:T T:T1 S:A_B r");
    check("Foo<Int> Foo < Foo<=", "G:Foo < T:Int > T:Foo < T:Foo <=");
    check("fooBar fooBar", "foo_bar foo_bar E0008");
    check("Foo_Bar", "T:FooBar E0008");
    check("x.match.init fn spawn() fn (", "x . match . init fn spawn ( ) fn (");
    check("größe Übung", "error T:Error E0001 E0001");
}

#[test]
fn cases() {
    let cases = [
        ("fooBar", "foo_bar", "FooBar", "FOO_BAR"),
        ("parseHTTPRequest", "parse_http_request", "ParseHttpRequest", "PARSE_HTTP_REQUEST"),
        ("FOO_BAR", "foo_bar", "FooBar", "FOO_BAR"),
        ("x", "x", "X", "X"),
        ("Vec2D", "vec2_d", "Vec2D", "VEC2_D"),
    ];
    for (name, snake, title, screaming) in cases {
        assert_eq!(Case::Snake.correct(name), snake);
        assert_eq!(Case::Title.correct(name), title);
        assert_eq!(Case::Screaming.correct(name), screaming);
    }
}

#[test]
fn marks() {
    check(">> >>= >= > >", "> > >>= >= > >");
    check("a..b ..= . :: : -> =>", "a .. b ..= . :: : -> =>");
    check("+= <<= && || !", "+= <<= && || !");
}

#[test]
fn numbers() {
    check("42 1_000 0xff 0b1010 0o17 0xFFu8", "42 1000 255 10 15 255");
    check("3.14 1e-9 2.5e3f32 1f64 1.e", "3.14 1e-9 2500.0 1.0 1 . e");
    check("1..2 1.max t.1.0", "1 .. 2 1 . max t . 1 . 0");
    check("5ns 10us 250ms 2s 3m 1h", "5ns 10000ns 250000000ns 2000000000ns 180000000000ns 3600000000000ns");
    check("0b12", "0 E0006");
    check("0x", "0 E0006");
    check("1long", "1 E0007");
    check("1.5s", "1.5 E0007");
    check("1e999", "inf E0006");
    check("99999999999h", "9223372036854775807ns E0006");
    check(&"9".repeat(50), &format!("{} E0006", u128::MAX));
}

#[test]
fn characters() {
    check(r"'a' '\n' '\'' ''' '\u{1F600}' 'é'", r"'a' '\n' '\'' '\'' '😀' 'é'");
    check("''", "'\u{fffd}' E0004");
    check("'ab'", "'a' E0004");
    check("'a", "'a' E0004");
    check("'outer: loop", "outer : loop E0004");
    check(r"'\q'", "'\u{fffd}' E0004 E0005");
}

#[test]
fn strings() {
    check(r#""a\tb\$\u{41}""#, r#""a\tb$A""#);
    check(r#""a${x}b${y:>5}c""#, r#""a"${ x }"b"${ y format }"c""#);
    check(r#""${"${x}"}""#, r#"""${ ""${ x }"" }"""#);
    check(r#""${ { { 1 } } }""#, r#"""${ { { 1 } } }"""#);
    check(r#""${[a: 1]}""#, r#"""${ [ a : 1 ] }"""#);
    check(r#"r"a\b${""#, r#""a\\b${""#);
    check("\"\"", "\"\"");
    check(r#""\q""#, r#""" E0005"#);
    check("\"abc\nx", "\"abc\" x E0003");
    check("\"abc", "\"abc\" E0003");
    check("r\"abc\nx", "\"abc\" x E0003");
    check("\"${x:zz}\"", "\"\"${ x format }\"\" E0011");
}

#[test]
fn unterminated_values() {
    check("\"a ${x\"\ny", "\"a \"${ x }\"\" y E0010");
    check("\"a ${x\ny", "\"a \"${ x }\"\" y E0010");
    check("\"a ${f(\nfn", "\"a \"${ f ( fn }\"\" E0010");
    check("\"a ${f(\npub fn", "\"a \"${ f ( }\"\" pub fn E0010");
    check("\"a ${f(\nx)}\"", "\"a \"${ f ( x ) }\"\"");
    check("\"a ${x\n+ 1}\"", "\"a \"${ x + 1 }\"\"");
}

#[test]
fn multi_line_strings() {
    check("\"\"\"\n  a\n    b\n\n  c\n  \"\"\"", r#""a\n  b\n\nc""#);
    check("\"\"\"\n\"\"\"", "\"\"");
    check("\"\"\"\n\n\"\"\"", "\"\"");
    check("\"\"\"\r\n  a\r\n  b\r\n  \"\"\"", r#""a\nb""#);
    check("\"\"\"\n  a ${x} b\n  ${y}\n  \"\"\"", r#""a "${ x }" b\n"${ y }"""#);
    check("\"\"\"\n  say \"hi\" \\n\n  \"\"\"", r#""say \"hi\" \n""#);
    check("\"\"\"a\n\"\"\"", "\"a\" E0009");
    check("\"\"\"\n  a\"\"\"", "\"\" E0009");
    check("\"\"\"\n a\n  \"\"\"", "\" a\" E0009");
    check("\"\"\"\n a", "\"\" E0003");
}

#[test]
fn comments() {
    check("a // b\nc /* d /* e */ f */ g", "a c g");
    check("a /* b /* c */", "a E0002");
    check("a /*", "a E0002");
}

#[test]
fn characters_that_begin_nothing() {
    check("a § b", "a b E0001");
    check("“x”", "x E0001 E0001");
    check("a # $ @ b", "a b E0001 E0001 E0001");
}
