//! What is wrong where the parser stopped, and how to go on.
//!
//! Each `fn` of [`Context::RULES`] knows one mistake by the tokens around it and what was expected; the first that recognises
//! its own wins. What none knows gets the general message.

mod declarations;
mod select;

use std::ops::Range;

use super::expected::{Expected, Position};
use super::words::{continues_after_brace, is_binary_operator};
use crate::diagnostics::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::BinaryOp;
use crate::syntax::errors;
use crate::syntax::token::{Lexeme, Token, TokenBuffer};

/// How to go on after a mistake.
pub(super) enum Repair {
    /// Put these tokens in the place of that stretch.
    Replace(Range<usize>, Vec<Token>),
    /// Do without the statement, arm, member or item.
    GiveUp,
}

/// A mistake: what to say (unless something else will) and how to go on.
pub(super) struct Finding {
    pub(super) diagnostic: Option<Diagnostic>,
    pub(super) repair: Repair,
    /// The keyword that the diagnostic says is no name.
    pub(super) keyword: Option<&'static str>,
}

impl Finding {
    fn new(diagnostic: Diagnostic, repair: Repair) -> Self {
        Self { diagnostic: Some(diagnostic), repair, keyword: None }
    }
}

/// Where the parser stopped.
pub(super) struct Context<'a> {
    pub(super) text: &'a str,
    pub(super) buffer: &'a TokenBuffer,
    /// The tokens of the item.
    pub(super) lexemes: &'a [Lexeme],
    /// The position of the token that does not fit; it may be the end of the item.
    pub(super) at: usize,
    pub(super) expected: &'a Expected,
    /// Where the statement, arm, member or item begins.
    pub(super) start: usize,
}

