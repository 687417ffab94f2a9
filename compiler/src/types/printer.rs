//! Types as programs write them.

use std::fmt::{self, Display, Formatter};

use super::{FnSig, Sharing, Ty, TyKind};
use crate::hir::{Definitions, InterfaceRef, ParamMode};

/// Displays a type with the names of the program's definitions.
pub struct TypePrinter<'a> {
    definitions: &'a Definitions,
    ty: Ty,
}

impl<'a> TypePrinter<'a> {
    /// A printer of `ty`.
    pub fn new(definitions: &'a Definitions, ty: Ty) -> Self {
        Self { definitions, ty }
    }

    fn part(&self, ty: Ty) -> Self {
        Self { definitions: self.definitions, ty }
    }

    fn named(&self, name: impl Display, args: &[Ty], f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{name}")?;
        if args.is_empty() {
            return Ok(());
        }
        f.write_str("<")?;
        self.list(args, f)?;
        f.write_str(">")
    }

    fn list(&self, types: &[Ty], f: &mut Formatter<'_>) -> fmt::Result {
        for (position, &ty) in types.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{}", self.part(ty))?;
        }
        Ok(())
    }
}

impl TypePrinter<'_> {
    fn function(&self, signature: FnSig, f: &mut Formatter<'_>) -> fmt::Result {
        if signature.sharing() == Sharing::Sharable {
            f.write_str("Sharable ")?;
        }
        f.write_str("fn(")?;
        for (position, (mode, ty)) in signature.params().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            let mode = match mode {
                ParamMode::Value => "",
                ParamMode::Inout => "inout ",
                ParamMode::Move => "move ",
            };
            write!(f, "{separator}{mode}{}", self.part(ty))?;
        }
        f.write_str(")")?;
        if signature.result().is_unit() {
            return Ok(());
        }
        write!(f, " -> {}", self.part(signature.result()))
    }
}

impl Display for TypePrinter<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self.ty.kind() {
            TyKind::Bool => f.write_str("Bool"),
            TyKind::Char => f.write_str("Char"),
            TyKind::Never => f.write_str("Never"),
            TyKind::Int(int) => f.write_str(int.name()),
            TyKind::Float(float) => f.write_str(float.name()),
            TyKind::String => f.write_str("String"),
            TyKind::Tuple([]) => f.write_str("Unit"),
            TyKind::Tuple(parts) => {
                f.write_str("(")?;
                self.list(parts, f)?;
                f.write_str(")")
            }
            TyKind::Struct(id, args) => self.named(self.definitions.structs[id].name, args, f),
            TyKind::Enum(id, args) => self.named(self.definitions.enums[id].name, args, f),
            TyKind::Class(id, args) => self.named(self.definitions.classes[id].name, args, f),
            TyKind::Weak(part) => self.named("WeakHandle", &[part], f),
            TyKind::Buffer(part) => self.named("Buffer", &[part], f),
            TyKind::Task(part) => self.named("Task", &[part], f),
            TyKind::ChannelHandle(part) => self.named("ChannelHandle", &[part], f),
            TyKind::Interface(id, args) => self.named(self.definitions.interfaces[id].name, args, f),
            TyKind::Fn(signature) => self.function(signature, f),
            TyKind::Param(_, name) => write!(f, "{name}"),
            TyKind::Infer(_) | TyKind::Error => f.write_str("_"),
        }
    }
}

/// Displays an interface with its type arguments.
pub struct InterfacePrinter<'a> {
    definitions: &'a Definitions,
    interface: InterfaceRef,
}

impl<'a> InterfacePrinter<'a> {
    /// A printer of `interface`.
    pub fn new(definitions: &'a Definitions, interface: InterfaceRef) -> Self {
        Self { definitions, interface }
    }

    /// A printer of `interface` without the type arguments that the bounds of functions may leave out.
    pub fn of_bound(definitions: &'a Definitions, interface: InterfaceRef) -> Self {
        let needed = definitions.interfaces[interface.id].needed_args().min(interface.args.len());
        let interface = InterfaceRef { args: &interface.args[..needed], ..interface };
        Self { definitions, interface }
    }
}

impl Display for InterfacePrinter<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let InterfaceRef { id, args } = self.interface;
        let name = self.definitions.interfaces[id].name;
        TypePrinter::new(self.definitions, Ty::unit()).named(name, args, f)
    }
}
