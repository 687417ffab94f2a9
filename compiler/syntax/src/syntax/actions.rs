//! What the grammar's actions do: build the tree.
//!
//! The parser may go through a stretch of tokens more than once while it recovers, so actions have no effect but
//! the tree and the list of diagnostics, which counts only when the parse succeeds.

mod expressions;
mod extend;
mod items;
mod operators;
mod patterns;
mod statements;
mod types;

pub(super) use self::expressions::ForHead;
pub(super) use self::extend::ExtendArg;
pub(super) use self::operators::{Chain, Link, Prefixed};
pub(super) use self::patterns::PatternArg;
pub(super) use self::statements::{Ending, Statements};
pub(super) use super::lexer::Case;

use super::ast::{FloatLiteral, Ident, IntLiteral, PathSegment, Text};
use super::errors;
use super::token::{Lexeme, TokenBuffer};
use crate::diagnostics::Diagnostic;
use crate::index::Symbol;
use crate::source::Span;

/// The context of the actions: the tokens that locations count, and what literals stand for.
pub(super) struct Actions<'a> {
    /// The tokens being parsed: those of one item, perhaps mended.
    lexemes: &'a [Lexeme],
    buffer: &'a TokenBuffer,
    /// What the actions have found wrong.
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'a> Actions<'a> {
    pub(super) fn new(lexemes: &'a [Lexeme], buffer: &'a TokenBuffer) -> Self {
        Self { lexemes, buffer, diagnostics: Vec::new() }
    }

    /// The place from the `start`th token up to, without it, the `end`th.
    pub(super) fn span(&self, start: u32, end: u32) -> Span {
        let first = self.lexemes[start as usize];
        let last = self.lexemes[end.max(start + 1) as usize - 1];
        Span::new(self.buffer.file, first.start, last.end)
    }

    pub(super) fn token_span(&self, at: u32) -> Span {
        self.span(at, at + 1)
    }

    fn emit(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn doc(&self, at: u32) -> Option<Box<str>> {
        self.buffer.doc_before(self.lexemes[at as usize].start)
    }

    pub(super) fn ident(&self, at: u32, name: Symbol) -> Ident {
        Ident { name, span: self.token_span(at) }
    }

    /// A keyword that stands as a name.
    pub(super) fn keyword_ident(&self, at: u32, keyword: &str) -> Ident {
        self.ident(at, Symbol::intern(keyword))
    }

    /// A name declared in the wrong case, corrected.
    pub(super) fn corrected(&mut self, at: u32, name: Symbol, case: Case) -> Ident {
        let span = self.token_span(at);
        let corrected = case.correct(name.as_str());
        self.emit(errors::wrong_case(span, name.as_str(), case, &corrected));
        Ident { name: Symbol::intern(&corrected), span }
    }

    /// A constant's name that looks like a type's: `K1` and the like are both.
    pub(super) fn const_ident(&mut self, at: u32, name: Symbol) -> Ident {
        let text = name.as_str();
        let is_both = text.len() > 1 && text.bytes().all(|byte| !byte.is_ascii_lowercase());
        if is_both { self.ident(at, name) } else { self.corrected(at, name, Case::Screaming) }
    }

    pub(super) fn segment(&self, at: u32, name: Symbol) -> PathSegment {
        PathSegment { name: self.ident(at, name), args: Vec::new() }
    }

    pub(super) fn int(&self, index: u32) -> IntLiteral {
        self.buffer.ints[index as usize]
    }

    pub(super) fn float(&self, index: u32) -> FloatLiteral {
        self.buffer.floats[index as usize]
    }

    pub(super) fn duration(&self, index: u32) -> u64 {
        self.buffer.durations[index as usize]
    }

    pub(super) fn text(&self, index: u32) -> Box<str> {
        self.buffer.texts[index as usize].clone()
    }

    /// The library after `link`, the one word that stands before a string in an `extern` block.
    pub(super) fn link(&mut self, at: u32, word: Symbol, text: Text) -> Text {
        if word.as_str() != "link" {
            let span = self.token_span(at);
            self.emit(errors::expected_link(span));
        }
        text
    }
}

/// What boxes hold, taken out of them: trees have no boxes where the parser needs them to move less.
pub(super) fn unboxed<T>(boxes: Vec<Box<T>>) -> Vec<T> {
    boxes.into_iter().map(|boxed| *boxed).collect()
}
