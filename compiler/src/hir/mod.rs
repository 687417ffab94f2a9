//! The program with every name resolved.
//!
//! Made by `resolve`, read by `typeck` and `lower`. Names of locals, functions, types and variants are ids here; what
//! depends on types (fields, methods, variants that stand bare) is still a name, and `typeck` says which it is.

use plat_abi::functions::RuntimeFn;
use plat_abi::layout::FormatSpec;
use plat_syntax::define_id;
use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::Span;

use crate::types::{Ty, TyKind};

pub mod aggregate;
pub mod body;
pub mod interface;
pub mod intrinsic;
pub mod printer;
mod walk;

pub use aggregate::{AggregateId, Class, Field, Struct};
pub use body::*;
pub use interface::*;
pub use intrinsic::Intrinsic;

define_id!(
    /// A function, method or initialiser.
    FnId, "fn"
);
define_id!(
    /// A struct.
    StructId, "struct"
);
define_id!(
    /// An enum.
    EnumId, "enum"
);
define_id!(
    /// A class.
    ClassId, "class"
);
define_id!(
    /// A `const`.
    ConstId, "const"
);
define_id!(
    /// A variant of an enum, by position.
    VariantId, "variant"
);
define_id!(
    /// A field of a struct, class, variant or tuple, by position.
    FieldId, "field"
);

/// A whole program, standard library included.
#[derive(Debug, Default)]
pub struct Hir {
    /// Everything the program defines.
    pub definitions: Definitions,
    /// The definitions that the compiler itself refers to.
    pub lang: LangItems,
    /// The user's `main`, if there is one, or the one that runs tests.
    pub main: Option<FnId>,
    /// The tests that are to run.
    pub tests: Vec<Test>,
}

/// The variants of the library's `Option` and `Result`, in the order in which those declare them.
impl VariantId {
    /// `Some`
    pub const SOME: Self = Self(0);
    /// `None`
    pub const NONE: Self = Self(1);
    /// `Ok`
    pub const OK: Self = Self(0);
    /// `Err`
    pub const ERR: Self = Self(1);
}

/// Who may use a name from outside of its module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Everybody.
    Public,
    /// Nobody; `pub` would stand at this place.
    Private(Span),
}

/// A `test "name" { … }`.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its name, with the path of its module unless there is only one.
    pub name: String,
    /// What it does.
    pub function: FnId,
}

impl Hir {
    /// The method `List.make_unique`, through which the elements of lists are changed, if the library has it.
    pub fn make_unique(&self) -> Option<FnId> {
        let members = &self.definitions.structs[self.lang.list?].members;
        let name = Symbol::intern("make_unique");
        members.iter().copied().find(|&member| self.definitions.functions[member].name == name)
    }

    /// What does the first method of `Iterator`, `next`, for the types that have it.
    pub fn iterator_steps(&self) -> impl Iterator<Item = FnId> {
        let all = self.lang.iterator.into_iter();
        all.flat_map(|id| self.definitions.implementations.of_interface(id)).filter_map(|implementation| {
            match implementation.methods.first() {
                Some(MethodSource::Own(next)) => Some(*next),
                _ => None,
            }
        })
    }
}

/// Everything a program defines.
#[derive(Debug, Default)]
pub struct Definitions {
    /// Functions, methods, initialisers, and one for each default value.
    pub functions: IndexVec<FnId, Function>,
    /// Structs.
    pub structs: IndexVec<StructId, Struct>,
    /// Enums.
    pub enums: IndexVec<EnumId, Enum>,
    /// Interfaces.
    pub interfaces: IndexVec<InterfaceId, Interface>,
    /// Which types have which interfaces.
    pub implementations: Implementations,
    /// Classes.
    pub classes: IndexVec<ClassId, Class>,
    /// Constants.
    pub consts: IndexVec<ConstId, Const>,
    /// Methods that `extend T { … }` adds.
    pub extensions: Vec<Extension>,
}

impl Definitions {
    /// Whether it is a class with a `deinit` of its own.
    pub fn has_deinit(&self, ty: Ty) -> bool {
        matches!(*ty.kind(), TyKind::Class(id, _) if self.classes[id].deinit.is_some())
    }

