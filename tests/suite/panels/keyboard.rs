//! Everything on the panels can be used without a mouse.

use std::collections::BTreeSet;

use egui::{Key, Modifiers, accesskit::Role};

use super::stage::{Stage, selected};

const TEXT: &str = "The cat sat on the mat.";

const CONTROLS: [Role; 9] = [
    Role::Button,
    Role::CheckBox,
    Role::ComboBox,
    Role::Link,
    Role::MultilineTextInput,
    Role::RadioButton,
    Role::Slider,
    Role::SpinButton,
    Role::TextInput,
];

/// By Tab alone every control that can be used is reached, once a round.
#[test]
fn every_control_is_reached_by_tab() {
    let mut stage = Stage::with_prompt(selected(TEXT, 3), TEXT);
    stage.field(Role::MultilineTextInput).focus();
    stage.rest();
    let wanted = stage.controls(&CONTROLS, false);
    assert!(wanted.len() > 25, "{wanted:#?}");
    let mut reached = BTreeSet::new();
    for _ in 0..2 * wanted.len() {
        stage.press(Modifiers::NONE, Key::Tab);
        reached.extend(stage.controls(&CONTROLS, true));
    }
    let missing: Vec<_> = wanted.difference(&reached).collect();
    assert!(missing.is_empty(), "not reached: {missing:#?}");
}

/// And is seen to be: what has the keyboard has a line around it that it did not have.
#[test]
fn what_has_the_keyboard_has_a_line_around_it() {
    let stage = Stage::new(selected(TEXT, 3));
    for theme in [egui::Theme::Dark, egui::Theme::Light] {
        let style = stage.ctx().style_of(theme);
        let widgets = &style.visuals.widgets;
        assert_eq!(widgets.inactive.bg_stroke.width, 0.0);
        assert!(widgets.active.bg_stroke.width >= 1.5);
    }
}
