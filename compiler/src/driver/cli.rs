//! The command line, as data. Decides nothing.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// The Plat compiler.
#[derive(Debug, Parser)]
#[command(name = "platc", version, about, disable_help_subcommand = true)]
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
    /// Explain a diagnostic, such as E0101
    Explain {
        /// The code that stands in the diagnostic's brackets
        code: String,
    },
}

/// `platc build`
#[derive(Debug, Args)]
pub struct BuildArgs {
    /// The program
    pub file: PathBuf,
    /// Where to put the result [default: the program's name without `.plat`, in the current directory]
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Spend time on making the program fast
    #[arg(long)]
    pub release: bool,
    /// Stop after a stage and print what it made
    #[arg(long, value_name = "STAGE")]
    pub emit: Option<Emit>,
    #[command(flatten)]
    pub common: CommonArgs,
}

/// `platc run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Spend time on making the program fast
    #[arg(long)]
    pub release: bool,
    #[command(flatten)]
    pub common: CommonArgs,
    /// The program
    pub file: PathBuf,
    /// What stands after the program is passed to it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub args: Vec<OsString>,
}

/// `platc check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The program
    pub file: PathBuf,
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
