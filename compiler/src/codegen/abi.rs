//! How compiled functions are called.
//!
//! Values of a few scalars are passed and returned as those scalars; larger values by address. A callee that owns a
//! parameter passed by address copies it into its own frame, where the unwinder finds it.

use cranelift_codegen::ir::{self, AbiParam, Signature, types};
use cranelift_codegen::isa::CallConv;
use plat_abi::functions::{RuntimeFn, Word};

use super::item::Glue;
use super::layout::{Layouts, Leaf, POINTER};
use super::program::Program;
use crate::hir::ParamMode;
use crate::mir::{Function, FunctionKind, LocalKind};
use crate::types::{FnSig, Ty};

/// How one value is passed.
#[derive(Clone, Debug)]
pub enum Pass {
    /// As its scalars.
    Leaves(Vec<Leaf>),
    /// By its address.
    Address,
}

/// How a function is called.
#[derive(Clone, Debug)]
pub struct FunctionAbi {
    /// Its parameters in order.
    pub params: Vec<Pass>,
    /// Its result: an address of where to put it is the first argument.
    pub result: Pass,
    /// The same to Cranelift.
    pub signature: Signature,
}

impl FunctionAbi {
    /// How `function` is called.
    pub fn new(layouts: &Layouts, function: &Function) -> Self {
        if function.kind == FunctionKind::TaskBody {
            return Self { params: Vec::new(), result: Pass::Address, signature: signature(&[POINTER], &[]) };
        }
        let params = function.params().map(|param| (function.locals[param].kind, function.locals[param].ty));
        Self::of(layouts, params, function.result_ty())
    }

    /// How something with these parameters and this result is called.
    pub fn of(layouts: &Layouts, params: impl Iterator<Item = (LocalKind, Ty)>, result: Ty) -> Self {
        let pass_param = |(kind, ty)| {
            if kind == LocalKind::Inout { Pass::Address } else { pass(layouts, ty) }
        };
        Self::with_words(params.map(pass_param).collect(), pass(layouts, result), None)
    }

    /// How values of a function type are called: with their block before the parameters.
    pub fn of_values(layouts: &Layouts, signature: FnSig) -> Self {
        let param = |(mode, ty)| if mode == ParamMode::Inout { Pass::Address } else { pass(layouts, ty) };
        let params: Vec<Pass> = signature.params().map(param).collect();
        Self::with_words(params, pass(layouts, signature.result()), Some(POINTER))
    }

    fn with_words(params: Vec<Pass>, result: Pass, block: Option<ir::Type>) -> Self {
        let mut taken = Vec::new();
        let mut returned = Vec::new();
        match &result {
            Pass::Leaves(leaves) => returned.extend(leaves.iter().map(|leaf| leaf.ty)),
            Pass::Address => taken.push(POINTER),
        }
        taken.extend(block);
        for param in &params {
            match param {
                Pass::Leaves(leaves) => taken.extend(leaves.iter().map(|leaf| leaf.ty)),
                Pass::Address => taken.push(POINTER),
            }
        }
        Self { params, result, signature: signature(&taken, &returned) }
    }
}

fn pass(layouts: &Layouts, ty: Ty) -> Pass {
    match &layouts.of(ty).leaves {
        Some(leaves) => Pass::Leaves(leaves.clone()),
        None => Pass::Address,
    }
}

/// The signature of functions with these parameters and results.
pub fn signature(params: &[ir::Type], results: &[ir::Type]) -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.extend(params.iter().map(|&ty| AbiParam::new(ty)));
    signature.returns.extend(results.iter().map(|&ty| AbiParam::new(ty)));
    signature
}

/// The signature of a runtime function: the worker record, then what its row says.
pub fn runtime_signature(function: RuntimeFn) -> Signature {
    let params: Vec<ir::Type> =
        std::iter::once(POINTER).chain(function.parameters().iter().copied().map(word)).collect();
    let results: Vec<ir::Type> = function.result().into_iter().map(word).collect();
    signature(&params, &results)
}

fn word(word: Word) -> ir::Type {
    match word {
        Word::Int | Word::Ptr => types::I64,
        Word::F64 => types::F64,
    }
}

/// The signature of `FreeClosure`.
pub fn free_closure_signature() -> Signature {
    signature(&[POINTER, types::I64], &[types::I64])
}

/// The signature of a generated function.
pub fn glue_signature(program: &Program<'_>, glue: Glue) -> Signature {
    match glue {
        Glue::ClosureEntry(body) => {
            let ty = program.values.ty_of(body).and_then(Ty::signature);
            let ty = ty.unwrap_or_else(|| crate::bug!("no value is made of {body}"));
            FunctionAbi::of_values(&program.layouts, ty).signature
        }
        Glue::FreeClosure(_) => free_closure_signature(),
        Glue::Free(_) => signature(&[POINTER, types::I64], &[]),
        Glue::Drop(_)
        | Glue::Share(_)
        | Glue::ShareContents(_)
        | Glue::FreeWeak(_)
        | Glue::EndObject(_)
        | Glue::FreeChain(_)
        | Glue::ShareAll(_)
        | Glue::DropCaptures(_)
        | Glue::RunDefer(_)
        | Glue::ShareClosure(_)
        | Glue::Watch(_)
        | Glue::MainTask => signature(&[POINTER], &[]),
        Glue::Main => signature(&[types::I32, POINTER], &[types::I32]),
    }
}

/// The signature of `plat_foreign` as it is called for ThreadSanitizer: an address, and where it is reported.
pub fn sanitizer_signature() -> Signature {
    signature(&[POINTER; 2], &[])
}

/// The signature of `memmove`.
pub fn memmove_signature() -> Signature {
    signature(&[POINTER; 3], &[POINTER])
}

/// The signature of `plat_call_deinit`: the object and its `deinit`, and what that panicked with, or 0.
pub fn call_deinit_signature() -> Signature {
    signature(&[POINTER; 2], &[types::I64])
}

/// The signature of `plat_loop_poll` and `plat_loop_pause`.
pub fn poll_signature() -> Signature {
    Signature::new(CallConv::PreserveAll)
}

/// The signature of `plat_rt_start`.
pub fn start_signature() -> Signature {
    signature(&[POINTER, types::I32, POINTER], &[types::I32])
}
