//! Draws pictures part by part, so that whoever asks can go on in between.

use std::collections::VecDeque;

use anyhow::Context as _;
use bevy::math::{URect, UVec2};
use egui::{Context, FontDefinitions, RawInput, ViewportId, ViewportInfo};

use super::{
    output::{Destination, Made, Output},
    points,
};
use crate::{
    app::desk::Moment,
    draw::{Canvas, Excerpt, PanelMesh, Scene, Split},
    gpu::{self, Gpu, GpuError, Pending},
    overlay,
    picture::{Finish, Tile, tiles},
    session::{PictureOptions, bytes},
};

/// Pixels of a part, both ways, at most: what any adapter has memory for.
pub(in crate::app) const TILE: u32 = 2048;
/// Passes over the panels: they measure themselves in the first.
const PASSES: usize = 8;
/// In a film the one before has left them measured.
const PASSES_ON: usize = 2;
/// The largest texture that the panels may ask for, where the adapter has it.
const LARGEST_TEXTURE: u32 = 8192;

/// Draws one picture after another.
pub(in crate::app) struct Studio {
    gpu: Gpu,
    canvas: Canvas,
    orders: VecDeque<Order>,
    /// The first is the one that was begun first.
    shots: VecDeque<Shot>,
    /// The pictures are those of one film: what they are drawn with is kept from one to the next.
    films: bool,
    reel: Option<Reel>,
    /// The clipboard has a picture as long as this.
    copied: Option<crossbeam_channel::Sender<()>>,
}

/// A context for panels, and the passes it has gone through.
struct Reel {
    ctx: Context,
    passes: usize,
    scale: f32,
}

impl Reel {
    fn new(fonts: FontDefinitions, scale: f32) -> Self {
        let ctx = Context::default();
        overlay::apply_style(&ctx);
        ctx.set_fonts(fonts);
        Self {
            ctx,
            passes: 0,
            scale,
        }
    }
}

/// A picture that waits until all that it shows is there.
struct Order {
    moment: Moment,
    fonts: FontDefinitions,
    options: PictureOptions,
    destination: Destination,
    tile: u32,
}

/// A picture that is being drawn.
struct Shot {
    scene: Scene,
    split: Option<Split>,
    panels: PanelMesh,
    /// Of the whole, as it is drawn.
    size: UVec2,
    grain: u32,
    cut_out: bool,
    todo: VecDeque<URect>,
    total: usize,
    flying: Option<(URect, Pending)>,
    ready: Option<Tile>,
    output: Output,
}

impl Studio {
    pub fn new(gpu: &Gpu) -> Self {
        Self {
            gpu: gpu.clone(),
            canvas: Canvas::new(gpu),
            orders: VecDeque::new(),
            shots: VecDeque::new(),
            films: false,
            reel: None,
            copied: None,
        }
    }

    /// The pictures from now on are those of one film.
    pub fn film(&mut self) {
        self.films = true;
    }

    /// Begins a picture, in parts of at most `tile` pixels both ways; in a film beside those that are not done yet.
    /// Any other that is being drawn is given up.
    pub fn begin(
        &mut self,
        moment: Moment,
        fonts: FontDefinitions,
        options: PictureOptions,
        destination: Destination,
        tile: u32,
    ) {
        if !self.films {
            self.stop();
        }
        self.orders.push_back(Order {
            moment,
            fonts,
            options,
            destination,
            tile,
        });
    }

    /// Gives up what is being drawn; nothing is left of it.
    pub fn stop(&mut self) {
        self.orders.clear();
        self.shots.clear();
        self.put_away();
    }

    fn put_away(&mut self) {
        if !self.films {
            self.canvas.put_away();
        }
    }

    /// Pictures that are not done.
    pub fn open(&self) -> usize {
        self.orders.len() + self.shots.len()
    }

    /// Whether every part of every picture has been given to the graphics device.
    pub fn is_drawn(&self) -> bool {
        self.orders.is_empty() && self.shots.iter().all(|shot| shot.todo.is_empty())
    }

    /// Parts done and parts in all, of the picture that was begun first.
    pub fn progress(&self) -> (usize, usize) {
        self.shots.front().map_or((0, 0), |shot| {
            let open = shot.todo.len()
                + usize::from(shot.flying.is_some())
                + usize::from(shot.ready.is_some());
            (shot.total - open, shot.total)
        })
    }

    /// Goes on with each picture, by one part at most and without waiting; what has become of the first, at its end.
    ///
    /// # Errors
    /// When the graphics device or the encoder fails; nothing is left of any picture then.
    pub fn advance(&mut self) -> anyhow::Result<Option<Made>> {
        let made = self.step();
        match &made {
            Err(_) => self.stop(),
            Ok(Some(_)) if self.open() == 0 => self.put_away(),
            Ok(_) => {}
        }
        made
    }

