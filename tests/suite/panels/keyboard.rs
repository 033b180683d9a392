//! The panels without a mouse.

use super::stage::{Stage, selected};

/// What has the keyboard has a line around it that it did not have.
#[test]
fn what_has_the_keyboard_has_a_line_around_it() {
    let stage = Stage::new(selected("The cat sat on the mat.", 3));
    for theme in [egui::Theme::Dark, egui::Theme::Light] {
        let style = stage.ctx().style_of(theme);
        let widgets = &style.visuals.widgets;
        assert_eq!(widgets.inactive.bg_stroke.width, 0.0);
        assert!(widgets.active.bg_stroke.width >= 1.5);
    }
}
