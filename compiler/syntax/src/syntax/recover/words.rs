//! Settles tokens whose meaning depends on what stands around them, and measures depth.
//!
//! `timeout` and `default` are words of a `select` only where its arms begin; `||` is a closure's empty list of
//! parameters, or another language's `or`; `&&`, `!` and `=>` are never right and are taken for what they mean.

use crate::diagnostics::{Diagnostic, Sink};
use crate::source::Span;
use crate::syntax::errors;
use crate::syntax::token::{Lexeme, Token, TokenBuffer};

use super::{MAX_DEPTH, MAX_NESTING};

/// What a bracket holds, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    SelectArms,
    MatchArms,
    /// Between the `<` and `>` of type arguments.
    Types,
    Other,
}

/// A place where the program is too deep: the item that it lies in is not to be parsed.
pub(super) struct TooDeep {
    /// The position of the token.
    pub(super) at: usize,
    span: Span,
    limit: Limit,
}

#[derive(Clone, Copy)]
enum Limit {
    Nesting,
    Depth,
}

impl TooDeep {
    pub(super) fn diagnostic(&self) -> Diagnostic {
        match self.limit {
            Limit::Nesting => errors::nested_too_deeply(self.span, MAX_NESTING),
            Limit::Depth => errors::chain_too_long(self.span, MAX_DEPTH),
        }
    }
}

/// An open bracket, or the file itself.
///
/// What it holds is cut into parts by `;` and `,`. In a part, each operator may stand above everything that is written before it and
/// after it, so the tree of a part is at most as high as it has operators, and the highest bracket in it on top. The branches
/// of an `if` stand beside each other.
struct Level {
    holds: Holds,
    /// What the braces to come belong to: `match` and `select` wait here for theirs.
    heads: Vec<Holds>,
    /// How many tokens in the current part of this level may deepen the tree.
    weight: u32,
    /// The weight when the current branch of an `if` began.
    branch: u32,
    /// The height of the highest bracket in the current branch.
    in_branch: u32,
    /// That of the highest one before it in this part, branches included.
    before: u32,
    /// The height of the highest part before this one.
    done: u32,
}

impl Level {
    fn new(holds: Holds) -> Self {
        Self { holds, heads: Vec::new(), weight: 0, branch: 0, in_branch: 0, before: 0, done: 0 }
    }

    /// The height of the highest bracket or branch in the current part.
    fn highest_bracket(&self) -> u32 {
        self.in_branch.max(self.before)
    }

    /// How high the tree of the whole level may be so far.
    fn height(&self) -> u32 {
        self.weight.saturating_add(self.highest_bracket()).max(self.done)
    }

    /// The next part begins.
    fn end_part(&mut self) {
        let done = self.height();
        (self.weight, self.branch, self.in_branch, self.before, self.done) = (0, 0, 0, 0, done);
    }

    /// A branch of an `if` begins.
    fn begin_branch(&mut self) {
        self.before = self.before.max(self.in_branch);
        (self.branch, self.in_branch) = (self.weight, 0);
    }

    /// `else`: what comes is one level below what came before the branch. Gives the weight that is taken off.
    fn end_branch(&mut self) -> u32 {
        let own = self.weight.saturating_sub(self.branch);
        self.before = self.before.max(own.saturating_add(self.in_branch));
        (self.weight, self.in_branch) = (self.weight - own, 0);
        own
    }
}

/// Settles the tokens in `buffer`. Gives the places where the program is too deep, in order.
pub(super) fn settle(text: &str, buffer: &mut TokenBuffer, sink: &mut Sink) -> Vec<TooDeep> {
    let lexemes = std::mem::take(&mut buffer.lexemes);
    let out = Vec::with_capacity(lexemes.len() + 16);
    let levels = vec![Level::new(Holds::Other)];
    let mut settler =
        Settler { text, buffer, out, levels, depth: 0, is_too_deep: false, too_deep: Vec::new(), sink };
    for (at, &lexeme) in lexemes.iter().enumerate() {
        settler.step(lexeme, lexemes.get(at + 1).copied());
    }
    let Settler { out, too_deep, .. } = settler;
    buffer.lexemes = out;
    too_deep
}

