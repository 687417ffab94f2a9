//! What is found wrong, where, and how many mistakes of one file are.

use super::mistakes;

fn check(text: &str, expected: &[&str]) {
    assert_eq!(mistakes(text), expected, "{text}");
}

/// Checks statements as the body of a function that begins in the first column of the second line.
fn body(text: &str, expected: &[&str]) {
    check(&format!("fn f() {{\n{text}\n}}\n"), expected);
}

#[test]
fn missing_semicolons() {
    body("let x = 1\nlet y = 2", &["E0102 2:9", "E0102 3:9"]);
    body("f()\ng();", &["E0102 2:3"]);
    body("return 1\ng();", &["E0102 2:8"]);
    check("const AA = 1\nfn f() { }", &["E0102 1:12"]);
    check("struct S { let x: Int\n var y: Int; }", &["E0102 1:19"]);
}

#[test]
fn several_mistakes() {
    body(
        "let = 1;\nif x = 2 { let y = ; }\nf(;\nx++;",
        &["E0109 2:1", "E0106 3:6", "E0101 3:20", "E0103 4:2", "E0112 5:2"],
    );
    check(
        "fn f( { }\nfn g() { 1 + }\nstruct { }\nfn h() { let x = 1 }",
        &["E0103 1:5", "E0101 2:14", "E0109 3:1", "E0102 4:18"],
    );
}

#[test]
fn one_report_for_a_statement() {
    body("let let let = = ;", &["E0108 2:5"]);
    body("f(1 2 3 +);", &["E0119 2:3"]);
    body("a b c d;\ne();", &["E0101 2:3"]);
}

#[test]
fn brackets() {
    body("f(1;", &["E0103 2:2"]);
    body("f(1));", &["E0104 2:5"]);
    body("f([1);", &["E0103 2:3"]);
    body("f(1];", &["E0104 2:4"]);
    check("fn f() {\n  if a {\n    b();\n}\nfn g() { }\n", &["E0103 2:8"]);
    check("fn f() {\n  a();\n\nfn g() { }\n", &["E0103 1:8"]);
    check("fn f() {\n  a(); }\n}\nfn g() { }\n", &["E0104 3:1"]);
    check("struct S {\n  fn f() {\n    a();\n\n  fn g() { }\n}\n", &["E0103 2:10"]);
    check("fn f()\n  let x = 1;\n  x\n}\nfn g() { }", &["E0101 1:6"]);
    check(
        "struct S : A<B>\n  let x: Int;\n  fn f() -> Int\n    1\n  }\n}\nfn g() { }",
        &["E0101 1:15", "E0101 3:13"],
    );
    check("}", &["E0104 1:1"]);
    check("fn f() { \"${(1}\"; }", &["E0103 1:13"]);
}

#[test]
fn strings_that_are_not_closed() {
    body("print(\"a);\nlet = 1;", &["E0003 2:7", "E0109 3:1"]);
    body("let x = \"a;\nlet = 1;", &["E0003 2:9", "E0109 3:1"]);
    body("f([\"a]);\nlet = 1;", &["E0003 2:4", "E0109 3:1"]);
    body("f(\"\"\"\na);", &["E0003 2:3"]);
    body("f( /* a", &["E0002 2:4"]);
}

#[test]
fn conditions() {
    body("if x = 1 { }", &["E0106 2:6"]);
    body("while a and b = 1 { }", &["E0106 2:15"]);
    body("f(a.b = 1);", &["E0106 2:7"]);
    body("if 1 < x < 2 { }", &["E0105 2:10"]);
    body("let y = if x { 1 };", &["E0107 2:18"]);
    body("if a { } elif b { }", &["E0012 2:10"]);
}

#[test]
fn foreign_operators() {
    body("if a && !b || c { }", &["E0012 2:6", "E0012 2:9", "E0012 2:12"]);
    body("match x { 1 => a, _ => b }", &["E0012 2:13", "E0012 2:21"]);
    body("println!(\"x\");", &["E0012 2:8"]);
    body("let mut x = 1;", &["E0012 2:5"]);
    body("x++; ++x; x--;", &["E0112 2:2", "E0112 2:6", "E0112 2:12"]);
    check("func f() { }\ndef g() { }", &["E0012 1:1", "E0012 2:1"]);
    check("async fn f() { }", &["E0012 1:1"]);
    body(
        "let x = await f(); go g(); throw 1; try { f() }",
        &["E0012 2:9", "E0012 2:20", "E0012 2:28", "E0012 2:37"],
    );
}

