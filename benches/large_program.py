"""Writes a large Plat program: many small modules' worth of structs, enums, matches, generics, loops and strings.

The same seed gives the same text. Every unit is one of the kinds below with names, sizes and arithmetic of its own, so that
no two are alike; `main` calls each and prints one number, which is the same at every optimisation level.
"""

import random

OPERATIONS = ["+", "-", "*"]
NOUNS = ["order", "point", "token", "record", "packet", "account", "sample", "event", "ticket", "signal"]
FIELDS = ["weight", "height", "count", "price", "level", "offset", "total", "limit", "rank", "score"]


def title(noun):
    return noun.capitalize()


class Unit:
    """One unit of the program. Its text stands in `lines`, its entry is `fn run_N() -> Int`."""

    def __init__(self, number, rng):
        self.number, self.rng, self.lines = number, rng, []
        self.noun = rng.choice(NOUNS)
        self.name = f"{title(self.noun)}{number}"
        self.prefix = f"{self.noun}_{number}"

    def add(self, text):
        self.lines += text.strip("\n").split("\n")
        self.lines.append("")

    def small(self):
        return self.rng.randint(1, 9)

    def formula(self, names):
        """An arithmetic expression over the names that stays small."""
        terms = [f"{name} {self.rng.choice(OPERATIONS)} {self.small()}" for name in names]
        return f"({' + '.join(f'({term})' for term in terms)}) % {self.rng.randint(100, 999)}"


def structs(unit):
    """A struct with methods, a list of them, sums and a search."""
    fields = unit.rng.sample(FIELDS, unit.rng.randint(3, 6))
    declared = "\n".join(f"  var {field}: Int;" for field in fields)
    arguments = ", ".join(f"{field} = seed % {unit.rng.randint(7, 97)}" for field in fields)
    changes = "\n".join(f"    self.{field} = {unit.formula([f'self.{field}', 'by'])};" for field in fields)
    unit.add(f"""
/// Something with {len(fields)} numbers.
struct {unit.name} {{
{declared}

  /// One that follows from a seed.
  static fn from_seed(seed: Int) -> {unit.name} {{
    {unit.name}({arguments})
  }}

  /// What it is worth.
  fn value() -> Int {{
    {unit.formula([f"self.{field}" for field in fields])}
  }}

  /// Whether it is worth more than another.
  fn is_above(other: {unit.name}) -> Bool {{
    if self.{fields[0]} != other.{fields[0]} {{
      return self.{fields[0]} > other.{fields[0]};
    }}
    self.value() > other.value()
  }}

  mut fn change(by: Int) {{
{changes}
  }}
}}
""")
    unit.add(f"""
/// The one that is worth most.
fn best_{unit.prefix}(items: List<{unit.name}>) -> Option<{unit.name}> {{
  var best: Option<{unit.name}> = None;
  for item in items {{
    match best {{
      Some(other) -> {{
        if item.is_above(other) {{
          best = Some(item);
        }}
      }}
      None -> best = Some(item),
    }}
  }}
  best
}}
""")
    unit.add(f"""
fn run_{unit.number}() -> Int {{
  var items = List<{unit.name}>.init();
  for seed in 0..{unit.rng.randint(10, 40)} {{
    items.push({unit.name}.from_seed(seed * {unit.small()} + {unit.small()}));
  }}
  for i in 0..items.length() {{
    items[i].change(i % {unit.small()} + 1);
  }}
  var sum = 0;
  for item in items {{
    sum += item.value();
  }}
  match best_{unit.prefix}(items) {{
    Some(best) -> sum + best.{fields[1]},
    None -> sum,
  }}
}}
""")


