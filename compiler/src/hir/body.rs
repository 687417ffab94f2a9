//! Bodies: expressions, patterns and locals of one function, each in an arena.

use plat_syntax::define_id;
use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::Span;

use super::{ConstId, EnumId, FnId, ParamMode, StringPart, TypeRef, VariantId};
use crate::hir::{ClassId, StructId};
use crate::types::{FloatTy, IntTy, Ty};

define_id!(
    /// An expression of a body.
    ExprId, "e"
);
define_id!(
    /// A pattern of a body.
    PatId, "p"
);
define_id!(
    /// A local of a body: parameter, `let`, `var` or a name bound by a pattern.
    LocalId, "l"
);
define_id!(
    /// A loop of a body.
    LoopId, "loop"
);

/// The body of a function with all it owns. Bodies of tasks are expressions of the function that spawns them.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// Parameters, `self` first.
    pub params: Vec<LocalId>,
    /// Locals.
    pub locals: IndexVec<LocalId, Local>,
    /// Expressions.
    pub exprs: IndexVec<ExprId, Expr>,
    /// Patterns.
    pub pats: IndexVec<PatId, Pat>,
    /// How many loops it has; [`LoopId`]s count up to this.
    pub loop_count: u32,
    /// The value.
    pub value: Option<ExprId>,
}

impl Body {
    /// The variable that an arm of a `select` sends, if it is one, by what is offered: `subject.select_value(variable)`.
    pub fn sent_variable(&self, offered: &[Arg]) -> Option<LocalId> {
        let [Arg { value, .. }] = offered else { return None };
        let ExprKind::MethodCall { args, .. } = &self.exprs[*value].kind else { return None };
        let [Arg { value, .. }] = args[..] else { return None };
        let ExprKind::Local(variable) = self.exprs[value].kind else { return None };
        Some(variable)
    }
}

/// A local.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name.
    pub name: Symbol,
    /// Where the name stands.
    pub span: Span,
    /// How it may change.
    pub kind: LocalKind,
    /// The word `let` or `var` that declares it, which an edit can make the other.
    pub keyword: Option<Span>,
}

/// The name of the locals that a `select` makes of what its arms mention. Nobody can write it, and nobody is told that one is unused.
pub const SELECT_LOCAL: &str = "_of select";

