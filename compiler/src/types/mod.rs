//! Types: interned, so that equal types are one pointer.
//!
//! A type says what it is; what its values look like in memory is `codegen::layout`'s business, and what its
//! methods are `typeck`'s.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{LazyLock, RwLock};

use plat_syntax::define_id;
use plat_syntax::hash::{HashMap, HashSet};
use plat_syntax::index::Symbol;

use crate::hir::{ClassId, EnumId, InterfaceId, InterfaceRef, ParamMode, StructId};

mod function;
mod head;
mod printer;

pub use function::{FnSig, Sharing};
pub use head::Head;
pub use printer::{InterfacePrinter, TypePrinter};

define_id!(
    /// An unknown of type inference.
    InferVar, "?"
);

/// An interned type. Copying and comparing are free; [`Ty::kind`] takes it apart.
#[derive(Clone, Copy)]
pub struct Ty(&'static Interned);

struct Interned {
    kind: TyKind,
    /// Order of interning: not reproducible where bodies are checked in parallel, so nothing emitted depends on it.
    number: u32,
    flags: Flags,
}

#[derive(Clone, Copy)]
struct Flags {
    has_infer: bool,
    has_param: bool,
    has_error: bool,
    has_sharable_fn: bool,
}

/// What a type is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TyKind {
    /// `Bool`
    Bool,
    /// `Char`
    Char,
    /// `Never`, the type of what does not return
    Never,
    /// `Int8` … `UInt64`
    Int(IntTy),
    /// `Float32`, `Float64`
    Float(FloatTy),
    /// `String`
    String,
    /// A tuple; the empty one is `Unit`
    Tuple(&'static [Ty]),
    /// A struct with its type arguments
    Struct(StructId, &'static [Ty]),
    /// An enum with its type arguments
    Enum(EnumId, &'static [Ty]),
    /// A class with its type arguments
    Class(ClassId, &'static [Ty]),
    /// A reference to an object of this class that does not keep it alive, under `Weak<T>`; known to the standard library
    /// alone
    Weak(Ty),
    /// Growable storage of elements, under `List<T>`; known to the standard library alone
    Buffer(Ty),
    /// A handle of a running task and its result
    Task(Ty),
    /// The runtime's channel, under `Channel<T>`; known to the standard library alone
    ChannelHandle(Ty),
    /// A function or closure
    Fn(FnSig),
    /// A value of any type that has the interface, which has these type arguments
    Interface(InterfaceId, &'static [Ty]),
    /// A type parameter: its position among the parameters of the function, its type's first
    Param(u32, Symbol),
    /// Not yet inferred
    Infer(InferVar),
    /// The type of a wrong expression: fits everything, so that one mistake is reported once
    Error,
}

/// An integer type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum IntTy {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

/// A floating-point type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum FloatTy {
    F32,
    F64,
}

impl IntTy {
    /// Every integer type.
    pub const ALL: [Self; 8] =
        [Self::I8, Self::I16, Self::I32, Self::I64, Self::U8, Self::U16, Self::U32, Self::U64];

    /// Width in bits.
    pub fn bits(self) -> u32 {
        match self {
            Self::I8 | Self::U8 => 8,
            Self::I16 | Self::U16 => 16,
            Self::I32 | Self::U32 => 32,
            Self::I64 | Self::U64 => 64,
        }
    }

    /// Whether it has negative values.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::I8 | Self::I16 | Self::I32 | Self::I64)
    }

    /// Its least value.
    pub fn min(self) -> i128 {
        if self.is_signed() { -(1 << (self.bits() - 1)) } else { 0 }
    }

    /// Its greatest value.
    pub fn max(self) -> i128 {
        if self.is_signed() { (1 << (self.bits() - 1)) - 1 } else { (1 << self.bits()) - 1 }
    }

    /// Its name in programs; `Int64` is written `Int`.
    pub fn name(self) -> &'static str {
        match self {
            Self::I8 => "Int8",
            Self::I16 => "Int16",
            Self::I32 => "Int32",
            Self::I64 => "Int",
            Self::U8 => "UInt8",
            Self::U16 => "UInt16",
            Self::U32 => "UInt32",
            Self::U64 => "UInt64",
        }
    }
}

impl FloatTy {
    /// Its name in programs; `Float64` is written `Float`.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "Float32",
            Self::F64 => "Float",
        }
    }
}

#[derive(Default)]
struct Interner {
    types: HashMap<TyKind, Ty>,
    lists: HashMap<Vec<Ty>, &'static [Ty]>,
    modes: HashSet<&'static [ParamMode]>,
}

static INTERNER: LazyLock<RwLock<Interner>> = LazyLock::new(RwLock::default);

const POISONED: &str = "no thread panics while it interns";

