//! Interpolated strings: a builder that each part is appended to in turn.

use plat_abi::functions::RuntimeFn;
use plat_abi::layout::FormatSpec;
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::function::{Dest, FunctionLowerer};
use crate::hir::{ExprId, StringPart};
use crate::mir::{Argument, Callee, Const, Glue, Local, Operand, Rvalue};
use crate::types::Ty;

impl FunctionLowerer<'_, '_> {
    /// `"text ${value:format}"`
    pub fn lower_interpolation(&mut self, dest: Dest, parts: &[StringPart], span: Span) {
        if let Some(rvalue) = self.lone_string(parts) {
            return self.store(dest, Ty::string(), rvalue, span);
        }
        let empty = Rvalue::Use(Operand::Const(Const::String(Symbol::intern(""))));
        let builder = self.builder.assign_temp(Ty::string(), empty, span);
        for part in parts {
            match part {
                StringPart::Text(text) => self.append_text(builder, *text, span),
                StringPart::Value(value, spec) => self.append_value(builder, *value, *spec),
            }
        }
        self.store(dest, Ty::string(), Rvalue::Use(Operand::Use(builder.into())), span);
    }

    /// The value of an interpolation that only contains text, or one string as it is.
    fn lone_string(&mut self, parts: &[StringPart]) -> Option<Rvalue> {
        match *parts {
            [] => Some(Rvalue::Use(Operand::Const(Const::String(Symbol::intern(""))))),
            [StringPart::Text(text)] => Some(Rvalue::Use(Operand::Const(Const::String(text)))),
            [StringPart::Value(value, spec)]
                if spec == FormatSpec::default() && self.ty(value) == Ty::string() =>
            {
                Some(Rvalue::Use(self.operand(value)))
            }
            _ => None,
        }
    }

    fn append_text(&mut self, builder: Local, text: Symbol, span: Span) {
        let text = Argument::Value(Operand::Const(Const::String(text)));
        let args = vec![Argument::Place(builder.into()), text];
        self.builder.call(None, Callee::Runtime(RuntimeFn::string_push), args, span);
    }

    fn append_value(&mut self, builder: Local, value: ExprId, spec: FormatSpec) {
        let (ty, span) = (self.ty(value), self.span(value));
        let operand = self.operand(value);
        let spec = Argument::Value(Operand::Const(Const::Format(spec)));
        let args = vec![Argument::Place(builder.into()), Argument::Value(operand), spec];
        let callee = self.program.glue(Glue::Display, ty);
        self.builder.call(None, callee, args, span);
    }
}
