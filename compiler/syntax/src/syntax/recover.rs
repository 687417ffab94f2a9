//! From tokens to items, whatever the tokens are.
//!
//! Three passes over tokens, then the parser, item by item:
//!
//! 1. [`brackets`] makes every bracket match, reporting those that did not;
//! 2. [`words`] settles what depends on what stands around a token, and measures depth;
//! 3. [`items`] cuts the file into items.
//!
//! An item that does not parse is mended and parsed again: a mistake that is understood is undone in the tokens (a
//! `;` put in, a `=` taken for `==`), any other costs its statement, arm or member, which becomes one `Error` token.
//! Each stretch is reported once. The parser itself recovers nothing, so what it accepts has one definition; and a
//! mistake never reaches past its item. LALRPOP's own recovery was tried on paper and rejected: it drops tokens until
//! something fits, without regard for brackets, and reports the remains.

mod brackets;
mod diagnose;
mod expected;
mod items;
mod mend;
mod stretch;
mod words;

use super::ast::Item;
use super::token::TokenBuffer;
use crate::diagnostics::{Sink, codes};
use crate::parallel;

/// How many brackets may be open at once. People stay below 20; every level costs each recursive pass a few frames.
pub const MAX_NESTING: u32 = 256;

/// How many brackets, operators and other words that could deepen the tree may lie above a token. It bounds the depth
/// of the tree, so that later passes, the tree's printer and its own drop may recurse: unoptimised, a level costs a pass up to
/// some twenty kilobytes of stack, and the driver gives it that. Sums of ten thousand products, which generators write,
/// stay possible.
pub const MAX_DEPTH: u32 = 50_000;

/// Parses the items of a file, reporting into `sink`.
pub(super) fn parse_items(text: &str, mut buffer: TokenBuffer, sink: &mut Sink) -> Vec<Item> {
    brackets::balance(text, &mut buffer, sink);
    let too_deep = words::settle(text, &mut buffer, sink);
    let ranges = items::split(&buffer.lexemes);
    let parsed = parallel::map(ranges.len(), LEAST_FOR_THREADS, |number| {
        let range = ranges[number].clone();
        let mut found = Sink::default();
        let deep = too_deep.partition_point(|deep| deep.at < range.start);
        let item = match too_deep.get(deep).filter(|deep| deep.at < range.end) {
            Some(deep) => {
                found.emit(deep.diagnostic());
                mend::error_item(&buffer, range)
            }
            None => mend::parse_item(text, &buffer, range, &mut found),
        };
        (item, found)
    });
    let mut outside = Outside::default();
    let begins_item = |number: usize| buffer.lexemes[ranges[number].start].token.begins_item();
    let report = |(number, (item, found))| {
        if begins_item(number) {
            outside.is_running = false;
            sink.append(found);
        } else {
            outside.report(found, sink);
        }
        item
    };
    parsed.into_iter().enumerate().map(report).collect()
}

/// Files of fewer items are parsed by one thread.
const LEAST_FOR_THREADS: usize = 96;

/// Statements that stand outside of functions, one after another: they are one mistake, perhaps of a `}` too many
/// before them.
#[derive(Default)]
struct Outside {
    is_running: bool,
}

impl Outside {
    /// Passes on what was found in a stretch that begins as no item does, unless it goes on with such statements.
    fn report(&mut self, found: Sink, sink: &mut Sink) {
        for diagnostic in found.finish() {
            let is_outside = diagnostic.code == codes::MISPLACED_ITEM;
            if !(is_outside && self.is_running) {
                sink.emit(diagnostic);
            }
            self.is_running = is_outside;
        }
    }
}
