//! The number shown, its scale, and the arcs.

use super::{Group, Situation, Table, beside};
use crate::{
    model::Version,
    score::{Exclude, Filter, Measure, Scale},
    session::{Chord, Intent},
};

/// One press of a key makes everything brighter by this.
const BRIGHTER: f32 = 1.25;

pub(super) fn list(table: &mut Table) {
    measure(table);
    scale(table);
    exclude(table);
    arcs(table);
}

fn measure(table: &mut Table) {
    let group = Group::Measure;
    let m = Chord::letter('m');
    for (name, key, step) in [("next measure", m, 1), ("previous measure", m.shift(), -1)] {
        table.add(group, name, &[key], move |now| {
            let all = now.measures();
            beside(&all, step, |measure| *measure == now.session.measure).map(Intent::Measure)
        });
    }
    table.opposite();
    for (&measure, digit) in Measure::all(Version::V7).iter().zip('1'..) {
        table.add(group, measure.name(), &[Chord::sign(digit)], move |now| {
            let has = Measure::all(now.version).contains(&measure);
            (has && now.session.measure != measure).then_some(Intent::Measure(measure))
        });
    }
    let logit = Measure::Logit;
    table.add(group, logit.name(), &[Chord::sign('6')], move |now| {
        let is_other = now.session.measure != logit && now.writing.is_some();
        is_other.then_some(Intent::Measure(logit))
    });
}

fn scale(table: &mut Table) {
    let group = Group::Measure;
    let s = Chord::letter('s');
    for (name, key, step) in [("next scale", s, 1), ("previous scale", s.shift(), -1)] {
        table.add(group, name, &[key], move |now| {
            let is_now = |scale: &Scale| scale.is_like(now.session.scale);
            beside(&Scale::kinds(now.largest), step, is_now).map(Intent::Scale)
        });
    }
    table.opposite();
    for (at, kind) in Scale::kinds(1.0).into_iter().enumerate() {
        let name = format!("scale: {}", kind.name());
        table.add(group, name, &[], move |now| {
            let scale = Scale::kinds(now.largest)[at];
            (!now.session.scale.is_like(scale)).then_some(Intent::Scale(scale))
        });
    }
    let e = Chord::letter('e');
    for (name, key, by) in [
        ("fixed scale up", e.alt(), BRIGHTER),
        ("fixed scale down", e.alt().shift(), BRIGHTER.recip()),
    ] {
        table.add(group, name, &[key], move |now| match now.session.scale {
            Scale::Fixed(full) => Some(Intent::Scale(Scale::fixed(full * by))),
            _ => None,
        });
    }
    table.opposite();
    table.add(group, "brighter", &[e], |now| {
        Some(Intent::Exposure(now.session.exposure * BRIGHTER))
    });
    table.add(group, "darker", &[e.shift()], |now| {
        Some(Intent::Exposure(now.session.exposure / BRIGHTER))
    });
    table.opposite();
    table.add(group, "exposure × 1", &[Chord::sign('0')], |now| {
        (now.session.exposure != 1.0).then_some(Intent::Exposure(1.0))
    });
    table.add(group, "sizes without sign", &[Chord::letter('a')], |now| {
        Some(Intent::Absolute(!now.session.absolute))
    });
}

fn exclude(table: &mut Table) {
    let d = Chord::letter('d');
    let flips: [(&str, Chord, fn(&mut Exclude)); 3] = [
        ("scale without the token itself", d, |exclude| {
            exclude.itself = !exclude.itself;
        }),
        ("scale without the first token", d.shift(), |exclude| {
            exclude.first = !exclude.first;
        }),
        ("scale without line breaks", Chord::letter('b'), |exclude| {
            exclude.line_breaks = !exclude.line_breaks;
        }),
    ];
    for (name, key, flip) in flips {
        table.add(Group::Measure, name, &[key], move |now| {
            let mut exclude = now.session.exclude;
            flip(&mut exclude);
            Some(Intent::Exclude(exclude))
        });
    }
}

fn arcs(table: &mut Table) {
    let step = |now: &Situation, more: bool| {
        let filter = now.session.filter.step(more, now.largest);
        (filter != now.session.filter).then_some(Intent::Filter(filter))
    };
    let plus = [Chord::sign('+'), Chord::sign('=')];
    table.add(Group::Arcs, "more arcs", &plus, move |now| step(now, true));
    table.add(Group::Arcs, "fewer arcs", &[Chord::sign('-')], move |now| {
        step(now, false)
    });
    table.opposite();
    for (name, sign, step) in [
        ("next arc by strength", '\'', 1),
        ("previous arc by strength", ';', -1),
    ] {
        table.add(Group::Arcs, name, &[Chord::sign(sign)], move |now| {
            now.token().map(|_| Intent::StepArc(step))
        });
    }
    table.opposite();
    let f = Chord::letter('f').alt();
    table.add(Group::Arcs, "the arc's token", &[f], |now| {
        let there = now.hover?.token;
        (now.token() != Some(there)).then_some(Intent::SelectToken(Some(there)))
    });
    let g = Chord::letter('g').alt();
    table.add(Group::Arcs, "the arc's head", &[g], |now| {
        let head = now.hover?.head.into();
        (now.session.heads != head).then_some(Intent::Heads(head))
    });
    table.opposite();
    table.add(Group::Arcs, "next filter", &[Chord::letter('g')], |now| {
        let is_now = |filter: &Filter| filter.is_like(now.session.filter);
        beside(&Filter::kinds(now.largest), 1, is_now).map(Intent::Filter)
    });
    for (at, name) in [
        "arcs: the strongest of each head",
        "arcs: from a threshold",
        "arcs: by mass",
    ]
    .into_iter()
    .enumerate()
    {
        table.add(Group::Arcs, name, &[], move |now| {
            let filter = Filter::kinds(now.largest)[at];
            (!now.session.filter.is_like(filter)).then_some(Intent::Filter(filter))
        });
    }
}
