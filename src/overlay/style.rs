use egui::{
    Color32, Context, CornerRadius, FontDefinitions, FontFamily, FontId, Frame, Margin, Rgba,
    Stroke, TextStyle, Theme, Visuals,
};

use crate::{
    model::visible,
    session::{Colour, bytes},
};

pub(super) const CARD: Color32 = Color32::from_rgb(14, 17, 23);
pub(super) const PANEL: Color32 = Color32::from_rgb(15, 18, 25);
pub(super) const FIELD: Color32 = Color32::from_rgb(22, 27, 36);
pub(super) const BUTTON: Color32 = Color32::from_rgb(34, 41, 54);
pub(super) const TEXT: Color32 = Color32::from_rgb(208, 214, 224);
pub(super) const FAINT: Color32 = Color32::from_rgb(128, 138, 154);
pub(super) const STRONG: Color32 = Color32::from_rgb(244, 246, 250);
pub(super) const ACCENT: Color32 = Color32::from_rgb(224, 120, 24);
pub(super) const GOOD: Color32 = Color32::from_rgb(85, 168, 154);
pub(super) const BAD: Color32 = Color32::from_rgb(232, 92, 80);
/// Full surprise.
pub(super) const SURPRISE: Color32 = Color32::from_rgb(214, 150, 255);

/// Dark, calm, flat.
pub fn apply(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    // The text face has few symbols; the monospaced one has arrows, brackets and mathematics.
    if let Some(faces) = fonts.families.get_mut(&FontFamily::Proportional) {
        faces.insert(1, "Hack".into());
    }
    ctx.set_fonts(fonts);
    ctx.set_theme(Theme::Dark);
    ctx.all_styles_mut(|style| {
        let mut visuals = Visuals::dark();
        visuals.panel_fill = PANEL;
        visuals.window_fill = PANEL;
        visuals.extreme_bg_color = FIELD;
        visuals.override_text_color = Some(TEXT);
        visuals.selection.bg_fill = Color32::from_rgb(38, 74, 120);
        visuals.selection.stroke = Stroke::new(1.0, STRONG);
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
        visuals.widgets.inactive.bg_fill = BUTTON;
        visuals.widgets.inactive.weak_bg_fill = BUTTON;
        visuals.widgets.hovered.weak_bg_fill = Color32::from_rgb(44, 53, 70);
        visuals.widgets.active.weak_bg_fill = Color32::from_rgb(54, 65, 86);
        style.visuals = visuals;
        style.spacing.item_spacing = egui::vec2(8.0, 6.0);
        style.spacing.button_padding = egui::vec2(10.0, 4.0);
        style.spacing.slider_width = 150.0;
        style
            .text_styles
            .insert(TextStyle::Body, FontId::proportional(13.5));
        style
            .text_styles
            .insert(TextStyle::Button, FontId::proportional(13.5));
        style
            .text_styles
            .insert(TextStyle::Small, FontId::proportional(11.5));
        style
            .text_styles
            .insert(TextStyle::Heading, FontId::proportional(19.0));
        style
            .text_styles
            .insert(TextStyle::Monospace, FontId::monospace(12.5));
    });
}

pub(super) fn panel_frame() -> Frame {
    Frame::new()
        .fill(PANEL)
        .inner_margin(Margin::symmetric(16, 14))
}

pub(super) fn colour(colour: Colour) -> Color32 {
    let [red, green, blue] = bytes(colour);
    Color32::from_rgb(red, green, blue)
}

/// Text that can be read on a ground.
pub(super) fn ink_on(ground: Color32) -> Color32 {
    match luminance(ground) {
        light if light > 0.22 => Color32::from_rgb(12, 14, 18),
        middle if middle > 0.05 => STRONG,
        _ => TEXT,
    }
}

/// Relative luminance.
fn luminance(colour: Color32) -> f32 {
    let [red, green, blue, _] = Rgba::from(colour).to_array();
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// A number in as few characters as tell it.
pub(super) fn number(value: f32) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".into()
    } else if (0.001..1000.0).contains(&size) {
        format!("{value:.3}")
    } else {
        format!("{value:.1e}")
    }
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
    use crate::session::{Colours, Palette, Theme};

    #[test]
    fn text_can_be_read_on_every_colour_of_every_palette() {
        for palette in Palette::ALL {
            for theme in Theme::ALL {
                let colours = Colours { palette, theme };
                for step in 0..=200 {
                    let ground = colour(colours.diverging(step as f32 / 100.0 - 1.0));
                    let (a, b) = (luminance(ground), luminance(ink_on(ground)));
                    let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                    assert!(contrast > 3.5, "{contrast} on {ground:?} of {colours:?}");
                }
            }
        }
    }
}
