//! Text → tokens.
//!
//! logos finds where a token begins and which kind it is; what needs more than a regular expression (nested
//! comments, numbers, strings with values in them) is read by hand. Every mistake is reported here and a plausible
//! token stands in its place, so that the parser is not misled. A string with values becomes a flat run of tokens,
//! `StrBegin … StrMiddle … StrEnd`, with the tokens of the values between them: the parser needs no parser inside,
//! and every span is one of the file.

mod name;
mod number;
mod string;

use logos::Logos;

pub use self::name::Case;
use self::name::Names;
use self::string::OpenString;
use super::errors;
use super::token::{Lexeme, Token, TokenBuffer};
use crate::diagnostics::{Diagnostic, Sink};
use crate::source::{FileId, Span};

/// Reads the tokens of a file.
pub fn lex(file: FileId, text: &str, sink: &mut Sink) -> TokenBuffer {
    let mut lexer = Lexer {
        file,
        text,
        at: if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 },
        raw: Token::lexer(text),
        out: TokenBuffer::new(file),
        names: Names::default(),
        strings: Vec::new(),
        doc: String::new(),
        file_doc: String::new(),
        sink,
    };
    lexer.raw.bump(lexer.at);
    lexer.run();
    lexer.out
}

struct Lexer<'a> {
    file: FileId,
    text: &'a str,
    /// How far the text has been read.
    at: usize,
    raw: logos::Lexer<'a, Token>,
    out: TokenBuffer,
    names: Names<'a>,
    /// The strings that the lexer is inside a value of, outermost first.
    strings: Vec<OpenString>,
    /// `///` comments seen since the last token.
    doc: String,
    file_doc: String,
    sink: &'a mut Sink,
}

