//! What values look like in memory and in registers.
//!
//! Computed for every type of the program before code is generated, then only read: the threads that compile
//! functions share it without locks. The order of types is the order in which the program mentions them, and
//! whatever is emitted by type is emitted in it.

use plat_syntax::hash::{HashMap, HashSet};

use cranelift_codegen::ir::{self, types};
use plat_abi::layout::BUFFER_DATA;

use super::recursion::{self, GroupMember};
use crate::bug;
use crate::hir::{Definitions, FieldId, VariantId};
use crate::mir::Table;
use crate::mir::boxing::is_boxed;
use crate::types::{FloatTy, IntTy, Ty, TyKind};

#[cfg(test)]
mod tests;

/// Addresses.
pub const POINTER: ir::Type = types::I64;

/// Values of at most this many scalars live in registers and are passed in them. Fewer would put `Option` of a pair
/// into memory; with more, calls shuffle registers that the callee then spills.
pub const MAX_LEAVES: usize = 4;

/// Offset of the tag in the block of a boxed enum; the count stands before it.
pub const BOX_TAG: u32 = 8;

/// Offset of the first field in the block of an object; the count stands before it.
pub const OBJECT_FIELDS: u32 = 8;
/// Offset of the pointer to the table in the block of an interface's value; the count stands before it.
pub const TABLE: u32 = 8;

/// Offset of what an interface's value holds in its block.
pub const CONTENT: u32 = 16;

/// Offset of the first method in a table; the number of the table among those of the interface stands before it.
pub const METHODS: u32 = 8;

/// The tag of an enum with this many variants.
pub fn tag_type(variants: usize) -> ir::Type {
    if variants <= 256 { types::I8 } else { types::I32 }
}

/// The number of a type in [`Layouts`].
pub type TypeIndex = u32;

/// A scalar inside a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaf {
    /// Where it stands in memory.
    pub offset: u32,
    /// Its type in registers.
    pub ty: ir::Type,
}

impl Leaf {
    fn end(self) -> u32 {
        self.offset + self.ty.bytes()
    }
}

/// A field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// Where it begins.
    pub offset: u32,
    /// Its type.
    pub ty: Ty,
}

/// The block behind a boxed enum, by variant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BoxedVariant {
    /// Size of the block.
    pub size: u32,
    /// The payload, with offsets in the block.
    pub parts: Vec<Part>,
}

/// The block of an object: the count, the fields, and words that nobody but the compiler knows of, where the program has
/// a use for them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Object {
    /// Size of the block.
    pub size: u32,
    /// The fields, with offsets in the block.
    pub parts: Vec<Part>,
    /// Where the count of weak references stands, if there can be any: all others together count as one.
    pub weak_count: Option<u32>,
    /// Where the number stands that the object is displayed by, if it can be.
    pub identity: Option<u32>,
    /// The fields that may be found in use, and where each has the word that says so.
    pub in_use: Vec<(FieldId, u32)>,
}

/// The words that objects have beside their fields.
#[derive(Default, Debug)]
pub struct HiddenWords {
    /// Classes whose objects are displayed by a number.
    pub numbered: HashSet<Ty>,
    /// Fields that may be found in use.
    pub in_use: HashSet<(Ty, FieldId)>,
}

/// How a value is made up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shape {
    /// A number, `Bool` or `Char`.
    Scalar,
    /// A pointer to a buffer of elements of this type.
    Buffer(Ty),
    /// A pointer to a buffer of bytes.
    String,
    /// A pointer to a task record, counted by the runtime.
    Task,
    /// A pointer to a channel, counted by the runtime.
    Channel,
    /// A pointer to the block of a function or closure.
    Closure,
    /// A pointer to a counted block of count, table and a value of one of these types, by number of the table.
    Interface(Vec<BoxedVariant>),
    /// A struct or tuple.
    Record(Vec<Part>),
    /// An enum: a tag, then the payload of one variant.
    Tagged(Vec<Vec<Part>>),
    /// An enum of an empty variant, which is null, and one whose payload is a pointer.
    Niche {
        /// The variant with the payload.
        full: VariantId,
        /// Its payload, at offset 0.
        part: Part,
    },
    /// A reference to an object.
    Object(Object),
    /// A reference to an object of this class that does not keep it alive.
    Weak(Ty),
    /// An enum that contains itself: a pointer to a counted block of count, tag and payload.
    Boxed(Vec<BoxedVariant>),
}

