//! What the command line means by a path: a file, a project, a folder, or the project around the current folder.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::manifest;

/// What is to be compiled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// A file, perhaps of a project.
    File(PathBuf),
    /// The project in a folder; empty for the current one.
    Project(PathBuf),
    /// A folder that is no project: all files in it.
    Folder(PathBuf),
    /// The modules of the standard library.
    Library,
}

/// What is wanted of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// The program: what its `main` needs.
    Program,
    /// To find mistakes, in every file of a project.
    Check,
    /// The tests in it.
    Tests,
}

impl Input {
    /// What the path means; without one, the project around the current folder.
    pub fn find(path: Option<&Path>) -> Result<Self, Failure> {
        match path {
            Some(path) if path.join(manifest::FILE_NAME).is_file() => Ok(Self::Project(path.to_owned())),
            Some(path) => Ok(Self::File(path.to_owned())),
            None => project_around(Path::new("")).map(Self::Project).ok_or_else(no_project),
        }
    }

    /// What `platc test` means by a path and a part of the tests' names. A single word that is no path is such a part, of
    /// the project around the current folder.
    pub fn find_tests(path: Option<&Path>, filter: Option<&str>) -> Result<(Self, String), Failure> {
        if let (Some(word), None) = (path, filter)
            && is_filter(word)
            && let Some(project) = project_around(Path::new(""))
        {
            return Ok((Self::Project(project), word.to_string_lossy().into_owned()));
        }
        let input = match path {
            Some(path) if is_library(path) => Self::Library,
            Some(path) if path.is_dir() && !path.join(manifest::FILE_NAME).is_file() => {
                Self::Folder(path.to_owned())
            }
            _ => Self::find(path)?,
        };
        Ok((input, filter.unwrap_or_default().to_owned()))
    }

    /// What an executable made of it is called.
    pub fn program_name(&self) -> PathBuf {
        match self {
            Self::File(path) | Self::Folder(path) => path.file_stem().map(PathBuf::from).unwrap_or_default(),
            Self::Project(folder) => {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                let whole = folder.canonicalize().unwrap_or_default();
                whole.file_name().map(PathBuf::from).unwrap_or_else(|| "program".into())
            }
            Self::Library => "std".into(),
        }
    }
}

/// Whether a word on the command line is no path but part of the names of tests.
fn is_filter(word: &Path) -> bool {
    let is_one_name = word.components().count() == 1 && word.extension().is_none();
    is_one_name && !word.exists() && !is_library(word)
}

/// Whether the path means the library's own modules.
fn is_library(path: &Path) -> bool {
    path == Path::new("std") && !path.exists()
}

fn no_project() -> Failure {
    Failure::usage("no program is named, and there is no project here")
        .note("neither this folder nor one around it has a `plat.toml`")
        .help("name a program, `platc run FILE`, or make a project, `platc new NAME`")
}

/// The folder of the project that a folder belongs to, relative to the current one where the folder is.
pub fn project_around(folder: &Path) -> Option<PathBuf> {
    let depth = if folder.is_absolute() { 0 } else { std::env::current_dir().ok()?.components().count() };
    let above = (1..depth).map(|steps| PathBuf::from_iter(std::iter::repeat_n("..", steps)));
    let inside = folder.ancestors().map(Path::to_owned);
    inside.chain(above).find(|folder| folder.join(manifest::FILE_NAME).is_file())
}
