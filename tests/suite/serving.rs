//! The examples that serve clients, with real clients over loopback: what they answer, what they survive, and how they end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use libtest_mimic::Trial;

use crate::process;
use crate::running::{Running, built, quoted};
use crate::scratch::Scratch;
use crate::{Outcome, root, trial};

/// Examples that serve until they are stopped, or need somebody who serves.
pub const SERVERS: &[&str] = &[
    "tcp_echo",
    "chat_server",
    "proxy",
    "cancel_on_ctrl_c",
    "http_hello",
    "http_json_api",
    "concurrent_web_crawler",
];

/// No client waits longer for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A test with a directory of its own.
type Test = fn(&Scratch) -> Outcome;

/// All tests.
pub fn trials() -> Vec<Trial> {
    let tests: &[(&str, Test)] = &[
        ("an_echo_comes_back", an_echo_comes_back),
        ("an_echo_server_survives_its_clients", an_echo_server_survives_its_clients),
        ("a_server_without_descriptors_goes_on", a_server_without_descriptors_goes_on),
        ("waits_show_who_is_at_the_other_end", waits_show_who_is_at_the_other_end),
        ("a_chat_tells_everybody", a_chat_tells_everybody),
        ("who_reads_too_slowly_leaves_the_chat", who_reads_too_slowly_leaves_the_chat),
        ("a_proxy_passes_on_both_ways", a_proxy_passes_on_both_ways),
    ];
    tests
        .iter()
        .map(|&(name, test)| trial(format!("serving::{name}"), move || test(&Scratch::new())))
        .collect()
}

/// Builds an example.
pub fn build(scratch: &Scratch, example: &str) -> Outcome {
    let executable = scratch.path().join("program");
    let mut compiler = process::platc(root(), ["build", "--release"]);
    let source = format!("examples/{example}.plat");
    process::run(compiler.arg(source).arg("-o").arg(&executable), "")?.expect_code(0).map(drop)
}

/// A server that is asked to listen at any port, and where it does.
fn serve(command: &mut Command) -> Result<(Running, String), String> {
    let server = Running::start(command)?;
    let address = server.tells("listening on ")?;
    Ok((server, address))
}

/// Runs the test with one worker and with several, in a server of this example that ends by a signal.
pub fn with_server(
    scratch: &Scratch,
    example: &str,
    arguments: &[&str],
    test: impl Fn(&Running, &str) -> Outcome,
) -> Outcome {
    build(scratch, example)?;
    for workers in ["1", "4"] {
        let mut command = built(scratch);
        command.args(arguments).env("PLAT_WORKERS", workers).env("PLAT_LEAKS", "1");
        let (server, address) = serve(&mut command)?;
        test(&server, &address).map_err(|text| format!("with {workers} workers: {text}"))?;
        server.signal("TERM")?;
        server.ends(143)?;
    }
    Ok(())
}

/// Connects to a server.
pub fn connect(address: &str) -> Result<TcpStream, String> {
    let stream = TcpStream::connect(address).map_err(|error| format!("cannot connect: {error}"))?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(text)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(text)?;
    Ok(stream)
}

/// What went wrong.
pub fn text(error: std::io::Error) -> String {
    error.to_string()
}

/// Sends, and expects the same back.
fn expect_echo(mut stream: &TcpStream, sent: &[u8]) -> Outcome {
    stream.write_all(sent).map_err(text)?;
    let mut received = vec![0; sent.len()];
    stream.read_exact(&mut received).map_err(text)?;
    if received == sent { Ok(()) } else { Err(String::from("something else came back")) }
}

fn an_echo_comes_back(scratch: &Scratch) -> Outcome {
    with_server(scratch, "tcp_echo", &[], |_, address| {
        let clients: Vec<_> = (0..20).map(|_| connect(address)).collect::<Result<_, _>>()?;
        for round in 0..10 {
            for (number, client) in clients.iter().enumerate() {
                expect_echo(client, format!("{number}: {round}").as_bytes())?;
            }
        }
        let client = &clients[0];
        client.shutdown(Shutdown::Write).map_err(text)?;
        let mut rest = Vec::new();
        (&*client).read_to_end(&mut rest).map_err(text)?;
        if rest.is_empty() { Ok(()) } else { Err(String::from("more came back than was sent")) }
    })
}

/// Clients that go away without a word, with a reset, or stop reading do not disturb others.
fn an_echo_server_survives_its_clients(scratch: &Scratch) -> Outcome {
    with_server(scratch, "tcp_echo", &[], |server, address| {
        let faithful = connect(address)?;
        expect_echo(&faithful, b"before")?;
        for _ in 0..20 {
            drop(connect(address)?);
        }
        // Closing with unread bytes resets the connection.
        let mut rude = connect(address)?;
        rude.write_all(&[1; 1000]).map_err(text)?;
        let mut first = [0];
        rude.read_exact(&mut first).map_err(text)?;
        rude.write_all(&[1; 100_000]).map_err(text)?;
        drop(rude);
        server.complains("127.0.0.1")?;
        // One that never reads fills its buffers, and waits.
        let deaf = connect(address)?;
        deaf.set_nonblocking(true).map_err(text)?;
        let piece = vec![2; 1 << 16];
        let mut is_full = 0;
        while is_full < 50 {
            if (&deaf).write(&piece).is_err() {
                is_full += 1;
                thread::sleep(Duration::from_millis(1));
            }
        }
        expect_echo(&faithful, &[7; 50_000])?;
        drop(deaf);
        expect_echo(&faithful, b"after")
    })
}

