//! Where each local of a function is kept.
//!
//! Values of a few scalars are Cranelift variables, one per scalar; the rest has a slot in the frame. A variable that
//! owns something across a call that can unwind has a slot as well, its *home*, into which every value it gets is
//! also stored: that is where the unwinder finds it. So has one whose address is passed to calls; after such a call the
//! variable is read from its home. (Rejected: to keep it in its home alone. Cranelift does not reuse loads across the
//! blocks of a loop, and each use of a list would begin with one.)

use cranelift_codegen::ir::StackSlot;
use cranelift_frontend::Variable;
use plat_abi::layout::SCOPE_RECORD_SIZE;
use plat_abi::select::record_size;
use plat_syntax::hash::HashMap;
use plat_syntax::index::{Id, IndexVec};

use super::emitter::Emitter;
use super::layout::{Layouts, Leaf, POINTER, Shape};
use super::statement::may_unwind;
use super::unwind::Cleanup;
use crate::mir::held::Held;
use crate::mir::local_set::LocalSet;
use crate::mir::{
    Argument, Callee, Function, FunctionId, Local, LocalKind, Place, Projection, StatementKind,
};
use crate::types::Ty;

/// Where a local is kept.
#[derive(Clone, Debug)]
pub enum Storage {
    /// In variables, one per scalar.
    Variables {
        /// The scalars.
        variables: Vec<(Leaf, Variable)>,
        /// Where the unwinder finds them, and calls that take the address.
        home: Option<StackSlot>,
    },
    /// In a slot of the frame.
    Slot(StackSlot),
    /// Elsewhere, at the address in a variable.
    Pointer(Variable),
}

/// Where all locals of a function are kept.
pub struct Locals {
    storage: IndexVec<Local, Storage>,
    /// What each guard runs.
    deferred: HashMap<Local, FunctionId>,
    /// Those that closures refer to, which stay in memory.
    referenced: LocalSet,
}

impl Locals {
    /// Decides for each local of `function`.
    pub fn new(emitter: &mut Emitter<'_, '_>, function: &Function, held: &Held) -> Self {
        let layouts = &emitter.program.layouts;
        let needs_home = owned_at_sites(emitter, function, held);
        let is_addressed = addressed(layouts, function);
        let guards = guards(function);
        let referenced = function.referenced_locals();
        let storage = function.locals.ids().map(|local| {
            let index = local.index();
            let decl = &function.locals[local];
            match (guards.get(&local), decl.kind) {
                (Some(&(_, size)), _) => Storage::Slot(emitter.new_slot(size, POINTER.bytes())),
                (None, LocalKind::Variable | LocalKind::Owned) if referenced.contains(local) => {
                    let layout = emitter.program.layouts.of(decl.ty);
                    Storage::Slot(emitter.new_slot(layout.size, layout.align))
                }
                _ => Self::decide(emitter, function, local, is_addressed[index], needs_home[index]),
            }
        });
        let storage = storage.collect();
        let deferred = guards.into_iter().map(|(guard, (body, _))| (guard, body));
        Self { storage, deferred: deferred.collect(), referenced }
    }

    fn decide(
        emitter: &mut Emitter<'_, '_>,
        function: &Function,
        local: Local,
        is_addressed: bool,
        needs_home: bool,
    ) -> Storage {
        let declared = &function.locals[local];
        let layout = emitter.program.layouts.of(declared.ty);
        match (declared.kind, &layout.leaves) {
            (LocalKind::Scope, _) => Storage::Slot(emitter.new_slot(SCOPE_RECORD_SIZE as u32, 16)),
            (LocalKind::Selector(arms), _) => {
                Storage::Slot(emitter.new_slot(record_size(arms as usize) as u32, 16))
            }
            (LocalKind::Shield, _) => Storage::Slot(emitter.new_slot(1, 1)),
            (LocalKind::Use, _) => Storage::Slot(emitter.new_slot(POINTER.bytes(), POINTER.bytes())),
            (LocalKind::Inout, _) | (LocalKind::Borrowed, None) => {
                Storage::Pointer(emitter.builder.declare_var(POINTER))
            }
            // Built where the caller, or the task's record, wants it.
            (LocalKind::Result, None) if !needs_home => {
                Storage::Pointer(emitter.builder.declare_var(POINTER))
            }
            (_, Some(leaves)) => {
                let variables =
                    leaves.iter().map(|&leaf| (leaf, emitter.builder.declare_var(leaf.ty))).collect();
                let has_home = needs_home || is_addressed;
                let home = has_home.then(|| emitter.new_slot(layout.size, layout.align));
                Storage::Variables { variables, home }
            }
            _ => Storage::Slot(emitter.new_slot(layout.size, layout.align)),
        }
    }

