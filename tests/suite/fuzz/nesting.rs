//! One thing inside itself, a hundred thousand times; and very long lines, names and numbers.
//!
//! Each compiles, or gets a diagnostic: exit code 0 or 1 and nothing else, in a bounded time.

use libtest_mimic::Trial;

use super::in_process;
use crate::{Outcome, trial};

/// Far more than any limit or stack takes.
const DEEP: usize = 100_000;

/// Deep enough to reach the stages behind the parser.
const ALLOWED: usize = 4_000;

/// Long enough to notice what takes quadratic time.
const LONG: usize = 10_000;

/// What stands before and after something that is nested.
type Shape = (&'static str, &'static str, &'static str);

/// Expressions inside themselves.
const EXPRESSIONS: &[Shape] = &[
    ("parentheses", "(", ")"),
    ("lists", "[", "]"),
    ("blocks", "{", "}"),
    ("calls", "f(", ")"),
    ("minuses", "-", ""),
    ("complements", "~", ""),
    ("nots", "not ", ""),
    ("sums", "1 + ", ""),
    ("conditions", "true and ", ""),
    ("closures", "|x| ", ""),
    ("methods", "", ".abs()"),
    ("fields", "", ".value"),
    ("tries", "", "?"),
    ("indices", "", "[0]"),
    ("casts", "", " as Int"),
    ("else_ifs", "if x > 1 { 1 } else ", ""),
    ("ifs", "if true { ", " } else { 0 }"),
    ("conditions_of_ifs", "if ", ""),
    ("returns", "return ", ""),
    ("strings", "\"${", "}\""),
    ("matches", "match x { _ -> ", "}"),
    ("spawns", "spawn {", "}"),
    ("scopes", "concurrent {", "}"),
    ("loops", "loop {", "}"),
    ("fors", "for i in 0..1 {", "}"),
    ("tuples", "(1, ", ")"),
    ("variants", "Some(", ")"),
    ("ranges", "0..(", ")"),
];

/// Chains that generators write, and how long: these compile.
const CHAINS: &[(Shape, usize)] = &[
    (("sum", "x + ", ""), LONG),
    (("text", "\"a\" + ", ""), LONG),
    (("product_of_differences", "x * 1 - ", ""), LONG),
    (("comparison", "x == 1 or ", ""), LONG),
    (("methods", "", ".abs()"), LONG),
    (("else_ifs", "if x > 5 { 1 } else ", ""), LONG),
];

/// A test per shape.
pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for &(name, before, after) in EXPRESSIONS {
        trials.push(trial(format!("fuzz::nesting::{name}"), move || {
            [ALLOWED, DEEP].into_iter().try_for_each(|count| ends(&nested(before, after, count)))
        }));
    }
    for &((name, before, after), count) in CHAINS {
        trials.push(trial(format!("fuzz::chain::{name}"), move || {
            compiles(&chain(name, &before.repeat(count), &after.repeat(count)))
        }));
    }
    trials.extend(others());
    trials
}

fn nested(before: &str, after: &str, count: usize) -> String {
    let (before, after) = (before.repeat(count), after.repeat(count));
    format!("fn f(x: Int) -> Int {{ x }}\nfn main() {{ let x = 1; let y = {before}x{after}; }}\n")
}

fn chain(name: &str, before: &str, after: &str) -> String {
    let last = match name {
        "text" => "\"z\"",
        "comparison" => "x == 2",
        "else_ifs" => "{ 0 }",
        _ => "x",
    };
    format!("fn main() {{ let x = 1; let y = {before}{last}{after}; print(y); }}\n")
}

fn others() -> Vec<Trial> {
    let deep = |before: &str, middle: &str, after: &str| {
        format!("{}{middle}{}", before.repeat(DEEP), after.repeat(DEEP))
    };
    let programs: Vec<(&str, String)> = vec![
        ("type_arguments", format!("type T = {};", deep("List<", "Int", ">"))),
        ("tuple_types", format!("type T = {};", deep("(Int, ", "Int", ")"))),
        ("function_types", format!("type T = {};", deep("fn() -> ", "Int", ""))),
        ("patterns", format!("fn main() {{ let {} = 1; }}", deep("Some(", "x", ")"))),
        (
            "alternatives",
            format!("fn main() {{ match 1 {{ {} -> {{}} _ -> {{}} }} }}", deep("1 | ", "2", "")),
        ),
        ("comments", "/*".repeat(DEEP)),
        ("open_brackets", format!("fn main() {{ {}", "([{".repeat(DEEP))),
        ("close_brackets", "}])".repeat(DEEP)),
        ("a_long_name", format!("fn main() {{ let {} = 1; }}", "a".repeat(DEEP * 10))),
        ("a_long_number", format!("fn main() {{ print({}); }}", "9".repeat(DEEP * 10))),
        ("a_long_float", format!("fn main() {{ print(0.{}); }}", "9".repeat(DEEP * 10))),
        ("a_long_string", format!("fn main() {{ print(\"{}\".length()); }}", "ä".repeat(DEEP * 10))),
        ("a_long_line", format!("fn main() {{ {} }}", "print(1 + 2); ".repeat(LONG))),
        ("a_long_list", format!("fn main() {{ print([{}].length()); }}", "1, ".repeat(LONG))),
        ("many_arguments", format!("fn main() {{ print({}); }}", "1, ".repeat(DEEP))),
        ("many_semicolons", format!("fn main() {{ {} }}", ";".repeat(DEEP))),
        ("many_mistakes", "fn main() { let = ; ".repeat(LONG)),
        ("many_unknown_names", format!("fn main() {{ {} }}", "print(unknown); ".repeat(LONG))),
        (
            "many_functions",
            (0..LONG).map(|n| format!("fn f{n}() {{ f{}() }}\n", n / 2)).collect::<String>() + "fn main() {}",
        ),
        (
            "many_constants",
            (1..LONG).map(|n| format!("const C{n} = C{} + 1;\n", n - 1)).collect::<String>()
                + "const C0 = 1; fn main() {}",
        ),
        ("a_byte_order_mark", "\u{feff}fn main() { print(1); }".into()),
        ("carriage_returns", "fn main() {\r\n  print(1);\r\n}\r\n".into()),
        ("a_lone_carriage_return", "fn main() {\r print(1); }".into()),
        ("nul", "fn main() { print(\"\0\"); \0 }".into()),
        ("controls", "fn main() { \u{1}\u{7f}\u{202e}\u{2028} }".into()),
        ("nothing", String::new()),
    ];
    let mut trials: Vec<Trial> = programs
        .into_iter()
        .map(|(name, text)| trial(format!("fuzz::nesting::{name}"), move || ends(&text)))
        .collect();
    trials.push(trial("fuzz::nesting::what_is_not_utf8", || {
        in_process(b"fn main() { print(\"\xff\xfe\"); }", &["check"])?.expect_code(1).map(|_| ())
    }));
    trials
}

/// Checks that a program compiles or gets a diagnostic.
fn ends(text: &str) -> Outcome {
    let ended = in_process(text.as_bytes(), &["check"])?;
    if [0, 1].contains(&ended.code()) {
        return Ok(());
    }
    Err(format!(
        "the compiler ended with {}:\n{}",
        ended.code(),
        ended.stderr.chars().take(2000).collect::<String>()
    ))
}

fn compiles(text: &str) -> Outcome {
    in_process(text.as_bytes(), &["check"])?.expect_code(0).map(|_| ())
}
