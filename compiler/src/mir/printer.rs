//! MIR as text, for `--emit mir` and for tests: one line per statement, the same on every run.
//!
//! ```text
//! fn add(_1: Int, _2: Int) -> Int {
//!   bb0:
//!     _0 = _1 + _2
//!     return
//! }
//! ```
//! A parameter is written with how it is passed (`own`, `inout`), an operand with how it uses its place (`copy`,
//! `move`, `borrow`; nothing in built MIR), the address of a place as `&`.

use std::fmt::{self, Display, Formatter};

use super::{
    Argument, BitOp, BitPairOp, Block, BlockId, Callee, Capture, CastKind, Closure, Const, FloatOp, Function,
    FunctionKind, Glue, Local, LocalDecl, LocalKind, Mir, Operand, Place, Poll, Projection, Rvalue,
    StatementKind, Storage, TaskScope, TerminatorKind, UseStep,
};
use crate::hir::{Definitions, FnId, Owner};
use crate::types::{Ty, TyKind, TypePrinter};

/// Displays a whole program.
pub struct MirPrinter<'a> {
    mir: &'a Mir,
    definitions: &'a Definitions,
    library: Library,
}

/// Whether to print functions of the standard library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// Print everything.
    Shown,
    /// Print what the user wrote.
    Hidden,
}

impl<'a> MirPrinter<'a> {
    /// A printer of `mir`.
    pub fn new(mir: &'a Mir, definitions: &'a Definitions, library: Library) -> Self {
        Self { mir, definitions, library }
    }
}

impl Display for MirPrinter<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for function in self.mir.functions.iter() {
            if function.is_library && self.library == Library::Hidden {
                continue;
            }
            f.write_str(separator)?;
            separator = "\n";
            FunctionPrinter { mir: Some(self.mir), definitions: self.definitions, function }.fmt(f)?;
        }
        Ok(())
    }
}

/// Displays one function. Without the program it calls other functions by number.
pub struct FunctionPrinter<'a> {
    /// The program, for the names of called functions.
    pub mir: Option<&'a Mir>,
    /// The names of types, fields and variants.
    pub definitions: &'a Definitions,
    /// What to print.
    pub function: &'a Function,
}

/// The name of a function of the program with its type's: `List.push`.
pub fn function_name(definitions: &Definitions, id: FnId) -> String {
    let function = &definitions.functions[id];
    let owner = match function.owner {
        None => return function.name.to_string(),
        Some(Owner::Struct(id)) => definitions.structs[id].name.to_string(),
        Some(Owner::Enum(id)) => definitions.enums[id].name.to_string(),
        Some(Owner::Interface(id)) => definitions.interfaces[id].name.to_string(),
        Some(Owner::Class(id)) => definitions.classes[id].name.to_string(),
        Some(Owner::Extension(index)) => {
            let target = definitions.extensions[index].target.ty;
            let full = TypePrinter::new(definitions, target).to_string();
            full.split('<').next().unwrap_or_default().to_owned()
        }
    };
    format!("{owner}.{}", function.name)
}

impl Display for FunctionPrinter<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.write_head(f)?;
        for (local, decl) in self.function.locals.iter_enumerated() {
            if local.0 > self.function.param_count {
                self.write_local(local, decl, f)?;
            }
        }
        for (id, block) in self.function.blocks.iter_enumerated() {
            self.write_block(id, block, f)?;
        }
        f.write_str("}\n")
    }
}

