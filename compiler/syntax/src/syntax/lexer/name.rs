//! Names: which of the three cases one is written in, and what it would be in the case that it missed.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::Lexer;
use crate::index::Symbol;
use crate::syntax::errors;
use crate::syntax::token::Token;

/// The names of one file: interning through it takes no lock for a name seen before.
pub(super) struct Names<'a> {
    symbols: HashMap<&'a str, Symbol, BuildHasherDefault<NameHasher>>,
    /// Names of no proper case that have been reported: once each is enough.
    reported: HashSet<Symbol>,
    sharable: Symbol,
}

impl Default for Names<'_> {
    fn default() -> Self {
        Self { symbols: HashMap::default(), reported: HashSet::new(), sharable: Symbol::intern("Sharable") }
    }
}

impl<'a> Names<'a> {
    pub(super) fn intern(&mut self, name: &'a str) -> Symbol {
        *self.symbols.entry(name).or_insert_with(|| Symbol::intern(name))
    }

    pub(super) fn sharable(&self) -> Symbol {
        self.sharable
    }
}

/// Multiplies and rotates eight bytes at a time. Names come from the user's own file, so nobody gains by making
/// them collide; the standard hasher took a quarter of the lexer's time.
#[derive(Default)]
struct NameHasher(u64);

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }

    fn finish(&self) -> u64 {
        // The table takes its bits from both ends; multiplication leaves the low ones weak.
        self.0 ^ (self.0 >> 32)
    }
}

/// The case that a name is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Case {
    /// `snake_case`
    Snake,
    /// `TitleCase`
    Title,
    /// `SCREAMING_CASE`
    Screaming,
}

impl Case {
    /// The case of `name`, if it is in any. A single capital, digits after it or not, is `TitleCase`: `T`, `T1`.
    pub fn of(name: &str) -> Option<Self> {
        let mut rest = name.bytes();
        let first = rest.next()?;
        let has_lower = name.bytes().any(|byte| byte.is_ascii_lowercase());
        let has_upper = name.bytes().any(|byte| byte.is_ascii_uppercase());
        if first.is_ascii_uppercase() {
            if has_lower || rest.all(|byte| byte.is_ascii_digit()) {
                return (!name.contains('_')).then_some(Self::Title);
            }
            return Some(Self::Screaming);
        }
        match (has_lower, has_upper) {
            (_, false) => Some(Self::Snake),
            (false, true) => Some(Self::Screaming),
            (true, true) => None,
        }
    }

    /// `name` in this case: `fooBar`, `FooBar` and `FOO_BAR` are one name in three cases.
    pub fn correct(self, name: &str) -> String {
        let words = words(name);
        match self {
            Self::Snake => words.join("_"),
            Self::Screaming => words.join("_").to_ascii_uppercase(),
            Self::Title => words.iter().map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect(),
        }
    }
}

/// The words of a name, in lower case: it is cut at underscores and before capitals that follow a small letter or
/// begin a word after an abbreviation (`parseHTTPRequest`).
fn words(name: &str) -> Vec<String> {
    let bytes = name.as_bytes();
    let mut words = vec![String::new()];
    for (at, &byte) in bytes.iter().enumerate() {
        let before = at.checked_sub(1).map_or(b'_', |before| bytes[before]);
        let after_lower = before.is_ascii_lowercase() || before.is_ascii_digit();
        let before_lower = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let begins = byte == b'_' || (byte.is_ascii_uppercase() && (after_lower || before_lower));
        if begins && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if byte != b'_' {
            let word = words.last_mut().expect("there is always a word");
            word.push(byte.to_ascii_lowercase() as char);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

impl<'a> Lexer<'a> {
    /// A name, which logos has found whole.
    pub(super) fn name(&mut self, start: usize) {
        let next = self.rest().chars().next();
        if let Some(next) = next.filter(|c| !c.is_ascii() && c.is_alphanumeric()) {
            return self.name_outside_ascii(start, next);
        }
        let text: &'a str = &self.text[start..self.at];
        let symbol = self.names.intern(text);
        let token = match Case::of(text) {
            Some(Case::Snake) => Token::Snake(symbol),
            Some(Case::Screaming) => Token::Scream(symbol),
            Some(Case::Title) => self.title(symbol),
            None => self.name_of_no_case(start, text, symbol),
        };
        self.push(token, start);
    }

    fn title(&self, symbol: Symbol) -> Token {
        let rest = self.rest().as_bytes();
        let generic = rest.first() == Some(&b'<') && !matches!(rest.get(1), Some(b'=' | b'<'));
        if generic { Token::TitleGeneric(symbol) } else { Token::Title(symbol) }
    }

    /// `fooBar`, `Foo_Bar`: taken for what its first letter says, and corrected.
    fn name_of_no_case(&mut self, start: usize, text: &str, symbol: Symbol) -> Token {
        let is_title = text.starts_with(|first: char| first.is_ascii_uppercase());
        let case = if is_title { Case::Title } else { Case::Snake };
        let corrected = case.correct(text);
        if self.names.reported.insert(symbol) {
            let span = self.span(start, self.at);
            self.emit(errors::wrong_case(span, text, case, &corrected));
        }
        let symbol = Symbol::intern(&corrected);
        if is_title { self.title(symbol) } else { Token::Snake(symbol) }
    }
}
