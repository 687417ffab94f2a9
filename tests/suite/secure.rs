//! TLS with programs that are not ours at the other end: OpenSSL's, and Python's. Where one of them is missing its tests are ignored.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use libtest_mimic::Trial;

use crate::running::{self, Running, built};
use crate::scratch::Scratch;
use crate::serving::{text, with_server};
use crate::{Outcome, process, trial};

/// A test with a directory of its own, in which there are a certificate for `localhost` and its key.
type Test = fn(&Scratch) -> Outcome;

/// All tests.
pub fn trials() -> Vec<Trial> {
    let tests: [(&str, &[&str], Test); 7] = [
        ("openssl_is_answered", &["openssl"], openssl_is_answered),
        ("python_hears_the_end", &["openssl", "python3"], python_hears_the_end),
        ("openssl_is_asked", &["openssl"], openssl_is_asked),
        ("openssl_shows_who_it_is", &["openssl"], openssl_shows_who_it_is),
        ("handlers_are_told_who_asks", &["openssl"], handlers_are_told_who_asks),
        ("openssl_is_shown_who_asks", &["openssl"], openssl_is_shown_who_asks),
        ("who_does_not_speak_it_is_left", &["openssl"], who_does_not_speak_it_is_left),
    ];
    tests
        .into_iter()
        .map(|(name, programs, test)| {
            let run = move || {
                let scratch = Scratch::new();
                make_certificate(&scratch)?;
                test(&scratch)
            };
            let is_possible = programs.iter().all(|program| is_installed(program));
            trial(format!("secure::{name}"), run).with_ignored_flag(!is_possible)
        })
        .collect()
}

fn is_installed(program: &str) -> bool {
    let version = if program == "openssl" { "version" } else { "--version" };
    Command::new(program).arg(version).output().is_ok_and(|output| output.status.success())
}

fn make_certificate(scratch: &Scratch) -> Outcome {
    let words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
                 -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
                 -keyout key.pem -out certificate.pem";
    process::run(openssl(scratch).args(words.split_whitespace()), "")?.expect_code(0).map(drop)
}

fn openssl(scratch: &Scratch) -> Command {
    let mut openssl = Command::new("openssl");
    openssl.current_dir(scratch.path());
    openssl
}

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

fn with_https(scratch: &Scratch, test: impl Fn(&str) -> Outcome) -> Outcome {
    let path = |name| scratch.path().join(name).display().to_string();
    let arguments = ["127.0.0.1:0", &path("certificate.pem"), &path("key.pem")];
    with_server(scratch, "https_hello", &arguments, |_, address| test(address))
}

fn openssl_is_answered(scratch: &Scratch) -> Outcome {
    with_https(scratch, |address| {
        for version in ["-tls1_2", "-tls1_3"] {
            let words = "s_client -servername localhost -CAfile certificate.pem -verify_return_error -alpn h2,http/1.1 \
                         -ign_eof";
            let mut client = openssl(scratch);
            client.args(words.split_whitespace()).args([version, "-connect", address]);
            let said = process::run(&mut client, REQUEST)?;
            for expected in ["Verification: OK", "ALPN protocol: http/1.1", "\r\n\r\nhello\n"] {
                if !said.stdout.contains(expected) {
                    return Err(format!(
                        "{version}: there is no {expected:?}:\n{}\n{}",
                        said.stdout, said.stderr
                    ));
                }
            }
        }
        Ok(())
    })
}

/// Python tells an end from a cut.
fn python_hears_the_end(scratch: &Scratch) -> Outcome {
    scratch.write(
        "client.py",
        "import socket, ssl, sys\n\
         context = ssl.create_default_context(cafile='certificate.pem')\n\
         host, port = sys.argv[1].split(':')\n\
         for end in ['close', 'keep-alive']:\n\
         \x20   plain = socket.create_connection((host, int(port)))\n\
         \x20   secure = context.wrap_socket(plain, server_hostname='localhost', suppress_ragged_eofs=False)\n\
         \x20   secure.sendall(f'GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: {end}\\r\\n\\r\\n'.encode())\n\
         \x20   answer = b''\n\
         \x20   while not answer.endswith(b'hello\\n'): answer += secure.recv(4096)\n\
         \x20   if end == 'close': assert secure.recv(4096) == b''\n",
    );
    with_https(scratch, |address| {
        let mut client = Command::new("python3");
        client.current_dir(scratch.path()).args(["client.py", address]);
        process::run(&mut client, "")?.expect_code(0).map(drop)
    })
}

