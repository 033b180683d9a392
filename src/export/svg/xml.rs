use std::fmt::{self, Display, Write};

/// A value as it stands within an element or within double quotes.
pub(super) struct Escaped<'a>(pub &'a dyn Display);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '&' => self.0.write_str("&amp;")?,
                '<' => self.0.write_str("&lt;")?,
                '>' => self.0.write_str("&gt;")?,
                '"' => self.0.write_str("&quot;")?,
                // As they are, a reader would turn them into spaces.
                '\t' | '\n' | '\r' => write!(self.0, "&#{};", c as u32)?,
                // XML 1.0 has no way to write these.
                c if c < ' ' || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {
                    self.0.write_char('\u{FFFD}')?;
                }
                c => self.0.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_comes_back_from_an_xml_reader(text in any::<String>()) {
            let document = format!("<a b=\"{0}\">{0}</a>", Escaped(&text));
            let read = roxmltree::Document::parse(&document).expect("well-formed");
            let unwritable = |c: char| c < ' ' && !"\t\n\r".contains(c) || "\u{FFFE}\u{FFFF}".contains(c);
            let expected: String = text
                .chars()
                .map(|c| if unwritable(c) { '\u{FFFD}' } else { c })
                .collect();
            let element = read.root_element();
            prop_assert_eq!(element.attribute("b"), Some(expected.as_str()));
            prop_assert_eq!(element.text().unwrap_or_default(), expected.as_str());
        }
    }
}
