//! A picture as text for people: a tree of scopes and tasks.
//!
//! Tasks of a scope that were spawned at one place and do the same at one place are shown by the first few.

use std::collections::HashMap;
use std::fmt::Write;

use super::picture::{Picture, Seen, State};
use crate::context::ForeignCall;
use crate::fiber::FiberRef;
use crate::scheduler::{Busy, Running};
use crate::task::MAIN_ID;
use crate::unwind::frame::{self, Frame, Origin};
use crate::unwind::tables::Program;

/// Lines of a tree, at most: what can still be read.
const LINES: usize = 2_000;

/// Tasks that are shown of those which are alike.
const ALIKE: usize = 3;

/// Deeper lines are indented no further.
const DEEPEST: usize = 40;

/// The tree.
pub fn tree(picture: &Picture, program: &Program) -> String {
    let mut tree = Tree { picture, program, text: String::new(), lines: 0, hidden: picture.omitted };
    tree.write();
    tree.text
}

/// What a worker runs, and the call of C that it is in.
pub fn busy(program: &Program, busy: &Busy) -> String {
    let Running { task, spawned_at } = busy.running;
    let mut text = if task == MAIN_ID {
        String::from("main")
    } else {
        format!("task-{task} spawned at {}", program.display(program.location(spawned_at)))
    };
    if let Some(calls) = busy.foreign {
        write_foreign(&mut text, program, calls);
    }
    text
}

/// Where a fiber is that has come to a poll.
pub fn place(program: &Program, fiber: FiberRef) -> Option<String> {
    let Origin { place, function, .. } = frame::innermost_origin(program, Frame::top(fiber), fiber.task())?;
    Some(format!(", at {} in {function}", program.display(place)))
}

/// The innermost function is the one that stands for the function of C, inlined or not.
fn write_foreign(text: &mut String, program: &Program, calls: ForeignCall) {
    let mut origins = calls.into_iter().flat_map(|call| frame::origins(program, call));
    let Some(callee) = origins.next() else { return text.push_str(", in C") };
    let _ = write!(text, ", in {} of C", callee.function);
    if let Some(Origin { place, function, .. }) = origins.find(|origin| origin.is_users) {
        let _ = write!(text, " called at {} in {function}", program.display(place));
    }
}

/// What is to be written next.
enum Node {
    Task(usize),
    Scope(usize),
    /// So many tasks like this one.
    More(usize, usize),
    Unstarted(usize),
}

struct Tree<'a> {
    picture: &'a Picture,
    program: &'a Program,
    text: String,
    lines: usize,
    /// Tasks that are not shown.
    hidden: usize,
}

/// The tasks of each scope, and the scopes of each task, by index.
struct Children {
    tasks: Vec<Vec<usize>>,
    scopes: Vec<Vec<usize>>,
    /// Tasks whose scope nobody has open: `main` and those of constants.
    roots: Vec<usize>,
}

impl Children {
    fn of(picture: &Picture) -> Self {
        let mut children = Self {
            tasks: vec![Vec::new(); picture.scopes.len()],
            scopes: vec![Vec::new(); picture.tasks.len()],
            roots: Vec::new(),
        };
        for (index, task) in picture.tasks.iter().enumerate() {
            match task.scope {
                Some(scope) => children.tasks[scope].push(index),
                None => children.roots.push(index),
            }
        }
        for (index, scope) in picture.scopes.iter().enumerate() {
            children.scopes[scope.task].push(index);
        }
        children
    }
}

