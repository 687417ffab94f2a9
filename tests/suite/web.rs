//! The examples that speak HTTP, with real clients and servers over loopback.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use libtest_mimic::Trial;

use crate::running::built;
use crate::scratch::Scratch;
use crate::serving::{build, connect, text, with_server};
use crate::{Outcome, process, trial};

/// A test with a directory of its own.
type Test = fn(&Scratch) -> Outcome;

/// All tests.
pub fn trials() -> Vec<Trial> {
    let tests: [(&str, Test); 3] = [
        ("a_greeting_comes_to_many", a_greeting_comes_to_many),
        ("notes_are_kept", notes_are_kept),
        ("a_site_is_crawled", a_site_is_crawled),
    ];
    tests
        .into_iter()
        .map(|(name, test)| trial(format!("web::{name}"), move || test(&Scratch::new())))
        .collect()
}

/// A client that keeps its connection.
struct Client {
    lines: BufReader<TcpStream>,
}

impl Client {
    fn new(address: &str) -> Result<Self, String> {
        Ok(Self { lines: BufReader::new(connect(address)?) })
    }

    /// Asks, and gives the status and the body of the answer.
    fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<(u32, String), String> {
        let length = body.len();
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}");
        self.lines.get_ref().write_all(request.as_bytes()).map_err(text)?;
        let head = self.head()?;
        let status = head.first().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        self.lines.read_exact(&mut body).map_err(text)?;
        Ok((status.ok_or("there is no status")?, String::from_utf8_lossy(&body).into_owned()))
    }

    /// The lines up to an empty one.
    fn head(&mut self) -> Result<Vec<String>, String> {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            self.lines.read_line(&mut line).map_err(text)?;
            match line.trim_end() {
                "" => return Ok(head),
                line => head.push(line.to_owned()),
            }
        }
    }

    fn expect(&mut self, method: &str, path: &str, body: &str, status: u32, answer: &str) -> Outcome {
        let expected = (status, answer.to_owned());
        let got = self.ask(method, path, body)?;
        if got == expected {
            Ok(())
        } else {
            Err(format!("{method} {path}: {got:?} instead of {expected:?}"))
        }
    }
}

/// Also who says nothing, or leaves while it is answered, does not keep the server from its end.
fn a_greeting_comes_to_many(scratch: &Scratch) -> Outcome {
    with_server(scratch, "http_hello", &[], |_, address| {
        let mut clients: Vec<_> = (0..20).map(|_| Client::new(address)).collect::<Result<_, _>>()?;
        for _ in 0..5 {
            for client in &mut clients {
                client.expect("GET", "/", "", 200, "hello\n")?;
            }
        }
        for _ in 0..20 {
            connect(address)?.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").map_err(text)?;
        }
        connect(address)?.write_all(b"GET / HT").map_err(text)?;
        clients[0].expect("GET", "/", "", 200, "hello\n")
    })
}

fn notes_are_kept(scratch: &Scratch) -> Outcome {
    with_server(scratch, "http_json_api", &[], |_, address| {
        let mut client = Client::new(address)?;
        client.expect("GET", "/notes", "", 200, "[]")?;
        client.expect("POST", "/notes", r#"{"text": "grün"}"#, 201, r#"{"id":1,"text":"grün"}"#)?;
        client.expect("POST", "/notes", r#"{"text": "\"two\""}"#, 201, r#"{"id":2,"text":"\"two\""}"#)?;
        client.expect("POST", "/notes", "{", 400, r#"{"error":"the body is no JSON"}"#)?;
        client.expect("POST", "/notes", "{}", 422, r#"{"error":"`text` is missing"}"#)?;
        client.expect("GET", "/notes/1", "", 200, r#"{"id":1,"text":"grün"}"#)?;
        client.expect("DELETE", "/notes/1", "", 204, "")?;
        client.expect("GET", "/notes/1", "", 404, r#"{"error":"there is no such note"}"#)?;
        client.expect("GET", "/notes/x", "", 404, r#"{"error":"there is no such note"}"#)?;
        client.expect("PUT", "/notes", "", 405, "Method Not Allowed\n")?;
        client.expect("GET", "/notes", "", 200, r#"[{"id":2,"text":"\"two\""}]"#)
    })
}

/// Pages by path: what a response to a request for it is, behind the version.
fn site() -> HashMap<&'static str, String> {
    let page = |body: &str| {
        let length = body.len();
        format!("200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n{body}")
    };
    let chunked = "200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n\
                   9\r\n<a href=\"\r\nd\r\n/\">home</a>..\r\n0\r\n\r\n";
    HashMap::from([
        (
            "/",
            page(
                r##"<a href="/a"> <a href="b/c#part"> <a href="/gone"> <a href="http://elsewhere.test/"> <a href="/moved">"##,
            ),
        ),
        ("/a", page(r#"<a href="/"> <a href="/b/c"> <a href="/chunked">"#)),
        ("/b/c", page(r#"<a href="../text">"#)),
        ("/text", "200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nhref=\"/never\"".into()),
        ("/moved", "302 Found\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n".into()),
        ("/chunked", chunked.into()),
    ])
}

/// Answers what one client asks for.
fn serve(stream: &TcpStream, site: &HashMap<&str, String>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    loop {
        let mut request = String::new();
        if lines.read_line(&mut request)? == 0 {
            return Ok(());
        }
        let mut line = String::from("header");
        while !line.trim_end().is_empty() {
            line.clear();
            lines.read_line(&mut line)?;
        }
        let path = request.split(' ').nth(1).unwrap_or_default();
        let missing = String::from("404 Not Found\r\nContent-Length: 0\r\n\r\n");
        write!(&*stream, "HTTP/1.1 {}", site.get(path).unwrap_or(&missing))?;
    }
}

fn a_site_is_crawled(scratch: &Scratch) -> Outcome {
    build(scratch, "concurrent_web_crawler")?;
    let listener = TcpListener::bind("127.0.0.1:0").map_err(text)?;
    let address = listener.local_addr().map_err(text)?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that leaves is what the test sees.
            thread::spawn(move || serve(&stream, &site()));
        }
    });
    let expected = "\
        http://HOST/: 5 links\n\
        http://HOST/a: 3 links\n\
        http://HOST/b/c: 1 links\n\
        http://HOST/chunked: 1 links\n\
        http://HOST/gone: status 404\n\
        http://HOST/moved: 3 links\n\
        http://HOST/text: 0 links\n";
    for (workers, at_once) in [("1", "1"), ("4", "3")] {
        let mut command = built(scratch);
        command
            .args([&format!("http://{address}"), at_once])
            .env("PLAT_WORKERS", workers)
            .env("PLAT_LEAKS", "1");
        let ended = process::run(&mut command, "")?;
        let printed = ended.expect_code(0)?.stdout.replace(&address.to_string(), "HOST");
        if printed != expected {
            return Err(format!("with {workers} workers: expected\n{expected}\nbut got\n{printed}"));
        }
    }
    Ok(())
}
