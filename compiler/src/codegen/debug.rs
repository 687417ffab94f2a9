//! Debug information: what debuggers and profilers show of an executable.
//!
//! DWARF, version 4: one unit for the program, in it each function with its name and place, the calls that are inlined in it, and a
//! table of lines; of variables it says nothing yet. Beside it `frames`, the shape of every frame. The runtime reads none
//! of this: it has tables of its own (`tables`).
//!
//! Files are named as they were given to the compiler, and the folder they are relative to is `.`, so that the same program gives
//! the same bytes wherever it is compiled.

use cranelift_codegen::gimli::write::{
    Address, AttributeValue, DwarfUnit, FileId, LineProgram, LineString, Range, RangeList, Sections,
    UnitEntryId,
};
use cranelift_codegen::gimli::{self, Encoding, Format, LineEncoding};
use cranelift_module::FuncId;
use cranelift_object::ObjectProduct;
use plat_syntax::hash::HashMap;
use plat_syntax::index::{IndexVec, Symbol};
use plat_syntax::source::{FileId as SourceFile, Span};

use super::Error;
use super::compiled::Compiled;
use super::item::Item;
use super::program::Program;
use crate::mir::{Function, InlineSiteId};
use sections::SectionWriter;

mod frames;
mod sections;

/// Machine code that was written for one place in the source.
#[derive(Clone, Debug)]
pub struct LineRange {
    /// Offset of its first byte in the function.
    pub start: u32,
    /// Offset behind its last byte.
    pub end: u32,
    /// The place.
    pub span: Span,
    /// The inlined call whose body that is in.
    pub inlined: Option<InlineSiteId>,
}

/// Of the functions in the unit. Version 5 says the same in less space, but not all profilers read it.
const ENCODING: Encoding = Encoding { format: Format::Dwarf32, version: 4, address_size: 8 };

/// Adds the debug information of the functions to the object file.
pub fn write(
    program: &Program<'_>,
    code: &[Compiled],
    product: &mut ObjectProduct,
    function: impl Fn(Item) -> FuncId,
) -> Result<(), Error> {
    let mut unit = Unit::new(program);
    for (symbol, compiled) in code.iter().enumerate() {
        unit.add_function(symbol, compiled);
    }
    let mut sections = Sections::new(SectionWriter::default());
    unit.finish().write(&mut sections).map_err(failed)?;
    frames::write(program, code, &mut sections.eh_frame).map_err(failed)?;
    let symbols = code.iter().map(|compiled| product.function_symbol(function(compiled.item)));
    let symbols = symbols.collect::<Vec<_>>();
    sections::add(&mut product.object, &sections, &symbols)
}

fn failed(error: gimli::write::Error) -> Error {
    Error::Generator { message: format!("debug information: {error}") }
}

/// The unit in the making.
struct Unit<'p> {
    program: &'p Program<'p>,
    dwarf: DwarfUnit,
    files: HashMap<SourceFile, FileId>,
    /// The entries that inlined calls refer to, one for each function that is inlined anywhere.
    callees: HashMap<Symbol, UnitEntryId>,
    ranges: Vec<Range>,
}

impl<'p> Unit<'p> {
    fn new(program: &'p Program<'p>) -> Self {
        let mut dwarf = DwarfUnit::new(ENCODING);
        let main = program.mir.functions[program.main()].span.file;
        let name = program.sources.file(main).name.as_str();
        let mut text = |text: &str| LineString::new(text, ENCODING, &mut dwarf.line_strings);
        let (folder, file) = (text("."), text(name));
        dwarf.unit.line_program =
            LineProgram::new(ENCODING, LineEncoding::default(), folder, None, file, None);
        let root = dwarf.unit.root();
        let producer = concat!("platc ", env!("CARGO_PKG_VERSION"));
        for (attribute, value) in
            [(gimli::DW_AT_producer, producer), (gimli::DW_AT_name, name), (gimli::DW_AT_comp_dir, ".")]
        {
            let value = AttributeValue::StringRef(dwarf.strings.add(value));
            dwarf.unit.get_mut(root).set(attribute, value);
        }
        // Debuggers know no Plat; with C's names and expressions they come nearest.
        let language = AttributeValue::Language(gimli::DW_LANG_C99);
        dwarf.unit.get_mut(root).set(gimli::DW_AT_language, language);
        Self { program, dwarf, files: HashMap::default(), callees: HashMap::default(), ranges: Vec::new() }
    }

    fn file(&mut self, file: SourceFile) -> FileId {
        let Self { program, dwarf, files, .. } = self;
        *files.entry(file).or_insert_with(|| {
            let name = program.sources.file(file).name.as_str();
            let name = LineString::new(name, ENCODING, &mut dwarf.line_strings);
            let folder = dwarf.unit.line_program.default_directory();
            dwarf.unit.line_program.add_file(name, folder, None)
        })
    }