/// The layout of a type.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Bytes, a multiple of the alignment.
    pub size: u32,
    /// Alignment in bytes.
    pub align: u32,
    /// How it is made up.
    pub shape: Shape,
    /// Its scalars in order of offset, if they are few and none overlaps another; such values live in registers.
    pub leaves: Option<Vec<Leaf>>,
    /// Whether it holds references to be counted.
    pub is_managed: bool,
}

impl Layout {
    fn scalar(ty: ir::Type) -> Self {
        let leaves = Some(vec![Leaf { offset: 0, ty }]);
        Self { size: ty.bytes(), align: ty.bytes(), shape: Shape::Scalar, leaves, is_managed: false }
    }

    fn pointer(shape: Shape) -> Self {
        Self { shape, is_managed: true, ..Self::scalar(POINTER) }
    }

    /// Whether it is one pointer that is never null.
    fn is_pointer(&self) -> bool {
        match &self.shape {
            Shape::Buffer(_)
            | Shape::String
            | Shape::Task
            | Shape::Channel
            | Shape::Closure
            | Shape::Object(_)
            | Shape::Weak(_)
            | Shape::Interface(_)
            | Shape::Boxed(_) => true,
            Shape::Scalar | Shape::Record(_) | Shape::Tagged(_) | Shape::Niche { .. } => false,
        }
    }
}

/// The layouts of all types of a program.
#[derive(Debug)]
pub struct Layouts {
    types: Vec<Ty>,
    numbers: HashMap<Ty, TypeIndex>,
    layouts: Vec<Layout>,
    groups: HashMap<Ty, GroupMember>,
    group_members: Vec<Vec<Ty>>,
}

impl Layouts {
    /// Computes the layouts of `roots` and of all they consist of or refer to. `captured` says what the closures of each
    /// function type capture.
    pub fn new(
        definitions: &Definitions,
        tables: &[Table],
        roots: impl IntoIterator<Item = Ty>,
        hidden: HiddenWords,
        captured: &HashMap<Ty, Vec<Ty>>,
    ) -> Self {
        let mut collector = Collector::new(definitions, hidden, captured);
        for table in tables {
            collector.contents.entry(table.interface).or_default().push(vec![table.ty]);
        }
        for root in roots {
            collector.add(root);
        }
        collector.finish()
    }

    /// The layout of a type.
    pub fn of(&self, ty: Ty) -> &Layout {
        &self.layouts[self.number(ty) as usize]
    }

    /// All types.
    pub fn types(&self) -> impl Iterator<Item = Ty> + '_ {
        self.types.iter().copied()
    }

    /// The number of a type.
    pub fn number(&self, ty: Ty) -> TypeIndex {
        match self.numbers.get(&ty.without_sharing()) {
            Some(&number) => number,
            None => bug!("no layout for {ty:?}"),
        }
    }

    /// The type with this number.
    pub fn ty(&self, number: TypeIndex) -> Ty {
        self.types[number as usize]
    }

    /// The group of mutually recursive heap blocks that a type's blocks belong to, and its kind in it.
    pub fn group(&self, ty: Ty) -> Option<GroupMember> {
        self.groups.get(&ty.without_sharing()).copied()
    }

    /// The types of a group, by kind.
    pub fn group_members(&self, group: u32) -> &[Ty] {
        &self.group_members[group as usize]
    }

    /// Whether values of the type hold references to be counted.
    pub fn is_managed(&self, ty: Ty) -> bool {
        self.of(ty).is_managed
    }

    /// A field of a struct or tuple.
    pub fn field(&self, ty: Ty, field: FieldId) -> Part {
        match &self.of(ty).shape {
            Shape::Record(parts) => parts[field.0 as usize],
            shape => bug!("a field of {shape:?}"),
        }
    }

    /// The block of a class's objects.
    pub fn object(&self, ty: Ty) -> &Object {
        match &self.of(ty).shape {
            Shape::Object(object) => object,
            shape => bug!("an object of {shape:?}"),
        }
    }

    /// A field of a variant's payload; of a boxed enum, with its offset in the block.
    pub fn variant_field(&self, ty: Ty, variant: VariantId, field: FieldId) -> Part {
        match &self.of(ty).shape {
            Shape::Tagged(variants) => variants[variant.0 as usize][field.0 as usize],
            Shape::Boxed(variants) => variants[variant.0 as usize].parts[field.0 as usize],
            Shape::Niche { part, .. } => *part,
            shape => bug!("a variant's field of {shape:?}"),
        }
    }
}

