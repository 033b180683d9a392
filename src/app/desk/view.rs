//! Where things stand in the picture, and where it is seen from.

use std::sync::Arc;

use bevy::math::{Mat4, Rect, Vec2, Vec3};

use super::Desk;
use crate::{
    camera::{Along, Bounds, Drive, Eye, MARGINS, Pose, Side, frame},
    draw::{Marked, Scene, Tables},
    lattice::{Arrangement, Cell, HeadId, HeadSet, Lattice, Layout},
    overlay,
    session::{CompareView, Session, film::MORPH},
};

/// Where a pulse of light stands in a still picture, in seconds of its flight.
pub(super) const STILL: f32 = 1.7;

/// What the camera is wanted to look at.
#[derive(Debug, Clone, Copy)]
enum Sight {
    Whole,
    Selection,
    /// The end of the text, as it is written.
    End,
    Along(Side),
    From(Pose),
}

/// Where the camera is wanted.
#[derive(Debug, Clone, Copy)]
pub(in crate::app) struct Wish {
    sight: Sight,
    pub(in crate::app) at_once: bool,
}

impl Wish {
    fn to(sight: Sight) -> Self {
        Self {
            sight,
            at_once: false,
        }
    }

    pub(super) fn whole() -> Self {
        Self::to(Sight::Whole)
    }

    pub(super) fn selection() -> Self {
        Self::to(Sight::Selection)
    }

    pub(super) fn end() -> Self {
        Self::to(Sight::End)
    }

    pub(super) fn along(side: Side) -> Self {
        Self::to(Sight::Along(side))
    }

    pub(super) fn pose(pose: Pose) -> Self {
        Self::to(Sight::From(pose))
    }

    /// Without easing.
    pub(in crate::app) fn at_once(self) -> Self {
        Self {
            at_once: true,
            ..self
        }
    }
}

/// Where in a picture the lattice is seen, and what stands beside it, in points.
#[derive(Debug, Clone, Copy)]
pub(in crate::app) struct Sights {
    pub own: Share,
    pub beside: Option<Share>,
}

/// A part of a picture.
#[derive(Debug, Clone, Copy)]
pub(in crate::app) struct Share {
    /// All of it.
    pub part: Rect,
    /// What of it nothing covers.
    pub free: Rect,
}

impl Share {
    /// The eye that has its middle in the middle of what is free: `scale` pixels are a point.
    pub fn eye(&self, world_from_view: Mat4, viewport: Vec2, scale: f32) -> Eye {
        let middle = self.free.center() * scale * 2.0;
        Eye::new(world_from_view, viewport, middle.x - viewport.x).raised(viewport.y - middle.y)
    }

    /// The same eye, and the part in pixels.
    pub fn seen(&self, world_from_view: Mat4, viewport: Vec2, scale: f32) -> (Eye, Rect) {
        let part = Rect::from_corners(self.part.min * scale, self.part.max * scale);
        (self.eye(world_from_view, viewport, scale), part)
    }
}

/// The view's own state.
#[derive(Default)]
pub(super) struct View {
    wish: Option<Wish>,
    /// How the camera goes along with a lattice that has grown.
    pub along: Vec<Along>,
    /// What cells come from, and since when; none yet: since the next frame.
    morph: Option<(Arrangement, Option<f32>)>,
    /// The tables on the GPU and what they were made from.
    pub tables: Option<(Tabled, Tables)>,
    /// The layout that things come from in the film on show, and how far they have come.
    pub between: Option<(Layout, f32)>,
    /// Where light stands in the film on show, in seconds of its flight.
    pub light: Option<f32>,
    /// Where the run on show is seen from was given with it.
    pub is_given: bool,
    /// The order of heads, where another desk says it.
    pub slots: Option<Arc<Vec<u32>>>,
}

/// What tables are made from: heads, passage, tokens written.
type Tabled = (HeadSet, Option<std::ops::Range<usize>>, Option<usize>);

/// Points that panels take at the left and at the right, in a picture of `size` points.
pub(super) fn covered(session: &Session, size: Vec2) -> (f32, f32) {
    let (left, right) = overlay::covered(session.bare);
    (left + overlay::covered_beside(session, size), right)
}