    fn step(&mut self) -> anyhow::Result<Option<Made>> {
        // Laying panels out changes their textures, which those before may still be drawn with.
        let is_free = self.shots.iter().all(|shot| shot.todo.is_empty());
        if let Some(order) = self.orders.front_mut().filter(|_| is_free)
            && order.moment.is_ready()?
            && let Some(order) = self.orders.pop_front()
        {
            let shot = self.set_up(order)?;
            self.shots.push_back(shot);
        }
        for shot in &mut self.shots {
            shot.go_on(&mut self.canvas)?;
        }
        let Some(made) = self.shots.front().and_then(|shot| shot.output.take()) else {
            return Ok(None);
        };
        let shot = self.shots.pop_front();
        let made = made?;
        if matches!(made, Made::Copied) {
            self.copied = shot.and_then(|mut shot| shot.output.holds.take());
        }
        Ok(Some(made))
    }

    /// Lays the panels out and begins to write.
    fn set_up(&mut self, order: Order) -> anyhow::Result<Shot> {
        let options = order.options;
        let (size, grain) = (options.size, options.supersample);
        let ground = bytes(order.moment.scene.colours.ground());
        let finish = Finish {
            grain,
            cut_out: options.transparent.then_some(ground),
        };
        let limit = self.gpu.device().limits().max_texture_dimension_2d;
        let side = (order.tile.min(limit) / grain).max(1);
        let todo: VecDeque<_> = tiles(size, side).into();
        let (gpu, moment) = (self.gpu.clone(), order.moment);
        let panels = gpu::attempt(&gpu, || {
            self.lay_out(moment.facts, moment.drafts, order.fonts, options)
        });
        let panels = panels.map_err(|reason| {
            self.reel = None;
            self.canvas.begin_anew();
            GpuError::Drawing { reason }
        })?;
        Ok(Shot {
            scene: moment.scene,
            split: moment.split,
            panels,
            size: size * grain,
            grain,
            cut_out: options.transparent,
            total: todo.len(),
            todo,
            flying: None,
            ready: None,
            output: Output::start(order.destination, size, finish)
                .context("a thread for the picture cannot be started: close other programs")?,
        })
    }

    /// The panels, in a context of their own: what they show depends on nothing that went on before, or else on
    /// the film's frames up to there, which are the same each time.
    fn lay_out(
        &mut self,
        facts: overlay::Facts,
        mut drafts: overlay::Drafts,
        fonts: FontDefinitions,
        options: PictureOptions,
    ) -> PanelMesh {
        let (size, scale) = points(options.size);
        let scale = scale * options.supersample as f32;
        let kept = self.reel.take().filter(|reel| reel.scale == scale);
        let passes = if kept.is_some() { PASSES_ON } else { PASSES };
        let mut reel = kept.unwrap_or_else(|| {
            self.canvas.panels.clear();
            Reel::new(fonts, scale)
        });
        let ctx = reel.ctx.clone();
        let device = self.gpu.device();
        let largest = device
            .limits()
            .max_texture_dimension_2d
            .min(LARGEST_TEXTURE);
        let mut shapes = Vec::new();
        for _ in 0..passes {
            let viewport = ViewportInfo {
                native_pixels_per_point: Some(scale),
                ..ViewportInfo::default()
            };
            let input = RawInput {
                viewports: [(ViewportId::ROOT, viewport)].into_iter().collect(),
                screen_rect: Some(egui::Rect::from_min_size(
                    egui::Pos2::ZERO,
                    egui::vec2(size.x, size.y),
                )),
                max_texture_side: Some(largest as usize),
                // Long enough for whatever fades in.
                time: Some(reel.passes as f64),
                focused: false,
                ..RawInput::default()
            };
            let output = ctx.run_ui(input, |ui| {
                // Nobody asks for anything in a picture.
                let _ = overlay::show(ui.ctx(), &facts, &mut drafts);
            });
            self.canvas
                .panels
                .update(device, self.gpu.queue(), &output.textures_delta);
            shapes = output.shapes;
            reel.passes += 1;
        }
        let primitives = ctx.tessellate(shapes, scale);
        let mesh = self.canvas.panels.mesh(device, &primitives, scale);
        self.reel = self.films.then_some(reel);
        mesh
    }
}

impl Shot {
    fn go_on(&mut self, canvas: &mut Canvas) -> anyhow::Result<()> {
        if let Some((rect, pending)) = &self.flying
            && let Some(bytes) = pending.take()?
        {
            self.ready = Some(Tile {
                rect: *rect,
                pixels: gpu::without_padding(bytes, rect.width() * self.grain),
            });
            self.flying = None;
        }
        if let Some(part) = self.ready.take() {
            self.ready = self.output.give(part);
        }
        if self.ready.is_some() || self.flying.is_some() {
            return Ok(());
        }
        match self.todo.pop_front() {
            Some(rect) => {
                let excerpt = Excerpt {
                    whole: self.size,
                    origin: rect.min * self.grain,
                    size: rect.size() * self.grain,
                    grain: self.grain,
                    cut_out: self.cut_out,
                };
                let pending =
                    canvas.draw(&self.scene, self.split.as_ref(), &self.panels, excerpt)?;
                self.flying = Some((rect, pending));
            }
            None => self.output.end(),
        }
        Ok(())
    }
}
