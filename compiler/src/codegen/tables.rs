//! The tables that the runtime reads: types, tasks, functions, call sites, places in the source.

use std::mem::{offset_of, size_of};

use cranelift_module::DataId;
use plat_abi::ABI_VERSION;
use plat_abi::fork::ScopeSite;
use plat_abi::layout::{
    CallSite, ClosureHeader, ClosureInfo, FunctionEntry, InlinedCall, Location, MainResult, Part,
    ProgramDescriptor, Sanitizers, Slot, StaticText, TASK_CAPTURES, TaskDescriptor, TypeInfo,
};
use plat_syntax::hash::HashMap;
use plat_syntax::index::{Id, Symbol};
use plat_syntax::source::Span;

use super::closure::has_captures_to_share;
use super::compiled::Compiled;
use super::data::{Data, Pointer};
use super::forks::record_size;
use super::item::{Glue, Item};
use super::layout::TypeIndex;
use super::object::ObjectFile;
use super::program::Program;
use super::sanitizer::{CONTEXTS, SanitizerFn, Watch};
use super::stack::StackBounds;
use super::unwind::CleanupSlot;
use super::{Error, Sanitizer};
use crate::mir::{Function, FunctionId, FunctionKind, InlineSiteId, Local, StatementKind};

/// The glue of a type: what releases a value in a slot, if anything has to.
pub fn drop_glue(program: &Program<'_>, ty: TypeIndex) -> Option<Item> {
    program.layouts.is_managed(program.layouts.ty(ty)).then_some(Item::Glue(Glue::Drop(ty)))
}

/// The glue of a type: what makes a value in a slot shared, if anything has to.
pub fn share_glue(program: &Program<'_>, ty: TypeIndex) -> Option<Item> {
    program.layouts.is_managed(program.layouts.ty(ty)).then_some(Item::Glue(Glue::Share(ty)))
}

/// The glue of a task: what releases its captures, if anything has to.
pub fn drop_captures_glue(program: &Program<'_>, task: FunctionId) -> Option<Item> {
    let (captures, _) = program.captures(task);
    let is_managed = captures.iter().any(|capture| program.layouts.is_managed(capture.ty));
    is_managed.then_some(Item::Glue(Glue::DropCaptures(task)))
}

/// The glue of a closure: what makes its captures shared, if anything has to.
pub fn share_closure_glue(program: &Program<'_>, body: FunctionId) -> Option<Item> {
    has_captures_to_share(program, body).then_some(Item::Glue(Glue::ShareClosure(body)))
}

/// The function that runs a task.
pub fn task_entry(program: &Program<'_>, task: FunctionId) -> Item {
    match program.mir.functions[task].kind {
        FunctionKind::TaskBody => Item::Function(task),
        FunctionKind::Plain | FunctionKind::ClosureBody => Item::Glue(Glue::MainTask),
    }
}

/// Writes the tables.
pub struct Tables<'p, 'o> {
    program: &'p Program<'p>,
    object: &'o mut ObjectFile<'p>,
    places: Places,
    texts: HashMap<String, DataId>,
}

impl<'p, 'o> Tables<'p, 'o> {
    /// Writes into `object`.
    pub fn new(program: &'p Program<'p>, object: &'o mut ObjectFile<'p>) -> Self {
        Self { program, object, places: Places::default(), texts: HashMap::default() }
    }

    /// Writes a constant.
    pub fn write_data(&mut self, item: Item, data: Data) -> Result<(), Error> {
        self.object.define_data(item, data)
    }

    /// Writes the description of a type.
    pub fn write_type(&mut self, ty: TypeIndex) -> Result<(), Error> {
        let mut data = Data::zeroed(size_of::<TypeInfo>());
        let name = self.program.type_name(ty);
        self.set_text(&mut data, offset_of!(TypeInfo, name), &name)?;
        data.set_u64(
            offset_of!(TypeInfo, size),
            u64::from(self.program.layouts.of(self.program.layouts.ty(ty)).size),
        );
        set_glue(&mut data, offset_of!(TypeInfo, drop), drop_glue(self.program, ty));
        set_glue(&mut data, offset_of!(TypeInfo, share), share_glue(self.program, ty));
        self.object.define_data(Item::TypeInfo(ty), data)
    }