/// Finds all types, then lays them out.
struct Collector<'a> {
    definitions: &'a Definitions,
    captured: &'a HashMap<Ty, Vec<Ty>>,
    types: Vec<Ty>,
    parts: HashMap<Ty, Parts>,
    layouts: HashMap<Ty, Layout>,
    hidden: HiddenWords,
    /// What values of interfaces' types hold.
    contents: HashMap<Ty, Vec<Vec<Ty>>>,
}

/// What a type consists of or refers to.
#[derive(Clone, Debug)]
pub(super) enum Parts {
    /// Nothing.
    None,
    /// Fields.
    Fields(Vec<Ty>),
    /// Payloads of variants.
    Variants(Vec<Vec<Ty>>),
    /// Elements in a block of its own.
    Elements(Ty),
    /// A value the runtime keeps and releases.
    Foreign(Ty),
    /// What the closures of a function type capture, and what calls of its values take and give.
    Function(Vec<Ty>, &'static [Ty]),
}

impl Parts {
    fn without_sharing(self) -> Self {
        let all = |types: Vec<Ty>| types.into_iter().map(Ty::without_sharing).collect::<Vec<_>>();
        match self {
            Self::Fields(fields) => Self::Fields(all(fields)),
            Self::Variants(variants) => Self::Variants(variants.into_iter().map(all).collect()),
            Self::Function(captured, signature) => Self::Function(all(captured), signature),
            other => other,
        }
    }

    /// All of them in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Ty> + '_ {
        let (fields, variants): (&[Ty], &[Vec<Ty>]) = match self {
            Self::None => (&[], &[]),
            Self::Function(captured, _) => (captured, &[]),
            Self::Fields(fields) => (fields, &[]),
            Self::Variants(variants) => (&[], variants),
            Self::Elements(ty) | Self::Foreign(ty) => (std::slice::from_ref(ty), &[]),
        };
        fields.iter().copied().chain(variants.iter().flatten().copied())
    }
}

impl<'a> Collector<'a> {
    fn new(definitions: &'a Definitions, hidden: HiddenWords, captured: &'a HashMap<Ty, Vec<Ty>>) -> Self {
        Self {
            definitions,
            captured,
            types: Vec::new(),
            parts: HashMap::default(),
            layouts: HashMap::default(),
            hidden,
            contents: HashMap::default(),
        }
    }

    fn add(&mut self, root: Ty) {
        let mut pending = vec![root];
        while let Some(ty) = pending.pop() {
            // Whether a function value can be shared makes no difference in memory.
            let ty = ty.without_sharing();
            if self.parts.contains_key(&ty) {
                continue;
            }
            let parts = self.parts_of(ty).without_sharing();
            self.types.push(ty);
            pending.extend(parts.iter());
            if let Parts::Function(_, signature) = parts {
                pending.extend_from_slice(signature);
            }
            self.parts.insert(ty, parts);
        }
    }

