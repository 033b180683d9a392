//! Keys as they look on a keyboard.

use egui::{Align2, FontId, Painter, Pos2, Rect, pos2, vec2};

use super::style;

const SIZE: f32 = 11.0;
const HEIGHT: f32 = 17.0;
const GAP: f32 = 4.0;

/// Paints keys side by side so that they end at a place, in the middle of its height; tells where they begin.
pub(super) fn paint(painter: &Painter, end: Pos2, keys: &[impl ToString]) -> f32 {
    let ink = style::ink(painter.ctx());
    let mut right = end.x;
    for key in keys.iter().rev() {
        let font = FontId::proportional(SIZE);
        let text = painter.layout_no_wrap(key.to_string(), font, ink.text);
        let width = (text.size().x + 10.0).max(HEIGHT);
        let min = pos2(right - width, end.y - HEIGHT * 0.5);
        let cap = Rect::from_min_size(min, vec2(width, HEIGHT));
        painter.rect_filled(cap, 4, ink.button);
        let at = Align2::CENTER_CENTER.anchor_size(cap.center(), text.size());
        painter.galley(at.min, text, ink.text);
        right -= width + GAP;
    }
    right
}

/// A name as the beginning of a line.
pub(super) fn title(name: &str) -> String {
    // Not that of a program.
    if name.starts_with("llm-viz") {
        return name.into();
    }
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}
