//! Draws the lattice: cells, the selected token's plane, arcs. Everything is read from the buffers the
//! model and the score kernels wrote; nothing of size tokens × heads comes from the CPU.
//!
//! The pipelines are plain wgpu and know nothing of Bevy, so they are ready on the first frame and can
//! be used by any view; one system records them in the main pass of each 3D camera.

mod boxes;
mod canvas;
mod coarse;
mod cull;
mod excerpt;
mod large;
mod light;
mod painter;
mod panel_pipeline;
mod panels;
mod pipelines;
mod pool;
mod rehearsal;
mod scene;
mod sheet;
mod soon;
mod split;
mod stopwatch;
mod tables;
mod trace;

pub use canvas::Canvas;
use coarse::Coarse;
pub use cull::{BOX_PIXELS, InSight};
pub use excerpt::Excerpt;
pub use painter::{ARC_VERTICES, Attachments, Bound, Painter, Target};
pub use panels::{PanelMesh, PanelPainter};
pub use rehearsal::Rehearsal;
pub use scene::{Marked, Scene};
use soon::Soon;
use split::OtherPart;
pub use split::Split;
pub use stopwatch::Stopwatch;
pub use tables::Tables;

use bevy::{
    core_pipeline::{
        Core3d, Core3dSystems,
        core_3d::{main_opaque_pass_3d, main_transparent_pass_3d},
    },
    prelude::*,
    render::{
        RenderApp,
        extract_resource::{ExtractResource, ExtractResourcePlugin},
        render_resource::StoreOp,
        renderer::{RenderContext, RenderDevice, RenderQueue, ViewQuery},
        view::{Msaa, ViewDepthTexture, ViewTarget},
    },
};

/// Draws [`Shown`] in every 3D camera.
pub struct DrawPlugin;

/// What is drawn now.
#[derive(Resource, Clone, Default, ExtractResource)]
pub struct Shown {
    /// What there is, if anything.
    pub scene: Option<Scene>,
    /// Another scene in a part of the picture, where it is split.
    pub split: Option<Split>,
    /// The ground is light.
    pub light: bool,
    /// With a quarter of the pixels, made larger: for a CPU that draws while the camera moves.
    pub coarse: bool,
}

impl Plugin for DrawPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Shown>()
            .add_plugins(ExtractResourcePlugin::<Shown>::default());
        let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
            return;
        };
        render_app.init_resource::<Painters>().add_systems(
            Core3d,
            draw_scene
                .after(main_opaque_pass_3d)
                .before(main_transparent_pass_3d)
                .in_set(Core3dSystems::MainPass),
        );
    }
}

/// Pipelines by target: a window and an export may differ in format and samples.
#[derive(Resource, Default)]
struct Painters {
    painters: Vec<Painter>,
    /// The first one, for a thread has time while nothing is there to draw.
    first: Soon<Painter>,
    coarse: Option<Coarse>,
    right: OtherPart,
}

impl Painters {
    /// Has a thread compile what will be needed, large lattices included: no frame must wait for that while a text runs.
    fn compile(&mut self, device: &wgpu::Device, kind: Target) {
        if self.painters.is_empty() && !self.first.is_begun() {
            let device = device.clone();
            self.first.begin(move || Self::painter(&device, kind));
        }
    }

    fn painter(device: &wgpu::Device, kind: Target) -> Painter {
        let mut painter = Painter::new(device, kind);
        painter.compile_large(device);
        painter
    }

    fn suiting(&mut self, device: &wgpu::Device, kind: Target) -> &mut Painter {
        self.painters.extend(self.first.take());
        painter::suiting(&mut self.painters, kind, || Self::painter(device, kind))
    }
}

/// After an error of the device: what could not be made is not kept for the next frame.
pub fn begin_anew(render_world: &mut World) {
    if let Some(mut painters) = render_world.get_resource_mut::<Painters>() {
        *painters = Painters::default();
    }
}

fn draw_scene(
    shown: Res<Shown>,
    mut painters: ResMut<Painters>,
    view: ViewQuery<(&ViewTarget, &ViewDepthTexture, &Msaa)>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    mut context: RenderContext,
) {
    let (target, depth, msaa) = view.into_inner();
    let kind = Target {
        format: target.main_texture_format(),
        samples: msaa.samples(),
        light: shown.light,
    };
    let device = device.wgpu_device();
    let queue: &wgpu::Queue = &queue;
    let Some(scene) = &shown.scene else {
        painters.compile(device, kind);
        return;
    };
    if shown.coarse && kind.samples == 1 {
        let scene = Coarse::scene(scene);
        let size = scene.eye.viewport.as_uvec2();
        let bound =
            painters
                .suiting(device, kind)
                .prepare(device, queue, &scene, Excerpt::whole(size));
        let coarse = match painters.coarse.take() {
            Some(coarse) if coarse.suits(size, kind.format) => coarse,
            _ => Coarse::new(device, size, kind.format),
        };
        let mut right = std::mem::take(&mut painters.right);
        let split = shown.split.as_ref();
        let painter = painters.suiting(device, kind);
        coarse.draw(
            device,
            context.command_encoder(),
            painter,
            &scene,
            &bound,
            split.map(|split| (queue, &mut right, kind, split)),
            target.main_texture_view(),
        );
        painters.right = right;
        painters.coarse = Some(coarse);
        return;
    }
    let painter = painters.suiting(device, kind);
    let whole = Excerpt::whole(scene.eye.viewport.as_uvec2());
    let bound = painter.prepare(device, queue, scene, whole);
    if bound.is_traced() {
        let onto = target.main_texture_view();
        let encoder = context.command_encoder();
        painter.trace(device, encoder, scene, &bound, onto, None);
    } else {
        painter.draw(
            device,
            context.command_encoder(),
            scene,
            &bound,
            depth.view(),
            || {
                let colour = target.get_color_attachment();
                (colour, depth.get_attachment(StoreOp::Store))
            },
            None,
        );
    }
    if let Some(split) = &shown.split {
        let encoder = context.command_encoder();
        let (right, onto) = (&mut painters.right, target.main_texture());
        right.draw(device, queue, encoder, kind, split, whole, onto);
    }
}
