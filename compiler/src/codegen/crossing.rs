//! Which objects may have gone from one task to another: what is stored in them may have to be shared.
//!
//! An object of a class with `var` fields belongs to one task at a time, but counts of what it refers to are atomic once it
//! has been given away: the task that gave it may still have to let go of something.

use plat_syntax::hash::HashSet;

use crate::hir::Definitions;
use crate::mir::boxing::contained_tys;
use crate::mir::typing::field_tys;
use crate::mir::{Callee, Function, Mir, StatementKind};
use crate::types::{Sharing, Ty, TyKind};

/// The classes with `var` fields whose objects may go from task to task.
#[derive(Debug, Default)]
pub struct Crossing {
    classes: HashSet<Ty>,
    /// What goes to other tasks includes values of which the types do not say what they hold.
    is_any: bool,
}

impl Crossing {
    /// Looks through a program.
    pub fn new(definitions: &Definitions, mir: &Mir) -> Self {
        let mut crossing = Self::default();
        let mut pending: Vec<Ty> = Vec::new();
        for function in mir.functions.iter() {
            for statement in function.blocks.iter().flat_map(|block| &block.statements) {
                match &statement.kind {
                    StatementKind::Share(place) => pending.push(function.place_ty(definitions, place)),
                    StatementKind::Spawn { body: Callee::Function(body), .. } => {
                        pending.push(Function::result_ty(&mir.functions[*body]));
                    }
                    _ => {}
                }
            }
        }
        let mut seen: HashSet<Ty> = pending.iter().copied().collect();
        while let Some(ty) = pending.pop() {
            let parts = crossing.parts(definitions, ty);
            pending.extend(parts.into_iter().filter(|&part| seen.insert(part)));
        }
        crossing
    }

    /// Whether objects of the class may have been given from one task to another.
    pub fn includes(&self, class: Ty) -> bool {
        self.is_any || self.classes.contains(&class)
    }

    /// Notes a type whose values go to other tasks. The types of what they refer to.
    fn parts(&mut self, definitions: &Definitions, ty: Ty) -> Vec<Ty> {
        match *ty.kind() {
            TyKind::Fn(signature) => {
                self.is_any |= signature.sharing() != Sharing::Sharable;
                Vec::new()
            }
            TyKind::Interface(id, _) => {
                self.is_any |= !definitions.is_sharable_interface(id);
                Vec::new()
            }
            TyKind::Buffer(part) | TyKind::Task(part) | TyKind::Weak(part) | TyKind::ChannelHandle(part) => {
                vec![part]
            }
            TyKind::Class(id, _) => {
                let class = &definitions.classes[id];
                if !class.is_cell && class.fields.iter().any(|field| field.is_var) {
                    self.classes.insert(ty);
                }
                field_tys(definitions, ty, None).unwrap_or_default()
            }
            _ => contained_tys(definitions, ty),
        }
    }
}
