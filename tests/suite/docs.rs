//! What the documentation shows is true: each program in `docs/` and the README is compiled, and run where it has a
//! `main`.
//!
//! A block that begins with ```` ```plat ```` must be free of mistakes; one with a `main` must run, and if a block
//! ```` ```output ```` follows, print that. ```` ```plat,fail(E0301) ```` must be rejected with this code first, and
//! ```` ```plat,panics ```` end with a panic. A block ```` ```plat,file(shapes.plat) ```` is a file beside the programs after it on its
//! page. All other blocks are left alone.

use std::path::Path;

use libtest_mimic::Trial;

use crate::process::{self, platc};
use crate::scratch::Scratch;
use crate::{Outcome, files_under, read, root, trial};

/// A test per page.
pub fn trials() -> Vec<Trial> {
    let mut pages = files_under(&root().join("docs"));
    pages.retain(|page| page.extension().is_some_and(|ending| ending == "md"));
    pages.push(root().join("README.md"));
    let name = |page: &Path| {
        let inside = page.strip_prefix(root()).expect("it was found there").with_extension("");
        format!("docs::{}", inside.display().to_string().trim_start_matches("docs/").replace('/', "::"))
    };
    pages.into_iter().map(|page| trial(name(&page), move || check(&page))).collect()
}

/// A fenced block.
struct Block<'a> {
    /// What stands after the opening fence.
    language: &'a str,
    text: String,
    /// The line of the opening fence, from 1.
    line: usize,
}

fn check(page: &Path) -> Outcome {
    let text = read(page);
    let blocks = blocks(&text);
    let scratch = Scratch::new();
    let mut complaints = String::new();
    for (position, block) in blocks.iter().enumerate() {
        let output = blocks.get(position + 1).filter(|next| next.language == "output");
        if let Err(complaint) = check_block(&scratch, block, output.map(|output| output.text.as_str())) {
            complaints += &format!("{}:{}: {complaint}\n", page.display(), block.line);
        }
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints) }
}

fn check_block(scratch: &Scratch, block: &Block<'_>, output: Option<&str>) -> Outcome {
    let Some(options) = block.language.strip_prefix("plat") else { return Ok(()) };
    if let Some(name) = argument(options, ",file") {
        scratch.write(name, &block.text);
        return Ok(());
    }
    let has_main = block.text.lines().any(|line| line.starts_with("fn main("));
    let needs_main = options.is_empty() && !has_main;
    // A page may show items without a program around them.
    let text = if needs_main { format!("{}\nfn main() {{}}\n", block.text) } else { block.text.clone() };
    scratch.write("page.plat", &text);
    let call = |arguments: &[&str]| process::run(&mut platc(scratch.path(), arguments), "");
    match options {
        "" if needs_main => call(&["check", "page.plat"])?.expect_code(0).map(|_| ()),
        "" => {
            let ended = call(&["run", "page.plat"])?;
            if let Some(expected) = output {
                ended.expect_code(0)?;
                if ended.stdout != expected {
                    return Err(format!("prints\n{}and not\n{expected}", ended.stdout));
                }
                return Ok(());
            }
            // The exit code may be what the program is about, but not one that says that something went wrong.
            match ended.code() {
                code @ (101..=103 | 128..) => Err(format!("ended with exit code {code}\n{}", ended.stderr)),
                _ if ended.stderr.contains("error[") => Err(ended.stderr),
                _ => Ok(()),
            }
        }
        ",panics" => call(&["run", "page.plat"])?.expect_code(101).map(|_| ()),
        _ => match argument(options, ",fail") {
            Some(code) => {
                let ended = call(&["check", "page.plat"])?;
                let is_warning = code.starts_with('W');
                ended.expect_code(if is_warning { 0 } else { 1 })?;
                let is_expected = ended.stderr.contains(&format!("[{code}]"));
                if is_expected {
                    Ok(())
                } else {
                    Err(format!("is not rejected with {code}:\n{}", ended.stderr))
                }
            }
            None => Err(format!("`{}` means nothing", block.language)),
        },
    }
}

/// What stands in parentheses after the word.
fn argument<'a>(options: &'a str, word: &str) -> Option<&'a str> {
    options.strip_prefix(word)?.strip_prefix('(')?.strip_suffix(')')
}

/// The fenced blocks of a page, in order.
fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut is_open = false;
    for (index, line) in page.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(language) if !is_open => {
                blocks.push(Block { language: language.trim(), text: String::new(), line: index + 1 });
                is_open = true;
            }
            Some(_) => is_open = false,
            None if is_open => {
                if let Some(block) = blocks.last_mut() {
                    block.text += line;
                    block.text.push('\n');
                }
            }
            None => {}
        }
    }
    blocks
}
