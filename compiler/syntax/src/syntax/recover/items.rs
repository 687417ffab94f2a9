//! Cuts a file's tokens into items.

use std::ops::Range;

use crate::syntax::token::{Lexeme, Token};

/// The ranges of tokens that each make up an item. Brackets match. Stray `;` between items belong to none.
pub(super) fn split(lexemes: &[Lexeme]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < lexemes.len() {
        if lexemes[at].token == Token::Semi {
            at += 1;
            continue;
        }
        let end = item_end(lexemes, at);
        ranges.push(at..end);
        at = end;
    }
    ranges
}

/// The position after the item that begins at `start`: after its `;` or `}`, or before the line on which the next item
/// begins.
fn item_end(lexemes: &[Lexeme], start: usize) -> usize {
    let ends_with_semi = ends_with_semi(&lexemes[start..]);
    let mut depth = 0;
    for at in start..lexemes.len() {
        if depth == 0 && at > start && begins_item(lexemes, at) {
            return at;
        }
        match lexemes[at].token {
            token if token.opens() => depth += 1,
            token if token.closes() => {
                depth -= 1;
                if depth == 0 && token == Token::RightBrace && !ends_with_semi {
                    return at + 1;
                }
            }
            Token::Semi if depth == 0 => return at + 1,
            _ => {}
        }
    }
    lexemes.len()
}

/// Whether the item ends with `;`, so that a `}` in it ends a value.
fn ends_with_semi(lexemes: &[Lexeme]) -> bool {
    let keyword = lexemes.iter().map(|lexeme| lexeme.token).find(|&token| token != Token::Pub);
    matches!(
        keyword,
        Some(Token::Use | Token::Const | Token::Type | Token::Newtype | Token::Let | Token::Var)
    )
}

/// Whether an item begins on the line that begins at `at`, whatever stands before it.
pub(super) fn begins_item(lexemes: &[Lexeme], at: usize) -> bool {
    let lexeme = lexemes[at];
    if !lexeme.first_of_line || !lexeme.token.begins_item() {
        return false;
    }
    let after_modifier = at.checked_sub(1).is_some_and(|before| {
        matches!(lexemes[before].token, Token::Pub | Token::Mut | Token::Static | Token::Sharable)
    });
    // A function type may stand on a line of its own.
    let is_type =
        lexeme.token == Token::Fn && lexemes.get(at + 1).is_some_and(|next| next.token == Token::LeftParen);
    !after_modifier && !is_type
}