/// How a local may change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LocalKind {
    /// Set once: `let`, a parameter, a name in a pattern.
    Let,
    /// `var`
    Var,
    /// An `inout` parameter, `self` of a `mut fn`, or a name after `for inout`: stands for a place
    Inout,
    /// `self` of an initialiser
    InitSelf,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// A name with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub symbol: Symbol,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A literal.
    Literal(Literal),
    /// A string with values in it.
    Interpolate(Vec<StringPart>),
    /// A local.
    Local(LocalId),
    /// A constant.
    Const(ConstId),
    /// A function by name, with explicit type arguments or none.
    Fn(FnId, Vec<TypeRef>),
    /// `Type.name` as a value: a static function.
    StaticFn(TypeHead, Name),
    /// A variant by its full name, with the enum's explicit type arguments or none.
    Variant(EnumId, VariantId, Vec<TypeRef>),
    /// A variant that stands bare: the expected type says of which enum. Where no enum is expected, the variants of
    /// [`super::LangItems::option`] and [`super::LangItems::result`] are meant if it is one of theirs. That some enum has
    /// such a variant is certain. A name that is also a type's is [`ExprKind::Construct`] when called.
    BareVariant(Name),
    /// `T.MAX` and the like: a constant of a built-in type.
    TypeConst(TypeRef, Name),
    /// A call of a function, variant or function value.
    Call {
        /// What is called.
        callee: ExprId,
        /// Arguments as written.
        args: Vec<Arg>,
    },
    /// `Type(…)` or `Type.init(…)`.
    Construct {
        /// The type.
        ty: TypeHead,
        /// Its name, if that stands alone and is a variant's too: of the enum that is expected, the variant is meant.
        bare: Option<Name>,
        /// Arguments as written.
        args: Vec<Arg>,
    },
    /// `Type.name(…)`.
    StaticCall {
        /// The type.
        ty: TypeHead,
        /// The function's name.
        name: Name,
        /// Explicit type arguments or none.
        type_args: Vec<TypeRef>,
        /// Arguments as written.
        args: Vec<Arg>,
    },
    /// `receiver.name(…)`.
    MethodCall {
        /// `self`.
        receiver: ExprId,
        /// The method's name.
        name: Name,
        /// Explicit type arguments or none.
        type_args: Vec<TypeRef>,
        /// Arguments as written.
        args: Vec<Arg>,
    },
    /// `base.name`
    Field(ExprId, Name),
    /// `base.0`
    TupleField(ExprId, u32, Span),
    /// `base[index]`
    Index(ExprId, ExprId),
    /// `-x`, `~x`, `not x`
    Unary(UnaryOp, ExprId),
    /// Arithmetic, bits and comparisons.
    Binary(BinaryOp, ExprId, ExprId),
    /// `a and b`
    And(ExprId, ExprId),
    /// `a or b`
    Or(ExprId, ExprId),
    /// `place = value`
    Assign(ExprId, ExprId),
    /// `place op= value`
    OpAssign(BinaryOp, ExprId, ExprId),
    /// `value as T`
    Cast(ExprId, TypeRef),
    /// `(a, b)`, `()`
    Tuple(Vec<ExprId>),
    /// `[a, b]`
    List(Vec<ExprId>),
    /// `[key: value]`, `[:]`
    Dict(Vec<(ExprId, ExprId)>),
    /// `a..b`, `a..=b`
    Range {
        /// First value.
        start: ExprId,
        /// Last value or the one after it.
        end: ExprId,
        /// Whether `end` belongs to it.
        inclusive: bool,
    },
    /// `{ … }`
    Block(Block),
    /// `if`. The condition may be a [`ExprKind::Let`].
    If {
        /// Condition.
        condition: ExprId,
        /// When it holds.
        then: ExprId,
        /// When it does not.
        otherwise: Option<ExprId>,
    },
    /// `let pattern = value` as a condition.
    Let(PatId, ExprId),
    /// `match`
    Match {
        /// What is matched.
        scrutinee: ExprId,
        /// Arms in order.
        arms: Vec<Arm>,
    },
    /// `loop`
    Loop(LoopId, ExprId),
    /// `while`. The condition may be a [`ExprKind::Let`].
    While(LoopId, ExprId, ExprId),
    /// `for`
    For {
        /// The loop.
        id: LoopId,
        /// Whether elements are changed in place: the names of the pattern stand for them.
        is_inout: bool,
        /// What each element is matched with.
        pat: PatId,
        /// A type written for the element.
        ty: Option<TypeRef>,
        /// What is iterated over.
        iterable: ExprId,
        /// The body.
        body: ExprId,
    },
    /// `break`
    Break(LoopId, Option<ExprId>),
    /// `continue`
    Continue(LoopId),
    /// `return`: from the function, or from the innermost task body or closure.
    Return(Option<ExprId>),
    /// `value?`
    Try(ExprId),
    /// A scope with a limit, or a transaction, whose bodies may leave more than themselves: the call that runs them, and the closures
    /// that are its bodies, which give an `Option` there, `None` when they leave more.
    Leavable {
        /// The call.
        call: ExprId,
        /// The bodies. All have the same `leaves`.
        bodies: Vec<ExprId>,
        /// What the call gives.
        gives: Gives,
    },
    /// `concurrent { … }`
    Concurrent {
        /// What is said of the scope before it opens.
        options: Vec<ScopeOption>,
        /// The local that names the scope.
        name: Option<LocalId>,
        /// The body.
        body: ExprId,
    },
    /// `race { a, b }`
    Race(Vec<TaskBody>),
    /// `spawn { … }`
    Spawn {
        /// What the task does.
        task: TaskBody,
        /// The name that reports call the task.
        name: Option<ExprId>,
        /// Whether a `concurrent` of the same function or task body encloses it.
        is_in_scope: bool,
    },
    /// `|x| x + 1`, or a block alone as an argument.
    Closure(Box<Closure>),
    /// Something wrong that has been reported.
    Error,
}

/// What a task does.
#[derive(Clone, Debug)]
pub struct TaskBody {
    /// Its value is the task's.
    pub body: ExprId,
    /// Locals of the function that the body uses, in order of first use; a task body inside another counts for both.
    pub captures: Vec<LocalId>,
}