impl View {
    pub fn is_moving(&self) -> bool {
        self.morph.is_some()
    }

    /// Ends what moves.
    pub fn arrive(&mut self) {
        self.morph = None;
    }

    pub fn forget(&mut self) {
        self.morph = None;
        self.tables = None;
    }
}

impl Desk {
    /// Lays the lattice out as the session has it.
    pub(super) fn arrange(&mut self) {
        let Some(old) = &self.facts.lattice else {
            return;
        };
        let session = &self.facts.session;
        let own = || session.sorted.then(|| Arc::new(self.facts.sorted_slots()));
        let slots = self.view.slots.clone().or_else(own);
        let new = Lattice::arranged(old.shape, session.layout, &session.folds, slots);
        if new != *old {
            if new.layout != old.layout && self.facts.moves() && self.view.light.is_none() {
                self.view.morph = Some((old.arrangement, None));
            }
            self.view.tables = None;
            self.facts.lattice = Some(new);
        }
        let of = (
            session.heads.clone(),
            session.passage.clone(),
            session.written,
        );
        if self.view.tables.as_ref().map(|(made, _)| made) != Some(&of)
            && let Some(lattice) = &self.facts.lattice
        {
            let tables = Tables::new(self.gpu.device(), lattice, session);
            self.view.tables = Some((of, tables));
        }
    }

    pub(super) fn wish_for(&mut self, wish: Wish) {
        let at_once = wish.at_once || !self.facts.moves();
        self.view.wish = Some(Wish { at_once, ..wish });
    }

    /// Goes where somebody wants to look from; that ends a turntable.
    pub(super) fn look(&mut self, wish: Wish) {
        if self.facts.drive == Drive::Turntable {
            self.facts.drive = Drive::Rest;
        }
        self.wish_for(wish);
    }

    pub(in crate::app) fn take_wish(&mut self) -> Option<Wish> {
        self.view.wish.take()
    }

    pub(in crate::app) fn take_along(&mut self) -> Vec<Along> {
        std::mem::take(&mut self.view.along)
    }

    /// Takes note of where the camera stands.
    pub(in crate::app) fn stands(&mut self, pose: Pose) {
        self.facts.pose = Some(pose);
    }

    /// Where everything is seen, in a picture of `size` points.
    pub(in crate::app) fn sights(&self, size: Vec2) -> Sights {
        self.sights_with(&self.facts.session, size, self.covered_below())
    }

    /// The same with other panels, of which one takes so many points at the lower edge.
    pub(super) fn sights_with(&self, session: &Session, size: Vec2, below: f32) -> Sights {
        let (left, right) = covered(session, size);
        let part = Rect::from_corners(Vec2::ZERO, size);
        let free = Rect::new(left, 0.0, size.x - right, size.y - below);
        let Some((_, view)) = self.facts.both() else {
            let own = Share { part, free };
            return Sights { own, beside: None };
        };
        let above = overlay::covered_above(session);
        let middle = Vec2::new(free.center().x, (above + free.max.y) * 0.5);
        let halves = |rect: Rect| {
            let (mut one, mut other) = (rect, rect);
            match view {
                CompareView::Stacked => (one.max.y, other.min.y) = (middle.y, middle.y),
                _ => (one.max.x, other.min.x) = (middle.x, middle.x),
            }
            [one, other]
        };
        let below_bars = Rect {
            min: Vec2::new(free.min.x, above),
            ..free
        };
        let ([own, beside], frees) = (halves(part), halves(below_bars));
        // What each half says of itself stands above it.
        let [free, free_beside] = frees.map(|free| Rect {
            min: free.min + Vec2::Y * overlay::HALF_CAPTION,
            ..free
        });
        Sights {
            own: Share { part: own, free },
            beside: Some(Share {
                part: beside,
                free: free_beside,
            }),
        }
    }

    /// Points that the timeline takes at the bottom.
    pub(in crate::app) fn covered_below(&self) -> f32 {
        self.drafts.timeline.height()
    }