    fn add_function(&mut self, symbol: usize, compiled: &Compiled) {
        let function = match compiled.item {
            Item::Function(id) => Some(&self.program.mir.functions[id]),
            _ => None,
        };
        let size = compiled.code.len() as u64;
        let start = Address::Symbol { symbol, addend: 0 };
        self.ranges.push(Range::StartLength { begin: start, length: size });
        let root = self.dwarf.unit.root();
        let entry = self.dwarf.unit.add(root, gimli::DW_TAG_subprogram);
        let name = function.map_or_else(|| self.program.item_name(compiled.item), |it| it.name.clone());
        self.set_text(entry, gimli::DW_AT_name, &name);
        self.set(entry, gimli::DW_AT_low_pc, AttributeValue::Address(start));
        self.set(entry, gimli::DW_AT_high_pc, AttributeValue::Udata(size));
        if let Some(function) = function {
            self.set_place(entry, function.span, [gimli::DW_AT_decl_file, gimli::DW_AT_decl_line]);
            self.add_inlined(entry, symbol, function, &compiled.lines);
        }
        self.add_lines(start, compiled);
    }

    fn add_lines(&mut self, start: Address, compiled: &Compiled) {
        if compiled.lines.is_empty() {
            return;
        }
        self.dwarf.unit.line_program.begin_sequence(Some(start));
        for (position, range) in compiled.lines.iter().enumerate() {
            let file = self.file(range.span.file);
            let place = self.program.sources.line_column(range.span);
            let row = self.dwarf.unit.line_program.row();
            // The prologue has no line of its own.
            row.address_offset = if position == 0 { 0 } else { u64::from(range.start) };
            row.file = file;
            row.line = u64::from(place.line);
            row.column = u64::from(place.column);
            self.dwarf.unit.line_program.generate_row();
        }
        self.dwarf.unit.line_program.end_sequence(compiled.code.len() as u64);
    }

    /// Adds the inlined calls of a function, each in the one whose body contains it.
    fn add_inlined(&mut self, entry: UnitEntryId, symbol: usize, function: &Function, lines: &[LineRange]) {
        let mut ranges: IndexVec<InlineSiteId, Vec<Range>> =
            IndexVec::filled(function.inline_sites.len(), Vec::new());
        for line in lines.iter().filter(|line| line.end > line.start) {
            let begin = Address::Symbol { symbol, addend: i64::from(line.start) };
            let range = Range::StartLength { begin, length: u64::from(line.end - line.start) };
            let mut next = line.inlined;
            while let Some(site) = next {
                ranges[site].push(range.clone());
                next = function.inline_sites[site].parent;
            }
        }
        let mut entries: IndexVec<InlineSiteId, UnitEntryId> = IndexVec::new();
        for (id, site) in function.inline_sites.iter_enumerated() {
            let parent = site.parent.map_or(entry, |parent| entries[parent]);
            if ranges[id].is_empty() {
                // None of its code is left; nor of what is inlined in it.
                entries.push(parent);
                continue;
            }
            let inlined = self.dwarf.unit.add(parent, gimli::DW_TAG_inlined_subroutine);
            entries.push(inlined);
            let callee = self.callee(site.callee);
            self.set(inlined, gimli::DW_AT_abstract_origin, AttributeValue::UnitRef(callee));
            let list = self.dwarf.unit.ranges.add(RangeList(std::mem::take(&mut ranges[id])));
            self.set(inlined, gimli::DW_AT_ranges, AttributeValue::RangeListRef(list));
            self.set_place(inlined, site.call, [gimli::DW_AT_call_file, gimli::DW_AT_call_line]);
        }
    }

    fn callee(&mut self, name: Symbol) -> UnitEntryId {
        if let Some(&known) = self.callees.get(&name) {
            return known;
        }
        let root = self.dwarf.unit.root();
        let entry = self.dwarf.unit.add(root, gimli::DW_TAG_subprogram);
        self.set_text(entry, gimli::DW_AT_name, name.as_str());
        self.set(entry, gimli::DW_AT_inline, AttributeValue::Inline(gimli::DW_INL_inlined));
        self.callees.insert(name, entry);
        entry
    }

    fn set_place(&mut self, entry: UnitEntryId, span: Span, [file, line]: [gimli::DwAt; 2]) {
        let place = self.program.sources.line_column(span);
        let id = self.file(span.file);
        self.set(entry, file, AttributeValue::FileIndex(Some(id)));
        self.set(entry, line, AttributeValue::Udata(u64::from(place.line)));
    }

    fn set_text(&mut self, entry: UnitEntryId, attribute: gimli::DwAt, text: &str) {
        let text = AttributeValue::StringRef(self.dwarf.strings.add(text));
        self.set(entry, attribute, text);
    }

    fn set(&mut self, entry: UnitEntryId, attribute: gimli::DwAt, value: AttributeValue) {
        self.dwarf.unit.get_mut(entry).set(attribute, value);
    }

    /// The unit with the ranges of all its functions, which need not lie together.
    fn finish(mut self) -> DwarfUnit {
        let root = self.dwarf.unit.root();
        let ranges = self.dwarf.unit.ranges.add(RangeList(std::mem::take(&mut self.ranges)));
        self.set(root, gimli::DW_AT_low_pc, AttributeValue::Address(Address::Constant(0)));
        self.set(root, gimli::DW_AT_ranges, AttributeValue::RangeListRef(ranges));
        self.dwarf
    }
}
