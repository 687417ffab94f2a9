//! What parses, and as what.

use super::tree;

/// Checks the tree of a file, however it is laid out.
fn check(text: &str, expected: &str) {
    let tree = tree(text);
    let words: Vec<_> = tree.split_whitespace().collect();
    assert_eq!(words.join(" "), expected, "{text}");
}

/// Checks an expression as the value of a constant.
fn expr(text: &str, expected: &str) {
    check(&format!("const AA = {text};"), &format!("(const AA {expected})"));
}

/// Checks statements as the body of a function.
fn body(text: &str, expected: &str) {
    let expected = if expected.is_empty() { String::new() } else { format!(" {expected}") };
    check(&format!("fn f() {{ {text} }}"), &format!("(fn f (block{expected}))"));
}

#[test]
fn precedence() {
    expr("1 + 2 * 3 - 4", "(- (+ 1 (* 2 3)) 4)");
    expr("a or b and not c == d", "(or a (and b (not (== c d))))");
    expr("not not a", "(not (not a))");
    expr("a | b ^ c & d << e", "(| a (^ b (& c (<< d e))))");
    expr("a >> b >> c", "(>> (>> a b) c)");
    expr("-x as Int8 * ~y", "(* (as (- x) Int8) (~ y))");
    expr("-x.f()[1]?", "(- (? (index (method x f) 1)))");
    expr("a == b | c", "(== a (| b c))");
    expr("1 + 2..3 * 4", "(.. (+ 1 2) (* 3 4))");
    expr("a as Int as Float", "(as (as a Int) Float)");
    expr("(a < b) == c", "(== (< a b) c)");
    expr("x as Int < y", "(< (as x Int) y)");
}

#[test]
fn postfix() {
    expr("t.1.0", "(field (field t 1) 0)");
    expr("1.max(2)", "(method 1 max 2)");
    expr("(x.f)(1)", "(call (field x f) 1)");
    expr("x.match.type(1)", "(method (field x match) type 1)");
    expr("List<List<Int>>.init()", "(method (List (List Int)) init)");
    expr("parse::<Int>(t)", "(call (parse Int) t)");
    expr("x.parse::<Dict<A, B>>(t)", "(method x parse (types (Dict A B)) t)");
    expr("Shape::Rect(w = 1, h = 2)", "(call Shape::Rect (named w 1) (named h 2))");
    expr("std::io::stdin().lines()", "(method (call std::io::stdin) lines)");
    expr("f(&x, y = &z.a[1],)", "(call f (& x) (named y (& (index (field z a) 1))))");
    expr("f({ 1 }, ({ 2 }))", "(call f (block-closure (block (value 1))) (block (value 2)))");
}

