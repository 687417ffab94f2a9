//! Mistakes in what declares something: names, heads of functions, fields, and items out of place.

use super::super::expected::Position;
use super::super::stretch;
use super::{Context, Finding, Repair};
use crate::index::Symbol;
use crate::syntax::errors;
use crate::syntax::token::Token;

impl Context<'_> {
    /// `let = 1;`, `fn (x: Int) { }`, `struct { }`
    pub(super) fn missing_name(&self) -> Option<Finding> {
        let before = self.token(-1)?;
        let stand_in = match before {
            Token::Let | Token::Var => match self.expected.position() {
                Position::Pattern => Token::Underscore,
                _ => Token::Snake(Symbol::intern("error")),
            },
            Token::Fn => Token::Snake(Symbol::intern("error")),
            Token::Struct
            | Token::Class
            | Token::Enum
            | Token::Interface
            | Token::Extend
            | Token::Type
            | Token::Newtype => Token::Title(Symbol::intern("Error")),
            Token::Const => Token::Scream(Symbol::intern("ERROR")),
            _ => return None,
        };
        let found = self.token(0);
        if found.is_some_and(|token| token.is_keyword() && !self.begins_line()) {
            return None;
        }
        let found = self.found();
        let diagnostic = errors::missing_name(self.span(-1), before.fixed_text().unwrap_or_default(), &found);
        Some(Finding::new(diagnostic, self.insert(&[stand_in])))
    }

    /// A function's head that is followed by neither a body nor `;`.
    pub(super) fn missing_body(&self) -> Option<Finding> {
        if !(self.expected.has("{") && self.expected.has(";")) || self.in_interface() {
            return None;
        }
        let stretch = &self.lexemes[self.start..self.at];
        stretch.iter().find(|lexeme| lexeme.token == Token::Fn)?;
        let ends = match self.token(0) {
            None | Some(Token::RightBrace) => true,
            Some(token) => self.begins_line() && token.begins_item(),
        };
        // The action that sees the `;` says that the body is missing.
        ends.then(|| Finding { diagnostic: None, repair: self.insert(&[Token::Semi]), keyword: None })
    }

    /// `enum Shape { Empty, fn area() -> Float { 0.0 } }`
    pub(super) fn method_in_enum(&self) -> Option<Finding> {
        if !matches!(self.token(0)?, Token::Fn | Token::Pub | Token::Mut | Token::Static) {
            return None;
        }
        let brace = stretch::enclosing_brace(self.lexemes, self.at)?;
        let keyword = self.lexemes[..brace].iter().rposition(|lexeme| lexeme.token == Token::Enum)?;
        let head = &self.lexemes[keyword + 1..brace];
        let in_body = !head.iter().any(|lexeme| lexeme.token == Token::LeftBrace);
        let end = head.iter().position(|lexeme| lexeme.token == Token::Colon).unwrap_or(head.len());
        let (first, last) = (head.first()?, head[..end].last()?);
        let name = &self.text[first.start as usize..last.end as usize];
        let diagnostic = errors::method_in_enum(self.span(0), name);
        let rest = self.lexemes[self.at..].iter().scan(1, |depth, lexeme| {
            *depth += i32::from(lexeme.token.opens()) - i32::from(lexeme.token.closes());
            (*depth > 0).then_some(())
        });
        let methods = self.at..self.at + rest.count();
        in_body.then(|| Finding::new(diagnostic, Repair::Replace(methods, Vec::new())))
    }

    fn in_interface(&self) -> bool {
        let Some(brace) = stretch::enclosing_brace(self.lexemes, self.at) else { return false };
        let head = self.lexemes[..brace].iter().rev().map(|lexeme| lexeme.token);
        let mut head = head.take_while(|token| !matches!(token, Token::LeftBrace | Token::RightBrace));
        head.any(|token| matches!(token, Token::Interface | Token::Extern))
    }

    pub(super) fn keyword_as_name(&self) -> Option<Finding> {
        let token = self.token(0)?;
        let position = self.expected.position();
        let is_operand = matches!(position, Position::Expression | Position::Statement);
        let cannot_begin = matches!(
            token,
            Token::Type
                | Token::Class
                | Token::Interface
                | Token::Extend
                | Token::Newtype
                | Token::Use
                | Token::In
                | Token::Move
                | Token::Init
                | Token::Static
                | Token::Test
                | Token::Const
                | Token::Enum
                | Token::Struct
                | Token::Extern
                | Token::Pub
        );
        let name = format!("{}_", token.fixed_text()?);
        let replacement = match position {
            _ if !token.is_keyword() => return None,
            Position::TypeName => Token::Title(Symbol::intern("Error")),
            Position::Name | Position::Pattern => Token::Snake(Symbol::intern(&name)),
            // Where an item begins on its own line the statement before it is what is unfinished.
            _ if is_operand && cannot_begin && !self.begins_line() => Token::Snake(Symbol::intern(&name)),
            Position::Statement if cannot_begin && self.token(1) == Some(Token::Eq) => {
                Token::Snake(Symbol::intern(&name))
            }
            _ => return None,
        };
        let keyword = token.fixed_text()?;
        let diagnostic = errors::keyword_as_name(self.span(0), keyword);
        let repair = self.replace(0, 1, &[replacement]);
        Some(Finding { keyword: Some(keyword), ..Finding::new(diagnostic, repair) })
    }

    /// `fn f(self, x: Int)`, `fn f(&self)`, `fn f(mut self)`
    pub(super) fn self_parameter(&self) -> Option<Finding> {
        if !matches!(self.token(-1)?, Token::LeftParen) || !self.expected.has("inout") {
            return None;
        }
        let prefixes = match (self.token(0)?, self.token(1)?, self.token(2)?) {
            (Token::SelfValue, ..) => 0,
            (Token::Amp | Token::Mut, Token::SelfValue, _) => 1,
            (Token::Amp, Token::Mut, Token::SelfValue) => 2,
            _ => return None,
        };
        let span = self.span(0).to(self.span(prefixes));
        let is_last = self.token(prefixes + 1) != Some(Token::Comma);
        let end = prefixes + if is_last { 1 } else { 2 };
        let removed = span.to(self.span(end - 1));
        let diagnostic = errors::self_parameter(span, removed, prefixes > 0);
        Some(Finding::new(diagnostic, self.replace(0, end, &[])))
    }

    pub(super) fn item_in_block(&self) -> Option<Finding> {
        let token = self.token(0)?;
        if self.expected.position() != Position::Statement || !token.begins_item() {
            return None;
        }
        let found = format!("`{}`", self.text(0));
        let diagnostic = errors::item_in_block(self.span(0), &found);
        Some(Finding::new(diagnostic, Repair::GiveUp))
    }

    pub(super) fn statement_outside(&self) -> Option<Finding> {
        let token = self.token(0)?;
        if self.expected.position() != Position::Item || self.at > 0 {
            return None;
        }
        let mut diagnostic = errors::statement_outside(self.span(0), &self.found());
        if matches!(token, Token::Let | Token::Var) {
            diagnostic = diagnostic
                .note("there are no global variables")
                .help("a value that does not change is a constant: `const NAME: T = value;`");
        } else if token.begins_statement() || token.is_value() {
            diagnostic = diagnostic.help("statements stand in functions; a program begins in `fn main()`");
        }
        Some(Finding::new(diagnostic, Repair::GiveUp))
    }

    /// `struct Point { x: Int }`
    pub(super) fn field_without_let(&self) -> Option<Finding> {
        let is_field = self.expected.position() == Position::Member || self.expected.has("let");
        let names = matches!(self.token(0)?, Token::Snake(_)) && self.token(1)? == Token::Colon;
        if !is_field || !names || self.expected.position() == Position::Statement {
            return None;
        }
        let diagnostic = errors::unexpected(self.span(0), "`let` or `var`", &self.found()).suggest(
            "a field begins with `let`, or with `var` if it may change",
            self.span(0).shrink_to_start(),
            "let ",
        );
        Some(Finding::new(diagnostic, self.insert(&[Token::Let])))
    }

    /// `fn f(): Int { }`
    pub(super) fn result_after_colon(&self) -> Option<Finding> {
        if self.token(0)? != Token::Colon || !self.expected.has("->") || !self.expected.has("{") {
            return None;
        }
        let diagnostic = errors::unexpected(self.span(0), "`->` or `{`", "`:`").suggest(
            "the type of a result follows `->`",
            self.span(0),
            " ->",
        );
        Some(Finding::new(diagnostic, self.replace(0, 1, &[Token::Arrow])))
    }

    /// `fn f(x Int) { }`
    pub(super) fn missing_colon(&self) -> Option<Finding> {
        let begins_type = matches!(self.token(0)?, Token::Title(_) | Token::TitleGeneric(_));
        let after_name = matches!(self.token(-1)?, Token::Snake(_) | Token::Scream(_));
        if !begins_type || !after_name || !self.expected.has(":") {
            return None;
        }
        let diagnostic = errors::unexpected(self.span(0), "`:`", &self.found()).suggest(
            "a `:` stands between a name and its type",
            self.span(-1).shrink_to_end(),
            ":",
        );
        Some(Finding::new(diagnostic, self.insert(&[Token::Colon])))
    }

    /// `Point { x: 1 }`
    pub(super) fn struct_literal(&self) -> Option<Finding> {
        let Some(Token::Title(name)) = self.token(-1) else { return None };
        if self.token(0)? != Token::LeftBrace || !self.expected.has("(") {
            return None;
        }
        let diagnostic = errors::unexpected(self.span(0), &self.expected.describe(), "`{`")
            .help(format!("values of a type are made like calls: `{name}(field = value)`"));
        Some(Finding::new(diagnostic, Repair::GiveUp))
    }
}
