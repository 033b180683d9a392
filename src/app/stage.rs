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

use super::{Desk, Picture, Start};
use crate::gpu::{self, Gpu};

/// The panels are made for a picture of this size.
const DESIGN_SIZE: Vec2 = Vec2::new(1280.0, 720.0);
/// Frames drawn after everything has settled: panels measure themselves in the first.
const SETTLING_FRAMES: usize = 3;

/// The window's program without a window: it draws to a picture, and only when told to.
pub struct Stage {
    app: App,
    image: Handle<Image>,
    size: UVec2,
    gpu: Gpu,
}

impl Stage {
    /// Starts the program; the camera moves without easing, and light stands still.
    ///
    /// # Errors
    /// When the picture is larger than the adapter allows, or the system gives no thread.
    pub fn new(gpu: &Gpu, start: Start, size: UVec2, samples: Msaa) -> anyhow::Result<Self> {
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
        app.world_mut().spawn((
            super::viewpoint(samples),
            Camera::default(),
            RenderTarget::Image(ImageRenderTarget {
                handle: image.clone(),
                scale_factor,
            }),
        ));
        app.finish();
        app.cleanup();
        Ok(Self {
            app,
            image,
            size,
            gpu: gpu.clone(),
        })
    }

    /// The program's state, to ask it for something.
    pub fn desk(&mut self) -> Mut<'_, Desk> {
        self.app.world_mut().resource_mut::<Desk>()
    }

    /// Goes on until the desk has nothing left to do and the panels have found their sizes. Nothing is
    /// drawn before there is something to see.
    ///
    /// # Errors
    /// When the model cannot be opened or run, or there is nothing to run.
    pub fn settle(&mut self) -> anyhow::Result<()> {
        self.look(false);
        let start = Instant::now();
        loop {
            self.app.update();
            let desk = self.app.world().resource::<Desk>();
            if let Some(error) = &desk.facts.error {
                bail!(error.clone());
            }
            if desk.is_settled() && desk.trace().is_some() {
                break;
            }
            if desk.is_settled() && start.elapsed() > Duration::from_secs(5) {
                bail!("there is nothing to draw: give a prompt");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        self.look(true);
        loop {
            for _ in 0..SETTLING_FRAMES {
                self.frame();
            }
            // Only panels that have been shown know which faces they need, and how large a matrix.
            let desk = self.app.world().resource::<Desk>();
            if desk.has_faces() && desk.has_matrix() {
                return Ok(());
            }
        }
    }

    fn look(&mut self, active: bool) {
        let world = self.app.world_mut();
        world
            .query::<&mut Camera>()
            .iter_mut(world)
            .for_each(|mut camera| camera.is_active = active);
    }

    /// Draws one frame and waits until the GPU is done with it.
    pub fn frame(&mut self) {
        self.app.update();
        gpu::wait_idle(&self.gpu);
    }

    /// What was drawn last.
    ///
    /// # Errors
    /// When drawing failed.
    pub fn picture(&self) -> anyhow::Result<Picture> {
        let texture = self
            .app
            .sub_app(RenderApp)
            .world()
            .resource::<RenderAssets<GpuImage>>()
            .get(&self.image)
            .map(|image| (*image.texture).clone())
            .context("the picture was not drawn: the graphics device may be lost, start again")?;
        let picture = Picture::read(&self.gpu, &texture, self.size)?;
        if let Some(error) = self.app.world().resource::<Desk>().facts.error.clone() {
            bail!(error);
        }
        Ok(picture)
    }
}

fn target(size: UVec2) -> Image {
    let mut image = Image::new_target_texture(size.x, size.y, TextureFormat::Rgba8UnormSrgb, None);
    image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
    image.asset_usage = RenderAssetUsages::default();
    image
}