    /// The type of `self` in a member of a type, in terms of the member's own type parameters. `None` for free functions.
    pub fn self_type(&self, function: &Function) -> Option<Ty> {
        let args = |count: usize| -> Vec<Ty> {
            let params = (0u32..).zip(&function.type_params[..count]);
            params.map(|(position, param)| Ty::new(TyKind::Param(position, param.name))).collect()
        };
        Some(match function.owner? {
            Owner::Struct(id) => Ty::structure(id, &args(self.structs[id].type_params.len())),
            Owner::Enum(id) => Ty::enumeration(id, &args(self.enums[id].type_params.len())),
            Owner::Interface(_) => Ty::new(TyKind::Param(0, function.type_params.first()?.name)),
            Owner::Class(id) => Ty::class(id, &args(self.classes[id].type_params.len())),
            Owner::Extension(index) => self.extensions[index].target.ty,
        })
    }

    /// How many of a member's type parameters are its owner's.
    pub fn owner_param_count(&self, owner: Option<Owner>) -> usize {
        match owner {
            None => 0,
            Some(Owner::Struct(id)) => self.structs[id].type_params.len(),
            Some(Owner::Enum(id)) => self.enums[id].type_params.len(),
            Some(Owner::Class(id)) => self.classes[id].type_params.len(),
            Some(Owner::Interface(id)) => self.interfaces[id].type_params.len(),
            Some(Owner::Extension(index)) => self.extensions[index].type_params.len(),
        }
    }

    /// The type of the value of a `newtype`, of that of its value, and so on; other types are themselves.
    pub fn underlying(&self, mut ty: Ty) -> Ty {
        // Only one that wrongly stands for itself goes on for ever.
        for _ in 0..64 {
            match self.newtype_value(ty) {
                Some(value) => ty = value,
                None => break,
            }
        }
        ty
    }

    /// The member of a struct of the library that the compiler calls by this name.
    pub fn member_of_struct(&self, id: StructId, name: &str) -> Option<FnId> {
        let members = &self.structs[id].members;
        members.iter().copied().find(|&member| self.functions[member].name.as_str() == name)
    }

    /// The type of the value of a `newtype`.
    pub fn newtype_value(&self, ty: Ty) -> Option<Ty> {
        let TyKind::Struct(id, args) = *ty.kind() else { return None };
        let field = self.structs[id].fields.iter().next().filter(|_| self.structs[id].is_newtype)?;
        Some(field.ty.ty.substitute(args))
    }
}

/// Definitions of the standard library that the compiler refers to, by name. Absent only when the library is broken.
#[derive(Debug, Default, Clone, Copy)]
pub struct LangItems {
    /// `Option<T>` with variants `Some(T)`, `None`, in this order.
    pub option: Option<EnumId>,
    /// `Result<T, E>` with variants `Ok(T)`, `Err(E)`, in this order.
    pub result: Option<EnumId>,
    /// `List<T>`, whose one field is a `Buffer<T>`.
    pub list: Option<StructId>,
    /// `Dict<K, V>`, whose first field is a `List` of enums with the variant `Entry(UInt32, K, V)` first.
    pub dict: Option<StructId>,
    /// `Range<T>` with fields `start`, `end`, `is_inclusive`.
    pub range: Option<StructId>,
    /// `Channel<T>`, whose one field is a `ChannelHandle<T>`.
    pub channel: Option<StructId>,
    /// `Hasher`, which keys are put into.
    pub hasher: Option<StructId>,
    /// `Failure`
    pub failure: Option<EnumId>,
    /// `Selector`, whose one field is an `Int`.
    pub selector: Option<StructId>,
    /// `Sender`
    pub sender: Option<StructId>,
    /// `Scope`, whose one field is a handle of the runtime.
    pub scope: Option<StructId>,
    /// What `atomically` stands for, without and with `or_else`: they call their parameters in a transaction.
    pub transactions: [Option<FnId>; 2],
    /// What `retry` stands for.
    pub retry: Option<FnId>,
    /// `Mutex`, `RwLock` and `Condition`, whose methods call functions under a lock.
    pub locks: [Option<StructId>; 3],
    /// `Duration`, a `newtype` of `Int`: nanoseconds.
    pub duration: Option<StructId>,
    /// `Instant`, a `newtype` of `Int`: nanoseconds since some moment of the same clock.
    pub instant: Option<StructId>,
    /// `interface Iterator<T> { mut fn next() -> Option<T>; … }`
    pub iterator: Option<InterfaceId>,
    /// `interface Eq { fn equals(other: Self) -> Bool; }`
    pub eq: Option<InterfaceId>,
    /// `interface Ord : Eq { fn compare(other: Self) -> Int; }`
    pub ord: Option<InterfaceId>,
    /// `interface Hash : Eq { fn hash(inout hasher: Hasher); }`
    pub hash: Option<InterfaceId>,
    /// `interface Display { fn display() -> String; }`
    pub display: Option<InterfaceId>,
    /// `interface Encodable { fn encode(inout to: Encoder); }`, if the program mentions `std::json`.
    pub encodable: Option<InterfaceId>,
    /// `interface Decodable { static fn decode(inout from: Decoder) -> Result<Self, JsonError>; }`, if the program mentions `std::json`.
    pub decodable: Option<InterfaceId>,
    /// `interface Error : Display + Sharable { … }`
    pub error: Option<InterfaceId>,
    /// `interface From<E> { static fn from(value: E) -> Self; }`
    pub from: Option<InterfaceId>,
}

