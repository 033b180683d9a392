//! The camera: where it can go, and what moves it just now.

use egui::{
    Align2, Area, Button, Context, Frame, Margin, Order, RichText, Ui, WidgetInfo, WidgetType,
    containers::menu::MenuButton,
};

use super::{Facts, access, covered, covered_beside, menu::item, style};
use crate::{
    camera::Drive,
    session::{Bookmarks, Intent},
};

/// Ways to look at the whole, and places to look from again.
pub(super) fn menu(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let button = Button::new(RichText::new("views").size(12.5)).frame_when_inactive(false);
    MenuButton::from_button(button).ui(ui, |ui| {
        access::menu(ui, "views");
        ui.set_min_width(230.0);
        item(ui, facts, "show everything", intents);
        item(ui, facts, "focus the token", intents);
        for side in crate::camera::Side::ALL {
            item(ui, facts, &format!("from the {}", side.name()), intents);
        }
        ui.separator();
        item(ui, facts, "fly", intents);
        item(ui, facts, "turntable", intents);
        ui.separator();
        bookmarks(ui, facts, intents);
    });
}

/// Nine digits; those that are there are bright.
fn bookmarks(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let ink = style::ink(ui.ctx());
    ui.label(RichText::new("Bookmarks").small().color(ink.faint));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for number in Bookmarks::numbers() {
            let is_there = facts.session.bookmarks.get(number).is_some();
            let digit = RichText::new(number.to_string()).size(13.0);
            let digit = match is_there {
                true => digit.strong().color(ink.strong),
                false => digit.color(ink.faint),
            };
            let response = access::selectable(ui, is_there, digit);
            let name = format!("bookmark {number}");
            response
                .widget_info(|| WidgetInfo::selected(WidgetType::Button, true, is_there, &name));
            let response = response.on_hover_text(if is_there {
                format!("Go there (Ctrl+{number}); Shift+click keeps the view of now in its place")
            } else {
                format!("Shift+click keeps the view of now here (Ctrl+Shift+{number})")
            });
            if !response.clicked() {
                continue;
            }
            let store = ui.input(|input| input.modifiers.shift);
            match facts.pose {
                Some(pose) if store => intents.push(Intent::StoreBookmark(number, pose)),
                _ if is_there && !store => {
                    intents.push(Intent::GoToBookmark(number));
                    ui.close();
                }
                _ => {}
            }
        }
    });
}

/// What moves the camera by itself or by other keys than usual, and how that ends.
pub(super) fn hint(ctx: &Context, facts: &Facts) {
    if facts.lattice.is_none() {
        return;
    }
    let text = match facts.drive {
        Drive::Rest => return,
        Drive::Turntable => "turning · a drag or Shift+T ends".to_owned(),
        Drive::Flight(pace) => {
            let speed = match pace {
                1.0 => String::new(),
                pace if pace < 1.0 => format!(" · speed × {pace:.2}"),
                pace => format!(" · speed × {pace:.1}"),
            };
            format!("flying · WASD QE, mouse looks, Shift faster, Alt slower, Esc ends{speed}")
        }
    };
    let screen = ctx.content_rect().size();
    let (left, right) = covered(facts.session.bare);
    let left = left + covered_beside(&facts.session, bevy::math::Vec2::new(screen.x, screen.y));
    let ink = style::ink(ctx);
    Area::new("drive".into())
        .anchor(Align2::CENTER_BOTTOM, [(left - right) * 0.5, -12.0])
        .order(Order::Background)
        .interactable(false)
        .show(ctx, |ui| {
            let margin = Margin::symmetric(10, 4);
            let frame = Frame::new().fill(ink.card).corner_radius(8);
            frame.inner_margin(margin).show(ui, |ui| {
                ui.set_max_width((screen.x - left - right - 40.0).max(160.0));
                ui.label(RichText::new(text).small().color(ink.text));
            });
        });
}
