//! The maps and sets of the compiler.
//!
//! They hash with few instructions and alike in every run. The standard library's defend servers against keys that somebody chose to
//! collide, which costs a compiler time and gains it nothing.

use rustc_hash::FxBuildHasher;

/// A map without order.
pub type HashMap<K, V> = std::collections::HashMap<K, V, FxBuildHasher>;

/// A set without order.
pub type HashSet<T> = std::collections::HashSet<T, FxBuildHasher>;
