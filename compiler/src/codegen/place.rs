//! Places, the values in them, and operands.

use cranelift_codegen::ir::{InstBuilder, StackSlot, Value, types};
use plat_abi::layout::FormatSpec;

use super::counts::CountOp;
use super::emitter::{Address, Source};
use super::func::FunctionCompiler;
use super::item::Item;
use super::layout::{CONTENT, Leaf, POINTER, Shape};
use super::locals::Storage;
use crate::bug;
use crate::mir::{Const, Local, Operand, Place, Projection};
use crate::types::{FloatTy, IntTy, Ty, TyKind};

/// Where a value is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Location {
    /// In the variables of a local, from the scalar at this offset on.
    Variables(Local, u32),
    /// In memory.
    Memory(Address),
}

impl FunctionCompiler<'_, '_> {
    /// Where a local is kept.
    pub fn local_location(&mut self, local: Local) -> Location {
        match *self.locals.storage(local) {
            Storage::Variables { .. } => Location::Variables(local, 0),
            Storage::Slot(slot) => Location::Memory(Address::slot(slot)),
            Storage::Pointer(variable) => {
                Location::Memory(Address::data(self.emitter.builder.use_var(variable)))
            }
        }
    }

    /// Where a place is, and what type of value it holds.
    pub fn resolve(&mut self, place: &Place) -> (Location, Ty) {
        let mut location = self.local_location(place.local);
        let mut ty = self.function.locals[place.local].ty;
        for projection in &place.projections {
            (location, ty) = self.project(location, ty, *projection);
        }
        (location, ty)
    }

    fn project(&mut self, location: Location, ty: Ty, projection: Projection) -> (Location, Ty) {
        let layouts = &self.emitter.program.layouts;
        match projection {
            Projection::Field(field) => {
                let part = layouts.field(ty, field);
                (location.at(part.offset), part.ty)
            }
            Projection::VariantField(variant, field) => {
                let part = layouts.variant_field(ty, variant, field);
                let inside = match layouts.of(ty).shape {
                    Shape::Boxed(_) => Location::Memory(Address::contents(self.load_pointer(location, ty))),
                    _ => location,
                };
                (inside.at(part.offset), part.ty)
            }
            Projection::ClassField(field) => {
                let part = layouts.object(ty).parts[field.0 as usize];
                let object = self.load_pointer(location, ty);
                (Location::Memory(Address::contents(object).at(part.offset)), part.ty)
            }
            Projection::Content(content) => {
                let block = self.load_pointer(location, ty);
                (Location::Memory(Address::contents(block).at(CONTENT)), content)
            }
            Projection::Element(index) => {
                let element = match &layouts.of(ty).shape {
                    Shape::Buffer(element) => *element,
                    Shape::String => Ty::new(TyKind::Int(IntTy::U8)),
                    shape => bug!("an element of {shape:?}"),
                };
                let size =
                    if matches!(layouts.of(ty).shape, Shape::String) { 1 } else { layouts.of(element).size };
                let buffer = self.load_pointer(location, ty);
                let index = self.read_local(index);
                (Location::Memory(self.emitter.element_address(buffer, index, size)), element)
            }
        }
    }

    /// The scalar in a local.
    pub fn read_local(&mut self, local: Local) -> Value {
        let location = self.local_location(local);
        let value = self.load_value(location, self.function.locals[local].ty);
        single(&value)
    }

    /// The pointer that is the value at a location.
    pub fn load_pointer(&mut self, location: Location, ty: Ty) -> Value {
        let value = self.load_value(location, ty);
        self.emitter.read(&value, 0, POINTER)
    }

    /// The pointer that is the value at a place.
    pub fn pointer_at(&mut self, place: &Place) -> Value {
        let (location, ty) = self.resolve(place);
        self.load_pointer(location, ty)
    }

    /// The value at a location: its scalars if it has few, else where it is.
    pub fn load_value(&mut self, location: Location, ty: Ty) -> Source {
        let layout = self.emitter.program.layouts.of(ty);
        match (&layout.leaves, location) {
            (None, Location::Memory(address)) => Source::Memory(address),
            (None, Location::Variables(..)) => bug!("{ty:?} has too many scalars for variables"),
            (Some(leaves), _) => {
                let read = leaves.iter().map(|&leaf| (leaf, self.load_leaf(location, leaf)));
                Source::Leaves(read.collect())
            }
        }
    }

    fn load_leaf(&mut self, location: Location, leaf: Leaf) -> Value {
        match location {
            Location::Memory(address) => self.emitter.load(leaf.ty, address.at(leaf.offset)),
            Location::Variables(local, base) => {
                let Storage::Variables { variables, .. } = self.locals.storage(local) else {
                    bug!("{local} is not in variables")
                };
                let found = variables.iter().find(|(other, _)| other.offset == base + leaf.offset);
                let &(stored, variable) =
                    found.unwrap_or_else(|| bug!("{local} has no scalar at {}", base + leaf.offset));
                let value = self.emitter.builder.use_var(variable);
                self.emitter.convert_bits(value, stored.ty, leaf.ty)
            }
        }
    }

    /// Puts a value of type `ty` at a location.
    pub fn store(&mut self, location: Location, ty: Ty, value: &Source) {
        match location {
            Location::Memory(address) => self.store_memory(address, ty, value),
            Location::Variables(local, base) => {
                let Source::Leaves(leaves) = value else { bug!("{ty:?} does not fit into variables") };
                for &(leaf, value) in leaves {
                    self.store_leaf(local, base + leaf.offset, leaf, value);
                }
            }
        }
    }

