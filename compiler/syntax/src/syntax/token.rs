//! Tokens and the buffer that a file's tokens stand in.
//!
//! A token is a few bytes: literals live in side tables of [`TokenBuffer`], so that the parser can copy tokens
//! freely and parse a stretch of them twice.

use logos::Logos;

use super::ast::{BinaryOp, FloatLiteral, FormatSpec, IntLiteral};
use crate::index::Symbol;
use crate::source::{FileId, Span};

macro_rules! tokens {
    ($($name:ident = $text:tt,)* ; $($word:ident = $word_text:tt,)*) => {
        /// A token. Those with a text are always written so; the others carry what they stand for.
        #[derive(Logos, Clone, Copy, PartialEq, Eq, Debug)]
        #[logos(skip r"[ \t\r\n]+")]
        #[allow(missing_docs, reason = "the texts beside them say it")]
        pub enum Token {
            $(#[token($text)] $name,)*
            $(#[token($word_text)] $word,)*

            /// `snake_case`
            Snake(Symbol),
            /// `TitleCase`
            Title(Symbol),
            /// `TitleCase` with a `<` directly after it: type arguments follow.
            TitleGeneric(Symbol),
            /// `SCREAMING_CASE`
            Scream(Symbol),
            /// An integer, by its place in [`TokenBuffer::ints`].
            Int(u32),
            /// A float, by its place in [`TokenBuffer::floats`].
            Float(u32),
            /// A duration, by its place in [`TokenBuffer::durations`].
            Duration(u32),
            /// A character.
            Char(char),
            /// A string without values in it, by its place in [`TokenBuffer::texts`].
            Str(u32),
            /// The text of a string up to its first `${`.
            StrBegin(u32),
            /// The text of a string between a `}` and the next `${`.
            StrMiddle(u32),
            /// The text of a string after its last `}`.
            StrEnd(u32),
            /// What follows the `:` in `${x:…}`, by its place in [`TokenBuffer::formats`].
            Format(u32),
            /// `+=` and the like.
            #[token("+=", |_| BinaryOp::Add)]
            #[token("-=", |_| BinaryOp::Sub)]
            #[token("*=", |_| BinaryOp::Mul)]
            #[token("/=", |_| BinaryOp::Div)]
            #[token("%=", |_| BinaryOp::Rem)]
            #[token("&=", |_| BinaryOp::BitAnd)]
            #[token("|=", |_| BinaryOp::BitOr)]
            #[token("^=", |_| BinaryOp::BitXor)]
            #[token("<<=", |_| BinaryOp::Shl)]
            #[token(">>=", |_| BinaryOp::Shr)]
            OpAssign(BinaryOp),
            /// A `>` with another directly after it.
            GtJoined,
            /// `Sharable` before `fn`.
            Sharable,
            /// `timeout` at the beginning of a `select` arm.
            Timeout,
            /// `default` at the beginning of a `select` arm.
            Default,
            /// What recovery puts in the place of a stretch that has been reported.
            Error,

            /// A letter or `_`: the lexer reads the name itself.
            #[regex("[A-Za-z_][A-Za-z0-9_]*", priority = 1)]
            Name,
            /// A digit: the lexer reads the number itself.
            #[regex("[0-9]")]
            Digit,
        }

        impl Token {
            /// The text of a token that is always written the same way.
            pub fn fixed_text(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($text),)*
                    $(Self::$word => Some($word_text),)*
                    Self::OpAssign(op) => Some(op.assign_text()),
                    Self::GtJoined => Some(">"),
                    Self::Sharable => Some("Sharable"),
                    Self::Timeout => Some("timeout"),
                    Self::Default => Some("default"),
                    _ => None,
                }
            }

            /// Whether it is a keyword.
            pub fn is_keyword(self) -> bool {
                matches!(self, $(Self::$word)|*)
            }

            /// Whether `text` is a keyword.
            pub fn is_keyword_text(text: &str) -> bool {
                matches!(text, $($word_text)|*)
            }
        }
    };
}

