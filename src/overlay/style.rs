use egui::{
    Color32, Context, CornerRadius, FontDefinitions, FontFamily, FontId, Frame, Margin, Stroke,
    Style, TextStyle, Theme,
};

use crate::{
    model::visible,
    session::{self, Colour, Inks, bytes},
};

pub(super) use crate::score::number;

/// The colours of the panels on one ground.
pub(super) struct Ink {
    /// Cards over the picture.
    pub card: Color32,
    pub panel: Color32,
    pub field: Color32,
    pub button: Color32,
    hovered: Color32,
    pressed: Color32,
    pub chosen: Color32,
    pub text: Color32,
    pub faint: Color32,
    pub strong: Color32,
    pub accent: Color32,
    /// Headings of a sheet.
    pub heading: Color32,
    /// The one button that starts something, and what stands on it.
    pub run: [Color32; 2],
    pub good: Color32,
    pub bad: Color32,
    /// What went wrong: ground and text.
    pub error: [Color32; 2],
    /// Full surprise.
    pub surprise: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const fn opaque([red, green, blue]: [u8; 3]) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

const DARK: Ink = Ink {
    card: opaque(Inks::DARK.card),
    panel: rgb(0x0f1219),
    field: rgb(0x161b24),
    button: rgb(0x222936),
    hovered: rgb(0x2c3546),
    pressed: rgb(0x364156),
    chosen: rgb(0x264a78),
    text: opaque(Inks::DARK.text),
    faint: opaque(Inks::DARK.faint),
    strong: opaque(Inks::DARK.strong),
    accent: rgb(0xe07818),
    heading: rgb(0xe07818),
    run: [rgb(0x964e10), rgb(0xf4f6fa)],
    good: rgb(0x55a89a),
    bad: rgb(0xe85c50),
    error: [rgb(0x341616), rgb(0xffcdc6)],
    surprise: opaque(Inks::DARK.surprise),
};

const LIGHT: Ink = Ink {
    card: opaque(Inks::LIGHT.card),
    panel: rgb(0xf0f2f6),
    field: rgb(0xffffff),
    button: rgb(0xdfe4ec),
    hovered: rgb(0xd2d9e4),
    pressed: rgb(0xc2ccdb),
    chosen: rgb(0xbcd6f7),
    text: opaque(Inks::LIGHT.text),
    faint: opaque(Inks::LIGHT.faint),
    strong: opaque(Inks::LIGHT.strong),
    accent: rgb(0xe8924a),
    heading: rgb(0xa8500c),
    run: [rgb(0xb8590f), rgb(0xffffff)],
    good: rgb(0x2b8478),
    bad: rgb(0xc23a2e),
    error: [rgb(0xfbe3e0), rgb(0x7c1d14)],
    surprise: opaque(Inks::LIGHT.surprise),
};

/// The colours of the ground that is on show.
pub(super) fn ink(ctx: &Context) -> &'static Ink {
    match ctx.theme() {
        Theme::Dark => &DARK,
        Theme::Light => &LIGHT,
    }
}

/// Calm and flat, on a dark and on a light ground.
pub fn apply(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    // The text face has few symbols; the monospaced one has arrows, brackets and mathematics.
    if let Some(faces) = fonts.families.get_mut(&FontFamily::Proportional) {
        faces.insert(1, "Hack".into());
    }
    ctx.set_fonts(fonts);
    for (theme, ink) in [(Theme::Dark, &DARK), (Theme::Light, &LIGHT)] {
        ctx.style_mut_of(theme, |style| dress(style, theme, ink));
    }
    ctx.set_theme(Theme::Dark);
}

/// Puts the panels on the ground that the session has, and lets them come by and by, or at once.
pub(super) fn follow(ctx: &Context, theme: session::Theme, moves: bool) {
    let takes = match moves {
        true => Style::default().animation_time,
        false => 0.0,
    };
    if ctx.global_style().animation_time != takes {
        ctx.all_styles_mut(|style| style.animation_time = takes);
    }
    let theme = match theme {
        session::Theme::Dark => Theme::Dark,
        session::Theme::Light => Theme::Light,
    };
    if ctx.theme() != theme {
        ctx.set_theme(theme);
    }
}

