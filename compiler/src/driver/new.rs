//! `platc new`: a project to begin with.

use std::fs;
use std::path::Path;

use super::failure::{Failure, reason};
use super::manifest::{self, NAME_RULE};
use super::output;

/// The files of a new project. `NAME` stands for its name.
const FILES: &[(&str, &str)] = &[
    (
        manifest::FILE_NAME,
        "\
name = \"NAME\"
version = \"0.1.0\"
",
    ),
    (
        ".gitignore",
        "\
# The executable that `platc build` makes.
/NAME
",
    ),
    (
        "src/main.plat",
        "\
use greeting;

fn main() {
  print(greeting::greet(\"world\"));
}
",
    ),
    (
        "src/greeting.plat",
        "\
/// What to say to somebody.
pub fn greet(name: String) -> String {
  \"Hello, ${name}!\"
}

test \"greets by name\" {
  assert_eq(greet(\"Ada\"), \"Hello, Ada!\");
}
",
    ),
    (
        "tests/greeting.plat",
        "\
//! Tests from outside: they see what is `pub`.

use NAME::greeting;

test \"greets the world\" {
  assert_eq(greeting::greet(\"world\"), \"Hello, world!\");
}
",
    ),
];

/// Makes a project in the folder `path`, which must not exist yet or be empty.
pub fn create(path: &Path) -> Result<(), Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if !manifest::is_package_name(&name) || name == "std" {
        let failure = Failure::usage(format!("`{name}` is no name for a project")).note(NAME_RULE);
        let better = corrected(&name);
        let is_better = manifest::is_package_name(&better) && better != "std";
        return Err(if is_better { failure.help(format!("`{better}` would be one")) } else { failure });
    }
    if fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()) || path.is_file() {
        return Err(Failure::usage(format!("`{}` exists already", path.display()))
            .help("choose another name, or remove what is there"));
    }
    for (file, text) in FILES {
        let file = path.join(file);
        let folder = file.parent().unwrap_or(path);
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&file, text.replace("NAME", &name)));
        written.map_err(|error| {
            Failure::failed(format!("cannot write `{}`: {}", file.display(), reason(&error)))
        })?;
    }
    output::print(&format!(
        "made the project `{name}`; in its folder, `platc run` runs it and `platc test` tests it\n"
    ))
}

/// The name with what is allowed in place of what is not.
fn corrected(name: &str) -> String {
    let part = |character: char| match character {
        'a'..='z' | '0'..='9' => character,
        'A'..='Z' => character.to_ascii_lowercase(),
        _ => '_',
    };
    name.chars()
        .map(part)
        .collect::<String>()
        .trim_start_matches(|first: char| !first.is_ascii_lowercase())
        .into()
}