/// Something that is said of a scope.
#[derive(Clone, Copy, Debug)]
pub struct ScopeOption {
    /// What.
    pub kind: ScopeOptionKind,
    /// Its value.
    pub value: ExprId,
}

/// What can be said of a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScopeOptionKind {
    /// Its name in reports.
    Name,
    /// How many of its tasks may run at once.
    Limit,
    /// What a panic of one of its tasks does to it.
    OnFailure,
}

impl ScopeOptionKind {
    /// The one with this name.
    pub fn find(name: Symbol) -> Option<Self> {
        [Self::Name, Self::Limit, Self::OnFailure].into_iter().find(|kind| kind.as_str() == name.as_str())
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Limit => "limit",
            Self::OnFailure => "on_failure",
        }
    }
}

/// A closure. Its body's locals and expressions are those of the function around it.
#[derive(Clone, Debug)]
pub struct Closure {
    /// How it is written.
    pub form: ClosureForm,
    /// Its parameters.
    pub params: Vec<ClosureParam>,
    /// Its result type, if written.
    pub result: Option<TypeRef>,
    /// What it does.
    pub body: ExprId,
    /// Locals from outside that the body uses, in order of first use; one inside another counts for both.
    pub captures: Vec<LocalId>,
    /// Of a body of an [`ExprKind::Leavable`]: how it leaves more than itself.
    pub leaves: Vec<Leave>,
}

impl Closure {
    /// A block that stands for a closure without parameters.
    pub fn block(body: ExprId, captures: Vec<LocalId>) -> Self {
        let form = ClosureForm::Block;
        Self { form, params: Vec::new(), result: None, body, captures, leaves: Vec::new() }
    }

    /// The body of a scope with a limit.
    pub fn scope(body: ExprId, captures: Vec<LocalId>, leaves: Vec<Leave>) -> Self {
        Self { form: ClosureForm::Scope, leaves, ..Self::block(body, captures) }
    }

    /// The body of a transaction.
    pub fn transaction(body: ExprId, captures: Vec<LocalId>, leaves: Vec<Leave>) -> Self {
        Self { form: ClosureForm::Transaction, leaves, ..Self::block(body, captures) }
    }
}

/// What the call of an [`ExprKind::Leavable`] gives of what a body gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gives {
    /// The same.
    Value,
    /// A `Result` of it.
    Result,
}

/// What is left by a jump.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leave {
    /// The function, or the body of a task or closure.
    Function,
    /// A loop.
    Loop(LoopId),
    /// A round of a loop.
    Round(LoopId),
}

/// How a closure is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClosureForm {
    /// `|x| x + 1`
    Bars,
    /// `{ … }` alone as an argument.
    Block,
    /// The body of a scope with a limit, which runs once.
    Scope,
    /// The body of a transaction, which may run more than once.
    Transaction,
}

/// A parameter of a closure.
#[derive(Clone, Copy, Debug)]
pub struct ClosureParam {
    /// How it is passed.
    pub mode: ParamMode,
    /// What it is bound to; of an `inout` parameter a name.
    pub pat: PatId,
    /// Its type, if written.
    pub ty: Option<TypeRef>,
}

/// A named type in an expression: type arguments as written, or none to infer them.
#[derive(Clone, Debug)]
pub struct TypeHead {
    /// Which type.
    pub kind: TypeHeadKind,
    /// Type arguments as written.
    pub args: Vec<TypeRef>,
    /// Where it stands.
    pub span: Span,
}

/// Which type a [`TypeHead`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeHeadKind {
    /// A struct.
    Struct(StructId),
    /// An enum.
    Enum(EnumId),
    /// A class.
    Class(ClassId),
    /// A built-in type, a type parameter or an alias: whole.
    Whole(Ty),
    /// Wrong, and reported.
    Error,
}

/// An argument.
#[derive(Clone, Debug)]
pub struct Arg {
    /// The parameter's name, if it was written.
    pub name: Option<Name>,
    /// Whether it is a place passed with `&`.
    pub is_inout: bool,
    /// The value or place.
    pub value: ExprId,
    /// Where it stands.
    pub span: Span,
}

impl Arg {
    /// A value without a name.
    pub fn plain(value: ExprId, span: Span) -> Self {
        Self { name: None, is_inout: false, value, span }
    }
}

