//! The sites of inlined calls: what backtraces say of code that came from elsewhere.

use plat_syntax::index::{Id, IndexVec, Symbol};

use crate::mir::{Function, InlineSite, InlineSiteId, Statement};

/// Gives the caller a site for `call` and one for each that the callee has; returns the first.
pub fn add(caller: &mut Function, callee: &Function, call: &Statement) -> InlineSiteId {
    let site = InlineSite {
        callee: Symbol::intern(&callee.name),
        is_library: callee.is_library,
        call: call.span,
        parent: call.site,
    };
    let first = caller.inline_sites.push(site);
    for inner in callee.inline_sites.iter() {
        let parent = Some(moved(inner.parent, first));
        caller.inline_sites.push(InlineSite { parent, ..inner.clone() });
    }
    first
}

/// What a site of the callee is called in the caller, which has `first` for the call itself.
pub fn moved(site: Option<InlineSiteId>, first: InlineSiteId) -> InlineSiteId {
    site.map_or(first, |site| InlineSiteId(first.0 + 1 + site.0))
}

/// Drops the sites that no statement was written in. What is left keeps its order: a parent before its children.
pub fn keep_mentioned(function: &mut Function) {
    if function.inline_sites.is_empty() {
        return;
    }
    let mut is_mentioned = vec![false; function.inline_sites.len()];
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        let mut next = statement.site;
        while let Some(site) = next.filter(|site| !std::mem::replace(&mut is_mentioned[site.index()], true)) {
            next = function.inline_sites[site].parent;
        }
    }
    let mut renamed = Vec::with_capacity(is_mentioned.len());
    let mut kept = IndexVec::new();
    for (site, decl) in function.inline_sites.iter_enumerated() {
        renamed.push(kept.next_id());
        if is_mentioned[site.index()] {
            let parent = decl.parent.map(|parent| renamed[parent.index()]);
            kept.push(InlineSite { parent, ..decl.clone() });
        }
    }
    function.inline_sites = kept;
    for statement in function.blocks.iter_mut().flat_map(|block| &mut block.statements) {
        statement.site = statement.site.map(|site| renamed[site.index()]);
    }
}
