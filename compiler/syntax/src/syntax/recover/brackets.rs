//! Makes every bracket match.
//!
//! A file whose brackets match is left alone, which one quick walk finds out. In any other, missing ones are put in
//! (with an empty place) and stray ones taken out, each reported at the bracket that lacks its other half. Which one
//! that is cannot be known for certain; how the lines are indented says it nearly always.

use crate::diagnostics::{Diagnostic, Sink};
use crate::source::Span;
use crate::syntax::errors;
use crate::syntax::token::{Lexeme, Token, TokenBuffer};

use super::items;
use super::words::continues_after_brace;

/// Makes the brackets in `buffer` match.
pub(super) fn balance(text: &str, buffer: &mut TokenBuffer, sink: &mut Sink) {
    if is_balanced(&buffer.lexemes) {
        return;
    }
    let lexemes = std::mem::take(&mut buffer.lexemes);
    let out = Vec::with_capacity(lexemes.len() + 16);
    let mut balancer = Balancer {
        text,
        buffer,
        lexemes: &lexemes,
        out,
        open: Vec::new(),
        indent: 0,
        reports: 0,
        head: None,
        sink,
    };
    for at in 0..lexemes.len() {
        balancer.step(at);
    }
    balancer.close_down_to(0, None);
    buffer.lexemes = balancer.out;
}

fn is_balanced(lexemes: &[Lexeme]) -> bool {
    let mut open = Vec::new();
    for lexeme in lexemes {
        match lexeme.token {
            Token::StrMiddle(_) if !matches!(open.last(), Some(Token::StrBegin(_))) => return false,
            token if token.opens() => open.push(token),
            token if token.closes() && !open.pop().is_some_and(|open| matches_close(open, token)) => {
                return false;
            }
            _ => {}
        }
    }
    open.is_empty()
}

fn matches_close(open: Token, close: Token) -> bool {
    match close {
        Token::StrEnd(_) => matches!(open, Token::StrBegin(_)),
        _ => !matches!(open, Token::StrBegin(_)) && open.closer() == close,
    }
}

/// How many missing and stray brackets are reported. A file with more has been cut off, or is no program.
const MAX_REPORTS: usize = 100;

/// A bracket that is open.
#[derive(Clone, Copy)]
struct Open {
    lexeme: Lexeme,
    /// The indentation of its line.
    indent: u32,
    /// Whether functions may stand directly in it.
    holds_members: bool,
    /// Whether the first line in it is indented more than its own.
    is_indented: bool,
}

/// The head of an item or member whose `{` is still to come.
#[derive(Clone, Copy)]
struct Head {
    /// The indentation of its line.
    indent: u32,
    /// How many brackets are open around it.
    depth: usize,
    holds_members: bool,
}

struct Balancer<'a> {
    text: &'a str,
    buffer: &'a mut TokenBuffer,
    lexemes: &'a [Lexeme],
    out: Vec<Lexeme>,
    open: Vec<Open>,
    /// The indentation of the current line.
    indent: u32,
    head: Option<Head>,
    /// How many brackets have been reported.
    reports: usize,
    sink: &'a mut Sink,
}

