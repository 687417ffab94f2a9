//! `for inout` over a collection in an object: the loop goes over a variable that takes the collection out of the object, and a
//! `defer` puts it back. Meanwhile the field is in use, so nobody sees that it is empty.

use plat_syntax::source::Span;

use super::function::{Dest, Frame, FunctionLowerer, identity_args, shell};
use super::place::{Access, Path};
use crate::bug;
use crate::mir::builder::Builder;
use crate::mir::{
    Callee, FunctionKind, Local, LocalKind, Operand, Place, Projection, Rvalue, StatementKind,
    TerminatorKind, UseStep,
};
use crate::types::Ty;

impl FunctionLowerer<'_, '_> {
    /// Lowers with `lower` a loop over the collection at a path, which leads through an object.
    pub(super) fn with_taken(&mut self, path: &Path, span: Span, lower: impl FnOnce(&mut Self, Place)) {
        let (field, collection) = self.held_place(path, span);
        let ty = self.place_ty(&collection);
        let taken = self.builder.assign_temp(ty, Rvalue::Use(Operand::Use(collection.clone())), span);
        self.changing.insert(taken);
        let empty = self.empty_collection(ty, span);
        self.builder.assign(collection.clone(), Rvalue::Use(Operand::Use(empty.into())), span);
        self.builder.begin_block(&[]);
        let depth = self.frames.len();
        let put_back = self.put_back(ty, span);
        self.begin_deferred(put_back, vec![collection, taken.into()], span);
        self.begin_use(field, span);
        lower(self, taken.into());
        self.run_defers(depth, span.shrink_to_end());
        self.builder.end_block();
    }

    /// Has a place in use until the frame that this pushes is left.
    pub(super) fn begin_use(&mut self, place: Place, span: Span) {
        let guard = self.builder.use_guard();
        self.builder.push(StatementKind::InUse(UseStep::Begin(guard), place.clone()), span);
        self.frames.push(Frame::Use(guard, place));
    }

    /// The last field of an object on the way to a place, and the place. The object is in a local of its own, which keeps it.
    fn held_place(&mut self, path: &Path, span: Span) -> (Place, Place) {
        let place = self.take(path, Access::Pass);
        let is_field = |projection: &Projection| matches!(projection, Projection::ClassField(_));
        let Some(position) = place.projections.iter().rposition(is_field) else {
            bug!(span, "{place:?} is in no object")
        };
        let reference = Place { local: place.local, projections: place.projections[..position].to_vec() };
        let ty = self.place_ty(&reference);
        let object = self.builder.assign_temp(ty, Rvalue::Use(Operand::Use(reference)), span);
        let field = Place::from(object).project(place.projections[position]);
        let rest = &place.projections[position + 1..];
        (field.clone(), rest.iter().fold(field, |place, &step| place.project(step)))
    }

    fn empty_collection(&mut self, ty: Ty, span: Span) -> Local {
        let empty = self.builder.temp(ty);
        if self.is_dict(ty) {
            self.lower_dict(Dest::Local(empty), ty, &[], span);
        } else {
            self.lower_list(Dest::Local(empty), ty, &[], span);
        }
        empty
    }

    /// A function that assigns its second parameter to its first.
    fn put_back(&mut self, ty: Ty, span: Span) -> Callee {
        let number = self.program.next_defer_number();
        let name = format!("{}.defer{number}", self.root_name());
        let shell = shell(self.program, self.origin, name, FunctionKind::Plain, span);
        let mut builder = Builder::new(shell, Ty::unit());
        let [place, taken] = [(); 2].map(|()| builder.param(ty, None, LocalKind::Inout));
        builder.assign(place, Rvalue::Use(Operand::Use(taken.into())), span);
        builder.terminate(TerminatorKind::Return, span);
        let function = self.program.add(builder.finish());
        Callee::GenericBody(function, identity_args(self.program.function(self.origin)))
    }
}
