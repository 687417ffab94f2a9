//! The words of this stage's diagnostics, by area.

use plat_syntax::diagnostics::{Diagnostic, suggest};
use plat_syntax::index::Symbol;

use crate::hir::Name;

pub(super) mod calls;
pub(super) mod closures;
pub(super) mod control;
pub(super) mod initialisers;
pub(super) mod interfaces;
pub(super) mod operators;
pub(super) mod patterns;
pub(super) mod places;
pub(super) mod privacy;
pub(super) mod scopes;
pub(super) mod sharing;
pub(super) mod tasks;
pub(super) mod transactions;
pub(super) mod types;

/// Adds "did you mean" with the edit, or the names there are when they are few.
fn did_you_mean(diagnostic: Diagnostic, name: Name, known: &[&str], noun: &str) -> Diagnostic {
    const FEW: usize = 9;
    let candidates = known.iter().map(|known| Symbol::intern(known));
    if let Some(nearest) = suggest::nearest(name.symbol, candidates) {
        return diagnostic.suggest(format!("did you mean `{nearest}`?"), name.span, nearest.as_str());
    }
    if known.is_empty() || known.len() > FEW {
        return diagnostic;
    }
    let plural = if known.len() == 1 { "" } else { "s" };
    diagnostic.note(format!("it has the {noun}{plural} {}", quoted(known.iter().copied())))
}

/// `a`, `b` and `c`
fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    listed(&names)
}

/// a, b and c
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1 argument`, `2 arguments`
fn count(number: usize, noun: &str) -> String {
    match number {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
