//! Blocks, statements and expressions.

use super::{FloatLiteral, Ident, IntLiteral, Mutability, ParamMode, Path, Pattern, StringPart, Type};
use crate::source::Span;

/// `{ … }`
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    /// The statements.
    pub statements: Vec<Stmt>,
    /// The last expression, when no `;` follows it (a last `if`, `match`, loop … included).
    pub value: Option<Box<Expr>>,
    /// With the braces.
    pub span: Span,
}

/// A statement.
#[derive(Clone, PartialEq, Debug)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// Where it stands, with its `;`.
    pub span: Span,
}

/// The kinds of statements.
#[derive(Clone, PartialEq, Debug)]
pub enum StmtKind {
    /// `let p: T = value else { … };`, `var x = value;`
    Let(Box<Let>),
    /// An expression whose value is dropped.
    Expr(Expr),
    /// `defer { }`
    Defer(Block),
    /// Something that was reported.
    Error,
}

/// `let` or `var`.
#[derive(Clone, PartialEq, Debug)]
pub struct Let {
    /// `let` or `var`.
    pub mutability: Mutability,
    /// What is bound.
    pub pattern: Pattern,
    /// The type, if written.
    pub ty: Option<Type>,
    /// The value, if given.
    pub value: Option<Expr>,
    /// The block after `else`.
    pub otherwise: Option<Block>,
}

/// An expression.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands, with parentheses around it.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// `42`
    Int(IntLiteral),
    /// `3.14`
    Float(FloatLiteral),
    /// `'a'`
    Char(char),
    /// `true`
    Bool(bool),
    /// `5s`, in nanoseconds.
    Duration(u64),
    /// `"text ${value}"`; no two texts stand side by side, the empty string has no parts.
    String(Vec<StringPart>),
    /// `x`, `LIMIT`, `Shape::Rect`, `List<Int>`, `parse::<Int>`
    Path(Path),
    /// `self`
    SelfValue,
    /// `(a, b)`; `()` is the unit value.
    Tuple(Vec<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `["a": 1]`, `[:]`
    Dict(Vec<(Expr, Expr)>),
    /// `-x`
    Unary {
        /// The operator.
        op: UnaryOp,
        /// The operand.
        operand: Box<Expr>,
    },
    /// `a + b`
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// The left operand.
        left: Box<Expr>,
        /// The right operand.
        right: Box<Expr>,
    },
    /// `a..b`, `a..=b`
    Range {
        /// The first value.
        start: Box<Expr>,
        /// The end.
        end: Box<Expr>,
        /// Whether the end belongs to it.
        limits: RangeLimits,
    },
    /// `x as Int32`
    Cast {
        /// The value.
        operand: Box<Expr>,
        /// The type.
        ty: Type,
    },
    /// `f(x)`, `Point(x = 1)`, `Some(x)`, `(self.f)(x)`
    Call {
        /// What is called.
        callee: Box<Expr>,
        /// The arguments.
        args: Vec<Arg>,
    },
    /// `x.f(y)`, `x.parse::<Int>()`, `Point.origin()`, `List<Int>.init()`
    MethodCall {
        /// What stands before the dot: a value or a type.
        receiver: Box<Expr>,
        /// The method, or `init`.
        name: Ident,
        /// Explicit type arguments; empty when there are none.
        type_args: Vec<Type>,
        /// The arguments.
        args: Vec<Arg>,
    },
    /// `x.f`, `Int.MAX`
    Field {
        /// What stands before the dot.
        base: Box<Expr>,
        /// The field.
        name: Ident,
    },
    /// `t.0`
    TupleField {
        /// What stands before the dot.
        base: Box<Expr>,
        /// The number.
        index: u32,
        /// Where the number stands.
        index_span: Span,
    },
    /// `xs[i]`, `s[a..b]`
    Index {
        /// The collection.
        base: Box<Expr>,
        /// What stands in brackets.
        index: Box<Expr>,
    },
    /// `x?`
    Try(Box<Expr>),
    /// `{ … }`
    Block(Block),
    /// `if c { } else { }`
    If(Box<If>),
    /// `match x { }`
    Match {
        /// What is matched.
        subject: Box<Expr>,
        /// The arms.
        arms: Vec<MatchArm>,
    },
    /// `label: while c { }`
    While {
        /// The label.
        label: Option<Ident>,
        /// The condition.
        condition: Box<Condition>,
        /// The body.
        body: Block,
    },
    /// `label: loop { }`
    Loop {
        /// The label.
        label: Option<Ident>,
        /// The body.
        body: Block,
    },
    /// `label: for p in xs { }`
    For(Box<For>),
    /// `concurrent(limit = 8) as scope { }`
    Concurrent {
        /// The options.
        options: Vec<Arg>,
        /// The name of the scope.
        scope: Option<Ident>,
        /// The body.
        body: Block,
    },
    /// `spawn(name = "worker") { }`
    Spawn {
        /// The options.
        options: Vec<Arg>,
        /// The body.
        body: Block,
    },
    /// `race { a(), b() }`
    Race(Vec<Expr>),
    /// `select(biased = true) { }`
    Select {
        /// The options.
        options: Vec<Arg>,
        /// The arms.
        arms: Vec<SelectArm>,
    },
    /// `atomically { } or_else { }`
    Atomically(Vec<Block>),
    /// `blocking { }`
    Blocking(Block),
    /// `retry`
    Retry,
    /// `|x| x + 1`, or a block that stands alone as an argument.
    Closure(Box<Closure>),
    /// `return x`
    Return(Option<Box<Expr>>),
    /// `break`, `break x`; a lone name that is the label of a loop around it is that label.
    Break(Option<Box<Expr>>),
    /// `continue`, `continue label`
    Continue(Option<Ident>),
    /// `place = value`, `place += value`: only a statement or the whole body of a closure or arm.
    Assign {
        /// What is assigned; whether it is a place is checked later.
        place: Box<Expr>,
        /// The operator of `+=` and the like.
        op: Option<BinaryOp>,
        /// Where the `=` or `+=` stands.
        op_span: Span,
        /// The value.
        value: Box<Expr>,
    },
    /// Something that was reported.
    Error,
}

