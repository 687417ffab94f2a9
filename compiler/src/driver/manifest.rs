//! `plat.toml`: what a project is called, where it begins, and which packages it depends on.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use plat_syntax::diagnostics::{Diagnostic, Sink, codes};
use plat_syntax::source::{FileId, SourceMap, Span};
use serde::Deserialize;
use toml::Spanned;

use super::failure::Failure;
use super::loader;

/// The name of the file that makes a folder a project.
pub const FILE_NAME: &str = "plat.toml";

/// Where a package begins unless its manifest says otherwise: a program, or a library that has no `main`.
const DEFAULT_ROOTS: [&str; 2] = ["src/main.plat", "src/lib.plat"];

/// A manifest that has been read.
#[derive(Debug)]
pub struct Manifest {
    /// The package's name.
    pub name: String,
    /// The folder of the manifest.
    pub folder: PathBuf,
    /// The file that the package begins with.
    pub root: PathBuf,
    /// The packages it depends on, in the order of their names.
    pub dependencies: Vec<Dependency>,
}

/// A package that another one depends on.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// What it is called in paths.
    pub name: String,
    /// Where it is given that name.
    pub name_span: Span,
    /// Its folder.
    pub folder: PathBuf,
    /// Where the manifest names the folder.
    pub span: Span,
}

/// The manifest as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Spanned<String>,
    #[serde(default, rename = "version")]
    _version: Option<String>,
    main: Option<Spanned<String>>,
    #[serde(default)]
    dependencies: BTreeMap<Spanned<String>, WrittenDependency>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDependency {
    path: Spanned<String>,
}

/// Reads the manifest in a folder; `None` after a diagnostic.
pub fn read(folder: &Path, sources: &mut SourceMap, sink: &mut Sink) -> Result<Option<Manifest>, Failure> {
    let file = loader::load(&folder.join(FILE_NAME), sources)?;
    let text = &sources.file(file).text;
    let written: Written = match toml::from_str(text) {
        Ok(written) => written,
        Err(error) => {
            let span = place(file, error.span().unwrap_or(0..0));
            sink.emit(malformed(span, error.message()));
            return Ok(None);
        }
    };
    let count = sink.error_count();
    check_name(&written.name, file, sink);
    written.dependencies.keys().for_each(|name| check_name(name, file, sink));
    let root = root(&written, folder, file, sink);
    let dependencies = written.dependencies.iter().map(|(name, dependency)| Dependency {
        name: name.get_ref().clone(),
        name_span: place(file, name.span()),
        folder: join(folder, Path::new(dependency.path.get_ref())),
        span: place(file, dependency.path.span()),
    });
    let dependencies = dependencies.collect();
    let name = written.name.get_ref().clone();
    let is_right = sink.error_count() == count;
    Ok(root.filter(|_| is_right).map(|root| Manifest { name, folder: folder.to_owned(), root, dependencies }))
}

/// The path from the folder, without going into a folder and out of it again.
fn join(folder: &Path, path: &Path) -> PathBuf {
    let mut joined = folder.to_owned();
    for part in path.components() {
        match (part, joined.components().next_back()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                joined.pop();
            }
            _ => joined.push(part),
        }
    }
    joined
}

fn place(file: FileId, range: Range<usize>) -> Span {
    Span::new(file, range.start as u32, range.end as u32)
}

/// The file that the package begins with; `None` after a diagnostic.
fn root(written: &Written, folder: &Path, file: FileId, sink: &mut Sink) -> Option<PathBuf> {
    if let Some(main) = &written.main {
        let root = folder.join(main.get_ref());
        if root.is_file() {
            return Some(root);
        }
        let message = format!("there is no file `{}`", root.display());
        let span = place(file, main.span());
        sink.emit(
            Diagnostic::error(codes::UNKNOWN_PACKAGE, span, message, "not found")
                .note("`main` names the file that the package begins with, from the folder of `plat.toml`"),
        );
        return None;
    }
    let found = DEFAULT_ROOTS.iter().map(|root| folder.join(root)).find(|root| root.is_file());
    if found.is_none() {
        let span = place(file, written.name.span());
        let [program, library] = DEFAULT_ROOTS;
        sink.emit(
            Diagnostic::error(codes::UNKNOWN_PACKAGE, span, "the package has no files", "begins nowhere")
                .note(format!("there is neither `{program}` nor `{library}` beside `plat.toml`"))
                .help("create one of them, or name the file that the package begins with: `main = \"…\"`"),
        );
    }
    found
}

/// Names of packages are names of modules.
fn check_name(name: &Spanned<String>, file: FileId, sink: &mut Sink) {
    let text = name.get_ref();
    let span = place(file, name.span());
    if text == "std" {
        let diagnostic = malformed(span, "`std` is the standard library");
        sink.emit(diagnostic.help("choose another name"));
    } else if !is_package_name(text) {
        let diagnostic = malformed(span, &format!("`{text}` is no name for a package"));
        sink.emit(diagnostic.help(NAME_RULE));
    }
}

/// What names of packages look like, as advice.
pub const NAME_RULE: &str = "a name has small letters, digits and `_`, and begins with a letter";

/// Whether it can be the name of a package.
pub fn is_package_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(is_part)
}

fn malformed(span: Span, message: &str) -> Diagnostic {
    // A parser of TOML begins some of its messages with a line of its own.
    let message =
        message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
    Diagnostic::error(codes::MALFORMED_MANIFEST, span, message, "in this place")
}

/// A package under a name that one of the modules has already.
pub fn name_is_taken(dependency: &Dependency, module: &Path) -> Diagnostic {
    let message = format!("`{}` is also a module of this package", dependency.name);
    malformed(dependency.name_span, &message)
        .note(format!("the module is `{}`", module.display()))
        .help("give the package another name here: the name before the `=` is the one that paths use")
}

/// A folder that is no package.
pub fn unknown_package(dependency: &Dependency) -> Diagnostic {
    let message = format!("there is no package in `{}`", dependency.folder.display());
    Diagnostic::error(codes::UNKNOWN_PACKAGE, dependency.span, message, "no `plat.toml` there")
        .note("`path` leads from the folder of this `plat.toml` to the folder of another one")
}

/// Packages that depend on each other in a circle: each with its name and the place that names the next.
pub fn dependency_cycle(links: &[(String, Span)]) -> Option<Diagnostic> {
    let ((name, span), rest) = links.split_first()?;
    let chain: Vec<&str> = links.iter().map(|(name, _)| name.as_str()).chain([name.as_str()]).collect();
    let message = format!("the package `{name}` depends on itself");
    let mut diagnostic =
        Diagnostic::error(codes::DEPENDENCY_CYCLE, *span, message, "leads back to this package");
    for (name, span) in rest {
        diagnostic = diagnostic.secondary(*span, format!("`{name}` goes on here"));
    }
    Some(
        diagnostic
            .note(format!("the chain is `{}`", chain.join("` → `")))
            .help("move what both need into a third package that depends on neither"),
    )
}
