//! Diagnostics for tools: one JSON object per line.
//!
//! Lines and columns count from 1, columns in characters; `start` and `end` are byte offsets, the end exclusive.

use plat_syntax::diagnostics::{Diagnostic, Help, Severity};
use plat_syntax::source::{SourceMap, Span};
use serde::Serialize;

use super::failure::Failure;

#[derive(Serialize)]
struct Message<'a> {
    severity: &'static str,
    code: Option<&'static str>,
    message: &'a str,
    spans: Vec<Place<'a>>,
    notes: Vec<&'a str>,
    helps: Vec<Advice<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    #[serde(flatten)]
    range: Range<'a>,
    label: &'a str,
    primary: bool,
}

#[derive(Serialize)]
struct Range<'a> {
    file: &'a str,
    start: u32,
    end: u32,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct Advice<'a> {
    message: &'a str,
    edits: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
struct Replacement<'a> {
    #[serde(flatten)]
    range: Range<'a>,
    replacement: &'a str,
}

/// The line for one diagnostic, without a line break.
pub fn diagnostic(sources: &SourceMap, diagnostic: &Diagnostic) -> String {
    let spans = diagnostic.labels.iter().map(|label| Place {
        range: range(sources, label.span),
        label: &label.text,
        primary: label.primary,
    });
    write(&Message {
        severity: severity(diagnostic.severity),
        code: Some(diagnostic.code.name()),
        message: &diagnostic.message,
        spans: spans.collect(),
        notes: diagnostic.notes.iter().map(String::as_str).collect(),
        helps: diagnostic.helps.iter().map(|help| advice(sources, help)).collect(),
    })
}

/// The line for a failure without a place in the source, without a line break.
pub fn failure(failure: &Failure) -> String {
    let helps = failure.helps.iter().map(|message| Advice { message, edits: Vec::new() });
    write(&Message {
        severity: severity(Severity::Error),
        code: None,
        message: &failure.message,
        spans: Vec::new(),
        notes: failure.notes.iter().map(String::as_str).collect(),
        helps: helps.collect(),
    })
}

fn write(message: &Message<'_>) -> String {
    serde_json::to_string(message).expect("strings and numbers always serialise")
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn advice<'a>(sources: &'a SourceMap, help: &'a Help) -> Advice<'a> {
    let edits = help
        .edits
        .iter()
        .map(|edit| Replacement { range: range(sources, edit.span), replacement: &edit.replacement });
    Advice { message: &help.text, edits: edits.collect() }
}

fn range(sources: &SourceMap, span: Span) -> Range<'_> {
    let start = sources.line_column(span);
    let end = sources.line_column(span.shrink_to_end());
    Range {
        file: &sources.file(span.file).name,
        start: span.start,
        end: span.end,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}
