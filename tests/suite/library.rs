//! What the library's comments show is true: each block ```` ```plat ```` in a `///` comment is run, those of a file together
//! in one program, each in a function named by its line. And every public name of what is about values has such an example.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;

use libtest_mimic::Trial;

use crate::process::{self, platc};
use crate::scratch::Scratch;
use crate::{Outcome, files_under, read, root, trial};

/// The files of the prelude that are about values: each of their public names has an example. What tasks do takes a
/// program to show, which is in `docs/`.
const WITH_EXAMPLES: [&str; 20] = [
    "builder",
    "char",
    "conversion",
    "dict",
    "error",
    "float",
    "integer",
    "iterable",
    "iterator",
    "list",
    "option",
    "panic",
    "parse",
    "prelude",
    "range",
    "sequence",
    "set",
    "split",
    "string",
    "unsigned",
];

/// A test per file that has examples, and one for those that lack them.
pub fn trials() -> Vec<Trial> {
    let folder = root().join("stdlib");
    let mut trials = Vec::new();
    for path in files_under(&folder) {
        let examples = examples(&read(&path));
        if !examples.is_empty() {
            let inside = path.strip_prefix(&folder).expect("it was found there").with_extension("");
            let name = inside.display().to_string().replace('/', "::");
            trials.push(trial(format!("library::{name}"), move || run(&examples)));
        }
    }
    trials.push(trial("library::public_names_have_examples", public_names_have_examples));
    trials
}

/// An example in a comment.
struct Example {
    /// The line of the opening fence, from 1.
    line: usize,
    text: String,
}

/// The examples in a file.
fn examples(file: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut is_open = false;
    for (index, line) in file.lines().enumerate() {
        let Some(comment) = line.trim_start().strip_prefix("///") else { continue };
        match comment.trim() {
            "```plat" => {
                is_open = true;
                examples.push(Example { line: index + 1, text: String::new() });
            }
            "```" => is_open = false,
            _ if is_open => {
                if let Some(example) = examples.last_mut() {
                    example.text += comment.strip_prefix(' ').unwrap_or(comment);
                    example.text.push('\n');
                }
            }
            _ => {}
        }
    }
    examples
}

/// Runs the examples of a file. What they import stands before all of them.
fn run(examples: &[Example]) -> Outcome {
    let (mut imports, mut functions, mut calls) = (Vec::new(), String::new(), String::new());
    for Example { line, text } in examples {
        let (uses, body): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.starts_with("use "));
        imports.extend(uses.into_iter().filter(|import| !imports.contains(import)).collect::<Vec<_>>());
        writeln!(functions, "fn line_{line}() {{\n{}\n}}\n", body.join("\n")).expect("a string grows");
        writeln!(calls, "  line_{line}();").expect("a string grows");
    }
    let scratch = Scratch::new();
    let program = format!("{}\n\n{functions}fn main() {{\n{calls}}}\n", imports.join("\n"));
    scratch.write("examples.plat", &program);
    process::run(&mut platc(scratch.path(), ["run", "examples.plat"]), "")?.expect_code(0)?;
    Ok(())
}

fn public_names_have_examples() -> Outcome {
    let files = files_under(&root().join("stdlib"));
    let prelude: Vec<_> =
        files.iter().filter(|path| is_about_values(path)).map(|path| (path, read(path))).collect();
    // Types that differ only in their width have the same methods; one of them shows each.
    let shown: HashSet<&str> = prelude
        .iter()
        .flat_map(|(_, text)| functions(text))
        .filter(|it| it.has_example)
        .map(|it| it.name)
        .collect();
    let lacking = prelude.iter().flat_map(|(path, text)| {
        let public = functions(text).filter(|it| it.is_public && !shown.contains(it.name));
        public.map(|it| format!("{}:{}: `{}` has no example", path.display(), it.line, it.name))
    });
    let lacking: Vec<String> = lacking.collect();
    if lacking.is_empty() { Ok(()) } else { Err(lacking.join("\n")) }
}

fn is_about_values(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    path.parent() == Some(&root().join("stdlib")) && stem.is_some_and(|stem| WITH_EXAMPLES.contains(&stem))
}

/// A function or method in a file of the library.
struct Function<'a> {
    name: &'a str,
    /// Where it stands, from 1.
    line: usize,
    is_public: bool,
    has_example: bool,
}

fn functions(text: &str) -> impl Iterator<Item = Function<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let functions = lines.clone().into_iter().enumerate().filter_map(move |(index, line)| {
        let line = line.trim_start();
        let (public, declared) = match line.strip_prefix("pub ") {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let declared =
            ["static ", "mut "].iter().find_map(|word| declared.strip_prefix(word)).unwrap_or(declared);
        let name = declared.strip_prefix("fn ")?.split(['(', '<']).next()?;
        let has_example = index > 0 && lines[index - 1].trim() == "/// ```";
        Some(Function { name, line: index + 1, is_public: public, has_example })
    });
    functions.collect::<Vec<_>>().into_iter()
}