    /// Writes the description of a task.
    pub fn write_task(&mut self, item: Item, bounds: &mut StackBounds<'_>) -> Result<(), Error> {
        let (task, is_in_frame) = match item {
            Item::TaskDescriptor(task) => (task, false),
            Item::FrameTask(task) => (task, true),
            _ => crate::bug!("{item:?} is no task"),
        };
        let program = self.program;
        let function = &program.mir.functions[task];
        let result = function.result_ty();
        let size = if is_in_frame { 0 } else { record_size(program.mir, &program.layouts, task) };
        let entry = task_entry(program, task);
        let mut data = Data::zeroed(size_of::<TaskDescriptor>());
        data.set_pointer(offset_of!(TaskDescriptor, entry), Pointer::Item(entry));
        data.set_u32(offset_of!(TaskDescriptor, record_size), size);
        data.set_u32(offset_of!(TaskDescriptor, result_offset), TASK_CAPTURES as u32);
        data.set_u32(offset_of!(TaskDescriptor, stack_bound), bounds.bound(entry).unwrap_or(0));
        data.set_u32(
            offset_of!(TaskDescriptor, location),
            self.places.number(program, None, function.span, None),
        );
        let drop_result = drop_glue(program, program.layouts.number(result));
        set_glue(&mut data, offset_of!(TaskDescriptor, drop_captures), drop_captures_glue(program, task));
        set_glue(&mut data, offset_of!(TaskDescriptor, drop_result), drop_result);
        self.object.define_data(item, data)
    }

    /// Writes where a function opens a scope.
    pub fn write_scope(&mut self, id: FunctionId, scope: Local) -> Result<(), Error> {
        let program = self.program;
        let function = &program.mir.functions[id];
        let mut statements = function.blocks.iter().flat_map(|block| &block.statements);
        let opening = statements
            .find(|statement| matches!(statement.kind, StatementKind::ScopeEnter(local) if local == scope));
        let opening = opening.unwrap_or_else(|| crate::bug!("{}: nothing opens {scope}", function.name));
        let mut data = Data::zeroed(size_of::<ScopeSite>());
        self.set_text(&mut data, offset_of!(ScopeSite, function), &function.name)?;
        data.set_u32(offset_of!(ScopeSite, part), part(function.is_library) as u32);
        let location = self.places.number(program, Some(function), opening.span, opening.site);
        data.set_u32(offset_of!(ScopeSite, location), location);
        self.object.define_data(Item::ScopeSite(id, scope), data)
    }

    /// Writes the block of a function that captures nothing.
    pub fn write_closure(&mut self, body: FunctionId) -> Result<(), Error> {
        let mut data = Data::zeroed(size_of::<ClosureHeader>());
        let entry = Pointer::Item(Item::Glue(Glue::ClosureEntry(body)));
        data.set_pointer(offset_of!(ClosureHeader, code), entry);
        self.object.define_data(Item::Closure(body), data)
    }

    /// Writes what to do with the blocks of a closure.
    pub fn write_closure_info(&mut self, body: FunctionId) -> Result<(), Error> {
        let mut data = Data::zeroed(size_of::<ClosureInfo>());
        let free = Pointer::Item(Item::Glue(Glue::FreeClosure(body)));
        data.set_pointer(offset_of!(ClosureInfo, free), free);
        set_glue(&mut data, offset_of!(ClosureInfo, share), share_closure_glue(self.program, body));
        self.object.define_data(Item::ClosureInfo(body), data)
    }