impl Balancer<'_> {
    fn step(&mut self, at: usize) {
        let lexeme = self.lexemes[at];
        if lexeme.first_of_line {
            let before = &self.text[..lexeme.start as usize];
            self.indent = (before.len() - before.rfind('\n').map_or(0, |newline| newline + 1)) as u32;
            if !lexeme.token.closes() && !continues_after_brace(lexeme.token) {
                self.close_left_behind(at);
                self.open_left_out(at);
            }
        }
        self.note_head(at);
        match lexeme.token {
            token if token.opens() => {
                let holds_members = token == Token::LeftBrace && self.holds_members(at);
                self.open.push(Open { lexeme, indent: self.indent, holds_members, is_indented: false });
            }
            Token::StrMiddle(_) => self.close_to_string(lexeme),
            Token::StrEnd(_) => {
                self.close_to_string(lexeme);
                self.open.pop();
            }
            Token::RightParen | Token::RightBracket => {
                return self.close_round(lexeme, self.lexemes.get(at + 1));
            }
            Token::RightBrace => return self.close_brace(lexeme),
            Token::Semi | Token::Let | Token::Var | Token::Defer => self.end_round(lexeme),
            Token::Init | Token::Deinit if lexeme.first_of_line => {
                self.begin_member(lexeme);
            }
            _ if items::begins_item(self.lexemes, at) => self.begin_item(lexeme),
            _ => {}
        }
        self.out.push(lexeme);
    }

    /// Keeps track of the head that a `{` should follow.
    fn note_head(&mut self, at: usize) {
        let token = self.lexemes[at].token;
        let is_type = self.lexemes.get(at + 1).is_some_and(|next| next.token == Token::LeftParen);
        match token {
            Token::LeftBrace | Token::Semi | Token::Eq => self.head = None,
            Token::Fn if is_type => {}
            Token::Fn
            | Token::Init
            | Token::Struct
            | Token::Class
            | Token::Interface
            | Token::Extend
            | Token::Extern => {
                let holds_members = !matches!(token, Token::Fn | Token::Init);
                self.head = Some(Head { indent: self.indent, depth: self.open.len(), holds_members });
            }
            _ => {}
        }
    }

    /// Puts in the `{` of a head that is followed by a line indented more than it.
    fn open_left_out(&mut self, at: usize) {
        let Some(head) = self.head.filter(|head| head.depth == self.open.len() && head.indent < self.indent)
        else {
            return;
        };
        let Some(last) = self.out.last().copied() else { return };
        let is_complete = last.token.ends_operand() || matches!(last.token, Token::Gt | Token::GtJoined);
        if !is_complete || self.lexemes[at].token == Token::Colon {
            return;
        }
        self.head = None;
        self.report(errors::missing_open(self.span(last), self.span(self.lexemes[at])));
        let token = Token::LeftBrace;
        let lexeme = Lexeme { token, start: last.end, end: last.end, first_of_line: false };
        let Head { indent, holds_members, .. } = head;
        self.open.push(Open { lexeme, indent, holds_members, is_indented: true });
        self.out.push(lexeme);
    }

    /// Closes the braces whose insides were indented, when a line is not that begins at `at`.
    fn close_left_behind(&mut self, at: usize) {
        let is_first = at.checked_sub(1).is_some_and(|before| self.lexemes[before].token == Token::LeftBrace);
        if let Some(open) = self.open.last_mut().filter(|_| is_first) {
            open.is_indented = self.indent > open.indent;
        }
        let is_left_behind = |open: &Open| {
            open.lexeme.token == Token::LeftBrace && open.is_indented && self.indent <= open.indent
        };
        let inside = self.open.iter().rposition(|open| !is_left_behind(open)).map_or(0, |at| at + 1);
        self.close_down_to(inside, Some(self.lexemes[at]));
    }

    /// Whether the brace at `at` belongs to a struct, a class and the like: looks back to where its item or statement
    /// begins.
    fn holds_members(&self, at: usize) -> bool {
        let head = self.lexemes[..at].iter().rev().map(|lexeme| lexeme.token);
        let mut head =
            head.take_while(|token| !matches!(token, Token::Semi | Token::LeftBrace | Token::RightBrace));
        head.any(|token| {
            matches!(token, Token::Struct | Token::Class | Token::Interface | Token::Extend | Token::Extern)
        })
    }

    /// The positions in `open` of the brackets that were opened in the innermost brace or string.
    fn innermost_round(&self) -> std::ops::Range<usize> {
        let is_round = |open: &Open| matches!(open.lexeme.token, Token::LeftParen | Token::LeftBracket);
        let start = self.open.iter().rposition(|open| !is_round(open)).map_or(0, |at| at + 1);
        start..self.open.len()
    }

    /// A `)` or `]`, and the token after it.
    fn close_round(&mut self, close: Lexeme, next: Option<&Lexeme>) {
        let candidates = self.innermost_round();
        let matching = self.open[candidates.clone()]
            .iter()
            .rposition(|open| matches_close(open.lexeme.token, close.token))
            .map(|at| at + candidates.start);
        // In `([1))` the first `)` is meant for the `[`: there is one for each.
        let is_repeated = next.is_some_and(|next| next.token == close.token);
        let matching = matching.filter(|&at| at + 1 == self.open.len() || !is_repeated);
        if let Some(matching) = matching {
            self.close_down_to(matching + 1, Some(close));
            self.open.pop();
            return self.out.push(close);
        }
        let found = self.snippet(close);
        if candidates.is_empty() {
            return self.take_out(close);
        }
        let open = self.open.pop().expect("there are candidates").lexeme;
        let token = open.token.closer();
        let wanted = token.fixed_text().unwrap_or_default();
        let (open_span, open_text) = (self.span(open), self.snippet(open));
        self.report(errors::mismatched_close(self.span(close), found, open_span, open_text, wanted));
        self.out.push(Lexeme { token, ..close });
    }

    /// Leaves out a bracket that closes nothing.
    fn take_out(&mut self, close: Lexeme) {
        self.buffer.taken_out.push(close.start);
        self.report(errors::stray_close(self.span(close), self.snippet(close)));
    }

    fn close_brace(&mut self, close: Lexeme) {
        let round = self.innermost_round();
        let in_brace = round.start.checked_sub(1).map(|at| self.open[at]);
        let Some(in_brace) = in_brace.filter(|open| open.lexeme.token == Token::LeftBrace) else {
            return self.take_out(close);
        };
        self.close_down_to(round.start, Some(close));
        if close.first_of_line && self.indent > in_brace.indent {
            return self.take_out(close);
        }
        if close.first_of_line {
            self.close_deeper_lines(close);
        }
        self.open.pop();
        self.out.push(close);
    }

    /// Closes the braces on lines indented more than the `}` that begins this one, if it fits one further out.
    fn close_deeper_lines(&mut self, close: Lexeme) {
        let mut braces = self.open.iter().rev().take_while(|open| open.lexeme.token == Token::LeftBrace);
        let deeper = braces.clone().take_while(|open| open.indent > self.indent).count();
        let fits = braces.nth(deeper).is_some_and(|open| open.indent == self.indent);
        if fits {
            self.close_down_to(self.open.len() - deeper, Some(close));
        }
    }

    /// A `;` or the beginning of a statement: no `(` or `[` reaches over it.
    fn end_round(&mut self, lexeme: Lexeme) {
        if lexeme.token == Token::Semi || lexeme.first_of_line {
            let round = self.innermost_round();
            self.close_down_to(round.start, Some(lexeme));
        }
    }

    /// The beginning of an item: what is open here should not be. Members of a type stand in its braces.
    fn begin_item(&mut self, lexeme: Lexeme) {
        if !self.begin_member(lexeme) && self.indent == 0 {
            self.close_down_to(0, Some(lexeme));
        }
    }

    /// The beginning of what could be a member; false if no braces of a type are open around it.
    fn begin_member(&mut self, lexeme: Lexeme) -> bool {
        let members = self.open.iter().rposition(|open| open.holds_members && open.indent < self.indent);
        if let Some(at) = members {
            self.close_down_to(at + 1, Some(lexeme));
        }
        members.is_some()
    }

    fn close_to_string(&mut self, lexeme: Lexeme) {
        let string = self.open.iter().rposition(|open| matches!(open.lexeme.token, Token::StrBegin(_)));
        self.close_down_to(string.map_or(0, |at| at + 1), Some(lexeme));
    }

    /// Closes brackets until `count` are open, reporting each; `before` is the token that found them open.
    fn close_down_to(&mut self, count: usize, before: Option<Lexeme>) {
        while self.open.len() > count {
            let open = self.open.pop().expect("more than `count` are open").lexeme;
            if matches!(open.token, Token::StrBegin(_)) {
                continue;
            }
            let at = self.out.last().map_or(open.end, |last| last.end);
            let end = before.map_or(Span::new(self.buffer.file, at, at), |before| self.span(before));
            let token = open.token.closer();
            let (text, wanted) = (self.snippet(open), token.fixed_text().unwrap_or_default());
            let is_consequence =
                self.is_before_unterminated(open) || (before.is_none() && self.buffer.is_cut_off);
            if !is_consequence {
                self.report(errors::unclosed(self.span(open), text, wanted, end));
            }
            self.out.push(Lexeme { token, start: at, end: at, first_of_line: false });
        }
    }

    /// Whether a string that is not closed begins on the line of this bracket, after it.
    fn is_before_unterminated(&self, open: Lexeme) -> bool {
        let strings = &self.buffer.unterminated;
        let next = strings.get(strings.partition_point(|&start| start < open.start));
        next.is_some_and(|&start| !self.text[open.start as usize..start as usize].contains('\n'))
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.reports < MAX_REPORTS {
            self.sink.emit(diagnostic);
        }
        self.reports += 1;
    }

    fn span(&self, lexeme: Lexeme) -> Span {
        self.buffer.span(lexeme)
    }

    fn snippet(&self, lexeme: Lexeme) -> &'static str {
        lexeme.token.fixed_text().unwrap_or_default()
    }
}
