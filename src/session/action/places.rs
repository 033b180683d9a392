//! Tokens, heads and passages.

use super::{Group, Situation, Table, beside};
use crate::{
    lattice::HeadSet,
    score::{Pool, Statistic},
    session::{Chord, Intent, Key, Sheet},
};

const LEFT: Chord = Chord::of(Key::Left);
const RIGHT: Chord = Chord::of(Key::Right);
const UP: Chord = Chord::of(Key::Up);

pub(super) fn list(table: &mut Table) {
    tokens(table);
    heads(table);
    passages(table);
}

fn tokens(table: &mut Table) {
    for (there, back, held, steps) in [
        ("next token", "previous token", RIGHT, 1),
        ("ten tokens on", "ten tokens back", RIGHT.shift(), 10),
    ] {
        let left = Chord {
            key: Key::Left,
            ..held
        };
        for (name, key, step) in [(there, held, steps), (back, left, -steps)] {
            table.add(Group::Tokens, name, &[key], move |now| {
                now.shape.map(|_| Intent::StepToken(step))
            });
        }
        table.opposite();
    }
    let first = |now: &Situation| {
        let first = now.session.passage.as_ref().map_or(0, |span| span.start);
        select(now, first)
    };
    let last = |now: &Situation| {
        let end = now.session.passage.as_ref().map(|span| span.end);
        let end = end.or(now.shape.map(|shape| shape.tokens))?;
        select(now, end.checked_sub(1)?)
    };
    table.add(Group::Tokens, "first token", &[LEFT.ctrl()], first);
    table.add(Group::Tokens, "last token", &[RIGHT.ctrl()], last);
    table.opposite();
    let escape = Chord::of(Key::Escape);
    table.add(Group::Tokens, "one step back", &[escape], |_| {
        Some(Intent::Back)
    });
    let nothing = |now: &Situation| now.token().map(|_| Intent::SelectToken(None));
    table.add(Group::Tokens, "select nothing", &[escape.shift()], nothing);
}

fn select(now: &Situation, token: usize) -> Option<Intent> {
    let is_there = now.shape.is_some_and(|shape| token < shape.tokens);
    (is_there && now.session.token != Some(token)).then_some(Intent::SelectToken(Some(token)))
}

fn heads(table: &mut Table) {
    for (up, down, held, step) in [
        (
            "layer above",
            "layer below",
            UP,
            Intent::StepLayer as fn(isize) -> Intent,
        ),
        ("head behind", "head in front", UP.shift(), Intent::StepHead),
    ] {
        let lower = Chord {
            key: Key::Down,
            ..held
        };
        for (name, key, by) in [(up, held, 1), (down, lower, -1)] {
            table.add(Group::Heads, name, &[key], move |now| {
                now.shape.map(|_| step(by))
            });
        }
        table.opposite();
    }
    let n = Chord::letter('n');
    for (name, key, step) in [("next head", n, 1), ("previous head", n.shift(), -1)] {
        table.add(Group::Heads, name, &[key], move |now| {
            let shape = now.shape?;
            let rows: Vec<_> = (0..shape.rows()).map(|row| shape.head(row)).collect();
            let head = beside(&rows, step, |head| Some(*head) == now.head())?;
            Some(Intent::Heads(head.into()))
        });
    }
    table.opposite();
    let h = Chord::letter('h');
    table.add(Group::Heads, "all heads", &[h], |now| {
        show(now, HeadSet::default())
    });
    table.add(Group::Heads, "layer of the head", &[h.shift()], |now| {
        show(now, HeadSet::layer(now.shape?, now.head()?.layer))
    });
    table.add(Group::Heads, "head in every layer", &[h.alt()], |now| {
        show(now, HeadSet::column(now.shape?, now.head()?.head))
    });
    table.add(Group::Heads, "sort heads", &[Chord::letter('o')], |now| {
        Some(Intent::Sort(!now.session.sorted))
    });
    let v = Chord::letter('v');
    for (name, key, step) in [
        ("next statistic", v, 1),
        ("previous statistic", v.shift(), -1),
    ] {
        table.add(Group::Heads, name, &[key], move |now| {
            let is_now = |statistic: &Statistic| *statistic == now.session.statistic;
            beside(&Statistic::ALL, step, is_now).map(Intent::Statistic)
        });
    }
    table.opposite();
    for statistic in Statistic::ALL {
        let name = format!("statistic: {}", statistic.name());
        table.add(Group::Heads, name, &[], move |now| {
            (now.session.statistic != statistic).then_some(Intent::Statistic(statistic))
        });
    }
    table.add(
        Group::Heads,
        "mean, max or sum",
        &[Chord::letter('p')],
        |now| beside(&Pool::ALL, 1, |pool| *pool == now.session.pool).map(Intent::Pool),
    );
    for pool in Pool::ALL {
        let name = format!("heads as their {}", pool.name());
        table.add(Group::Heads, name, &[], move |now| {
            (now.session.pool != pool).then_some(Intent::Pool(pool))
        });
    }
    table.add(Group::Heads, "what every head does", &[h.ctrl()], |now| {
        now.shape.map(|_| Intent::Show(Sheet::Heads))
    });
    table.add(Group::Heads, "test the head", &[h.ctrl().shift()], |now| {
        let head = now.session.heads.single()?;
        now.can_run.then_some(Intent::Test(head))
    });
}

fn show(now: &Situation, heads: HeadSet) -> Option<Intent> {
    (heads != now.session.heads).then_some(Intent::Heads(heads))
}

fn passages(table: &mut Table) {
    let group = Group::Passages;
    table.add(group, "passage from here", &[Chord::sign('[')], |now| {
        let (token, tokens) = (now.token()?, now.shape?.tokens);
        let end = now.session.passage.as_ref().map(|span| span.end);
        let end = end.filter(|end| *end > token).unwrap_or(tokens);
        limit(now, token, end)
    });
    table.add(group, "passage to here", &[Chord::sign(']')], |now| {
        let token = now.token()?;
        let start = now.session.passage.as_ref().map(|span| span.start);
        let start = start.filter(|start| *start <= token).unwrap_or(0);
        limit(now, start, token + 1)
    });
    table.opposite();
    table.add(group, "whole text", &[Chord::sign('\\')], |now| {
        now.session.passage.as_ref().map(|_| Intent::Passage(None))
    });
    let z = Chord::letter('z');
    table.add(group, "fold the passage", &[z], |now| {
        now.session.passage.clone().map(Intent::Fold)
    });
    table.add(group, "unfold the nearest", &[z.shift()], |now| {
        let here = now.session.token.unwrap_or(0);
        let folds = now.session.folds.iter();
        let nearest = folds.min_by_key(|fold| {
            let after = fold.start.saturating_sub(here);
            after.max(here.saturating_sub(fold.end))
        })?;
        Some(Intent::Unfold(nearest.start))
    });
}

fn limit(now: &Situation, start: usize, end: usize) -> Option<Intent> {
    let passage = Some(start..end);
    (now.session.passage != passage).then_some(Intent::Passage(passage))
}
