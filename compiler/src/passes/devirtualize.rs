//! Calls of methods of interfaces' values become calls of the functions that do it, where those are known.
//!
//! They are known where the program puts values of one type only into values of the interface's type, or where the value
//! that is asked holds nothing but what it was made of in the same function. What is called takes the same value, and
//! looks at what that holds.

use plat_syntax::hash::HashMap;
use plat_syntax::index::IndexVec;

use super::mentions::{Counts, count};
use crate::hir::Definitions;
use crate::mir::{
    Argument, Callee, Entry, EntryId, Function, FunctionId, Local, LocalKind, Mir, Rvalue, StatementKind,
};
use crate::types::Ty;

/// The methods of values of interfaces' types.
pub(super) struct Methods {
    entries: IndexVec<EntryId, Entry>,
    /// By the interface's type and the type of what the value holds: the methods by number.
    by_content: HashMap<(Ty, Ty), Vec<FunctionId>>,
    /// By the interface's type, where there is but one type of contents.
    only: HashMap<Ty, Vec<FunctionId>>,
}

impl Methods {
    /// Those of a program.
    pub(super) fn of(mir: &Mir) -> Self {
        let mut methods =
            Self { entries: mir.entries.clone(), by_content: HashMap::default(), only: HashMap::default() };
        for table in &mir.tables {
            let is_only = mir.tables.iter().filter(|other| other.interface == table.interface).count() == 1;
            if is_only {
                methods.only.insert(table.interface, table.methods.clone());
            }
            methods.by_content.insert((table.interface, table.ty), table.methods.clone());
        }
        methods
    }

    /// Makes calls direct, and says whether there were any.
    pub(super) fn call_directly(&self, function: &mut Function, definitions: &Definitions) -> bool {
        if self.entries.is_empty() || !calls_entries(function) {
            return false;
        }
        let contents = known_contents(function, definitions, &count(function));
        let mut changed = false;
        for statement in function.blocks.iter_mut().flat_map(|block| &mut block.statements) {
            if let StatementKind::Call { callee, args, .. } = &mut statement.kind
                && let Callee::Entry(id) = callee
                && let Some(method) = self.method(*id, asked(args).and_then(|local| contents[local]))
            {
                *callee = Callee::Function(method);
                changed = true;
            }
        }
        changed
    }

    /// What does the entry for a value that holds this, if that is known.
    fn method(&self, id: EntryId, content: Option<Ty>) -> Option<FunctionId> {
        let entry = &self.entries[id];
        let known = content.and_then(|content| self.by_content.get(&(entry.interface, content)));
        let methods = known.or_else(|| self.only.get(&entry.interface))?;
        methods.get(entry.number as usize).copied()
    }
}

fn calls_entries(function: &Function) -> bool {
    let mut statements = function.blocks.iter().flat_map(|block| &block.statements);
    statements.any(|statement| matches!(statement.kind.callee(), Some(Callee::Entry(_))))
}

/// Of each local that is an interface's value and never changes, what it holds.
fn known_contents(
    function: &Function,
    definitions: &Definitions,
    counts: &IndexVec<Local, Counts>,
) -> IndexVec<Local, Option<Ty>> {
    let mut contents = IndexVec::filled(function.locals.len(), None);
    let referenced = function.referenced_locals();
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        if let StatementKind::Assign(target, Rvalue::Interface(_, content)) = &statement.kind
            && let Some(local) = target.as_local()
            && function.locals[local].kind == LocalKind::Variable
            && (counts[local].assigned, counts[local].changed) == (1, 0)
            && !referenced.contains(local)
        {
            contents[local] = Some(function.operand_ty(definitions, content));
        }
    }
    contents
}

/// The local that holds the value whose method is called.
fn asked(args: &[Argument]) -> Option<Local> {
    match args.first()? {
        Argument::Place(place) => place.as_local(),
        Argument::Value(operand) => operand.place()?.as_local(),
    }
}
