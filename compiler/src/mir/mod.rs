//! The middle representation: functions of basic blocks over typed places.
//!
//! Two phases share these definitions. **Built** MIR comes from `lower`: it may be generic, and its operands are
//! [`Operand::Use`], which says nothing of ownership. **Owned** MIR comes from `passes` (`mono`, then `drops`): it
//! is monomorphic, every operand says whether it copies (retains), moves or borrows, and every release is a statement:
//! what an assignment or a call stores into holds nothing then. Between passes the verifier checks the phase's rules
//! (`mir/verify`).
//!
//! A call needs no edge for unwinding: the owned locals that are live across a call are released by the unwinder,
//! from the call's stack map.

use plat_abi::functions::RuntimeFn;
use plat_abi::layout::FormatSpec;
use plat_syntax::define_id;
use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::Span;

pub mod boxing;
pub mod builder;
pub mod effects;
pub mod forks;
pub mod graph;
pub mod held;
pub mod holders;
pub mod local_set;
pub mod managed;
pub mod primitive;
pub mod printer;
#[cfg(test)]
pub mod testing;
pub mod transfer;
pub mod typing;
pub mod verify;
pub mod visit;

pub use crate::hir::{BinaryOp, UnaryOp};
use crate::hir::{FieldId, FnId, Structural, VariantId};
use crate::types::Ty;
pub use effects::Effects;
pub use primitive::{AtomicOp, Primitive};

define_id!(
    /// A function of the MIR.
    FunctionId, "f"
);
define_id!(
    /// A method of an interface's values.
    EntryId, "entry"
);
define_id!(
    /// A basic block.
    BlockId, "bb"
);
define_id!(
    /// A call of the function that has been replaced by the body of what it called.
    InlineSiteId, "i"
);
define_id!(
    /// A local: the result, a parameter, a variable or a temporary.
    Local, "_"
);

/// A whole program.
#[derive(Debug, Default, Clone)]
pub struct Mir {
    /// All functions. In built MIR one per HIR function with a body and per body of a task or closure; in owned MIR one per
    /// instance.
    pub functions: IndexVec<FunctionId, Function>,
    /// The entry.
    pub main: Option<FunctionId>,
    /// The `deinit` of each class that has one and objects, in the order they were met. Not in built MIR.
    pub deinits: Vec<(Ty, FunctionId)>,
    /// What values of interfaces' types can be asked, of which calls mention some.
    pub entries: IndexVec<EntryId, Entry>,
    /// The tables of values of interfaces' types.
    pub tables: Vec<Table>,
}

/// A method that values of an interface's type have, each in its table.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The interface's type.
    pub interface: Ty,
    /// The number of the entry in the tables of such values.
    pub number: u32,
    /// Its name as the program would write it.
    pub name: String,
    /// Its parameters, the value first: how they are passed, and their types.
    pub params: Vec<(LocalKind, Ty)>,
    /// The type of its result.
    pub result: Ty,
}

/// What values of an interface's type do when they hold a value of one other type.
#[derive(Debug, Clone)]
pub struct Table {
    /// The interface's type.
    pub interface: Ty,
    /// The type of what they hold.
    pub ty: Ty,
    /// The functions that do it, by number of the entry. They are called through the table, with the modes of its entry.
    pub methods: Vec<FunctionId>,
}

/// A function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name as the program would write it, with type arguments in instances: `List<Int>.push`.
    pub name: String,
    /// The HIR function it was lowered from; for the body of a task or closure, the one that contains it. `None` for generated
    /// ones.
    pub origin: Option<FnId>,
    /// Where it was written.
    pub span: Span,
    /// Function, or body of a task or closure.
    pub kind: FunctionKind,
    /// Whether it is part of the standard library.
    pub is_library: bool,
    /// How many type parameters it has; 0 once monomorphised.
    pub type_param_count: u32,
    /// How many parameters it has: locals 1 ..= `param_count`.
    pub param_count: u32,
    /// Of a closure's body, how many of the parameters are captures; they come first.
    pub capture_count: u32,
    /// Locals; [`Function::RESULT`] first, then the parameters.
    pub locals: IndexVec<Local, LocalDecl>,
    /// Blocks; [`Function::ENTRY`] first.
    pub blocks: IndexVec<BlockId, Block>,
    /// Calls that are inlined: what backtraces name beside the function itself.
    pub inline_sites: IndexVec<InlineSiteId, InlineSite>,
    /// The greatest depth of a local.
    pub deepest: u32,
    /// What a call of it may do, as far as anybody has asked; the passes end with asking.
    pub effects: Effects,
    /// What it does where it polls when it is called: if it is on a cycle of the call graph.
    pub poll: Poll,
}

