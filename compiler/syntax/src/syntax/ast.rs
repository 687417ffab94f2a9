//! The syntax tree: the whole language as written, with a span on every node.
//!
//! Plain boxed trees. Names are uninterpreted: whether `x` is a local, a function or a label is for `resolve` to
//! say. Parentheses leave no node, only a wider span. What the parser could not make sense of is an `Error` node,
//! and has been reported; later stages stay quiet about it.
//!
//! Invariant: the tree is never deeper than `recover::MAX_DEPTH` allows, so that it can be walked recursively.

use crate::index::Symbol;
use crate::source::{FileId, Span};

/// A name where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ident {
    /// The name.
    pub name: Symbol,
    /// Where it stands.
    pub span: Span,
}

/// The text of the doc comments before an item, lines joined by newlines, without the slashes.
pub type Doc = Option<Box<str>>;

/// One file.
#[derive(Clone, PartialEq, Debug)]
pub struct File {
    /// Which file.
    pub id: FileId,
    /// The `//!` comments.
    pub doc: Doc,
    /// Its items, in source order.
    pub items: Vec<Item>,
}

/// Whether a name can be used outside its file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Visibility {
    /// Only in its file.
    Private,
    /// Everywhere: the place of the `pub`.
    Public(Span),
}

/// An item of a file.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// Its doc comments.
    pub doc: Doc,
    /// Whether it is `pub`.
    pub visibility: Visibility,
    /// What it is.
    pub kind: ItemKind,
    /// The whole item.
    pub span: Span,
}

/// The kinds of items.
#[derive(Clone, PartialEq, Debug)]
pub enum ItemKind {
    /// `use a::b::{C, d};`
    Use(Use),
    /// `const LIMIT: Int = 100;`
    Const(Const),
    /// `type Name<T> = U;`
    Alias(TypeAlias),
    /// `newtype Name<T> = U;`
    Newtype(TypeAlias),
    /// `fn name() { }`
    Function(Function),
    /// `struct Name { }`
    Struct(Aggregate),
    /// `class Name { }`
    Class(Aggregate),
    /// `enum Name { }`
    Enum(Enum),
    /// `interface Name { }`
    Interface(Interface),
    /// `extend Name { }`
    Extend(Extend),
    /// `extern "C" { }`
    Extern(Extern),
    /// `test "name" { }`
    Test(Test),
    /// Something that was reported.
    Error,
}

/// `use a::b as c;` or `use a::b::{C, d};`
#[derive(Clone, PartialEq, Debug)]
pub struct Use {
    /// The path before the braces.
    pub path: Vec<Ident>,
    /// The names in braces, if there are any.
    pub group: Option<Vec<Ident>>,
    /// The name after `as`.
    pub alias: Option<Ident>,
}

/// `const NAME: T = value;`
#[derive(Clone, PartialEq, Debug)]
pub struct Const {
    /// Its name.
    pub name: Ident,
    /// Its type, if written.
    pub ty: Option<Type>,
    /// Its value.
    pub value: Expr,
}

/// A `type` or a `newtype`.
#[derive(Clone, PartialEq, Debug)]
pub struct TypeAlias {
    /// Its name.
    pub name: Ident,
    /// Its type parameters.
    pub generics: Vec<GenericParam>,
    /// What stands after the `=`.
    pub ty: Type,
}

/// A type parameter with its bounds: `T: Ord + Hash`.
#[derive(Clone, PartialEq, Debug)]
pub struct GenericParam {
    /// Its name.
    pub name: Ident,
    /// The interfaces it must have.
    pub bounds: Vec<Type>,
}

/// What a function takes as `self`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Receiver {
    /// Nothing written: a free function, or a method that reads `self`.
    Plain,
    /// `mut fn`: changes `self`.
    Mut(Span),
    /// `static fn`: has no `self`.
    Static(Span),
}

/// A function, method, or function signature.
#[derive(Clone, PartialEq, Debug)]
pub struct Function {
    /// `mut` or `static`, if written.
    pub receiver: Receiver,
    /// Its name.
    pub name: Ident,
    /// Its type parameters.
    pub generics: Vec<GenericParam>,
    /// Its parameters.
    pub params: Vec<Param>,
    /// Its result type, if written.
    pub result: Option<Type>,
    /// Its body; only interfaces and `extern` blocks have functions without.
    pub body: Option<Block>,
    /// From `fn` (or the word before it) to the end of the result type.
    pub head: Span,
}

/// How an argument is passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamMode {
    /// By value, to be read.
    Plain,
    /// `inout`: changed in place.
    Inout(Span),
    /// `move`: given away by the caller.
    Move(Span),
}

/// A parameter of a function.
#[derive(Clone, PartialEq, Debug)]
pub struct Param {
    /// How it is passed.
    pub mode: ParamMode,
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: Type,
    /// Its default value.
    pub default: Option<Expr>,
    /// The whole parameter.
    pub span: Span,
}

