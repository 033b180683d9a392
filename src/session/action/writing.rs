//! How the text goes on.

use super::{Group, Table};
use crate::session::{Chord, Intent, Key, Write, Writing};

pub(super) fn list(table: &mut Table) {
    let group = Group::Writing;
    let enter = Chord::of(Key::Enter);
    table.add(group, "write on, or pause", &[enter], |now| {
        now.writing.map(|_| Intent::Write(Write::Toggle))
    });
    table.add(group, "one token more", &[Chord::sign('.')], |now| {
        let rests = now.writing.filter(|own| !own.goes_on);
        rests.map(|_| Intent::Write(Write::Step))
    });
    table.add(group, "one token less", &[Chord::sign(',')], |now| {
        let tokens = now.shape?.tokens;
        let own = now.writing.filter(|own| own.first < tokens);
        own.map(|_| Intent::Write(Write::Back))
    });
    table.opposite();
    let branch = "another way from the token on";
    table.add(group, branch, &[enter.shift()], |now| {
        now.writing.map(|_| Intent::Write(Write::Branch))
    });
    table.add(
        group,
        "follow the newest token",
        &[Chord::letter('q')],
        |now| {
            let writing = now.session.writing.clone();
            Some(Intent::Writing(Writing {
                follow: !writing.follow,
                ..writing
            }))
        },
    );
    table.add(group, "ask the prompt as a question", &[], |now| {
        let writing = now.session.writing.clone();
        Some(Intent::Writing(Writing {
            chat: !writing.chat,
            ..writing
        }))
    });
}
