//! The rules of the house that a compiler does not check.
//!
//! Which stage of the compiler and which layer of the runtime may use which is a table here: a new edge is a
//! decision, made by changing the table.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use crate::{Outcome, files_under, read, root, trial};

/// A file longer than this has more than one noun in it.
const MAX_LINES: usize = 800;

/// Where Rust sources stand.
const SOURCES: [&str; 6] =
    ["compiler/src", "compiler/build.rs", "compiler/syntax", "runtime/src", "runtime/abi/src", "tests/suite"];

/// Crates in which no code is unsafe; the runtime names its own modules.
const SAFE_CRATES: [&str; 4] =
    ["compiler/src/lib.rs", "compiler/syntax/src/lib.rs", "runtime/abi/src/lib.rs", "tests/suite/main.rs"];

/// A module and the modules of its crate that it may use besides itself.
type Edges = (&'static str, &'static [&'static str]);

/// The compiler's stages, first to last. Each may use definitions that stand before it, never a neighbour's insides.
/// Types and HIR name each other's definitions. All may use `bug`; nobody uses the driver.
const STAGES: &[Edges] = &[
    ("bug", &[]),
    ("types", &["hir"]),
    ("hir", &["types"]),
    ("resolve", &["hir", "types"]),
    ("typeck", &["hir", "types"]),
    ("mir", &["hir", "types"]),
    ("lints", &["hir", "typeck", "types"]),
    ("lower", &["hir", "mir", "typeck", "types"]),
    ("analysis", &["hir", "mir", "types"]),
    ("passes", &["analysis", "hir", "mir", "types"]),
    ("codegen", &["hir", "mir", "types"]),
    (
        "driver",
        &["analysis", "hir", "resolve", "typeck", "lints", "lower", "mir", "passes", "codegen", "types"],
    ),
];

/// The runtime's layers, lowest first. What compiled code calls (`capi`) and channels stand on top: nothing below knows them.
/// In the middle, parking, scopes, tasks, fibers and the scheduler hand the same tasks to each other.
const LAYERS: &[Edges] = &[
    ("sync_shim", &[]),
    ("cancel_models", &[]),
    ("channel_models", &[]),
    ("lock_models", &[]),
    ("models", &[]),
    ("poll_models", &[]),
    ("queue_models", &[]),
    ("source_models", &[]),
    ("stm_models", &["sync_shim"]),
    ("spin", &["sync_shim"]),
    ("stamp", &["sync_shim"]),
    ("sanitizer", &["sync_shim"]),
    ("heap", &["sync_shim", "text"]),
    ("broken_pipe", &[]),
    ("standard", &[]),
    ("text", &["heap", "sanitizer", "sync_shim"]),
    ("clock", &[]),
    ("digest", &[]),
    ("http", &[]),
    ("tls", &["sync_shim"]),
    ("waiter", &["fiber"]),
    (
        "timer",
        &["cancel", "clock", "context", "fiber", "park", "scheduler", "scope", "spin", "sync_shim", "unwind"],
    ),
    ("stack", &["fiber", "sync_shim"]),
    ("context", &["fiber", "scheduler", "sync_shim", "task"]),
    ("fiber", &["context", "scheduler", "scope", "stack", "sync_shim", "task", "timer", "unwind", "waiter"]),
    (
        "task",
        &[
            "cancel",
            "context",
            "fiber",
            "heap",
            "park",
            "scheduler",
            "scope",
            "spin",
            "stack",
            "sync_shim",
            "timeline",
            "timer",
            "unwind",
            "waiter",
        ],
    ),
    (
        "scheduler",
        &[
            "broken_pipe",
            "cancel",
            "clock",
            "context",
            "fiber",
            "heap",
            "inspect",
            "sanitizer",
            "scope",
            "signals",
            "stack",
            "stamp",
            "standard",
            "sync_shim",
            "task",
            "text",
            "timeline",
            "timer",
            "unwind",
        ],
    ),
    ("cancel", &["fiber", "scheduler", "scope", "sync_shim", "task"]),
    ("park", &["cancel", "fiber", "scheduler", "scope", "stamp", "timeline", "timer"]),
    (
        "scope",
        &[
            "cancel",
            "context",
            "fiber",
            "park",
            "scheduler",
            "spin",
            "sync_shim",
            "task",
            "text",
            "timeline",
            "timer",
            "unwind",
        ],
    ),
    (
        "unwind",
        &["cancel", "context", "fiber", "sanitizer", "scheduler", "scope", "sync_shim", "task", "text"],
    ),
    ("signals", &["inspect", "scheduler", "sync_shim", "timeline"]),
    ("timeline", &["fiber", "sync_shim", "task", "text", "unwind"]),
    (
        "inspect",
        &[
            "context",
            "fiber",
            "scheduler",
            "scope",
            "stack",
            "stamp",
            "sync",
            "sync_shim",
            "task",
            "text",
            "timeline",
            "unwind",
        ],
    ),
    (
        "reactor",
        &[
            "cancel",
            "context",
            "fiber",
            "park",
            "scheduler",
            "spin",
            "sync_shim",
            "timer",
            "unwind",
            "waiter",
        ],
    ),
    ("net", &["reactor", "scheduler", "sync_shim"]),
    ("stream", &["reactor", "scheduler"]),
    (
        "printing",
        &[
            "broken_pipe",
            "cancel",
            "context",
            "fiber",
            "park",
            "reactor",
            "scheduler",
            "stream",
            "sync_shim",
            "text",
            "timer",
            "unwind",
        ],
    ),
    ("fs", &["reactor", "scheduler", "sync_shim"]),
    ("process", &["reactor", "scheduler", "sync_shim"]),
    (
        "chan",
        &[
            "cancel",
            "context",
            "fiber",
            "heap",
            "park",
            "scheduler",
            "spin",
            "sync_shim",
            "timer",
            "unwind",
            "waiter",
        ],
    ),
    (
        "sync",
        &[
            "cancel",
            "context",
            "fiber",
            "park",
            "scheduler",
            "spin",
            "sync_shim",
            "timer",
            "unwind",
            "waiter",
        ],
    ),
    (
        "select",
        &[
            "cancel",
            "chan",
            "context",
            "fiber",
            "heap",
            "park",
            "reactor",
            "scheduler",
            "spin",
            "sync",
            "task",
            "timer",
            "unwind",
            "waiter",
        ],
    ),
    ("stm", &["context", "sanitizer", "scheduler", "select", "sync", "sync_shim", "task"]),
    (
        "capi",
        &[
            "cancel",
            "chan",
            "clock",
            "context",
            "digest",
            "fiber",
            "fs",
            "heap",
            "http",
            "net",
            "printing",
            "process",
            "reactor",
            "sanitizer",
            "scheduler",
            "scope",
            "select",
            "signals",
            "stm",
            "stream",
            "sync",
            "sync_shim",
            "task",
            "text",
            "timeline",
            "timer",
            "tls",
            "unwind",
        ],
    ),
];

/// The files of the runtime that may contain unsafe code. The tests in `testing` may, too.
const UNSAFE_FILES: &[&str] = &[
    "broken_pipe.rs",
    "capi/channel.rs",
    "capi/clock.rs",
    "capi/digest.rs",
    "capi/environment.rs",
    "capi/error.rs",
    "capi/fs.rs",
    "capi/heap.rs",
    "capi/host.rs",
    "capi/http.rs",
    "capi/lent.rs",
    "capi/mod.rs",
    "capi/net.rs",
    "capi/number.rs",
    "capi/panic.rs",
    "capi/process.rs",
    "capi/scope.rs",
    "capi/search.rs",
    "capi/select.rs",
    "capi/source.rs",
    "capi/stats.rs",
    "capi/stm.rs",
    "capi/stack.rs",
    "capi/stream.rs",
    "capi/sync.rs",
    "capi/task.rs",
    "capi/test.rs",
    "capi/text.rs",
    "capi/tls.rs",
    "capi/watch.rs",
    "chan/mod.rs",
    "chan/ring.rs",
    "clock.rs",
    "context/mod.rs",
    "fiber/mod.rs",
    "fs/mod.rs",
    "heap/count.rs",
    "heap/depot.rs",
    "heap/identity.rs",
    "heap/mod.rs",
    "inspect/answer.rs",
    "inspect/deadlock.rs",
    "lib.rs",
    "cancel_models.rs",
    "lock_models.rs",
    "models.rs",
    "printing/outlet.rs",
    "printing/wait.rs",
    "process/mod.rs",
    "reactor/mod.rs",
    "reactor/source.rs",
    "reactor/table.rs",
    "sanitizer.rs",
    "scheduler/glue.rs",
    "scheduler/hosts.rs",
    "scheduler/newest.rs",
    "scheduler/polls.rs",
    "scheduler/start.rs",
    "scheduler/worker.rs",
    "scope/handle.rs",
    "scope/members.rs",
    "scope/mod.rs",
    "scope/options.rs",
    "select/mod.rs",
    "signals.rs",
    "stack/canary.rs",
    "stack/mod.rs",
    "stack/pool.rs",
    "stamp.rs",
    "stm/mod.rs",
    "stm_models.rs",
    "standard.rs",
    "stream.rs",
    "sync/mod.rs",
    "task/gathering.rs",
    "task/global.rs",
    "task/mod.rs",
    "task/run.rs",
    "text/string.rs",
    "timer/mod.rs",
    "timer/wheel.rs",
    "unwind/frame.rs",
    "unwind/mod.rs",
    "unwind/tables.rs",
    "waiter.rs",
];

/// One of the rules.
type Rule = fn() -> Outcome;

/// All rules.
pub fn trials() -> Vec<Trial> {
    let rules: [(&str, Rule); 8] = [
        ("files_open_with_what_they_own", files_open_with_what_they_own),
        ("files_have_one_noun", files_have_one_noun),
        ("nothing_is_left_to_do", nothing_is_left_to_do),
        ("stages_use_earlier_stages_only", stages_use_earlier_stages_only),
        ("layers_use_what_their_table_says", layers_use_what_their_table_says),
        ("only_the_shim_names_threads", only_the_shim_names_threads),
        ("safe_crates_forbid_unsafe", safe_crates_forbid_unsafe),
        ("unsafe_stays_in_its_modules", unsafe_stays_in_its_modules),
    ];
    rules.into_iter().map(|(name, rule)| trial(format!("tidy::{name}"), rule)).collect()
}

fn files_open_with_what_they_own() -> Outcome {
    each_file(|_, text| (!text.starts_with("//! ")).then(|| "does not begin with `//!`".into()))
}

fn files_have_one_noun() -> Outcome {
    each_file(|_, text| {
        let lines = text.lines().count();
        (lines > MAX_LINES).then(|| format!("has {lines} lines, more than {MAX_LINES}"))
    })
}

fn nothing_is_left_to_do() -> Outcome {
    const WORDS: [&str; 5] = ["todo!(", "unimplemented!(", "dbg!(", "TODO", "FIXME"];
    let this = root().join("tests/suite/tidy.rs");
    each_file(|path, text| {
        if path == this {
            return None;
        }
        let mut lines = text.lines().enumerate();
        lines.find_map(|(line, text)| {
            let word = WORDS.into_iter().find(|word| text.contains(word))?;
            Some(format!("line {}: {word}", line + 1))
        })
    })
}

fn stages_use_earlier_stages_only() -> Outcome {
    let folder = root().join("compiler/src");
    check_edges(&folder, STAGES, &["bug"])
}

fn safe_crates_forbid_unsafe() -> Outcome {
    for path in SAFE_CRATES {
        if !read(&root().join(path)).contains("#![forbid(unsafe_code)]") {
            return Err(format!("{path} does not forbid unsafe code"));
        }
    }
    Ok(())
}

/// Every file with unsafe code is in the list, and the list names no other.
fn unsafe_stays_in_its_modules() -> Outcome {
    let folder = root().join("runtime/src");
    let mut complaints = Vec::new();
    for path in files_under(&folder) {
        let inside = path.strip_prefix(&folder).expect("it was found there").display().to_string();
        let listed = UNSAFE_FILES.contains(&inside.as_str());
        let found = words(&code(&read(&path))).any(|word| word == "unsafe");
        if found != listed && !inside.starts_with("testing/") {
            complaints.push(if found {
                format!("{inside} is not in the list")
            } else {
                format!("{inside} is safe")
            });
        }
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
}

fn layers_use_what_their_table_says() -> Outcome {
    check_edges(&root().join("runtime/src"), LAYERS, &["lib"])
}

/// Loom can check the runtime only where its atomics, locks and threads come from the shim.
fn only_the_shim_names_threads() -> Outcome {
    let folder = root().join("runtime/src");
    let shim = folder.join("sync_shim.rs");
    each_file(|path, text| {
        let code = code(text);
        let names = code.contains("std::sync::") || code.contains("std::thread::");
        (names && path.starts_with(&folder) && path != shim).then(|| "names std::sync or std::thread".into())
    })
}

/// Applies a rule to every Rust file.
fn each_file(rule: impl Fn(&Path, &str) -> Option<String>) -> Outcome {
    let sources = SOURCES.iter().map(|path| root().join(path));
    let files = sources.flat_map(|path| if path.is_dir() { files_under(&path) } else { vec![path] });
    let rust = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let complaints: Vec<String> = rust
        .filter_map(|path| {
            rule(&path, &read(&path)).map(|complaint| format!("{}: {complaint}", shown(&path)))
        })
        .collect();
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Checks every `crate::module` in the files of a crate against the table of its modules.
fn check_edges(folder: &Path, table: &[Edges], everywhere: &[&str]) -> Outcome {
    let mut complaints = BTreeSet::new();
    for path in files_under(folder) {
        let module = module_of(folder, &path);
        if ["lib", "main", "testing"].contains(&module.as_str()) {
            continue;
        }
        let Some((_, allowed)) = table.iter().find(|(name, _)| *name == module) else {
            complaints
                .insert(format!("{}: `{module}` is not in the table of tests/suite/tidy.rs", shown(&path)));
            continue;
        };
        for used in used_modules(&read(&path)) {
            let known = table.iter().any(|(name, _)| *name == used);
            if known
                && used != module
                && !allowed.contains(&used.as_str())
                && !everywhere.contains(&used.as_str())
            {
                complaints.insert(format!("{}: `{module}` may not use `{used}`", shown(&path)));
            }
        }
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints.into_iter().collect::<Vec<_>>().join("\n")) }
}

/// The top module that a file belongs to.
fn module_of(folder: &Path, path: &Path) -> String {
    let inside: PathBuf = path.strip_prefix(folder).expect("it was found there").with_extension("");
    inside.iter().next().expect("a file has a name").to_string_lossy().into_owned()
}

/// A text without its comments.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric() && character != '_')
}

/// The names after `crate::`, also in the braces of `use crate::{…}`, outside comments.
fn used_modules(text: &str) -> BTreeSet<String> {
    let code = code(text);
    let mut used = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(group) => used.extend(first_names(group)),
            None => used.extend(name(after)),
        }
    }
    used
}

/// The first name of each path in a `use` group, whose opening brace is gone.
fn first_names(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut depth, mut start) = (1, 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => {
                names.extend(name(group[start..at].trim()));
                start = at + 1;
            }
            _ => {}
        }
        if depth == 0 {
            names.extend(name(group[start..at].trim()));
            break;
        }
    }
    names
}

fn name(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|&c| c.is_alphanumeric() || c == '_').collect();
    (!name.is_empty()).then_some(name)
}
