//! Values that no pattern covers, written as patterns.

use crate::hir::Definitions;
use crate::types::{Ty, TyKind};

use super::Head;

/// A pattern for values that are not covered.
#[derive(Clone, Debug)]
pub(super) enum Witness {
    /// `_`
    Wild,
    /// A constructor of this type with its fields.
    Constructor(Ty, Head, Vec<Witness>),
}

impl Witness {
    /// A constructor with its fields; what only comparing tells apart is `_`.
    pub(super) fn of(ty: Ty, head: Head, fields: Vec<Self>) -> Self {
        match head {
            Head::Wild | Head::Opaque(_) => Self::Wild,
            _ => Self::Constructor(ty, head, fields),
        }
    }

    /// A range of numbers or characters.
    pub(super) fn range(ty: Ty, start: i128, end: i128) -> Self {
        Self::Constructor(ty, Head::Range(start, end), Vec::new())
    }

    /// As it is written in programs.
    pub(super) fn show(&self, definitions: &Definitions) -> String {
        let Self::Constructor(ty, head, fields) = self else { return "_".into() };
        match (ty.kind(), *head) {
            (_, Head::Range(start, end)) => show_range(*ty, start, end),
            (_, Head::String(text)) => format!("{:?}", text.as_str()),
            (TyKind::Tuple(_), _) => format!("({})", show_all(fields, definitions)),
            (&TyKind::Struct(id, _), _) => {
                let definition = &definitions.structs[id];
                let names = definition.fields.iter().map(|field| Some(field.name.as_str()));
                show_call(definition.name.as_str(), names, fields, definitions)
            }
            (&TyKind::Enum(id, _), Head::Variant(variant)) => {
                let definition = &definitions.enums[id].variants[variant];
                let names = definition.fields.iter().map(|field| field.name.map(|name| name.as_str()));
                show_call(definition.name.as_str(), names, fields, definitions)
            }
            _ => "_".into(),
        }
    }

    fn is_wild(&self) -> bool {
        matches!(self, Self::Wild)
    }
}

fn show_all(fields: &[Witness], definitions: &Definitions) -> String {
    fields.iter().map(|field| field.show(definitions)).collect::<Vec<_>>().join(", ")
}

/// `Name(x, _)`; of named fields only those that matter are written.
fn show_call<'a>(
    name: &str,
    names: impl Iterator<Item = Option<&'a str>>,
    fields: &[Witness],
    definitions: &Definitions,
) -> String {
    if fields.is_empty() {
        return name.into();
    }
    let names: Vec<_> = names.collect();
    let is_named = names.first().is_some_and(Option::is_some);
    if !is_named || !fields.iter().any(Witness::is_wild) {
        return format!("{name}({})", show_all(fields, definitions));
    }
    let telling = names.iter().zip(fields).filter(|(_, field)| !field.is_wild());
    let mut parts: Vec<_> = telling
        .map(|(name, field)| format!("{} = {}", name.unwrap_or("_"), field.show(definitions)))
        .collect();
    parts.push("..".into());
    format!("{name}({})", parts.join(", "))
}

fn show_range(ty: Ty, start: i128, end: i128) -> String {
    let is_bool = matches!(ty.kind(), TyKind::Bool);
    match (start == end, is_bool) {
        (true, _) => show_value(ty, start),
        (false, true) => "_".into(),
        (false, false) if is_whole(ty, start, end) => "_".into(),
        (false, false) => format!("{}..={}", show_value(ty, start), show_value(ty, end)),
    }
}

fn is_whole(ty: Ty, start: i128, end: i128) -> bool {
    match *ty.kind() {
        TyKind::Int(int) => start == int.min() && end == int.max(),
        _ => false,
    }
}

fn show_value(ty: Ty, value: i128) -> String {
    match *ty.kind() {
        TyKind::Bool => (value != 0).to_string(),
        TyKind::Char => {
            let char = u32::try_from(value).ok().and_then(char::from_u32);
            char.map_or_else(|| "_".into(), |char| format!("{char:?}"))
        }
        TyKind::Int(int) if value == int.min() && int.is_signed() => format!("{}.MIN", int.name()),
        TyKind::Int(int) if value == int.max() => format!("{}.MAX", int.name()),
        _ => value.to_string(),
    }
}
