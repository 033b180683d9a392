//! Runs, choices taken back, the sheets, the end.

use super::{Group, Reach, Situation, Table};
use crate::{
    model::Source,
    session::{Browse, Chord, Export, Intent, Key, Sheet},
};

pub(super) fn list(table: &mut Table) {
    let group = Group::Program;
    for (name, key, browse) in [
        ("open a file", Chord::letter('o').ctrl(), Browse::Open),
        (
            "save the session",
            Chord::letter('s').ctrl(),
            Browse::SaveSession,
        ),
    ] {
        table.add_from(Reach::Field, group, name, &[key], move |_| {
            Some(Intent::Browse(browse))
        });
    }
    let save = Chord::letter('s').ctrl().shift();
    table.add_from(
        Reach::Field,
        group,
        "save the run as a trace",
        &[save],
        |now| now.shape.map(|_| Intent::Browse(Browse::SaveTrace)),
    );
    for what in Export::ALL {
        let possible = move |now: &Situation| match what {
            Export::Row | Export::Column => now.token().is_some(),
            Export::Matrix => now.shape.is_some() && now.session.heads.single().is_some(),
            Export::Text => now.shape.is_some(),
        };
        let name = what.name();
        table.add(group, format!("export the {name}"), &[], move |now| {
            possible(now).then_some(Intent::Browse(Browse::Export(what)))
        });
        let copy = [Chord::letter('c').ctrl()];
        let keys = if what == Export::Row { &copy[..] } else { &[] };
        table.add(group, format!("copy the {name}"), keys, move |now| {
            possible(now).then_some(Intent::Copy(what))
        });
    }
    // In a field the same key writes it there.
    let paste = Chord::letter('v').ctrl();
    table.add(group, "read the clipboard", &[paste], |_| {
        Some(Intent::Paste)
    });
    let last = Chord::letter('l').alt();
    table.add(group, "begin with the last session", &[last], |now| {
        Some(Intent::Remember(!now.remembers))
    });
    let run = Chord::of(Key::Enter).ctrl();
    table.add(group, "run the prompt", &[run], |now| {
        now.can_run.then_some(Intent::Run)
    });
    table.add(group, "cancel", &[Chord::sign('.').ctrl()], |now| {
        now.is_busy.then_some(Intent::Cancel)
    });
    let z = Chord::letter('z').ctrl();
    table.add(group, "undo", &[z], |_| Some(Intent::Undo));
    let redo = [z.shift(), Chord::letter('y').ctrl()];
    table.add(group, "redo", &redo, |_| Some(Intent::Redo));
    for source in [Source::DemoV6, Source::DemoV7] {
        let model = source.name();
        table.add(group, format!("open {model}"), &[], move |now| {
            (now.session.model != model).then(|| Intent::Open(model.clone()))
        });
    }
    let p = [Chord::letter('p').ctrl(), Chord::letter('k').ctrl()];
    for (reach, name, keys, sheet) in [
        (Reach::Sheet, "keys", &[Chord::sign('?')][..], Sheet::Keys),
        (
            Reach::Picture,
            "record a clip",
            &[Chord::letter('r').ctrl()],
            Sheet::Record,
        ),
        (
            Reach::Picture,
            "picture of the view",
            &[Chord::letter('e').ctrl()],
            Sheet::Picture,
        ),
        (Reach::Field, "help", &[Chord::of(Key::F1)], Sheet::Help),
        (Reach::Field, "every command", &p, Sheet::Commands),
    ] {
        table.add_from(reach, group, name, keys, move |_| Some(Intent::Show(sheet)));
    }
    let quit = [Chord::letter('q').ctrl()];
    table.add_from(Reach::Field, group, "quit", &quit, |_| Some(Intent::Quit));
}