    fn parts_of(&self, ty: Ty) -> Parts {
        match *ty.kind() {
            TyKind::Tuple(items) => Parts::Fields(items.to_vec()),
            TyKind::Struct(id, args) => {
                let fields = self.definitions.structs[id].fields.iter();
                Parts::Fields(fields.map(|field| field.ty.ty.substitute(args)).collect())
            }
            TyKind::Enum(id, args) => {
                let payload = |variant: &crate::hir::Variant| {
                    variant.fields.iter().map(|field| field.ty.ty.substitute(args)).collect()
                };
                Parts::Variants(self.definitions.enums[id].variants.iter().map(payload).collect())
            }
            TyKind::Class(id, args) => {
                let fields = self.definitions.classes[id].fields.iter();
                Parts::Fields(fields.map(|field| field.ty.ty.substitute(args)).collect())
            }
            TyKind::Weak(class) => Parts::Foreign(class),
            TyKind::Interface(..) => Parts::Variants(self.contents.get(&ty).cloned().unwrap_or_default()),
            TyKind::Buffer(element) => Parts::Elements(element),
            TyKind::Task(result) => Parts::Foreign(result),
            TyKind::ChannelHandle(element) => Parts::Foreign(element),
            TyKind::Fn(signature) => {
                Parts::Function(self.captured.get(&ty).cloned().unwrap_or_default(), signature.parts())
            }
            _ => Parts::None,
        }
    }

    fn finish(mut self) -> Layouts {
        let types = std::mem::take(&mut self.types);
        for &ty in &types {
            self.lay_out(ty);
        }
        for &ty in &types {
            self.lay_out_block(ty);
        }
        let group_members = recursion::heap_groups(&types, &self.parts, &self.layouts);
        let mut groups = HashMap::default();
        for (group, members) in group_members.iter().enumerate() {
            for (kind, &ty) in members.iter().enumerate().take(recursion::MAX_KINDS) {
                groups.insert(ty, GroupMember { group: group as u32, kind: kind as u32 });
            }
        }
        let numbers = types.iter().zip(0..).map(|(&ty, number)| (ty, number)).collect();
        let layouts = types.iter().map(|ty| self.layouts[ty].clone()).collect();
        Layouts { types, numbers, layouts, groups, group_members }
    }

    fn lay_out(&mut self, ty: Ty) -> Layout {
        if let Some(layout) = self.layouts.get(&ty) {
            return layout.clone();
        }
        let layout = match *ty.kind() {
            TyKind::Bool => Layout::scalar(types::I8),
            TyKind::Char => Layout::scalar(types::I32),
            TyKind::Int(int) => Layout::scalar(int_type(int)),
            TyKind::Float(float) => Layout::scalar(float_type(float)),
            TyKind::String => Layout::pointer(Shape::String),
            TyKind::Buffer(element) => Layout::pointer(Shape::Buffer(element)),
            TyKind::Task(_) => Layout::pointer(Shape::Task),
            TyKind::ChannelHandle(_) => Layout::pointer(Shape::Channel),
            TyKind::Fn(_) => Layout::pointer(Shape::Closure),
            TyKind::Interface(..) => Layout::pointer(Shape::Interface(Vec::new())),
            TyKind::Never => self.lay_out_record(&[]),
            TyKind::Tuple(_) | TyKind::Struct(..) => {
                let fields: Vec<Ty> = self.parts[&ty].iter().collect();
                self.lay_out_record(&fields)
            }
            TyKind::Enum(..) => self.lay_out_enum(ty),
            TyKind::Class(..) => Layout::pointer(Shape::Object(Object::default())),
            TyKind::Weak(class) => Layout::pointer(Shape::Weak(class)),
            TyKind::Param(..) | TyKind::Infer(_) | TyKind::Error => bug!("{ty:?} has no layout"),
        };
        self.layouts.insert(ty, layout.clone());
        layout
    }

    fn lay_out_record(&mut self, fields: &[Ty]) -> Layout {
        let mut packer = Packer::new(0);
        let parts: Vec<Part> = fields.iter().map(|&ty| packer.place(ty, &self.lay_out(ty))).collect();
        let leaves = self.merge_leaves(Vec::new(), [parts.as_slice()]);
        let is_managed = parts.iter().any(|part| self.layouts[&part.ty].is_managed);
        Layout { size: packer.size(), align: packer.align, shape: Shape::Record(parts), leaves, is_managed }
    }

