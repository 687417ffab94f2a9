//! The report of a program whose tasks all wait: what each waits for, and who waits for each other in a circle, if some do.

use core::fmt::Write;

use super::picture::{Picture, Seen, State};
use crate::fiber::WaitReason;
use crate::text::output;
use crate::timeline;
use crate::unwind::tables::Program;

/// Exit code of a deadlocked program.
const DEADLOCK_EXIT_CODE: i32 = 102;

/// Tasks that a report lists; a program with more says how many.
const LISTED: usize = 100;

/// Reports that no task can ever run again, and ends the program. Only when no worker runs a fiber.
#[cold]
pub fn report(program: &Program) -> ! {
    output::write_error(format_args!("{}", describe(&Picture::take(program, &|_| None), program)));
    timeline::finish();
    // SAFETY: `_exit` only ends the process.
    unsafe { libc::_exit(DEADLOCK_EXIT_CODE) }
}

fn describe(picture: &Picture, program: &Program) -> String {
    let mut report = String::from("deadlock\n");
    for task in picture.tasks.iter().take(LISTED) {
        let reason = task.state.reason().map_or("nothing", WaitReason::name);
        let _ = write!(report, "  {} waits in {reason}", task.name);
        if let Some(origin) = &task.place {
            let _ = write!(report, " at {}", program.display(origin.place));
        }
        if let (Some(WaitReason::Shared(_)), Some(holder)) = (task.state.reason(), task.awaits) {
            let _ = write!(report, ", which {} has", picture.tasks[holder].name);
        }
        report.push('\n');
    }
    let more = picture.tasks.len().saturating_sub(LISTED) + picture.omitted;
    if more > 0 {
        let _ = writeln!(report, "  and {more} more");
    }
    if let Some(circle) = circle(picture) {
        describe_circle(picture, &circle, &mut report);
    }
    report
}

/// `task-2 waits for task-3, which waits for task-2`.
fn describe_circle(picture: &Picture, circle: &[usize], report: &mut String) {
    let name = |&task: &usize| picture.tasks[task].name.as_str();
    let _ = write!(report, "  {} waits for ", circle.first().map_or("", name));
    let others: Vec<&str> = circle.iter().skip(1).chain(circle.first()).map(name).collect();
    let _ = writeln!(report, "{}", others.join(", which waits for "));
}

/// Who is looked at next: a task, and how many of those that it waits for have been.
type Step = (usize, usize);

/// Tasks of which each waits for the next, and the last for the first.
fn circle(picture: &Picture) -> Option<Vec<usize>> {
    let waits = Waits::of(picture);
    let mut visited = vec![false; picture.tasks.len()];
    for start in 0..picture.tasks.len() {
        let mut path: Vec<Step> = vec![(start, 0)];
        while let Some((task, edge)) = path.last_mut() {
            if *edge == 0 && core::mem::replace(&mut visited[*task], true) {
                path.pop();
                continue;
            }
            let Some(next) = waits.edge(*task, *edge) else {
                path.pop();
                continue;
            };
            *edge += 1;
            if let Some(first) = path.iter().position(|&(task, _)| task == next) {
                return Some(path[first..].iter().map(|&(task, _)| task).collect());
            }
            path.push((next, 0));
        }
    }
    None
}

/// Which tasks each waits for.
struct Waits<'a> {
    picture: &'a Picture,
    /// The tasks of each scope.
    inside: Vec<Vec<usize>>,
    /// The innermost scope of each task.
    innermost: Vec<Option<usize>>,
}

impl<'a> Waits<'a> {
    fn of(picture: &'a Picture) -> Self {
        let mut waits = Self {
            picture,
            inside: vec![Vec::new(); picture.scopes.len()],
            innermost: vec![None; picture.tasks.len()],
        };
        for (index, task) in picture.tasks.iter().enumerate() {
            if let Some(scope) = task.scope {
                waits.inside[scope].push(index);
            }
        }
        // A task's scopes stand in the order in which they were opened.
        for (index, scope) in picture.scopes.iter().enumerate() {
            waits.innermost[scope.task] = Some(index);
        }
        waits
    }

    /// One of the tasks that `task` waits for.
    fn edge(&self, task: usize, edge: usize) -> Option<usize> {
        let waiting = &self.picture.tasks[task];
        if waits_for_scope(waiting) {
            return self.inside[self.innermost[task]?].get(edge).copied();
        }
        waiting.awaits.filter(|_| edge == 0)
    }
}

fn waits_for_scope(task: &Seen) -> bool {
    matches!(
        task.state,
        State::Waits { reason: WaitReason::ScopeEnd, .. } | State::Below(WaitReason::ScopeEnd)
    )
}
