//! Sections of debug information in the object file, with what the linker has to fill in.

use cranelift_codegen::gimli::write::{EndianVec, RelocateWriter, Relocation, RelocationTarget, Sections};
use cranelift_codegen::gimli::{LittleEndian, SectionId};
use cranelift_object::object::write::{self, Object, SymbolId};
use cranelift_object::object::{RelocationEncoding, RelocationFlags, RelocationKind, SectionKind};

use crate::codegen::Error;

/// A section in the making.
#[derive(Clone)]
pub struct SectionWriter {
    bytes: EndianVec<LittleEndian>,
    relocations: Vec<Relocation>,
}

impl Default for SectionWriter {
    fn default() -> Self {
        Self { bytes: EndianVec::new(LittleEndian), relocations: Vec::new() }
    }
}

impl RelocateWriter for SectionWriter {
    type Writer = EndianVec<LittleEndian>;

    fn writer(&self) -> &Self::Writer {
        &self.bytes
    }

    fn writer_mut(&mut self) -> &mut Self::Writer {
        &mut self.bytes
    }

    fn relocate(&mut self, relocation: Relocation) {
        self.relocations.push(relocation);
    }
}

/// Adds what was written to the object file. Functions are named by their places in `functions`.
pub fn add(
    object: &mut Object<'_>,
    sections: &Sections<SectionWriter>,
    functions: &[SymbolId],
) -> Result<(), Error> {
    let mut added = Vec::new();
    let for_each = sections.for_each(|id, section| {
        let bytes = section.bytes.slice();
        if !bytes.is_empty() {
            let kind = match id {
                SectionId::EhFrame => SectionKind::ReadOnlyData,
                SectionId::DebugStr | SectionId::DebugLineStr => SectionKind::DebugString,
                _ => SectionKind::Debug,
            };
            let new = object.add_section(Vec::new(), id.name().as_bytes().to_vec(), kind);
            let alignment = if id == SectionId::EhFrame { 8 } else { 1 };
            object.append_section_data(new, bytes, alignment);
            added.push((id, new, section));
        }
        Ok::<(), Error>(())
    });
    for_each?;
    for &(_, section, written) in &added {
        for relocation in &written.relocations {
            let symbol = match relocation.target {
                RelocationTarget::Symbol(function) => functions[function],
                RelocationTarget::Section(id) => {
                    let Some(&(_, target, _)) = added.iter().find(|(other, ..)| *other == id) else {
                        crate::bug!("debug information refers to {id:?}, which is empty")
                    };
                    object.section_symbol(target)
                }
            };
            let kind = match relocation.eh_pe {
                Some(_) => RelocationKind::Relative,
                None => RelocationKind::Absolute,
            };
            let flags = RelocationFlags::Generic {
                kind,
                encoding: RelocationEncoding::Generic,
                size: relocation.size * 8,
            };
            let relocation = write::Relocation {
                offset: relocation.offset as u64,
                symbol,
                addend: relocation.addend,
                flags,
            };
            object
                .add_relocation(section, relocation)
                .map_err(|error| Error::Generator { message: format!("debug information: {error}") })?;
        }
    }
    Ok(())
}
