//! What type checking found out, in tables beside the HIR.

use std::sync::OnceLock;

use plat_syntax::diagnostics::{Severity, Sink};
use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::index::IndexVec;

use super::Program;
use super::body::Checker;
use super::values::Facts;
use crate::bug;
use crate::hir::{ExprId, FieldId, FnBody, FnId, LocalId, PatId, VariantId};
use crate::types::Ty;

/// The results for a whole program. Bodies of the library are checked when they are first asked for: a program needs few of
/// them, and that they are right is for the library's own tests to say.
pub struct TypeckResults<'a> {
    pub(super) program: Program<'a>,
    /// For each function with a Plat body that has been checked.
    pub(super) bodies: IndexVec<FnId, OnceLock<BodyTypes>>,
    /// Result types of functions that infer them (values of constants); else as declared.
    pub(super) results: IndexVec<FnId, Ty>,
}

impl TypeckResults<'_> {
    /// The types of a function's body; `None` if it has none.
    pub fn body(&self, id: FnId) -> Option<&BodyTypes> {
        let function = &self.program.hir.definitions.functions[id];
        let FnBody::Plat(body) = &function.body else { return None };
        Some(self.bodies[id].get_or_init(|| {
            let mut sink = Sink::default();
            let types = Checker::check_function(&self.program, id, body, &mut sink);
            if let Some(diagnostic) = sink.finish().first().filter(|it| it.severity == Severity::Error) {
                bug!(diagnostic.span(), "the library has a mistake: {}", diagnostic.message);
            }
            types
        }))
    }

    /// What is known of constants and expressions without running the program.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            definitions: &self.program.hir.definitions,
            bodies: &self.bodies,
            consts: &self.program.const_values,
        }
    }

    /// What a function returns: as declared, or as inferred for a constant's value.
    pub fn result(&self, id: FnId) -> Ty {
        self.results[id]
    }
}

/// The results for one body. After errors tables may lack entries and hold [`Ty::error`]; lowering runs only without errors.
#[derive(Debug, Default, Clone)]
pub struct BodyTypes {
    /// The type of each expression. An expression of type `Never` may stand where any type is expected. Where a block,
    /// `if` or `match` has type `Unit` and its tail, branch or arm another, that value is dropped. An integer literal may
    /// have a float type. The callee of a `Call` has no type: `calls` says what it is.
    pub exprs: IndexVec<ExprId, Ty>,
    /// The type of the value that each pattern is matched with.
    pub pats: IndexVec<PatId, Ty>,
    /// The type of each local.
    pub locals: IndexVec<LocalId, Ty>,
    /// What `Call`, `Construct`, `StaticCall` and `MethodCall` call, and with which arguments.
    pub calls: HashMap<ExprId, ResolvedCall>,
    /// Which field `Field` and `TupleField` read.
    pub fields: HashMap<ExprId, FieldId>,
    /// Which variant a `Variant` or `BareVariant` that stands without arguments is.
    pub variants: HashMap<ExprId, VariantId>,
    /// Which variant or struct a pattern with [`crate::hir::PatArgs`] matches, and its sub-patterns by field.
    pub constructors: HashMap<PatId, PatConstructor>,
    /// Expressions whose value becomes one of an interface's type, which is this. In `exprs` they have the type that they
    /// have before.
    pub conversions: HashMap<ExprId, Ty>,
    /// What becomes of the error in each `?` whose function has another type of errors.
    pub error_conversions: HashMap<ExprId, ErrorConversion>,
    /// What each `for` iterates over.
    pub iterations: HashMap<ExprId, Iteration>,
    /// What each `for` with [`Iteration::Iterator`] calls.
    pub iterators: HashMap<ExprId, IteratorCalls>,
    /// When `self` of an initialiser becomes a value, for the branching expressions in which it may.
    pub completions: HashMap<ExprId, Completion>,
    /// What a name that gives a function value calls: a `Fn`, `StaticFn`, `Variant` or `BareVariant` that is not called, or a
    /// `Field` that is a method, which is called on the value before the dot.
    pub functions: HashMap<ExprId, ResolvedCall>,
    /// What each closure captures, in the order of its captures.
    pub captures: HashMap<ExprId, Vec<Capture>>,
    /// Locals that some closure captures by reference: what calls closures may change them.
    pub referenced: HashSet<LocalId>,
    /// The values of `TypeConst`s such as `Int.MAX`.
    pub type_consts: HashMap<ExprId, TypeConst>,
}

