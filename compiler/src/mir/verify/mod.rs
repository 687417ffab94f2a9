//! Checks that MIR keeps the rules of its phase, so that a mistake is found where it was made.
//!
//! Three parts: `structure` (what is mentioned exists, and belongs to the phase), `types` (what is stored fits), `flow`
//! (what is read was assigned; in owned MIR, what is owned is given up exactly once on each path). Knows no pass; which
//! types own something is the caller's to say.

use plat_syntax::hash::HashMap;
use std::fmt;

use super::{BlockId, Function, FunctionId, FunctionKind, Mir};
use crate::hir::{Definitions, FnId};
use crate::types::Ty;

mod flow;
mod structure;
mod types;

/// Which rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// As `lower` makes it: possibly generic, without ownership.
    Built,
    /// Monomorphic, and still without ownership: between `mono` and `drops`.
    Mono,
    /// Monomorphic, with every copy, move, borrow and release.
    Owned,
}

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The function.
    pub function: String,
    /// The block.
    pub block: BlockId,
    /// The statement's position in the block; the terminator's is one after the last.
    pub statement: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}[{}]: {}", self.function, self.block, self.statement, self.message)
    }
}

/// Checks a whole program. `is_managed` says whether a value of the type has something to release; it is asked in owned
/// MIR only.
pub fn verify(
    mir: &Mir,
    definitions: &Definitions,
    phase: Phase,
    is_managed: &dyn Fn(Ty) -> bool,
) -> Vec<Violation> {
    let mut by_origin = HashMap::default();
    for (id, function) in mir.functions.iter_enumerated() {
        if let (Some(origin), FunctionKind::Plain) = (function.origin, function.kind) {
            by_origin.insert(origin, id);
        }
    }
    let context = Context { mir, definitions, phase, is_managed, by_origin };
    let mut violations = Vec::new();
    for function in mir.functions.iter() {
        violations.extend(verify_function(&context, function));
    }
    violations
}

/// Later parts rely on what earlier ones found in order.
fn verify_function(context: &Context<'_>, function: &Function) -> Vec<Violation> {
    for part in [structure::check, types::check, flow::check] {
        let mut report = Report { function, violations: Vec::new(), block: Function::ENTRY, statement: 0 };
        part(context, &mut report);
        if !report.violations.is_empty() {
            return report.violations;
        }
    }
    Vec::new()
}

struct Context<'a> {
    mir: &'a Mir,
    definitions: &'a Definitions,
    phase: Phase,
    is_managed: &'a dyn Fn(Ty) -> bool,
    /// Called functions of built MIR by the function they were lowered from.
    by_origin: HashMap<FnId, FunctionId>,
}

/// Collects what is wrong with one function, at the statement being looked at.
struct Report<'a> {
    function: &'a Function,
    violations: Vec<Violation>,
    block: BlockId,
    statement: usize,
}

impl Report<'_> {
    fn at(&mut self, block: BlockId, statement: usize) {
        self.block = block;
        self.statement = statement;
    }

    fn violation(&mut self, message: impl Into<String>) {
        self.violations.push(Violation {
            function: self.function.name.clone(),
            block: self.block,
            statement: self.statement,
            message: message.into(),
        });
    }

    fn require(&mut self, holds: bool, message: impl FnOnce() -> String) {
        if !holds {
            self.violation(message());
        }
    }
}

#[cfg(test)]
mod tests;