/// A call that has been replaced by the body of what it called.
#[derive(Debug, Clone)]
pub struct InlineSite {
    /// The name of what it called.
    pub callee: Symbol,
    /// Whether that is part of the standard library.
    pub is_library: bool,
    /// Where the call was written.
    pub call: Span,
    /// The inlined call whose body contains it; `None` for a call in the function's own.
    pub parent: Option<InlineSiteId>,
}

/// What kind of function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionKind {
    /// Called.
    Plain,
    /// Spawned: its parameters are its captures, which it owns.
    TaskBody,
    /// The body of a closure: its parameters are the captures and then the closure's own. A capture by value is borrowed
    /// from the closure; a variable, wherever it stands, is `Inout`.
    ClosureBody,
}

impl Function {
    /// The local that holds the result.
    pub const RESULT: Local = Local(0);
    /// The block where it begins.
    pub const ENTRY: BlockId = BlockId(0);

    /// The locals that are parameters.
    pub fn params(&self) -> impl DoubleEndedIterator<Item = Local> + use<> {
        (1..=self.param_count).map(Local)
    }

    /// Adds a temporary.
    pub fn add_temp(&mut self, ty: Ty) -> Local {
        self.add_innermost(ty, LocalKind::Variable)
    }

    /// Adds a local without a name that lives within a statement, whatever block that is in.
    pub fn add_innermost(&mut self, ty: Ty, kind: LocalKind) -> Local {
        self.locals.push(LocalDecl { ty, name: None, kind, depth: self.deepest })
    }

    /// The type of its result.
    pub fn result_ty(&self) -> Ty {
        self.locals[Self::RESULT].ty
    }
}

/// A local.
#[derive(Debug, Clone)]
pub struct LocalDecl {
    /// Its type; `Unit` for records, guards and shields.
    pub ty: Ty,
    /// The variable it stands for.
    pub name: Option<Symbol>,
    /// What it is.
    pub kind: LocalKind,
    /// How many blocks it is in, each counted twice: once for its variables and the guards of its `defer`s, and once for what belongs to a
    /// statement in it. What is deeper is cleaned up first when the frame is unwound; at one depth guards come first, then
    /// what was declared last.
    pub depth: u32,
}

impl LocalDecl {
    /// Whether it stands for a `defer` of its block, or is part of running one.
    pub fn is_guard(&self) -> bool {
        matches!(self.kind, LocalKind::Guard | LocalKind::Shield)
    }
}

/// What a local is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalKind {
    /// The result.
    Result,
    /// A parameter that the caller keeps: `Use` of it borrows.
    Borrowed,
    /// A parameter given to the function, which must release or move it.
    Owned,
    /// A parameter that is the address of a place of the caller: the local stands for that place.
    Inout,
    /// A variable or temporary, owned.
    Variable,
    /// A scope record.
    Scope,
    /// The record of a `select` with so many arms.
    Selector(u32),
    /// A guard: while it is set, leaving the frame by an unwinding runs a `defer`.
    Guard,
    /// A shield: while it is set, the task does not see cancellations.
    Shield,
    /// The use of a field of an object: while it is set, leaving the frame by an unwinding ends the use.
    Use,
    /// A buffer, or what a `defer` sees of a parameter, that another place owns: good while that place stays as it is, and never counted.
    View,
}

/// A basic block.
#[derive(Debug, Clone)]
pub struct Block {
    /// Statements in order.
    pub statements: Vec<Statement>,
    /// Where it goes.
    pub terminator: Terminator,
}