/// A server of OpenSSL's, which ends with the test.
struct Foreign(Child);

impl Drop for Foreign {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server of OpenSSL's that has also been told these words, and its port.
fn serve_by_openssl(scratch: &Scratch, more: &str) -> Result<(Foreign, String), String> {
    let words = "s_server -accept 127.0.0.1:0 -cert certificate.pem -key key.pem -www";
    let mut server = openssl(scratch);
    server.args(words.split_whitespace()).args(more.split_whitespace());
    server.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut server = Foreign(server.spawn().map_err(text)?);
    let lines = BufReader::new(server.0.stdout.take().expect("it is a pipe")).lines();
    let accepts = |line: String| line.strip_prefix("ACCEPT 127.0.0.1:").map(String::from);
    let port = lines.map_while(Result::ok).find_map(accepts).ok_or("the server does not say where it is")?;
    Ok((server, port))
}

/// Has a client ask the server of OpenSSL's at the port, which is its argument, and looks at what it prints.
fn client_prints(scratch: &Scratch, client: &str, port: &str, expected: &str) -> Outcome {
    running::build(scratch, client, &[])?;
    let ended = process::run(built(scratch).arg(port), "")?;
    let printed = &ended.expect_code(0)?.stdout;
    if printed == expected { Ok(()) } else { Err(format!("it printed {printed}")) }
}

fn openssl_is_asked(scratch: &Scratch) -> Outcome {
    let (_server, port) = serve_by_openssl(scratch, "")?;
    client_prints(
        scratch,
        "use std::env;\n\
         use std::fs;\n\
         use std::http::{Client, ClientOptions};\n\
         use std::tls::TlsConnector;\n\
         fn main() -> Result<Unit> {\n\
         \x20 var client = Client();\n\
         \x20 let url = \"https://localhost:${env::args()[0]}/\";\n\
         \x20 if let Err(error) = client.get(url) { print(error.kind); }\n\
         \x20 client.options.connector = Some(TlsConnector.trusting(fs::read_text(\"certificate.pem\")?)?);\n\
         \x20 let response = client.get(url)?;\n\
         \x20 print(response.status);\n\
         \x20 print(response.read_text()?.contains(\"s_server\"));\n\
         \x20 Ok(())\n\
         }\n",
        &port,
        "Untrusted\n200\ntrue\n",
    )
}

/// Greets those who can say who they are; of others it says why they could not.
const ASKING: &str = r#"
use std::fs;
use std::net::TcpListener;
use std::tls::TlsAcceptor;

fn main() -> Result<Unit> {
  let acceptor = TlsAcceptor.load("certificate.pem", "key.pem")?.asking(fs::read_text("certificate.pem")?)?;
  let listener = TcpListener.bind("127.0.0.1:0")?;
  print("listening on ${listener.local_address()?}");
  loop {
    match acceptor.accept(listener.accept()?) {
      Ok(stream) -> {
        let _ = stream.write_text("hello ${stream.peer_names().join(" ")}\n");
        stream.close();
      }
      Err(error) -> print("${error.kind}: ${error.reason}"),
    }
  }
}
"#;

/// What OpenSSL's client, given more words, gets from a server that it trusts by the certificate, and to which it says something.
fn talk(scratch: &Scratch, address: &str, more: &str, said: &str) -> Result<process::Ended, String> {
    let words = "s_client -servername localhost -CAfile certificate.pem -verify_return_error -quiet -ign_eof";
    let mut client = openssl(scratch);
    client.args(words.split_whitespace()).args(more.split_whitespace());
    process::run(client.args(["-connect", address]), said)
}

fn openssl_shows_who_it_is(scratch: &Scratch) -> Outcome {
    running::build(scratch, ASKING, &[])?;
    let server = Running::start(built(scratch).current_dir(scratch.path()))?;
    let address = server.tells("listening on ")?;
    for version in ["-tls1_2", "-tls1_3"] {
        let connect = |more: &str| talk(scratch, &address, &format!("{version} {more}"), "");
        let said = connect("-cert certificate.pem -key key.pem")?;
        if said.stdout != "hello localhost\n" {
            return Err(format!("{version}: it was not greeted: {said:?}"));
        }
        let said = connect("")?;
        if said.code() == 0 || !said.stdout.is_empty() {
            return Err(format!("{version}: it was let in without a certificate: {said:?}"));
        }
        server.prints("Untrusted: the other side has shown no certificate")?;
    }
    Ok(())
}

/// Answers with the names of who asks, if it says who that is.
const NAMING: &str = r#"
use std::fs;
use std::http::{Response, Server};
use std::tls::TlsAcceptor;

fn main() -> Result<Unit> {
  let authorities = fs::read_text("certificate.pem")?;
  let acceptor = TlsAcceptor.load("certificate.pem", "key.pem")?.asking(authorities, is_required = false)?;
  let server = Server.bind("127.0.0.1:0")?.with_tls(acceptor);
  print("listening on ${server.local_address()?}");
  server.serve(|request| Response.text("${request.peer_names()}"))?;
  Ok(())
}
"#;

fn handlers_are_told_who_asks(scratch: &Scratch) -> Outcome {
    running::build(scratch, NAMING, &[])?;
    let server = Running::start(built(scratch).current_dir(scratch.path()))?;
    let address = server.tells("listening on ")?;
    for version in ["-tls1_2", "-tls1_3"] {
        for (shown, named) in [("-cert certificate.pem -key key.pem", r#"["localhost"]"#), ("", "[]")] {
            let said = talk(scratch, &address, &format!("{version} {shown}"), REQUEST)?;
            if !said.stdout.ends_with(&format!("\r\n\r\n{named}")) {
                return Err(format!("{version}, {shown:?}: its handler was not told {named}: {said:?}"));
            }
        }
    }
    Ok(())
}

fn openssl_is_shown_who_asks(scratch: &Scratch) -> Outcome {
    let (_server, port) =
        serve_by_openssl(scratch, "-Verify 1 -verify_return_error -CAfile certificate.pem")?;
    client_prints(
        scratch,
        "use std::env;\n\
         use std::fs;\n\
         use std::http::{Client, ClientOptions};\n\
         use std::tls::TlsConnector;\n\
         fn main() -> Result<Unit> {\n\
         \x20 let (certificate, key) = (fs::read_text(\"certificate.pem\")?, fs::read_text(\"key.pem\")?);\n\
         \x20 let nobody = TlsConnector.trusting(certificate)?;\n\
         \x20 for connector in [nobody, nobody.showing(certificate, key)?] {\n\
         \x20   var client = Client();\n\
         \x20   client.options.connector = Some(connector);\n\
         \x20   print(client.get(\"https://localhost:${env::args()[0]}/\").map(|response| response.status).ok());\n\
         \x20 }\n\
         \x20 Ok(())\n\
         }\n",
        &port,
        "None\nSome(200)\n",
    )
}

/// Who speaks something else, or does not trust the server, is left, and the server goes on.
fn who_does_not_speak_it_is_left(scratch: &Scratch) -> Outcome {
    with_https(scratch, |address| {
        use std::io::{Read, Write};
        let mut plain = crate::serving::connect(address)?;
        plain.write_all(REQUEST.as_bytes()).map_err(text)?;
        let mut answer = Vec::new();
        // A reset is an end as well.
        let _ = plain.read_to_end(&mut answer);
        if answer.windows(5).any(|word| word == b"hello") {
            return Err("it is answered without TLS".into());
        }
        let words = "s_client -servername localhost -verify_return_error -verifyCAfile /dev/null -connect";
        let mut client = openssl(scratch);
        let said = process::run(client.args(words.split_whitespace()).arg(address), REQUEST)?;
        if said.code() == 0 {
            return Err("a client that trusts nobody has trusted it".into());
        }
        let said = talk(scratch, address, "", REQUEST)?;
        if said.stdout.ends_with("hello\n") { Ok(()) } else { Err(format!("it has not gone on: {said:?}")) }
    })
}
