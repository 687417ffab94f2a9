"""Programs that have many of one thing: a function of the count gives the text.

Each is a shape that generated code or a table in a program has, and that a compiler easily spends quadratic time on.
"""


def main_of(body):
    return "fn main() {\n" + body + "\n}\n"


def lines(count, line):
    return "\n".join(line(i) for i in range(count))


def statements(count):
    """A function of many statements, each with a variable of its own."""
    return main_of("  let v0 = 1;\n" + lines(count, lambda i: f"  let v{i + 1} = v{i} % 7 + {i % 5};") + f"\n  print(v{count});")


def assignments(count):
    """Many assignments of one variable."""
    return main_of("  var v = 1;\n" + lines(count, lambda i: f"  v = v % 7 + {i % 5};") + "\n  print(v);")


def strings(count):
    """Many variables of a type that is counted, alive until the end."""
    made = lines(count, lambda i: f'  let v{i + 1} = "${{v{i}.length()}}{i % 5}";')
    return main_of(f'  let v0 = "a";\n{made}\n  print(v{count});')


def calls(count):
    """Many calls that print."""
    return main_of(lines(count, lambda i: f'  print("{i}");'))


def list_literal(count):
    """A list of many numbers."""
    return main_of("  let xs = [" + ", ".join(str(i) for i in range(count)) + "];\n  print(xs.length());")


def list_of_strings(count):
    """A list of many strings."""
    return main_of("  let xs = [" + ", ".join(f'"text{i}"' for i in range(count)) + "];\n  print(xs.length());")


def dict_literal(count):
    """A dict of many keys."""
    return main_of("  let xs = [" + ", ".join(f'"key{i}": {i}' for i in range(count)) + "];\n  print(xs.length());")


def match_numbers(count):
    """A match of many numbers."""
    arms = lines(count, lambda i: f"    {i} -> {i * 7 % 101},")
    return f"fn pick(n: Int) -> Int {{\n  match n {{\n{arms}\n    _ -> 0,\n  }}\n}}\n" + main_of("  print(pick(3));")


def match_strings(count):
    """A match of many strings."""
    arms = lines(count, lambda i: f'    "key{i}" -> {i * 7 % 101},')
    return f"fn pick(n: String) -> Int {{\n  match n {{\n{arms}\n    _ -> 0,\n  }}\n}}\n" + main_of('  print(pick("key3"));')


def match_variants(count):
    """An enum of many variants and a match that names all."""
    variants = lines(count, lambda i: f"  V{i}(Int),")
    arms = lines(count, lambda i: f"    V{i}(n) -> n + {i},")
    return f"enum E {{\n{variants}\n}}\nfn pick(e: E) -> Int {{\n  match e {{\n{arms}\n  }}\n}}\n" + main_of("  print(pick(E::V1(3)));")


def match_pairs(count):
    """A match of many pairs."""
    arms = lines(count, lambda i: f"    ({i % 100}, {i}) -> {i * 7 % 101},")
    return f"fn pick(n: (Int, Int)) -> Int {{\n  match n {{\n{arms}\n    _ -> 0,\n  }}\n}}\n" + main_of("  print(pick((3, 4)));")


def match_ranges(count):
    """A match of many ranges."""
    arms = lines(count, lambda i: f"    {i * 10}..={i * 10 + 7} -> {i * 7 % 101},")
    return f"fn pick(n: Int) -> Int {{\n  match n {{\n{arms}\n    _ -> 0,\n  }}\n}}\n" + main_of("  print(pick(3));")


def fields(count):
    """A struct of many fields."""
    declared = lines(count, lambda i: f"  var f{i}: Int = {i};")
    used = lines(count, lambda i: f"  s.f{i} += 1;")
    return f"struct S {{\n{declared}\n}}\n" + main_of(f"  var s = S();\n{used}\n  print(s.f1);")


def methods(count):
    """A struct of many methods."""
    declared = lines(count, lambda i: f"  fn m{i}() -> Int {{ self.n + {i} }}")
    used = lines(count, lambda i: f"  total = (total + s.m{i}()) % 1000;")
    return f"struct S {{\n  let n: Int;\n{declared}\n}}\n" + main_of(f"  let s = S(n = 1);\n  var total = 0;\n{used}\n  print(total);")


def functions(count):
    """Many functions, each of which calls the one before."""
    declared = lines(count, lambda i: f"fn f{i + 1}(n: Int) -> Int {{ if n > {i} {{ n }} else {{ f{i}(n + 1) }} }}")
    return f"fn f0(n: Int) -> Int {{ n }}\n{declared}\n" + main_of(f"  print(f{count}(1));")


def structs(count):
    """Many structs, each with a list of the one before."""
    declared = lines(count, lambda i: f"struct Part{i + 1} {{ let items: List<Part{i}>; let n: Int; }}")
    return f"struct Part0 {{ let n: Int; }}\n{declared}\n" + main_of(f"  let s = Part{count}(items = [], n = 1);\n  print(s.n);")


def instances(count):
    """A generic function at many types."""
    declared = lines(count, lambda i: f"struct Part{i} {{ let n: Int; }}")
    used = lines(count, lambda i: f"  print(same_list(Part{i}(n = {i})).length());")
    return f"fn same_list<T>(x: T) -> List<T> {{ [x] }}\n{declared}\n" + main_of(used)


