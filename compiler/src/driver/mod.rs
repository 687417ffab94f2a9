//! From the command line to the exit code.
//!
//! The driver alone reads and writes files, prints, calls other programs and ends the process; it knows the order
//! of the stages ([`pipeline`]) and nothing of the language.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use plat_syntax::diagnostics::Code;

use cli::{
    BuildArgs, CheckArgs, Cli, Command, CommonArgs, EffectsOf, Emit, FixArgs, RunArgs, Sanitize, TestArgs,
};
use failure::{Exit, Failure};
use input::{Input, Purpose};
use link::{Linkable, Symbols};
use output::TempDir;
use pipeline::{Goal, Product, Profile, Session, Stop};
use report::Reporter;
use timings::Timings;

use crate::analysis::effects::listing::Of;
use crate::codegen::{Optimize, Sanitizer};

mod cli;
mod crash;
mod effects;
mod failure;
mod fix;
pub mod input;
mod json;
mod limited;
mod link;
mod loader;
mod manifest;
mod modules;
mod new;
mod output;
mod packages;
pub mod pipeline;
mod render;
mod report;
mod run;
mod shelf;
mod stdlib;
mod tasks;
mod test;
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
        Command::Fix(args) => (Reporter::new(args.common), fix(&args)),
        Command::Test(args) => (Reporter::new(args.common), run_tests(&args)),
        Command::New { path } => {
            (Reporter::new(CommonArgs::default()), new::create(&path).map(|()| Exit::Success))
        }
        Command::Tasks { process, json } => {
            let form = if json { tasks::Form::Json } else { tasks::Form::Text };
            let answer = tasks::ask(process, form).and_then(|answer| output::print(&answer));
            (Reporter::new(CommonArgs::default()), answer.map(|()| Exit::Success))
        }
        Command::Explain { code } => (Reporter::new(CommonArgs::default()), explain(&code)),
    };
    result.unwrap_or_else(|failure| {
        reporter.failure(&failure);
        failure.exit
    })
}

fn build(args: &BuildArgs) -> Result<Exit, Failure> {
    let input = Input::find(args.path.as_deref())?;
    let output = output_path(args, &input)?;
    let profile = match args.sanitize {
        // Reports name functions and lines.
        Some(Sanitize::Thread) => Profile { sanitizer: Sanitizer::Thread, ..profile(args.release, true) },
        None => profile(args.release, args.debug),
    };
    let goal = args.emit.map_or(Goal::Object(profile), |stage| Goal::Emit(stage, profile));
    compile(&input, Purpose::Program, goal, args.common, |product, session| {
        match (product, &output) {
            (Product::Object(program, _), Some(output)) if args.emit.is_none() => {
                session.timings.stage("link", || link::link(&program, output, profile))?;
            }
            (Product::Object(program, _), Some(output)) => output::write(output, &program.object)?,
            (Product::Text(text), Some(output)) => output::write(output, text.as_bytes())?,
            (Product::Text(text), None) => output::print(&text)?,
            (Product::Object(..) | Product::Tests(_) | Product::Effects(_) | Product::Checked, _) => {}
        }
        Ok(Exit::Success)
    })
}

fn run(args: &RunArgs) -> Result<Exit, Failure> {
    let input = Input::find(args.path.as_deref())?;
    let profile = profile(args.release, false);
    let goal = Goal::Object(profile);
    compile(&input, Purpose::Program, goal, args.common, |product, session| {
        let Product::Object(program, _) = product else { return Ok(Exit::Success) };
        let executable = session.timings.stage("link", || run::link_unnamed(&program, profile))?;
        session.timings.report();
        Err(run::become_program(&executable, &input.program_name(), &args.args))
    })
}

fn check(args: &CheckArgs) -> Result<Exit, Failure> {
    let input = Input::find(args.path.as_deref())?;
    let goal = args.effects.map_or(Goal::Check, |of| {
        Goal::ListEffects(match of {
            EffectsOf::Program => Of::Program,
            EffectsOf::All => Of::All,
        })
    });
    compile(&input, Purpose::Check, goal, args.common, |product, session| {
        if let Product::Effects(listed) = product {
            output::print(&effects::print(&listed, &session.sources, args.common.message_format))?;
        }
        Ok(Exit::Success)
    })
}

fn fix(args: &FixArgs) -> Result<Exit, Failure> {
    let input = Input::find(args.path.as_deref())?;
    let mode = if args.dry_run { fix::Mode::DryRun } else { fix::Mode::Write };
    fix::run(&input, mode, Reporter::new(args.common))
}

fn run_tests(args: &TestArgs) -> Result<Exit, Failure> {
    let (input, filter) = Input::find_tests(args.path.as_deref(), args.filter.as_deref())?;
    let profile = profile(args.release, true);
    let goal = if args.list { Goal::ListTests } else { Goal::Object(profile) };
    compile(&input, Purpose::Tests, goal, args.common, |product, session| {
        let (program, names) = match product {
            Product::Object(program, names) => (program, names),
            Product::Tests(names) => (Linkable::default(), names),
            Product::Checked | Product::Effects(_) | Product::Text(_) => return Ok(Exit::Success),
        };
        let named = names.iter().map(String::as_str).enumerate();
        let tests: Vec<test::Test<'_>> = named.filter(|(_, name)| name.contains(&filter)).collect();
        if args.list {
            return test::list(&tests);
        }
        let directory = TempDir::new()?;
        let executable = directory.join("tests");
        if !tests.is_empty() {
            session.timings.stage("link", || link::link(&program, &executable, profile))?;
        }
        let left_out = names.len() - tests.len();
        let limit = (args.timeout > 0).then(|| Duration::from_secs(args.timeout));
        test::run(test::Run { executable: &executable, tests: &tests, left_out, limit })
    })
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
    input: &Input,
    purpose: Purpose,
    goal: Goal,
    args: CommonArgs,
    finish: impl FnOnce(Product, &mut Session) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let mut session = Session { timings: Timings::new(args.timings), ..Session::default() };
    let product = crash::with_place(&mut session, |session| pipeline::compile(session, input, purpose, goal));
    Reporter::new(args).diagnostics(&session.sources, &std::mem::take(&mut session.sink).finish());
    let exit = match product {
        Ok(product) => finish(product, &mut session)?,
        Err(Stop::Errors) => Exit::Failed,
        Err(Stop::Failure(failure)) => return Err(failure),
    };
    session.timings.report();
    Ok(exit)
}

/// Where the result goes; `None` for standard output.
fn output_path(args: &BuildArgs, input: &Input) -> Result<Option<PathBuf>, Failure> {
    let name = input.program_name();
    let output = match (&args.output, args.emit) {
        (Some(output), _) => output.clone(),
        (None, None) => name,
        (None, Some(Emit::Obj)) => name.with_extension("o"),
        (None, Some(_)) => return Ok(None),
    };
    let same = |path: &Path| path.canonicalize().ok();
    let Some(program) = &args.path else { return Ok(Some(output)) };
    if same(&output).is_some_and(|target| same(program) == Some(target)) {
        let problem = format!("the result would overwrite the program `{}`", program.display());
        return Err(Failure::usage(problem).help("choose another name with `-o`"));
    }
    Ok(Some(output))
}

/// A fast executable is left without symbols unless they are asked for.
fn profile(release: bool, debug: bool) -> Profile {
    Profile {
        optimize: if release { Optimize::Release } else { Optimize::Debug },
        symbols: if release && !debug { Symbols::Strip } else { Symbols::Keep },
        sanitizer: Sanitizer::None,
    }
}
