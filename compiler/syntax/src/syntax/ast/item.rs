//! Items of a file, and the members of types.

use super::{Block, Doc, Expr, Ident, Text, Type};
use crate::source::Span;

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
    Use(UseTree),
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

/// What stands after `use`, and inside its braces: `a::b as c` or `a::b::{C, d as e}`.
#[derive(Clone, PartialEq, Debug)]
pub struct UseTree {
    /// The path before the braces: at least one name.
    pub path: Vec<Ident>,
    /// What it leads to.
    pub end: UseEnd,
}

/// What the path of a `use` leads to.
#[derive(Clone, PartialEq, Debug)]
pub enum UseEnd {
    /// The item or module that the path names, under the name after `as` if there is one.
    Name(Option<Ident>),
    /// What stands in braces, each after the path.
    Group(Vec<UseTree>),
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
    /// Its type arguments: names in them that are no types are type parameters.
    pub args: Vec<Type>,
    /// The names in the arguments that have bounds.
    pub bounded: Vec<GenericParam>,
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
