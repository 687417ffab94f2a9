//! The rows of the table that speak TLS or make hashes: a part of the runtime that only programs are linked with that call one of them.

/// Passes the tokens in `before`, and then every row, to the macro `$callback`, as [`runtime_functions!`](crate::runtime_functions) does.
#[macro_export]
macro_rules! secure_functions {
    ($callback:path, $($before:tt)*) => {
        $callback! {
            $($before)*

            /// Settings of servers that speak TLS: `certificates`, a chain, and the `key` of its first, are texts of the form PEM. Rows that take a string at `reason`
            /// give a negative `layout::ErrorKind` where they fail, and append to it why.
            [leaf] fn tls_server(certificates: ptr, key: ptr, reason: ptr) -> int;
            /// Settings of clients that speak TLS, and trust the `authorities`, of the form PEM, and with `trusts_system` those that the system trusts: then
            /// the row blocks its thread.
            [leaf] fn tls_client(authorities: ptr, trusts_system: int, reason: ptr) -> int;
            /// Settings like others that offer to speak one of the `protocols`, a buffer of strings.
            [leaf] fn tls_offering(settings: int, protocols: ptr) -> int;
            /// Settings of servers like others that ask clients for a certificate by one of the `authorities`, of the form PEM, and if it is `required` refuse
            /// those without.
            [leaf] fn tls_asking(settings: int, authorities: ptr, required: int, reason: ptr) -> int;
            /// Settings of clients like others that show servers which ask for it a chain of `certificates`, and prove that by the `key` of its first.
            [leaf] fn tls_showing(settings: int, certificates: ptr, key: ptr, reason: ptr) -> int;
            /// Gives settings up.
            [leaf] fn tls_settings_release(settings: int) -> ();
            /// A session: one side of a connection. `name` is of the server that a client wants to talk to.
            [leaf] fn tls_begin(settings: int, name: ptr, reason: ptr) -> int;
            /// Gives a session up.
            [leaf] fn tls_release(session: int) -> ();
            /// Whether the two sides know each other.
            [leaf] fn tls_is_ready(session: int) -> int;
            /// Brings a session the bytes of a buffer from `start` on, which have come from the other side. How many were used: all, unless what came before
            /// has to be taken first.
            [leaf] fn tls_bring(session: int, bytes: ptr, start: int, reason: ptr) -> int;
            /// Appends what the other side has said to the buffer of bytes at `into`, which is its caller's alone and has room for `most`. How many; 0 if
            /// it has said that this was all; the least number if more has to come first.
            [leaf] fn tls_take(session: int, into: ptr, most: int) -> int;
            /// Says the bytes of a buffer from `start` on to the other side, or the first of them. How many.
            [leaf] fn tls_put(session: int, bytes: ptr, start: int) -> int;
            /// Appends to the buffer of bytes at `into`, as of `tls_take`, what is to be sent to the other side, or the first of it. How many.
            [leaf] fn tls_send(session: int, into: ptr, most: int) -> int;
            /// Says to the other side that nothing more will be said.
            [leaf] fn tls_finish(session: int) -> ();
            /// What the two sides have agreed on: the version (0), the cipher (1), or the protocol (2); the names that the other
            /// side's certificate is for, a line each (3). An empty text if they have not, or it has shown none.
            [leaf] fn tls_fact(session: int, fact: int) -> ptr;

            /// Begins a hash by a `digest::Function` of the runtime; if it `is_keyed`, one that depends on the bytes in the buffer `key` (HMAC).
            [leaf] fn hash_begin(function: int, is_keyed: int, key: ptr) -> int;
            /// Goes on with some bytes of a buffer.
            [leaf] fn hash_feed(hash: int, bytes: ptr, start: int, end: int) -> ();
            /// Appends the hash of what has been fed so far to the buffer of bytes at `into`, which is its caller's alone and has room for 64.
            [leaf] fn hash_finish(hash: int, into: ptr) -> ();
            /// Gives a hash up.
            [leaf] fn hash_release(hash: int) -> ();
            /// Whether two buffers of bytes are equal, in a time that only depends on their lengths.
            [leaf] fn bytes_same(one: ptr, other: ptr) -> int;
            /// Appends `count` bytes that nobody can foresee to the buffer of bytes at `into`, which is its caller's alone and has room for them. 0 if the
            /// system has none.
            [leaf] fn random_fill(into: ptr, count: int) -> int;
        }
    };
}