def enums(unit):
    """A small expression language: a recursive enum, its evaluation and its text."""
    name, prefix = unit.name, unit.prefix
    unit.add(f"""
/// An expression.
enum {name} {{
  Number(Int),
  Variable(String),
  Sum({name}, {name}),
  Product({name}, {name}),
  Choice(condition: {name}, then: {name}, otherwise: {name}),
  Nothing,
}}
""")
    unit.add(f"""
/// What a variable stands for.
fn look_up_{prefix}(name: String) -> Result<Int, String> {{
  match name {{
    "x" -> Ok({unit.small()}),
    "y" -> Ok({unit.small()}),
    "zero" -> Ok(0),
    _ -> Err("no variable ${{name}}"),
  }}
}}
""")
    unit.add(f"""
fn evaluate_{prefix}(expression: {name}) -> Result<Int, String> {{
  match expression {{
    {name}::Number(n) -> Ok(n),
    {name}::Variable(name) -> look_up_{prefix}(name),
    {name}::Sum(left, right) -> {{
      let left = evaluate_{prefix}(left)?;
      let right = evaluate_{prefix}(right)?;
      Ok((left + right) % 10_007)
    }}
    {name}::Product(left, right) -> Ok(evaluate_{prefix}(left)? * evaluate_{prefix}(right)? % 10_007),
    {name}::Choice(condition, then, otherwise) -> {{
      if evaluate_{prefix}(condition)? > {unit.small()} {{
        evaluate_{prefix}(then)
      }} else {{
        evaluate_{prefix}(otherwise)
      }}
    }}
    {name}::Nothing -> Err("nothing there"),
  }}
}}
""")
    unit.add(f"""
fn describe_{prefix}(expression: {name}) -> String {{
  match expression {{
    {name}::Number(n) -> "${{n}}",
    {name}::Variable(name) -> name,
    {name}::Sum(left, right) -> "(${{describe_{prefix}(left)}} + ${{describe_{prefix}(right)}})",
    {name}::Product(left, right) -> "${{describe_{prefix}(left)}} * ${{describe_{prefix}(right)}}",
    {name}::Choice(condition, then, otherwise) -> {{
      let head = describe_{prefix}(condition);
      "if ${{head}} then ${{describe_{prefix}(then)}} else ${{describe_{prefix}(otherwise)}}"
    }}
    {name}::Nothing -> "nothing",
  }}
}}
""")
    unit.add(f"""
fn build_{prefix}(depth: Int, seed: Int) -> {name} {{
  if depth == 0 {{
    return match seed % {unit.rng.randint(4, 6)} {{
      0 -> {name}::Variable("x"),
      1 -> {name}::Variable("y"),
      2 -> {name}::Nothing,
      _ -> {name}::Number(seed % {unit.rng.randint(20, 90)}),
    }};
  }}
  let left = build_{prefix}(depth - 1, seed * 3 + {unit.small()});
  let right = build_{prefix}(depth - 1, seed * 5 + {unit.small()});
  match seed % 3 {{
    0 -> {name}::Sum(left, right),
    1 -> {name}::Product(left, right),
    _ -> {name}::Choice(condition = {name}::Number(seed % 10), then = left, otherwise = right),
  }}
}}
""")
    unit.add(f"""
fn run_{unit.number}() -> Int {{
  var sum = 0;
  for seed in 0..{unit.rng.randint(5, 15)} {{
    let expression = build_{prefix}(3, seed);
    sum += match evaluate_{prefix}(expression) {{
      Ok(value) -> value,
      Err(message) -> message.length(),
    }};
    sum += describe_{prefix}(expression).length();
  }}
  sum
}}
""")


def generics(unit):
    """A generic stack and functions bounded by interfaces, used with several types."""
    name, prefix = unit.name, unit.prefix
    unit.add(f"""
/// A stack that forgets what is too deep.
struct {name}<T> {{
  var items: List<T>;
  var forgotten: Int = 0;

  mut fn add(item: T) {{
    if self.items.length() == {unit.rng.randint(8, 24)} {{
      let _ = self.items.remove(0);
      self.forgotten += 1;
    }}
    self.items.push(item);
  }}

  mut fn take() -> Option<T> {{
    self.items.pop()
  }}

  fn size() -> Int {{
    self.items.length() + self.forgotten
  }}
}}
""")
    unit.add(f"""
/// Where an item would stand in a sorted list.
fn position_{prefix}<T: Ord>(items: List<T>, wanted: T) -> Int {{
  var low = 0;
  var high = items.length();
  while low < high {{
    let middle = (low + high) / 2;
    if items[middle] < wanted {{
      low = middle + 1;
    }} else {{
      high = middle;
    }}
  }}
  low
}}

fn count_{prefix}<T: Eq>(items: List<T>, wanted: T) -> Int {{
  var count = 0;
  for item in items {{
    if item == wanted {{
      count += 1;
    }}
  }}
  count
}}

fn swap_{prefix}<A, B>(pair: (A, B)) -> (B, A) {{
  let (first, second) = pair;
  (second, first)
}}
""")
    unit.add(f"""
fn run_{unit.number}() -> Int {{
  var numbers = {name}<Int>(items = []);
  var words = {name}<String>(items = []);
  for i in 0..{unit.rng.randint(20, 60)} {{
    numbers.add(i * {unit.small()} % {unit.rng.randint(11, 31)});
    if i % {unit.small()} == 0 {{
      words.add("word ${{i % {unit.rng.randint(3, 9)}}}");
    }}
  }}
  var sorted = numbers.items;
  sorted.sort();
  var sum = position_{prefix}(sorted, {unit.rng.randint(5, 15)}) + count_{prefix}(words.items, "word 1");
  while true {{
    match numbers.take() {{
      Some(number) -> sum += number,
      None -> break,
    }}
  }}
  let (text, size) = swap_{prefix}((words.size(), "sizes"));
  sum + size + text.length() + numbers.size()
}}
""")


