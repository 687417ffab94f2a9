//! The effects of functions as people are told them.

use plat_syntax::hash::HashMap;
use plat_syntax::source::Span;

use super::{EffectMap, Effects, Releases};
use crate::hir::Hir;
use crate::mir::managed::Managed;
use crate::mir::printer::function_name;
use crate::mir::{FunctionKind, Mir};

/// Whose effects are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    /// The functions of the program.
    Program,
    /// Those of the library too.
    All,
}

/// A function and what it may do.
#[derive(Debug)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Where that stands.
    pub span: Span,
    /// What it may do by itself.
    pub effects: Vec<&'static str>,
    /// The parameters of which it calls something: it also does what that does.
    pub calls: Vec<String>,
}

/// The effects that people are told of, by their names. What waits long, polls or unwinds is of use to the compiler alone.
const SHOWN: [(Effects, &str); 6] = [
    (Effects::SUSPENDS, "suspends"),
    (Effects::IO, "I/O"),
    (Effects::SPAWNS, "spawns"),
    (Effects::BLOCKS, "blocks"),
    (Effects::RETRIES, "retries"),
    (Effects::PANICS, "panics"),
];

/// Lists functions that have a name. The instances of a generic one count as one function, which may do what one of them may.
pub fn list<'a>(parts: impl Iterator<Item = &'a Mir>, hir: &'a Hir, of: Of) -> Vec<Listed> {
    let mut found: HashMap<Span, (String, Effects, Vec<String>)> = HashMap::default();
    for mir in parts {
        let managed = Managed::of_program(&hir.definitions, mir);
        let effects = EffectMap::solve(mir, &managed, Releases::Implied);
        for (id, function) in mir.functions.iter_enumerated() {
            let Some(origin) = function.origin.filter(|_| function.kind == FunctionKind::Plain) else {
                continue;
            };
            if function.is_library && of == Of::Program {
                continue;
            }
            let (_, all, calls) = found
                .entry(function.span)
                .or_insert_with(|| (function_name(&hir.definitions, origin), Effects::NONE, Vec::new()));
            all.add(effects.own(id));
            for &(param, _) in effects.called_params(id) {
                let name =
                    function.locals[param].name.map_or_else(|| "self".to_owned(), |name| name.to_string());
                if !calls.contains(&name) {
                    calls.push(name);
                }
            }
        }
    }
    let listed = found.into_iter().map(|(span, (name, all, calls))| {
        let effects = SHOWN.iter().filter(|(effect, _)| all.has(*effect)).map(|&(_, name)| name).collect();
        Listed { name, span, effects, calls }
    });
    listed.collect()
}
