//! A picture as JSON for programs: two flat lists, whose elements refer to each other by `id`. So nothing is nested, however deep scopes are.
//!
//! ```json
//! {"process": 1, "workers": 2, "omitted": 0,
//!  "tasks": [{"id": 1, "name": "main", "scope": null, "spawned": null, "state": "waits", "reason": "recv",
//!             "at": "a.plat:2:3", "in": "main", "milliseconds": 12}],
//!  "scopes": [{"id": 0, "task": 1, "name": null, "at": "a.plat:1:3", "in": "main", "cancelled": false, "unstarted": 0}]}
//! ```

use std::fmt::Write;
use std::process;

use super::picture::{Open, Picture, Seen, State};
use crate::text::json::Quoted;
use crate::unwind::frame::Origin;
use crate::unwind::tables::Program;

/// Tasks that are listed, at most; the others are counted.
const LISTED: usize = 10_000;

/// The picture as one line.
pub fn line(picture: &Picture, program: &Program, workers: usize) -> String {
    let omitted = picture.omitted + picture.tasks.len().saturating_sub(LISTED);
    let mut text = format!(
        "{{\"process\": {}, \"workers\": {workers}, \"omitted\": {omitted}, \"tasks\": [",
        process::id()
    );
    for (index, task) in picture.tasks.iter().take(LISTED).enumerate() {
        text.push_str(if index > 0 { ", " } else { "" });
        write_task(&mut text, program, task);
    }
    text.push_str("], \"scopes\": [");
    let scopes = picture.scopes.iter().enumerate().filter(|(_, scope)| scope.task < LISTED);
    for (index, scope) in scopes {
        text.push_str(if index > 0 { ", " } else { "" });
        write_scope(&mut text, program, picture, index, scope);
    }
    text.push_str("]}\n");
    text
}

/// What there is instead of a picture.
pub fn error(message: &str) -> String {
    format!("{{\"process\": {}, \"error\": {}}}\n", process::id(), Quoted(message))
}

fn write_task(text: &mut String, program: &Program, task: &Seen) {
    let _ = write!(text, "{{\"id\": {}, \"name\": {}", task.id, Quoted(&task.name));
    write_number(text, "scope", task.scope);
    let spawned = task.spawned_at.map(|place| program.display(program.location(place)));
    write_text(text, "spawned", spawned.as_deref());
    let (state, age) = match task.state {
        State::Ready => ("ready", None),
        State::Waits { age, .. } => ("waits", Some(age as usize)),
        State::Below(_) => ("waits", None),
    };
    write_text(text, "state", Some(state));
    write_text(text, "reason", task.state.reason().map(|reason| reason.name()));
    write_text(text, "with", task.partner.as_deref());
    write_place(text, program, task.place.as_ref());
    write_number(text, "milliseconds", age);
    text.push('}');
}

fn write_scope(text: &mut String, program: &Program, picture: &Picture, index: usize, scope: &Open) {
    let _ = write!(text, "{{\"id\": {index}, \"task\": {}", picture.tasks[scope.task].id);
    write_text(text, "name", scope.name.as_deref());
    write_place(text, program, scope.place.as_ref());
    let _ = write!(text, ", \"cancelled\": {}, \"unstarted\": {}}}", scope.is_cancelled, scope.unstarted);
}

fn write_place(text: &mut String, program: &Program, place: Option<&Origin>) {
    let shown = place.map(|origin| program.display(origin.place));
    write_text(text, "at", shown.as_deref());
    write_text(text, "in", place.map(|origin| origin.function));
}

fn write_text(text: &mut String, key: &str, value: Option<&str>) {
    let _ = match value {
        Some(value) => write!(text, ", \"{key}\": {}", Quoted(value)),
        None => write!(text, ", \"{key}\": null"),
    };
}

fn write_number(text: &mut String, key: &str, value: Option<usize>) {
    let _ = match value {
        Some(value) => write!(text, ", \"{key}\": {value}"),
        None => write!(text, ", \"{key}\": null"),
    };
}
