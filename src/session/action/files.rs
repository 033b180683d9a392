//! Files opened and written, and the clipboard.

use super::{Group, Reach, Situation, Table};
use crate::{
    model::Source,
    session::{Browse, Chord, Export, Intent, Sheet},
};

const GROUP: Group = Group::Files;

pub(super) fn list(table: &mut Table) {
    open(table);
    save(table);
    parts(table);
}

fn open(table: &mut Table) {
    let o = Chord::letter('o').ctrl();
    table.add_from(Reach::Field, GROUP, "open a file", &[o], |_| {
        Some(Intent::Browse(Browse::Open))
    });
    let d = Chord::letter('d').alt();
    for (source, key) in [(Source::DemoV6, d.shift()), (Source::DemoV7, d)] {
        let model = source.name();
        table.add(GROUP, format!("open {model}"), &[key], move |now| {
            (now.session.model != model).then(|| Intent::Open(model.clone()))
        });
    }
    table.opposite();
    // In a field the same key writes it there.
    let paste = Chord::letter('v').ctrl();
    table.add(GROUP, "read the clipboard", &[paste], |_| {
        Some(Intent::Paste)
    });
    let forget = Chord::letter('o').alt();
    table.add(GROUP, "forget the recent files", &[forget], |_| {
        Some(Intent::ForgetRecent)
    });
}

fn save(table: &mut Table) {
    let s = Chord::letter('s').ctrl();
    table.add_from(Reach::Field, GROUP, "save the session", &[s], |_| {
        Some(Intent::Browse(Browse::SaveSession))
    });
    let name = "save the run as a trace";
    table.add_from(Reach::Field, GROUP, name, &[s.shift()], |now| {
        now.shape.map(|_| Intent::Browse(Browse::SaveTrace))
    });
    for (name, letter, sheet) in [
        ("picture of the view", 'e', Sheet::Picture),
        ("record a clip", 'r', Sheet::Record),
    ] {
        let key = Chord::letter(letter).ctrl();
        table.add(GROUP, name, &[key], move |_| Some(Intent::Show(sheet)));
    }
}

/// What is done with each part of the view.
fn parts(table: &mut Table) {
    let key = |what| match what {
        Export::Row => Chord::letter('r').alt(),
        Export::Column => Chord::letter('c').alt(),
        Export::Matrix => Chord::letter('m').alt(),
        Export::Text => Chord::letter('t').alt(),
    };
    let possible = |now: &Situation, what| match what {
        Export::Row | Export::Column => now.token().is_some(),
        Export::Matrix => now.shape.is_some() && now.session.heads.single().is_some(),
        Export::Text => now.shape.is_some(),
    };
    for what in Export::ALL {
        let name = format!("export the {}", what.name());
        table.add(GROUP, name, &[key(what)], move |now| {
            possible(now, what).then_some(Intent::Browse(Browse::Export(what)))
        });
    }
    for what in Export::ALL {
        let name = format!("copy the {}", what.name());
        let mut keys = vec![key(what).shift()];
        if what == Export::Row {
            keys.insert(0, Chord::letter('c').ctrl());
        }
        table.add(GROUP, name, &keys, move |now| {
            possible(now, what).then_some(Intent::Copy(what))
        });
    }
}