tokens! {
    LineComment = "//",
    BlockComment = "/*",
    Quote = "\"",
    TripleQuote = "\"\"\"",
    RawQuote = "r\"",
    Apostrophe = "'",
    LeftParen = "(",
    RightParen = ")",
    LeftBracket = "[",
    RightBracket = "]",
    LeftBrace = "{",
    RightBrace = "}",
    Comma = ",",
    Semi = ";",
    Colon = ":",
    ColonColon = "::",
    Dot = ".",
    DotDot = "..",
    DotDotEq = "..=",
    Arrow = "->",
    FatArrow = "=>",
    Eq = "=",
    EqEq = "==",
    Ne = "!=",
    Lt = "<",
    Le = "<=",
    Gt = ">",
    Ge = ">=",
    Plus = "+",
    Minus = "-",
    Star = "*",
    Slash = "/",
    Percent = "%",
    Amp = "&",
    AmpAmp = "&&",
    Bar = "|",
    BarBar = "||",
    Caret = "^",
    Tilde = "~",
    Bang = "!",
    Shl = "<<",
    Question = "?",
    Underscore = "_",
    ;
    Fn = "fn",
    Let = "let",
    Var = "var",
    Const = "const",
    Struct = "struct",
    Class = "class",
    Enum = "enum",
    Interface = "interface",
    Extend = "extend",
    Type = "type",
    Newtype = "newtype",
    Pub = "pub",
    Use = "use",
    If = "if",
    Else = "else",
    Match = "match",
    For = "for",
    In = "in",
    While = "while",
    Loop = "loop",
    Break = "break",
    Continue = "continue",
    Return = "return",
    Or = "or",
    And = "and",
    Not = "not",
    As = "as",
    True = "true",
    False = "false",
    SelfValue = "self",
    Mut = "mut",
    Inout = "inout",
    Move = "move",
    Static = "static",
    Init = "init",
    Deinit = "deinit",
    Defer = "defer",
    Concurrent = "concurrent",
    Spawn = "spawn",
    Race = "race",
    Select = "select",
    Atomically = "atomically",
    Blocking = "blocking",
    Extern = "extern",
    Retry = "retry",
    OrElse = "or_else",
    Test = "test",
}

impl Token {
    /// Whether an expression can end with it.
    pub fn ends_operand(self) -> bool {
        self.is_value()
            || matches!(
                self,
                Self::RightParen | Self::RightBracket | Self::RightBrace | Self::Question | Self::StrEnd(_)
            )
    }

    /// Whether it is a name or literal, an operand by itself.
    pub fn is_value(self) -> bool {
        self.is_name()
            || matches!(
                self,
                Self::Int(_)
                    | Self::Float(_)
                    | Self::Duration(_)
                    | Self::Char(_)
                    | Self::Str(_)
                    | Self::True
                    | Self::False
                    | Self::SelfValue
                    | Self::Retry
            )
    }

    /// Whether it is a name of any case.
    pub fn is_name(self) -> bool {
        matches!(self, Self::Snake(_) | Self::Title(_) | Self::TitleGeneric(_) | Self::Scream(_))
    }

    /// Whether it begins an item wherever it stands (`fn`, `let` and `type` may mean other things).
    pub fn begins_item(self) -> bool {
        matches!(
            self,
            Self::Pub
                | Self::Const
                | Self::Struct
                | Self::Class
                | Self::Enum
                | Self::Interface
                | Self::Extend
                | Self::Newtype
                | Self::Use
                | Self::Extern
                | Self::Test
                | Self::Type
                | Self::Fn
                | Self::Static
                | Self::Mut
        )
    }

    /// Whether a statement, and nothing that continues one, begins with it.
    pub fn begins_statement(self) -> bool {
        matches!(
            self,
            Self::Let
                | Self::Var
                | Self::Return
                | Self::Break
                | Self::Continue
                | Self::Defer
                | Self::While
                | Self::For
                | Self::Loop
                | Self::If
                | Self::Match
        )
    }
}

