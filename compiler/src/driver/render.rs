//! Diagnostics for people. The only user of codespan-reporting.

use std::ops::Range;

use codespan_reporting::diagnostic as codespan;
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::termcolor::Buffer;
use codespan_reporting::term::{self, Chars, Config, DisplayStyle, Styles, StylesWriter};
use plat_syntax::diagnostics::{Diagnostic, Edit, Help, Severity};
use plat_syntax::source::{FileId, SourceMap};

use super::failure::Failure;

/// Longer lines are not quoted: machine-written text on one line would bury the message.
const MAX_QUOTED_LINE: usize = 2000;

/// A help that rewrites more lines than this is only told, not shown.
const MAX_SHOWN_LINES: usize = 9;

/// Whether messages quote the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// The message, the source around it, notes and helps.
    Rich,
    /// `FILE:LINE:COLUMN: error[CODE]: MESSAGE`
    Short,
}

/// The text of one diagnostic, with its line breaks.
pub fn diagnostic(sources: &SourceMap, diagnostic: &Diagnostic, style: Style, color: bool) -> String {
    let quoted = diagnostic.labels.iter().all(|label| {
        let file = sources.file(label.span.file);
        let lines = file.line_index(label.span.start)..=file.line_index(label.span.end);
        lines.filter_map(|line| file.line_range(line)).all(|line| line.len() <= MAX_QUOTED_LINE)
    });
    let display_style = if style == Style::Rich && quoted { DisplayStyle::Rich } else { DisplayStyle::Short };
    print(sources, &convert(sources, diagnostic), display_style, color)
}

/// The text of a failure without a place in the source, with its line breaks.
pub fn failure(failure: &Failure, style: Style, color: bool) -> String {
    let mut message = codespan::Diagnostic::error().with_message(&failure.message);
    message.notes.extend(failure.notes.iter().map(|note| format!("note: {note}")));
    message.notes.extend(failure.helps.iter().map(|help| format!("help: {help}")));
    let display_style = if style == Style::Rich { DisplayStyle::Rich } else { DisplayStyle::Short };
    print(&SourceMap::default(), &message, display_style, color)
}

fn print(
    sources: &SourceMap,
    message: &codespan::Diagnostic<FileId>,
    display_style: DisplayStyle,
    color: bool,
) -> String {
    let config = Config { display_style, tab_width: 4, chars: Chars::ascii(), ..Config::default() };
    let mut buffer = if color { Buffer::ansi() } else { Buffer::no_color() };
    let styles = Styles::default();
    let mut writer = StylesWriter::new(&mut buffer, &styles);
    term::emit_to_write_style(&mut writer, &config, &Texts(sources), message)
        .expect("labels lie in their files and a buffer takes all that is written");
    String::from_utf8_lossy(buffer.as_slice()).into_owned()
}

fn convert(sources: &SourceMap, diagnostic: &Diagnostic) -> codespan::Diagnostic<FileId> {
    let severity = match diagnostic.severity {
        Severity::Error => codespan::Severity::Error,
        Severity::Warning => codespan::Severity::Warning,
    };
    let labels = diagnostic.labels.iter().map(|label| {
        let style =
            if label.primary { codespan::LabelStyle::Primary } else { codespan::LabelStyle::Secondary };
        let range = label.span.start as usize..label.span.end as usize;
        codespan::Label::new(style, label.span.file, range).with_message(&label.text)
    });
    let notes = diagnostic.notes.iter().map(|note| format!("note: {note}"));
    let helps = diagnostic.helps.iter().map(|help| advice(sources, help));
    codespan::Diagnostic::new(severity)
        .with_code(diagnostic.code.name())
        .with_message(&diagnostic.message)
        .with_labels(labels.collect())
        .with_notes(notes.chain(helps).collect())
}

/// The words of a help and, where it is mechanical, the lines as they will be.
fn advice(sources: &SourceMap, help: &Help) -> String {
    match mended_lines(sources, &help.edits) {
        Some(lines) => format!("help: {}:\n{lines}", help.text),
        None => format!("help: {}", help.text),
    }
}

