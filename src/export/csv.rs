use std::{
    fmt::Display,
    io::{self, Write},
};

/// Lines of fields: with commas as RFC 4180 has it, or with tabs for the clipboard.
pub(super) struct Table<'a> {
    out: &'a mut dyn Write,
    separator: char,
    begun: bool,
}

impl<'a> Table<'a> {
    pub fn new(out: &'a mut dyn Write, separator: char) -> Self {
        Self {
            out,
            separator,
            begun: false,
        }
    }

    /// A field that needs no quotes.
    pub fn plain(&mut self, value: impl Display) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            write!(self.out, "{}", self.separator)?;
        }
        write!(self.out, "{value}")
    }

    /// The shortest text that reads as the same single float.
    pub fn number(&mut self, value: f32) -> io::Result<()> {
        // Display writes 1e-30 with all its zeros.
        self.plain(format_args!("{value:?}"))
    }

    /// Any text: within quotes where it has to be.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        let special = |c: char| c == self.separator || matches!(c, '"' | '\n' | '\r');
        // Some readers leave out spaces beside a separator, and some skip an empty line.
        let at_edge = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let mut characters = text.chars();
        let (first, last) = (characters.next(), text.chars().next_back());
        if at_edge(first) || at_edge(last) || text.contains(special) {
            self.plain(format_args!("\"{}\"", text.replace('"', "\"\"")))
        } else {
            self.plain(text)
        }
    }

    /// Ends the line.
    pub fn end(&mut self) -> io::Result<()> {
        self.begun = false;
        self.out.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A reader after RFC 4180, of its own.
    fn read(text: &str, separator: char) -> Vec<Vec<String>> {
        let (mut lines, mut line, mut field) = (Vec::new(), Vec::new(), String::new());
        let mut characters = text.chars().peekable();
        let mut quoted = false;
        while let Some(c) = characters.next() {
            match c {
                '"' if quoted && characters.peek() == Some(&'"') => {
                    characters.next();
                    field.push('"');
                }
                '"' => quoted = !quoted,
                c if quoted => field.push(c),
                c if c == separator => line.push(std::mem::take(&mut field)),
                '\n' => {
                    line.push(std::mem::take(&mut field));
                    lines.push(std::mem::take(&mut line));
                }
                c => field.push(c),
            }
        }
        assert!(
            !quoted && line.is_empty() && field.is_empty(),
            "{text:?} has no end"
        );
        lines
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_it_was(
            lines in prop::collection::vec(prop::collection::vec(any::<String>(), 3), 1..6),
            separator in prop::sample::select(vec![',', '\t']),
        ) {
            let mut bytes = Vec::new();
            let mut table = Table::new(&mut bytes, separator);
            for line in &lines {
                for text in line {
                    table.text(text)?;
                }
                table.end()?;
            }
            let written = String::from_utf8(bytes).expect("UTF-8");
            prop_assert_eq!(read(&written, separator), lines);
        }

        #[test]
        fn any_number_is_read_as_it_was(bits in any::<u32>()) {
            let number = f32::from_bits(bits);
            let mut bytes = Vec::new();
            Table::new(&mut bytes, ',').number(number)?;
            let written = String::from_utf8(bytes).expect("UTF-8");
            prop_assert!(written.len() <= 20, "{}", written);
            let read: f32 = written.parse().expect("a number");
            prop_assert!(read.to_bits() == bits || read.is_nan() && number.is_nan());
        }
    }

    #[test]
    fn only_what_has_to_be_is_quoted() {
        let mut bytes = Vec::new();
        let mut table = Table::new(&mut bytes, ',');
        for text in ["plain", " the", "a,b", "say \"x\"", "\n", "", "é字😀"] {
            table.text(text).expect("written");
        }
        table.number(0.1).expect("written");
        table.number(1e-30).expect("written");
        table.end().expect("written");
        assert_eq!(
            String::from_utf8(bytes).expect("UTF-8"),
            "plain,\" the\",\"a,b\",\"say \"\"x\"\"\",\"\n\",\"\",é字😀,0.1,1e-30\n"
        );
    }
}
