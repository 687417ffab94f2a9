//! `extern "runtime"` and `extern "intrinsic"` blocks of the library: each function must be one that exists.

use plat_abi::functions::RuntimeFn;
use plat_syntax::syntax::ast;

use super::types::TypeScope;
use super::{ModuleIndex, Resolver, errors};
use crate::hir::{FnBody, FnId, FnKind, Intrinsic};

impl<'a> Resolver<'a> {
    /// The signature of an extern function, and what stands behind it.
    pub fn resolve_extern(
        &mut self,
        id: FnId,
        module: ModuleIndex,
        block: &'a ast::Extern,
        function: &'a ast::Function,
    ) {
        let scope = TypeScope::of_module(module);
        self.resolve_function(id, function, FnKind::Static, scope);
        let (abi, name) = (&*block.abi.text, function.name.name.as_str());
        let body = match abi {
            "runtime" => RuntimeFn::find(name)
                .filter(|row| row.parameters().len() == function.params.len())
                .map(FnBody::Runtime),
            "intrinsic" => Intrinsic::find(name)
                .filter(|intrinsic| intrinsic.parameter_count() == function.params.len())
                .map(FnBody::Intrinsic),
            _ => None,
        };
        match body {
            Some(body) => self.hir.definitions.functions[id].body = body,
            None => self.sink.emit(errors::unknown_extern(function.name, abi, function.params.len())),
        }
    }
}
