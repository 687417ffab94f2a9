//! Types of expressions, patterns and locals.

pub mod results;