/// A struct or a class.
#[derive(Clone, PartialEq, Debug)]
pub struct Aggregate {
    /// Its name.
    pub name: Ident,
    /// Its type parameters.
    pub generics: Vec<GenericParam>,
    /// The interfaces it says it has.
    pub interfaces: Vec<Type>,
    /// Fields, methods, `init` and `deinit`, in source order.
    pub members: Vec<Member>,
}

/// A member of a struct, class, interface, extension or `extern` block.
#[derive(Clone, PartialEq, Debug)]
pub struct Member {
    /// Its doc comments.
    pub doc: Doc,
    /// Whether it is `pub`.
    pub visibility: Visibility,
    /// What it is.
    pub kind: MemberKind,
    /// The whole member.
    pub span: Span,
}

/// The kinds of members.
#[derive(Clone, PartialEq, Debug)]
pub enum MemberKind {
    /// `var x: Int = 0;`
    Field(Field),
    /// `fn name() { }`
    Function(Function),
    /// `init(x: Int) { }`
    Init(Init),
    /// `deinit { }`
    Deinit(Block),
    /// Something that was reported.
    Error,
}

/// Whether a variable or field may be changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mutability {
    /// `let`
    Let,
    /// `var`
    Var,
}

/// A field of a struct or class.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// `let` or `var`.
    pub mutability: Mutability,
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: Type,
    /// Its default value.
    pub default: Option<Expr>,
}

/// `init(…) { }`
#[derive(Clone, PartialEq, Debug)]
pub struct Init {
    /// The place of the word `init`.
    pub keyword: Span,
    /// Its parameters.
    pub params: Vec<Param>,
    /// Its body.
    pub body: Block,
}

/// `enum Name { }`
#[derive(Clone, PartialEq, Debug)]
pub struct Enum {
    /// Its name.
    pub name: Ident,
    /// Its type parameters.
    pub generics: Vec<GenericParam>,
    /// The interfaces it says it has.
    pub interfaces: Vec<Type>,
    /// Its variants.
    pub variants: Vec<Variant>,
}

/// A variant of an enum.
#[derive(Clone, PartialEq, Debug)]
pub struct Variant {
    /// Its doc comments.
    pub doc: Doc,
    /// Its name.
    pub name: Ident,
    /// Its fields: all named or all bare.
    pub fields: Vec<VariantField>,
    /// The whole variant.
    pub span: Span,
}

/// A field of a variant.
#[derive(Clone, PartialEq, Debug)]
pub struct VariantField {
    /// Its name, unless it is bare.
    pub name: Option<Ident>,
    /// Its type.
    pub ty: Type,
}

/// `interface Name { }`
#[derive(Clone, PartialEq, Debug)]
pub struct Interface {
    /// Its name.
    pub name: Ident,
    /// Its type parameters.
    pub generics: Vec<GenericParam>,
    /// The interfaces it extends.
    pub interfaces: Vec<Type>,
    /// Its functions; those with a body are defaults.
    pub members: Vec<Member>,
}

/// `extend Name<T> : I { }`
#[derive(Clone, PartialEq, Debug)]
pub struct Extend {
    /// The type that is extended.
    pub name: Ident,
    /// Its type parameters, with bounds.
    pub generics: Vec<GenericParam>,
    /// The interfaces that the extension gives it.
    pub interfaces: Vec<Type>,
    /// The functions.
    pub members: Vec<Member>,
}

/// `extern "C" link "m" { }`
#[derive(Clone, PartialEq, Debug)]
pub struct Extern {
    /// The calling convention, such as `C`.
    pub abi: Text,
    /// The library to link with.
    pub link: Option<Text>,
    /// Function signatures.
    pub members: Vec<Member>,
}

/// `test "name" { }`
#[derive(Clone, PartialEq, Debug)]
pub struct Test {
    /// Its name.
    pub name: Text,
    /// Its body.
    pub body: Block,
}

/// A string literal without interpolation, decoded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// The text.
    pub text: Box<str>,
    /// The literal.
    pub span: Span,
}

/// `a::b::<T>::C<U>`; a plain name is a path of one segment.
#[derive(Clone, PartialEq, Debug)]
pub struct Path {
    /// At least one.
    pub segments: Vec<PathSegment>,
    /// The whole path.
    pub span: Span,
}

impl Path {
    /// The name, if the path is nothing but a name.
    pub fn as_ident(&self) -> Option<Ident> {
        match self.segments.as_slice() {
            [only] if only.args.is_empty() => Some(only.name),
            _ => None,
        }
    }
}

/// A name of a path with its type arguments.
#[derive(Clone, PartialEq, Debug)]
pub struct PathSegment {
    /// The name.
    pub name: Ident,
    /// Explicit type arguments; empty when there are none.
    pub args: Vec<Type>,
}

