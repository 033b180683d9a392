use std::{
    path::Path,
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use bevy::{
    asset::RenderAssetUsages,
    camera::{ImageRenderTarget, RenderTarget},
    log::LogPlugin,
    prelude::*,
    render::{
        RenderApp,
        error_handler::{ErrorType, RenderErrorHandler, RenderErrorPolicy},
        pipelined_rendering::PipelinedRenderingPlugin,
        render_asset::RenderAssets,
        render_resource::{TextureFormat, TextureUsages},
        texture::GpuImage,
    },
    time::TimeUpdateStrategy,
    window::{ExitCondition, WindowPlugin},
    winit::WinitPlugin,
};
use bevy_egui::EguiContext;
use bevy_panorbit_camera::PanOrbitCamera;

use super::{
    Desk, Picture, Start, headless,
    pictures::{self, Destination, Made, Studio, TILE},
};
use crate::{
    files::Watch,
    gpu::{self, Gpu},
    session::{PictureOptions, film::Shot},
};

/// Frames drawn after everything has settled: panels measure themselves in the first.
const SETTLING_FRAMES: usize = 3;

/// The window's program without a window: it goes on, and draws, only when told to.
///
/// Two things draw. [`Stage::frame`] draws a frame as a window has it, through Bevy. [`Stage::picture`] and
/// [`Stage::write_picture`] draw what is on show by themselves, in parts and at any size, as the window's
/// export does; no frame has to be drawn for them.
pub struct Stage {
    app: App,
    image: Handle<Image>,
    gpu: Gpu,
    /// Frames are drawn.
    draws: bool,
    studio: Studio,
}

impl Stage {
    /// Starts the program with frames of a size; the camera moves without easing, and light stands still.
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
        // Panels and labels keep their place and size in the picture, whatever its resolution.
        let (_, scale_factor) = pictures::points(size);
        Self::start(gpu, start, size, scale_factor, samples, true)
    }

    /// Starts the program for pictures, the whole framed for one of that size; no frames are drawn.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn for_pictures(gpu: &Gpu, start: Start, size: UVec2) -> anyhow::Result<Self> {
        PictureOptions::of(size).check()?;
        // The program only has to know how much room there is.
        let (points, _) = pictures::points(size);
        Self::start(gpu, start, points.round().as_uvec2(), 1.0, Msaa::Off, false)
    }

    fn start(
        gpu: &Gpu,
        start: Start,
        size: UVec2,
        scale_factor: f32,
        samples: Msaa,
        draws: bool,
    ) -> anyhow::Result<Self> {
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
            .insert_resource(keep_going())
            .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(
                16,
            )));
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
            gpu: gpu.clone(),
            draws,
            studio: Studio::new(gpu),
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
            if let Some(reason) = desk
                .facts
                .beside
                .as_ref()
                .and_then(|it| it.refused.as_ref())
            {
                bail!("there is nothing to compare with: {reason}");
            }
            if desk.is_settled() && desk.trace().is_some() {
                break;
            }
            if desk.is_settled() && start.elapsed() > Duration::from_secs(5) {
                bail!("there is nothing to draw: give a prompt");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        self.look(self.draws);
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

    /// Turns the camera about the lattice.
    pub fn turn(&mut self, radians: f32) {
        let world = self.app.world_mut();
        let mut cameras = world.query::<&mut PanOrbitCamera>();
        for mut orbit in cameras.iter_mut(world) {
            orbit.target_yaw += radians;
        }
    }

    /// Draws one frame and waits until the GPU is done with it; how long it waited.
    pub fn frame(&mut self) -> Duration {
        self.app.update();
        let start = Instant::now();
        gpu::wait_idle(&self.gpu);
        start.elapsed()
    }

    /// What is on show, as it is now.
    ///
    /// # Errors
    /// When nothing has been run, drawing fails, or there is no memory for the whole.
    pub fn picture(&mut self, options: &PictureOptions) -> anyhow::Result<Picture> {
        self.picture_in_parts(options, TILE)
    }

    /// The same, drawn in parts of at most `most` pixels both ways.
    ///
    /// # Errors
    /// As [`Stage::picture`].
    pub fn picture_in_parts(
        &mut self,
        options: &PictureOptions,
        most: u32,
    ) -> anyhow::Result<Picture> {
        let never = AtomicBool::new(false);
        let mut nobody = |_, _| {};
        let mut watch = Watch::new(&never, &mut nobody);
        match self.shoot(options, Destination::Memory, most, &mut watch)? {
            Made::Picture(picture) => Ok(picture),
            Made::File(_) | Made::Copied => bail!("the picture has gone elsewhere: ask again"),
        }
    }

    /// Shows a moment of a film.
    ///
    /// # Errors
    /// When scoring it fails.
    pub(super) fn show(&mut self, shot: &Shot<'_>) -> anyhow::Result<()> {
        self.studio.film();
        self.desk().show_shot(shot);
        loop {
            self.app.update();
            gpu::wait_idle(&self.gpu);
            self.gpu.fault()?;
            let desk = self.app.world().resource::<Desk>();
            if let Some(error) = &desk.facts.error {
                bail!(error.clone());
            }
            if desk.is_settled() {
                return Ok(());
            }
        }
    }

    /// Writes what is on show to a PNG; `watch` counts parts.
    ///
    /// # Errors
    /// When nothing has been run, drawing fails, the file cannot be written, or it is to end; no file is left
    /// then.
    pub fn write_picture(
        &mut self,
        path: &Path,
        options: &PictureOptions,
        watch: &mut Watch<'_>,
    ) -> anyhow::Result<()> {
        self.shoot(options, Destination::File(path.to_owned()), TILE, watch)?;
        Ok(())
    }

    fn shoot(
        &mut self,
        options: &PictureOptions,
        destination: Destination,
        most: u32,
        watch: &mut Watch<'_>,
    ) -> anyhow::Result<Made> {
        self.order(options, destination, most)?;
        let (mut seen, mut total) = (0, 0);
        loop {
            gpu::wait_idle(&self.gpu);
            self.gpu.fault()?;
            if let Some(made) = self.studio.advance()? {
                return Ok(made);
            }
            let (done, all) = self.studio.progress();
            watch.expect((all - total) as u64);
            if let Err(cancelled) = watch.step((done - seen) as u64) {
                self.studio.stop();
                return Err(cancelled.into());
            }
            if (done, all) == (seen, total) {
                // The encoder is busy.
                std::thread::sleep(Duration::from_micros(300));
            }
            (seen, total) = (done, all);
        }
    }

    /// Has a picture drawn of what is on show now.
    fn order(
        &mut self,
        options: &PictureOptions,
        destination: Destination,
        most: u32,
    ) -> anyhow::Result<()> {
        options.check()?;
        let world = self.app.world_mut();
        if let Some(error) = world.resource::<Desk>().facts.error.clone() {
            bail!(error);
        }
        let mut contexts = world.query::<&mut EguiContext>();
        let mut contexts = contexts.iter_mut(world);
        let fonts = contexts
            .next()
            .and_then(|mut context| pictures::fonts(context.get_mut()));
        let fonts = fonts.context(pictures::NOTHING)?;
        let moment = self.desk().moment(options).context(pictures::NOTHING)?;
        self.studio
            .begin(moment, fonts, *options, destination, most);
        Ok(())
    }

    /// Begins the picture of a film's moment.
    ///
    /// # Errors
    /// When nothing has been run, or such a picture cannot be made.
    pub(super) fn begin_frame(&mut self, options: &PictureOptions) -> anyhow::Result<()> {
        self.order(options, Destination::Memory, TILE)
    }

    /// Goes on until the graphics device has all that was begun to do and at most `most` pictures are open: the
    /// next moment may be shown then. Those that are done, in their order.
    ///
    /// # Errors
    /// As [`Stage::picture`].
    pub(super) fn frames(&mut self, most: usize) -> anyhow::Result<Vec<Picture>> {
        let mut done = Vec::new();
        while !self.studio.is_drawn() || self.studio.open() > most {
            gpu::poll(&self.gpu);
            self.gpu.fault()?;
            match self.studio.advance()? {
                Some(Made::Picture(picture)) => done.push(picture),
                Some(Made::File(_) | Made::Copied) => {}
                None => std::thread::sleep(Duration::from_micros(100)),
            }
        }
        Ok(done)
    }

    /// The frame that was drawn last.
    ///
    /// # Errors
    /// When drawing failed.
    pub fn drawn(&self) -> anyhow::Result<Picture> {
        let texture = self
            .app
            .sub_app(RenderApp)
            .world()
            .resource::<RenderAssets<GpuImage>>()
            .get(&self.image)
            .map(|image| (*image.texture).clone())
            .context("the picture was not drawn: the graphics device may be lost, start again")?;
        let picture = headless::read(&self.gpu, &texture)?;
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

/// Errors are kept for whoever waits; without a device nothing more is drawn.
fn keep_going() -> RenderErrorHandler {
    RenderErrorHandler(|error, main_world, render_world| {
        super::show_error(error, main_world, render_world);
        match error.ty {
            ErrorType::DeviceLost => RenderErrorPolicy::StopRendering,
            _ => RenderErrorPolicy::Ignore,
        }
    })
}
