//! String and character literals.
//!
//! The lexer goes through a string's text by hand and through the values in it with its ordinary loop; the stack
//! of [`OpenString`]s says where it is. A `"` string ends with its line, a `"""` string at its closing quotes.

mod escape;
mod format;
mod layout;

use self::escape::unescape;
use super::Lexer;
use crate::source::Span;
use crate::syntax::errors;
use crate::syntax::token::Token;

/// A string that the lexer is inside a value of.
pub(super) struct OpenString {
    /// Offset of the opening quotes.
    start: usize,
    /// Offset of the `${` of the current value.
    value_start: usize,
    /// Whether it began with `"""`.
    is_multi_line: bool,
    /// Brackets opened in the current value, outermost first.
    brackets: Vec<Token>,
    /// The texts of a multi-line string so far: they can be decoded when the indentation of the end is known.
    texts: Vec<RawText>,
}

/// A stretch of text of a multi-line string: its entry in the table, and where it stands.
#[derive(Clone, Copy)]
struct RawText {
    index: u32,
    start: usize,
    end: usize,
}

/// How a stretch of text ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TextEnd {
    Quotes,
    Value,
    Unterminated,
}

/// Which of the tokens of a string a stretch of text makes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stretch {
    First,
    Later,
}

impl Lexer<'_> {
    /// A string whose opening quotes begin at `start` and have just been read.
    pub(super) fn open_string(&mut self, start: usize, is_multi_line: bool) {
        if self.quote_ends_value(is_multi_line) {
            return self.end_value_at_quote(start);
        }
        if is_multi_line {
            self.expect_line_end(start);
        }
        let string =
            OpenString { start, value_start: start, is_multi_line, brackets: Vec::new(), texts: Vec::new() };
        self.stretch(string, start, Stretch::First);
    }

    /// In `"a ${x"` the second quote ends the string: no string can follow an operand.
    fn quote_ends_value(&self, is_multi_line: bool) -> bool {
        let in_single_line = self.strings.last().is_some_and(|string| !string.is_multi_line);
        in_single_line && !is_multi_line && self.previous_ends_value()
    }

    fn end_value_at_quote(&mut self, start: usize) {
        let string = self.strings.pop().expect("the lexer is inside a value");
        let span = self.span(string.value_start, string.value_start + 2);
        self.emit(errors::unterminated_value(span));
        let text = self.add_text(String::new());
        self.push(Token::StrEnd(text), start);
    }

    /// Nothing but spaces may follow the opening `"""` on its line.
    fn expect_line_end(&mut self, start: usize) {
        let rest = self.rest();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
        if rest[blank..].starts_with('\n') {
            self.advance(blank + 1);
        } else {
            let span = self.span(start, self.at);
            self.emit(errors::text_after_opening_quotes(span));
        }
    }

    /// Reads a stretch of the text of `string`; the token that it makes begins at `start`.
    fn stretch(&mut self, mut string: OpenString, start: usize, which: Stretch) {
        let text_start = self.at;
        let end = self.skip_text(string.is_multi_line);
        let text = &self.text[text_start..self.at];
        let index = if string.is_multi_line {
            let index = self.add_text(String::new());
            string.texts.push(RawText { index, start: text_start, end: self.at });
            index
        } else {
            let mut decoded = String::with_capacity(text.len());
            unescape(text, self.span(text_start, self.at), &mut decoded, self.sink);
            self.add_text(decoded)
        };
        match end {
            TextEnd::Quotes => self.advance(if string.is_multi_line { 3 } else { 1 }),
            TextEnd::Value => {
                string.value_start = self.at;
                self.advance(2);
            }
            TextEnd::Unterminated => self.report_unterminated(&string),
        }
        self.push(stretch_token(which, end, index), start);
        match end {
            TextEnd::Value => self.strings.push(string),
            TextEnd::Quotes => self.decode_texts(&string),
            TextEnd::Unterminated => {}
        }
    }

    fn report_unterminated(&mut self, string: &OpenString) {
        let length = if string.is_multi_line { 3 } else { 1 };
        self.out.is_cut_off |= string.is_multi_line;
        self.out.unterminated.push(string.start as u32);
        let open = self.span(string.start, string.start + length);
        let end = self.span(self.at, self.at);
        self.emit(errors::unterminated_string(open, end, string.is_multi_line));
    }

    /// Goes forward to what ends a stretch of text.
    fn skip_text(&mut self, is_multi_line: bool) -> TextEnd {
        let bytes = self.rest().as_bytes();
        let mut at = 0;
        let end = loop {
            match bytes.get(at) {
                None => break TextEnd::Unterminated,
                Some(b'\n') if !is_multi_line => break TextEnd::Unterminated,
                Some(b'"') if !is_multi_line || bytes[at..].starts_with(b"\"\"\"") => break TextEnd::Quotes,
                Some(b'$') if bytes.get(at + 1) == Some(&b'{') => break TextEnd::Value,
                Some(b'\\') if bytes.get(at + 1).is_some_and(|&byte| byte != b'\n') => at += 2,
                Some(_) => at += 1,
            }
        };
        // A backslash before a character of several bytes leaves the position inside it.
        while !self.rest().is_char_boundary(at) {
            at += 1;
        }
        self.advance(at);
        end
    }

    fn add_text(&mut self, text: String) -> u32 {
        self.out.texts.push(text.into_boxed_str());
        self.out.texts.len() as u32 - 1
    }

    /// A token inside a value: watches for the end of the value and for its format.
    pub(super) fn token_in_value(&mut self, token: Token, start: usize) {
        let string = self.strings.last_mut().expect("the lexer is inside a value");
        match token {
            Token::LeftParen | Token::LeftBracket | Token::LeftBrace => string.brackets.push(token),
            Token::RightBrace if !string.brackets.contains(&Token::LeftBrace) => {
                return self.end_value(start);
            }
            Token::RightBrace => while string.brackets.pop() != Some(Token::LeftBrace) {},
            Token::RightParen if string.brackets.last() == Some(&Token::LeftParen) => {
                string.brackets.pop();
            }
            Token::RightBracket if string.brackets.last() == Some(&Token::LeftBracket) => {
                string.brackets.pop();
            }
            Token::Colon if string.brackets.is_empty() => return self.format(),
            Token::Gt if self.gt_is_joined() => return self.push(Token::GtJoined, start),
            _ => {}
        }
        self.push(token, start);
    }

    /// The `}` that ends a value stands at `start`.
    fn end_value(&mut self, start: usize) {
        let mut string = self.strings.pop().expect("the lexer is inside a value");
        string.brackets.clear();
        self.stretch(string, start, Stretch::Later);
    }

    /// Leaves the values that cannot go on with the token `next`, found at `start`: those that the file ends in, that
    /// an item begins in, and in a `"` string those whose line ends where the expression does.
    pub(super) fn leave_unterminated_values(&mut self, next: Option<Token>, start: usize) {
        let mut reported = false;
        while let Some(string) = self.strings.last() {
            let at_line_start = self.text[self.at..start].contains('\n');
            let goes_on = match next {
                None => false,
                Some(token) if token.begins_item() && token != Token::Fn => {
                    !(at_line_start && self.text[..start].ends_with('\n'))
                }
                Some(token) => {
                    let may_span_lines = string.is_multi_line || !string.brackets.is_empty();
                    may_span_lines || !at_line_start || self.value_goes_on(token, start)
                }
            };
            if goes_on {
                return;
            }
            let value_start = string.value_start;
            if !reported {
                let span = self.span(value_start, value_start + 2);
                self.emit(errors::unterminated_value(span));
                reported = true;
            }
            self.strings.pop();
            let text = self.add_text(String::new());
            self.push(Token::StrEnd(text), self.at);
        }
    }

    /// Whether a value can go on with `token` on a new line.
    fn value_goes_on(&self, token: Token, start: usize) -> bool {
        if token == Token::RightBrace {
            let line = self.text[start..].lines().next().unwrap_or_default();
            return line.contains('"');
        }
        if matches!(token, Token::RightParen | Token::RightBracket | Token::Semi | Token::Comma) {
            return false;
        }
        let begins_operand = matches!(token, Token::Name | Token::Digit | Token::Quote | Token::Apostrophe)
            || token.is_value()
            || token.begins_statement()
            || token == Token::Fn;
        !(begins_operand && self.previous_ends_value())
    }

    fn previous_ends_value(&self) -> bool {
        self.previous().is_some_and(|token| token.ends_operand() || matches!(token, Token::Format(_)))
    }

    pub(super) fn raw_string(&mut self, start: usize) {
        let rest = self.rest();
        let line_end = rest.find('\n').unwrap_or(rest.len());
        let (text, quote) = match rest[..line_end].find('"') {
            Some(end) => (&rest[..end], 1),
            None => {
                self.out.unterminated.push(start as u32);
                let open = self.span(start, start + 2);
                let end = self.at + line_end;
                self.emit(errors::unterminated_string(open, self.span(end, end), false));
                (&rest[..line_end], 0)
            }
        };
        self.advance(text.len() + quote);
        let index = self.add_text(text.to_owned());
        self.push(Token::Str(index), start);
    }

    /// A character literal whose opening quote stands at `start`.
    pub(super) fn char_literal(&mut self, start: usize) {
        let line = self.rest().lines().next().unwrap_or_default();
        let Some(length) = char_literal_length(line) else {
            return self.unclosed_char(line, start);
        };
        let text_span = self.span(self.at, self.at + length);
        let mut decoded = String::new();
        unescape(&line[..length], text_span, &mut decoded, self.sink);
        self.advance(length + 1);
        let mut chars = decoded.chars();
        let value = chars.next();
        if value.is_none() || chars.next().is_some() {
            let span = self.span(start, self.at);
            self.emit(errors::not_one_character(span, &line[..length]));
        }
        self.push(Token::Char(value.unwrap_or('\u{fffd}')), start);
    }

    /// A quote that opens no character: a label as other languages write it, or a literal that is not closed.
    fn unclosed_char(&mut self, line: &str, start: usize) {
        let name_length = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(line.len());
        let quote = self.span(start, start + 1);
        if line.starts_with(|c: char| c.is_ascii_lowercase()) && name_length > 1 {
            return self.emit(errors::quoted_label(quote, &line[..name_length]));
        }
        self.emit(errors::unterminated_char(quote));
        let first = line.chars().next().unwrap_or('\u{fffd}');
        self.advance(line.chars().next().map_or(0, char::len_utf8));
        self.push(Token::Char(first), start);
    }

    /// The place of the text from `start` to `end`, both offsets in the file.
    fn place(&self, start: usize, end: usize) -> Span {
        self.span(start, end)
    }
}

fn stretch_token(which: Stretch, end: TextEnd, index: u32) -> Token {
    match (which, end) {
        (Stretch::First, TextEnd::Value) => Token::StrBegin(index),
        (Stretch::First, _) => Token::Str(index),
        (Stretch::Later, TextEnd::Value) => Token::StrMiddle(index),
        (Stretch::Later, _) => Token::StrEnd(index),
    }
}

/// The length of the text of a character literal, up to its closing quote.
fn char_literal_length(line: &str) -> Option<usize> {
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            // `'''` is a quote in quotes, though not escaped.
            '\'' if at == 0 && line[1..].starts_with('\'') => {}
            '\'' => return Some(at),
            _ => {}
        }
    }
    None
}