def matrices(unit):
    """Loops over lists of lists, of numbers of two types."""
    prefix, size = unit.prefix, unit.rng.randint(4, 9)
    unit.add(f"""
fn grid_{prefix}(size: Int) -> List<List<Int>> {{
  var rows = List<List<Int>>.init();
  for i in 0..size {{
    var row = List<Int>.with_capacity(size);
    for j in 0..size {{
      row.push({unit.formula(["i", "j"])});
    }}
    rows.push(row);
  }}
  rows
}}

fn multiply_{prefix}(a: List<List<Int>>, b: List<List<Int>>) -> List<List<Int>> {{
  let size = a.length();
  var product = List<List<Int>>.init();
  for i in 0..size {{
    var row = List<Int>.filled(size, 0);
    for j in 0..size {{
      for k in 0..size {{
        row[j] += a[i][k] * b[k][j] % {unit.rng.randint(50, 500)};
      }}
    }}
    product.push(row);
  }}
  product
}}

fn trace_{prefix}(grid: List<List<Int>>) -> Int {{
  var sum = 0;
  for i in 0..grid.length() {{
    sum += grid[i][i];
  }}
  sum
}}

fn mean_{prefix}(grid: List<List<Int>>) -> Float {{
  var sum = 0.0;
  var count = 0;
  for row in grid {{
    for cell in row {{
      sum += cell as Float * {unit.small()}.5;
      count += 1;
    }}
  }}
  if count == 0 {{ 0.0 }} else {{ sum / count as Float }}
}}

fn run_{unit.number}() -> Int {{
  let grid = grid_{prefix}({size});
  let product = multiply_{prefix}(grid, multiply_{prefix}(grid, grid));
  trace_{prefix}(product) % 100_003 + (mean_{prefix}(product) as Int) % 1009
}}
""")


def machines(unit):
    """A state machine over the bytes of a text."""
    name, prefix = unit.name, unit.prefix
    states = unit.rng.randint(4, 7)
    variants = "\n".join(f"  State{state}," for state in range(states))
    arms = "\n".join(
        f"    ({name}::State{state}, {unit.rng.randint(0, 3)}) -> {name}::State{unit.rng.randrange(states)},"
        for state in range(states)
    )
    values = "\n".join(f"    {name}::State{state} -> {unit.small()}," for state in range(states))
    unit.add(f"""
/// Where the machine is.
enum {name} {{
{variants}
}}

fn next_{prefix}(state: {name}, input: Int) -> {name} {{
  match (state, input) {{
{arms}
    (_, 3) -> {name}::State0,
    (other, _) -> other,
  }}
}}

fn value_{prefix}(state: {name}) -> Int {{
  match state {{
{values}
  }}
}}
""")
    unit.add(f"""
/// Runs the machine over a text and counts what it passes through.
fn walk_{prefix}(text: String) -> (Int, {name}) {{
  var state = {name}::State0;
  var sum = 0;
  for byte in text.bytes() {{
    let input = (byte as Int + {unit.small()}) % 4;
    state = next_{prefix}(state, input);
    sum += value_{prefix}(state);
    if sum > {unit.rng.randint(300, 900)} {{
      sum -= {unit.rng.randint(100, 200)};
    }}
  }}
  (sum, state)
}}

fn run_{unit.number}() -> Int {{
  var text = "";
  for i in 0..{unit.rng.randint(8, 24)} {{
    text = text + if i % {unit.small() + 1} == 0 {{ "${{i}}," }} else {{ "{unit.noun}:${{i * {unit.small()}}};" }};
  }}
  let (sum, state) = walk_{prefix}(text);
  let name = "${{state}}";
  sum + name.length() + text.length()
}}
""")


KINDS = [structs, enums, generics, matrices, machines]


def generate(line_count, seed=1):
    """A program of at least that many lines, by fewer than 120 more."""
    rng = random.Random(seed)
    lines, units = ["//! Written by a program, for measuring the compiler.", ""], 0
    while len(lines) + units + 8 < line_count:
        unit = Unit(units, rng)
        KINDS[units % len(KINDS)](unit)
        lines += unit.lines
        units += 1
    lines += ["fn main() {", "  var sum = 0;"]
    lines += [f"  sum = (sum * 31 + run_{number}()) % 1_000_000_007;" for number in range(units)]
    lines += ['  print("${sum}");', "}", ""]
    return "\n".join(lines)
