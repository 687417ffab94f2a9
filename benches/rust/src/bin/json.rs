//! Makes a JSON document, parses it to a tree, and prints the tree again.
use std::collections::HashMap;
use std::fmt::Write;

enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Array(Vec<Json>),
    Object(Object),
}

/// The fields in order, as Plat's dictionaries keep theirs, and an index of their names.
#[derive(Default)]
struct Object {
    fields: Vec<(String, Json)>,
    index: HashMap<String, usize>,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn skip_space(&mut self) {
        while self.at < self.text.len() && self.text.as_bytes()[self.at] <= 32 {
            self.at += 1;
        }
    }

    fn literal(&mut self, word: &str, value: Json) -> Result<Json, String> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(value);
        }
        Err(format!("unknown word at {}", self.at))
    }

    fn value(&mut self) -> Result<Json, String> {
        self.skip_space();
        match self.peek() {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => Ok(Json::Text(self.string()?)),
            b't' => self.literal("true", Json::Bool(true)),
            b'f' => self.literal("false", Json::Bool(false)),
            b'n' => self.literal("null", Json::Null),
            _ => self.number(),
        }
    }

    fn array(&mut self) -> Result<Json, String> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == b']' {
            self.at += 1;
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            let next = self.peek();
            self.at += 1;
            match next {
                b']' => return Ok(Json::Array(items)),
                b',' => {}
                _ => return Err(format!("no comma at {}", self.at)),
            }
        }
    }

    fn object(&mut self) -> Result<Json, String> {
        self.at += 1;
        let mut object = Object::default();
        self.skip_space();
        if self.peek() == b'}' {
            self.at += 1;
            return Ok(Json::Object(object));
        }
        loop {
            self.skip_space();
            let name = self.string()?;
            self.skip_space();
            if self.peek() != b':' {
                return Err(format!("no colon at {}", self.at));
            }
            self.at += 1;
            let value = self.value()?;
            match object.index.get(&name) {
                Some(&at) => object.fields[at].1 = value,
                None => {
                    object.index.insert(name.clone(), object.fields.len());
                    object.fields.push((name, value));
                }
            }
            self.skip_space();
            let next = self.peek();
            self.at += 1;
            match next {
                b'}' => return Ok(Json::Object(object)),
                b',' => {}
                _ => return Err(format!("no comma at {}", self.at)),
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        if self.peek() != b'"' {
            return Err(format!("no string at {}", self.at));
        }
        self.at += 1;
        let mut start = self.at;
        let mut text = String::new();
        while self.at < self.text.len() {
            match self.text.as_bytes()[self.at] {
                b'"' => {
                    text.push_str(&self.text[start..self.at]);
                    self.at += 1;
                    return Ok(text);
                }
                b'\\' => {
                    text.push_str(&self.text[start..self.at]);
                    start = self.at + 1;
                    self.at += 1;
                }
                _ => {}
            }
            self.at += 1;
        }
        Err("endless string".into())
    }

    fn number(&mut self) -> Result<Json, String> {
        let start = self.at;
        while matches!(self.peek(), b'0'..=b'9' | b'-' | b'.') {
            self.at += 1;
        }
        match self.text[start..self.at].parse() {
            Ok(number) => Ok(Json::Number(number)),
            Err(_) => Err(format!("no value at {start}")),
        }
    }
}

fn write_json(into: &mut String, value: &Json) {
    match value {
        Json::Null => into.push_str("null"),
        Json::Bool(flag) => into.push_str(if *flag { "true" } else { "false" }),
        Json::Number(number) if *number == number.floor() => write!(into, "{}", *number as i64).unwrap(),
        Json::Number(number) => write!(into, "{number}").unwrap(),
        Json::Text(text) => quote(into, text),
        Json::Array(items) => {
            into.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    into.push(',');
                }
                write_json(into, item);
            }
            into.push(']');
        }
        Json::Object(object) => {
            into.push('{');
            for (i, (name, field)) in object.fields.iter().enumerate() {
                if i > 0 {
                    into.push(',');
                }
                quote(into, name);
                into.push(':');
                write_json(into, field);
            }
            into.push('}');
        }
    }
}

fn quote(into: &mut String, text: &str) {
    into.push('"');
    into.push_str(&text.replace('"', "\\\""));
    into.push('"');
}

fn document(count: u64) -> String {
    let mut text = String::from("[");
    for i in 0..count {
        if i > 0 {
            text.push_str(", ");
        }
        write!(
            text,
            "{{\"id\": {i}, \"name\": \"item \\\"{}\\\"\", \"price\": {}.25, \"tags\": [\"a{}\", \"b\"], ",
            i % 97,
            i % 1000,
            i % 7
        )
        .unwrap();
        write!(text, "\"stock\": {{\"here\": {}, \"there\": null, \"open\": {}}}}}", i % 13, i % 2 == 0)
            .unwrap();
    }
    text.push(']');
    text
}

fn count(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Json::Object(object) => 1 + object.fields.iter().map(|(_, field)| count(field)).sum::<usize>(),
        _ => 1,
    }
}

fn main() {
    let text = document(100_000);
    match (Parser { text: &text, at: 0 }).value() {
        Ok(value) => {
            let mut printed = String::new();
            write_json(&mut printed, &value);
            println!("{} {} {}", text.len(), count(&value), printed.len());
        }
        Err(message) => println!("{message}"),
    }
}
