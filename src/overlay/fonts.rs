//! A face of the system for characters that egui's own faces lack.

use std::{
    collections::{BTreeSet, HashSet},
    io,
    sync::Arc,
};

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use egui::{
    Align, Button, Context, FontData, FontFamily, FontId, Layout, RichText, Ui,
    epaint::text::{FontInsert, FontPriority, InsertFontFamily},
    vec2,
};
use fontdb::Database;

use super::{Drafts, Facts, face::Face, style};
use crate::model::{TokenText, text_spans};

/// Faces taken from the system at most: each stays in memory.
const MOST: usize = 4;

/// Characters that the panels have to show and no loaded face has. The panels take note of them; whoever
/// drives the panels searches for a face, with [`Faces::wanted`] and [`Faces::answer`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faces {
    looked_at: HashSet<char>,
    text: Option<Arc<Vec<TokenText>>>,
    prompt: String,
    lacking: BTreeSet<char>,
    hopeless: BTreeSet<char>,
    searching: bool,
    found: usize,
    dismissed: bool,
}

impl Faces {
    /// Takes note of what is to be shown.
    pub(super) fn look(&mut self, ctx: &Context, facts: &Facts, prompt: &str) {
        if self.prompt != prompt {
            prompt.clone_into(&mut self.prompt);
            self.look_at(ctx, prompt);
        }
        let same = |text: &Arc<_>| Arc::ptr_eq(text, &facts.tokens);
        if !self.text.as_ref().is_some_and(same) {
            self.text = Some(facts.tokens.clone());
            for span in text_spans(&facts.tokens) {
                self.look_at(ctx, &span.text);
            }
        }
        let after = facts.prediction.iter().flat_map(|(.., texts)| texts);
        let before = facts.pointed.iter().flat_map(|pointed| &pointed.expected);
        for text in after.chain(before.flat_map(|(_, texts)| texts)) {
            self.look_at(ctx, &text.text);
        }
        let film = facts.session.film.iter();
        let said = film.flat_map(|film| {
            let cards = [&film.title, &film.end].into_iter().flatten();
            let captions = film.keys.iter().filter_map(|key| key.caption.as_ref());
            cards.map(|card| &card.text).chain(captions)
        });
        let on_show = facts.clip.iter().flat_map(|clip| {
            let card = clip.card.as_ref().map(|card| &card.text);
            clip.caption.iter().chain(card)
        });
        for text in said.chain(on_show) {
            self.look_at(ctx, text);
        }
        let names = [&facts.session.model].into_iter().chain(&facts.error);
        for name in names {
            self.look_at(ctx, name);
        }
    }

    fn look_at(&mut self, ctx: &Context, text: &str) {
        if text.is_ascii() {
            return;
        }
        for c in text.chars().filter(|c| has_ink(*c)) {
            if self.looked_at.insert(c) && !is_drawn(ctx, c) {
                self.lacking.insert(c);
            }
        }
    }

    /// The characters to search a face for, unless a search is going on or nothing is missing. The search
    /// then counts as begun.
    pub fn wanted(&mut self, ctx: &Context) -> Option<Vec<char>> {
        if self.searching || self.lacking.is_empty() {
            return None;
        }
        // Faces may have come since the characters were looked at.
        self.lacking.retain(|c| !is_drawn(ctx, *c));
        if self.found == MOST {
            self.give_up();
        }
        self.searching = !self.lacking.is_empty();
        self.searching
            .then(|| self.lacking.iter().copied().collect())
    }

    /// What the search for the wanted characters has come to. A face is used from the next pass on;
    /// characters that it lacks are wanted anew.
    pub fn answer(&mut self, ctx: &Context, face: Option<Face>) {
        self.searching = false;
        let Some(face) = face else {
            return self.give_up();
        };
        self.found += 1;
        self.lacking.retain(|c| !face.covers.contains(c));
        let mut data = FontData::from_static(face.bytes);
        data.index = face.index;
        let families = [FontFamily::Proportional, FontFamily::Monospace];
        ctx.add_font(FontInsert {
            // Two faces of one name would be one to egui.
            name: format!("system {}: {}", self.found, face.name),
            data,
            families: families
                .map(|family| InsertFontFamily {
                    family,
                    priority: FontPriority::Lowest,
                })
                .into(),
        });
        ctx.request_repaint();
    }