/// A statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// What it was written for: the place of a panic in it.
    pub span: Span,
    /// The inlined call whose body it was written in; `None` if that is the function's own.
    pub site: Option<InlineSiteId>,
}

/// Where a task belongs.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskScope {
    /// To an open scope of the function.
    Record(Local),
    /// To the scope whose record is at the address that `scope_claim` gave.
    Claimed(Operand),
    /// To none: it has a thread of its own.
    Thread,
    /// To none: it has ended, with its only capture as its result.
    Ended,
}

/// What a statement does.
#[derive(Debug, Clone)]
pub enum StatementKind {
    /// Evaluates, releases what `place` held, and stores. A local's first assignment releases nothing. In owned MIR the
    /// place holds nothing, and it only evaluates and stores.
    Assign(Place, Rvalue),
    /// Evaluates and stores into memory that holds nothing yet. The place is an element of a buffer or a field of an
    /// object.
    Init(Place, Rvalue),
    /// Calls. `target` is assigned as by `Assign`; a call of a diverging function is followed by `Unreachable`.
    Call {
        /// Where the result goes; `None` if it has none or it is `Unit`.
        target: Option<Place>,
        /// What is called.
        callee: Callee,
        /// Arguments in order.
        args: Vec<Argument>,
    },
    /// Releases the value, which is then gone. Owned MIR only.
    Release(Place),
    /// Says that the local holds nothing on this path although it looks assigned (memory a runtime call did not fill, or
    /// a value it took). It stands where that is known, before anything else that could unwind.
    Forget(Local),
    /// Says that the variable keeps its value until here, unless it has been moved away. Only for values whose release the
    /// program can observe; `passes/drops` turns it into releases. Not in owned MIR.
    KeepAlive(Place),
    /// Keeps track of something being in use that something else may come to meanwhile: of the field of an object at the end of the
    /// place, while a call or a loop changes it; or, where the place is a number, of the closure that the number belongs to.
    InUse(UseStep, Place),
    /// Makes the value, which is about to go to another task, shared (its counts become atomic).
    Share(Place),
    /// Says that on this path no arm of a `select` has sent what was offered, and shared for that: it goes back to the variable that it was taken
    /// from, if there is one. Built MIR only; `analysis/regions` makes an assignment of it.
    Withdraw {
        /// Where it stands.
        offer: Local,
        /// Where it goes.
        variable: Option<Local>,
    },
    /// Sets the length of the buffer at the place. Elements are neither made nor released.
    SetLength(Place, Operand),
    /// Moves `count` elements between buffers, or within one; they may overlap. Elements without references may be copied so.
    MoveElements {
        /// Buffer to move out of.
        source: Place,
        /// Index of the first element there.
        from: Operand,
        /// Buffer to move into.
        target: Place,
        /// Index of the first element there.
        to: Operand,
        /// How many.
        count: Operand,
    },
    /// Panics unless `0 <= index < length`.
    CheckIndex {
        /// The index, an `Int`.
        index: Operand,
        /// The length, an `Int`.
        length: Operand,
    },
    /// Opens the scope.
    ScopeEnter(Local),
    /// Waits for the scope's tasks at its end. Raises what failed.
    ScopeExit(Local),
    /// Leaves the scope early: cancels its tasks and waits for them. Raises what failed.
    ScopeLeave(Local),
    /// Makes a task and makes it ready. The captures are moved in and already shared.
    Spawn {
        /// The handle goes here.
        target: Place,
        /// Where it belongs.
        scope: TaskScope,
        /// What it is called, a `String` that stays where it is. None that is empty.
        name: Option<Operand>,
        /// Its body.
        body: Callee,
        /// Its captures, the body's parameters.
        captures: Vec<Operand>,
    },
    /// Gives a handle of the task that computes a constant, which is made at its first use in the program.
    Global {
        /// The handle goes here.
        target: Place,
        /// What computes the constant: a task body without captures.
        body: Callee,
    },
    /// Sets a guard: from here until it is disarmed an unwinding calls `body` with the addresses of the captures, which keep
    /// their values until then and may be read and changed by it at each call that unwinds.
    Defer {
        /// The guard.
        guard: Local,
        /// What runs; all its parameters are `inout`.
        body: Callee,
        /// What it is called with.
        captures: Vec<Place>,
    },
    /// Clears a guard: its block is left without an unwinding, and the call of its body follows.
    Disarm(Local),
    /// Keeps the task from seeing cancellations while the body of the guard's `defer` runs.
    Shield {
        /// The shield, which it sets.
        shield: Local,
        /// The guard, just disarmed.
        guard: Local,
    },
    /// Ends what `Shield` began.
    Unshield(Local),
    /// Keeps locals alive up to here. It does nothing, and `drops` removes it.
    Touch(Vec<Local>),
    /// Where a round of a loop ends: other tasks have their turn if this one has run for long. To passes it does nothing that can be seen, but
    /// it may unwind.
    Poll(Poll),
}