    fn lay_out_enum(&mut self, ty: Ty) -> Layout {
        if is_boxed(self.definitions, ty) {
            return Layout::pointer(Shape::Boxed(Vec::new()));
        }
        let Parts::Variants(variants) = self.parts[&ty].clone() else { bug!("an enum has variants") };
        if let Some(niche) = self.niche(&variants) {
            return niche;
        }
        let tag = tag_type(variants.len());
        let (mut size, mut align) = (tag.bytes(), tag.bytes());
        let mut laid_out = Vec::new();
        for fields in &variants {
            let mut packer = Packer::new(tag.bytes());
            laid_out.push(fields.iter().map(|&ty| packer.place(ty, &self.lay_out(ty))).collect::<Vec<_>>());
            (size, align) = (size.max(packer.end), align.max(packer.align));
        }
        let leaves = self.merge_leaves(vec![Leaf { offset: 0, ty: tag }], laid_out.iter().map(Vec::as_slice));
        let is_managed = laid_out.iter().flatten().any(|part| self.layouts[&part.ty].is_managed);
        Layout {
            size: size.next_multiple_of(align),
            align,
            shape: Shape::Tagged(laid_out),
            leaves,
            is_managed,
        }
    }

    /// The layout of an enum one of whose variants can be a null pointer.
    fn niche(&mut self, variants: &[Vec<Ty>]) -> Option<Layout> {
        let (full, ty) = match variants {
            [none, some] | [some, none] if none.is_empty() && some.len() == 1 => {
                (u32::from(variants[0].is_empty()), some[0])
            }
            _ => return None,
        };
        if !self.is_pointer(ty) {
            return None;
        }
        let shape = Shape::Niche { full: VariantId(full), part: Part { offset: 0, ty } };
        Some(Layout::pointer(shape))
    }

    /// Whether values of the type are one pointer that is never null.
    fn is_pointer(&mut self, ty: Ty) -> bool {
        let layout = self.lay_out(ty);
        match &layout.shape {
            Shape::Record(parts) => match parts[..] {
                [part] => self.is_pointer(part.ty),
                _ => false,
            },
            _ => layout.is_pointer(),
        }
    }

    /// Lays out the block of a boxed enum, an interface's values or a class, once the sizes of all values are known.
    fn lay_out_block(&mut self, ty: Ty) {
        match self.layouts[&ty].shape {
            Shape::Boxed(_) | Shape::Interface(_) => self.lay_out_box(ty),
            Shape::Object(_) => self.lay_out_object(ty),
            _ => {}
        }
    }

    /// Large fields first would save padding, but a debugger shows them as they are written.
    fn lay_out_object(&mut self, ty: Ty) {
        let mut packer = Packer::new(OBJECT_FIELDS);
        let parts = self.parts[&ty].iter().map(|part| packer.place(part, &self.layouts[&part])).collect();
        let parts_count = self.parts[&ty].iter().count();
        let weak = Ty::new(TyKind::Weak(ty));
        let mut word = |is_needed: bool| {
            is_needed.then(|| {
                let offset = packer.end.next_multiple_of(POINTER.bytes());
                packer.end = offset + POINTER.bytes();
                offset
            })
        };
        let weak_count = word(self.parts.contains_key(&weak));
        let identity = word(self.hidden.numbered.contains(&ty));
        let fields = (0..).map(FieldId).take(parts_count);
        let in_use =
            fields.filter_map(|field| Some((field, word(self.hidden.in_use.contains(&(ty, field)))?)));
        let in_use = in_use.collect();
        let size = packer.end.next_multiple_of(8);
        let object = Object { size, parts, weak_count, identity, in_use };
        self.layouts.insert(ty, Layout::pointer(Shape::Object(object)));
    }

