//! The command line, as data. Decides nothing.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// What stands below the commands.
const EXIT_CODES: &str = "\
Exit codes: 0 all is well, 1 the program has mistakes or a test failed, 2 the command cannot be carried out, 70 a mistake \
of platc itself. A program that is run has its own: 101 after a panic, 102 after a deadlock.";

/// The Plat compiler.
#[derive(Debug, Parser)]
#[command(name = "platc", version, about, disable_help_subcommand = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `platc` is asked to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compile a program to an executable
    Build(BuildArgs),
    /// Compile a program and run it
    Run(RunArgs),
    /// Look for mistakes without making an executable
    Check(CheckArgs),
    /// Make the changes that diagnostics offer
    Fix(FixArgs),
    /// Run the tests of a program
    Test(TestArgs),
    /// Make a new project
    New {
        /// Its folder, whose name becomes the project's
        #[arg(value_name = "NAME")]
        path: PathBuf,
    },
    /// Show what the tasks of a running program do
    Tasks {
        /// Its process number
        #[arg(value_name = "PID")]
        process: u32,
        /// As one line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Explain a diagnostic, such as E0101
    Explain {
        /// The code that stands in the diagnostic's brackets
        code: String,
    },
}

/// `platc build`
#[derive(Debug, Args)]
pub struct BuildArgs {
    /// The program: a file, or the folder of a project [default: the project around the current folder]
    pub path: Option<PathBuf>,
    /// Where to put the result [default: the program's name without `.plat`, or the project's folder's name, in the
    /// current directory]
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Spend time on making the program fast
    #[arg(long)]
    pub release: bool,
    /// Watch the program with a sanitizer of the C compiler while it runs, which makes it some ten times slower
    #[arg(long, value_name = "WHICH", value_enum, overrides_with = "sanitize")]
    pub sanitize: Option<Sanitize>,
    /// Let debuggers and profilers know functions and lines, with `--release` too
    #[arg(short = 'g', long)]
    pub debug: bool,
    /// Stop after a stage and print what it made
    #[arg(long, value_name = "STAGE")]
    pub emit: Option<Emit>,
    #[command(flatten)]
    pub common: CommonArgs,
}

/// A sanitizer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Sanitize {
    /// ThreadSanitizer: reports data races, which the compiler, the library or C is to blame for
    Thread,
}

/// `platc run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Spend time on making the program fast
    #[arg(long)]
    pub release: bool,
    #[command(flatten)]
    pub common: CommonArgs,
    /// The program: a file, or the folder of a project [default: the project around the current folder]
    pub path: Option<PathBuf>,
    /// What stands after the program is passed to it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub args: Vec<OsString>,
}

/// `platc check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The program: a file, or the folder of a project [default: the project around the current folder]
    pub path: Option<PathBuf>,
    /// Print what each function may do: suspend, do I/O, spawn, block, panic; of the program, or of all that it uses
    #[arg(long, value_name = "OF", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "program")]
    pub effects: Option<EffectsOf>,
    #[command(flatten)]
    pub common: CommonArgs,
}

/// Whose effects are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum EffectsOf {
    /// The functions of the program
    Program,
    /// Those of the library too that the program uses
    All,
}

/// `platc fix`
#[derive(Debug, Args)]
pub struct FixArgs {
    /// The program: a file, or the folder of a project [default: the project around the current folder]
    pub path: Option<PathBuf>,
    /// List what would be changed at first, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub common: CommonArgs,
}

/// `platc test`
#[derive(Debug, Args)]
pub struct TestArgs {
    /// What to test: a file, the folder of a project, a folder of files, or `std` [default: the project around the
    /// current folder]
    pub path: Option<PathBuf>,
    /// Run only the tests whose names contain this
    pub filter: Option<String>,
    /// Print the names of the tests instead of running them
    #[arg(long)]
    pub list: bool,
    /// How long a test may take; 0 for as long as it likes
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub timeout: u64,
    /// Spend time on making the tests fast
    #[arg(long)]
    pub release: bool,
    #[command(flatten)]
    pub common: CommonArgs,
}

/// What all compiling commands take.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct CommonArgs {
    /// How diagnostics are written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub message_format: MessageFormat,
    /// Whether diagnostics are coloured
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub color: Color,
    /// Print how long each stage took
    #[arg(long)]
    pub timings: bool,
}

/// How diagnostics are written to standard error.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum MessageFormat {
    /// With the source text around them
    #[default]
    Human,
    /// One line each
    Short,
    /// One JSON object per line
    Json,
}

/// Whether diagnostics are coloured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Yes
    Always,
    /// No
    Never,
}

/// A stage whose result can be printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Emit {
    /// Tokens with their places
    Tokens,
    /// The syntax tree
    Ast,
    /// The program with its names resolved
    Hir,
    /// The control-flow graph, after all passes over it
    Mir,
    /// Cranelift's representation
    Clif,
    /// Assembly text
    Asm,
    /// The object file
    Obj,
}