/// A type.
#[derive(Clone, PartialEq, Debug)]
pub struct Type {
    /// What it is.
    pub kind: TypeKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of types.
#[derive(Clone, PartialEq, Debug)]
pub enum TypeKind {
    /// `Int`, `List<Int>`, `geometry::Point`
    Path(Path),
    /// `(A, B)`; `()` is the unit type.
    Tuple(Vec<Type>),
    /// `fn(A) -> B`
    Function(Box<FunctionType>),
    /// Something that was reported.
    Error,
}

/// `Sharable fn(A, inout B) -> C`
#[derive(Clone, PartialEq, Debug)]
pub struct FunctionType {
    /// The place of `Sharable`.
    pub sharable: Option<Span>,
    /// The parameters.
    pub params: Vec<(ParamMode, Type)>,
    /// The result.
    pub result: Option<Type>,
}

/// A pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct Pattern {
    /// What it is.
    pub kind: PatternKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of patterns.
#[derive(Clone, PartialEq, Debug)]
pub enum PatternKind {
    /// `_`
    Wildcard,
    /// `x`
    Binding(Ident),
    /// `1`, `"a"`, `MAX`
    Literal(PatternLiteral),
    /// `1..5`, `'a'..='z'`
    Range {
        /// The first value.
        start: PatternLiteral,
        /// The end.
        end: PatternLiteral,
        /// Whether the end belongs to it.
        limits: RangeLimits,
    },
    /// `None`, `Some(x)`, `Shape::Rect(w = a, ..)`, `Point(x = 0, y)`
    Constructor {
        /// The variant or struct.
        path: Path,
        /// What stands in parentheses; `None` without parentheses.
        args: Option<PatternArgs>,
    },
    /// `(a, b)`; `()` is the unit value.
    Tuple(Vec<Pattern>),
    /// `A | B`
    Or(Vec<Pattern>),
    /// Something that was reported.
    Error,
}

/// What stands in the parentheses of a constructor pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct PatternArgs {
    /// The fields.
    pub fields: Vec<PatternField>,
    /// The place of `..`, always last.
    pub rest: Option<Span>,
}

/// A field in a constructor pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct PatternField {
    /// The name in `name = pattern`.
    pub name: Option<Ident>,
    /// The pattern.
    pub pattern: Pattern,
}

/// A constant in a pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct PatternLiteral {
    /// Its value.
    pub kind: PatternLiteralKind,
    /// Where it stands, with its minus.
    pub span: Span,
}

/// The kinds of constants in patterns.
#[derive(Clone, PartialEq, Debug)]
pub enum PatternLiteralKind {
    /// `-1`
    Int {
        /// Whether a minus stands before it.
        negative: bool,
        /// The number.
        value: IntLiteral,
    },
    /// `-1.5`
    Float {
        /// Whether a minus stands before it.
        negative: bool,
        /// The number.
        value: FloatLiteral,
    },
    /// `"text"`
    String(Box<str>),
    /// `'a'`
    Char(char),
    /// `true`
    Bool(bool),
    /// `5s`, in nanoseconds.
    Duration(u64),
    /// `MAX`
    Const(Path),
}

/// The type that an integer literal names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum IntSuffix {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

/// `42`, `0xffu8`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IntLiteral {
    /// Its value, without the sign; saturated if it does not fit (which has been reported).
    pub value: u128,
    /// Its suffix.
    pub suffix: Option<IntSuffix>,
}

/// The type that a float literal names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum FloatSuffix {
    F32,
    F64,
}

/// `3.14`, `1e-9f32`
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FloatLiteral {
    /// The digits without `_` and suffix, for rounding to `f32` once only.
    pub text: Symbol,
    /// Its value.
    pub value: f64,
    /// Its suffix.
    pub suffix: Option<FloatSuffix>,
}

/// A part of a string literal.
#[derive(Clone, PartialEq, Debug)]
pub enum StringPart {
    /// Text, decoded.
    Text(Box<str>),
    /// `${value:format}`
    Value {
        /// The expression.
        value: Expr,
        /// The format.
        format: Option<FormatSpec>,
    },
}

/// How a value is aligned in its width.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alignment {
    /// `<`
    Left,
    /// `^`
    Center,
    /// `>`
    Right,
}

/// How a number is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notation {
    /// `x`
    LowerHex,
    /// `X`
    UpperHex,
    /// `o`
    Octal,
    /// `b`
    Binary,
    /// `e`
    Exponent,
}

/// What follows the `:` in `${x:>8.3}`: `[[fill]align][+][0][width][.precision][notation]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormatSpec {
    /// The character to fill with, if written.
    pub fill: Option<char>,
    /// `<`, `^` or `>`.
    pub alignment: Option<Alignment>,
    /// `+`: positive numbers get their sign too.
    pub plus: bool,
    /// `0` before the width: filled with zeros after the sign.
    pub zero: bool,
    /// The least number of characters.
    pub width: Option<u32>,
    /// Digits after the dot; for strings the greatest number of characters.
    pub precision: Option<u32>,
    /// `x`, `X`, `o`, `b` or `e`.
    pub notation: Option<Notation>,
    /// Where it stands.
    pub span: Span,
}

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
