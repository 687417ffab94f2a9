//! `platc`: argv → driver → exit code.

fn main() {}
