//! How `platc check --effects` prints what functions may do: a line each, or an object of JSON.

use plat_syntax::source::SourceMap;
use serde::Serialize;

use super::cli::MessageFormat;
use crate::analysis::effects::listing::Listed;

#[derive(Serialize)]
struct Row<'a> {
    function: &'a str,
    file: &'a str,
    line: u32,
    column: u32,
    effects: &'a [&'static str],
    calls: &'a [String],
}

/// The lines for all functions, in the order of the text.
pub fn print(listed: &[Listed], sources: &SourceMap, format: MessageFormat) -> String {
    let mut rows: Vec<Row<'_>> = listed.iter().map(|listed| row(listed, sources)).collect();
    rows.sort_by_key(|row| (row.file, row.line, row.column));
    let line = match format {
        MessageFormat::Json => {
            |row: &Row<'_>| serde_json::to_string(row).expect("strings and numbers always serialise")
        }
        MessageFormat::Human | MessageFormat::Short => text,
    };
    rows.iter().map(|row| line(row) + "\n").collect()
}

fn row<'a>(listed: &'a Listed, sources: &'a SourceMap) -> Row<'a> {
    let place = sources.line_column(listed.span);
    Row {
        function: &listed.name,
        file: &sources.file(listed.span.file).name,
        line: place.line,
        column: place.column,
        effects: &listed.effects,
        calls: &listed.calls,
    }
}

fn text(row: &Row<'_>) -> String {
    let calls = row.calls.iter().map(|param| format!("what `{param}` does"));
    let parts: Vec<String> = row.effects.iter().map(|&effect| effect.to_owned()).chain(calls).collect();
    let what = if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") };
    let Row { file, line, column, function, .. } = row;
    format!("{file}:{line}:{column}: {function}: {what}")
}
