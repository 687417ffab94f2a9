//! Hashes of bytes, by which data is told apart, and with a key (HMAC, RFC 2104) by which who has it proves that data is theirs.
//!
//! Programs that reach none of its rows are linked with a runtime without it (`compiler/build.rs`).

use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac};

/// A hash function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Function {
    /// SHA-1 of FIPS 180-4.
    Sha1,
    /// SHA-256 of FIPS 180-4.
    Sha256,
    /// SHA-384 of FIPS 180-4.
    Sha384,
    /// SHA-512 of FIPS 180-4.
    Sha512,
}

/// A hash in the making.
#[derive(Clone)]
pub enum Hash {
    /// Of what was fed alone.
    Plain(digest::Context),
    /// Of that and a key.
    Keyed(hmac::Context),
}

impl Function {
    /// The one with this number.
    pub fn of(number: i64) -> Option<Self> {
        [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|&it| it as i64 == number)
    }

    fn plain(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }

    fn keyed(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha384 => hmac::HMAC_SHA384,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }
}

impl Hash {
    /// Of nothing yet.
    pub fn begin(function: Function) -> Self {
        Self::Plain(digest::Context::new(function.plain()))
    }

    /// Of a key, and nothing yet.
    pub fn begin_keyed(function: Function, key: &[u8]) -> Self {
        Self::Keyed(hmac::Context::with_key(&hmac::Key::new(function.keyed(), key)))
    }

    /// Goes on.
    pub fn feed(&mut self, bytes: &[u8]) {
        match self {
            Self::Plain(context) => context.update(bytes),
            Self::Keyed(context) => context.update(bytes),
        }
    }

    /// Passes on the hash of what has been fed so far. More may follow.
    pub fn finish(&self, put: impl FnOnce(&[u8])) {
        match self.clone() {
            Self::Plain(context) => put(context.finish().as_ref()),
            Self::Keyed(context) => put(context.sign().as_ref()),
        }
    }
}

/// Whether they are equal, in a time that only depends on their lengths: who guesses does not learn how far the guess was right.
pub fn are_same(one: &[u8], other: &[u8]) -> bool {
    let differences = one.iter().zip(other).fold(0, |differences, (one, other)| differences | (one ^ other));
    one.len() == other.len() && core::hint::black_box(differences) == 0
}

/// Fills the buffer with bytes that nobody can foresee. False if the system has none.
pub fn fill_with_random(buffer: &mut [u8]) -> bool {
    SystemRandom::new().fill(buffer).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(hash: &Hash) -> String {
        let mut text = String::new();
        hash.finish(|bytes| text = bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        text
    }

    #[test]
    fn what_is_fed_in_pieces_has_the_hash_of_the_whole() {
        let mut hash = Hash::begin(Function::Sha256);
        hash.feed(b"a");
        hash.feed(b"");
        assert_eq!(text(&hash), "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
        hash.feed(b"bc");
        assert_eq!(text(&hash), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn only_equal_bytes_are_the_same() {
        assert!(are_same(b"", b"") && are_same(b"abc", b"abc"));
        assert!(!are_same(b"abc", b"abd") && !are_same(b"abc", b"ab") && !are_same(b"", b"a"));
    }
}
