//! From the command line to the exit code.
//!
//! The driver alone reads and writes files, prints, calls other programs and ends the process; it knows the order
//! of the stages ([`pipeline`]) and nothing of the language.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use plat_syntax::diagnostics::Code;

use cli::{BuildArgs, CheckArgs, Cli, Command, CommonArgs, Emit, RunArgs};
use failure::{Exit, Failure};
use link::Symbols;
use pipeline::{Goal, Product, Session, Stop};
use report::Reporter;
use timings::Timings;

use crate::codegen::Optimize;

mod cli;
mod crash;
mod failure;
mod json;
mod link;
mod loader;
mod modules;
mod output;
pub mod pipeline;
mod render;
mod report;
mod run;
mod stdlib;
mod timings;

/// Runs `platc` with these arguments, the first of which is the program's own name.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help that cannot be printed (`--help | head -1`) is no failure.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Success }.into();
        }
    };
    crash::guard(move || dispatch(cli.command)).into()
}

fn dispatch(command: Command) -> Exit {
    let (reporter, result) = match command {
        Command::Build(args) => (Reporter::new(args.common), build(&args)),
        Command::Run(args) => (Reporter::new(args.common), run(&args)),
        Command::Check(args) => (Reporter::new(args.common), check(&args)),
        Command::Explain { code } => (Reporter::new(CommonArgs::default()), explain(&code)),
    };
    result.unwrap_or_else(|failure| {
        reporter.failure(&failure);
        failure.exit
    })
}

fn build(args: &BuildArgs) -> Result<Exit, Failure> {
    let output = output_path(args)?;
    let goal = args
        .emit
        .map_or(Goal::Object(optimize(args.release)), |stage| Goal::Emit(stage, optimize(args.release)));
    compile(&args.file, goal, args.common, |product, session| match (product, &output) {
        (Product::Object(object), Some(output)) if args.emit.is_none() => {
            session.timings.stage("link", || link::link(&object, output, symbols(args.release)))
        }
        (Product::Object(object), Some(output)) => output::write(output, &object),
        (Product::Text(text), Some(output)) => output::write(output, text.as_bytes()),
        (Product::Text(text), None) => output::print(&text),
        (Product::Object(_) | Product::Checked, _) => Ok(()),
    })
}

fn run(args: &RunArgs) -> Result<Exit, Failure> {
    compile(&args.file, Goal::Object(optimize(args.release)), args.common, |product, session| {
        let Product::Object(object) = product else { return Ok(()) };
        let executable =
            session.timings.stage("link", || run::link_unnamed(&object, symbols(args.release)))?;
        session.timings.report();
        Err(run::become_program(&executable, &args.file, &args.args))
    })
}

fn check(args: &CheckArgs) -> Result<Exit, Failure> {
    compile(&args.file, Goal::Check, args.common, |_, _| Ok(()))
}

fn explain(name: &str) -> Result<Exit, Failure> {
    let Some(code) = Code::find(name) else {
        return Err(Failure::usage(format!("there is no diagnostic `{name}`"))
            .help("give the code that stands in brackets, such as `E0101`"));
    };
    output::print(&format!("{code}: {}\n\n{}", code.title(), code.page()))?;
    Ok(Exit::Success)
}

/// Compiles a program, reports its diagnostics and hands what was made to `finish`.
fn compile(
    file: &Path,
    goal: Goal,
    args: CommonArgs,
    finish: impl FnOnce(Product, &mut Session) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let mut session = Session { timings: Timings::new(args.timings), ..Session::default() };
    let program = loader::load(file, &mut session.sources)?;
    let product = crash::with_place(&mut session, |session| pipeline::compile(session, program, file, goal));
    Reporter::new(args).diagnostics(&session.sources, &std::mem::take(&mut session.sink).finish());
    let exit = match product {
        Ok(product) => finish(product, &mut session).map(|()| Exit::Success)?,
        Err(Stop::Errors) => Exit::Failed,
        Err(Stop::Failure(failure)) => return Err(failure),
    };
    session.timings.report();
    Ok(exit)
}

/// Where the result goes; `None` for standard output.
fn output_path(args: &BuildArgs) -> Result<Option<PathBuf>, Failure> {
    let stem = args.file.file_stem().map(PathBuf::from).unwrap_or_default();
    let output = match (&args.output, args.emit) {
        (Some(output), _) => output.clone(),
        (None, None) => stem,
        (None, Some(Emit::Obj)) => stem.with_extension("o"),
        (None, Some(_)) => return Ok(None),
    };
    let same = |path: &Path| path.canonicalize().ok();
    if same(&output).is_some_and(|target| same(&args.file) == Some(target)) {
        let problem = format!("the result would overwrite the program `{}`", args.file.display());
        return Err(Failure::usage(problem).help("choose another name with `-o`"));
    }
    Ok(Some(output))
}

fn optimize(release: bool) -> Optimize {
    if release { Optimize::Release } else { Optimize::Debug }
}

fn symbols(release: bool) -> Symbols {
    if release { Symbols::Strip } else { Symbols::Keep }
}