    /// Where a local is kept.
    pub fn storage(&self, local: Local) -> &Storage {
        &self.storage[local]
    }

    /// Whether a closure made in the function refers to the local.
    pub fn is_referenced(&self, local: Local) -> bool {
        self.referenced.contains(local)
    }

    /// The slot where the unwinder finds what a local owns, runs or ends, and which of these it does.
    pub fn cleanup(&self, function: &Function, local: Local) -> Option<(Cleanup<Ty>, StackSlot)> {
        let decl = &function.locals[local];
        let cleanup = match decl.kind {
            LocalKind::Guard => Cleanup::Defer(*self.deferred.get(&local)?),
            LocalKind::Shield => Cleanup::Shield,
            LocalKind::Use => Cleanup::Use,
            LocalKind::Scope => Cleanup::Scope,
            _ => Cleanup::Release(decl.ty),
        };
        match self.storage[local] {
            Storage::Variables { home: Some(slot), .. } | Storage::Slot(slot) => Some((cleanup, slot)),
            Storage::Variables { home: None, .. } | Storage::Pointer(_) => {
                crate::bug!("{}: {local} owns something across a call and has no slot", function.name)
            }
        }
    }
}

/// Which locals own something at a site.
fn owned_at_sites(emitter: &Emitter<'_, '_>, function: &Function, held: &Held) -> Vec<bool> {
    let mut owned = vec![false; function.locals.len()];
    for (id, block) in function.blocks.iter_enumerated() {
        let mut state = held.on_entry(id).clone();
        for statement in &block.statements {
            if may_unwind(emitter.program, function, &statement.kind) {
                for local in held.across(&state, &statement.kind).iter() {
                    owned[local.index()] = true;
                }
            }
            held.step(&mut state, &statement.kind);
        }
    }
    owned
}

/// Which locals have their address taken.
fn addressed(layouts: &Layouts, function: &Function) -> Vec<bool> {
    let mut addressed = vec![false; function.locals.len()];
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        match &statement.kind {
            StatementKind::Call { args, .. } => {
                for local in args.iter().filter_map(|arg| addressed_local(layouts, function, arg)) {
                    addressed[local.index()] = true;
                }
            }
            StatementKind::InUse(_, place) if !leaves_local(layouts, function, place) => {
                addressed[place.local.index()] = true;
            }
            StatementKind::Defer { captures, .. } => {
                for place in captures.iter().filter(|place| !leaves_local(layouts, function, place)) {
                    addressed[place.local.index()] = true;
                }
            }
            _ => {}
        }
    }
    addressed
}

/// The guards of a function: what each runs, and how large it is.
fn guards(function: &Function) -> HashMap<Local, (FunctionId, u32)> {
    let statements = function.blocks.iter().flat_map(|block| &block.statements);
    let guards = statements.filter_map(|statement| match &statement.kind {
        StatementKind::Defer { guard, body: Callee::Function(body), captures } => {
            let size = captures.len() as u32 * POINTER.bytes();
            Some((*guard, (*body, size.max(POINTER.bytes()))))
        }
        _ => None,
    });
    guards.collect()
}

/// The local whose address is taken with that of a place, if it is not something the local refers to.
pub fn addressed_local(layouts: &Layouts, function: &Function, arg: &Argument) -> Option<Local> {
    match arg {
        Argument::Place(place) if !leaves_local(layouts, function, place) => Some(place.local),
        _ => None,
    }
}

/// Whether the way to a place leads through a pointer, out of the local where it begins.
fn leaves_local(layouts: &Layouts, function: &Function, place: &Place) -> bool {
    let mut ty = function.locals[place.local].ty;
    for projection in &place.projections {
        ty = match *projection {
            Projection::Element(_) | Projection::ClassField(_) | Projection::Content(_) => return true,
            Projection::Field(field) => layouts.field(ty, field).ty,
            Projection::VariantField(variant, field) => {
                if matches!(layouts.of(ty).shape, Shape::Boxed(_)) {
                    return true;
                }
                layouts.variant_field(ty, variant, field).ty
            }
        };
    }
    false
}
