//! What code was written for: marks that Cranelift carries from instructions to machine code.
//!
//! Its source locations are numbers. One is given to each call that can unwind, for the unwind table; others to places in the source,
//! for debuggers.

use cranelift_codegen::CompiledCode;
use cranelift_codegen::ir::SourceLoc;
use plat_syntax::source::Span;

use super::debug::LineRange;
use super::unwind::Site;
use crate::mir::InlineSiteId;

/// The marks of one function.
#[derive(Debug, Default)]
pub struct Marks {
    /// Its calls that can unwind, in the order they were written.
    pub sites: Vec<Site>,
    /// Places in the source.
    places: Vec<(Span, Option<InlineSiteId>)>,
}

/// Set in the numbers of places. Calls are counted from 1: Cranelift keeps 0 as the base of a function for itself.
const PLACE: u32 = 1 << 31;

impl Marks {
    /// The marks of a function with nothing but calls.
    pub fn of_sites(sites: Vec<Site>) -> Self {
        Self { sites, places: Vec::new() }
    }

    /// The mark of a call that can unwind.
    pub fn add_site(&mut self, site: Site) -> SourceLoc {
        self.sites.push(site);
        SourceLoc::new(self.sites.len() as u32)
    }

    /// The mark of a place.
    pub fn add_place(&mut self, span: Span, inlined: Option<InlineSiteId>) -> SourceLoc {
        if self.places.last() != Some(&(span, inlined)) {
            self.places.push((span, inlined));
        }
        SourceLoc::new(PLACE | (self.places.len() as u32 - 1))
    }

    /// The call that a mark stands for.
    pub fn site(&self, mark: SourceLoc) -> Option<&Site> {
        site(&self.sites, mark)
    }

    /// Which of the code was written for which place, if places were marked.
    pub fn lines(&self, code: &CompiledCode) -> Vec<LineRange> {
        if self.places.is_empty() {
            return Vec::new();
        }
        let ranges = code.buffer.get_srclocs_sorted().iter().filter_map(|range| {
            let (span, inlined) = match self.site(range.loc) {
                Some(site) => (site.span, site.inlined),
                None if range.loc.is_default() => return None,
                None => *self.places.get((range.loc.bits() & !PLACE) as usize)?,
            };
            Some(LineRange { start: range.start, end: range.end, span, inlined })
        });
        ranges.collect()
    }
}

/// The call among `sites` that a mark stands for.
pub fn site(sites: &[Site], mark: SourceLoc) -> Option<&Site> {
    let is_site = !mark.is_default() && mark.bits() & PLACE == 0;
    is_site.then(|| sites.get((mark.bits() as usize).checked_sub(1)?)).flatten()
}
