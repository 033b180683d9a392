use std::fmt::{self, Display, Write};

use super::xml::Escaped;
use crate::session::{Colours, Inks, bytes};

/// Arial and Liberation Sans have the widths of Helvetica, which is what text is laid out by.
const FACES: &str = "Helvetica, Arial, 'Liberation Sans', 'Noto Sans CJK SC', sans-serif";

/// A length in points, with two decimals at most.
pub(super) struct Px(pub f32);

impl Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never −0.
        write!(f, "{}", (self.0 * 100.0).round() / 100.0 + 0.0)
    }
}

/// A colour of sRGB bytes.
pub(super) struct Hex(pub [u8; 3]);

impl Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// Attributes of an element.
pub(super) type Attributes<'a> = [(&'a str, &'a dyn Display)];

/// A picture being written; elements go on it from back to front.
pub(super) struct Page {
    body: String,
    /// The colours of its words.
    pub inks: &'static Inks,
    colours: Colours,
}

impl Page {
    pub fn new(colours: Colours) -> Self {
        Self {
            body: String::new(),
            inks: Inks::of(colours.theme),
            colours,
        }
    }

    /// An element without content.
    pub fn leaf(&mut self, name: &str, attributes: &Attributes<'_>) {
        self.tag(name, attributes, "/>\n");
    }

    /// Begins an element.
    pub fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
        self.tag(name, attributes, ">");
    }

    /// Ends it.
    pub fn close(&mut self, name: &str) {
        // Writing to memory cannot fail, here and below.
        let _ = writeln!(self.body, "</{name}>");
    }

    /// Ends it with nothing after it, where a line's end would be a space between words.
    pub fn end_inline(&mut self, name: &str) {
        let _ = write!(self.body, "</{name}>");
    }

    /// What a browser shows when the pointer rests on the element that was begun last.
    pub fn title(&mut self, words: &str) {
        let _ = write!(self.body, "<title>{}</title>", Escaped(&words));
    }

    /// Words whose line stands at `y`.
    pub fn words(
        &mut self,
        x: f32,
        y: f32,
        size: f32,
        ink: [u8; 3],
        more: &Attributes<'_>,
        words: &str,
    ) {
        self.open_words(x, y, size, ink, more);
        self.say(words);
        self.close("text");
    }

    /// Begins words that [`Page::say`] goes on with; end them as `text`.
    pub fn open_words(&mut self, x: f32, y: f32, size: f32, ink: [u8; 3], more: &Attributes<'_>) {
        let (x, y, size, ink) = (Px(x), Px(y), Px(size), Hex(ink));
        let place: [(&str, &dyn Display); 4] =
            [("x", &x), ("y", &y), ("font-size", &size), ("fill", &ink)];
        self.open("text", &[&place[..], more].concat());
    }

    /// Words within an element for words.
    pub fn say(&mut self, words: &str) {
        let _ = write!(self.body, "{}", Escaped(&words));
    }

    fn tag(&mut self, name: &str, attributes: &Attributes<'_>, end: &str) {
        let _ = write!(self.body, "<{name}");
        for (name, value) in attributes {
            let _ = write!(self.body, " {name}=\"{}\"", Escaped(*value));
        }
        self.body += end;
    }

    /// The whole file; `title` says what it is.
    pub fn finish(self, width: f32, height: f32, title: &str) -> String {
        let mut file = Self::new(self.colours);
        let (width, height) = (Px(width.ceil()), Px(height.ceil()));
        let window = format!("0 0 {width} {height}");
        let root: [(&str, &dyn Display); 7] = [
            ("xmlns", &"http://www.w3.org/2000/svg"),
            ("xmlns:xlink", &"http://www.w3.org/1999/xlink"),
            ("width", &width),
            ("height", &height),
            ("viewBox", &window),
            ("font-family", &FACES),
            ("role", &"img"),
        ];
        file.open("svg", &root);
        file.title(title);
        file.body.push('\n');
        let ground = Hex(bytes(self.colours.ground()));
        let whole: [(&str, &dyn Display); 4] = [
            ("id", &"ground"),
            ("width", &width),
            ("height", &height),
            ("fill", &ground),
        ];
        file.leaf("rect", &whole);
        file.body += &self.body;
        file.close("svg");
        file.body
    }
}