/// What a poll may do to the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Poll {
    /// It stands in code that is not to be left half done.
    Pauses,
    /// It also ends the task if that has been cancelled.
    Ends,
}

/// What happens to a field of an object that may be in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseStep {
    /// From here on it is in use, and the local is set. Panics if it is already.
    Begin(Local),
    /// It is in use no longer, and the local not set.
    End(Local),
    /// Panics if it is in use.
    Check,
}

/// Where a block goes.
#[derive(Debug, Clone)]
pub struct Terminator {
    /// How.
    pub kind: TerminatorKind,
    /// What it was written for.
    pub span: Span,
}

/// How a block ends.
#[derive(Debug, Clone, PartialEq)]
pub enum TerminatorKind {
    /// Goes to a block.
    Goto(BlockId),
    /// Goes to the first block if the `Bool` is true, else to the second.
    Branch(Operand, BlockId, BlockId),
    /// Goes to the block of the value that the integer, `Char`, or discriminant equals, else to the last one.
    Switch(Operand, Vec<(i128, BlockId)>, BlockId),
    /// Returns what the result local holds.
    Return,
    /// Is never reached.
    Unreachable,
}

/// A place: a local and a way into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Where it begins.
    pub local: Local,
    /// The way in.
    pub projections: Vec<Projection>,
}

/// A step into a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Projection {
    /// A field of a struct or tuple.
    Field(FieldId),
    /// A field of a variant that the enum is known to be.
    VariantField(VariantId, FieldId),
    /// A field of the object that the class reference refers to. It is the object's, however one came to it: what runs
    /// other code, or stores into this field of any object of the class, may change a `var` field.
    ClassField(FieldId),
    /// What a value of an interface's type holds, which is known to be of this type.
    Content(Ty),
    /// An element of a `Buffer` (or byte of a `String`) at the index in a local of type `Int`, known to be in range.
    Element(Local),
}

impl From<Local> for Place {
    fn from(local: Local) -> Self {
        Self { local, projections: Vec::new() }
    }
}

impl Place {
    /// The place one step further in.
    #[must_use]
    pub fn project(mut self, projection: Projection) -> Self {
        self.projections.push(projection);
        self
    }

    /// Whether the way to it leads through an object.
    pub fn is_in_object(&self) -> bool {
        self.projections.iter().any(|step| matches!(step, Projection::ClassField(_)))
    }

    /// The local, if the place is all of it.
    pub fn as_local(&self) -> Option<Local> {
        self.projections.is_empty().then_some(self.local)
    }
}

/// A value that a statement uses.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// The value of a place; the `drops` pass decides how. Built MIR only.
    Use(Place),
    /// The value of a place, one reference more. Owned MIR only.
    Copy(Place),
    /// The value of a place, which holds nothing afterwards. In built MIR only of buffer elements. A field that is moved out
    /// of a local takes the local with it: `Release`s of its other fields follow at once.
    Move(Place),
    /// The value of a place, which keeps it, for as long as the statement runs. Owned MIR only.
    Borrow(Place),
    /// A constant.
    Const(Const),
}

