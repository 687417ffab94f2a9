//! Programs of any depth and length are diagnosed or accepted, never a crash.

use std::thread;

use super::{mistakes, run};

/// Far more than any limit or stack takes, and still quick without optimisation.
const DEEP: usize = 60_000;

/// A function whose body is this many copies of `before`, then `1`, then as many of `after`.
fn nested(before: &str, after: &str, count: usize) -> String {
    format!("fn f() {{ {}1{} }}", before.repeat(count), after.repeat(count))
}

/// Checks that a file has no mistakes, on a stack as large as the compiler's.
fn tree(text: &str) {
    thread::scope(|scope| {
        let checked = thread::Builder::new().stack_size(512 << 20).spawn_scoped(scope, || super::tree(text));
        checked.expect("there is memory for a stack").join().expect("the file has no mistakes");
    });
}

fn too_deep(text: &str) {
    let codes: Vec<_> = run(text).1.iter().map(|diagnostic| diagnostic.code.name()).collect();
    assert_eq!(codes, ["E0111"], "{}", &text[..60]);
}

#[test]
fn deep_programs_are_diagnosed() {
    too_deep(&nested("(", ")", DEEP));
    too_deep(&nested("[", "]", DEEP));
    too_deep(&nested("{", "}", DEEP));
    too_deep(&nested("f(", ")", DEEP));
    too_deep(&nested("-", "", DEEP));
    too_deep(&nested("- ", "", DEEP));
    too_deep(&nested("not ", "", DEEP));
    too_deep(&nested("1 + ", "", DEEP));
    too_deep(&nested("|x| ", "", DEEP));
    too_deep(&nested("", ".f()", DEEP));
    too_deep(&nested("", "?", DEEP));
    too_deep(&nested("", "[0]", DEEP));
    too_deep(&nested("", " as Int", DEEP));
    too_deep(&nested("if a { 1 } else ", "", DEEP));
    too_deep(&nested("if ", "", DEEP));
    too_deep(&nested("return ", "", DEEP));
    too_deep(&nested("\"${", "}\"", DEEP));
    too_deep(&nested("match x { _ -> ", "}", DEEP));
    too_deep(&nested("spawn {", "}", DEEP));
    too_deep(&format!("type T = {}Int{};", "List<".repeat(DEEP), ">".repeat(DEEP)));
    too_deep(&format!("type T = {}Int{};", "Dict<A, ".repeat(DEEP), ">".repeat(DEEP)));
    too_deep(&format!("type T = {}Int;", "fn() -> ".repeat(DEEP)));
    too_deep(&format!("fn f() {{ let {}x{} = 1; }}", "Some(".repeat(DEEP), ")".repeat(DEEP)));
}

#[test]
fn unclosed_depth_is_diagnosed() {
    for open in ["(", "[", "{", "if a {", "\"${"] {
        let mistakes = mistakes(&format!("fn f() {{ {}", open.repeat(DEEP)));
        assert!(!mistakes.is_empty(), "{open}");
    }
    assert!(!mistakes(&"/*".repeat(DEEP)).is_empty());
    assert!(!mistakes(&")".repeat(DEEP)).is_empty());
}

#[test]
fn the_limits_leave_room() {
    tree(&nested("(", ")", 200));
    tree(&nested("1 + ", "", 15_000));
    tree(&nested("", ".f()", 9_000));
    tree(&nested("if a { 1 } else ", "{ 0 }; ", 0));
    tree(&format!("fn f() {{ {} }}", "f(1 + 2);".repeat(DEEP)));
    tree(&format!("const AA = [{}];", "1 + 2, ".repeat(DEEP)));
    tree(&format!("fn f() {{ {} }}", "if a { b } else { c } ".repeat(DEEP)));
    tree(&format!("fn f() {{ match x {{ {} }} }}", "1 -> { } 2 -> -1, ".repeat(DEEP)));
    tree(&"fn f() { } ".repeat(DEEP));
}

#[test]
fn what_stands_left_of_operators_counts_too() {
    // Each pair of parentheses holds few operators, and stands below all that follow it.
    too_deep(&format!("fn f() {{ {}1{} }}", "(".repeat(200), format!("{})", "+ 1".repeat(300)).repeat(200)));
    let chain = "if a + b { (1 + 2) } else ".repeat(5_000);
    tree(&format!("fn f() {{ let x = {chain} {{ 3 }}; }}"));
    too_deep(&format!("fn f() {{ let x = {}; }}", chain.repeat(11) + "{ 3 }"));
    let (before, after) = ("b + ".repeat(40_000), "+ 1".repeat(12_000));
    too_deep(&format!("fn f() {{ let x = if {before}a {{ 1 }} else {{ 2 }} {after}; }}"));
}

#[test]
fn other_items_survive_a_deep_one() {
    let text = format!("{}\nfn g() {{ let = 1; }}", nested("(", ")", 300));
    assert_eq!(mistakes(&text), ["E0111 1:265", "E0109 2:10"]);
}
