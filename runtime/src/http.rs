//! Heads of HTTP/1 messages: where in some bytes their parts stand.
//!
//! What is not exactly as RFC 9112 has it is rejected: a line that ends with a bare line feed, folded lines, space before a colon. Others on the way
//! may read such things differently, and then see other messages than we do.

use core::mem::MaybeUninit;
use std::time::UNIX_EPOCH;

use httparse::{Error, Header, Request, Response, Status};

/// Headers that a message may have. The table of them is on the stack, and takes 32 bytes each.
pub const MOST_HEADERS: usize = 100;

/// Words that describe the first line, before those of the headers.
pub const LINE_WORDS: usize = 5;

/// Words that describe a header: where its name begins and ends, and where its value does.
pub const HEADER_WORDS: usize = 4;

/// Words for a head.
pub const MOST_WORDS: usize = LINE_WORDS + HEADER_WORDS * MOST_HEADERS;

/// Which kind of message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A method, a target, and the version.
    Request,
    /// The version, a status, and a reason.
    Response,
}

/// Why some bytes are no head.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mistake {
    /// They break a rule.
    Malformed,
    /// There are more than [`MOST_HEADERS`].
    TooManyHeaders,
    /// They are of a version that is not 1.0 or 1.1.
    OtherVersion,
}

/// The first words of a head, as positions in the bytes.
///
/// Of a request: where its method begins and ends, where its target does, and its minor version. Of a response: its status, 0,
/// where its reason begins and ends, and its minor version.
type Line = [i64; LINE_WORDS];

/// The moment that a date says, in any of the forms of RFC 9110, 5.6.7: in seconds since 1970, before which there are none.
pub fn seconds_of(date: &str) -> Option<u64> {
    let moment = httpdate::parse_http_date(date).ok()?;
    moment.duration_since(UNIX_EPOCH).ok().map(|passed| passed.as_secs())
}

/// Reads a head that begins at `start`, after empty lines. Passes words to `put`, and gives where the head ends; `None` if it goes on.
///
/// Bytes before `seen` were looked at before: until the head has an end it is not read again, so that one that arrives byte by byte costs no
/// more than another.
pub fn parse_head(
    bytes: &[u8],
    start: usize,
    seen: usize,
    kind: Kind,
    put: impl FnMut(i64),
) -> Result<Option<usize>, Mistake> {
    if seen > start && !has_end(&bytes[seen.saturating_sub(3).max(start)..]) {
        return Ok(None);
    }
    let start = start + empty_lines(&bytes[start..]);
    let rest = &bytes[start..];
    if rest.first() == Some(&b'\n') {
        return Err(Mistake::Malformed);
    }
    let mut table = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let head = match kind {
        Kind::Request => request(rest, start, &mut table),
        Kind::Response => response(rest, start, &mut table),
    };
    let Some((length, line, headers)) = head? else { return Ok(None) };
    if !lines_end_well(rest, length, headers) {
        return Err(Mistake::Malformed);
    }
    line.into_iter().chain(headers.iter().flat_map(|header| words(rest, start, header))).for_each(put);
    Ok(Some(start + length))
}

/// A head's length, first line and headers.
type Parsed<'table, 'bytes> = Result<Option<(usize, Line, &'table [Header<'bytes>])>, Mistake>;

fn request<'table, 'bytes>(
    bytes: &'bytes [u8],
    start: usize,
    table: &'table mut [MaybeUninit<Header<'bytes>>],
) -> Parsed<'table, 'bytes> {
    let mut request = Request::new(&mut []);
    let Status::Complete(length) = request.parse_with_uninit_headers(bytes, table).map_err(mistake)? else {
        return Ok(None);
    };
    let method = span(bytes, start, request.method.unwrap_or_default().as_bytes());
    let target = span(bytes, start, request.path.unwrap_or_default().as_bytes());
    let version = i64::from(request.version.unwrap_or_default());
    Ok(Some((length, [method[0], method[1], target[0], target[1], version], request.headers)))
}

fn response<'table, 'bytes>(
    bytes: &'bytes [u8],
    start: usize,
    table: &'table mut [MaybeUninit<Header<'bytes>>],
) -> Parsed<'table, 'bytes> {
    let mut response = Response::new(&mut []);
    let parser = httparse::ParserConfig::default();
    let parsed = parser.parse_response_with_uninit_headers(&mut response, bytes, table).map_err(mistake)?;
    let Status::Complete(length) = parsed else { return Ok(None) };
    let status = i64::from(response.code.unwrap_or_default());
    let reason = response.reason.unwrap_or_default().as_bytes();
    // A reason that is not of ASCII is given as a text from elsewhere.
    let [from, to] = if reason.is_empty() { [start as i64; 2] } else { span(bytes, start, reason) };
    let version = i64::from(response.version.unwrap_or_default());
    Ok(Some((length, [status, 0, from, to, version], response.headers)))
}

fn mistake(error: Error) -> Mistake {
    match error {
        Error::TooManyHeaders => Mistake::TooManyHeaders,
        Error::Version => Mistake::OtherVersion,
        _ => Mistake::Malformed,
    }
}

