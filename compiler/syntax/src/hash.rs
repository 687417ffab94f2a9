//! The maps and sets of the compiler.
//!
//! They hash with few instructions and alike in every run. What the standard library's do against keys that somebody chose to
//! collide is no concern of a compiler, and took a twelfth of its time.

use rustc_hash::FxBuildHasher;

/// A map without order.
pub type HashMap<K, V> = std::collections::HashMap<K, V, FxBuildHasher>;

/// A set without order.
pub type HashSet<T> = std::collections::HashSet<T, FxBuildHasher>;