impl<'a> Lexer<'a> {
    fn run(&mut self) {
        loop {
            if self.previous() == Some(Token::Dot) && self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                self.field_number();
                continue;
            }
            let next = self.raw.next();
            let start = self.raw.span().start;
            if !self.strings.is_empty() {
                self.leave_unterminated_values(next.map(|token| token.unwrap_or(Token::Error)), start);
            }
            self.at = self.raw.span().end;
            match next {
                Some(Ok(token)) => self.token(token, start),
                Some(Err(())) => self.unknown_character(start),
                None => break,
            }
        }
        // A string is found unterminated after those inside its values.
        self.out.unterminated.sort_unstable();
        if !self.file_doc.is_empty() {
            self.out.file_doc = Some(std::mem::take(&mut self.file_doc).into_boxed_str());
        }
    }

    /// Handles one token that logos has found at `start`.
    fn token(&mut self, token: Token, start: usize) {
        match token {
            Token::LineComment => self.line_comment(start),
            Token::BlockComment => self.block_comment(start),
            Token::Quote => self.open_string(start, false),
            Token::TripleQuote => self.open_string(start, true),
            Token::RawQuote => self.raw_string(start),
            Token::Apostrophe => self.char_literal(start),
            Token::Digit => self.number(start),
            Token::Name => self.name(start),
            _ if token.is_keyword() => self.keyword(token, start),
            _ if !self.strings.is_empty() => self.token_in_value(token, start),
            Token::Gt if self.gt_is_joined() => self.push(Token::GtJoined, start),
            _ => self.push(token, start),
        }
    }

    /// Adds a token that reaches from `start` to where the lexer stands.
    fn push(&mut self, token: Token, start: usize) {
        let previous_end = self.out.lexemes.last().map_or(0, |last| last.end as usize);
        let first_of_line = previous_end == 0 || self.text.as_bytes()[previous_end..start].contains(&b'\n');
        if !self.doc.is_empty() {
            self.out.docs.push((start as u32, std::mem::take(&mut self.doc).into_boxed_str()));
        }
        self.out.lexemes.push(Lexeme { token, start: start as u32, end: self.at as u32, first_of_line });
    }

    fn previous(&self) -> Option<Token> {
        self.out.lexemes.last().map(|last| last.token)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The text from where the lexer stands.
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Moves on by `count` bytes, and logos too.
    fn advance(&mut self, count: usize) {
        self.at += count;
        self.raw.bump(count);
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end as u32)
    }

    fn emit(&mut self, diagnostic: Diagnostic) {
        self.sink.emit(diagnostic);
    }

    /// Whether another `>` follows the one just read, and is not part of a `>=`.
    fn gt_is_joined(&self) -> bool {
        let rest = self.rest().as_bytes();
        rest.first() == Some(&b'>') && rest.get(1) != Some(&b'=')
    }

    fn keyword(&mut self, token: Token, start: usize) {
        let previous = self.previous();
        // A method may have any name, since after a `.` every keyword but `init` is one; it is declared so too.
        let is_declared = previous == Some(Token::Fn) && matches!(self.peek(), Some(b'(' | b'<'));
        if (previous == Some(Token::Dot) || is_declared) && token != Token::Init {
            let symbol = self.names.intern(&self.text[start..self.at]);
            return self.push(Token::Snake(symbol), start);
        }
        if let (Token::Fn, Some(Token::Title(title))) = (token, previous)
            && title == self.names.sharable()
        {
            self.out.lexemes.last_mut().expect("there is a previous token").token = Token::Sharable;
        }
        self.push(token, start);
    }

    fn line_comment(&mut self, start: usize) {
        let rest = self.rest();
        let length = rest.find('\n').unwrap_or(rest.len());
        let comment = &rest[..length];
        if let Some(doc) = comment.strip_prefix('!') {
            add_doc_line(&mut self.file_doc, doc);
        } else if let Some(doc) = comment.strip_prefix('/')
            && !doc.starts_with('/')
        {
            add_doc_line(&mut self.doc, doc);
        }
        debug_assert_eq!(&self.text[start..self.at], "//");
        self.advance(length);
    }

    fn block_comment(&mut self, start: usize) {
        let bytes = self.rest().as_bytes();
        let mut opened = vec![start];
        let mut at = 0;
        while !opened.is_empty() {
            match bytes.get(at..at + 2) {
                None => {
                    let outermost = self.span(start, start + 2);
                    let innermost = opened.last().map(|&open| self.span(open, open + 2));
                    self.out.is_cut_off = true;
                    self.emit(errors::unterminated_comment(
                        outermost,
                        innermost.filter(|_| opened.len() > 1),
                    ));
                    at = bytes.len();
                    break;
                }
                Some(b"/*") => {
                    opened.push(self.at + at);
                    at += 2;
                }
                Some(b"*/") => {
                    opened.pop();
                    at += 2;
                }
                Some(_) => at += 1,
            }
        }
        self.advance(at);
    }

    fn unknown_character(&mut self, start: usize) {
        let character = self.text[start..].chars().next().unwrap_or(' ');
        if character.is_alphanumeric() {
            return self.name_outside_ascii(start, character);
        }
        let end = start + character.len_utf8();
        self.advance(end.saturating_sub(self.at));
        let span = self.span(start, end);
        self.emit(errors::unexpected_character(span, character));
    }

    /// A word that begins at `start` and that a letter outside ASCII, the first of them given, makes no name.
    fn name_outside_ascii(&mut self, start: usize, first: char) {
        let word = &self.text[start..];
        let length = word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len());
        self.advance((start + length).saturating_sub(self.at));
        let span = self.span(start, start + length);
        self.emit(errors::unexpected_character(span, first));
        // Names are ASCII wherever they are taken apart, so another stands in for this one.
        let token = match word.starts_with(char::is_uppercase) {
            true => Token::Title(self.names.intern("Error")),
            false => Token::Snake(self.names.intern("error")),
        };
        self.push(token, start);
    }
}

/// Adds a line to a doc comment, without the one space that people write after the slashes.
fn add_doc_line(doc: &mut String, line: &str) {
    if !doc.is_empty() {
        doc.push('\n');
    }
    let line = line.strip_prefix(' ').unwrap_or(line);
    doc.push_str(line.trim_end());
}

#[cfg(test)]
mod tests;