impl Tree<'_> {
    /// A stack instead of recursion: scopes may be nested a million deep.
    fn write(&mut self) {
        let children = Children::of(self.picture);
        let mut rest: Vec<(usize, Node)> =
            children.roots.iter().rev().map(|&task| (0, Node::Task(task))).collect();
        while let Some((depth, node)) = rest.pop() {
            if self.lines == LINES {
                self.hidden += match node {
                    Node::Task(_) => 1,
                    Node::More(_, count) => count,
                    Node::Scope(_) | Node::Unstarted(_) => 0,
                };
            } else {
                self.lines += 1;
                let _ = write!(self.text, "{:indent$}", "", indent = 2 * depth.min(DEEPEST));
                self.write_node(&node);
            }
            match node {
                Node::Task(task) => {
                    rest.extend(
                        children.scopes[task].iter().rev().map(|&scope| (depth + 1, Node::Scope(scope))),
                    );
                }
                Node::Scope(scope) => {
                    let inside = self.inside(&children, scope);
                    rest.extend(inside.into_iter().rev().map(|node| (depth + 1, node)));
                }
                Node::More(..) | Node::Unstarted(_) => {}
            }
        }
        if self.hidden > 0 {
            let _ = writeln!(self.text, "… and {} more tasks", self.hidden);
        }
    }

    /// What stands inside a scope.
    fn inside(&self, children: &Children, scope: usize) -> Vec<Node> {
        let mut alike = HashMap::new();
        let mut nodes = Vec::new();
        for &task in &children.tasks[scope] {
            let (first, count) = alike.entry(self.likeness(task)).or_insert((task, 0_usize));
            let is_like_others = children.scopes[task].is_empty() && children.scopes[*first].is_empty();
            if *count < ALIKE || !is_like_others {
                nodes.push(Node::Task(task));
            }
            *count += usize::from(is_like_others);
        }
        let mut more: Vec<_> = alike.into_values().filter(|(_, count)| *count > ALIKE).collect();
        more.sort_unstable();
        nodes.extend(more.into_iter().map(|(first, count)| Node::More(first, count - ALIKE)));
        let unstarted = self.picture.scopes[scope].unstarted;
        if unstarted > 0 {
            nodes.push(Node::Unstarted(unstarted));
        }
        nodes
    }

    /// What tasks that are alike have in common.
    fn likeness(&self, task: usize) -> (Option<u32>, Option<&'static str>, Option<*const u8>) {
        let task = &self.picture.tasks[task];
        let place = task.place.as_ref().map(|origin| core::ptr::from_ref(origin.place).cast());
        (task.spawned_at, task.state.reason().map(|reason| reason.name()), place)
    }

    fn write_node(&mut self, node: &Node) {
        match node {
            Node::Task(task) => self.write_task(&self.picture.tasks[*task]),
            Node::Scope(scope) => {
                let scope = &self.picture.scopes[*scope];
                self.text.push_str("concurrent");
                if let Some(name) = &scope.name {
                    let _ = write!(self.text, " {}", Name(name));
                }
                self.write_place(scope.place.as_ref());
                self.text.push_str(if scope.is_cancelled { ", cancelled\n" } else { "\n" });
            }
            Node::More(first, count) => {
                let _ =
                    writeln!(self.text, "… and {count} more like {}", Name(&self.picture.tasks[*first].name));
            }
            Node::Unstarted(count) => {
                let tasks = if *count == 1 { "task that has" } else { "tasks that have" };
                let _ = writeln!(self.text, "{count} {tasks} not started");
            }
        }
    }

    fn write_task(&mut self, task: &Seen) {
        let _ = write!(self.text, "{}", Name(&task.name));
        if let Some(spawn) = task.spawned_at {
            let place = self.program.display(self.program.location(spawn));
            let _ = write!(self.text, " spawned at {place}");
        }
        match task.state.reason() {
            Some(reason) => {
                let _ = write!(self.text, " waits in {}", reason.name());
                if let Some(partner) = &task.partner {
                    let _ = write!(self.text, " with {partner}");
                }
            }
            None => self.text.push_str(" is ready"),
        }
        self.write_place(task.place.as_ref());
        if let State::Waits { age, .. } = task.state {
            let _ = write!(self.text, " for {}", Age(age));
        }
        self.text.push('\n');
    }

    fn write_place(&mut self, place: Option<&Origin>) {
        if let Some(Origin { place, function, .. }) = place {
            let _ = write!(self.text, " at {} in {function}", self.program.display(place));
        }
    }
}

/// A name that a program has given, without what would change a terminal.
struct Name<'a>(&'a str);

impl core::fmt::Display for Name<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.chars().try_for_each(|character| match character.is_control() {
            true => write!(formatter, "{}", character.escape_default()),
            false => formatter.write_char(character),
        })
    }
}

/// Milliseconds, shown as `250ms`, `1.5s` or `3m20s`.
struct Age(u32);

impl core::fmt::Display for Age {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self(milliseconds) = *self;
        let (seconds, tenths) = (milliseconds / 1000, milliseconds % 1000 / 100);
        match seconds {
            0 => write!(formatter, "{milliseconds}ms"),
            1..60 => write!(formatter, "{seconds}.{tenths}s"),
            60..3600 => write!(formatter, "{}m{}s", seconds / 60, seconds % 60),
            _ => write!(formatter, "{}h{}m", seconds / 3600, seconds / 60 % 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Age, Name};

    #[test]
    fn names_do_not_change_terminals() {
        assert_eq!(Name("größer\u{1b}[1m").to_string(), "größer\\u{1b}[1m");
    }

    #[test]
    fn ages_have_two_units_at_most() {
        let shown = [7, 999, 1_000, 1_550, 59_999, 200_000, 7_260_000].map(|age| Age(age).to_string());
        assert_eq!(shown, ["7ms", "999ms", "1.0s", "1.5s", "59.9s", "3m20s", "2h1m"]);
    }
}