/// A constant. `Eq`, if it were derived, would compare floats; compare bits instead.
#[derive(Debug, Clone, PartialEq)]
pub enum Const {
    /// `()`
    Unit,
    /// A `Bool`.
    Bool(bool),
    /// A `Char`.
    Char(char),
    /// An integer of this type.
    Int(i128, Ty),
    /// A float of this type.
    Float(f64, Ty),
    /// A string literal.
    String(Symbol),
    /// The packed word of a format, an `Int` to calls.
    Format(FormatSpec),
    /// The address of the `TypeInfo` of a type, for the runtime.
    TypeInfo(Ty),
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// A value.
    Value(Operand),
    /// The address of a place, which the callee reads and changes (`inout`), or fills or empties (runtime functions: it holds
    /// nothing before it is filled; a call that unwinds has neither filled nor emptied it).
    Place(Place),
}

/// What a call calls.
#[derive(Debug, Clone, PartialEq)]
pub enum Callee {
    /// A HIR function with its type arguments. Built MIR only.
    Generic(FnId, Vec<Ty>),
    /// The body of a task, closure or `defer` with its type arguments. Built MIR only.
    GenericBody(FunctionId, Vec<Ty>),
    /// A function. Owned MIR only.
    Function(FunctionId),
    /// The function value of this type that is the first argument.
    Value(Ty),
    /// The method of the table of the first argument, which is of the interface's type or a place of one. Not in built MIR.
    Entry(EntryId),
    /// A runtime function.
    Runtime(RuntimeFn),
    /// A few instructions, which never unwind.
    Primitive(Primitive),
    /// A function of C, which takes and returns scalars and never unwinds.
    Foreign(FnId),
    /// An operation by the structure of a type. Built MIR only: `mono` replaces it by a scalar operation, a runtime
    /// function, or a function generated for the type.
    Glue(Glue, Ty),
}

impl Callee {
    /// Whether the callee stores into the place it is given at `position` without reading it.
    pub fn fills(&self, position: usize) -> bool {
        let fills = [
            RuntimeFn::channel_recv,
            RuntimeFn::channel_recv_until,
            RuntimeFn::channel_try_recv,
            RuntimeFn::select_take,
        ];
        matches!(self, Self::Runtime(function) if fills.contains(function) && position == 1)
    }
}

/// Operations by the structure of a type, as far as no implementation of the interface says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Glue {
    /// `(inout String, T, FormatSpec)`: appends the value to the string.
    Display,
    /// `(T, T) -> Bool`: `==`.
    Equal,
    /// `(T, T) -> Int`: negative, zero or positive.
    Compare,
    /// `(T, inout Hasher)`: puts the value into the hasher.
    Hash,
    /// `(T, inout Encoder)`: writes the value as JSON.
    Encode,
    /// `(inout Decoder) -> Result<T, JsonError>`: reads a value from JSON.
    Decode,
    /// `(T, T) -> Bool` of objects: whether they are one.
    Same,
}

impl Glue {
    /// What a type can do by the operation.
    pub fn structural(self) -> Structural {
        match self {
            Self::Display => Structural::Display,
            Self::Equal | Self::Same => Structural::Eq,
            Self::Compare => Structural::Ord,
            Self::Hash => Structural::Hash,
            Self::Encode => Structural::Encode,
            Self::Decode => Structural::Decode,
        }
    }
}