/// Where a part of the bytes stands, which begin at `start`.
fn span(bytes: &[u8], start: usize, part: &[u8]) -> [i64; 2] {
    let from = start + (part.as_ptr().addr() - bytes.as_ptr().addr());
    [from as i64, (from + part.len()) as i64]
}

fn words(bytes: &[u8], start: usize, header: &Header<'_>) -> [i64; HEADER_WORDS] {
    let name = span(bytes, start, header.name.as_bytes());
    // An empty value is no part of the bytes.
    let value = if header.value.is_empty() { [name[1]; 2] } else { span(bytes, start, header.value) };
    [name[0], name[1], value[0], value[1]]
}

/// How many bytes of empty lines there are, which some send behind a body (RFC 9112, 2.2).
fn empty_lines(bytes: &[u8]) -> usize {
    bytes.chunks_exact(2).take_while(|pair| pair == b"\r\n").count() * 2
}

/// Whether there is an empty line, well or badly made.
fn has_end(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\n') {
        rest = &rest[at + 1..];
        if rest.starts_with(b"\n") || rest.starts_with(b"\r\n") {
            return true;
        }
    }
    false
}

/// Whether all lines of a head end with a carriage return and a line feed. Each ends where a name begins, or the head ends: nothing else has
/// a line feed in it.
fn lines_end_well(bytes: &[u8], length: usize, headers: &[Header<'_>]) -> bool {
    let begin = |header: &Header<'_>| header.name.as_ptr().addr() - bytes.as_ptr().addr();
    bytes[..length].ends_with(b"\r\n\r\n")
        && headers.iter().all(|header| bytes[..begin(header)].ends_with(b"\r\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of a head's parts, or what is wrong with it.
    fn parts(text: &str, kind: Kind) -> Result<Option<Vec<String>>, Mistake> {
        let mut words = Vec::new();
        let end = parse_head(text.as_bytes(), 0, 0, kind, |word| words.push(word as usize))?;
        Ok(end.map(|end| {
            let spans = words[LINE_WORDS..].chunks(2).map(|span| text[span[0]..span[1]].to_owned());
            let first = match kind {
                Kind::Request => [&text[words[0]..words[1]], &text[words[2]..words[3]]].map(String::from),
                Kind::Response => [words[0].to_string(), text[words[2]..words[3]].to_owned()],
            };
            let version = words[4].to_string();
            first.into_iter().chain([version]).chain(spans).chain([text[end..].to_owned()]).collect()
        }))
    }

    fn request_parts(text: &str) -> Result<Option<Vec<String>>, Mistake> {
        parts(text, Kind::Request)
    }

    #[test]
    fn a_request_has_parts() {
        let read = request_parts("\r\nGET /a?b HTTP/1.1\r\nHost: x \r\nEmpty:\r\n\r\nrest").unwrap().unwrap();
        assert_eq!(read, ["GET", "/a?b", "1", "Host", "x", "Empty", "", "rest"]);
    }

    #[test]
    fn a_response_has_parts() {
        let read = parts("HTTP/1.0 404 Not Found\r\na: b\r\n\r\n", Kind::Response).unwrap().unwrap();
        assert_eq!(read, ["404", "Not Found", "0", "a", "b", ""]);
        let read = parts("HTTP/1.1 200 \r\n\r\n", Kind::Response).unwrap().unwrap();
        assert_eq!(read, ["200", "", "1", ""]);
    }

    #[test]
    fn a_head_may_go_on() {
        assert_eq!(request_parts(""), Ok(None));
        assert_eq!(request_parts("\r"), Ok(None));
        assert_eq!(request_parts("GET / HTTP/1.1\r\nHost: x\r\n\r"), Ok(None));
    }

    #[test]
    fn what_others_may_read_differently_is_rejected() {
        let wrong = [
            "GET / HTTP/1.1\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\n\n",
            "\nGET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n",
            "GET / HTTP/1.1\r\n: x\r\n\r\n",
            "GET  / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\na: b\0c\r\n\r\n",
            "GET / HTTP/1.1\r\na: b\rc\r\n\r\n",
            "GET /\r\n\r\n",
        ];
        for text in wrong {
            assert_eq!(request_parts(text), Err(Mistake::Malformed), "{text:?}");
        }
        assert_eq!(request_parts("GET / HTTP/2.0\r\n\r\n"), Err(Mistake::OtherVersion));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(MOST_HEADERS + 1));
        assert_eq!(request_parts(&many), Err(Mistake::TooManyHeaders));
    }

    #[test]
    fn a_head_that_comes_in_pieces_is_read_at_its_end() {
        let text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        for seen in 1..text.len() {
            let before = parse_head(&text.as_bytes()[..seen], 0, seen - 1, Kind::Request, |_| {});
            assert_eq!(before, Ok(None), "{seen}");
            let whole = parse_head(text.as_bytes(), 0, seen, Kind::Request, |_| {});
            assert_eq!(whole, Ok(Some(text.len())), "{seen}");
        }
    }
}