impl FunctionPrinter<'_> {
    fn write_head(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let keyword = match self.function.kind {
            FunctionKind::Plain => "fn",
            FunctionKind::TaskBody => "task",
            FunctionKind::ClosureBody => "closure",
        };
        write!(f, "{keyword} {}(", self.function.name)?;
        for (position, local) in self.function.params().enumerate() {
            let decl = &self.function.locals[local];
            let separator = if position == 0 { "" } else { ", " };
            let mode = match decl.kind {
                LocalKind::Owned => "own ",
                LocalKind::Inout => "inout ",
                _ => "",
            };
            write!(f, "{separator}{mode}{local}")?;
            if let Some(name) = decl.name {
                write!(f, " {name}")?;
            }
            write!(f, ": {}", self.ty(decl.ty))?;
        }
        writeln!(f, ") -> {} {{", self.ty(self.function.result_ty()))
    }

    fn write_local(&self, local: Local, decl: &LocalDecl, f: &mut Formatter<'_>) -> fmt::Result {
        match (decl.kind, decl.name) {
            (LocalKind::Scope, _) => writeln!(f, "  scope {local}"),
            (LocalKind::Selector(arms), _) => writeln!(f, "  selector {local}: {arms} arms"),
            (LocalKind::Guard, _) => writeln!(f, "  guard {local}"),
            (LocalKind::Shield, _) => writeln!(f, "  shield {local}"),
            (LocalKind::Use, _) => writeln!(f, "  use {local}"),
            (LocalKind::View, _) => writeln!(f, "  view {local}: {}", self.ty(decl.ty)),
            (_, Some(name)) => writeln!(f, "  let {local} {name}: {}", self.ty(decl.ty)),
            (_, None) => writeln!(f, "  let {local}: {}", self.ty(decl.ty)),
        }
    }

    fn write_block(&self, id: BlockId, block: &Block, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {id}:")?;
        for statement in &block.statements {
            writeln!(f, "    {}", self.statement(&statement.kind))?;
        }
        writeln!(f, "    {}", self.terminator(&block.terminator.kind))
    }

    fn ty(&self, ty: Ty) -> TypePrinter<'_> {
        TypePrinter::new(self.definitions, ty)
    }

    /// A statement as text.
    pub fn statement(&self, kind: &StatementKind) -> String {
        match kind {
            StatementKind::Assign(place, rvalue) => {
                format!("{} = {}", self.place(place), self.rvalue(rvalue))
            }
            StatementKind::Init(place, rvalue) => {
                format!("init {} = {}", self.place(place), self.rvalue(rvalue))
            }
            StatementKind::Call { target, callee, args } => {
                let args = join(args.iter().map(|arg| self.argument(arg)));
                let call = format!("{}({args})", self.callee(callee));
                match target {
                    Some(target) => format!("{} = {call}", self.place(target)),
                    None => call,
                }
            }
            StatementKind::Release(place) => format!("release {}", self.place(place)),
            StatementKind::InUse(step, place) => {
                let step = match step {
                    UseStep::Begin(_) => "begin",
                    UseStep::End(_) => "end",
                    UseStep::Check => "check",
                };
                format!("{step} use of {}", self.place(place))
            }
            StatementKind::KeepAlive(place) => format!("keep {}", self.place(place)),
            StatementKind::Forget(local) => format!("forget {local}"),
            StatementKind::Share(place) => format!("share {}", self.place(place)),
            StatementKind::Withdraw { offer, variable: Some(variable) } => {
                format!("withdraw {offer} to {variable}")
            }
            StatementKind::Withdraw { offer, variable: None } => format!("withdraw {offer}"),
            StatementKind::SetLength(place, length) => {
                format!("set_length {} = {}", self.place(place), self.operand(length))
            }
            StatementKind::MoveElements { source, from, target, to, count } => format!(
                "move_elements {}[{}] to {}[{}], {}",
                self.place(source),
                self.operand(from),
                self.place(target),
                self.operand(to),
                self.operand(count)
            ),
            StatementKind::CheckIndex { index, length } => {
                format!("check_index {} < {}", self.operand(index), self.operand(length))
            }
            StatementKind::ScopeEnter(scope) => format!("scope_enter {scope}"),
            StatementKind::ScopeExit(scope) => format!("scope_exit {scope}"),
            StatementKind::ScopeLeave(scope) => format!("scope_leave {scope}"),
            StatementKind::Defer { guard, body, captures } => {
                let captures = join(captures.iter().map(|capture| format!("&{}", self.place(capture))));
                format!("{guard} = defer {}({captures})", self.callee(body))
            }
            StatementKind::Disarm(guard) => format!("disarm {guard}"),
            StatementKind::Shield { shield, guard } => format!("shield {shield} for {guard}"),
            StatementKind::Unshield(shield) => format!("unshield {shield}"),
            StatementKind::Touch(locals) => format!("touch {}", join(locals.iter().map(Local::to_string))),
            StatementKind::Poll(Poll::Ends) => "poll".to_owned(),
            StatementKind::Poll(Poll::Pauses) => "pause".to_owned(),
            StatementKind::Global { target, body } => {
                format!("{} = task of {}", self.place(target), self.callee(body))
            }
            StatementKind::Spawn { target, scope, name, body, captures } => {
                let named =
                    name.as_ref().map(|name| format!(" named {}", self.operand(name))).unwrap_or_default();
                let captures = join(captures.iter().map(|capture| self.operand(capture)));
                let place = match scope {
                    TaskScope::Record(scope) => format!("in {scope}"),
                    TaskScope::Claimed(record) => format!("in the scope at {}", self.operand(record)),
                    TaskScope::Thread => "on a thread".to_owned(),
                    TaskScope::Ended => "ended".to_owned(),
                };
                format!("{} = spawn {place}{named} {}({captures})", self.place(target), self.callee(body))
            }
        }
    }

    fn terminator(&self, kind: &TerminatorKind) -> String {
        match kind {
            TerminatorKind::Goto(target) => format!("goto {target}"),
            TerminatorKind::Branch(condition, then, otherwise) => {
                format!("if {} then {then} else {otherwise}", self.operand(condition))
            }
            TerminatorKind::Switch(operand, cases, otherwise) => {
                let cases: String = cases.iter().map(|(value, to)| format!("{value} -> {to}, ")).collect();
                format!("switch {}: {cases}else -> {otherwise}", self.operand(operand))
            }
            TerminatorKind::Return => "return".to_owned(),
            TerminatorKind::Unreachable => "unreachable".to_owned(),
        }
    }

    /// A place as text, with the names of its fields.
    pub fn place(&self, place: &Place) -> String {
        let mut text = place.local.to_string();
        let mut prefix = Place::from(place.local);
        for &projection in &place.projections {
            let ty = self.function.try_place_ty(self.definitions, &prefix);
            text.push_str(&self.projection(ty, projection));
            prefix = prefix.project(projection);
        }
        text
    }

    fn projection(&self, ty: Option<Ty>, projection: Projection) -> String {
        let kind = ty.map(Ty::kind);
        match (projection, kind) {
            (Projection::Content(ty), _) => format!(".({})", self.ty(ty)),
            (Projection::Element(index), _) => format!("[{index}]"),
            (Projection::Field(field), Some(TyKind::Struct(id, _))) => {
                match self.definitions.structs[*id].fields.get(field) {
                    Some(field) => format!(".{}", field.name),
                    None => format!(".{}", field.0),
                }
            }
            (Projection::ClassField(field), Some(TyKind::Class(id, _))) => {
                match self.definitions.classes[*id].fields.get(field) {
                    Some(field) => format!("->{}", field.name),
                    None => format!("->{}", field.0),
                }
            }
            (Projection::ClassField(field), _) => format!("->{}", field.0),
            (Projection::Field(field), _) => format!(".{}", field.0),
            (Projection::VariantField(variant, field), Some(TyKind::Enum(id, _))) => {
                match self.definitions.enums[*id].variants.get(variant) {
                    Some(variant) => format!(".{}.{}", variant.name, field.0),
                    None => format!(".{variant}.{}", field.0),
                }
            }
            (Projection::VariantField(variant, field), _) => format!(".{variant}.{}", field.0),
        }
    }

    fn operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Use(place) => self.place(place),
            Operand::Copy(place) => format!("copy {}", self.place(place)),
            Operand::Move(place) => format!("move {}", self.place(place)),
            Operand::Borrow(place) => format!("borrow {}", self.place(place)),
            Operand::Const(constant) => self.constant(constant),
        }
    }

    fn constant(&self, constant: &Const) -> String {
        match constant {
            Const::Unit => "()".to_owned(),
            Const::Bool(value) => value.to_string(),
            Const::Char(value) => format!("{value:?}"),
            Const::Int(value, ty) if *ty == Ty::int() => value.to_string(),
            Const::Int(value, ty) => format!("{value} {}", self.ty(*ty)),
            Const::Float(value, ty) if *ty == Ty::float() => format!("{value:?}"),
            Const::Float(value, ty) => format!("{value:?} {}", self.ty(*ty)),
            Const::String(text) => format!("{:?}", text.as_str()),
            Const::Format(spec) => format!("format {:#x}", spec.pack()),
            Const::TypeInfo(ty) => format!("type_info {}", self.ty(*ty)),
        }
    }

    fn argument(&self, argument: &Argument) -> String {
        match argument {
            Argument::Value(operand) => self.operand(operand),
            Argument::Place(place) => format!("&{}", self.place(place)),
        }
    }

    fn callee(&self, callee: &Callee) -> String {
        let with_args = |name: String, args: &[Ty]| match args {
            [] => name,
            _ => format!("{name}::<{}>", join(args.iter().map(|&arg| self.ty(arg).to_string()))),
        };
        match callee {
            Callee::Generic(id, args) => with_args(function_name(self.definitions, *id), args),
            Callee::GenericBody(id, args) => with_args(self.mir_function_name(*id), args),
            Callee::Function(id) => self.mir_function_name(*id),
            Callee::Value(_) => "call".to_owned(),
            Callee::Entry(id) => match self.mir.and_then(|mir| mir.entries.get(*id)) {
                Some(entry) => format!("dynamic {}", entry.name),
                None => id.to_string(),
            },
            Callee::Runtime(function) => format!("runtime {}", function.name()),
            Callee::Primitive(primitive) => primitive.name().to_owned(),
            Callee::Foreign(id) => format!("foreign {}", self.definitions.functions[*id].name),
            Callee::Glue(glue, ty) => {
                let name = match glue {
                    Glue::Display => "display",
                    Glue::Equal => "equal",
                    Glue::Compare => "compare",
                    Glue::Hash => "hash",
                    Glue::Encode => "encode",
                    Glue::Decode => "decode",
                    Glue::Same => "same",
                };
                format!("{name} {}", self.ty(*ty))
            }
        }
    }

    fn mir_function_name(&self, id: super::FunctionId) -> String {
        match self.mir.and_then(|mir| mir.functions.get(id)) {
            Some(function) => function.name.clone(),
            None => id.to_string(),
        }
    }

    fn rvalue(&self, rvalue: &Rvalue) -> String {
        match rvalue {
            Rvalue::Use(operand) => self.operand(operand),
            Rvalue::Unary(op, operand) => format!("{} {}", op.as_str(), self.operand(operand)),
            Rvalue::Binary(op, left, right) => self.binary(op.as_str(), left, right),
            Rvalue::Wrapping(op, left, right) => {
                self.binary(&format!("wrapping{}", op.as_str()), left, right)
            }
            Rvalue::MultiplyFolded(left, right) => self.binary("folded*", left, right),
            Rvalue::Overflows(op, left, right) => {
                format!("overflows({})", self.binary(op.as_str(), left, right))
            }
            Rvalue::Cast(kind, operand, ty) => {
                format!("{} as {}{}", self.operand(operand), cast_word(*kind), self.ty(*ty))
            }
            Rvalue::Fits(operand, ty) => format!("fits({} as {})", self.operand(operand), self.ty(*ty)),
            Rvalue::Float(op, operand) => format!("{}({})", float_op_name(*op), self.operand(operand)),
            Rvalue::Bits(op, operand) => format!("{}({})", bit_op_name(*op), self.operand(operand)),
            Rvalue::BitPair(op, left, right) => self.binary(bit_pair_op_name(*op), left, right),
            Rvalue::Aggregate(ty, variant, fields) => self.aggregate(*ty, *variant, fields),
            Rvalue::Interface(ty, operand) => format!("{}({})", self.ty(*ty), self.operand(operand)),
            Rvalue::Discriminant(place) => format!("discriminant({})", self.place(place)),
            Rvalue::NewBuffer(ty, capacity) => {
                format!("new {}({})", self.ty(*ty), self.operand(capacity))
            }
            Rvalue::Length(place) => format!("length({})", self.place(place)),
            Rvalue::Capacity(place) => format!("capacity({})", self.place(place)),
            Rvalue::Weaken(place) => format!("weak {}", self.place(place)),
            Rvalue::Upgrade(place, _) => format!("upgrade {}", self.place(place)),
            Rvalue::Identity(place) => format!("identity({})", self.place(place)),
            Rvalue::IsUnique(place) => format!("is_unique({})", self.place(place)),
            Rvalue::IsManaged(ty) => format!("is_managed({})", self.ty(*ty)),
            Rvalue::TaskResult(place) => format!("task_result({})", self.place(place)),
            Rvalue::Reinterpret(operand, ty) => {
                format!("reinterpret {} as {}", self.operand(operand), self.ty(*ty))
            }
            Rvalue::Closure(closure) => self.closure(closure),
        }
    }

    fn closure(&self, closure: &Closure) -> String {
        let captures = join(closure.captures.iter().map(|capture| match capture {
            Capture::Value(operand) => self.operand(operand),
            Capture::Place(place) => format!("&{}", self.place(place)),
            Capture::Owned(operand) => format!("var {}", self.operand(operand)),
        }));
        let storage = match closure.storage {
            Storage::Frame => "frame closure",
            Storage::Heap => "closure",
        };
        format!("{storage} {}({captures})", self.callee(&closure.body))
    }

    fn binary(&self, op: &str, left: &Operand, right: &Operand) -> String {
        format!("{} {op} {}", self.operand(left), self.operand(right))
    }

    fn aggregate(&self, ty: Ty, variant: Option<crate::hir::VariantId>, fields: &[Operand]) -> String {
        let fields = join(fields.iter().map(|field| self.operand(field)));
        match (ty.kind(), variant) {
            (TyKind::Tuple(_), _) => format!("({fields})"),
            (TyKind::Enum(id, _), Some(variant)) => {
                let variant = &self.definitions.enums[*id].variants[variant];
                format!("{}::{}({fields})", self.ty(ty), variant.name)
            }
            _ => format!("{}({fields})", self.ty(ty)),
        }
    }
}

fn float_op_name(op: FloatOp) -> &'static str {
    match op {
        FloatOp::Sqrt => "sqrt",
        FloatOp::Floor => "floor",
        FloatOp::Ceil => "ceil",
        FloatOp::Trunc => "trunc",
        FloatOp::Abs => "abs",
    }
}

fn bit_op_name(op: BitOp) -> &'static str {
    match op {
        BitOp::CountOnes => "count_ones",
        BitOp::LeadingZeros => "leading_zeros",
        BitOp::TrailingZeros => "trailing_zeros",
        BitOp::SwapBytes => "swap_bytes",
    }
}

fn bit_pair_op_name(op: BitPairOp) -> &'static str {
    match op {
        BitPairOp::ShiftLeft => "masked<<",
        BitPairOp::ShiftRight => "masked>>",
        BitPairOp::RotateLeft => "rotated<<",
        BitPairOp::RotateRight => "rotated>>",
        BitPairOp::MultiplyHigh => "high*",
    }
}

fn cast_word(kind: CastKind) -> &'static str {
    match kind {
        CastKind::Checked => "",
        CastKind::Wrapping => "wrapping ",
        CastKind::Saturating => "saturating ",
        CastKind::Bits => "bits of ",
    }
}

fn join(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