/// What an assignment evaluates.
#[derive(Debug, Clone)]
pub enum Rvalue {
    /// The operand.
    Use(Operand),
    /// A unary operation on a number or `Bool`. `Neg` on integers panics on overflow.
    Unary(UnaryOp, Operand),
    /// An operation on two numbers, `Bool`s or `Char`s. Integer arithmetic panics on overflow, division by zero, and shifts
    /// out of range; the right side of a shift may have another type.
    Binary(BinaryOp, Operand, Operand),
    /// Integer arithmetic without checks: `Add`, `Sub` and `Mul` wrap; `Div`, `Rem`, `Shl` and `Shr` stand where they are known
    /// not to fail.
    Wrapping(BinaryOp, Operand, Operand),
    /// The two halves of the product of two `UInt64`s, which has 128 bits, combined by `^`.
    MultiplyFolded(Operand, Operand),
    /// Whether integer `Add`, `Sub` or `Mul` overflows.
    Overflows(BinaryOp, Operand, Operand),
    /// Converts between number types, and `Char` and `Bool` to integers; `Wrapping` also a `UInt32`, which is known to be a
    /// character, to `Char`.
    Cast(CastKind, Operand, Ty),
    /// Whether a `Cast` of the number to this integer type would not panic.
    Fits(Operand, Ty),
    /// A float function.
    Float(FloatOp, Operand),
    /// A function of an integer's bits, of the integer's type.
    Bits(BitOp, Operand),
    /// A function of two integers' bits, of the first one's type.
    BitPair(BitPairOp, Operand, Operand),
    /// Makes a struct, tuple or object of this type from all its fields, or an enum from a variant's.
    Aggregate(Ty, Option<VariantId>, Vec<Operand>),
    /// Makes a value of this interface's type, which holds the operand.
    Interface(Ty, Operand),
    /// The number of the variant that the enum at the place is, as an `Int`.
    Discriminant(Place),
    /// A new buffer of this type with room for at least that many elements; 0 allocates nothing.
    NewBuffer(Ty, Operand),
    /// Elements in the buffer, or bytes in the string, at the place.
    Length(Place),
    /// Elements there is room for in the buffer at the place.
    Capacity(Place),
    /// Whether the buffer, or what the interface's value holds, at the place is referred to by it alone.
    IsUnique(Place),
    /// The result in the record of a finished task: a copy.
    TaskResult(Place),
    /// Whether values of this type hold references to be counted. Built MIR only: `mono` knows.
    IsManaged(Ty),
    /// A reference to the object at the place that does not keep it alive.
    Weaken(Place),
    /// The object that the weak reference at the place refers to, as an `Option` of this type.
    Upgrade(Place, Ty),
    /// The number by which the object at the place is displayed, an `Int`.
    Identity(Place),
    /// The same bits as another type: `String` and `Buffer<UInt8>`, a `Float` as an `Int`.
    Reinterpret(Operand, Ty),
    /// Makes a function value of this type.
    Closure(Box<Closure>),
}

/// A function value to be made.
#[derive(Debug, Clone)]
pub struct Closure {
    /// Its type.
    pub ty: Ty,
    /// What its calls call.
    pub body: Callee,
    /// What it captures, the first parameters of the body.
    pub captures: Vec<Capture>,
    /// Where its block is.
    pub storage: Storage,
    /// Whether it is the body of a scope, which is called once.
    pub is_once: bool,
}

/// Something that a closure captures.
#[derive(Debug, Clone)]
pub enum Capture {
    /// A value, which the block holds. In a frame it is borrowed: it stays where it is as long as the closure is used.
    Value(Operand),
    /// A variable, to which the block refers. Only in a frame.
    Place(Place),
    /// A variable that lives in the block from now on; this is its value. Only on the heap.
    Owned(Operand),
}

/// Where the block of a closure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// In the frame of the function that makes it.
    Frame,
    /// In a counted block on the heap; one without captures is static.
    Heap,
}

/// What happens to a number that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CastKind {
    /// Panics.
    Checked,
    /// Keeps the low bits; of a float those of the nearest `Int`.
    Wrapping,
    /// Takes the nearest number that fits; 0 for NaN.
    Saturating,
    /// Keeps all bits, of a number and an integer of one size.
    Bits,
}

/// Float functions that are one instruction or so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FloatOp {
    Sqrt,
    Floor,
    Ceil,
    Trunc,
    Abs,
}

/// Functions of the bits of one integer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum BitOp {
    CountOnes,
    LeadingZeros,
    TrailingZeros,
    SwapBytes,
}

/// Functions of the bits of two integers. Shifts and rotations take their second modulo the first one's width.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum BitPairOp {
    ShiftLeft,
    ShiftRight,
    RotateLeft,
    RotateRight,
    /// The high half of the product of two unsigned integers.
    MultiplyHigh,
}