/// A call, resolved.
#[derive(Debug, Clone)]
pub struct ResolvedCall {
    /// What is called.
    pub target: CallTarget,
    /// Where each parameter's value comes from, in the order of parameters (`self` not among them) or fields.
    pub args: Vec<ArgSource>,
}

/// What is called.
#[derive(Debug, Clone)]
pub enum CallTarget {
    /// A function, method or initialiser with its type arguments, the owner's first.
    Fn(FnId, Vec<Ty>),
    /// The initialiser a struct gets from its fields; the expression's type says which.
    Struct,
    /// A variant of the expression's type.
    Variant(VariantId),
    /// What the callee of a `Call` gives.
    Value,
    /// What a field of the receiver of a `MethodCall` holds.
    Field(FieldId),
}

/// A local that a closure uses and that is declared outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capture {
    /// Which.
    pub local: LocalId,
    /// How the closure has it.
    pub mode: CaptureMode,
}

/// How a closure has a captured local.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaptureMode {
    /// A copy of its value, which does not change.
    Value,
    /// The variable itself, where it stands.
    Reference,
    /// The variable, which nobody else uses any more.
    Owned,
}

/// How an error becomes one of another type.
#[derive(Debug, Clone)]
pub enum ErrorConversion {
    /// It is held by a value of this interface's type.
    Interface(Ty),
    /// The function `from` with these type arguments makes it.
    From(FnId, Vec<Ty>),
}

/// Where the value of a parameter comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgSource {
    /// The argument at this position, as written.
    Given(usize),
    /// The default, computed by this function with the call's type arguments.
    Default(FnId),
}

/// What a pattern takes apart.
#[derive(Debug, Clone)]
pub struct PatConstructor {
    /// The variant, or `None` for a struct.
    pub variant: Option<VariantId>,
    /// The sub-pattern of each field that has one.
    pub fields: Vec<(FieldId, PatId)>,
}

/// What a `for` iterates over. The element type is the type of its pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Iteration {
    /// `Range<T>` of integers or characters.
    Range,
    /// `List<T>`.
    List,
    /// `Channel<T>`: receives until it is closed and empty.
    Channel,
    /// A type with a method `next`, or one whose method `iterator` makes a value of such a type.
    Iterator,
}

/// What a loop through an iterator calls.
#[derive(Debug, Clone)]
pub struct IteratorCalls {
    /// `iterator`, where the value in the head of the loop is no iterator itself.
    pub make: Option<Method>,
    /// `next`
    pub next: Method,
    /// The type of the iterator.
    pub ty: Ty,
}

impl IteratorCalls {
    /// The methods it calls.
    pub fn methods(&self) -> impl Iterator<Item = &Method> {
        self.make.iter().chain([&self.next])
    }
}

/// A method with its type arguments, the owner's first.
#[derive(Debug, Clone)]
pub struct Method {
    /// Which.
    pub id: FnId,
    /// Its type arguments.
    pub type_args: Vec<Ty>,
}

/// When `self` of an initialiser, of which all fields are set after a branching expression, becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// Before the expression: all fields are set by then.
    Before,
    /// On each of its branches.
    Within,
}

/// A constant of a built-in type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TypeConst {
    /// Of an integer type.
    Int(i128),
    /// Of a float type.
    Float(f64),
}
