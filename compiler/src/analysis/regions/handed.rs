//! The bodies of scopes with a limit take what they give away.
//!
//! Such a body is a closure that is called once, and borrows what it captures from the function that makes it: who is given a value
//! there must not meet the rest of the region again when that function lets go of its own reference, with a `deinit` perhaps. So what
//! a body gives away stands in an `Option` of the function, to which the body refers, and out of which it takes the value before all else.
//! If it never runs, the value stays there.

use std::mem;

use plat_syntax::hash::HashMap;

use crate::hir::{Definitions, EnumId, FieldId, VariantId};
use crate::mir::{
    Callee, Capture, Function, FunctionId, LocalDecl, LocalKind, Mir, Operand, Place, Projection, Rvalue,
    Statement, StatementKind, Storage,
};
use crate::types::Ty;

/// Which captures of each such body it gives away, by their positions.
pub(super) type Handed = HashMap<FunctionId, Vec<usize>>;

/// Rewrites the bodies, and the functions that make them.
pub(super) fn take_captures(mir: &mut Mir, definitions: &Definitions, option: EnumId, handed: &Handed) {
    let options = Options { definitions, id: option };
    for function in mir.functions.iter_mut() {
        options.hand_over(function, handed);
    }
    for (&id, positions) in handed {
        options.take(&mut mir.functions[id], positions);
    }
}

/// The enum `Option`.
struct Options<'a> {
    definitions: &'a Definitions,
    id: EnumId,
}

impl Options<'_> {
    fn of(&self, ty: Ty) -> Ty {
        Ty::enumeration(self.id, &[ty])
    }

    /// Puts what the bodies that the function makes give away into variables, to which they refer.
    fn hand_over(&self, function: &mut Function, handed: &Handed) {
        for id in function.blocks.ids() {
            let mut statements = Vec::new();
            for mut statement in mem::take(&mut function.blocks[id].statements) {
                let (span, site) = (statement.span, statement.site);
                for capture in handed_captures(&mut statement.kind, handed) {
                    let Some(value) = capture.place().cloned() else { continue };
                    let ty = self.of(function.place_ty(self.definitions, &value));
                    let variable = Place::from(function.add_temp(ty));
                    let filled = Rvalue::Aggregate(ty, Some(VariantId::SOME), vec![Operand::Use(value)]);
                    let kind = StatementKind::Assign(variable.clone(), filled);
                    statements.push(Statement { kind, span, site });
                    *capture = Capture::Place(variable);
                }
                statements.push(statement);
            }
            function.blocks[id].statements = statements;
        }
    }

    /// Takes what the body gives away out of the variables of the function around it.
    fn take(&self, function: &mut Function, positions: &[usize]) {
        for &position in positions {
            let Some(param) = function.params().nth(position) else { continue };
            let captured = function.locals[param].clone();
            if captured.kind != LocalKind::Borrowed {
                continue;
            }
            let ty = self.of(captured.ty);
            function.locals[param] = LocalDecl { ty, name: None, kind: LocalKind::Inout, ..captured.clone() };
            let own = function.locals.push(LocalDecl { kind: LocalKind::Variable, ..captured });
            for block in function.blocks.iter_mut() {
                block.for_each_local_mut(|local| {
                    if *local == param {
                        *local = own;
                    }
                });
            }
            let content = Place::from(param).project(Projection::VariantField(VariantId::SOME, FieldId(0)));
            let taken = StatementKind::Assign(own.into(), Rvalue::Use(Operand::Use(content)));
            let emptied =
                StatementKind::Assign(param.into(), Rvalue::Aggregate(ty, Some(VariantId::NONE), Vec::new()));
            let first = [taken, emptied].map(|kind| Statement { kind, span: function.span, site: None });
            function.blocks[Function::ENTRY].statements.splice(0..0, first);
        }
    }
}

/// Those captures by value of the closure that the statement makes which its body gives away.
fn handed_captures<'s>(kind: &'s mut StatementKind, handed: &Handed) -> Vec<&'s mut Capture> {
    let (StatementKind::Assign(_, Rvalue::Closure(closure))
    | StatementKind::Init(_, Rvalue::Closure(closure))) = kind
    else {
        return Vec::new();
    };
    let (Callee::GenericBody(body, _) | Callee::Function(body)) = closure.body else { return Vec::new() };
    let Some(positions) = handed.get(&body) else { return Vec::new() };
    let captures = closure.captures.iter_mut().enumerate();
    let given = captures.filter(|(position, _)| positions.contains(position)).map(|(_, capture)| capture);
    let given: Vec<_> = given.filter(|capture| matches!(capture, Capture::Value(_))).collect();
    if !given.is_empty() {
        // Only there may a closure refer to variables.
        closure.storage = Storage::Frame;
    }
    given
}