/// Who comes when there are no descriptors is sent away instead of being kept waiting, and others are served when there are again.
fn a_server_without_descriptors_goes_on(scratch: &Scratch) -> Outcome {
    build(scratch, "tcp_echo")?;
    let program = quoted(&scratch.path().join("program"));
    let script = format!("ulimit -n 30; exec {program}");
    let (server, address) = serve(Command::new("sh").args(["-c", &script]).env("PLAT_WORKERS", "2"))?;
    let clients: Vec<_> = (0..40).map(|_| connect(&address)).collect::<Result<_, _>>()?;
    let (mut served, mut sent_away) = (Vec::new(), 0);
    for client in clients {
        match expect_echo(&client, b"hello") {
            Ok(()) => served.push(client),
            Err(_) => sent_away += 1,
        }
    }
    if served.len() < 10 || sent_away == 0 {
        return Err(format!("{} were served and {sent_away} sent away", served.len()));
    }
    for client in &served {
        expect_echo(client, b"still there")?;
    }
    drop(served);
    expect_echo(&connect(&address)?, b"again")?;
    server.signal("TERM")?;
    server.ends(143).map(drop)
}

fn waits_show_who_is_at_the_other_end(scratch: &Scratch) -> Outcome {
    with_server(scratch, "tcp_echo", &[], |server, address| {
        let client = connect(address)?;
        expect_echo(&client, b"hello")?;
        let own = client.local_addr().map_err(text)?;
        let id = server.id().to_string();
        let ended = process::run(&mut process::platc(scratch.path(), ["tasks", id.as_str()]), "")?;
        let shown = &ended.expect_code(0)?.stdout;
        let expected = [format!("waits in read with {own}"), String::from("waits in accept")];
        match expected.iter().find(|words| !shown.contains(words.as_str())) {
            Some(missing) => Err(format!("`{missing}` is missing in\n{shown}")),
            None => Ok(()),
        }
    })
}

/// One who takes part in a chat.
struct Member {
    lines: BufReader<TcpStream>,
}

impl Member {
    /// Comes with a name, and is let in.
    fn come(address: &str, name: &str) -> Result<Self, String> {
        let mut member = Self { lines: BufReader::new(connect(address)?) };
        member.hears("Who are you?")?;
        member.says(name)?;
        member.hears(&format!("Welcome, {name}."))?;
        Ok(member)
    }

    fn says(&mut self, line: &str) -> Outcome {
        writeln!(self.lines.get_ref(), "{line}").map_err(text)
    }

    fn hears(&mut self, expected: &str) -> Outcome {
        let mut line = String::new();
        self.lines.read_line(&mut line).map_err(text)?;
        if line.trim_end() == expected { Ok(()) } else { Err(format!("{line:?} instead of {expected:?}")) }
    }
}

fn a_chat_tells_everybody(scratch: &Scratch) -> Outcome {
    with_server(scratch, "chat_server", &[], |_, address| {
        let mut ann = Member::come(address, "ann")?;
        let mut bob = Member::come(address, "bob")?;
        ann.hears("* bob has come")?;
        ann.says("hello")?;
        bob.hears("ann: hello")?;
        bob.says("hello ann")?;
        ann.hears("bob: hello ann")?;
        let mut other = Member { lines: BufReader::new(connect(address)?) };
        other.hears("Who are you?")?;
        other.says("ann")?;
        other.hears("Somebody else is ann.")?;
        drop(bob);
        ann.hears("* bob has left")?;
        let mut again = Member::come(address, "bob")?;
        ann.hears("* bob has come")?;
        again.says("back")?;
        ann.hears("bob: back")
    })
}

fn who_reads_too_slowly_leaves_the_chat(scratch: &Scratch) -> Outcome {
    with_server(scratch, "chat_server", &[], |_, address| {
        let mut ann = Member::come(address, "ann")?;
        let _slow = Member::come(address, "slow")?;
        ann.hears("* slow has come")?;
        let line = "x".repeat(20_000);
        let mut talker = Member::come(address, "talker")?;
        ann.hears("* talker has come")?;
        for _ in 0..1_000 {
            talker.says(&line)?;
            let mut heard = String::new();
            ann.lines.read_line(&mut heard).map_err(text)?;
            if heard.trim_end() == "* slow has left" {
                return Ok(());
            }
        }
        Err(String::from("the slow one is still there"))
    })
}

fn a_proxy_passes_on_both_ways(scratch: &Scratch) -> Outcome {
    let target = TcpListener::bind("127.0.0.1:0").map_err(text)?;
    let address = target.local_addr().map_err(text)?.to_string();
    thread::spawn(move || {
        for client in target.incoming().flatten() {
            thread::spawn(move || {
                let mut request = Vec::new();
                // What the client does not get, the test misses.
                let _ = (&client).read_to_end(&mut request);
                let _ = (&client).write_all(format!("{} bytes: ", request.len()).as_bytes());
                let _ = (&client).write_all(&request);
            });
        }
    });
    with_server(scratch, "proxy", &["127.0.0.1:0", &address], |server, proxy| {
        let clients: Vec<_> = (0..10).map(|_| connect(proxy)).collect::<Result<_, _>>()?;
        for (number, client) in clients.iter().enumerate() {
            (&*client).write_all(&vec![b'a'; 1000 * number]).map_err(text)?;
            client.shutdown(Shutdown::Write).map_err(text)?;
        }
        for (number, mut client) in clients.iter().enumerate() {
            let mut answer = String::new();
            client.read_to_string(&mut answer).map_err(text)?;
            if answer != format!("{} bytes: {}", 1000 * number, "a".repeat(1000 * number)) {
                return Err(format!("client {number} got {} bytes", answer.len()));
            }
        }
        server.tells("9000 bytes there, ").map(drop)
    })
}