struct Settler<'a> {
    text: &'a str,
    buffer: &'a TokenBuffer,
    out: Vec<Lexeme>,
    levels: Vec<Level>,
    /// The weights of all levels together.
    depth: u32,
    /// Whether the current place is too deep.
    is_too_deep: bool,
    too_deep: Vec<TooDeep>,
    sink: &'a mut Sink,
}

impl Settler<'_> {
    fn step(&mut self, lexeme: Lexeme, next: Option<Lexeme>) {
        let lexeme = self.mend_word(lexeme, next);
        let Some(lexeme) = lexeme else { return };
        self.weigh(lexeme, next);
        self.out.push(lexeme);
    }

    fn previous(&self) -> Option<Lexeme> {
        self.out.last().copied()
    }

    fn after_operand(&self) -> bool {
        self.previous().is_some_and(|previous| previous.token.ends_operand())
    }

    fn level(&mut self) -> &mut Level {
        self.levels.last_mut().expect("the file is a level")
    }

    /// The token that `lexeme` is here; `None` if it is to be dropped.
    fn mend_word(&mut self, lexeme: Lexeme, next: Option<Lexeme>) -> Option<Lexeme> {
        let token = match lexeme.token {
            Token::AmpAmp => self.foreign(lexeme, Token::And),
            Token::BarBar if self.after_operand() => self.foreign(lexeme, Token::Or),
            Token::BarBar => {
                self.out.push(Lexeme { token: Token::Bar, end: lexeme.start + 1, ..lexeme });
                return Some(Lexeme {
                    token: Token::Bar,
                    start: lexeme.start + 1,
                    first_of_line: false,
                    ..lexeme
                });
            }
            Token::Bang => return self.bang(lexeme, next),
            Token::FatArrow => self.foreign(lexeme, Token::Arrow),
            Token::Snake(name) if self.begins_select_arm() => {
                match (name.as_str(), next.map(|next| next.token)) {
                    ("timeout", Some(Token::LeftParen)) => Token::Timeout,
                    ("default", Some(Token::Arrow | Token::FatArrow)) => Token::Default,
                    _ => lexeme.token,
                }
            }
            token => token,
        };
        Some(Lexeme { token, ..lexeme })
    }

    fn begins_select_arm(&mut self) -> bool {
        let in_select = self.level().holds == Holds::SelectArms;
        in_select
            && self.previous().is_some_and(|previous| {
                matches!(previous.token, Token::LeftBrace | Token::RightBrace | Token::Comma)
            })
    }

    fn foreign(&mut self, lexeme: Lexeme, meant: Token) -> Token {
        let span = self.buffer.span(lexeme);
        let found = &self.text[lexeme.start as usize..lexeme.end as usize];
        self.sink.emit(errors::foreign(span, found, meant.fixed_text().unwrap_or_default()));
        meant
    }

    /// `!x` means `not x`; after a name it is how another language calls macros.
    fn bang(&mut self, lexeme: Lexeme, next: Option<Lexeme>) -> Option<Lexeme> {
        if self.after_operand() {
            self.sink.emit(errors::macro_call(self.buffer.span(lexeme)));
            return None;
        }
        let span = self.buffer.span(lexeme);
        let spaced = next.is_some_and(|next| next.start > lexeme.end);
        self.sink.emit(errors::not_operator(span, spaced));
        Some(Lexeme { token: Token::Not, ..lexeme })
    }

    /// Keeps count of what lies above a token, and notes where that is too much.
    fn weigh(&mut self, lexeme: Lexeme, next: Option<Lexeme>) {
        self.count(lexeme, next);
        let highest = self.level().highest_bracket();
        let is_too_deep = self.depth.saturating_add(highest) > MAX_DEPTH;
        if is_too_deep && !self.is_too_deep {
            self.note(lexeme, Limit::Depth);
        }
        self.is_too_deep = is_too_deep;
    }

    fn count(&mut self, lexeme: Lexeme, next: Option<Lexeme>) {
        match lexeme.token {
            Token::Match => self.level().heads.push(Holds::MatchArms),
            Token::Select => self.level().heads.push(Holds::SelectArms),
            Token::If => {
                self.level().heads.push(Holds::Other);
                self.level().begin_branch();
            }
            Token::Else => self.depth -= self.level().end_branch(),
            Token::While | Token::For => self.level().heads.push(Holds::Other),
            _ => {}
        }
        match lexeme.token {
            token if token.opens() => {
                self.add_weight();
                self.open(lexeme);
            }
            Token::Lt if self.begins_type_args() => {
                self.add_weight();
                self.push(lexeme, Holds::Types);
            }
            Token::Gt | Token::GtJoined if self.level().holds == Holds::Types => self.pop(),
            Token::StrMiddle(_) => self.reset(),
            token if token.closes() => self.close(token, next),
            Token::Semi => {
                self.pop_types();
                self.reset();
                self.level().heads.clear();
            }
            Token::Comma => self.reset(),
            Token::Arrow if self.level().holds != Holds::Other => {
                self.level().heads.clear();
                self.add_weight();
            }
            token if !token.is_value() && token != Token::ColonColon => self.add_weight(),
            _ => {}
        }
    }

    fn begins_type_args(&self) -> bool {
        let previous = self.previous().map(|previous| previous.token);
        matches!(previous, Some(Token::TitleGeneric(_) | Token::ColonColon))
    }

    fn open(&mut self, lexeme: Lexeme) {
        let head = if lexeme.token == Token::LeftBrace { self.level().heads.pop() } else { None };
        self.push(lexeme, head.unwrap_or(Holds::Other));
    }

    fn push(&mut self, lexeme: Lexeme, holds: Holds) {
        self.levels.push(Level::new(holds));
        // The file is a level too. Only the step over the limit is noted, not what lies beyond.
        if self.levels.len() as u32 == MAX_NESTING + 2 {
            self.note(lexeme, Limit::Nesting);
        }
    }

    fn pop(&mut self) {
        if self.levels.len() > 1
            && let Some(level) = self.levels.pop()
        {
            self.depth -= level.weight;
            let outer = self.level();
            outer.in_branch = outer.in_branch.max(level.height());
        }
    }

    /// Leaves type arguments that are not closed.
    fn pop_types(&mut self) {
        while self.level().holds == Holds::Types {
            self.pop();
        }
    }

    fn close(&mut self, token: Token, next: Option<Lexeme>) {
        self.pop_types();
        self.pop();
        // A statement that ends with `}` gives way to the next.
        if token == Token::RightBrace && next.is_none_or(|next| !continues_after_brace(next.token)) {
            self.reset();
        }
    }

    fn add_weight(&mut self) {
        self.level().weight += 1;
        self.depth += 1;
    }

    fn note(&mut self, lexeme: Lexeme, limit: Limit) {
        self.too_deep.push(TooDeep { at: self.out.len(), span: self.buffer.span(lexeme), limit });
    }

    /// A `;` or `,`: what follows is beside what came before, not below it.
    fn reset(&mut self) {
        let level = self.levels.last_mut().expect("the file is a level");
        self.depth -= level.weight;
        level.end_part();
    }
}

/// Whether what ends with `}` may go on with this token.
pub(super) fn continues_after_brace(token: Token) -> bool {
    match token {
        Token::Dot
        | Token::Question
        | Token::LeftParen
        | Token::LeftBracket
        | Token::LeftBrace
        | Token::Else
        | Token::OrElse
        | Token::As
        | Token::And
        | Token::Or
        | Token::DotDot
        | Token::DotDotEq
        | Token::Eq
        | Token::OpAssign(_)
        | Token::Arrow => true,
        token => is_binary_operator(token),
    }
}

/// Whether it is an operator between two operands, and not also one that an operand may begin with.
pub(super) fn is_binary_operator(token: Token) -> bool {
    matches!(
        token,
        Token::Plus
            | Token::Star
            | Token::Slash
            | Token::Percent
            | Token::Amp
            | Token::Bar
            | Token::Caret
            | Token::Shl
            | Token::GtJoined
            | Token::Gt
            | Token::Ge
            | Token::Lt
            | Token::Le
            | Token::EqEq
            | Token::Ne
            | Token::Minus
    )
}
