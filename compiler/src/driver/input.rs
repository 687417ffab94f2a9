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

    /// What `platc test` means by the path.
    pub fn find_tests(path: Option<&Path>) -> Result<Self, Failure> {
        match path {
            Some(path) if path == Path::new("std") && !path.exists() => Ok(Self::Library),
            Some(path) if path.is_dir() && !path.join(manifest::FILE_NAME).is_file() => {
                Ok(Self::Folder(path.to_owned()))
            }
            _ => Self::find(path),
        }
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