    fn store_leaf(&mut self, local: Local, offset: u32, leaf: Leaf, value: Value) {
        let Storage::Variables { variables, home } = self.locals.storage(local) else {
            bug!("{local} is not in variables")
        };
        let found = variables.iter().find(|(other, _)| other.offset == offset);
        let &(stored, variable) = found.unwrap_or_else(|| bug!("{local} has no scalar at {offset}"));
        let home: Option<StackSlot> = *home;
        let value = self.emitter.convert_bits(value, leaf.ty, stored.ty);
        self.emitter.builder.def_var(variable, value);
        if let Some(home) = home {
            self.emitter.store(value, Address::slot(home).at(offset));
        }
    }

    /// Where a variable whose address is taken also stands.
    pub fn home(&self, local: Local) -> Address {
        match self.locals.storage(local) {
            Storage::Variables { home: Some(slot), .. } => Address::slot(*slot),
            _ => bug!("{}: {local} has no address", self.function.name),
        }
    }

    /// Reads a variable from its home, which a call may have changed.
    pub fn reload(&mut self, local: Local) {
        if let Storage::Variables { variables, home: Some(slot) } = self.locals.storage(local).clone() {
            for (leaf, variable) in variables {
                let value = self.emitter.load(leaf.ty, Address::slot(slot).at(leaf.offset));
                self.emitter.builder.def_var(variable, value);
            }
        }
    }

    /// Puts a value of type `ty` into memory.
    pub fn store_memory(&mut self, address: Address, ty: Ty, value: &Source) {
        match value {
            Source::Leaves(leaves) => {
                for &(leaf, value) in leaves {
                    self.emitter.store(value, address.at(leaf.offset));
                }
            }
            Source::Memory(from) => {
                let size = self.emitter.program.layouts.of(ty).size;
                self.emitter.copy_memory(*from, address, size);
            }
        }
    }

    /// The value of an operand, and its type.
    pub fn operand(&mut self, operand: &Operand) -> (Source, Ty) {
        match operand {
            Operand::Const(constant) => (self.constant(constant), constant.ty()),
            Operand::Move(place) | Operand::Borrow(place) => {
                let (location, ty) = self.resolve(place);
                (self.load_value(location, ty), ty)
            }
            Operand::Copy(place) => {
                let (location, ty) = self.resolve(place);
                let value = self.load_value(location, ty);
                self.emitter.count(CountOp::Retain, ty, &value);
                (value, ty)
            }
            Operand::Use(place) => bug!("{}: the use of {place:?} has no owner", self.function.name),
        }
    }

    /// The value of an operand that is one scalar.
    pub fn scalar(&mut self, operand: &Operand) -> Value {
        let (value, _) = self.operand(operand);
        single(&value)
    }

    fn constant(&mut self, constant: &Const) -> Source {
        let emitter = &mut self.emitter;
        let (ty, value) = match *constant {
            Const::Unit => return Source::Leaves(Vec::new()),
            Const::Bool(value) => (types::I8, emitter.int(types::I8, i64::from(value))),
            Const::Char(value) => (types::I32, emitter.int(types::I32, i64::from(u32::from(value)))),
            Const::Int(value, ty) => {
                let leaf = emitter.program.layouts.of(ty).leaves.as_ref().map(|leaves| leaves[0].ty);
                let leaf = leaf.unwrap_or_else(|| bug!("{ty:?} is no integer type"));
                (leaf, emitter.int(leaf, value as i64))
            }
            Const::Float(value, ty) => match ty.kind() {
                TyKind::Float(FloatTy::F32) => (types::F32, emitter.builder.ins().f32const(value as f32)),
                _ => (types::F64, emitter.builder.ins().f64const(value)),
            },
            Const::String(text) => {
                let number = emitter.program.string_number(text);
                (POINTER, emitter.constant(Item::String(number)))
            }
            Const::Format(spec) => (types::I64, emitter.int(types::I64, packed(spec))),
            Const::TypeInfo(ty) => {
                let number = emitter.program.layouts.number(ty);
                (POINTER, emitter.constant(Item::TypeInfo(number)))
            }
        };
        Source::Leaves(vec![(Leaf { offset: 0, ty }, value)])
    }

    /// Where a value is in memory; one in registers is put there.
    pub fn in_memory(&mut self, value: &Source, ty: Ty) -> Address {
        match value {
            Source::Memory(address) => *address,
            Source::Leaves(_) => {
                let size = self.emitter.program.layouts.of(ty).size;
                let temporary = self.temporary(size);
                self.store_memory(temporary, ty, value);
                temporary
            }
        }
    }
}

impl Location {
    /// The location some bytes further in.
    fn at(self, offset: u32) -> Self {
        match self {
            Self::Variables(local, base) => Self::Variables(local, base + offset),
            Self::Memory(address) => Self::Memory(address.at(offset)),
        }
    }
}

/// The scalar of a value that is one.
pub fn single(value: &Source) -> Value {
    match value {
        Source::Leaves(leaves) if leaves.len() == 1 => leaves[0].1,
        other => bug!("{other:?} is not one scalar"),
    }
}

fn packed(spec: FormatSpec) -> i64 {
    spec.pack() as i64
}