impl Ty {
    /// The type of this kind. Types live as long as the compiler process.
    pub fn new(kind: TyKind) -> Self {
        if let Some(&ty) = INTERNER.read().expect(POISONED).types.get(&kind) {
            return ty;
        }
        let mut interner = INTERNER.write().expect(POISONED);
        if let Some(&ty) = interner.types.get(&kind) {
            return ty;
        }
        let number = u32::try_from(interner.types.len()).expect("fewer than 2^32 types");
        let flags = Flags::of(&kind);
        let ty = Self(Box::leak(Box::new(Interned { kind: kind.clone(), number, flags })));
        interner.types.insert(kind, ty);
        ty
    }

    /// What it is.
    pub fn kind(self) -> &'static TyKind {
        &self.0.kind
    }

    /// `Unit`
    pub fn unit() -> Self {
        static TY: LazyLock<Ty> = LazyLock::new(|| Ty::new(TyKind::Tuple(&[])));
        *TY
    }

    /// `Bool`
    pub fn bool() -> Self {
        static TY: LazyLock<Ty> = LazyLock::new(|| Ty::new(TyKind::Bool));
        *TY
    }

    /// `Char`
    pub fn char() -> Self {
        static TY: LazyLock<Ty> = LazyLock::new(|| Ty::new(TyKind::Char));
        *TY
    }

    /// `Never`
    pub fn never() -> Self {
        static TY: LazyLock<Ty> = LazyLock::new(|| Ty::new(TyKind::Never));
        *TY
    }

    /// `Int`
    pub fn int() -> Self {
        static TY: LazyLock<Ty> = LazyLock::new(|| Ty::new(TyKind::Int(IntTy::I64)));
        *TY
    }

    /// `UInt8`
    pub fn byte() -> Self {
        static TY: LazyLock<Ty> = LazyLock::new(|| Ty::new(TyKind::Int(IntTy::U8)));
        *TY
    }

    /// `Float`
    pub fn float() -> Self {
        static TY: LazyLock<Ty> = LazyLock::new(|| Ty::new(TyKind::Float(FloatTy::F64)));
        *TY
    }

    /// `String`
    pub fn string() -> Self {
        static TY: LazyLock<Ty> = LazyLock::new(|| Ty::new(TyKind::String));
        *TY
    }

    /// The type of wrong expressions.
    pub fn error() -> Self {
        static TY: LazyLock<Ty> = LazyLock::new(|| Ty::new(TyKind::Error));
        *TY
    }

    /// A tuple of these.
    pub fn tuple(items: &[Self]) -> Self {
        Self::new(TyKind::Tuple(intern_list(items)))
    }

    /// The struct with these type arguments.
    pub fn structure(id: StructId, args: &[Self]) -> Self {
        Self::new(TyKind::Struct(id, intern_list(args)))
    }

    /// The enum with these type arguments.
    pub fn enumeration(id: EnumId, args: &[Self]) -> Self {
        Self::new(TyKind::Enum(id, intern_list(args)))
    }

    /// The type of functions with these parameters and this result.
    pub fn function(params: &[(ParamMode, Self)], result: Self, sharing: Sharing) -> Self {
        Self::new(TyKind::Fn(FnSig::new(params, result, sharing)))
    }

    /// The type of values of any type that has the interface.
    pub fn interface(interface: InterfaceRef) -> Self {
        Self::new(TyKind::Interface(interface.id, interface.args))
    }

    /// The interface, if it is the type of values of any type that has it.
    pub fn as_interface(self) -> Option<InterfaceRef> {
        match *self.kind() {
            TyKind::Interface(id, args) => Some(InterfaceRef { id, args }),
            _ => None,
        }
    }

    /// What calls of its values take and give, if it is a function type.
    pub fn signature(self) -> Option<FnSig> {
        match *self.kind() {
            TyKind::Fn(signature) => Some(signature),
            _ => None,
        }
    }

    /// The one copy of this list of types.
    pub fn list(items: &[Self]) -> &'static [Self] {
        intern_list(items)
    }

    /// The class with these type arguments.
    pub fn class(id: ClassId, args: &[Self]) -> Self {
        Self::new(TyKind::Class(id, intern_list(args)))
    }

    /// The same type with every function type in it one whose values need not be sharable.
    pub fn without_sharing(self) -> Self {
        if !self.0.flags.has_sharable_fn {
            return self;
        }
        match *self.kind() {
            TyKind::Fn(signature) => {
                let signature = signature.with_sharing(Sharing::Transfer);
                Self::new(TyKind::Fn(signature.map(Self::without_sharing)))
            }
            _ => self.map_parts(Self::without_sharing),
        }
    }

    /// Whether it is `Unit`.
    pub fn is_unit(self) -> bool {
        matches!(self.kind(), TyKind::Tuple([]))
    }

    /// Whether it is `Never`.
    pub fn is_never(self) -> bool {
        matches!(self.kind(), TyKind::Never)
    }

    /// Whether it is, or contains, the type of a wrong expression.
    pub fn has_error(self) -> bool {
        self.0.flags.has_error
    }

    /// Whether something in it is not inferred yet.
    pub fn has_infer(self) -> bool {
        self.0.flags.has_infer
    }

    /// Whether it mentions a type parameter.
    pub fn has_param(self) -> bool {
        self.0.flags.has_param
    }

    /// Whether it mentions the type parameter at this position.
    pub fn mentions_param(self, position: u32) -> bool {
        match *self.kind() {
            _ if !self.has_param() => false,
            TyKind::Param(own, _) => own == position,
            _ => self.parts().iter().any(|part| part.mentions_param(position)),
        }
    }

    /// The types directly inside it.
    pub fn parts(self) -> &'static [Self] {
        self.kind().parts()
    }

    /// The same type with every direct part replaced.
    pub fn map_parts(self, mut replace: impl FnMut(Self) -> Self) -> Self {
        let mut list = |parts: &[Self]| parts.iter().map(|&part| replace(part)).collect::<Vec<_>>();
        match *self.kind() {
            TyKind::Tuple(parts) if !parts.is_empty() => Self::tuple(&list(parts)),
            TyKind::Struct(id, args) if !args.is_empty() => Self::structure(id, &list(args)),
            TyKind::Enum(id, args) if !args.is_empty() => Self::enumeration(id, &list(args)),
            TyKind::Class(id, args) if !args.is_empty() => Self::class(id, &list(args)),
            TyKind::Weak(part) => Self::new(TyKind::Weak(replace(part))),
            TyKind::Interface(id, args) if !args.is_empty() => {
                Self::new(TyKind::Interface(id, intern_list(&list(args))))
            }
            TyKind::Buffer(part) => Self::new(TyKind::Buffer(replace(part))),
            TyKind::Task(part) => Self::new(TyKind::Task(replace(part))),
            TyKind::ChannelHandle(part) => Self::new(TyKind::ChannelHandle(replace(part))),
            TyKind::Fn(signature) => Self::new(TyKind::Fn(signature.map(replace))),
            _ => self,
        }
    }

    /// The same type with parameter `n` replaced by `args[n]`.
    pub fn substitute(self, args: &[Self]) -> Self {
        match *self.kind() {
            _ if !self.has_param() => self,
            TyKind::Param(position, _) => args.get(position as usize).copied().unwrap_or(self),
            _ => self.map_parts(|part| part.substitute(args)),
        }
    }
}