    /// Writes the description of the program.
    pub fn write_program(mut self, code: &[Compiled], reserve: u32) -> Result<(), Error> {
        let listed: Vec<&Compiled> = code.iter().filter(|compiled| !compiled.call_sites.is_empty()).collect();
        let slots = SlotLists::new(&listed);
        let call_sites = self.call_sites(&listed, &slots);
        let functions = self.functions(&listed)?;
        let inlined = self.inlined()?;
        let files = self.files()?;
        let tables = [
            (offset_of!(ProgramDescriptor, functions), functions),
            (offset_of!(ProgramDescriptor, call_sites), call_sites),
            (offset_of!(ProgramDescriptor, slots), slots.data()),
            (offset_of!(ProgramDescriptor, locations), self.places.data),
            (offset_of!(ProgramDescriptor, inlined), inlined),
            (offset_of!(ProgramDescriptor, files), files),
        ];
        let main = self.program.main();
        let has_code = self.program.layouts.of(self.program.mir.functions[main].result_ty()).size > 0;
        let result = if has_code { MainResult::ExitCode } else { MainResult::Unit };
        let mut data = Data::zeroed(size_of::<ProgramDescriptor>());
        data.set_u32(offset_of!(ProgramDescriptor, abi_version), ABI_VERSION);
        data.set_u32(offset_of!(ProgramDescriptor, stack_reserve), reserve);
        data.set_pointer(offset_of!(ProgramDescriptor, main), Pointer::Item(Item::TaskDescriptor(main)));
        data.set_u64(offset_of!(ProgramDescriptor, main_result), result as u64);
        data.set_u64(offset_of!(ProgramDescriptor, function_count), listed.len() as u64);
        if self.program.sanitizer == Sanitizer::Thread {
            let orders = [
                (offset_of!(Sanitizers, acquire), SanitizerFn::Tell(Watch::Acquire)),
                (offset_of!(Sanitizers, release), SanitizerFn::Tell(Watch::Release)),
            ];
            let contexts =
                CONTEXTS.iter().zip(0..).map(|((_, offset), place)| (*offset, SanitizerFn::Context(place)));
            for (offset, function) in orders.into_iter().chain(contexts) {
                let place = offset_of!(ProgramDescriptor, sanitizer) + offset;
                data.set_pointer(place, Pointer::Item(Item::Sanitizer(function)));
            }
        }
        for (offset, table) in tables {
            let table = self.object.define_table(table)?;
            data.set_pointer(offset, Pointer::Table(table, 0));
        }
        self.object.define_data(Item::Program, data)
    }

    fn functions(&mut self, code: &[&Compiled]) -> Result<Data, Error> {
        let mut data = Data::zeroed(code.len() * size_of::<FunctionEntry>());
        let mut first_site = 0;
        for (row, compiled) in code.iter().enumerate() {
            let start = row * size_of::<FunctionEntry>();
            let (name, part) = match compiled.item {
                Item::Function(id) => {
                    let function = &self.program.mir.functions[id];
                    (function.name.clone(), part(function.is_library))
                }
                item => (self.program.item_name(item), Part::Generated),
            };
            data.set_pointer(start + offset_of!(FunctionEntry, address), Pointer::Item(compiled.item));
            self.set_text(&mut data, start + offset_of!(FunctionEntry, name), &name)?;
            data.set_u32(start + offset_of!(FunctionEntry, size), compiled.code.len() as u32);
            data.set_u32(start + offset_of!(FunctionEntry, first_call_site), first_site);
            let sites = compiled.call_sites.len() as u32;
            data.set_u32(start + offset_of!(FunctionEntry, call_site_count), sites);
            data.set_u32(start + offset_of!(FunctionEntry, part), part as u32);
            first_site += sites;
        }
        Ok(data)
    }

    fn call_sites(&mut self, code: &[&Compiled], slots: &SlotLists) -> Data {
        let sites =
            code.iter().flat_map(|compiled| compiled.call_sites.iter().map(|site| (compiled.item, site)));
        let mut data = Data::default();
        for (item, site) in sites {
            let function = match item {
                Item::Function(id) => Some(&self.program.mir.functions[id]),
                _ => None,
            };
            let start = data.bytes.len();
            data.bytes.resize(start + size_of::<CallSite>(), 0);
            data.set_u32(start + offset_of!(CallSite, return_offset), site.return_offset);
            let location = self.places.number(self.program, function, site.span, site.inlined);
            data.set_u32(start + offset_of!(CallSite, location), location);
            data.set_u32(start + offset_of!(CallSite, first_slot), slots.first(&site.slots));
            data.set_u32(start + offset_of!(CallSite, slot_count), site.slots.len() as u32);
        }
        data
    }

    fn files(&mut self) -> Result<Data, Error> {
        let names: Vec<&str> = self.program.sources.files().map(|(_, file)| file.name.as_str()).collect();
        let mut data = Data::zeroed(names.len() * size_of::<StaticText>());
        for (row, name) in names.into_iter().enumerate() {
            self.set_text(&mut data, row * size_of::<StaticText>(), name)?;
        }
        Ok(data)
    }

    fn inlined(&mut self) -> Result<Data, Error> {
        let rows = std::mem::take(&mut self.places.inlined);
        let mut data = Data::zeroed(rows.len() * size_of::<InlinedCall>());
        for (row, inlined) in rows.into_iter().enumerate() {
            let start = row * size_of::<InlinedCall>();
            self.set_text(&mut data, start + offset_of!(InlinedCall, callee), inlined.callee.as_str())?;
            data.set_u32(start + offset_of!(InlinedCall, call), inlined.call);
            data.set_u32(start + offset_of!(InlinedCall, part), inlined.part as u32);
        }
        Ok(data)
    }

