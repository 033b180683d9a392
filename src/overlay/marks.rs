//! Layer and head marks beside the lattice; a click on one shows its heads alone.

use bevy::math::Vec3;
use egui::{Align2, Context, FontId, Painter, Rect, vec2};

use super::{
    Facts,
    labels::{Place, cell, nearer},
    style,
};
use crate::{
    lattice::{HeadSet, Lattice, Layout},
    session::Intent,
};

/// Least distance between two marks side by side, in points.
const GAP: f32 = 6.0;

/// A mark that may be painted, if there is room.
struct Mark {
    anchor: Vec3,
    align: Align2,
    text: String,
    heads: HeadSet,
}

pub(super) fn marks(
    ctx: &Context,
    painter: &Painter,
    facts: &Facts,
    lattice: &Lattice,
    place: Place,
    intents: &mut Vec<Intent>,
) {
    let pointer = ctx.input(|input| input.pointer.latest_pos());
    // Panels lie over the marks.
    let pointer = pointer.filter(|at| painter.clip_rect().contains(*at));
    let pointer = pointer.filter(|at| {
        ctx.layer_id_at(*at)
            .is_none_or(|layer| layer.order == egui::Order::Background)
    });
    let clicked = ctx.input(|input| input.pointer.primary_clicked());
    let shown = &facts.session.heads;
    let mut taken: Vec<Rect> = Vec::new();
    for mark in all(facts, lattice, place) {
        let Some(position) = place.of(mark.anchor) else {
            continue;
        };
        // Most marks of a large model find no room however short they are.
        if taken.iter().any(|other| other.contains(position)) {
            continue;
        }
        let is_shown =
            *shown == mark.heads || shown.single().is_some_and(|head| mark.heads.has(head));
        let galley = painter.layout_no_wrap(
            mark.text,
            FontId::proportional(11.5),
            style::ink(painter.ctx()).faint,
        );
        let rect: Rect = mark.align.anchor_size(position, galley.size());
        if taken.iter().any(|other| other.intersects(rect)) {
            continue;
        }
        taken.push(rect.expand2(vec2(GAP, 0.0)));
        let is_hovered = pointer.is_some_and(|at| rect.expand(2.0).contains(at));
        let ink = if is_shown || is_hovered {
            style::ink(painter.ctx()).strong
        } else {
            style::ink(painter.ctx())
                .faint
                .gamma_multiply(place.strength(mark.anchor))
        };
        painter.galley_with_override_text_color(rect.min, galley, ink);
        if is_hovered {
            ctx.set_cursor_icon(egui::CursorIcon::PointingHand);
            if clicked {
                let all = *shown == mark.heads;
                intents.push(Intent::Heads(if all {
                    HeadSet::default()
                } else {
                    mark.heads
                }));
            }
        }
    }
}

fn all(facts: &Facts, lattice: &Lattice, place: Place) -> Vec<Mark> {
    match lattice.layout {
        Layout::Lattice => beside(facts, lattice, place),
        Layout::Rings => around(lattice, place),
        Layout::Grid => along(facts, lattice),
    }
}

/// The mark of a layer and its heads: when heads are sorted, its first one is named. `layer` is its place among those
/// that are there.
fn layer_mark(facts: &Facts, lattice: &Lattice, layer: usize) -> (String, HeadSet) {
    let layer = lattice.shape.first_layer + layer;
    let text = if facts.session.sorted {
        lattice.head_at(layer, 0).name(lattice.shape.unit)
    } else {
        format!("layer {layer}")
    };
    (text, HeadSet::layer(lattice.shape, layer))
}

/// The mark of a place within the layers: when heads are sorted, its rank.
fn slot_mark(facts: &Facts, lattice: &Lattice, slot: usize) -> (String, HeadSet) {
    if facts.session.sorted {
        let layers = lattice.shape.layer_numbers();
        let heads = layers.map(|layer| lattice.head_at(layer, slot));
        (format!("rank {}", slot + 1), heads.collect())
    } else {
        let unit = lattice.shape.unit.name();
        (
            format!("{unit} {slot}"),
            HeadSet::column(lattice.shape, slot),
        )
    }
}

/// Layers up the front edge, heads back along the top.
fn beside(facts: &Facts, lattice: &Lattice, place: Place) -> Vec<Mark> {
    let shape = lattice.shape;
    let last = shape.tokens - 1;
    let left = nearer(
        &place.eye,
        cell(lattice, 0, 0, 0),
        cell(lattice, last, 0, 0),
    );
    let (token, away) = if left { (0, -1.0) } else { (last, 1.0) };
    let gap = lattice.arrangement.half.x + 0.012 * lattice.extent().x.max(40.0);
    let gap = Vec3::X * away * gap;
    let align = Align2::RIGHT_CENTER;
    let layers = (0..shape.layers).map(|layer| {
        let (text, heads) = layer_mark(facts, lattice, layer);
        Mark {
            anchor: cell(lattice, token, layer, 0) + gap,
            align,
            text,
            heads,
        }
    });
    let heads = (1..shape.heads).map(|slot| {
        let (text, heads) = slot_mark(facts, lattice, slot);
        Mark {
            anchor: cell(lattice, token, shape.layers - 1, slot) + gap,
            align,
            text,
            heads,
        }
    });
    layers.chain(heads).collect()
}

/// At the left rim of the rings as they are seen: layers first, then heads where there is room.
fn around(lattice: &Lattice, place: Place) -> Vec<Mark> {
    let shape = lattice.shape;
    let arrangement = &lattice.arrangement;
    let to_eye = place.eye.position.with_y(0.0).normalize_or(Vec3::Z);
    let left = Vec3::new(-to_eye.z, 0.0, to_eye.x);
    let rim = left * (arrangement.radius + arrangement.half.z * 3.0);
    let mark = |layer: usize, slot: f32, text: String, heads| Mark {
        anchor: arrangement.base(layer, 0) + arrangement.head * slot + rim,
        align: Align2::RIGHT_CENTER,
        text,
        heads,
    };
    let middle = (shape.heads - 1) as f32 * 0.5;
    let layers = (0..shape.layers).map(|layer| {
        let number = shape.first_layer + layer;
        let heads = HeadSet::layer(shape, number);
        mark(layer, middle, format!("layer {number}"), heads)
    });
    let heads = (0..shape.layers).flat_map(|layer| {
        (0..shape.heads).map(move |slot| {
            let head = lattice.head_at(shape.first_layer + layer, slot);
            mark(layer, slot as f32, head.name(shape.unit), head.into())
        })
    });
    layers.chain(heads).collect()
}

/// Layers to the left of the grid, heads above its columns.
fn along(facts: &Facts, lattice: &Lattice) -> Vec<Mark> {
    let shape = lattice.shape;
    let arrangement = &lattice.arrangement;
    let width = (lattice.places.count() - 1.0) * arrangement.step;
    let layers = (0..shape.layers).map(|layer| {
        let (text, heads) = layer_mark(facts, lattice, layer);
        Mark {
            anchor: arrangement.base(layer, 0) - Vec3::X * width * 0.06,
            align: Align2::RIGHT_CENTER,
            text,
            heads,
        }
    });
    let heads = (0..shape.heads).map(|slot| {
        let (text, heads) = slot_mark(facts, lattice, slot);
        let top = arrangement.base(shape.layers - 1, slot) + arrangement.layer * 0.55;
        Mark {
            anchor: top + Vec3::X * width * 0.5,
            align: Align2::CENTER_BOTTOM,
            text,
            heads,
        }
    });
    layers.chain(heads).collect()
}