/// A token and the bytes it covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lexeme {
    /// The token.
    pub token: Token,
    /// Offset of its first byte.
    pub start: u32,
    /// Offset after its last byte.
    pub end: u32,
    /// Whether it is the first of its line.
    pub first_of_line: bool,
}

/// The tokens of a file and what they stand for.
#[derive(Debug)]
pub struct TokenBuffer {
    /// The file.
    pub file: FileId,
    /// The tokens, in order; comments are not among them.
    pub lexemes: Vec<Lexeme>,
    /// Integer literals.
    pub ints: Vec<IntLiteral>,
    /// Float literals.
    pub floats: Vec<FloatLiteral>,
    /// Durations in nanoseconds.
    pub durations: Vec<u64>,
    /// Decoded texts of strings.
    pub texts: Vec<Box<str>>,
    /// Format specifications.
    pub formats: Vec<FormatSpec>,
    /// `///` comments: the offset of the token that follows, and the text.
    pub docs: Vec<(u32, Box<str>)>,
    /// The `//!` comments.
    pub file_doc: Option<Box<str>>,
    /// The offsets of strings that their lines end in: what should have closed brackets there is in the string.
    pub unterminated: Vec<u32>,
    /// The offsets of closing brackets that were taken out because they closed nothing.
    pub taken_out: Vec<u32>,
    /// Whether the file ends in a comment or string, which holds what should have closed brackets.
    pub is_cut_off: bool,
}

impl TokenBuffer {
    /// An empty buffer.
    pub fn new(file: FileId) -> Self {
        Self {
            file,
            lexemes: Vec::new(),
            ints: Vec::new(),
            floats: Vec::new(),
            durations: Vec::new(),
            texts: Vec::new(),
            formats: Vec::new(),
            docs: Vec::new(),
            file_doc: None,
            unterminated: Vec::new(),
            taken_out: Vec::new(),
            is_cut_off: false,
        }
    }

    /// The place of a token.
    pub fn span(&self, lexeme: Lexeme) -> Span {
        Span::new(self.file, lexeme.start, lexeme.end)
    }

    /// The doc comment before the token that begins at `start`.
    pub fn doc_before(&self, start: u32) -> Option<Box<str>> {
        let index = self.docs.binary_search_by_key(&start, |doc| doc.0).ok()?;
        Some(self.docs[index].1.clone())
    }
}

impl BinaryOp {
    /// How it is written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::BitOr => "|",
            Self::BitXor => "^",
            Self::BitAnd => "&",
            Self::Shl => "<<",
            Self::Shr => ">>",
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Rem => "%",
        }
    }

    /// How assignment with it is written.
    fn assign_text(self) -> &'static str {
        match self {
            Self::BitOr => "|=",
            Self::BitXor => "^=",
            Self::BitAnd => "&=",
            Self::Shl => "<<=",
            Self::Shr => ">>=",
            Self::Add => "+=",
            Self::Sub => "-=",
            Self::Mul => "*=",
            Self::Div => "/=",
            Self::Rem => "%=",
            _ => "=",
        }
    }
}

impl Token {
    /// Whether it opens a bracket, a value in a string among them.
    pub fn opens(self) -> bool {
        matches!(self, Self::LeftParen | Self::LeftBracket | Self::LeftBrace | Self::StrBegin(_))
    }

    /// Whether it closes a bracket. [`Token::StrMiddle`] closes one and opens another: it changes no depth.
    pub fn closes(self) -> bool {
        matches!(self, Self::RightParen | Self::RightBracket | Self::RightBrace | Self::StrEnd(_))
    }

    /// The token that closes the bracket this one opens.
    pub fn closer(self) -> Self {
        match self {
            Self::LeftParen => Self::RightParen,
            Self::LeftBracket => Self::RightBracket,
            _ => Self::RightBrace,
        }
    }
}
