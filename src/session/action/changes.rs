//! Interventions. The key that makes one takes it back.

use super::{Group, Situation, Table};
use crate::{
    change::{Change, Cut, Knockout, Place, Scale},
    model::Version,
    session::{Against, Chord, Compare, Intent},
};

const GROUP: Group = Group::Interventions;

pub(super) fn list(table: &mut Table) {
    let x = Chord::letter('x');
    add(table, "cut the arc pointed at", &[x], |now| {
        let (here, hover) = (now.token()?, now.hover?);
        Some(vec![Change::Cut(Cut {
            reader: here.max(hover.token),
            writer: here.min(hover.token),
            layer: hover.head.layer,
            head: hover.head.head,
        })])
    });
    add(table, "knock the token's write out", &[x.shift()], |now| {
        let token = now.token().filter(|_| now.version != Version::V4)?;
        Some(in_places(now, |place| {
            Change::Knockout(Knockout { token, place })
        }))
    });
    add(table, "ablate the chosen heads", &[x.alt()], |now| {
        let ablate = |place| Change::Scale(Scale::ablate(place));
        Some(places(now).into_iter().map(ablate).collect())
    });
    let to_mean = "ablate the chosen heads to their mean";
    add(table, to_mean, &[x.alt().shift()], |now| {
        Some(places(now).into_iter().map(Change::Mean).collect())
    });
    add(table, "no forgetting", &[], |now| {
        matches!(now.version, Version::V6 | Version::V7)
            .then(|| in_places(now, Change::NoForgetting))
    });
    add(table, "no erasing", &[], |now| {
        (now.version == Version::V7).then(|| in_places(now, Change::NoErasing))
    });
    let all = x.ctrl().shift();
    table.add(GROUP, "all interventions on or off", &[all], |now| {
        let mut list = now.session.changes.clone();
        let on = !list.iter().any(|own| own.on);
        list.iter_mut().for_each(|own| own.on = on);
        (!list.is_empty()).then_some(Intent::Changes(list))
    });
    table.add(GROUP, "take all interventions out", &[], |now| {
        (!now.session.changes.is_empty()).then(|| Intent::Changes(Vec::new()))
    });
    table.add(GROUP, "difference in the lattice", &[], |now| {
        let has_any = !now.session.active_changes().is_empty();
        has_any.then_some(Intent::Difference(!now.session.difference))
    });
}

/// What stands beside the run.
pub(super) fn comparisons(table: &mut Table) {
    let group = Group::View;
    let v = Chord::letter('v');
    table.add(group, "compare, or end it", &[v.alt()], |now| {
        now.shape?;
        Some(match now.session.compare {
            Some(_) => Intent::Compare(None),
            None => Intent::ChooseCompare,
        })
    });
    table.add(
        group,
        "next view of a comparison",
        &[v.alt().shift()],
        |now| {
            let Compare { with, view } = now.session.compare.clone()?;
            let view = view.next();
            Some(Intent::Compare(Some(Compare { with, view })))
        },
    );
    table.add(group, "compare with interventions", &[], |now| {
        let with = Compare::with(Against::Interventions);
        let is_new = now.session.compare.as_ref() != Some(&with);
        (now.shape.is_some() && is_new).then_some(Intent::Compare(Some(with)))
    });
}

fn add(
    table: &mut Table,
    name: &str,
    keys: &[Chord],
    of: impl Fn(&Situation) -> Option<Vec<Change>> + Send + Sync + 'static,
) {
    table.add(GROUP, name, keys, move |now| {
        now.shape?;
        let changes = of(now).filter(|changes| !changes.is_empty())?;
        Some(Intent::Changes(now.session.changes_toggled(&changes)))
    });
}

/// The chosen heads; none where all are shown.
fn places(now: &Situation) -> Vec<Place> {
    now.session.heads.named().map(Into::into).collect()
}

/// In the chosen heads, or in all.
fn in_places(now: &Situation, of: impl Fn(Place) -> Change) -> Vec<Change> {
    let places = places(now);
    match places.is_empty() {
        true => vec![of(Place::default())],
        false => places.into_iter().map(of).collect(),
    }
}
