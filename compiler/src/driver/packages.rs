//! From what the command line names to packages: a lone file, a file of a project, a project with the packages that it
//! depends on.

use std::fs;
use std::path::{Path, PathBuf};

use plat_syntax::index::Symbol;
use plat_syntax::source::Span;

use super::failure::Failure;
use super::input::{self, Input, Purpose};
use super::manifest::{self, Manifest};
use super::modules::{Loader, STD};
use crate::resolve::{ModuleIndex, PackageIndex};

/// The packages around the one being loaded, outermost first: each with its folder, its name, and the place that names
/// the next one.
type Chain = Vec<(PathBuf, String, Option<Span>)>;

impl Loader<'_> {
    /// Loads what is asked for.
    pub fn load_input(&mut self, input: &Input, purpose: Purpose) -> Result<(), Failure> {
        match input {
            Input::File(path) => self.load_file(path, purpose),
            Input::Project(folder) => self.load_project(folder, purpose),
            Input::Folder(folder) => self.load_folder(folder),
            Input::Library => self.load_std(),
        }
    }

    /// A file: of a project if it stands in one, else a program of its own.
    fn load_file(&mut self, path: &Path, purpose: Purpose) -> Result<(), Failure> {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let project = match input::project_around(&folder) {
            Some(project) => self.load_manifest(&project, &mut Vec::new())?,
            None => None,
        };
        let inside = match &project {
            Some((package, manifest)) => self.module_of_file(*package, manifest, path)?,
            None => None,
        };
        let module = match inside {
            Some(module) => module,
            None => self.load_lone_file(path, folder, project.as_ref())?,
        };
        // Only what a project begins with has a `main` that is checked for.
        let is_part = inside.is_some() && project.is_some_and(|(package, _)| self.root(package) != module);
        match purpose {
            Purpose::Tests => self.add_tested([module]),
            Purpose::Check if is_part => {}
            Purpose::Program | Purpose::Check => self.set_main(module),
        }
        Ok(())
    }

    /// A file that is no module of a project: a package of its own, which sees the project around it by its name.
    fn load_lone_file(
        &mut self,
        path: &Path,
        folder: PathBuf,
        project: Option<&(PackageIndex, Manifest)>,
    ) -> Result<ModuleIndex, Failure> {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let package = self.add_package(stem, Some(path), folder)?;
        self.set_own(package);
        if let Some((project, manifest)) = project {
            self.add_names_of(package, *project, manifest);
        }
        Ok(self.root(package))
    }

    /// The module that a file is in its project; `None` if it stands outside of the project's modules.
    fn module_of_file(
        &mut self,
        package: PackageIndex,
        manifest: &Manifest,
        path: &Path,
    ) -> Result<Option<ModuleIndex>, Failure> {
        let (Ok(file), Ok(root)) = (path.canonicalize(), manifest.root.canonicalize()) else {
            return Ok(None);
        };
        let mut module = self.root(package);
        if file != root {
            let inside = root.parent().and_then(|sources| file.strip_prefix(sources).ok());
            let Some(inside) = inside.map(|inside| inside.with_extension("")) else { return Ok(None) };
            for name in inside.iter() {
                let name = Symbol::intern(&name.to_string_lossy());
                let child = self.child(module, name)?;
                let Some(child) = child else { return Ok(None) };
                module = child;
            }
        }
        self.set_own(package);
        Ok(Some(module))
    }

    /// Gives a package all the names that another one knows, and that one's own.
    fn add_names_of(&mut self, package: PackageIndex, project: PackageIndex, manifest: &Manifest) {
        self.add_name(package, &manifest.name, project);
        for dependency in &manifest.dependencies {
            let folder = key(&dependency.folder);
            if let Some(&Some(other)) = self.loaded_packages.get(&folder) {
                self.add_name(package, &dependency.name, other);
            }
        }
    }

    fn load_project(&mut self, folder: &Path, purpose: Purpose) -> Result<(), Failure> {
        let Some((package, manifest)) = self.load_manifest(folder, &mut Vec::new())? else { return Ok(()) };
        self.set_own(package);
        let root = self.root(package);
        match purpose {
            Purpose::Program => self.set_main(root),
            Purpose::Check => {
                if manifest.root.ends_with("main.plat") {
                    self.set_main(root);
                }
                self.load_all(root)?;
            }
            Purpose::Tests => {
                let modules = self.load_all(root)?;
                self.add_tested(modules);
                self.load_outer_tests(package, &manifest)?;
            }
        }
        Ok(())
    }

    /// The files in the folder `tests` of a project: each is a package that depends on the project's.
    fn load_outer_tests(&mut self, project: PackageIndex, manifest: &Manifest) -> Result<(), Failure> {
        let folder = manifest.folder.join("tests");
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|ending| ending == "plat"));
        files.sort();
        for file in files {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let package = self.add_package(format!("tests::{stem}"), Some(&file), folder.clone())?;
            self.set_own(package);
            self.add_names_of(package, project, manifest);
            let root = self.root(package);
            self.add_tested([root]);
        }
        Ok(())
    }

    /// A folder that is no project: a package of all files in it.
    fn load_folder(&mut self, folder: &Path) -> Result<(), Failure> {
        let package = self.add_package(String::new(), None, folder.to_owned())?;
        self.set_own(package);
        let modules = self.load_all(self.root(package))?;
        self.add_tested(modules);
        Ok(())
    }

    fn load_std(&mut self) -> Result<(), Failure> {
        self.set_own(STD);
        let modules = self.load_all(self.root(STD))?;
        self.add_tested(modules);
        let base = self.base_modules();
        self.add_tested(base);
        Ok(())
    }

    /// The package in a folder, and those it depends on; `None` after a diagnostic.
    fn load_manifest(
        &mut self,
        folder: &Path,
        chain: &mut Chain,
    ) -> Result<Option<(PackageIndex, Manifest)>, Failure> {
        let Some(manifest) = manifest::read(folder, self.sources, self.sink)? else { return Ok(None) };
        let key = key(folder);
        chain.push((key.clone(), manifest.name.clone(), None));
        let mut known = Vec::new();
        for dependency in &manifest.dependencies {
            if let Some(link) = chain.last_mut() {
                link.2 = Some(dependency.span);
            }
            let sources = manifest.root.parent().unwrap_or(folder);
            let modules = [format!("{}.plat", dependency.name), dependency.name.clone()];
            let is_module = |path: &PathBuf| path.exists() && !path.join(manifest::FILE_NAME).exists();
            if let Some(module) = modules.iter().map(|name| sources.join(name)).find(is_module) {
                self.sink.emit(manifest::name_is_taken(dependency, &module));
            }
            let package = self.load_dependency(dependency, chain)?;
            known.extend(package.map(|package| (dependency.name.clone(), package)));
        }
        chain.pop();
        let folder = manifest.root.parent().unwrap_or(folder).to_owned();
        let package = self.add_package(manifest.name.clone(), Some(&manifest.root), folder)?;
        for (name, other) in known {
            self.add_name(package, &name, other);
        }
        self.loaded_packages.insert(key, Some(package));
        Ok(Some((package, manifest)))
    }

    fn load_dependency(
        &mut self,
        dependency: &manifest::Dependency,
        chain: &mut Chain,
    ) -> Result<Option<PackageIndex>, Failure> {
        let key = key(&dependency.folder);
        if let Some(start) = chain.iter().position(|(folder, ..)| *folder == key) {
            let links: Vec<(String, Span)> =
                chain[start..].iter().filter_map(|(_, name, span)| Some((name.clone(), (*span)?))).collect();
            if let Some(diagnostic) = manifest::dependency_cycle(&links) {
                self.sink.emit(diagnostic);
            }
            return Ok(None);
        }
        if let Some(&package) = self.loaded_packages.get(&key) {
            return Ok(package);
        }
        if !dependency.folder.join(manifest::FILE_NAME).is_file() {
            self.sink.emit(manifest::unknown_package(dependency));
            self.loaded_packages.insert(key, None);
            return Ok(None);
        }
        let package = self.load_manifest(&dependency.folder, chain)?.map(|(package, _)| package);
        self.loaded_packages.insert(key, package);
        self.dependencies.extend(package);
        Ok(package)
    }
}

/// The folder under a name that it has but once.
fn key(folder: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}