impl LangItems {
    /// What the interface asks of a type's structure, if it is one that types have by structure.
    pub fn structural(&self, id: InterfaceId) -> Option<Structural> {
        let known = [
            (self.eq, Structural::Eq),
            (self.ord, Structural::Ord),
            (self.hash, Structural::Hash),
            (self.display, Structural::Display),
            (self.encodable, Structural::Encode),
            (self.decodable, Structural::Decode),
        ];
        known.into_iter().find(|(known, _)| *known == Some(id)).map(|(_, structural)| structural)
    }

    /// The interface that types have by this structure; none for `Sharable`, or if the library is broken.
    pub fn interface(&self, structural: Structural) -> Option<InterfaceId> {
        match structural {
            Structural::Eq => self.eq,
            Structural::Ord => self.ord,
            Structural::Hash => self.hash,
            Structural::Display => self.display,
            Structural::Encode => self.encodable,
            Structural::Decode => self.decodable,
            Structural::Sharable => None,
        }
    }
}

/// A type written in the source.
#[derive(Clone, Copy, Debug)]
pub struct TypeRef {
    /// The type; [`Ty::error`] when it was wrong.
    pub ty: Ty,
    /// Where it was written.
    pub span: Span,
}

/// A type parameter.
#[derive(Clone, Debug)]
pub struct TypeParam {
    /// Its name.
    pub name: Symbol,
    /// Where it was declared.
    pub span: Span,
    /// What its arguments must be able to do.
    pub bounds: Vec<Bound>,
    /// Whether a bound of it has been reported: its uses are [`Ty::error`].
    pub is_wrong: bool,
    /// Whether nobody has written it: it stands for a type argument that a bound leaves out.
    pub is_implied: bool,
}

/// A function, method or initialiser, or the default value of a parameter or field.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name; `init` for initialisers, `x.default` for the default of `x`.
    pub name: Symbol,
    /// Where the name stands.
    pub span: Span,
    /// From `fn` (or the word before it) to the end of the result type; for others the same as `span`.
    pub head: Span,
    /// The struct, enum, class or extension it is a member of.
    pub owner: Option<Owner>,
    /// Whether it stands in an `extend T : I { … }`: another method of the type may have the same name.
    pub is_implementing: bool,
    /// What kind of function.
    pub kind: FnKind,
    /// Whether other files may use it.
    pub is_public: bool,
    /// Whether it is part of the standard library.
    pub is_library: bool,
    /// Type parameters, the owner's first.
    pub type_params: Vec<TypeParam>,
    /// Parameters, without `self`.
    pub params: Vec<Param>,
    /// Result type; [`Ty::error`] for the value of a constant whose type is not written, which `typeck` infers.
    pub result: TypeRef,
    /// What it does.
    pub body: FnBody,
}

