//! A store of keys and values that speaks a part of the protocol of Redis, made as `examples/redis_like_server.plat`.

use std::collections::HashMap;
use std::io::{Result, Write};
use std::ops::Range;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

const PIECE: usize = 16 << 10;
const LARGEST: usize = 1 << 20;
const MOST_ANSWERS: usize = 64 << 10;

type Values = HashMap<Vec<u8>, Vec<u8>>;
/// Why there is no command.
enum Lack {
    Unfinished,
    Malformed(String),
}

type Found<T> = std::result::Result<T, Lack>;

/// What has come from a client, and the command in it that is being done.
#[derive(Default)]
struct Input {
    bytes: Vec<u8>,
    position: usize,
    /// Where the words of the command stand, the first of which is its name.
    words: Vec<Range<usize>>,
}

impl Input {
    /// Goes on to the next command.
    fn next(&mut self) -> Found<()> {
        let begin = self.position;
        self.words.clear();
        let found = match self.bytes.get(begin) {
            Some(b'*') => self.find_listed_words(),
            _ => self.find_words_of_line(),
        };
        if matches!(found, Err(Lack::Unfinished)) {
            self.position = begin;
            if self.bytes.len() - begin > LARGEST {
                return Err(Lack::Malformed("too big command".into()));
            }
        }
        found
    }

    fn find_listed_words(&mut self) -> Found<()> {
        let count = self.length("multibulk")?;
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
            if end + 2 > self.bytes.len() {
                return Err(Lack::Unfinished);
            }
            if !self.has_line_break(end) {
                return Err(Lack::Malformed("expected a line break".into()));
            }
            self.words.push(self.position..end);
            self.position = end + 2;
        }
        Ok(())
    }

    /// The number in a line, behind its first byte.
    fn length(&mut self, of: &str) -> Found<usize> {
        let begin = self.position + 1;
        let (mut end, mut number) = (begin, 0);
        while let Some(digit @ b'0'..=b'9') = self.bytes.get(end)
            && number <= LARGEST
        {
            number = 10 * number + usize::from(digit - b'0');
            end += 1;
        }
        if end + 2 > self.bytes.len() && number <= LARGEST {
            return Err(Lack::Unfinished);
        }
        if number > LARGEST || end == begin || !self.has_line_break(end) {
            return Err(Lack::Malformed(format!("invalid {of} length")));
        }
        self.position = end + 2;
        Ok(number)
    }

    fn has_line_break(&self, at: usize) -> bool {
        self.bytes[at..].starts_with(b"\r\n")
    }

    fn find_words_of_line(&mut self) -> Found<()> {
        let begin = self.position;
        let length = self.bytes[begin..].iter().position(|&byte| byte == b'\n').ok_or(Lack::Unfinished)?;
        let mut start = begin;
        for end in begin..=begin + length {
            if matches!(self.bytes[end], b' ' | b'\r' | b'\n') {
                if start < end {
                    self.words.push(start..end);
                }
                start = end + 1;
            }
        }
        self.position = start;
        Ok(())
    }

    fn word(&self, index: usize) -> &[u8] {
        &self.bytes[self.words[index].clone()]
    }

    fn arguments(&self) -> impl Iterator<Item = &[u8]> {
        (1..self.words.len()).map(|index| self.word(index))
    }
}

/// Writing to memory does not fail.
macro_rules! answer {
    ($answers:expr, $($text:tt)*) => { write!($answers, $($text)*).expect("there is memory") };
}

fn answer_value(value: Option<&Vec<u8>>, answers: &mut Vec<u8>) {
    match value {
        Some(value) => answer_bytes(value, answers),
        None => answers.extend_from_slice(b"$-1\r\n"),
    }
}

fn answer_bytes(value: &[u8], answers: &mut Vec<u8>) {
    answer!(answers, "${}\r\n", value.len());
    answers.extend_from_slice(value);
    answers.extend_from_slice(b"\r\n");
}

fn answer_error(reason: &str, answers: &mut Vec<u8>) {
    answer!(answers, "-ERR {}\r\n", reason.replace(['\r', '\n'], " "));
}

/// Does the commands that have come, until there are many answers. Whether the client stays, and may send more.
fn answer(values: &Mutex<Values>, input: &mut Input, answers: &mut Vec<u8>) -> bool {
    let mut values = values.lock().expect("no holder panics");
    while answers.len() < MOST_ANSWERS {
        match input.next() {
            Ok(()) => {
                if !obey(input, &mut values, answers) {
                    return false;
                }
            }
            Err(Lack::Unfinished) => break,
            Err(Lack::Malformed(reason)) => {
                answer_error(&format!("Protocol error: {reason}"), answers);
                return false;
            }
        }
    }
    true
}

/// Does the command that the input is at. Whether the client stays.
fn obey(command: &Input, values: &mut Values, answers: &mut Vec<u8>) -> bool {
    if command.words.is_empty() {
        return true;
    }
    let name = String::from_utf8_lossy(command.word(0)).to_uppercase();
    match (name.as_str(), command.words.len()) {
        ("GET", 2) => answer_value(values.get(command.word(1)), answers),
        ("SET", 3) => {
            values.insert(command.word(1).to_vec(), command.word(2).to_vec());
            answers.extend_from_slice(b"+OK\r\n");
        }
        ("INCR", 2) => increment(command.word(1), values, answers),
        ("DEL", 2..) => {
            let count = command.arguments().filter(|&key| values.remove(key).is_some()).count();
            answer!(answers, ":{count}\r\n");
        }
        ("EXISTS", 2..) => {
            let count = command.arguments().filter(|&key| values.contains_key(key)).count();
            answer!(answers, ":{count}\r\n");
        }
        ("MGET", count @ 2..) => {
            answer!(answers, "*{}\r\n", count - 1);
            command.arguments().for_each(|key| answer_value(values.get(key), answers));
        }
        ("PING", 1) => answers.extend_from_slice(b"+PONG\r\n"),
        ("PING" | "ECHO", 2) => answer_bytes(command.word(1), answers),
        ("QUIT", 1) => {
            answers.extend_from_slice(b"+OK\r\n");
            return false;
        }
        _ => answer_error(&format!("cannot do '{name}' with so many words"), answers),
    }
    true
}

fn increment(key: &[u8], values: &mut Values, answers: &mut Vec<u8>) {
    let parse = |value: &Vec<u8>| std::str::from_utf8(value).ok()?.parse::<i64>().ok();
    match values.get(key).map_or(Some(0), parse).and_then(|number| number.checked_add(1)) {
        Some(number) => {
            values.insert(key.to_vec(), number.to_string().into_bytes());
            answer!(answers, ":{number}\r\n");
        }
        None => answer_error("value is not an integer or out of range", answers),
    }
}

async fn serve(mut client: TcpStream, values: Arc<Mutex<Values>>) -> Result<()> {
    client.set_nodelay(true)?;
    let (mut input, mut answers) = (Input::default(), Vec::new());
    loop {
        input.bytes.reserve(PIECE);
        if client.read_buf(&mut input.bytes).await? == 0 {
            return Ok(());
        }
        loop {
            answers.clear();
            let stays = answer(&values, &mut input, &mut answers);
            client.write_all(&answers).await?;
            if !stays {
                return Ok(());
            }
            if answers.len() < MOST_ANSWERS {
                break;
            }
        }
        input.bytes.drain(..input.position);
        input.position = 0;
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