/// A literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// An integer, and the type its suffix says. A minus before it is [`UnaryOp::Neg`].
    Int(u128, Option<NumberTy>),
    /// A float, and the type its suffix says.
    Float(f64, Option<FloatTy>),
    /// `true`, `false`
    Bool(bool),
    /// A character.
    Char(char),
    /// A string.
    String(Symbol),
}

/// A number type that a suffix names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberTy {
    /// An integer type.
    Int(IntTy),
    /// A float type.
    Float(FloatTy),
}

/// A unary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum UnaryOp {
    Neg,
    BitNot,
    Not,
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    BitAnd,
    BitOr,
    BitXor,
    Shl,
    Shr,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl BinaryOp {
    /// Whether its result is a `Bool`.
    pub fn is_comparison(self) -> bool {
        matches!(self, Self::Eq | Self::Ne | Self::Lt | Self::Le | Self::Gt | Self::Ge)
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Rem => "%",
            Self::BitAnd => "&",
            Self::BitOr => "|",
            Self::BitXor => "^",
            Self::Shl => "<<",
            Self::Shr => ">>",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}

impl UnaryOp {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Neg => "-",
            Self::BitNot => "~",
            Self::Not => "not",
        }
    }
}

/// A block.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Statements in order.
    pub statements: Vec<Statement>,
    /// The last expression, whose value is the block's.
    pub tail: Option<ExprId>,
    /// The `;` after the last statement, if that is an expression: without it the expression would be the tail.
    pub semicolon: Option<Span>,
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Statement {
    /// `let` or `var`
    Let {
        /// What the value is matched with.
        pat: PatId,
        /// A type as written.
        ty: Option<TypeRef>,
        /// The value.
        value: Option<ExprId>,
        /// What happens when it does not match; never ends.
        otherwise: Option<ExprId>,
    },
    /// An expression whose value is dropped.
    Expr(ExprId),
    /// `defer { … }`
    Defer {
        /// What runs when the block is left.
        body: ExprId,
        /// The locals from outside that it mentions, which it sees as they are then.
        captures: Vec<LocalId>,
        /// The word `defer`.
        span: Span,
    },
}

/// An arm of a `match`.
#[derive(Clone, Debug)]
pub struct Arm {
    /// What it matches.
    pub pat: PatId,
    /// A further condition.
    pub guard: Option<ExprId>,
    /// Its value.
    pub body: ExprId,
    /// The whole arm.
    pub span: Span,
}

/// A pattern.
#[derive(Clone, Debug)]
pub struct Pat {
    /// What it is.
    pub kind: PatKind,
    /// Where it stands.
    pub span: Span,
}

/// What a pattern is.
#[derive(Clone, Debug)]
pub enum PatKind {
    /// `_`
    Wild,
    /// A name. The alternatives of one `A | B` bind the same local.
    Bind(LocalId),
    /// A literal; a negative number has its sign here.
    Literal(Literal, Sign),
    /// A constant.
    Const(ConstId),
    /// `a..b`, `a..=b` of numbers or characters
    Range {
        /// First value.
        start: RangeEnd,
        /// Last value or the one after it.
        end: RangeEnd,
        /// Whether `end` belongs to it.
        inclusive: bool,
    },
    /// A variant by its full name.
    Variant(EnumId, VariantId, PatArgs),
    /// A variant that stands bare, or a struct's name: the type of the value says which.
    Bare(Name, PatArgs),
    /// A struct.
    Struct(StructId, PatArgs),
    /// `(a, b)`, `()`
    Tuple(Vec<PatId>),
    /// `A | B`
    Or(Vec<PatId>),
    /// Something wrong that has been reported.
    Error,
}

/// An end of a range in a pattern.
#[derive(Clone, Debug)]
pub enum RangeEnd {
    /// A literal with its sign.
    Literal(Literal, Sign),
    /// A constant.
    Const(Name, ConstId),
}

/// The sign before a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Sign {
    Plus,
    Minus,
}

/// What stands in the parentheses after a variant or struct in a pattern.
#[derive(Clone, Debug, Default)]
pub struct PatArgs {
    /// Patterns by position or by name.
    pub items: Vec<(Option<Name>, PatId)>,
    /// Whether `..` skips the rest.
    pub has_rest: bool,
    /// Whether there were parentheses at all.
    pub is_call: bool,
}
