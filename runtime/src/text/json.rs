//! Strings as JSON writes them.

use core::fmt::{Display, Formatter, Result, Write};

/// A string in quotes.
pub struct Quoted<'a>(pub &'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        formatter.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(formatter, "\\{character}")?,
                '\0'..' ' => write!(formatter, "\\u{:04x}", character as u32)?,
                _ => formatter.write_char(character)?,
            }
        }
        formatter.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::Quoted;

    #[test]
    fn strings_are_escaped() {
        assert_eq!(Quoted("a\"b\\c\n\u{1b}é").to_string(), r#""a\"b\\c\u000a\u001bé""#);
    }
}
