//! Prints tokens and trees for `--emit tokens` and `--emit ast`.
//!
//! The output is for people and tests: stable, without spans, one token a line, the tree as nested lists that stand
//! on one line where they fit.

mod expressions;
mod items;
mod patterns;
mod statements;
mod tree;

use std::fmt::Write;

use super::ast;
use super::token::{Token, TokenBuffer};

/// The tokens of a file, each with its line and column.
pub fn tokens(text: &str, buffer: &TokenBuffer) -> String {
    let mut out = String::new();
    let (mut line, mut line_start, mut at) = (1, 0, 0);
    for lexeme in &buffer.lexemes {
        let start = lexeme.start as usize;
        for (newline, _) in text[at..start].match_indices('\n') {
            line += 1;
            line_start = at + newline + 1;
        }
        at = start;
        let column = text[line_start..start].chars().count() + 1;
        let source = text[start..lexeme.end as usize].escape_debug();
        let place = format!("{line}:{column}");
        let _ = writeln!(out, "{place:<8}{:<14}{source}", kind(lexeme.token));
    }
    out
}

/// What kind of token it is, in a word.
fn kind(token: Token) -> &'static str {
    match token {
        Token::Snake(_) => "snake",
        Token::Title(_) => "title",
        Token::TitleGeneric(_) => "title-generic",
        Token::Scream(_) => "scream",
        Token::Int(_) => "int",
        Token::Float(_) => "float",
        Token::Duration(_) => "duration",
        Token::Char(_) => "char",
        Token::Str(_) => "string",
        Token::StrBegin(_) => "string-begin",
        Token::StrMiddle(_) => "string-middle",
        Token::StrEnd(_) => "string-end",
        Token::Format(_) => "format",
        Token::GtJoined => "joined",
        token if token.is_keyword() => "keyword",
        _ => "mark",
    }
}

/// The tree of a file.
pub fn ast(file: &ast::File) -> String {
    let mut out = String::new();
    if let Some(doc) = &file.doc {
        out.push_str(&items::doc(doc).print());
    }
    for item in &file.items {
        out.push_str(&items::item(item).print());
    }
    out
}
