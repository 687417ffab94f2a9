//! Parses an item, mending its tokens until the parser takes it.

use std::borrow::Cow;
use std::ops::Range;

use lalrpop_util::ParseError;

use super::diagnose::{self, Repair};
use super::expected::Expected;
use super::stretch;
use crate::diagnostics::{Diagnostic, Sink};
use crate::hash::HashSet;
use crate::source::Span;
use crate::syntax::actions::Actions;
use crate::syntax::ast::{Item, ItemKind, Visibility};
use crate::syntax::grammar::ItemParser;
use crate::syntax::token::{Lexeme, Token, TokenBuffer};

/// How many mistakes of one item are reported. Nobody reads more before mending the first.
const MAX_MISTAKES: usize = 50;

/// How many tokens are parsed again for the mistakes of one item, about: every mistake costs another walk over the
/// item, and this keeps one of a million lines from taking minutes. It is about five seconds' worth.
const MAX_TOKENS: usize = 20_000_000;

/// Where and why a parse failed: the position of the token, and what was expected.
struct Failure {
    at: usize,
    expected: Expected,
}

/// Parses the item that the tokens in `range` make up.
pub(super) fn parse_item(text: &str, buffer: &TokenBuffer, range: Range<usize>, sink: &mut Sink) -> Item {
    let mut mender = Mender {
        text,
        buffer,
        lexemes: Cow::Borrowed(&buffer.lexemes[range.clone()]),
        reported: HashSet::default(),
        reported_keywords: HashSet::default(),
        unsaid: None,
        sink,
    };
    let attempts = (MAX_TOKENS / range.len()).clamp(2, 2 * MAX_MISTAKES);
    for _ in 0..attempts {
        match mender.parse() {
            Ok(item) => return item,
            Err(failure) => {
                if !mender.mend(&failure) {
                    break;
                }
            }
        }
    }
    mender.say_what_is_left();
    error_item(buffer, range)
}

/// What stands for an item that could not be parsed.
pub(super) fn error_item(buffer: &TokenBuffer, range: Range<usize>) -> Item {
    let first = buffer.lexemes[range.start];
    let last = buffer.lexemes[range.end - 1];
    let span = Span::new(buffer.file, first.start, last.end);
    Item { doc: None, visibility: Visibility::Private, kind: ItemKind::Error, span }
}

struct Mender<'a> {
    text: &'a str,
    buffer: &'a TokenBuffer,
    lexemes: Cow<'a, [Lexeme]>,
    /// The offsets of stretches in which a mistake has been reported.
    reported: HashSet<u32>,
    /// Keywords that have been reported as names: who declares one uses it too.
    reported_keywords: HashSet<&'static str>,
    /// What to say if the action that should report a mistake never comes to it.
    unsaid: Option<Diagnostic>,
    sink: &'a mut Sink,
}

