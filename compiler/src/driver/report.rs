//! Where messages go: standard error, in the format the user asked for.

use std::io::{IsTerminal, Write, stderr};

use plat_syntax::diagnostics::{Diagnostic, Severity};
use plat_syntax::source::SourceMap;

use super::cli::{Color, CommonArgs, MessageFormat};
use super::failure::Failure;
use super::json;
use super::render::{self, Style};

/// People read the first messages; tools, which want all, ask for JSON.
const MAX_SHOWN: usize = 100;

/// Writes messages to standard error.
#[derive(Clone, Copy, Debug)]
pub struct Reporter {
    format: MessageFormat,
    color: bool,
}

impl Reporter {
    /// A reporter as the command line asks for it.
    pub fn new(args: CommonArgs) -> Self {
        let color = match args.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let disabled = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                stderr().is_terminal() && !disabled
            }
        };
        Self { format: args.message_format, color }
    }

    /// Writes the diagnostics of a compilation.
    pub fn diagnostics(&self, sources: &SourceMap, diagnostics: &[Diagnostic]) {
        let shown = if self.format == MessageFormat::Json { diagnostics.len() } else { MAX_SHOWN };
        let mut text = String::new();
        for diagnostic in diagnostics.iter().take(shown) {
            match self.format {
                MessageFormat::Json => text += &(json::diagnostic(sources, diagnostic) + "\n"),
                MessageFormat::Short => {
                    text += &render::diagnostic(sources, diagnostic, Style::Short, self.color);
                }
                MessageFormat::Human => {
                    text += &render::diagnostic(sources, diagnostic, Style::Rich, self.color);
                }
            }
        }
        if self.format == MessageFormat::Human {
            text += &summary(diagnostics, shown);
        }
        write(&text);
    }

    /// Writes a failure that has no place in the source.
    pub fn failure(&self, failure: &Failure) {
        match self.format {
            MessageFormat::Json => write(&(json::failure(failure) + "\n")),
            MessageFormat::Short => write(&render::failure(failure, Style::Short, self.color)),
            MessageFormat::Human => write(&render::failure(failure, Style::Rich, self.color)),
        }
    }
}

/// The last lines: how many messages there are, and where to read more. Empty when there is nothing to say.
fn summary(diagnostics: &[Diagnostic], shown: usize) -> String {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    let Some(first) = errors.clone().next() else { return String::new() };
    let mut text = String::new();
    if diagnostics.len() > shown {
        text += &format!("… and {} more\n\n", diagnostics.len() - shown);
    }
    let count = match errors.count() {
        1 => "an error".into(),
        count => format!("{count} errors"),
    };
    text + &format!("found {count}; `platc explain {}` says more\n", first.code)
}

/// Messages are a courtesy: a closed standard error does not change the outcome.
fn write(text: &str) {
    let _ = stderr().lock().write_all(text.as_bytes());
}
