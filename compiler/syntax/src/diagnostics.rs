//! Diagnostics as data: what is wrong, where, why, and what to do.
//!
//! Stages build [`Diagnostic`]s in their own `errors.rs` and emit them into a [`Sink`]. Nothing here prints; the
//! driver renders.

use crate::source::Span;

pub mod codes;
pub mod suggest;
mod synonyms;

pub use codes::Code;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The program is accepted, but probably not what was meant.
    Warning,
    /// The program is rejected.
    Error,
}

/// A place in the source with what to say there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is wrong (primary) or what matters for it (secondary). May be empty.
    pub text: String,
    /// Whether this is the place of the mistake; exactly one label is.
    pub primary: bool,
}

/// A replacement of source text that a tool may apply unseen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// The text to replace; empty to insert.
    pub span: Span,
    /// What to put there.
    pub replacement: String,
}

/// What to do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Help {
    /// The advice, a whole sentence.
    pub text: String,
    /// Edits that carry it out; empty if it takes a person's judgement.
    pub edits: Vec<Edit>,
}

/// One message to the user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Its stable code.
    pub code: Code,
    /// What is wrong, in one line, without a full stop.
    pub message: String,
    /// Places; the first is the primary one.
    pub labels: Vec<Label>,
    /// Why it is wrong.
    pub notes: Vec<String>,
    /// Ways out.
    pub helps: Vec<Help>,
}

impl Diagnostic {
    /// An error at `span`, where the label says `label`.
    pub fn error(code: Code, span: Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, span, message.into(), label.into())
    }

    /// A warning at `span`, where the label says `label`.
    pub fn warning(code: Code, span: Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, span, message.into(), label.into())
    }

    fn new(severity: Severity, code: Code, span: Span, message: String, text: String) -> Self {
        let labels = vec![Label { span, text, primary: true }];
        Self { severity, code, message, labels, notes: Vec::new(), helps: Vec::new() }
    }

    /// Adds another place that matters.
    #[must_use]
    pub fn secondary(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into(), primary: false });
        self
    }

    /// Adds a reason.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.helps.push(Help { text: text.into(), edits: Vec::new() });
        self
    }

    /// Adds advice with the edit that carries it out.
    #[must_use]
    pub fn suggest(mut self, text: impl Into<String>, span: Span, replacement: impl Into<String>) -> Self {
        let edits = vec![Edit { span, replacement: replacement.into() }];
        self.helps.push(Help { text: text.into(), edits });
        self
    }

    /// Adds advice with the edits that carry it out together.
    #[must_use]
    pub fn suggest_all(mut self, text: impl Into<String>, edits: Vec<Edit>) -> Self {
        self.helps.push(Help { text: text.into(), edits });
        self
    }

    /// The place of the mistake.
    pub fn span(&self) -> Span {
        self.labels[0].span
    }
}

/// Collects the diagnostics of a compilation.
#[derive(Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
    errors: usize,
}

impl Sink {
    /// Adds a diagnostic.
    pub fn emit(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.severity == Severity::Error);
        self.diagnostics.push(diagnostic);
    }

    /// Adds all that another has collected.
    pub fn append(&mut self, mut other: Self) {
        self.errors += other.errors;
        self.diagnostics.append(&mut other.diagnostics);
    }

    /// Whether any error has been emitted.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many errors have been emitted.
    pub fn error_count(&self) -> usize {
        self.errors
    }

    /// Everything emitted, in source order, each once.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_key(|diagnostic| (diagnostic.span(), diagnostic.code));
        self.diagnostics.dedup();
        self.diagnostics
    }
}
