//! `platc fix`: makes the edits that diagnostics offer.
//!
//! An edit is made where a diagnostic offers one way out and no other: where there are several, or one takes judgement, a
//! person decides. After each round the program is looked at again, until nothing more is offered. If it then has more
//! errors than before, the files get their old texts back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plat_syntax::diagnostics::{Diagnostic, Edit, Severity};
use plat_syntax::source::{FileId, Origin, SourceMap};

use super::crash;
use super::failure::{Exit, Failure};
use super::input::{self, Input, Purpose};
use super::output;
use super::pipeline::{self, Goal, Session, Stop};
use super::report::Reporter;

/// One mistake may hide others, which show after the first round; edits that undo each other must not go on for ever.
const MAX_ROUNDS: usize = 10;

/// What becomes of the files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// They are changed.
    Write,
    /// They stay as they are: what would be changed at first is listed.
    DryRun,
}

/// A program that has been looked at.
struct Checked {
    sources: SourceMap,
    diagnostics: Vec<Diagnostic>,
}

/// A file that is changed.
struct Changed {
    /// What it was at first.
    original: String,
    fixes: usize,
}

/// Makes the edits, says which files were changed, and reports the diagnostics that are left.
pub fn run(input: &Input, mode: Mode, reporter: Reporter) -> Result<Exit, Failure> {
    let folder = own_folder(input);
    let mut checked = check(input)?;
    let first_errors = checked.errors();
    let mut changed: BTreeMap<String, Changed> = BTreeMap::new();
    for _ in 0..MAX_ROUNDS {
        let chosen = choose(&checked, &folder);
        if mode == Mode::DryRun {
            output::print(&listing(&checked.sources, &chosen))?;
            break;
        }
        if chosen.is_empty() {
            break;
        }
        make(&checked.sources, &chosen, &mut changed)?;
        checked = check(input)?;
    }
    if checked.errors() > first_errors {
        return Err(restore(&changed)?);
    }
    let mut text = String::new();
    for (name, Changed { fixes, .. }) in &changed {
        let noun = if *fixes == 1 { "fix" } else { "fixes" };
        text += &format!("fixed {name} ({fixes} {noun})\n");
    }
    output::print(&text)?;
    reporter.diagnostics(&checked.sources, &checked.diagnostics);
    Ok(if checked.errors() > 0 { Exit::Failed } else { Exit::Success })
}

/// The folder whose files may be changed: that of the project or, for a file without one, its own.
fn own_folder(input: &Input) -> PathBuf {
    match input {
        Input::Project(folder) | Input::Folder(folder) => folder.clone(),
        Input::File(path) => {
            let around = path.parent().unwrap_or(Path::new(""));
            input::project_around(around).unwrap_or_else(|| around.to_owned())
        }
        Input::Library => PathBuf::new(),
    }
}

fn check(input: &Input) -> Result<Checked, Failure> {
    let mut session = Session::default();
    let look = |session: &mut Session| pipeline::compile(session, input, Purpose::Check, Goal::Check);
    match crash::with_place(&mut session, look) {
        Ok(_) | Err(Stop::Errors) => {}
        Err(Stop::Failure(failure)) => return Err(failure),
    }
    Ok(Checked { sources: session.sources, diagnostics: session.sink.finish() })
}

impl Checked {
    fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
    }
}

/// A diagnostic that offers one way out, and the edits for it.
type Fix<'a> = (&'a Diagnostic, &'a [Edit]);

/// The edits to make in this round, of each diagnostic all or none, no two of which touch.
fn choose<'a>(checked: &'a Checked, folder: &Path) -> Vec<Fix<'a>> {
    let mut chosen: Vec<Fix<'a>> = Vec::new();
    for diagnostic in &checked.diagnostics {
        let [help] = &diagnostic.helps[..] else { continue };
        let is_own = |edit: &Edit| {
            let file = checked.sources.file(edit.span.file);
            file.origin == Origin::User && Path::new(&file.name).starts_with(folder)
        };
        let taken = chosen.iter().flat_map(|(_, edits)| edits.iter());
        let is_free = |edit: &Edit| taken.clone().all(|other| !touch(edit, other));
        if !help.edits.is_empty() && help.edits.iter().all(|edit| is_own(edit) && is_free(edit)) {
            chosen.push((diagnostic, &help.edits));
        }
    }
    chosen
}

/// Whether two edits overlap or meet, so that one may change what the other is about.
fn touch(one: &Edit, other: &Edit) -> bool {
    let (one, other) = (one.span, other.span);
    one.file == other.file && one.start <= other.end && other.start <= one.end
}

/// What would be done, a line for each diagnostic.
fn listing(sources: &SourceMap, chosen: &[Fix<'_>]) -> String {
    let mut text = String::new();
    for (diagnostic, _) in chosen {
        let span = diagnostic.span();
        let place = sources.line_column(span);
        let name = &sources.file(span.file).name;
        let help = diagnostic.helps.first().map_or("", |help| help.text.trim_end_matches(':'));
        text += &format!("{name}:{}:{}: {}: {help}\n", place.line, place.column, diagnostic.code);
    }
    text
}

/// Makes the edits, in the files and on record.
fn make(
    sources: &SourceMap,
    chosen: &[Fix<'_>],
    changed: &mut BTreeMap<String, Changed>,
) -> Result<(), Failure> {
    let mut by_file: BTreeMap<FileId, (Vec<&Edit>, usize)> = BTreeMap::new();
    for (diagnostic, edits) in chosen {
        for edit in *edits {
            by_file.entry(edit.span.file).or_default().0.push(edit);
        }
        by_file.entry(diagnostic.span().file).or_default().1 += 1;
    }
    for (id, (mut edits, fixes)) in by_file {
        let file = sources.file(id);
        edits.sort_by_key(|edit| edit.span.start);
        let mut text = file.text.clone();
        for edit in edits.iter().rev() {
            text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.replacement);
        }
        output::write(Path::new(&file.name), text.as_bytes())?;
        let record = changed.entry(file.name.clone());
        record.or_insert_with(|| Changed { original: file.text.clone(), fixes: 0 }).fixes += fixes;
    }
    Ok(())
}

/// Gives the files their old texts back, and says so.
fn restore(changed: &BTreeMap<String, Changed>) -> Result<Failure, Failure> {
    for (name, Changed { original, .. }) in changed {
        output::write(Path::new(name), original.as_bytes())?;
    }
    Ok(Failure::failed("the fixes lead to more errors than there were: nothing has been changed")
        .help("look at the errors with `platc check`, and make the changes that are right"))
}
