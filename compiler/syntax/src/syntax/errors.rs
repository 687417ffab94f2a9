//! The words of what the lexer and the parser have to say.

mod grammar;
mod lexical;

pub(super) use grammar::*;
pub(super) use lexical::*;