    fn lay_out_box(&mut self, ty: Ty) {
        let Parts::Variants(variants) = self.parts[&ty].clone() else { bug!("{ty:?} has variants") };
        let is_interface = matches!(self.layouts[&ty].shape, Shape::Interface(_));
        let start = if is_interface { CONTENT } else { BOX_TAG + tag_type(variants.len()).bytes() };
        let block = |fields: &Vec<Ty>| {
            let mut packer = Packer::new(start);
            let parts = fields.iter().map(|ty| packer.place(*ty, &self.layouts[ty])).collect();
            BoxedVariant { size: packer.end.next_multiple_of(8), parts }
        };
        let blocks = variants.iter().map(block).collect();
        let shape = if is_interface { Shape::Interface(blocks) } else { Shape::Boxed(blocks) };
        self.layouts.insert(ty, Layout::pointer(shape));
    }

    /// The leaves of a value that holds `first` and, at a time, one of the variants. Scalars of one size at one place
    /// become an integer where variants differ; those that overlap otherwise keep the value in memory.
    fn merge_leaves<'p>(
        &self,
        first: Vec<Leaf>,
        variants: impl IntoIterator<Item = &'p [Part]>,
    ) -> Option<Vec<Leaf>> {
        let mut merged = first;
        for parts in variants {
            for part in parts {
                for leaf in self.layouts[&part.ty].leaves.as_ref()? {
                    merge_leaf(&mut merged, Leaf { offset: part.offset + leaf.offset, ty: leaf.ty })?;
                }
            }
        }
        merged.sort_by_key(|leaf| leaf.offset);
        (merged.len() <= MAX_LEAVES).then_some(merged)
    }
}

fn merge_leaf(merged: &mut Vec<Leaf>, leaf: Leaf) -> Option<()> {
    let overlaps = |other: &&mut Leaf| other.offset < leaf.end() && leaf.offset < other.end();
    match merged.iter_mut().find(overlaps) {
        None => merged.push(leaf),
        Some(other) if *other == leaf => {}
        Some(other) if other.offset == leaf.offset && other.ty.bytes() == leaf.ty.bytes() => {
            other.ty = leaf.ty.as_int();
        }
        Some(_) => return None,
    }
    Some(())
}

/// Places fields one after the other, each at its natural alignment.
pub(super) struct Packer {
    end: u32,
    align: u32,
}

impl Packer {
    /// Begins so many bytes from the start of the whole.
    pub(super) fn new(start: u32) -> Self {
        Self { end: start, align: 1 }
    }

    /// Where the last field ends.
    pub(super) fn end(&self) -> u32 {
        self.end
    }

    /// Places an address.
    pub(super) fn place_pointer(&mut self) -> u32 {
        let offset = self.end.next_multiple_of(POINTER.bytes());
        self.end = offset + POINTER.bytes();
        self.align = self.align.max(POINTER.bytes());
        offset
    }

    /// Places a value.
    pub(super) fn place(&mut self, ty: Ty, layout: &Layout) -> Part {
        let offset = self.end.next_multiple_of(layout.align);
        self.end = offset + layout.size;
        self.align = self.align.max(layout.align);
        Part { offset, ty }
    }

    fn size(&self) -> u32 {
        self.end.next_multiple_of(self.align)
    }
}

/// The register type of an integer type.
pub fn int_type(int: IntTy) -> ir::Type {
    match int.bits() {
        8 => types::I8,
        16 => types::I16,
        32 => types::I32,
        _ => types::I64,
    }
}

/// The register type of a float type.
pub fn float_type(float: FloatTy) -> ir::Type {
    match float {
        FloatTy::F32 => types::F32,
        FloatTy::F64 => types::F64,
    }
}

/// Places the captures of a task in its record, after which the record ends. The result takes their place: a body
/// moves its captures out before it does anything else.
pub fn place_captures(layouts: &Layouts, captures: impl IntoIterator<Item = Ty>) -> (Vec<Part>, u32) {
    let mut packer = Packer::new(plat_abi::layout::TASK_CAPTURES as u32);
    let parts = captures.into_iter().map(|ty| packer.place(ty, layouts.of(ty))).collect();
    (parts, packer.end)
}

/// Offset of the first element of a buffer.
pub const ELEMENTS: i32 = BUFFER_DATA as i32;