/// What a function is a member of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    /// A struct.
    Struct(StructId),
    /// An enum.
    Enum(EnumId),
    /// An interface: its first type parameter is the type that has it, then come its own.
    Interface(InterfaceId),
    /// A class.
    Class(ClassId),
    /// `extend` of a built-in type: the index in [`Definitions::extensions`].
    Extension(usize),
}

/// How a function is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FnKind {
    /// `f(…)` or `Type.f(…)`: no `self`.
    Static,
    /// `x.f(…)`: reads `self`.
    Method,
    /// `x.f(…)` of a `mut fn`: changes `self`, which is a place.
    MutMethod,
    /// `Type.init(…)`: the body assigns the fields of `self`, which is the result.
    Init,
    /// `deinit`: runs when nothing refers to the object `self` any more.
    Deinit,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: Symbol,
    /// Where the name stands.
    pub span: Span,
    /// How it is passed.
    pub mode: ParamMode,
    /// Its type.
    pub ty: TypeRef,
    /// A function without parameters that computes its default.
    pub default: Option<FnId>,
}

/// How an argument is passed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ParamMode {
    /// As a value.
    Value,
    /// As a place that the function changes.
    Inout,
    /// As a value that the caller gives away.
    Move,
}

/// Where a function of C comes from.
#[derive(Clone, Copy, Debug)]
pub struct Foreign {
    /// The library after `link`, and where it was written.
    pub library: Option<(Symbol, Span)>,
}

/// What a function does.
#[derive(Clone, Debug)]
pub enum FnBody {
    /// Plat code. `Body::params` has `self` first where there is one.
    Plat(Box<Body>),
    /// A runtime function, declared in `stdlib/sys` by `extern "runtime"`.
    Runtime(RuntimeFn),
    /// A function of C, declared by `extern "C"`; its name is its symbol.
    Foreign(Foreign),
    /// An operation the compiler expands, declared in `stdlib/sys` by `extern "intrinsic"`.
    Intrinsic(Intrinsic),
    /// None: a function that an interface asks for.
    Required,
    /// A wrong declaration that has been reported.
    Error,
}

/// An enum.
#[derive(Clone, Debug)]
pub struct Enum {
    /// Its name.
    pub name: Symbol,
    /// Where the name stands.
    pub span: Span,
    /// Who may use it.
    pub access: Access,
    /// Whether it is part of the standard library.
    pub is_library: bool,
    /// Type parameters.
    pub type_params: Vec<TypeParam>,
    /// Variants in order.
    pub variants: IndexVec<VariantId, Variant>,
    /// Methods and static functions.
    pub members: Vec<FnId>,
}

/// A variant of an enum.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name.
    pub name: Symbol,
    /// Where the name stands.
    pub span: Span,
    /// Its payload in order; all have names or none.
    pub fields: IndexVec<FieldId, VariantField>,
}

/// A part of a variant's payload.
#[derive(Clone, Debug)]
pub struct VariantField {
    /// Its name, if it has one.
    pub name: Option<Symbol>,
    /// Its type.
    pub ty: TypeRef,
}

/// A constant.
#[derive(Clone, Debug)]
pub struct Const {
    /// Its name.
    pub name: Symbol,
    /// Where the name stands.
    pub span: Span,
    /// Its declared type, else that of its value.
    pub ty: Option<TypeRef>,
    /// A function without parameters that computes its value.
    pub value: FnId,
}

/// `extend T { … }`.
#[derive(Clone, Debug)]
pub struct Extension {
    /// Type parameters.
    pub type_params: Vec<TypeParam>,
    /// The extended type.
    pub target: TypeRef,
    /// Its methods and static functions.
    pub members: Vec<FnId>,
}

/// A piece of an interpolated string.
#[derive(Clone, Debug)]
pub enum StringPart {
    /// Text as it is.
    Text(Symbol),
    /// A value to display.
    Value(ExprId, FormatSpec),
}
