//! Arms of a `select` that begin with something else than what `select` can wait for.

use std::ops::Range;

use super::super::stretch;
use super::{Context, Finding, Repair};
use crate::source::Span;
use crate::syntax::errors;
use crate::syntax::errors::Awaited;
use crate::syntax::token::{Lexeme, Token};

/// What stands before the arrow of an arm.
struct Head {
    /// What it waits for, behind the pattern if there is one.
    operation: Range<usize>,
    /// Where the `if` of a guard or the arrow stands.
    end: usize,
}

impl Context<'_> {
    /// `value = fetch() -> …`, `1 + 2 -> …`
    pub(super) fn nothing_to_wait_for(&self) -> Option<Finding> {
        let brace = stretch::enclosing_brace(self.lexemes, self.at)?;
        if !belongs_to_select(&self.lexemes[..brace]) || self.start <= brace {
            return None;
        }
        let head = self.head_of_arm()?;
        let is_here = head.operation.contains(&self.at) || self.at == head.end;
        if !is_here || head.operation.is_empty() {
            return None;
        }
        let lexemes = &self.lexemes[head.operation];
        let span = self.buffer.span(*lexemes.first()?).to(self.buffer.span(*lexemes.last()?));
        let diagnostic = errors::nothing_to_wait_for(span, self.awaited(lexemes, span));
        Some(Finding::new(diagnostic, Repair::GiveUp))
    }

    /// The head of the arm, which has an arrow.
    fn head_of_arm(&self) -> Option<Head> {
        let (mut depth, mut start, mut guard) = (0, self.start, None);
        for position in self.start..self.lexemes.len() {
            match self.lexemes[position].token {
                token if token.opens() => depth += 1,
                token if token.closes() => depth -= 1,
                _ if depth > 0 => {}
                Token::Eq if guard.is_none() => start = position + 1,
                Token::If => guard = guard.or(Some(position)),
                Token::Arrow => {
                    let end = guard.unwrap_or(position);
                    return Some(Head { operation: start..end.max(start), end });
                }
                Token::Comma | Token::Semi => return None,
                _ => {}
            }
            if depth < 0 {
                return None;
            }
        }
        None
    }

    /// What an arm waits for that is no operation.
    fn awaited(&self, lexemes: &[Lexeme], span: Span) -> Awaited<'_> {
        let text = &self.text[span.start as usize..span.end as usize];
        let tokens: Vec<Token> = lexemes.iter().map(|lexeme| lexeme.token).collect();
        let calls_at_end = tokens.last() == Some(&Token::RightParen);
        match tokens[..] {
            [Token::Snake(name)] => Awaited::Name(name),
            [Token::Snake(name), Token::LeftParen, ..] if calls_at_end && name.as_str() == "sleep" => {
                Awaited::Time
            }
            [.., Token::Dot, Token::Snake(_), Token::LeftParen, Token::RightParen] => Awaited::Unnamed(text),
            _ if calls_at_end => Awaited::Call,
            _ => Awaited::Other,
        }
    }
}

/// Whether a brace after these tokens is that of a `select`, which may have options.
fn belongs_to_select(before: &[Lexeme]) -> bool {
    let mut depth = 0;
    for lexeme in before.iter().rev() {
        match lexeme.token {
            Token::Select if depth == 0 => return true,
            Token::RightParen => depth += 1,
            Token::LeftParen => depth -= 1,
            _ if depth == 0 => return false,
            _ => {}
        }
    }
    false
}