fn dress(style: &mut Style, theme: Theme, ink: &Ink) {
    let mut visuals = theme.default_visuals();
    visuals.panel_fill = ink.panel;
    visuals.window_fill = ink.panel;
    visuals.extreme_bg_color = ink.field;
    visuals.override_text_color = Some(ink.text);
    visuals.selection.bg_fill = ink.chosen;
    visuals.selection.stroke = Stroke::new(1.0_f32, ink.strong);
    for widget in [
        &mut visuals.widgets.inactive,
        &mut visuals.widgets.hovered,
        &mut visuals.widgets.active,
        &mut visuals.widgets.open,
    ] {
        widget.corner_radius = CornerRadius::same(5);
        widget.bg_stroke = Stroke::NONE;
        widget.expansion = 0.0;
    }
    visuals.widgets.inactive.bg_fill = ink.button;
    visuals.widgets.open.weak_bg_fill = ink.button;
    visuals.widgets.inactive.weak_bg_fill = ink.button;
    visuals.widgets.hovered.weak_bg_fill = ink.hovered;
    visuals.widgets.active.weak_bg_fill = ink.pressed;
    // What has the keyboard has to be seen.
    visuals.widgets.active.bg_stroke = Stroke::new(1.5_f32, ink.heading);
    style.visuals = visuals;
    style.spacing.item_spacing = egui::vec2(8.0, 6.0);
    style.spacing.button_padding = egui::vec2(10.0, 4.0);
    style.spacing.slider_width = 150.0;
    let sizes = [
        (TextStyle::Body, FontId::proportional(13.5)),
        (TextStyle::Button, FontId::proportional(13.5)),
        (TextStyle::Small, FontId::proportional(11.5)),
        (TextStyle::Heading, FontId::proportional(19.0)),
        (TextStyle::Monospace, FontId::monospace(12.5)),
    ];
    style.text_styles.extend(sizes);
}

pub(super) fn panel_frame(ctx: &Context) -> Frame {
    Frame::new()
        .fill(ink(ctx).panel)
        .inner_margin(Margin::symmetric(16, 14))
}

pub(super) fn colour(colour: Colour) -> Color32 {
    opaque(bytes(colour))
}

/// Text that can be read on a ground.
pub(super) fn ink_on(ground: Color32) -> Color32 {
    opaque(Inks::on([ground.r(), ground.g(), ground.b()]))
}

/// Text with its whitespace visible, in characters the faces have.
pub(super) fn shown(text: &str) -> String {
    let drawn: String = text.chars().filter(|c| !is_selector(*c)).collect();
    if drawn.is_empty() && !text.is_empty() {
        return "⟨variation⟩".into();
    }
    visible(&drawn).replace('␣', "·").replace('⏎', "↵")
}

/// Variation selectors: they ask for another form of the character before them, which the faces have not.
pub(super) fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pairs of letters and ground that panels have, with the least contrast that each may have: 4.5 by WCAG 2.2 for
    /// text, 3 for what is large or tells nothing of its own; faint text may have a little less.
    fn pairs(ink: &Ink) -> Vec<(&'static str, Color32, Color32, f32)> {
        vec![
            ("text on a panel", ink.text, ink.panel, 4.5),
            ("text on a card", ink.text, ink.card, 4.5),
            ("text in a field", ink.text, ink.field, 4.5),
            ("text on a button", ink.text, ink.button, 4.5),
            (
                "text on a button under the pointer",
                ink.text,
                ink.hovered,
                4.5,
            ),
            ("text on a chosen button", ink.text, ink.chosen, 4.5),
            (
                "the button that starts something",
                ink.run[1],
                ink.run[0],
                4.5,
            ),
            ("an error", ink.error[1], ink.error[0], 4.5),
            ("strong text on a card", ink.strong, ink.card, 4.5),
            ("faint text on a panel", ink.faint, ink.panel, 4.3),
            ("faint text on a card", ink.faint, ink.card, 4.3),
            ("headings of a sheet", ink.heading, ink.panel, 4.5),
            (
                "line around what has the keyboard",
                ink.heading,
                ink.panel,
                3.0,
            ),
            ("good", ink.good, ink.panel, 3.0),
            ("bad", ink.bad, ink.panel, 3.0),
        ]
    }

    fn contrast(letters: Color32, ground: Color32) -> f32 {
        let [letters, ground] = [letters, ground].map(|of| [of.r(), of.g(), of.b()]);
        session::contrast(letters, ground)
    }

    #[test]
    fn letters_can_be_read_and_the_documents_say_how_well() {
        let document = include_str!("../../docs/ACCESSIBILITY.md");
        let mut faint = Vec::new();
        for ((name, letters, ground, least), (_, other, light, _)) in
            pairs(&DARK).into_iter().zip(pairs(&LIGHT))
        {
            let both = [contrast(letters, ground), contrast(other, light)];
            let line = format!("| {name} | {:.1} | {:.1} |", both[0], both[1]);
            println!("{line}");
            if both.iter().any(|found| *found < least) {
                faint.push(format!("{line} of {least}"));
            }
            if !document.contains(&line) {
                faint.push(format!("{line} is not in the document"));
            }
        }
        assert!(faint.is_empty(), "{faint:#?}");
    }
}
