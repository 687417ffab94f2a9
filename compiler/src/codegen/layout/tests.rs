//! Layouts of small types.

use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::{FileId, Span};

use super::*;
use crate::hir::{Access, Enum, EnumId, TypeRef, Variant, VariantField};

const SPAN: Span = Span { file: FileId(0), start: 0, end: 0 };

/// An enum of variants with payloads of these types.
fn enumeration(variants: &[&[Ty]]) -> Enum {
    let field = |&ty: &Ty| VariantField { name: None, ty: TypeRef { ty, span: SPAN } };
    let variant = |fields: &&[Ty]| Variant {
        name: Symbol::intern("V"),
        span: SPAN,
        fields: fields.iter().map(field).collect(),
    };
    Enum {
        access: Access::Public,
        name: Symbol::intern("E"),
        span: SPAN,
        is_library: false,
        type_params: Vec::new(),
        variants: variants.iter().map(variant).collect(),
        members: Vec::new(),
    }
}

fn layout_of(variants: &[&[Ty]]) -> Layout {
    let mut definitions = Definitions { enums: IndexVec::new(), ..Definitions::default() };
    definitions.enums.push(enumeration(variants));
    let ty = Ty::enumeration(EnumId(0), &[]);
    Layouts::new(&definitions, &[], [ty], HiddenWords::default(), &HashMap::default()).of(ty).clone()
}

fn offsets(layout: &Layout) -> Option<Vec<u32>> {
    Some(layout.leaves.as_ref()?.iter().map(|leaf| leaf.offset).collect())
}

#[test]
fn fields_stand_at_their_natural_alignment() {
    let ty = Ty::tuple(&[Ty::bool(), Ty::char(), Ty::bool(), Ty::int()]);
    let layouts =
        Layouts::new(&Definitions::default(), &[], [ty], HiddenWords::default(), &HashMap::default());
    let layout = layouts.of(ty);
    assert_eq!((layout.size, layout.align), (24, 8));
    assert_eq!(offsets(layout), Some(vec![0, 4, 8, 16]));
    assert!(!layout.is_managed);
}

#[test]
fn more_scalars_than_registers_hold_stay_in_memory() {
    let ty = Ty::tuple(&[Ty::int(); MAX_LEAVES + 1]);
    let layouts =
        Layouts::new(&Definitions::default(), &[], [ty], HiddenWords::default(), &HashMap::default());
    assert_eq!(layouts.of(ty).leaves, None);
}

#[test]
fn one_pointer_or_nothing_is_one_word() {
    let layout = layout_of(&[&[], &[Ty::string()]]);
    assert_eq!(layout.size, 8);
    assert!(matches!(layout.shape, Shape::Niche { full: VariantId(1), .. }));
}

#[test]
fn payloads_of_one_size_share_a_register() {
    let layout = layout_of(&[&[Ty::float()], &[Ty::string()], &[]]);
    let leaves = layout.leaves.expect("a tag and a word");
    assert_eq!(leaves[1], Leaf { offset: 8, ty: types::I64 });
    assert!(layout.is_managed);
}

#[test]
fn payloads_that_overlap_otherwise_stay_in_memory() {
    let pair = [Ty::char(), Ty::char()];
    assert_eq!(layout_of(&[&pair, &[Ty::int()]]).leaves, None);
}

#[test]
fn an_enum_that_contains_itself_is_a_pointer() {
    let itself = Ty::enumeration(EnumId(0), &[]);
    let layout = layout_of(&[&[], &[Ty::int(), itself]]);
    assert_eq!((layout.size, offsets(&layout)), (8, Some(vec![0])));
    let Shape::Boxed(variants) = layout.shape else { panic!("it is boxed") };
    assert_eq!((variants[1].parts[0].offset, variants[1].size), (16, 32));
}