impl TyKind {
    /// The types directly inside it.
    fn parts(&self) -> &[Ty] {
        match self {
            Self::Tuple(parts)
            | Self::Struct(_, parts)
            | Self::Enum(_, parts)
            | Self::Class(_, parts)
            | Self::Interface(_, parts) => parts,
            Self::Buffer(part) | Self::Task(part) | Self::ChannelHandle(part) | Self::Weak(part) => {
                std::slice::from_ref(part)
            }
            Self::Fn(signature) => signature.parts(),
            _ => &[],
        }
    }
}

impl Flags {
    fn of(kind: &TyKind) -> Self {
        let mut flags = Self {
            has_infer: matches!(kind, TyKind::Infer(_)),
            has_param: matches!(kind, TyKind::Param(..)),
            has_error: matches!(kind, TyKind::Error),
            has_sharable_fn: matches!(kind, TyKind::Fn(signature) if signature.sharing() == Sharing::Sharable),
        };
        for part in kind.parts() {
            flags.has_infer |= part.0.flags.has_infer;
            flags.has_param |= part.0.flags.has_param;
            flags.has_error |= part.0.flags.has_error;
            flags.has_sharable_fn |= part.0.flags.has_sharable_fn;
        }
        flags
    }
}

/// The one copy of this list of types.
fn intern_list(items: &[Ty]) -> &'static [Ty] {
    if items.is_empty() {
        return &[];
    }
    if let Some(&list) = INTERNER.read().expect(POISONED).lists.get(items) {
        return list;
    }
    let mut interner = INTERNER.write().expect(POISONED);
    if let Some(&list) = interner.lists.get(items) {
        return list;
    }
    let list: &'static [Ty] = Box::leak(items.to_vec().into_boxed_slice());
    interner.lists.insert(items.to_vec(), list);
    list
}

/// The one copy of this list of ways to pass parameters.
fn intern_modes(modes: &[ParamMode]) -> &'static [ParamMode] {
    if modes.is_empty() {
        return &[];
    }
    let mut interner = INTERNER.write().expect(POISONED);
    if let Some(&known) = interner.modes.get(modes) {
        return known;
    }
    let list: &'static [ParamMode] = Box::leak(modes.to_vec().into_boxed_slice());
    interner.modes.insert(list);
    list
}

impl PartialEq for Ty {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Ty {}

impl Hash for Ty {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.number.hash(state);
    }
}

impl fmt::Debug for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind().fmt(f)
    }
}