impl Mender<'_> {
    /// Parses the tokens as they are now. What the actions find wrong is reported when the parse succeeds.
    fn parse(&mut self) -> Result<Item, Failure> {
        let mut actions = Actions::new(&self.lexemes, self.buffer);
        let tokens = self.lexemes.iter().zip(0..).map(|(lexeme, at)| Ok((at, lexeme.token, at + 1)));
        let result = ItemParser::new().parse(&mut actions, tokens);
        let diagnostics = actions.diagnostics;
        match result {
            Ok(item) => {
                diagnostics.into_iter().for_each(|diagnostic| self.sink.emit(diagnostic));
                Ok(*item)
            }
            Err(error) => Err(self.failure(error)),
        }
    }

    fn failure(&self, error: ParseError<u32, Token, ()>) -> Failure {
        let (at, expected) = match error {
            ParseError::UnrecognizedToken { token, expected } => (token.0 as usize, expected),
            ParseError::ExtraToken { token } => (token.0 as usize, Vec::new()),
            ParseError::UnrecognizedEof { expected, .. } => (self.lexemes.len(), expected),
            ParseError::InvalidToken { location } => (location as usize, Vec::new()),
            ParseError::User { error: () } => (self.lexemes.len(), Vec::new()),
        };
        Failure { at, expected: Expected::new(expected) }
    }

    /// Reports a mistake, unless one in the same stretch has been, and mends the tokens. False when there is nothing
    /// left to mend.
    fn mend(&mut self, failure: &Failure) -> bool {
        let range = stretch::around(&self.lexemes, failure.at);
        let start = range.as_ref().map_or(0, |range| range.start);
        // Tokens that were put in are no landmark: the stretch must be known again after it is mended.
        let written = self.lexemes[start..].iter().find(|lexeme| lexeme.start < lexeme.end);
        let first = written.map_or(u32::MAX, |lexeme| lexeme.start);
        if !self.reported.insert(first) {
            return self.give_up(range, failure.at);
        }
        let context = diagnose::Context {
            text: self.text,
            buffer: self.buffer,
            lexemes: &self.lexemes,
            at: failure.at,
            expected: &failure.expected,
            start,
        };
        let finding = context.diagnose();
        let general = context.general();
        let is_consequence = self.is_consequence(range.as_ref(), failure.at);
        if finding.diagnostic.is_none() && !is_consequence {
            self.unsaid = general.diagnostic;
        }
        if let Some(diagnostic) = finding.diagnostic
            && !is_consequence
            && self.reported.len() <= MAX_MISTAKES
            && finding.keyword.is_none_or(|keyword| self.reported_keywords.insert(keyword))
        {
            self.sink.emit(diagnostic);
        }
        match finding.repair {
            Repair::Replace(range, tokens) => self.replace(range, &tokens),
            Repair::GiveUp => return self.give_up(range, failure.at),
        }
        true
    }

    fn say_what_is_left(&mut self) {
        if let Some(diagnostic) = self.unsaid.take() {
            self.sink.emit(diagnostic);
        }
    }

    /// Whether a bracket was put into this stretch or taken out of it (or the head of it, if a block follows), or a
    /// string in it is not closed: that has been reported, and this comes of it.
    fn is_consequence(&self, range: Option<&Range<usize>>, at: usize) -> bool {
        if stretch::is_in_unclosed_list(&self.lexemes, at) {
            return true;
        }
        let range = range.cloned().unwrap_or(0..self.lexemes.len());
        let brace = first_brace(&self.lexemes, range.clone()).filter(|&brace| brace >= at);
        let stretch = &self.lexemes[range.start..brace.unwrap_or(range.end)];
        let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { return false };
        let next = self.lexemes.get(range.end).filter(|_| brace.is_none());
        let end = next.map_or(last.end, |next| next.start);
        let taken_out = &self.buffer.taken_out;
        let at = taken_out.partition_point(|&offset| offset < first.start);
        if taken_out.get(at).is_some_and(|&offset| offset < end) {
            return true;
        }
        stretch.iter().any(|lexeme| {
            let is_put_in = lexeme.start == lexeme.end && lexeme.token.closes();
            is_put_in || self.buffer.unterminated.binary_search(&lexeme.start).is_ok()
        })
    }

    /// Replaces a stretch by an `Error` token; of a function it keeps the body, of a loop or branch its block.
    fn give_up(&mut self, range: Option<Range<usize>>, at: usize) -> bool {
        let whole = 0..self.lexemes.len();
        let is_item = range.is_none();
        let range = range.unwrap_or(whole);
        if let Some((head, tokens)) = keep_body(&self.lexemes, &range, at) {
            self.replace(head, &tokens);
            return true;
        }
        if is_item {
            return false;
        }
        self.replace(range, &[Token::Error]);
        true
    }

    /// Puts `tokens` in the place of those in `range`. The first covers the same text; the others are empty.
    fn replace(&mut self, range: Range<usize>, tokens: &[Token]) {
        let lexemes = self.lexemes.to_mut();
        let end = range.start.checked_sub(1).map_or(0, |before| lexemes[before].end);
        let start = lexemes.get(range.start).filter(|_| !range.is_empty()).map_or(end, |first| first.start);
        let last = if range.is_empty() { end } else { lexemes[range.end - 1].end };
        let first_of_line = !range.is_empty() && lexemes[range.start].first_of_line;
        let mended: Vec<_> = tokens
            .iter()
            .enumerate()
            .map(|(number, &token)| match number {
                0 => Lexeme { token, start, end: last, first_of_line },
                _ => Lexeme { token, start: last, end: last, first_of_line: false },
            })
            .collect();
        lexemes.splice(range, mended);
    }
}

/// The tokens to put in the place of which stretch, so that the body after a spoilt head is still parsed.
fn keep_body(lexemes: &[Lexeme], range: &Range<usize>, at: usize) -> Option<(Range<usize>, Vec<Token>)> {
    let stretch = &lexemes[range.clone()];
    let keyword =
        stretch.iter().position(|lexeme| !matches!(lexeme.token, Token::Pub | Token::Mut | Token::Static))?;
    let keyword = range.start + keyword;
    let brace = first_brace(lexemes, keyword..range.end)?;
    if at > brace {
        return None;
    }
    match lexemes[keyword].token {
        Token::Fn => {
            let name = lexemes[keyword + 1].token;
            let is_named = matches!(name, Token::Snake(_));
            let after = if is_named { keyword + 2 } else { keyword + 1 };
            let name = crate::index::Symbol::intern("error");
            let mut head = if is_named { Vec::new() } else { vec![Token::Snake(name)] };
            head.extend([Token::LeftParen, Token::RightParen]);
            let unchanged = lexemes[after..brace].iter().map(|lexeme| lexeme.token).eq(head.iter().copied());
            (!unchanged).then_some((after..brace, head))
        }
        Token::If | Token::While | Token::For if !is_followed_by_else(lexemes, brace) => {
            Some((range.start..brace, vec![Token::Error]))
        }
        _ => None,
    }
}

fn first_brace(lexemes: &[Lexeme], range: Range<usize>) -> Option<usize> {
    let mut depth = 0;
    for position in range {
        match lexemes[position].token {
            Token::LeftBrace if depth == 0 => return Some(position),
            token if token.opens() => depth += 1,
            token if token.closes() => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Whether an `else` stands after the braces that open at `brace`.
fn is_followed_by_else(lexemes: &[Lexeme], brace: usize) -> bool {
    let mut depth = 0;
    for (position, lexeme) in lexemes.iter().enumerate().skip(brace) {
        if lexeme.token.opens() {
            depth += 1;
        } else if lexeme.token.closes() {
            depth -= 1;
        }
        if depth == 0 {
            return lexemes.get(position + 1).is_some_and(|next| next.token == Token::Else);
        }
    }
    false
}
