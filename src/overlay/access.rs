//! The panels for those who use them by keyboard or by ear.

use egui::{
    EventFilter, Key, Modifiers, Rect, Response, StrokeKind, Ui, WidgetText,
    accesskit::{Live, Role},
};

/// What a screen reader says of a control.
pub(super) trait Access {
    /// Called so, where looks alone tell what it is.
    fn named(self, name: &str) -> Self;
    /// Read out whenever it changes.
    fn spoken(self) -> Self;
}

impl Access for Response {
    fn named(self, name: &str) -> Self {
        let label = |node: &mut egui::accesskit::Node| node.set_label(name);
        self.ctx.accesskit_node_builder(self.id, label);
        self
    }

    fn spoken(self) -> Self {
        let live = |node: &mut egui::accesskit::Node| node.set_live(Live::Polite);
        self.ctx.accesskit_node_builder(self.id, live);
        self
    }
}

/// What is in `ui` belongs together under a name.
pub(super) fn group(ui: &Ui, name: &str) {
    ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
        node.set_role(Role::Group);
        node.set_label(name);
    });
}

/// What is in `ui` is a menu of that name: its ground, too, is a place where the keyboard stops.
pub(super) fn menu(ui: &Ui, name: &str) {
    let ground = ui.layer_id().id.with("move");
    ui.ctx().accesskit_node_builder(ground, |node| {
        node.set_role(Role::Menu);
        node.set_label(name);
    });
}

/// A line around what is painted by hand, when it has the keyboard.
pub(super) fn ring(ui: &Ui, response: &Response, rect: Rect) {
    if response.has_focus() {
        let stroke = ui.visuals().widgets.active.bg_stroke;
        ui.painter()
            .rect_stroke(rect, 3, stroke, StrokeKind::Inside);
    }
}

/// What keys ask of a picture that has the keyboard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Steps {
    /// To the right.
    pub x: isize,
    /// Down.
    pub y: isize,
    /// Nearer.
    pub zoom: isize,
    /// To the beginning.
    pub home: bool,
    /// To the end.
    pub end: bool,
}

/// Arrows, + and −, Home and End; Shift makes ten steps of one.
pub(super) fn steps(ui: &Ui, response: &Response) -> Steps {
    if !response.has_focus() {
        return Steps::default();
    }
    // Else arrows would lead to another control.
    let filter = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    ui.input_mut(|input| {
        let mut count = |modifiers, key| input.count_and_consume_key(modifiers, key) as isize;
        // What is asked for without Shift is there with it too.
        let mut steps = |key| 10 * count(Modifiers::SHIFT, key) + count(Modifiers::NONE, key);
        let [right, left] = [Key::ArrowRight, Key::ArrowLeft].map(&mut steps);
        let [down, up] = [Key::ArrowDown, Key::ArrowUp].map(steps);
        let [plus, equals, minus, home, end] =
            [Key::Plus, Key::Equals, Key::Minus, Key::Home, Key::End]
                .map(|key| count(Modifiers::NONE, key));
        Steps {
            x: right - left,
            y: down - up,
            zoom: plus + equals - minus,
            home: home > 0,
            end: end > 0,
        }
    })
}

/// A button that stays chosen, and says so.
pub(super) fn selectable(ui: &mut Ui, chosen: bool, text: impl Into<WidgetText>) -> Response {
    let button = ui.selectable_label(chosen, text);
    let toggled = |node: &mut egui::accesskit::Node| node.set_toggled(chosen.into());
    ui.ctx().accesskit_node_builder(button.id, toggled);
    button
}
