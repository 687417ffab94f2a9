//! The examples that serve clients, with real clients over loopback: what they answer, what they survive, and how they end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use libtest_mimic::Trial;

use crate::process;
use crate::running::{self, Running, built, quoted};
use crate::scratch::Scratch;
use crate::{Outcome, root, trial};

/// Examples that serve until they are stopped, or need somebody who serves.
pub const SERVERS: &[&str] = &[
    "tcp_echo",
    "chat_server",
    "proxy",
    "cancel_on_ctrl_c",
    "http_hello",
    "https_hello",
    "http_json_api",
    "concurrent_web_crawler",
    "redis_like_server",
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
        ("a_proxy_gives_up_with_either_side", a_proxy_gives_up_with_either_side),
        ("who_is_out_of_descriptors_is_told", who_is_out_of_descriptors_is_told),
        ("a_store_answers_and_survives_its_clients", a_store_answers_and_survives_its_clients),
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

/// The other side must not be left to wait for one who is gone.
fn a_proxy_gives_up_with_either_side(scratch: &Scratch) -> Outcome {
    let target = TcpListener::bind("127.0.0.1:0").map_err(text)?;
    let address = target.local_addr().map_err(text)?.to_string();
    let (sender, ends) = mpsc::channel();
    thread::spawn(move || {
        for client in target.incoming().flatten() {
            let sender = sender.clone();
            thread::spawn(move || {
                let _ = (&client).write_all(b"hello");
                let _ = (&client).read_to_end(&mut Vec::new());
                // Nobody listens any more when the test has failed.
                let _ = sender.send(());
            });
        }
    });
    with_server(scratch, "proxy", &["127.0.0.1:0", &address], |server, proxy| {
        let client = connect(proxy)?;
        client.peek(&mut [0]).map_err(text)?;
        // With unread bytes: a reset.
        drop(client);
        ends.recv_timeout(PATIENCE).map_err(|_| String::from("the target still waits for the client"))?;
        server.complains("connection reset")
    })
}

const WITHOUT_DESCRIPTORS: &str = r#"
use std::net::{TcpListener, TcpStream, UdpSocket};

fn main() -> Result<Unit> {
  let listener = TcpListener.bind("127.0.0.1:0")?;
  let address = listener.local_address()?;
  var sockets: List<UdpSocket> = [];
  let error = loop {
    match UdpSocket.bind("127.0.0.1:0") { Ok(socket) -> sockets.push(socket), Err(error) -> break error }
  };
  print(error.kind);
  print(TcpStream.connect(address).err().unwrap().kind);
  print(TcpListener.bind(address).err().unwrap().kind);
  sockets.clear();
  let client = TcpStream.connect(address)?;
  client.write_text("again")?;
  print(listener.accept()?.read()?.length());
  Ok(())
}
"#;

fn who_is_out_of_descriptors_is_told(scratch: &Scratch) -> Outcome {
    running::build(scratch, WITHOUT_DESCRIPTORS, &[])?;
    let script = format!("ulimit -n 30; exec {}", quoted(&scratch.path().join("program")));
    let ended = process::run(Command::new("sh").args(["-c", &script]), "")?;
    let printed = &ended.expect_code(0)?.stdout;
    let expected = format!("{}5\n", "TooManyOpenFiles\n".repeat(3));
    if *printed == expected { Ok(()) } else { Err(format!("{printed:?} instead of {expected:?}")) }
}

/// Sends, and expects this answer.
fn expect_answer(mut stream: &TcpStream, sent: &[u8], expected: &str) -> Outcome {
    stream.write_all(sent).map_err(text)?;
    let mut received = vec![0; expected.len()];
    stream.read_exact(&mut received).map_err(text)?;
    let received = String::from_utf8_lossy(&received);
    if received == expected { Ok(()) } else { Err(format!("{received:?} instead of {expected:?}")) }
}

/// Sends, and expects this answer and the end.
fn expect_last_answer(mut stream: &TcpStream, sent: &[u8], expected: &str) -> Outcome {
    expect_answer(stream, sent, expected)?;
    match stream.read(&mut [0]) {
        Ok(0) => Ok(()),
        other => Err(format!("after {expected:?} came {other:?}")),
    }
}

/// A command as clients send it.
fn command(words: &[&str]) -> String {
    let bulks: String = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
    format!("*{}\r\n{bulks}", words.len())
}

const CONVERSATION: &[(&[&str], &str)] = &[
    (&["PING"], "+PONG\r\n"),
    (&["ping", "a\r\nb"], "$4\r\na\r\nb\r\n"),
    (&["GET", "n"], "$-1\r\n"),
    (&["INCR", "n"], ":1\r\n"),
    (&["SET", "n", "-3"], "+OK\r\n"),
    (&["INCR", "n"], ":-2\r\n"),
    (&["GET", "n"], "$2\r\n-2\r\n"),
    (&["SET", "empty", ""], "+OK\r\n"),
    (&["MGET", "n", "empty", "none"], "*3\r\n$2\r\n-2\r\n$0\r\n\r\n$-1\r\n"),
    (&["INCR", "empty"], "-ERR value is not an integer or out of range\r\n"),
    (&["SET", "most", "9223372036854775807"], "+OK\r\n"),
    (&["INCR", "most"], "-ERR value is not an integer or out of range\r\n"),
    (&["EXISTS", "n", "none", "n"], ":2\r\n"),
    (&["DEL", "n", "none", "empty", "most"], ":3\r\n"),
    (&["GET", "n"], "$-1\r\n"),
    (&["GET"], "-ERR wrong number of arguments for 'get' command\r\n"),
    (&["no\r\nsuch"], "-ERR unknown command 'no  such'\r\n"),
];

fn a_store_answers_and_survives_its_clients(scratch: &Scratch) -> Outcome {
    with_server(scratch, "redis_like_server", &[], |_, address| {
        expect_answers_to_what_has_come(address)?;
        expect_survival(address)
    })
}

/// One command at a time, all at once, and byte by byte.
fn expect_answers_to_what_has_come(address: &str) -> Outcome {
    let client = connect(address)?;
    client.set_nodelay(true).map_err(text)?;
    for (words, answer) in CONVERSATION {
        expect_answer(&client, command(words).as_bytes(), answer)?;
    }
    let all: String = CONVERSATION.iter().map(|(words, _)| command(words)).collect();
    let answers: String = CONVERSATION.iter().map(|(_, answer)| *answer).collect();
    expect_answer(&client, all.repeat(100).as_bytes(), &answers.repeat(100))?;
    let (last, rest) = all.as_bytes().split_last().expect("it is not empty");
    for byte in rest {
        (&client).write_all(&[*byte]).map_err(text)?;
    }
    expect_answer(&client, &[*last], &answers)?;
    expect_answer(&client, b"\r\n  SET  line  typed \nGET line\r\n", "+OK\r\n$5\r\ntyped\r\n")?;
    let value = "v".repeat(900_000);
    expect_answer(&client, command(&["SET", "large", &value]).as_bytes(), "+OK\r\n")?;
    let other = connect(address)?;
    let get = command(&["GET", "large"]);
    expect_answer(&other, get.as_bytes(), &format!("$900000\r\n{value}\r\n"))?;
    expect_last_answer(&other, command(&["QUIT"]).as_bytes(), "+OK\r\n")
}

/// Clients that send nonsense or too much are told so and sent away; others do not notice, nor that some go in the middle.
fn expect_survival(address: &str) -> Outcome {
    let faithful = connect(address)?;
    expect_answer(&faithful, command(&["SET", "large", &"v".repeat(500_000)]).as_bytes(), "+OK\r\n")?;
    for (sent, reason) in [
        ("*x\r\n", "invalid multibulk length"),
        ("*99999999999999999999\r\n", "invalid multibulk length"),
        ("*-1\r\n", "invalid multibulk length"),
        ("*1\r\n+PING\r\n", "expected '$', got '+'"),
        ("*1\r\n$1048577\r\n", "invalid bulk length"),
        ("*1\r\n$4\r\nPING!!", "expected a line break"),
    ] {
        let answer = format!("+PONG\r\n-ERR Protocol error: {reason}\r\n");
        expect_last_answer(&connect(address)?, format!("PING\r\n{sent}").as_bytes(), &answer)?;
    }
    let endless = connect(address)?;
    // It may be sent away before it has said all.
    let _ = (&endless).write_all(&vec![b'x'; 2 << 20]);
    drop(endless);
    (&connect(address)?).write_all(b"*2\r\n$3\r\nGET\r\n$9\r\nhal").map_err(text)?;
    // This one wants far more than fits the system's buffers, and reads nothing of it.
    let deaf = connect(address)?;
    (&deaf).write_all(command(&["GET", "large"]).repeat(200).as_bytes()).map_err(text)?;
    expect_answer(&faithful, command(&["PING"]).as_bytes(), "+PONG\r\n")?;
    drop(deaf);
    let clients: Vec<_> = (0..20).map(|_| connect(address)).collect::<Result<_, _>>()?;
    for mut client in &clients {
        client.write_all(command(&["INCR", "n"]).repeat(50).as_bytes()).map_err(text)?;
    }
    for mut client in &clients {
        client.shutdown(Shutdown::Write).map_err(text)?;
        let mut answers = String::new();
        client.read_to_string(&mut answers).map_err(text)?;
        if answers.matches("\r\n").count() != 50 {
            return Err(format!("50 commands were answered by {answers:?}"));
        }
    }
    expect_answer(&faithful, command(&["GET", "n"]).as_bytes(), "$4\r\n1000\r\n")
}
