//! Finds the stretch of tokens that a mistake costs: a statement, an arm, a member, or a whole item.

use std::ops::Range;

use super::words::continues_after_brace;
use crate::syntax::token::{Lexeme, Token};

/// What is separated by what, in the braces around a mistake.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Semi,
    Comma,
}

/// The stretch around the token at `at` in the tokens of an item: `None` is the whole item.
pub(super) fn around(lexemes: &[Lexeme], at: usize) -> Option<Range<usize>> {
    let mut at = at.min(lexemes.len());
    loop {
        let brace = enclosing_brace(lexemes, at)?;
        let mut range = in_brace(lexemes, brace, at);
        // After a `}` that may not have been the end of a statement the mistake is in what stands before.
        if range.start == at && at > brace + 1 && lexemes[at - 1].token == Token::RightBrace {
            range = in_brace(lexemes, brace, at - 1);
        }
        let is_given_up = lexemes[range.clone()].iter().all(|lexeme| lexeme.token == Token::Error);
        if !is_given_up {
            return Some(range);
        }
        // Nothing is left here to give up: the mistake is further out.
        at = brace;
    }
}

/// The position of the innermost `{` that is open at `at`.
pub(super) fn enclosing_brace(lexemes: &[Lexeme], at: usize) -> Option<usize> {
    let mut open = Vec::new();
    for (position, lexeme) in lexemes[..at].iter().enumerate() {
        if lexeme.token.opens() {
            open.push(position);
        } else if lexeme.token.closes() {
            open.pop();
        }
    }
    open.into_iter().rfind(|&position| lexemes[position].token == Token::LeftBrace)
}

/// Whether `at` lies in the braces of a `match`, an `enum` or the like whose `}` had to be put in: what follows the list
/// was taken for a part of it.
pub(super) fn is_in_unclosed_list(lexemes: &[Lexeme], at: usize) -> bool {
    let Some(brace) = enclosing_brace(lexemes, at.min(lexemes.len())) else { return false };
    if separator(lexemes, brace) != Separator::Comma {
        return false;
    }
    let mut depth = 0;
    for lexeme in &lexemes[brace..] {
        depth += i32::from(lexeme.token.opens()) - i32::from(lexeme.token.closes());
        if depth == 0 {
            return lexeme.start == lexeme.end;
        }
    }
    true
}

/// The stretch around `at` directly inside the braces that open at `brace`.
fn in_brace(lexemes: &[Lexeme], brace: usize, at: usize) -> Range<usize> {
    let separator = separator(lexemes, brace);
    let mut start = brace + 1;
    let mut depth = 0;
    let mut position = brace + 1;
    while position < lexemes.len() {
        let token = lexemes[position].token;
        if depth == 0 && position > start && begins_stretch(lexemes, position) {
            // What does not fit because the next line begins here belongs to the line before.
            if position >= at {
                return start..position;
            }
            start = position;
        }
        if token.opens() {
            depth += 1;
        } else if token.closes() {
            if depth == 0 {
                return start..position;
            }
            depth -= 1;
        }
        if depth == 0 && ends_stretch(lexemes, position, separator) {
            if position >= at {
                let keeps_comma = token == Token::Comma;
                return start..if keeps_comma { position } else { position + 1 };
            }
            start = position + 1;
        }
        position += 1;
    }
    start..lexemes.len()
}

/// What separates the parts of the braces at `brace`: looks back to the word that they belong to.
fn separator(lexemes: &[Lexeme], brace: usize) -> Separator {
    let mut depth = 0;
    for lexeme in lexemes[..brace].iter().rev() {
        match lexeme.token {
            token if token.closes() => depth += 1,
            token if depth > 0 => depth -= i32::from(token.opens()),
            Token::Match | Token::Select | Token::Race | Token::Enum | Token::Use => return Separator::Comma,
            Token::Semi | Token::Arrow | Token::Comma => return Separator::Semi,
            token if token.opens() => return Separator::Semi,
            // The words whose own braces these are.
            Token::If | Token::Else | Token::While | Token::For | Token::Fn => return Separator::Semi,
            _ => {}
        }
    }
    Separator::Semi
}

/// Whether the token at `position`, outside inner brackets, is the last of its stretch.
fn ends_stretch(lexemes: &[Lexeme], position: usize, separator: Separator) -> bool {
    match lexemes[position].token {
        Token::Semi | Token::Error => true,
        Token::Comma => separator == Separator::Comma,
        Token::RightBrace => {
            let next = lexemes.get(position + 1).map(|next| next.token);
            !next.is_some_and(|next| {
                continues_after_brace(next) || matches!(next, Token::Semi | Token::Comma | Token::RightBrace)
            }) || next == Some(Token::RightBrace)
        }
        _ => false,
    }
}

/// Whether a statement, arm or member begins on the line that begins at `position`, although nothing ended before it.
fn begins_stretch(lexemes: &[Lexeme], position: usize) -> bool {
    let lexeme = lexemes[position];
    if !lexeme.first_of_line {
        return false;
    }
    let previous = lexemes[position - 1].token;
    match lexeme.token {
        Token::Let | Token::Var => !matches!(previous, Token::If | Token::While | Token::Pub),
        Token::Defer => true,
        token if token.begins_statement() => previous.ends_operand(),
        Token::Init | Token::Deinit | Token::Pub => true,
        Token::Fn | Token::Mut | Token::Static => {
            let is_modified = matches!(previous, Token::Pub | Token::Mut | Token::Static | Token::Sharable);
            let is_type = lexemes.get(position + 1).is_some_and(|next| next.token == Token::LeftParen);
            !is_modified && !is_type
        }
        _ => false,
    }
}