def implementations(count):
    """An interface that many types have, and a value of it."""
    declared = lines(count, lambda i: f"struct Part{i} : Shape {{ let n: Int; fn area() -> Int {{ self.n + {i} }} }}")
    used = lines(count, lambda i: f"  shapes.push(Part{i}(n = {i}));")
    return f"interface Shape {{ fn area() -> Int; }}\n{declared}\n" + main_of(
        f"  var shapes: List<Shape> = [];\n{used}\n  var total = 0;\n  for s in shapes {{ total += s.area(); }}\n  print(total);")


def constants(count):
    """Many constants, each made of the one before."""
    declared = lines(count, lambda i: f"const C{i + 1}: Int = C{i} % 7 + 1;")
    return f"const C0: Int = 1;\n{declared}\n" + main_of(f"  print(C{count});")


def closures(count):
    """Many closures that capture one variable."""
    made = lines(count, lambda i: f"  let f{i} = |x: Int| x + n + {i};\n  total = (total + f{i}({i})) % 1000;")
    return main_of(f"  let n = 3;\n  var total = 0;\n{made}\n  print(total);")


def else_ifs(count):
    """A long chain of `else if`."""
    arms = " else ".join(f"if n == {i} {{ {i * 7 % 101} }}" for i in range(count))
    return f"fn pick(n: Int) -> Int {{\n  {arms} else {{ 0 }}\n}}\n" + main_of("  print(pick(3));")


def ifs(count):
    """Many `if`s one after the other."""
    return main_of("  var v = 1;\n" + lines(count, lambda i: f"  if v % {i + 2} == 1 {{ v += {i}; }}") + "\n  print(v);")


def early_returns(count):
    """Many ways out of a function that holds something."""
    tests = lines(count, lambda i: f"  if n == {i} {{ return kept; }}")
    return f'fn pick(n: Int, text: String) -> String {{\n  let kept = "${{text}}!";\n{tests}\n  text\n}}\n' + main_of('  print(pick(3, "a"));')


def loops(count):
    """Many loops one after the other."""
    return main_of("  var v = 1;\n" + lines(count, lambda i: f"  for i in 0..{i % 5 + 2} {{ v = (v + i) % 97; }}") + "\n  print(v);")


def sum_of_names(count):
    """One long sum over lines."""
    return main_of("  let v = 1;\n  let sum = " + "\n    + ".join("v" for _ in range(count)) + ";\n  print(sum);")


def text(count):
    """A string of many bytes."""
    return main_of('  let text = "' + "x" * count + '";\n  print(text.length());')


def interpolation(count):
    """A string with many values in it."""
    return main_of('  let v = 1;\n  let text = "' + "${v} " * count + '";\n  print(text.length());')


def spawns(count):
    """Many tasks in one scope."""
    made = lines(count, lambda i: f"    let t{i} = spawn {{ n + {i} }};\n    total = (total + t{i}.await()) % 1000;")
    return main_of(f"  let n = 3;\n  var total = 0;\n  concurrent {{\n{made}\n  }}\n  print(total);")


def guards(count):
    """A match of many arms with a guard."""
    arms = lines(count, lambda i: f"    x if x == {i} -> {i * 7 % 101},")
    return f"fn pick(n: Int) -> Int {{\n  match n {{\n{arms}\n    _ -> 0,\n  }}\n}}\n" + main_of("  print(pick(3));")


def comments(count):
    """Many comments and blank lines."""
    return lines(count, lambda i: f"// comment {i}\n") + "\n" + main_of("  print(1);")


def classes(count):
    """Many objects with a `deinit`, alive until the end of their block."""
    made = lines(count, lambda i: f"  let o{i} = Counted(n = {i});\n  total += o{i}.n;")
    return "class Counted {\n  let n: Int;\n  deinit { print(self.n) }\n}\n" + main_of(f"  var total = 0;\n{made}\n  print(total);")


def hand_overs(count):
    """Many functions that do nothing but join objects and give them to other tasks."""
    stage = lambda i: f"""fn stage{i}(input: Channel<Node>, output: Channel<Node>) {{
  for node in input {{
    let made = Node(value = node.value + {i % 7});
    let same = made;
    same.next = Some(node);
    let all = [Node(value = same.value), Node(value = 2)];
    if same.value % 2 == 0 {{ same.value += 1; }}
    concurrent {{
      let task = spawn {{ all[0].next = Some(Node(value = 3)); all }};
      made.value += task.await().length();
    }}
    output.send(made);
  }}
}}
"""
    used = lines(count, lambda i: f"    spawn {{ stage{i}(a, b) }};")
    return (
        "class Node {\n  var value: Int;\n  var next: Option<Node> = None;\n}\n"
        + lines(count, stage)
        + main_of(f"  let (a, b) = (Channel<Node>.init(), Channel<Node>.init());\n  a.close();\n  concurrent {{\n{used}\n  }}")
    )


PROGRAMS = [
    statements, assignments, strings, calls, list_literal, list_of_strings, dict_literal, match_numbers, match_strings,
    match_variants, match_pairs, match_ranges, guards, fields, methods, functions, structs, instances, implementations, constants,
    closures, else_ifs, ifs, early_returns, loops, sum_of_names, text, interpolation,
    spawns, comments, classes, hand_overs,
]