    fn set_text(&mut self, data: &mut Data, offset: usize, text: &str) -> Result<(), Error> {
        let table = match self.texts.get(text) {
            Some(&table) => table,
            None => {
                let bytes = Data { bytes: text.as_bytes().to_vec(), pointers: Vec::new() };
                let table = self.object.define_table(bytes)?;
                self.texts.insert(text.to_owned(), table);
                table
            }
        };
        data.set_pointer(offset + offset_of!(StaticText, data), Pointer::Table(table, 0));
        data.set_u64(offset + offset_of!(StaticText, length), text.len() as u64);
        Ok(())
    }
}

fn set_glue(data: &mut Data, offset: usize, glue: Option<Item>) {
    if let Some(item) = glue {
        data.set_pointer(offset, Pointer::Item(item));
    }
}

fn part(is_library: bool) -> Part {
    if is_library { Part::Library } else { Part::Program }
}

/// The lists of slots of all call sites, equal ones once: neighbouring calls of a function mostly own the same.
struct SlotLists {
    rows: Vec<CleanupSlot>,
    firsts: HashMap<Vec<CleanupSlot>, u32>,
}

impl SlotLists {
    fn new(code: &[&Compiled]) -> Self {
        let mut lists = Self { rows: Vec::new(), firsts: HashMap::default() };
        for site in code.iter().flat_map(|compiled| &compiled.call_sites) {
            if !site.slots.is_empty() && !lists.firsts.contains_key(&site.slots) {
                lists.firsts.insert(site.slots.clone(), lists.rows.len() as u32);
                lists.rows.extend_from_slice(&site.slots);
            }
        }
        lists
    }

    fn first(&self, slots: &[CleanupSlot]) -> u32 {
        self.firsts.get(slots).copied().unwrap_or(0)
    }

    fn data(&self) -> Data {
        let mut data = Data::zeroed(self.rows.len() * size_of::<Slot>());
        for (row, slot) in self.rows.iter().enumerate() {
            let start = row * size_of::<Slot>();
            set_glue(&mut data, start + offset_of!(Slot, run), slot.cleanup.code());
            data.set_u32(start + offset_of!(Slot, frame_offset), slot.frame_offset as u32);
            data.set_u32(start + offset_of!(Slot, kind), slot.cleanup.kind() as u32);
        }
        data
    }
}

/// Places in the source, each once for each way of inlined calls that leads to it.
#[derive(Default)]
struct Places {
    data: Data,
    /// By file, offset, and one more than the row of the inlined call.
    numbers: HashMap<(u32, u32, u32), u32>,
    inlined: Vec<Inlined>,
    inlined_rows: HashMap<Inlined, u32>,
}

/// A row of inlined calls.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Inlined {
    callee: Symbol,
    part: Part,
    /// The number of the place where it is called.
    call: u32,
}

impl Places {
    /// The number of the place of code that stands in `function`, there inlined by `site`.
    fn number(
        &mut self,
        program: &Program<'_>,
        function: Option<&Function>,
        span: Span,
        site: Option<InlineSiteId>,
    ) -> u32 {
        let mut path = Vec::new();
        let mut next = site;
        while let (Some(function), Some(site)) = (function, next) {
            let site = &function.inline_sites[site];
            path.push(site);
            next = site.parent;
        }
        let mut row = 0;
        for site in path.into_iter().rev() {
            let call = self.place(program, site.call, row);
            row = self.inlined_row(Inlined { callee: site.callee, part: part(site.is_library), call }) + 1;
        }
        self.place(program, span, row)
    }

    fn inlined_row(&mut self, inlined: Inlined) -> u32 {
        *self.inlined_rows.entry(inlined).or_insert_with(|| {
            self.inlined.push(inlined);
            self.inlined.len() as u32 - 1
        })
    }

    fn place(&mut self, program: &Program<'_>, span: Span, inlined: u32) -> u32 {
        let next = self.numbers.len() as u32;
        let data = &mut self.data;
        let file = span.file.index() as u32;
        *self.numbers.entry((file, span.start, inlined)).or_insert_with(|| {
            let place = program.sources.line_column(span);
            let start = data.bytes.len();
            data.bytes.resize(start + size_of::<Location>(), 0);
            data.set_u32(start + offset_of!(Location, file), file);
            data.set_u32(start + offset_of!(Location, line), place.line);
            data.set_u32(start + offset_of!(Location, column), place.column);
            data.set_u32(start + offset_of!(Location, inlined), inlined);
            next
        })
    }
}
