//! The object file: gives items symbols and writes code and data into sections.

use plat_syntax::hash::{HashMap, HashSet};

use cranelift_codegen::ir::Signature;
use cranelift_module::{
    DataDescription, DataId, FuncId, FuncOrDataId, Linkage, Module, ModuleReloc, ModuleRelocTarget,
    default_libcall_names,
};
use cranelift_object::{ObjectBuilder, ObjectModule};

use super::compiled::{Compiled, Target};
use super::data::{Data, Pointer};
use super::item::{Glue, Item};
use super::program::Program;
use super::{DebugInfo, Error, abi, debug};

/// An object file in the making.
pub struct ObjectFile<'p> {
    program: &'p Program<'p>,
    module: ObjectModule,
    functions: HashMap<Item, FuncId>,
    constants: HashMap<Item, DataId>,
    names: HashSet<String>,
}

impl<'p> ObjectFile<'p> {
    /// An empty object file.
    pub fn new(program: &'p Program<'p>) -> Result<Self, Error> {
        let mut builder = ObjectBuilder::new(program.isa.clone(), "plat", default_libcall_names())?;
        builder.per_function_section(true);
        builder.per_data_object_section(false);
        let module = ObjectModule::new(builder);
        let (functions, constants, names) = (HashMap::default(), HashMap::default(), HashSet::default());
        Ok(Self { program, module, functions, constants, names })
    }

    /// Puts a function's code into the file.
    pub fn define_function(&mut self, compiled: &Compiled) -> Result<(), Error> {
        let id = self.function(compiled.item)?;
        let mut relocations = Vec::new();
        for relocation in &compiled.relocations {
            relocations.push(ModuleReloc {
                offset: relocation.offset,
                kind: relocation.kind,
                name: self.target(relocation.target)?,
                addend: relocation.addend,
            });
        }
        self.module.define_function_bytes(id, compiled.alignment, &compiled.code, &relocations)?;
        Ok(())
    }

    /// Puts data into the file.
    pub fn define_data(&mut self, item: Item, data: Data) -> Result<(), Error> {
        let id = self.constant(item)?;
        self.write_data(id, data)
    }

    /// Puts data that no code refers to into the file.
    pub fn define_table(&mut self, data: Data) -> Result<DataId, Error> {
        let id = self.module.declare_anonymous_data(false, false)?;
        self.write_data(id, data)?;
        Ok(id)
    }

    fn write_data(&mut self, id: DataId, data: Data) -> Result<(), Error> {
        let mut description = DataDescription::new();
        description.set_align(8);
        description.define(data.bytes.into_boxed_slice());
        for (offset, pointer) in data.pointers {
            match pointer {
                Pointer::Item(item) if item.is_function() => {
                    let function = self.function(item)?;
                    let function = self.module.declare_func_in_data(function, &mut description);
                    description.write_function_addr(offset, function);
                }
                Pointer::Item(item) => {
                    let constant = self.constant(item)?;
                    let constant = self.module.declare_data_in_data(constant, &mut description);
                    description.write_data_addr(offset, constant, 0);
                }
                Pointer::Table(table, addend) => {
                    let table = self.module.declare_data_in_data(table, &mut description);
                    description.write_data_addr(offset, table, addend);
                }
            }
        }
        self.module.define_data(id, &description)?;
        Ok(())
    }

    /// The bytes of the file, with what debuggers are to know of the functions in it.
    pub fn finish(self, code: &[Compiled]) -> Result<Vec<u8>, Error> {
        let Self { program, module, functions, .. } = self;
        let mut product = module.finish();
        if program.debug_info == DebugInfo::Lines {
            debug::write(program, code, &mut product, |item| functions[&item])?;
        }
        product.emit().map_err(|error| Error::Generator { message: error.to_string() })
    }

    fn target(&mut self, target: Target) -> Result<ModuleRelocTarget, Error> {
        Ok(match target {
            Target::Library(libcall) => ModuleRelocTarget::LibCall(libcall),
            Target::Item(item) if item.is_function() => self.function(item)?.into(),
            Target::Item(item) => self.constant(item)?.into(),
        })
    }

    fn function(&mut self, item: Item) -> Result<FuncId, Error> {
        if let Some(&id) = self.functions.get(&item) {
            return Ok(id);
        }
        let linkage = match item {
            Item::Runtime(_)
            | Item::Memmove
            | Item::Start
            | Item::CallDeinit
            | Item::Poll(_)
            | Item::Foreign(_)
            | Item::ForeignStub(_)
            | Item::Sanitizer(_)
            | Item::SanitizerStub
            | Item::MoreStack(_) => {
                return self.import(item);
            }
            Item::Glue(Glue::Main) => Linkage::Export,
            _ => Linkage::Local,
        };
        let name = self.new_name(item);
        let id = self.module.declare_function(&name, linkage, &self.signature(item))?;
        self.functions.insert(item, id);
        Ok(id)
    }

    /// A function from elsewhere, whose name is given. Two declarations of a function of C are one symbol.
    fn import(&mut self, item: Item) -> Result<FuncId, Error> {
        let name = self.program.item_name(item);
        let id = match self.module.get_name(&name) {
            Some(FuncOrDataId::Func(known)) => known,
            _ => self.module.declare_function(&name, Linkage::Import, &self.signature(item))?,
        };
        self.functions.insert(item, id);
        Ok(id)
    }

    fn constant(&mut self, item: Item) -> Result<DataId, Error> {
        if let Some(&id) = self.constants.get(&item) {
            return Ok(id);
        }
        let name = self.new_name(item);
        // The cells of constants are written once by the program.
        let is_writable = matches!(item, Item::Global(_));
        let id = self.module.declare_data(&name, Linkage::Local, is_writable, false)?;
        self.constants.insert(item, id);
        Ok(id)
    }

    /// The name of an item. Items of equal names, such as the bodies of two tasks in one function, are numbered.
    fn new_name(&mut self, item: Item) -> String {
        let name = self.program.item_name(item);
        let mut candidate = name.clone();
        let mut number = 2;
        while !self.names.insert(candidate.clone()) {
            candidate = format!("{name}#{number}");
            number += 1;
        }
        candidate
    }

    fn signature(&self, item: Item) -> Signature {
        match item {
            Item::Function(id) => self.program.abis[id].signature.clone(),
            Item::Runtime(function) => abi::runtime_signature(function),
            Item::Glue(glue) => abi::glue_signature(self.program, glue),
            Item::Memmove => abi::memmove_signature(),
            Item::Start => abi::start_signature(),
            Item::CallDeinit => abi::call_deinit_signature(),
            Item::Poll(_) => abi::poll_signature(),
            // The object file only names them; each call says what it passes.
            Item::Foreign(_) | Item::ForeignStub(_) | Item::Sanitizer(_) | Item::MoreStack(_) => {
                abi::signature(&[], &[])
            }
            Item::SanitizerStub => abi::sanitizer_signature(),
            _ => crate::bug!("{item:?} is not called"),
        }
    }
}
