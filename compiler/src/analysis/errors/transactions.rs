//! What is said of transactions.

use plat_syntax::diagnostics::{Code, Diagnostic, codes};
use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

/// Something that a transaction may not do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::analysis) enum Deed {
    /// Reads or changes something outside of the program.
    Io,
    /// Takes a lock.
    Lock,
    /// Makes a task.
    Spawn,
    /// Comes to a suspension point.
    Wait,
    /// Does what other tasks see at once.
    Tell,
}

/// The calls that lead to something.
pub(in crate::analysis) struct Way {
    /// In functions of the program, outermost first.
    pub(in crate::analysis) links: Vec<Link>,
    /// What is done in the end.
    pub(in crate::analysis) what: &'static str,
}

/// One of them.
pub(in crate::analysis) struct Link {
    /// Who calls, if it has a name.
    pub(in crate::analysis) caller: Option<String>,
    /// Where.
    pub(in crate::analysis) place: Span,
    /// What is called.
    pub(in crate::analysis) called: Called,
}

/// What a [`Link`] calls.
pub(in crate::analysis) enum Called {
    /// Nothing: this does it itself.
    Nothing,
    /// A function with this name.
    Function(String),
    /// Something without a name.
    Closure,
}

impl Way {
    /// Where it begins.
    pub(in crate::analysis) fn first(&self) -> Span {
        self.links[0].place
    }

    /// A diagnostic at the first link that tells of all.
    fn diagnostic(&self, code: Code, message: &str) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(code, self.first(), message, self.label(0, "this"));
        for (position, link) in self.links.iter().enumerate().skip(1) {
            let who = link.caller.as_ref().map_or("this".to_owned(), |name| format!("`{name}`"));
            diagnostic = diagnostic.secondary(link.place, self.label(position, &who));
        }
        diagnostic
    }

    fn label(&self, position: usize, who: &str) -> String {
        let what = self.what;
        match &self.links[position].called {
            Called::Nothing => format!("{who} {what}"),
            Called::Closure => format!("{who} calls a closure"),
            Called::Function(name) if position + 1 == self.links.len() => {
                format!("{who} calls `{name}`, which {what}")
            }
            Called::Function(name) => format!("{who} calls `{name}`"),
        }
    }
}

/// A transaction that does something which it may not.
pub(in crate::analysis) fn cannot_be_undone(deed: Deed, way: &Way) -> Diagnostic {
    let (code, message, help) = match deed {
        Deed::Io => (
            codes::IO_IN_TRANSACTION,
            "a transaction cannot do input or output",
            "give what is to be written as the value of the transaction, and write it after that; read before it begins",
        ),
        Deed::Lock => (
            codes::LOCK_IN_TRANSACTION,
            "a transaction cannot take a lock",
            "keep what the lock protects in a `TVar`, or take the lock around the transaction",
        ),
        Deed::Spawn => (
            codes::SPAWN_IN_TRANSACTION,
            "a transaction cannot spawn a task",
            "give what the task needs as the value of the transaction, and spawn after that",
        ),
        Deed::Wait => (
            codes::WAIT_IN_TRANSACTION,
            "a transaction cannot wait",
            "wait for a change of a `TVar` by `retry`; wait for anything else before the transaction or after it",
        ),
        Deed::Tell => (
            codes::TELLING_IN_TRANSACTION,
            "a transaction cannot do what other tasks see before it is over",
            "give what is to be told as the value of the transaction, and tell it after that; or let the others wait for a `TVar`",
        ),
    };
    way.diagnostic(code, message)
        .note("it may run more than once before it takes effect, and what others see of it cannot be undone")
        .help(help)
}

/// A closure that a transaction calls and that changes a variable from outside of it.
pub(in crate::analysis) fn changes_outer(place: Span, name: Symbol) -> Diagnostic {
    let message = format!("a transaction cannot call what changes `{name}`, which was there before it");
    Diagnostic::error(codes::CHANGED_IN_TRANSACTION, place, message, "would be changed by every run")
        .note("this closure is called in a transaction, which may run more than once before it takes effect")
        .help("give the new value as that of the transaction, and assign it after that: `x = atomically { … };`")
}

/// A `retry` that is reached outside of transactions.
pub(in crate::analysis) fn retries_outside(way: &Way) -> Diagnostic {
    way.diagnostic(codes::RETRY_OUTSIDE, "`retry` outside of a transaction")
        .note("`retry` has a transaction wait until something that it has read has changed")
        .help("put what reads and decides into `atomically { … }`")
}