/// The lines that `edits` touch, after them, each behind four spaces; with a mark where lines between them are left out.
fn mended_lines(sources: &SourceMap, edits: &[Edit]) -> Option<String> {
    let file = sources.file(edits.first()?.span.file);
    if edits.iter().any(|edit| edit.span.file != edits[0].span.file) {
        return None;
    }
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.span);
    let mut shown = Vec::new();
    let mut next = None;
    for group in
        edits.chunk_by(|one, other| file.line_index(one.span.end) == file.line_index(other.span.start))
    {
        let (first, last) = (group.first()?, group.last()?);
        let lines = file.line_index(first.span.start)..=file.line_index(last.span.end);
        if next.is_some_and(|next| next < *lines.start()) {
            shown.push("    …".to_owned());
        }
        next = Some(lines.end() + 1);
        let range = file.line_range(*lines.start())?.start..file.line_range(*lines.end())?.end;
        if range.len() > MAX_QUOTED_LINE {
            return None;
        }
        let mended = mended(&file.text, range, group)?;
        shown.extend(mended.lines().map(|line| format!("    {line}").trim_end().to_owned()));
    }
    (shown.len() <= MAX_SHOWN_LINES).then(|| shown.join("\n"))
}

/// A range of the text, after the edits in it, which are in order.
fn mended(text: &str, range: Range<usize>, edits: &[&Edit]) -> Option<String> {
    let mut mended = String::new();
    let mut at = range.start;
    for edit in edits {
        mended.push_str(text.get(at..edit.span.start as usize)?);
        mended.push_str(&edit.replacement);
        at = edit.span.end as usize;
    }
    mended.push_str(text.get(at..range.end)?);
    Some(mended)
}

/// The source map in codespan's terms.
struct Texts<'a>(&'a SourceMap);

impl<'a> Files<'a> for Texts<'a> {
    type FileId = FileId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(&self.0.file(id).name)
    }

    fn source(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(&self.0.file(id).text)
    }

    fn line_index(&'a self, id: FileId, byte_index: usize) -> Result<usize, Error> {
        Ok(self.0.file(id).line_index(byte_index as u32))
    }

    fn line_range(&'a self, id: FileId, line_index: usize) -> Result<Range<usize>, Error> {
        let past_end = Error::LineTooLarge { given: line_index, max: usize::MAX };
        self.0.file(id).line_range(line_index).ok_or(past_end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plat_syntax::diagnostics::codes;
    use plat_syntax::source::{Origin, Span};

    /// What is said of `wrong` in a text, with everything a diagnostic can have.
    fn check(text: &str, wrong: Range<u32>, style: Style, expected: &str) {
        let mut sources = SourceMap::default();
        let file = sources.add("a.plat".into(), text.into(), Origin::User);
        let span = Span::new(file, wrong.start, wrong.end);
        let message = Diagnostic::error(codes::UNEXPECTED_TOKEN, span, "something is wrong", "here")
            .secondary(Span::new(file, 0, 2), "because of this")
            .note("a reason")
            .suggest("write `y`", span, "y");
        assert_eq!(diagnostic(&sources, &message, style, false), expected);
    }

    #[test]
    fn rich_messages_quote_the_source_and_show_it_mended() {
        let expected = "\
error[E0101]: something is wrong
  --> a.plat:2:3
  |
1 | fn
  | -- because of this
2 |   é = x;
  |   ^ here
  |
  = note: a reason
  = help: write `y`:
          y = x;

";
        check("fn\n  é = x;\n", 5..7, Style::Rich, expected);
    }

    #[test]
    fn short_messages_are_one_line() {
        check("fn\n  é = x;\n", 5..7, Style::Short, "a.plat:2:3: error[E0101]: something is wrong\n");
    }

    #[test]
    fn long_lines_are_not_quoted() {
        let text = "+ ".repeat(MAX_QUOTED_LINE);
        check(&text, 2..3, Style::Rich, "a.plat:1:3: error[E0101]: something is wrong\n");
    }

    #[test]
    fn the_end_of_a_text_is_a_place() {
        let expected_head = "error[E0101]: something is wrong\n  --> a.plat:2:1\n";
        let mut sources = SourceMap::default();
        let file = sources.add("a.plat".into(), "fn\n".into(), Origin::User);
        let message =
            Diagnostic::error(codes::UNEXPECTED_TOKEN, Span::new(file, 3, 3), "something is wrong", "here");
        let text = diagnostic(&sources, &message, Style::Rich, false);
        assert!(text.starts_with(expected_head), "{text}");
    }
}
