//! Layout and colours, the text, the camera.

use super::{FLY, Group, Situation, Table, beside};
use crate::{
    camera::{Navigation, Side},
    lattice::Layout,
    session::{Bookmarks, Chord, Intent, Key, Palette, TextOption, Theme},
};

pub(super) fn list(table: &mut Table) {
    view(table);
    super::changes::comparisons(table);
    text(table);
    camera(table);
}

fn view(table: &mut Table) {
    let group = Group::View;
    let (l, c) = (Chord::letter('l'), Chord::letter('c'));
    for (name, key, step) in [("next layout", l, 1), ("previous layout", l.shift(), -1)] {
        table.add(group, name, &[key], move |now| {
            beside(&Layout::ALL, step, |it| *it == now.session.layout).map(Intent::Layout)
        });
    }
    table.opposite();
    for layout in Layout::ALL {
        let name = format!("layout: {}", layout.name());
        table.add(group, name, &[], move |now| {
            (now.session.layout != layout).then_some(Intent::Layout(layout))
        });
    }
    for (name, key, step) in [("next colours", c, 1), ("previous colours", c.shift(), -1)] {
        table.add(group, name, &[key], move |now| {
            beside(&Palette::ALL, step, |it| *it == now.session.palette).map(Intent::Palette)
        });
    }
    table.opposite();
    for palette in Palette::ALL {
        let name = format!("colours: {}", palette.name());
        table.add(group, name, &[], move |now| {
            (now.session.palette != palette).then_some(Intent::Palette(palette))
        });
    }
    table.add(group, "dark or light", &[Chord::letter('t')], |now| {
        beside(&Theme::ALL, 1, |it| *it == now.session.theme).map(Intent::Theme)
    });
    table.add(group, "motion on or off", &[Chord::letter('y')], |now| {
        Some(Intent::Motion(!now.session.motion))
    });
    table.add(group, "matrix of the head", &[Chord::letter('j')], |now| {
        Some(Intent::Matrix(!now.session.matrix))
    });
    table.add(group, "logit lens", &[Chord::letter('j').shift()], |now| {
        Some(Intent::Lens(!now.session.lens))
    });
    table.add(
        group,
        "state of the head",
        &[Chord::letter('j').alt()],
        |now| Some(Intent::StateView(!now.session.state_view)),
    );
    table.add(group, "hide or show panels", &[Chord::of(Key::Tab)], |_| {
        Some(Intent::ToggleOverlay)
    });
}

fn text(table: &mut Table) {
    for (option, name, letter) in [
        (TextOption::Words, "whole words", 'w'),
        (TextOption::Whitespace, "white space", 'i'),
        (TextOption::Surprise, "surprise", 'u'),
    ] {
        table.add(Group::Text, name, &[Chord::letter(letter)], move |_| {
            Some(Intent::ToggleText(option))
        });
    }
}

fn camera(table: &mut Table) {
    let group = Group::Camera;
    let everything = [Chord::of(Key::Home), Chord::letter('r')];
    table.add(group, "show everything", &everything, |now| {
        now.shape.map(|_| Intent::FrameAll)
    });
    let focus = [Chord::letter('f'), Chord::of(Key::Numpad('.'))];
    table.add(group, "focus the token", &focus, |now| {
        now.token().map(|_| Intent::FocusSelection)
    });
    for (side, digit) in Side::ALL.into_iter().zip(['1', '3', '7']) {
        let keys = [Chord::sign(digit).alt(), Chord::of(Key::Numpad(digit))];
        let name = format!("from the {}", side.name());
        table.add(group, name, &keys, move |now| {
            now.shape.map(|_| Intent::Look(side))
        });
    }
    let fly = Chord::letter('f').shift();
    table.add(group, FLY, &[fly], |now| {
        now.shape.map(|_| Intent::ToggleFlight)
    });
    table.add(group, "turntable", &[Chord::letter('t').shift()], |now| {
        now.shape.map(|_| Intent::ToggleTurntable)
    });
    bookmarks(table);
    let next = |now: &Situation| {
        let is_now = |it: &Navigation| *it == now.session.navigation;
        beside(&Navigation::ALL, 1, is_now).map(Intent::Navigation)
    };
    table.add(
        group,
        "next mouse preset",
        &[Chord::letter('r').shift()],
        next,
    );
    for navigation in Navigation::ALL {
        let name = format!("mouse as in {}", navigation.name());
        table.add(group, name, &[], move |now| {
            (now.session.navigation != navigation).then_some(Intent::Navigation(navigation))
        });
    }
}

fn bookmarks(table: &mut Table) {
    let group = Group::Camera;
    let key = |number| Chord::of(Key::Digit(number)).ctrl();
    for number in Bookmarks::numbers() {
        let name = format!("go to bookmark {number}");
        table.add(group, name, &[key(number)], move |now| {
            let is_there = now.session.bookmarks.get(number).is_some();
            (is_there && now.shape.is_some()).then_some(Intent::GoToBookmark(number))
        });
    }
    for number in Bookmarks::numbers() {
        let name = format!("store bookmark {number}");
        table.add(group, name, &[key(number).shift()], move |now| {
            let pose = now.pose.filter(|_| now.shape.is_some())?;
            Some(Intent::StoreBookmark(number, pose))
        });
    }
}