    /// Where the camera has to stand, in a picture of `size` points.
    pub(in crate::app) fn pose(&self, wish: Wish, size: Vec2) -> Option<Pose> {
        let lattice = self.facts.lattice.as_ref()?;
        if let Sight::From(pose) = wish.sight {
            return self.bounds(size)?.admit(pose);
        }
        let free = self.sights(size).own.free.size();
        // How many layers' height the part of the text is half as long as, and how far it lies before the token.
        let (near, before) = match wish.sight {
            Sight::End => (3.0, 0.8),
            _ => (1.5, 0.0),
        };
        let token = match wish.sight {
            Sight::Selection => self.facts.session.token,
            Sight::End => lattice.shape.tokens.checked_sub(1),
            _ => None,
        };
        let whole = match wish.sight {
            Sight::Along(side) => side.pose(),
            _ => Pose::of(lattice.layout),
        };
        let extent = lattice.extent();
        let (focus, half) = match (token, lattice.layout) {
            (Some(token), Layout::Lattice) => {
                let head = HeadId { layer: 0, head: 0 };
                let x = lattice.position(Cell { token, head }).x;
                let half = extent.x.min(lattice.arrangement.layer.y * near);
                (Vec3::X * (x - half * before), extent.with_x(half))
            }
            _ => (Vec3::ZERO, extent),
        };
        let margins = match self.facts.both() {
            // Halves are small, and their labels with them.
            Some(_) => MARGINS * 0.7,
            None => MARGINS,
        };
        Some(frame(Pose { focus, ..whole }, half, free, size.y, margins))
    }

    /// How far the camera may go, in a picture of `size` points.
    pub(in crate::app) fn bounds(&self, size: Vec2) -> Option<Bounds> {
        let framed = self.pose(Wish::whole(), size)?;
        let extent = self.facts.lattice.as_ref()?.extent();
        Some(Bounds::around(extent, framed.radius))
    }

    /// What is to be drawn, seen from `eye`.
    pub(in crate::app) fn scene(&mut self, eye: Eye, seconds: f32) -> Option<Scene> {
        self.facts.eye = Some(eye);
        let morph = self.morph(seconds);
        let time = if self.facts.still { STILL } else { seconds };
        let scene = self.seen_from(eye, self.view.light.unwrap_or(time))?;
        Some(Scene {
            morph: morph.or(scene.morph),
            ..scene
        })
    }

    /// The same with everything in its place, or where a film has it, and light where it stands at `time`.
    pub(super) fn seen_from(&self, eye: Eye, time: f32) -> Option<Scene> {
        let lattice = self.facts.lattice.clone()?;
        let trace = self.trace.as_ref()?;
        let session = &self.facts.session;
        let marked = self
            .requested
            .as_ref()
            .zip(self.scores.as_ref())
            .map(|(request, scores)| {
                Marked::new(
                    scores,
                    request.token,
                    request.measure,
                    session.marks_are_signless(),
                )
            });
        let hovered = self.facts.hover.as_ref();
        Some(Scene {
            eye,
            morph: self.view.between.map(|(from, part)| {
                let from = Lattice::arranged(lattice.shape, from, &session.folds, None);
                (from.arrangement, eased(part))
            }),
            tables: self.view.tables.as_ref()?.1.clone(),
            norms: self.norms()?.clone(),
            stride: trace.room(),
            largest: self.facts.largest(),
            marked,
            hovered: hovered.map(|hover| lattice.shape.index(hover.cell)),
            colours: session.colours(),
            time,
            lattice,
        })
    }

    /// How far cells have come from the layout before, eased at both ends.
    fn morph(&mut self, seconds: f32) -> Option<(Arrangement, f32)> {
        let (from, since) = self.view.morph.as_mut()?;
        let since = *since.get_or_insert(seconds);
        let part = (seconds - since) / MORPH as f32;
        // The clock may have been wound back.
        if !(0.0..1.0).contains(&part) {
            self.view.morph = None;
            return None;
        }
        Some((*from, eased(part)))
    }
}

/// Slow at both ends.
fn eased(part: f32) -> f32 {
    part * part * (3.0 - 2.0 * part)
}