impl Context<'_> {
    const RULES: [fn(&Self) -> Option<Finding>; 26] = [
        Self::word_of_another_language,
        Self::let_mut,
        Self::increment,
        Self::assignment,
        Self::if_without_else,
        Self::missing_name,
        Self::method_in_enum,
        Self::missing_body,
        Self::missing_semicolon,
        Self::comma_for_semicolon,
        Self::self_parameter,
        Self::joined_with_equals,
        Self::keyword_as_name,
        Self::item_in_block,
        Self::statement_outside,
        Self::field_without_let,
        Self::result_after_colon,
        Self::missing_colon,
        Self::missing_comma,
        Self::struct_literal,
        Self::conditional_operator,
        Self::missing_before_body,
        Self::open_range,
        Self::statement_goes_on,
        Self::condition_in_parentheses,
        Self::nothing_to_wait_for,
    ];

    pub(super) fn diagnose(&self) -> Finding {
        Self::RULES.iter().find_map(|rule| rule(self)).unwrap_or_else(|| self.general())
    }

    /// The token that does not fit, or one that stands before or after it.
    fn token(&self, offset: isize) -> Option<Token> {
        self.lexeme(offset).map(|lexeme| lexeme.token)
    }

    fn lexeme(&self, offset: isize) -> Option<Lexeme> {
        let at = self.at.checked_add_signed(offset)?;
        self.lexemes.get(at).copied()
    }

    fn span(&self, offset: isize) -> Span {
        match self.lexeme(offset) {
            Some(lexeme) => self.buffer.span(lexeme),
            None => {
                let end = self.lexemes.last().map_or(0, |last| last.end);
                Span::new(self.buffer.file, end, end)
            }
        }
    }

    fn text(&self, offset: isize) -> &str {
        self.lexeme(offset).map_or("", |lexeme| &self.text[lexeme.start as usize..lexeme.end as usize])
    }

    /// What the token is called in a message.
    fn found(&self) -> String {
        match self.token(0) {
            None => "the end of the item".to_owned(),
            Some(Token::Str(_) | Token::StrBegin(_)) => "a string".to_owned(),
            Some(Token::StrMiddle(_) | Token::StrEnd(_)) => "the `}` of the value".to_owned(),
            Some(Token::Format(_)) => "a format".to_owned(),
            Some(token) if token.is_keyword() => format!("the keyword `{}`", self.text(0)),
            // One that was put in covers no text.
            Some(token) => format!("`{}`", token.fixed_text().unwrap_or(self.text(0))),
        }
    }

    fn begins_line(&self) -> bool {
        self.lexeme(0).is_none_or(|lexeme| lexeme.first_of_line)
    }

    fn after_operand(&self) -> bool {
        self.token(-1).is_some_and(Token::ends_operand)
    }

    fn is_adjacent(&self, offset: isize) -> bool {
        match (self.lexeme(offset), self.lexeme(offset + 1)) {
            (Some(first), Some(second)) => first.end == second.start,
            _ => false,
        }
    }

    /// The positions of the tokens from one offset to another, for a repair.
    fn range(&self, from: isize, to: isize) -> Range<usize> {
        let position = |offset| self.at.saturating_add_signed(offset).min(self.lexemes.len());
        position(from)..position(to)
    }

    fn replace(&self, from: isize, to: isize, tokens: &[Token]) -> Repair {
        Repair::Replace(self.range(from, to), tokens.to_vec())
    }

    fn insert(&self, tokens: &[Token]) -> Repair {
        self.replace(0, 0, tokens)
    }

    pub(super) fn general(&self) -> Finding {
        let mut expected = self.expected.describe();
        if self.expected.position() == Position::Tokens && self.expected.has("int") {
            expected = "a literal".to_owned();
        }
        let mut diagnostic = errors::unexpected(self.span(0), &expected, &self.found());
        if self.lexeme(0).is_none() {
            diagnostic = errors::unexpected(self.span(-1), &expected, "the end of the item");
        }
        Finding::new(diagnostic, Repair::GiveUp)
    }

    fn word_of_another_language(&self) -> Option<Finding> {
        let (offset, word) = match (self.token(0), self.token(-1)) {
            (_, Some(Token::Snake(word))) if self.expected.position() != Position::Item => (-1, word),
            (Some(Token::Snake(word)), _) => (0, word),
            _ => return None,
        };
        let (written, tokens): (&str, &[Token]) = match (word.as_str(), self.token(offset + 1)?) {
            ("elif" | "elsif" | "elseif", _) => ("else if", &[Token::Else, Token::If]),
            ("func" | "def" | "function" | "fun", Token::Snake(_)) => ("fn", &[Token::Fn]),
            ("val", Token::Snake(_)) => ("let", &[Token::Let]),
            ("public" | "export", token) if token.begins_item() => ("pub", &[Token::Pub]),
            ("trait" | "protocol", Token::Title(_)) => ("interface", &[Token::Interface]),
            ("impl", Token::Title(_) | Token::TitleGeneric(_)) => ("extend", &[Token::Extend]),
            ("import" | "mod", Token::Snake(_)) => ("use", &[Token::Use]),
            ("switch" | "case" | "when", token) if token.is_value() => ("match", &[Token::Match]),
            ("async", Token::Fn | Token::LeftBrace) => ("spawn", &[Token::Spawn]),
            (other, token) => return self.word_for_nothing(offset, other, token),
        };
        let mut diagnostic = errors::foreign(self.span(offset), word.as_str(), written);
        if word.as_str() == "async" && self.token(offset + 1) == Some(Token::Fn) {
            diagnostic = errors::async_function(self.span(offset));
            let repair = self.replace(offset, offset + 1, &[]);
            return Some(Finding::new(diagnostic, repair));
        }
        Some(Finding::new(diagnostic, self.replace(offset, offset + 1, tokens)))
    }

    /// A word before an expression or a block that is written otherwise.
    fn word_for_nothing(&self, offset: isize, word: &str, next: Token) -> Option<Finding> {
        let begins_block = next == Token::LeftBrace;
        let (instead, help) = match word {
            "await" if next.is_value() => {
                ("calls wait by themselves", "a task is waited for by a method: `task.await()`")
            }
            "go" if next.is_value() || begins_block => {
                ("`spawn` starts a task", "write `spawn { … }`, in a `concurrent` block that waits for it")
            }
            "throw" | "raise" if next.is_value() => {
                ("errors are values", "write `return Err(…)`, or `panic(\"…\")` for what is a bug")
            }
            "try" if next.is_value() || begins_block => {
                ("errors are values", "`expression?` passes an error on, and `match` looks at one")
            }
            _ => return None,
        };
        let diagnostic = errors::foreign_word(self.span(offset), word, instead, help);
        Some(Finding::new(diagnostic, self.replace(offset, offset + 1, &[])))
    }

    fn let_mut(&self) -> Option<Finding> {
        if self.token(0)? != Token::Mut || !matches!(self.token(-1)?, Token::Let | Token::Var) {
            return None;
        }
        let diagnostic = errors::let_mut(self.span(-1), self.span(0));
        Some(Finding::new(diagnostic, self.replace(-1, 1, &[Token::Var])))
    }

    /// `x++;`, `++x;` or `x--;`
    fn increment(&self) -> Option<Finding> {
        let (offset, operator) = match (self.token(-2), self.token(-1), self.token(0), self.token(1)) {
            (_, Some(Token::Plus), Some(Token::Plus), _) if self.is_adjacent(-1) => (-1, BinaryOp::Add),
            (_, _, Some(Token::Plus), Some(Token::Plus)) if self.is_adjacent(0) => (0, BinaryOp::Add),
            (Some(Token::Minus), Some(Token::Minus), found, _) if self.is_adjacent(-2) => {
                let ends = matches!(found, None | Some(Token::Semi | Token::RightBrace | Token::RightParen));
                ends.then_some((-2, BinaryOp::Sub))?
            }
            _ => return None,
        };
        let span = self.span(offset).to(self.span(offset + 1));
        let diagnostic = errors::increment(span, operator);
        Some(Finding::new(diagnostic, self.replace(offset, offset + 2, &[])))
    }

    fn assignment(&self) -> Option<Finding> {
        if self.token(0)? != Token::Eq || !(self.expected.has("==") || self.after_operand()) {
            return None;
        }
        if !self.expected.has("==") && !self.expected.has("and") && !self.expected.has("{") {
            return None;
        }
        let diagnostic = errors::assignment_in_expression(self.span(0), self.is_in_condition());
        Some(Finding::new(diagnostic, self.replace(0, 1, &[Token::EqEq])))
    }

    /// Whether an `if` or `while` stands before, with no brace between.
    fn is_in_condition(&self) -> bool {
        let before = self.lexemes[self.start..self.at].iter().rev().map(|lexeme| lexeme.token);
        let mut before = before.take_while(|token| !matches!(token, Token::LeftBrace | Token::RightBrace));
        before.any(|token| matches!(token, Token::If | Token::While))
    }

    fn if_without_else(&self) -> Option<Finding> {
        if self.token(-1)? != Token::RightBrace || !self.expected.is_only("else") {
            return None;
        }
        let diagnostic = errors::if_without_else(self.span(-1));
        let repair = self.insert(&[Token::Else, Token::LeftBrace, Token::RightBrace]);
        Some(Finding::new(diagnostic, repair))
    }

    fn missing_semicolon(&self) -> Option<Finding> {
        // After a `}` a `;` is always welcome; it is missing only where an expression could go on.
        let may_go_on = self.token(-1) != Some(Token::RightBrace) || self.expected.has("+");
        let after_value = (self.after_operand() && may_go_on)
            || matches!(
                self.token(-1)?,
                Token::Break | Token::Continue | Token::Return | Token::Gt | Token::GtJoined
            );
        let found = self.token(0);
        let next_begins = self.begins_line()
            || found.is_some_and(|token| token == Token::RightBrace || token.begins_statement());
        if !self.expected.has(";") || !after_value || !next_begins {
            return None;
        }
        let text = self.found();
        let next = found.map(|_| (self.span(0), text.as_str()));
        let diagnostic = errors::missing_semicolon(self.span(-1), next);
        Some(Finding::new(diagnostic, self.insert(&[Token::Semi])))
    }

    fn missing_comma(&self) -> Option<Finding> {
        let token = self.token(0)?;
        let begins_part = token.is_value()
            || matches!(
                token,
                Token::Underscore | Token::StrBegin(_) | Token::Inout | Token::Amp | Token::Minus
            );
        let after_part = self.after_operand() || matches!(self.token(-1)?, Token::Gt | Token::GtJoined);
        if !begins_part || !after_part || !self.expected.has(",") {
            return None;
        }
        let diagnostic = errors::missing_comma(self.span(-1), self.span(0));
        Some(Finding::new(diagnostic, self.insert(&[Token::Comma])))
    }

    /// `let x: Int,` in a struct
    fn comma_for_semicolon(&self) -> Option<Finding> {
        if self.token(0)? != Token::Comma || !self.expected.has(";") || self.expected.has(",") {
            return None;
        }
        let diagnostic = errors::unexpected(self.span(0), "`;`", "`,`").suggest(
            "fields and statements end with `;`",
            self.span(0),
            ";",
        );
        Some(Finding::new(diagnostic, self.replace(0, 1, &[Token::Semi])))
    }

    /// `List<Int>= …`: the `>=` is one token.
    fn joined_with_equals(&self) -> Option<Finding> {
        if self.token(0)? != Token::Ge || !self.expected.has(">") || self.expected.has("+") {
            return None;
        }
        let diagnostic = errors::unexpected(self.span(0), "`>`", "`>=`").suggest(
            "put a space between them",
            self.span(0),
            "> =",
        );
        Some(Finding::new(diagnostic, self.replace(0, 1, &[Token::Gt, Token::Eq])))
    }

    /// `condition ? a : b`
    fn conditional_operator(&self) -> Option<Finding> {
        if self.token(-1)? != Token::Question || !self.token(0)?.is_value() {
            return None;
        }
        let diagnostic = errors::unexpected(self.span(0), &self.expected.describe(), &self.found())
            .note("`?` returns early with an error; there is no operator `? :`")
            .help("write `if condition { a } else { b }`");
        Some(Finding::new(diagnostic, Repair::GiveUp))
    }

    fn open_range(&self) -> Option<Finding> {
        let is_range = |token| matches!(token, Some(Token::DotDot | Token::DotDotEq));
        let note = if is_range(self.token(-1)) || (is_range(self.token(0)) && !self.after_operand()) {
            "a range has a beginning and an end"
        } else if is_range(self.token(0)) {
            "ranges do not chain"
        } else {
            return None;
        };
        let diagnostic =
            errors::unexpected(self.span(0), &self.expected.describe(), &self.found()).note(note);
        Some(Finding::new(diagnostic, Repair::GiveUp))
    }

    /// `while { }`, `for i in 0.. { }`: the body was taken for what is missing before it.
    fn missing_before_body(&self) -> Option<Finding> {
        if self.token(-1)? != Token::RightBrace || !self.expected.has("{") {
            return None;
        }
        let pairs = self.lexemes[self.start..self.at].windows(2);
        let mut pairs = pairs.filter(|pair| pair[1].token == Token::LeftBrace);
        let pair = pairs.find(|pair| {
            matches!(
                pair[0].token,
                Token::While | Token::If | Token::Match | Token::In | Token::DotDot | Token::DotDotEq
            )
        })?;
        let mut diagnostic = errors::unexpected(self.buffer.span(pair[1]), "an expression", "`{`");
        if matches!(pair[0].token, Token::DotDot | Token::DotDotEq) {
            diagnostic = diagnostic.note("a range has a beginning and an end");
        }
        Some(Finding::new(diagnostic, Repair::GiveUp))
    }

    /// `if a { 1 } else { 2 } + 3;`
    fn statement_goes_on(&self) -> Option<Finding> {
        let token = self.token(0)?;
        let goes_on = continues_after_brace(token) && token != Token::Else && token != Token::Arrow;
        if self.token(-1)? != Token::RightBrace || !goes_on || !self.expected.has("let") {
            return None;
        }
        let diagnostic = errors::statement_goes_on(self.span(-1), self.span(0));
        Some(Finding::new(diagnostic, Repair::GiveUp))
    }

    /// An operator or a word where an operand should stand.
    fn condition_in_parentheses(&self) -> Option<Finding> {
        if self.expected.position() != Position::Expression {
            return None;
        }
        let token = self.token(0)?;
        let note = match token {
            Token::Bar if self.is_in_condition() => {
                "a closure in the head of a loop or branch needs parentheses"
            }
            Token::Return | Token::Break | Token::Continue => {
                "`return`, `break` and `continue` need parentheses here"
            }
            Token::Plus => "there is no prefix `+`",
            Token::Amp => {
                "`&` stands before an argument that the call may change, and nowhere else: there are no references to values"
            }
            Token::Lt if self.token(1) == Some(Token::Minus) => {
                "there is no `<-`: a channel is received from by `channel.recv()`"
            }
            token if is_binary_operator(token) => "an operator stands between two operands",
            _ => return None,
        };
        let diagnostic =
            errors::unexpected(self.span(0), &self.expected.describe(), &self.found()).note(note);
        Some(Finding::new(diagnostic, Repair::GiveUp))
    }
}
