//! A store of keys and values that speaks a part of the protocol of Redis, made as `examples/redis_like_server.plat`.

use std::collections::HashMap;
use std::io::{Result, Write};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

const PIECE: usize = 16 << 10;
const LARGEST: usize = 1 << 20;
const MOST_ANSWERS: usize = 64 << 10;

type Values = HashMap<Vec<u8>, Vec<u8>>;
type Words = Vec<Vec<u8>>;

/// Why there is no command.
enum Lack {
    Unfinished,
    Malformed(String),
}

/// Reads one command, which may not be there to its end.
struct Scanner<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Scanner<'a> {
    fn command(&mut self) -> std::result::Result<Words, Lack> {
        let begin = self.position;
        let words =
            if self.bytes.get(begin) == Some(&b'*') { self.listed_words() } else { self.words_of_line() };
        match words {
            Err(Lack::Unfinished) if self.bytes.len() - begin > LARGEST => {
                Err(Lack::Malformed("too big command".into()))
            }
            words => words,
        }
    }

    fn listed_words(&mut self) -> std::result::Result<Words, Lack> {
        let count = self.length("multibulk")?;
        let mut words = Words::with_capacity(count.min(16));
        for _ in 0..count {
            match self.bytes.get(self.position) {
                Some(b'$') => {}
                Some(&first) => {
                    return Err(Lack::Malformed(format!("expected '$', got '{}'", first as char)));
                }
                None => return Err(Lack::Unfinished),
            }
            let length = self.length("bulk")?;
            let end = self.position + length;
            let after = self.bytes.get(end..end + 2).ok_or(Lack::Unfinished)?;
            if after != b"\r\n" {
                return Err(Lack::Malformed("expected a line break".into()));
            }
            words.push(self.bytes[self.position..end].to_vec());
            self.position = end + 2;
        }
        Ok(words)
    }

    fn length(&mut self, of: &str) -> std::result::Result<usize, Lack> {
        let line = self.line()?;
        let length = std::str::from_utf8(&line[1..]).ok().and_then(|text| text.parse().ok());
        let malformed = || Lack::Malformed(format!("invalid {of} length"));
        length.filter(|&length| length <= LARGEST).ok_or_else(malformed)
    }

    fn words_of_line(&mut self) -> std::result::Result<Words, Lack> {
        let words = self.line()?.split(|&byte| byte == b' ');
        Ok(words.filter(|word| !word.is_empty()).map(<[u8]>::to_vec).collect())
    }

    fn line(&mut self) -> std::result::Result<&'a [u8], Lack> {
        let rest = &self.bytes[self.position..];
        let end = rest.iter().position(|&byte| byte == b'\n').ok_or(Lack::Unfinished)?;
        self.position += end + 1;
        Ok(rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]))
    }
}

/// Writing to memory does not fail.
macro_rules! answer {
    ($answers:expr, $($text:tt)*) => { write!($answers, $($text)*).expect("there is memory") };
}

fn answer_value(value: Option<&Vec<u8>>, answers: &mut Vec<u8>) {
    let Some(value) = value else { return answers.extend_from_slice(b"$-1\r\n") };
    answer!(answers, "${}\r\n", value.len());
    answers.extend_from_slice(value);
    answers.extend_from_slice(b"\r\n");
}

fn answer_error(reason: &str, answers: &mut Vec<u8>) {
    answer!(answers, "-ERR {}\r\n", reason.replace(['\r', '\n'], " "));
}

/// Does the commands that have come, until there are many answers. How many bytes they were, and whether the client stays.
fn answer(values: &Mutex<Values>, input: &[u8], answers: &mut Vec<u8>) -> (usize, bool) {
    let mut values = values.lock().expect("no holder panics");
    let mut scanner = Scanner { bytes: input, position: 0 };
    let mut done = 0;
    while answers.len() < MOST_ANSWERS {
        match scanner.command() {
            Ok(words) => {
                if !obey(words, &mut values, answers) {
                    return (done, false);
                }
            }
            Err(Lack::Unfinished) => break,
            Err(Lack::Malformed(reason)) => {
                answer_error(&format!("Protocol error: {reason}"), answers);
                return (done, false);
            }
        }
        done = scanner.position;
    }
    (done, true)
}

/// Does one command. Whether the client stays.
fn obey(mut words: Words, values: &mut Values, answers: &mut Vec<u8>) -> bool {
    let Some(first) = words.first() else { return true };
    let name = String::from_utf8_lossy(first).to_uppercase();
    match (name.as_str(), words.len()) {
        ("GET", 2) => answer_value(values.get(&words[1]), answers),
        ("SET", 3) => {
            let value = words.pop().expect("there are three");
            values.insert(words.pop().expect("there are three"), value);
            answers.extend_from_slice(b"+OK\r\n");
        }
        ("INCR", 2) => increment(words.pop().expect("there are two"), values, answers),
        ("DEL", 2..) => {
            let count = words[1..].iter().filter(|&key| values.remove(key).is_some()).count();
            answer!(answers, ":{count}\r\n");
        }
        ("EXISTS", 2..) => {
            let count = words[1..].iter().filter(|&key| values.contains_key(key)).count();
            answer!(answers, ":{count}\r\n");
        }
        ("MGET", count @ 2..) => {
            answer!(answers, "*{}\r\n", count - 1);
            words[1..].iter().for_each(|key| answer_value(values.get(key), answers));
        }
        ("PING", 1) => answers.extend_from_slice(b"+PONG\r\n"),
        ("PING" | "ECHO", 2) => answer_value(Some(&words[1]), answers),
        ("QUIT", 1) => {
            answers.extend_from_slice(b"+OK\r\n");
            return false;
        }
        _ => answer_error(&format!("cannot do '{name}' with so many words"), answers),
    }
    true
}

fn increment(key: Vec<u8>, values: &mut Values, answers: &mut Vec<u8>) {
    let parse = |value: &Vec<u8>| std::str::from_utf8(value).ok()?.parse::<i64>().ok();
    match values.get(&key).map_or(Some(0), parse).and_then(|number| number.checked_add(1)) {
        Some(number) => {
            values.insert(key, number.to_string().into_bytes());
            answer!(answers, ":{number}\r\n");
        }
        None => answer_error("value is not an integer or out of range", answers),
    }
}

async fn serve(mut client: TcpStream, values: Arc<Mutex<Values>>) -> Result<()> {
    client.set_nodelay(true)?;
    let (mut pending, mut answers) = (Vec::with_capacity(PIECE), Vec::new());
    loop {
        pending.reserve(PIECE);
        if client.read_buf(&mut pending).await? == 0 {
            return Ok(());
        }
        loop {
            answers.clear();
            let (done, stays) = answer(&values, &pending, &mut answers);
            pending.drain(..done);
            client.write_all(&answers).await?;
            if !stays {
                return Ok(());
            }
            if answers.len() < MOST_ANSWERS {
                break;
            }
        }
    }
}

fn main() -> Result<()> {
    plat_benches::run(async {
        let socket = TcpSocket::new_v4()?;
        socket.bind(([127, 0, 0, 1], 0).into())?;
        let listener = socket.listen(4096)?;
        println!("listening on {}", listener.local_addr()?);
        let values = Arc::new(Mutex::new(Values::new()));
        loop {
            let (client, _) = listener.accept().await?;
            tokio::spawn(serve(client, values.clone()));
        }
    })
}
