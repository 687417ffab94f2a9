//! The layout of `"""` strings: the indentation of the closing quotes is taken from every line.

use super::super::Lexer;
use super::{OpenString, RawText, unescape};
use crate::syntax::errors;

impl Lexer<'_> {
    /// Decodes the texts of a multi-line string, whose end has been read.
    pub(super) fn decode_texts(&mut self, string: &OpenString) {
        let (Some(&first), Some(&last)) = (string.texts.first(), string.texts.last()) else { return };
        let file = self.text;
        let last_line = file[last.start..last.end].rfind('\n').map(|at| last.start + at + 1);
        let begins_last = last_line.or((first.start == last.start).then_some(last.start));
        let indentation = begins_last.map(|start| &file[start..last.end]);
        let Some(indentation) =
            indentation.filter(|text| text.bytes().all(|byte| byte == b' ' || byte == b'\t'))
        else {
            let span = self.place(last.end, last.end + 3);
            return self.emit(errors::text_before_closing_quotes(span));
        };
        for &text in &string.texts {
            // The closing line and the line break before it do not belong to the text.
            let is_last = text.index == last.index;
            let end = if is_last { last_line.map_or(last.start, |line| line - 1) } else { text.end };
            let begins_line = text.start == first.start && file[..first.start].ends_with('\n');
            let decoded = self.decode_lines(RawText { end, ..text }, begins_line, indentation);
            self.out.texts[text.index as usize] = decoded.into_boxed_str();
        }
    }

    /// Decodes one stretch of text line by line. Its first line is a whole one only after the opening quotes' line.
    fn decode_lines(&mut self, text: RawText, begins_line: bool, indentation: &str) -> String {
        let file = self.text;
        let mut decoded = String::with_capacity(text.end - text.start);
        let mut at = text.start;
        let mut whole_line = begins_line;
        for (number, line) in file[text.start..text.end].split('\n').enumerate() {
            if number > 0 {
                decoded.push('\n');
                whole_line = true;
            }
            let mut start = at;
            at += line.len() + 1;
            let line_end = start + line.len();
            let ends_line = file[line_end..].starts_with('\n');
            let line = if ends_line { line.strip_suffix('\r').unwrap_or(line) } else { line };
            let end = start + line.len();
            if whole_line {
                match line.strip_prefix(indentation) {
                    Some(_) => start += indentation.len(),
                    None if ends_line && line.trim().is_empty() => start = end,
                    None => {
                        let blank = line.len() - line.trim_start().len();
                        let span = self.place(start, start + blank.max(1).min(line.len().max(1)));
                        self.emit(errors::line_indented_too_little(span));
                    }
                }
            }
            let span = self.place(start, end);
            unescape(&file[start..end], span, &mut decoded, self.sink);
        }
        decoded
    }
}
