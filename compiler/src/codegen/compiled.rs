//! Compiling one function apart from the rest.

use std::fmt::Write as _;

use cranelift_codegen::binemit::{CodeOffset, Reloc};
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{ExternalName, Function, LibCall, Signature, UserFuncName};
use cranelift_codegen::{Context, FinalizedRelocTarget};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};

use super::debug::LineRange;
use super::emitter::Emitter;
use super::func::FunctionCompiler;
use super::item::{Glue, Item};
use super::marks::Marks;
use super::program::Program;
use super::unwind::{self, CallSite};
use super::{Error, Listing, abi};
use crate::bug;
use crate::mir::FunctionId;
use crate::mir::managed::Managed;

/// The code of one function.
#[derive(Debug)]
pub struct Compiled {
    /// Which.
    pub item: Item,
    /// Machine code.
    pub code: Vec<u8>,
    /// Alignment of the code.
    pub alignment: u64,
    /// Where it refers to other items.
    pub relocations: Vec<Relocation>,
    /// Bytes of stack it takes, with its return address.
    pub frame_size: u32,
    /// Its calls that can unwind.
    pub call_sites: Vec<CallSite>,
    /// Which of the code was written for which line, when asked for.
    pub lines: Vec<LineRange>,
    /// Its text, when asked for.
    pub text: String,
}

/// A reference in code.
#[derive(Clone, Debug)]
pub struct Relocation {
    /// Where it stands.
    pub offset: CodeOffset,
    /// Its form.
    pub kind: Reloc,
    /// What it refers to.
    pub target: Target,
    /// What is added.
    pub addend: i64,
}

/// What code refers to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// An item.
    Item(Item),
    /// A function of the C library that Cranelift calls for an instruction the machine lacks.
    Library(LibCall),
}

/// Compiles functions, one after the other.
pub struct Compiler<'p> {
    program: &'p Program<'p>,
    managed: Managed<'p>,
    context: Context,
    builder_context: FunctionBuilderContext,
}

/// Of `call rel32` and `push rbp`: the return address and the caller's frame pointer.
const FRAME_HEAD: u32 = 16;

impl<'p> Compiler<'p> {
    /// Compiles functions of `program`.
    pub fn new(program: &'p Program<'p>) -> Self {
        Self {
            program,
            managed: Managed::new(program.definitions),
            context: Context::new(),
            builder_context: FunctionBuilderContext::new(),
        }
    }

    /// Compiles a function of the program.
    pub fn function(&mut self, id: FunctionId) -> Result<Compiled, Error> {
        let program = self.program;
        let signature = program.abis[id].signature.clone();
        self.compile(Item::Function(id), signature, |managed, builder| {
            FunctionCompiler::compile(program, managed, id, builder)
        })
    }

    /// Compiles a generated function.
    pub fn glue(&mut self, glue: Glue) -> Result<Compiled, Error> {
        let program = self.program;
        self.compile(Item::Glue(glue), abi::glue_signature(program, glue), |_, builder| {
            let mut emitter = Emitter::new(program, builder);
            let sites = emitter.write_glue(glue);
            emitter.builder.seal_all_blocks();
            emitter.builder.finalize(program.isa.frontend_config());
            Marks::of_sites(sites)
        })
    }

    fn compile(
        &mut self,
        item: Item,
        signature: Signature,
        write: impl FnOnce(&Managed<'p>, FunctionBuilder<'_>) -> Marks,
    ) -> Result<Compiled, Error> {
        let name = item.encode();
        self.context.clear();
        self.context.func.name = UserFuncName::user(name.namespace, name.index);
        self.context.func.signature = signature;
        let builder = FunctionBuilder::new(&mut self.context.func, &mut self.builder_context);
        let marks = write(&self.managed, builder);
        let mut text = self.clif_text(item);
        self.context.set_disasm(self.program.listing == Some(Listing::Assembly));
        let result = self.context.compile(&*self.program.isa, &mut ControlPlane::default());
        if let Err(error) = result {
            let message = format!("{}: {:?}", self.program.item_name(item), error.inner);
            return Err(Error::Generator { message });
        }
        let function = &self.context.func;
        let code = self.context.compiled_code().unwrap_or_else(|| bug!("compiled code is there"));
        if let Some(assembly) = &code.vcode {
            let _ = writeln!(text, "; {}\n{assembly}", self.program.item_name(item));
        }
        let frame = code.buffer.frame_layout().map_or(0, |layout| layout.frame_to_fp_offset);
        let relocations = code.buffer.relocs().iter().map(|reloc| Relocation {
            offset: reloc.offset,
            kind: reloc.kind,
            target: target(function, &reloc.target),
            addend: reloc.addend,
        });
        Ok(Compiled {
            item,
            code: code.code_buffer().to_vec(),
            alignment: u64::from(code.buffer.alignment.max(16)),
            relocations: relocations.collect(),
            frame_size: frame + FRAME_HEAD,
            call_sites: unwind::call_sites(&self.program.layouts, &marks.sites, code),
            lines: marks.lines(code),
            text,
        })
    }

    fn clif_text(&self, item: Item) -> String {
        match self.program.listing {
            Some(Listing::Clif) => {
                format!("; {}\n{}\n", self.program.item_name(item), self.context.func.display())
            }
            _ => String::new(),
        }
    }
}

fn target(function: &Function, target: &FinalizedRelocTarget) -> Target {
    match target {
        FinalizedRelocTarget::ExternalName(ExternalName::User(name)) => {
            Target::Item(Item::decode(&function.params.user_named_funcs()[*name]))
        }
        FinalizedRelocTarget::ExternalName(ExternalName::LibCall(libcall)) => Target::Library(*libcall),
        other => bug!("no code refers to {other:?}"),
    }
}