#[test]
fn names() {
    check("fn Foo(X: int) { }", &["E0008 1:4", "E0008 1:8", "E0008 1:11"]);
    check("struct point { }", &["E0008 1:8"]);
    check("enum E { red, GREEN }", &["E0008 1:10", "E0008 1:15"]);
    check("const limit = 1;", &["E0008 1:7"]);
    check("const A1 = 1;", &[]);
    body("let fooBar = 1; fooBar", &["E0008 2:5"]);
    body("let Total = 1;", &["E0008 2:5"]);
    body("let type = 1;", &["E0108 2:5"]);
    check("fn f(in: Int) { }", &["E0108 1:6"]);
    check("fn loop() { }", &["E0108 1:4"]);
    check("struct match { }", &["E0108 1:8"]);
    body("let = 1;", &["E0109 2:1"]);
    body("f(class);", &["E0108 2:3"]);
}

#[test]
fn items() {
    check("let x = 1;\nfn f() { }", &["E0117 1:1"]);
    check("print(1);\nx = 2;\nfn f() { let = 1; }", &["E0117 1:1", "E0109 3:10"]);
    body("fn g() { }\nlet = 1;", &["E0117 2:1", "E0109 3:1"]);
    check("fn f() -> Int\nfn g() { }", &["E0110 1:4"]);
    check("fn f();", &["E0110 1:4"]);
    check("struct S { fn f(); }", &["E0110 1:15"]);
    check("extern \"C\" { fn f() { } }", &["E0110 1:21"]);
    check("interface I { fn f() fn g(); }", &["E0101 1:22"]);
    check("interface I { let x: Int; }", &["E0120 1:15"]);
    check("struct S { x: Int, y: Int }", &["E0101 1:12"]);
    check("fn f(x Int) { let = 1; }", &["E0101 1:8", "E0109 1:15"]);
    check("fn f(): Int { 1 }", &["E0101 1:7"]);
    check("fn f(x) { let = 1; }", &["E0101 1:7", "E0109 1:11"]);
    check("pub test \"a\" { }", &["E0114 1:1"]);
    check("static fn f() { }", &["E0114 1:1"]);
    check("enum E { A(), B(x: Int, Int) }", &["E0116 1:11", "E0116 1:25"]);
    check("enum E { A B, C }", &["E0119 1:10"]);
}

#[test]
fn habits() {
    check("struct S { let x: Int, let y: Int }", &["E0101 1:22", "E0102 1:31"]);
    check(
        "struct S { fn f(self) { let = 1; } fn g(&mut self, x: Int) { } }",
        &["E0012 1:17", "E0109 1:25", "E0012 1:41"],
    );
    body("let x: List<Int>= 1;\nlet = 1;", &["E0101 2:16", "E0109 3:1"]);
}

#[test]
fn expressions() {
    body("f(a = 1, 2);", &["E0115 2:10"]);
    body("a == not b;", &["E0113 2:6"]);
    body("if a { } else { } + 1;\nlet = 2;", &["E0118 2:19", "E0109 3:1"]);
    body("let x = Point { x: 1 };", &["E0101 2:15"]);
    body("let x = a ? b : c;", &["E0101 2:13"]);
    body("for i in 0.. { }", &["E0101 2:14"]);
    body("let x = 0..;", &["E0101 2:12"]);
    body("0..1..2;", &["E0101 2:5"]);
    body("match x { A(.., b) -> 1 }", &["E0121 2:13"]);
    body("match x { 1 -> a\n2 -> b }", &["E0119 2:16"]);
    body("match x { 1 -> , 2 -> b, 3 4 -> c }", &["E0101 2:16", "E0101 2:28"]);
    body("match x { 1 -> a, 2 b, _ -> c }", &["E0101 2:21"]);
    body("\"${}\";", &["E0101 2:4"]);
    body("\"${a b}\";", &["E0101 2:6"]);
}

#[test]
fn unfinished_at_the_end() {
    check("fn", &["E0109 1:1"]);
    check("fn f", &["E0101 1:4"]);
    check("pub", &["E0101 1:1"]);
    check("struct S", &["E0101 1:8"]);
    check("use a::", &["E0101 1:6"]);
    check("fn f() { let", &["E0103 1:8", "E0109 1:10"]);
}
