//! Text → tokens → syntax tree.
//!
//! One entry, [`parse`], which always returns a tree. Knows no files and no meaning of names.

use lalrpop_util::lalrpop_mod;

use crate::diagnostics::Sink;
use crate::source::FileId;

mod actions;
pub mod ast;
mod errors;
mod lexer;
mod module_paths;
pub mod printer;
pub mod recover;
pub mod token;

lalrpop_mod!(
    #[allow(clippy::all, clippy::pedantic, missing_docs, unused, reason = "generated")]
    grammar,
    "/syntax/grammar.rs"
);

/// Reads the tokens of a file.
pub fn tokens(file: FileId, text: &str, sink: &mut Sink) -> token::TokenBuffer {
    lexer::lex(file, text, sink)
}

/// Parses a file. What is wrong with it is reported into `sink` and stands as `Error` nodes in the tree.
pub fn parse(file: FileId, text: &str, sink: &mut Sink) -> ast::File {
    let mut buffer = lexer::lex(file, text, sink);
    let doc = buffer.file_doc.take();
    let module_paths = module_paths::of(&buffer);
    ast::File { id: file, doc, items: recover::parse_items(text, buffer, sink), module_paths }
}

#[cfg(test)]
mod tests;