#[test]
fn literals() {
    expr("0xff_u8", "255u8");
    expr("1_000", "1000");
    expr("1e-9f32", "1e-9f32");
    expr("2f64", "2f64");
    expr("1h", "3600000000000ns");
    expr("()", "(tuple)");
    expr("(1, )", "1");
    expr("(1, 2, )", "(tuple 1 2)");
    expr("[1, [2], ]", "(list 1 (list 2))");
    expr("[:]", "(dict)");
    expr(r#"["a": 1, "b": 2]"#, r#"(dict (entry "a" 1) (entry "b" 2))"#);
    expr(r#""a${"b${c}"}d""#, r#"(string "a" ($ (string "b" ($ c))) "d")"#);
    expr(r#""${x:*^+08.3e}""#, r#"(string ($ x :*^+08.3e))"#);
    expr(r#""${a::b::<T>([x: 1]):>5}""#, r#"(string ($ (call (path a (b T)) (dict (entry x 1))) :>5))"#);
    expr("r\"\\n\"", r#""\\n""#);
}

#[test]
fn closures() {
    expr("|| 1", "(closure (params) 1)");
    expr("|x| |y| x + y", "(closure (params x) (closure (params y) (+ x y)))");
    expr("|inout v| v += 1", "(closure (params (inout v)) (+= v 1))");
    expr(
        "|(a, _), b: Int| -> Int { a }",
        "(closure (params (tuple a _) (: b Int)) (-> Int) (block (value a)))",
    );
    expr("f(|x| x, 1)", "(call f (closure (params x) x) 1)");
}

#[test]
fn blocks_and_their_values() {
    body("1", "(value 1)");
    body("1;", "1");
    body("if a { 1 } else { 2 }", "(value (if a (block (value 1)) (block (value 2))))");
    body("if a { 1 } (b)", "(if a (block (value 1))) (value b)");
    body("if a { };", "(if a (block))");
    body("match x { } -1", "(match x) (value (- 1))");
    body("{ } [1]", "(block) (value (list 1))");
    body(";;", "");
    body("return", "(value (return))");
    body("l: loop { break l; }", "(value (loop (label l) (block (break l))))");
}

#[test]
fn statements() {
    body("let (a, b): T = c;", "(let (tuple a b) (: T) c)");
    body("let Some(x) = f() else { return };", "(let (is Some x) (call f) (else (block (value (return)))))");
    body("var x; x <<= 1;", "(var x) (<<= x 1)");
    body("for (i: Int32 in 0..n) { }", "(value (for i (: Int32) (.. 0 n) (block)))");
    body("for (a, b) in c { }", "(value (for (tuple a b) c (block)))");
    body("for inout x in xs { }", "(value (for (inout x) xs (block)))");
    body("while let Some(x) = f() { }", "(value (while (let (is Some x) (call f)) (block)))");
    body("if (x) { } else if y { }", "(value (if x (block) (if y (block))))");
    body("defer { f() }", "(defer (block (value (call f))))");
}

#[test]
fn match_arms() {
    body("match x { 1 -> a, 2 -> { } 3 -> b }", "(value (match x (arm 1 a) (arm 2 (block)) (arm 3 b)))");
    body(
        "match x { -1 | 'a'..='z' if c -> y = 1 }",
        "(value (match x (arm (| -1 (..= 'a' 'z')) (guard c) (= y 1))))",
    );
    body(
        "match x { A(.., ) -> 1, B(p = q, ..) -> 2 }",
        "(value (match x (arm (is A ..) 1) (arm (is B (field p q) ..) 2)))",
    );
    body("match x { a::B::C -> 1, MAX -> 2 }", "(value (match x (arm (is a::B::C) 1) (arm (const MAX) 2)))");
    body("match x { _ -> match y { } _ -> 2 }", "(value (match x (arm _ (match y)) (arm _ 2)))");
}

#[test]
fn tasks() {
    body(
        "concurrent(a = 8) as s { spawn(x = y) { } }",
        "(value (concurrent (named a 8) (as s) (block (value (spawn (named x y) (block))))))",
    );
    body("race { a(), { b() } }", "(value (race (call a) (block (value (call b)))))");
    body(
        "atomically { retry } or_else { 1 }",
        "(value (atomically (block (value retry)) (block (value 1))))",
    );
    body("x.or_else(1).retry", "(value (field (method x or_else 1) retry))");
    body(
        "select { x = a[0].recv() if c -> { } timeout(1s) -> 1, default -> 2 }",
        "(value (select (arm x (method (index a 0) recv) (guard c) (block)) (timeout 1000000000ns 1) (default 2)))",
    );
    body("let default = timeout(1); timeout", "(let default (call timeout 1)) (value timeout)");
}

#[test]
fn items() {
    check("use a::b::{C, d,};", "(use a::b (names C d))");
    check("use a::{b::{C as D}, e};", "(use a (names (use b (names (use C (as D)))) e))");
    check(
        "pub fn f<T: A + B<C>, U>(move x: T = 1, inout y: U,) -> fn(inout A) -> B { }",
        "(pub (fn f (generics (T A (B C)) U) (move (param x T 1)) (inout (param y U)) (-> (fn (inout A) (-> B))) (block)))",
    );
    check(
        "class C<T> : A, B<T> { init() { } deinit { } }",
        "(class C (generics T) (interfaces A (B T)) (init (block)) (deinit (block)))",
    );
    check(
        "extern \"C\" link \"m\" { fn cos(x: Float64) -> Float64; }",
        "(extern \"C\" (link \"m\") (fn cos (param x Float64) (-> Float64)))",
    );
    check("test \"a\" { } newtype Id = Int;", "(test \"a\" (block)) (newtype Id Int)");
    check(
        "enum E { A(x: Int), B(Int, C<D>), C }",
        "(enum E (variant A (field x Int)) (variant B Int (C D)) (variant C))",
    );
}

#[test]
fn declared_keywords() {
    check("interface S { fn spawn(); fn match<T>(); }", "(interface S (fn spawn) (fn match (generics T)))");
}

#[test]
fn doc_comments() {
    check(
        "//! file\n\n/// one\n/// two\nfn f() { }",
        "(doc \"file\") (documented \"one\\ntwo\" (fn f (block)))",
    );
    check("enum E { /// a\n A, B }", "(enum E (documented \"a\" (variant A)) (variant B))");
    check("//// no\nfn f() { }", "(fn f (block))");
}

#[test]
fn empty_files() {
    check("", "");
    check("\u{feff}", "");
    check("\u{feff}// only this", "");
    check(";;", "");
}
