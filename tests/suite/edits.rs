//! The edits that messages offer do what they say.
//!
//! Every program of the suite that has errors is checked with messages in JSON, and each edit that a message offers is made.
//! Afterwards that message is gone; where it was the only one, the program compiles. (Behind a mistake of syntax there may be
//! others that nobody has looked for.) No edit leaves something to fill in.

use std::path::Path;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::header::{Header, Mode};
use crate::process;
use crate::scratch::Scratch;
use crate::{Outcome, files_under, read, trial, ui};

/// A test per program that has errors.
pub fn trials() -> Vec<Trial> {
    let files = files_under(&ui::folder()).into_iter();
    let programs = files.filter(|path| path.extension().is_some_and(|ending| ending == "plat"));
    // Files of projects are not programs by themselves.
    let alone =
        programs.filter(|path| path.strip_prefix(ui::folder()).is_ok_and(|it| it.components().count() == 2));
    let failing =
        alone.filter(|path| Header::parse(&read(path)).is_ok_and(|header| header.mode == Mode::CheckFail));
    failing.map(|path| trial(format!("edits::{}", name(&path)), move || check(&path))).collect()
}

fn name(path: &Path) -> String {
    let inside = path.strip_prefix(ui::folder()).expect("it was found there").with_extension("");
    inside.display().to_string().replace('/', "::")
}

fn check(path: &Path) -> Outcome {
    let text = read(path);
    let messages = messages(&text)?;
    for message in &messages {
        for help in list(&message["helps"]) {
            let edits = list(&help["edits"]);
            if edits.is_empty() {
                continue;
            }
            if edits.iter().any(|edit| edit["replacement"].as_str().is_some_and(|text| text.contains('…')))
            {
                return Err(format!("an edit leaves something to fill in: {}", help["message"]));
            }
            let mended = apply(&text, edits)?;
            expect_mended(&mended, &messages, message)
                .map_err(|complaint| format!("{complaint}\n--- after: {} \n{mended}", help["message"]))?;
        }
    }
    Ok(())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The compiler's messages about a program.
fn messages(text: &str) -> Result<Vec<Value>, String> {
    let scratch = Scratch::new();
    scratch.write("edited.plat", text);
    let arguments = ["check", "--message-format", "json", "edited.plat"];
    let ended = process::run(&mut process::platc(scratch.path(), arguments), "")?;
    let parse = |line| serde_json::from_str(line).map_err(|error| format!("{error}: {line}"));
    ended.stderr.lines().map(parse).collect()
}

/// The text with all edits of one help made, from the last to the first.
fn apply(text: &str, edits: &[Value]) -> Result<String, String> {
    let offset = |edit: &Value, name: &str| edit[name].as_u64().ok_or(format!("an edit without `{name}`"));
    let mut ranges = Vec::new();
    for edit in edits {
        let replacement = edit["replacement"].as_str().ok_or("an edit without `replacement`")?;
        ranges.push((offset(edit, "start")? as usize, offset(edit, "end")? as usize, replacement));
    }
    ranges.sort_unstable();
    let mut mended = text.to_owned();
    for &(start, end, replacement) in ranges.iter().rev() {
        if !mended.is_char_boundary(start) || !mended.is_char_boundary(end) {
            return Err(format!("an edit replaces {start}..{end}, which cuts characters"));
        }
        mended.replace_range(start..end, replacement);
    }
    Ok(mended)
}

fn is_error(message: &Value) -> bool {
    message["severity"] == "error"
}

/// Where the message points.
fn place(message: &Value) -> &Value {
    let primary = list(&message["spans"]).iter().find(|span| span["primary"] == true);
    primary.map_or(&Value::Null, |span| &span["start"])
}

/// Whether the parser found the mistake: then later stages have not looked at the program.
fn is_of_syntax(message: &Value) -> bool {
    message["code"].as_str().is_some_and(|code| code.starts_with("E00") || code.starts_with("E01"))
}

fn expect_mended(mended: &str, before: &[Value], mistake: &Value) -> Outcome {
    let after = messages(mended)?;
    let describe = |all: &[Value]| -> String {
        all.iter().map(|it| format!("{} {}\n", it["code"], it["message"])).collect()
    };
    let stays = |it: &&Value| it["message"] == mistake["message"] && place(it) == place(mistake);
    if after.iter().any(|it| stays(&it)) {
        return Err(format!("the message stays: {}\n{}", mistake["message"], describe(&after)));
    }
    let errors = |all: &[Value]| all.iter().filter(|it| is_error(it)).count();
    if errors(before) == 1 && is_error(mistake) && !is_of_syntax(mistake) && errors(&after) > 0 {
        return Err(format!("other errors come up:\n{}", describe(&after)));
    }
    Ok(())
}