    fn give_up(&mut self) {
        self.hopeless.append(&mut self.lacking);
        self.dismissed = false;
    }

    /// Nothing is searched for, and nothing has to be.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !self.searching && self.lacking.is_empty()
    }

    /// What no face was found for, and what helps.
    fn complaint(&self) -> Option<String> {
        if self.hopeless.is_empty() || self.dismissed {
            return None;
        }
        let what = match self.hopeless.len() {
            1 => "one character".to_owned(),
            count => format!("{count} characters"),
        };
        let packages: BTreeSet<_> = self.hopeless.iter().map(|c| package(*c)).collect();
        let packages: Vec<_> = packages.into_iter().collect();
        let cure = if cfg!(target_os = "linux") {
            format!("on Debian and Ubuntu install {}", packages.join(" and "))
        } else {
            "install one".to_owned()
        };
        Some(format!("No font here has {what} of this text: {cure}."))
    }
}

/// Says that no face was found, until it is put away.
pub(super) fn note(ui: &mut Ui, drafts: &mut Drafts) {
    let Some(complaint) = drafts.faces.complaint() else {
        return;
    };
    let row = vec2(ui.available_width(), 0.0);
    let from_right = Layout::right_to_left(Align::TOP);
    ui.allocate_ui_with_layout(row, from_right, |ui| {
        let close = Button::new(RichText::new("×").color(style::ink(ui.ctx()).faint)).frame(false);
        if ui.add(close).on_hover_text("Put this note away").clicked() {
            drafts.faces.dismissed = true;
        }
        let line = vec2(ui.available_width(), 0.0);
        ui.allocate_ui_with_layout(line, Layout::top_down(Align::LEFT), |ui| {
            ui.label(
                RichText::new(complaint)
                    .small()
                    .color(style::ink(ui.ctx()).faint),
            );
        });
    });
}

/// The Debian package with a face for it.
fn package(c: char) -> &'static str {
    match c {
        '\u{1100}'..='\u{11FF}'
        | '\u{2E80}'..='\u{A4CF}'
        | '\u{A960}'..='\u{A97F}'
        | '\u{AC00}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE4F}'
        | '\u{FF00}'..='\u{FFEF}'
        | '\u{20000}'..='\u{3FFFF}' => "fonts-noto-cjk",
        // Emoji; those of Noto are pictures, which egui does not draw.
        '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}' => "fonts-symbola",
        _ => "fonts-noto-core",
    }
}

/// Whether it is drawn at all, wherever a face has it.
fn has_ink(c: char) -> bool {
    !(c.is_ascii() || c.is_whitespace() || c.is_control() || style::is_selector(c))
}

fn is_drawn(ctx: &Context, c: char) -> bool {
    // egui draws this in place of what it lacks, and takes it for lacking.
    const REPLACEMENT: char = '◻';
    let body = FontId::proportional(13.0);
    c == REPLACEMENT || ctx.fonts_mut(|fonts| fonts.has_glyph(&body, c))
}

/// A search for a face, on its own thread: a system may have thousands of faces.
#[derive(Debug)]
pub struct Search(Receiver<Option<Face>>);

impl Search {
    /// Begins to search the system for a face with these characters.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(wanted: Vec<char>) -> io::Result<Self> {
        let (sender, receiver) = bounded(1);
        std::thread::Builder::new()
            .name("fonts".into())
            .spawn(move || {
                let mut system = Database::new();
                system.load_system_fonts();
                // Nobody listens any more when the window has closed.
                let _ = sender.send(Face::find(&system, &wanted));
            })?;
        Ok(Self(receiver))
    }

    /// What it has come to; none while it goes on.
    #[must_use]
    pub fn take(&self) -> Option<Option<Face>> {
        match self.0.try_recv() {
            Ok(found) => Some(found),
            Err(TryRecvError::Empty) => None,
            // The thread has ended without a word.
            Err(TryRecvError::Disconnected) => Some(None),
        }
    }
}
