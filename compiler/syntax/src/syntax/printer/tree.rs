//! Nested lists and their layout.

/// Lists that are not longer than this stand on one line.
const WIDTH: usize = 100;

/// A word, or a list of trees.
pub(super) enum Tree {
    Word(String),
    List { items: Vec<Tree>, width: usize },
}

impl Tree {
    pub(super) fn word(word: impl Into<String>) -> Self {
        Self::Word(word.into())
    }

    /// A list that begins with `head`.
    pub(super) fn node(head: &str, children: impl IntoIterator<Item = Tree>) -> Self {
        let items: Vec<_> = std::iter::once(Self::word(head)).chain(children).collect();
        let width = items.iter().map(|item| item.width() + 1).sum::<usize>() + 1;
        Self::List { items, width }
    }

    fn width(&self) -> usize {
        match self {
            Self::Word(word) => word.chars().count(),
            Self::List { width, .. } => *width,
        }
    }

    /// The tree on as many lines as it takes, the last one ended.
    pub(super) fn print(&self) -> String {
        let mut out = String::new();
        self.lay_out(0, &mut out);
        out.push('\n');
        out
    }

    fn lay_out(&self, indent: usize, out: &mut String) {
        match self {
            Self::Word(word) => out.push_str(word),
            Self::List { width, .. } if indent + width <= WIDTH => self.write_flat(out),
            Self::List { items, .. } => {
                out.push('(');
                // Words stay on the first line as long as no list has come.
                let leading = items.iter().take_while(|item| matches!(item, Self::Word(_))).count();
                for (at, item) in items.iter().enumerate() {
                    if at >= leading {
                        // Past the width, deeper indentation says nothing more and takes quadratic space.
                        out.push('\n');
                        out.extend(std::iter::repeat_n(' ', (indent + 2).min(WIDTH)));
                    } else if at > 0 {
                        out.push(' ');
                    }
                    item.lay_out(indent + 2, out);
                }
                out.push(')');
            }
        }
    }

    fn write_flat(&self, out: &mut String) {
        match self {
            Self::Word(word) => out.push_str(word),
            Self::List { items, .. } => {
                out.push('(');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(' ');
                    }
                    item.write_flat(out);
                }
                out.push(')');
            }
        }
    }
}