/// Whether the end of a range belongs to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RangeLimits {
    /// `..`
    HalfOpen,
    /// `..=`
    Closed,
}

/// The prefix operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `~`
    BitNot,
    /// `not`
    Not,
}

/// The binary operators.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum BinaryOp {
    Or,
    And,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    BitOr,
    BitXor,
    BitAnd,
    Shl,
    Shr,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

/// An argument.
#[derive(Clone, PartialEq, Debug)]
pub struct Arg {
    /// The name in `name = value`.
    pub name: Option<Ident>,
    /// The value; for `&place` the place.
    pub value: Expr,
    /// The place of the `&`: the argument is passed to an `inout` parameter.
    pub inout: Option<Span>,
    /// The whole argument.
    pub span: Span,
}

/// `if` with its branches.
#[derive(Clone, PartialEq, Debug)]
pub struct If {
    /// The condition.
    pub condition: Condition,
    /// The branch taken when it holds.
    pub then: Block,
    /// The other branch: a `Block` or another `If`.
    pub otherwise: Option<Expr>,
}

/// The condition of an `if` or `while`.
#[derive(Clone, PartialEq, Debug)]
pub enum Condition {
    /// A `Bool`.
    Expr(Expr),
    /// `let pattern = value`
    Let {
        /// The pattern.
        pattern: Pattern,
        /// The value.
        value: Expr,
    },
}

/// An arm of a `match`.
#[derive(Clone, PartialEq, Debug)]
pub struct MatchArm {
    /// The pattern.
    pub pattern: Pattern,
    /// The condition after `if`.
    pub guard: Option<Expr>,
    /// What the arm gives.
    pub body: Expr,
    /// The whole arm.
    pub span: Span,
}

/// `for pattern: T in iterable { }`
#[derive(Clone, PartialEq, Debug)]
pub struct For {
    /// The label.
    pub label: Option<Ident>,
    /// The place of `inout`: elements are changed in place.
    pub inout: Option<Span>,
    /// What each element is bound to.
    pub pattern: Pattern,
    /// The type of the elements, if written.
    pub ty: Option<Type>,
    /// What is iterated over.
    pub iterable: Expr,
    /// The body.
    pub body: Block,
}

/// An arm of a `select`.
#[derive(Clone, PartialEq, Debug)]
pub struct SelectArm {
    /// What it waits for.
    pub kind: SelectArmKind,
    /// The condition after `if`.
    pub guard: Option<Expr>,
    /// What the arm gives.
    pub body: Expr,
    /// The whole arm.
    pub span: Span,
}

/// What an arm of a `select` waits for.
#[derive(Clone, PartialEq, Debug)]
pub enum SelectArmKind {
    /// `pattern = place.method(…)`
    Operation {
        /// The pattern, if there is one.
        pattern: Option<Pattern>,
        /// The operation: always a `MethodCall`.
        operation: Expr,
    },
    /// `timeout(d)`
    Timeout(Expr),
    /// `default`
    Default,
}

/// A closure.
#[derive(Clone, PartialEq, Debug)]
pub struct Closure {
    /// Whether it is written with bars or is a block that stands alone as an argument.
    pub form: ClosureForm,
    /// Its parameters.
    pub params: Vec<ClosureParam>,
    /// Its result type, if written.
    pub result: Option<Type>,
    /// Its body.
    pub body: Expr,
}

/// How a closure is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClosureForm {
    /// `|x| x + 1`
    Bars,
    /// `{ … }` alone as an argument.
    Block,
}

/// A parameter of a closure.
#[derive(Clone, PartialEq, Debug)]
pub struct ClosureParam {
    /// How it is passed.
    pub mode: ParamMode,
    /// What it is bound to: names, `_` and tuples of these.
    pub pattern: Pattern,
    /// Its type, if written.
    pub ty: Option<Type>,
}
