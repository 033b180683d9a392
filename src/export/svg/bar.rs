use std::fmt::Display;

use super::page::{Hex, Page};
use super::px;
use crate::session::{Session, bytes};

/// Height of a colour bar with its numbers.
pub(super) const HEIGHT: f32 = 26.0;
const STEPS: usize = 32;

/// What colours stand for: a strip from the least to the largest value, with numbers below it.
pub(super) fn bar(
    page: &mut Page,
    (x, y): (f32, f32),
    width: f32,
    session: &Session,
    ticks: &[String; 3],
) {
    let signless = session.marks_are_signless();
    page.open("linearGradient", &[("id", &"scale")]);
    for step in 0..=STEPS {
        let at = step as f32 / STEPS as f32;
        let value = if signless { at } else { at * 2.0 - 1.0 };
        let colour = Hex(bytes(session.colours().shade(value, signless)));
        page.leaf("stop", &[("offset", &at), ("stop-color", &colour)]);
    }
    page.close("linearGradient");
    let strip: [(&str, &dyn Display); 6] = [
        ("x", &px(x)),
        ("y", &px(y)),
        ("width", &px(width)),
        ("height", &9),
        ("fill", &"url(#scale)"),
        // On a ground of nearly its own colour its ends would not be seen.
        ("stroke", &Hex(page.inks.faint)),
    ];
    page.leaf("rect", &[&strip[..], &[("stroke-width", &0.5)]].concat());
    let places = [
        (x, "start"),
        (x + width * 0.5, "middle"),
        (x + width, "end"),
    ];
    for ((x, anchor), tick) in places.into_iter().zip(ticks) {
        let ink = page.inks.text;
        page.words(x, y + 21.0, 11.0, ink, &[("text-anchor", &anchor)], tick);
    }
}
