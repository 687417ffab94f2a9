//! What the parser would have taken, in words.

/// The terminals of the grammar that could have stood where parsing failed.
pub(super) struct Expected {
    terminals: Vec<String>,
}

/// The kinds of things that a position can take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Position {
    Item,
    Statement,
    Member,
    Expression,
    Pattern,
    Type,
    Name,
    TypeName,
    /// Only certain tokens.
    Tokens,
}

/// Tokens worth naming, in the order in which people think of them; operators that could go on are not.
const WORTH_NAMING: [&str; 17] =
    [";", ",", ")", "]", "}", "->", "{", "(", "in", "=", ":", "else", "fn", "<", "as", "::", "."];

/// Those of them that may always follow an operand.
const GOES_ON: [&str; 5] = ["(", "<", "as", "::", "."];

impl Expected {
    pub(super) fn new(terminals: Vec<String>) -> Self {
        Self { terminals }
    }

    /// Whether `terminal`, as the grammar writes it without quotes, could have stood there.
    pub(super) fn has(&self, terminal: &str) -> bool {
        self.terminals.iter().any(|expected| expected.trim_matches('"') == terminal)
    }

    pub(super) fn is_only(&self, terminal: &str) -> bool {
        self.terminals.len() == 1 && self.has(terminal)
    }

    pub(super) fn position(&self) -> Position {
        match () {
            () if self.has("not") && self.has("let") && self.has("defer") => Position::Statement,
            () if self.has("not") => Position::Expression,
            () if self.has("struct") => Position::Item,
            () if self.has("init") && self.has("deinit") => Position::Member,
            () if self.has("_") => Position::Pattern,
            () if self.has("title") && self.has("(") && self.has("fn") => Position::Type,
            () if self.has("retry") => Position::Name,
            () if self.has("title_generic") => Position::TypeName,
            () if self.has("snake") => Position::Name,
            () => Position::Tokens,
        }
    }

    /// What was expected, for the message.
    pub(super) fn describe(&self) -> String {
        match self.position() {
            Position::Item => "an item".to_owned(),
            Position::Statement => "a statement".to_owned(),
            Position::Member => "a member".to_owned(),
            Position::Expression if self.has("]") => "an expression or `]`".to_owned(),
            Position::Expression if self.has(")") => "an expression or `)`".to_owned(),
            Position::Expression => "an expression".to_owned(),
            Position::Pattern => "a pattern".to_owned(),
            Position::Type => "a type".to_owned(),
            Position::Name => "a name".to_owned(),
            Position::TypeName => "a name in TitleCase".to_owned(),
            Position::Tokens => self.tokens(),
        }
    }

    fn tokens(&self) -> String {
        if self.has("string") {
            return "a string".to_owned();
        }
        // After an operand an operator or a call could follow too, but is not what was forgotten.
        let after_operand = (self.has("+") && self.has("*")) || (self.has("(") && self.has(";"));
        if after_operand && self.has(";") && !self.has("{") {
            return "`;`".to_owned();
        }
        // A head that may end with `;` is one of the few without a body, seldom what is meant.
        let is_head = self.has("->") && self.has("{");
        let is_named = |token: &&&str| {
            self.has(token) && !(after_operand && GOES_ON.contains(token)) && !(is_head && **token == ";")
        };
        let named = WORTH_NAMING.iter().filter(is_named).take(3);
        let mut named: Vec<_> = named.map(|token| format!("`{token}`")).collect();
        if self.has("string_end") {
            named = vec!["the `}` of this value".to_owned()];
        }
        match named.split_last() {
            None => "something else".to_owned(),
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        }
    }
}
