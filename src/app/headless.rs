use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bevy::{
    asset::RenderAssetUsages,
    camera::{ImageRenderTarget, RenderTarget},
    log::LogPlugin,
    prelude::*,
    render::{
        RenderApp,
        pipelined_rendering::PipelinedRenderingPlugin,
        render_asset::RenderAssets,
        render_resource::{TextureFormat, TextureUsages},
        texture::GpuImage,
    },
    time::TimeUpdateStrategy,
    window::{ExitCondition, WindowPlugin},
    winit::WinitPlugin,
};

use super::{Desk, Start};
use crate::gpu::{self, Gpu, Pending};

/// A picture, RGBA in sRGB, 8 bits each, rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `4 × width × height` bytes.
    pub pixels: Vec<u8>,
}

/// The panels are made for a picture of this size.
const DESIGN_SIZE: Vec2 = Vec2::new(1280.0, 720.0);
/// Frames drawn after everything has settled: panels measure themselves in the first.
const SETTLING_FRAMES: usize = 3;

/// Draws what a session shows, without a window.
///
/// # Errors
/// When the model cannot be opened or run, or the picture is larger than the adapter allows.
pub fn render(gpu: &Gpu, start: Start, size: UVec2) -> anyhow::Result<Picture> {
    let largest = gpu.device().limits().max_texture_dimension_2d;
    if size.min_element() < 16 || size.max_element() > largest {
        bail!(
            "{}×{} pixels are not possible: each side has to be 16 to {largest}",
            size.x,
            size.y
        );
    }
    let desk = Desk::new(
        gpu,
        Start {
            still: true,
            ..start
        },
        || {},
    )
    .context("the inference thread cannot be started: close other programs")?;
    let mut app = App::new();
    app.add_plugins(
        DefaultPlugins
            .set(super::render_plugin(gpu))
            .set(WindowPlugin {
                primary_window: None,
                exit_condition: ExitCondition::DontExit,
                ..default()
            })
            .disable::<WinitPlugin>()
            .disable::<LogPlugin>()
            // Otherwise an update returns while its frame is still being recorded.
            .disable::<PipelinedRenderingPlugin>(),
    );
    super::shared(&mut app);
    let image = app
        .world_mut()
        .resource_mut::<Assets<Image>>()
        .add(target(size));
    app.insert_resource(desk)
        .insert_resource(super::keep_going())
        .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(
            16,
        )));
    // Panels and labels keep their place and size in the picture, whatever its resolution.
    let scale_factor = (size.as_vec2() / DESIGN_SIZE).min_element();
    // Nothing is drawn before there is something to see.
    let camera = Camera {
        is_active: false,
        ..default()
    };
    app.world_mut().spawn((
        super::viewpoint(Msaa::Sample4),
        camera,
        RenderTarget::Image(ImageRenderTarget {
            handle: image.clone(),
            scale_factor,
        }),
    ));
    app.finish();
    app.cleanup();

    settle(&mut app)?;
    let world = app.world_mut();
    world
        .query::<&mut Camera>()
        .iter_mut(world)
        .for_each(|mut camera| camera.is_active = true);
    for _ in 0..SETTLING_FRAMES {
        app.update();
    }
    let texture = app
        .sub_app(RenderApp)
        .world()
        .resource::<RenderAssets<GpuImage>>()
        .get(&image)
        .map(|image| (*image.texture).clone())
        .context("the picture was not drawn: the graphics device may be lost, start again")?;
    let picture = read(gpu, &texture, size)?;
    if let Some(error) = app.world().resource::<Desk>().facts.error.clone() {
        bail!(error);
    }
    Ok(picture)
}

fn target(size: UVec2) -> Image {
    let mut image = Image::new_target_texture(size.x, size.y, TextureFormat::Rgba8UnormSrgb, None);
    image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
    image.asset_usage = RenderAssetUsages::default();
    image
}

/// Runs frames until the desk has nothing left to do.
fn settle(app: &mut App) -> anyhow::Result<()> {
    let start = Instant::now();
    loop {
        app.update();
        let desk = app.world().resource::<Desk>();
        if let Some(error) = &desk.facts.error {
            bail!(error.clone());
        }
        if desk.is_settled() && desk.trace().is_some() {
            return Ok(());
        }
        if desk.is_settled() && start.elapsed() > Duration::from_secs(5) {
            bail!("there is nothing to draw: give a prompt");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Copies a texture out; rows come padded to 256 bytes.
fn read(gpu: &Gpu, texture: &wgpu::Texture, size: UVec2) -> Result<Picture, gpu::GpuError> {
    let row = size.x * 4;
    let padded = row.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let staging = gpu.device().create_buffer(&wgpu::BufferDescriptor {
        label: Some("picture"),
        size: u64::from(padded) * u64::from(size.y),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = gpu
        .device()
        .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &staging,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(padded),
                rows_per_image: None,
            },
        },
        wgpu::Extent3d {
            width: size.x,
            height: size.y,
            depth_or_array_layers: 1,
        },
    );
    gpu.queue().submit([encoder.finish()]);
    let bytes = Pending::map(staging).wait(gpu)?;
    let pixels = bytes
        .chunks_exact(padded as usize)
        .flat_map(|line| &line[..row as usize])
        .copied()
        .collect();
    Ok(Picture {
        width: size.x,
        height: size.y,
        pixels,
    })
}
