//! Runs, the model's layers, choices taken back, the sheets, the end.

use super::{Group, Reach, Table};
use crate::{
    model::Quantisation,
    session::{Chord, Intent, Key, Sheet},
};

const GROUP: Group = Group::Program;

pub(super) fn list(table: &mut Table) {
    run(table);
    layers(table);
    kept(table);
    let z = Chord::letter('z').ctrl();
    table.add(GROUP, "undo", &[z], |_| Some(Intent::Undo));
    let redo = [z.shift(), Chord::letter('y').ctrl()];
    table.add(GROUP, "redo", &redo, |_| Some(Intent::Redo));
    let last = Chord::letter('l').alt();
    table.add(GROUP, "begin with the last session", &[last], |now| {
        Some(Intent::Remember(!now.remembers))
    });
    let larger = [Chord::sign('+').ctrl(), Chord::sign('=').ctrl()];
    let smaller = [Chord::sign('-').ctrl()];
    for (name, keys, up) in [
        ("larger text", &larger[..], true),
        ("smaller text", &smaller, false),
    ] {
        table.add_from(Reach::Field, GROUP, name, keys, move |now| {
            now.text_size.step(up).map(Intent::TextSize)
        });
    }
    table.opposite();
    let p = [Chord::letter('p').ctrl(), Chord::letter('k').ctrl()];
    for (reach, name, keys, sheet) in [
        (Reach::Sheet, "keys", &[Chord::sign('?')][..], Sheet::Keys),
        (Reach::Field, "help", &[Chord::of(Key::F1)], Sheet::Help),
        (Reach::Field, "every command", &p, Sheet::Commands),
    ] {
        table.add_from(reach, GROUP, name, keys, move |_| Some(Intent::Show(sheet)));
    }
    let quit = [Chord::letter('q').ctrl()];
    table.add_from(Reach::Field, GROUP, "quit", &quit, |_| Some(Intent::Quit));
}

fn run(table: &mut Table) {
    table.add(GROUP, "write the prompt", &[Chord::sign('/')], |_| {
        Some(Intent::WritePrompt)
    });
    let run = Chord::of(Key::Enter).ctrl();
    table.add(GROUP, "run the prompt", &[run], |now| {
        now.can_run.then_some(Intent::Run)
    });
    table.add(GROUP, "cancel", &[Chord::sign('.').ctrl()], |now| {
        now.is_busy.then_some(Intent::Cancel)
    });
}

/// How many of the model's layers are kept in fewer bits.
fn layers(table: &mut Table) {
    let (i, n) = (Chord::letter('i').alt(), Chord::letter('n').alt());
    let counts: [(&str, Chord, fn(&mut Quantisation) -> &mut usize); 2] = [
        ("int8", i, |wanted| &mut wanted.int8),
        ("NF4", n, |wanted| &mut wanted.nf4),
    ];
    for (packing, key, count) in counts {
        for (more, key, by) in [("more", key, 1), ("fewer", key.shift(), -1)] {
            let name = format!("{more} {packing} layers");
            table.add(GROUP, name, &[key], move |now| {
                let (_, layers) = now.kept?;
                let mut wanted = now.wanted;
                let count = count(&mut wanted);
                *count = count.saturating_add_signed(by);
                let fits = wanted.int8.saturating_add(wanted.nf4) <= layers;
                (fits && wanted != now.wanted).then_some(Intent::Count(wanted))
            });
        }
        table.opposite();
    }
    let reload = Chord::letter('o').ctrl().shift();
    table.add(GROUP, "open the model so", &[reload], |now| {
        let (kept, _) = now.kept?;
        (!now.is_busy && kept != now.wanted).then_some(Intent::Reload)
    });
}

/// Which of the model's layers and of the text's tokens a run keeps.
fn kept(table: &mut Table) {
    let key = Chord::letter('y').alt();
    table.add(GROUP, "keep the layers that fit", &[key], |now| {
        Some(Intent::Layers(Some(now.fitting?)))
    });
    table.add(GROUP, "keep all layers", &[key.shift()], |now| {
        now.session.layers.is_some().then_some(Intent::Layers(None))
    });
    table.opposite();
    let key = Chord::letter('b').alt();
    table.add(GROUP, "keep the last tokens that fit", &[key], |now| {
        Some(Intent::Window(Some(now.fitting_window?)))
    });
    table.add(GROUP, "keep all tokens", &[key.shift()], |now| {
        now.session.window.is_some().then_some(Intent::Window(None))
    });
    table.opposite();
}
