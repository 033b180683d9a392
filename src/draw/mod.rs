//! Draws the lattice: cells, the selected token's plane, arcs. Everything is read from the buffers the
//! model and the score kernels wrote; nothing of size tokens × heads comes from the CPU.
//!
//! The pipelines are plain wgpu and know nothing of Bevy, so they are ready on the first frame and can
//! be used by any view; one system records them in the main pass of each 3D camera.

mod canvas;
mod excerpt;
mod painter;
mod panel_pipeline;
mod panels;
mod scene;
mod tables;

pub use canvas::Canvas;
pub use excerpt::Excerpt;
pub use painter::{ARC_VERTICES, Painter, Target};
pub use panels::{PanelMesh, PanelPainter};
pub use scene::{Marked, Scene};
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
        render_resource::{RenderPassDescriptor, StoreOp},
        renderer::{RenderContext, RenderDevice, RenderQueue, ViewQuery},
        view::{Msaa, ViewDepthTexture, ViewTarget},
    },
};

/// Draws [`Shown`] in every 3D camera.
pub struct DrawPlugin;

/// What is drawn now, if anything.
#[derive(Resource, Clone, Default, ExtractResource)]
pub struct Shown(pub Option<Scene>);

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
struct Painters(Vec<Painter>);

fn draw_scene(
    shown: Res<Shown>,
    mut painters: ResMut<Painters>,
    view: ViewQuery<(&ViewTarget, &ViewDepthTexture, &Msaa)>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    mut context: RenderContext,
) {
    let Some(scene) = &shown.0 else { return };
    let (target, depth, msaa) = view.into_inner();
    let kind = Target {
        format: target.main_texture_format(),
        samples: msaa.samples(),
        light: scene.colours.is_light(),
    };
    let device = device.wgpu_device();
    let painter = match painters.0.iter().position(|painter| painter.suits(kind)) {
        Some(index) => &painters.0[index],
        None => painters.0.push_mut(Painter::new(device, kind)),
    };

    let whole = Excerpt::whole(scene.eye.viewport.as_uvec2());
    let bound = painter.prepare(device, &queue, scene, whole);
    let color_attachments = [Some(target.get_color_attachment())];
    let depth_stencil_attachment = Some(depth.get_attachment(StoreOp::Store));
    let mut pass = context
        .command_encoder()
        .begin_render_pass(&RenderPassDescriptor {
            label: Some("lattice"),
            color_attachments: &color_attachments,
            depth_stencil_attachment,
            timestamp_writes: None,
            occlusion_query_set: None,
            multiview_mask: None,
        });
    painter.paint(&mut pass, scene, &bound);
}
