//! What is said of transactions.

use plat_syntax::diagnostics::{Code, Diagnostic, codes};
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
pub(in crate::analysis) struct Way<'a> {
    /// In functions of the program, outermost first.
    pub(in crate::analysis) links: Vec<Link<'a>>,
    /// What is done in the end.
    pub(in crate::analysis) what: &'static str,
}

/// One of them.
#[derive(Clone, Copy)]
pub(in crate::analysis) struct Link<'a> {
    /// Who calls, if it has a name.
    pub(in crate::analysis) caller: Option<&'a str>,
    /// Where.
    pub(in crate::analysis) place: Span,
    /// What is called; nothing if this does it itself.
    pub(in crate::analysis) called: Option<&'a str>,
}

impl<'a> Way<'a> {
    /// The first, which there is always.
    pub(in crate::analysis) fn first(&self) -> Link<'a> {
        self.links[0]
    }

    /// A diagnostic at the first link that tells of all.
    fn diagnostic(&self, code: Code, message: &str) -> Diagnostic {
        let label = |link: &Link<'_>, is_last: bool| {
            let who = link.caller.map_or("this".to_owned(), |name| format!("`{name}`"));
            match link.called {
                None => format!("{who} {}", self.what),
                Some("a closure") => format!("{who} calls a closure"),
                Some(name) if is_last => format!("{who} calls `{name}`, which {}", self.what),
                Some(name) => format!("{who} calls `{name}`"),
            }
        };
        let last = self.links.len() - 1;
        let first = Link { caller: None, ..self.first() };
        let mut diagnostic = Diagnostic::error(code, first.place, message, label(&first, last == 0));
        for (position, link) in self.links.iter().enumerate().skip(1) {
            diagnostic = diagnostic.secondary(link.place, label(link, position == last));
        }
        diagnostic
    }
}

/// A transaction that does something which it may not.
pub(in crate::analysis) fn cannot_be_undone(deed: Deed, way: &Way<'_>) -> Diagnostic {
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

/// A `retry` that is reached outside of transactions.
pub(in crate::analysis) fn retries_outside(way: &Way<'_>) -> Diagnostic {
    way.diagnostic(codes::RETRY_OUTSIDE, "`retry` outside of a transaction")
        .note("`retry` has a transaction wait until something that it has read has changed")
        .help("put what reads and decides into `atomically { … }`")
}
