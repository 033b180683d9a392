//! The program around the rooms: what happens in which order, in a window and without one.

mod accessibility;
mod desk;
mod dialogs;
mod export;
mod faults;
mod flight;
mod headless;
mod input;
mod log;
mod lost;
mod pictures;
mod preview;
mod recording;
mod stage;
mod ways;
mod window;

pub use crate::picture::Picture;
use desk::Wish;
pub use desk::{Desk, Run, Start};
pub use export::export;
pub use headless::render;
pub use log::{last_lines, log_file, program};
pub use recording::{Recorded, Recording, Script, estimate, record};
pub use stage::Stage;
pub use window::window;

use bevy::{
    asset::AssetEventSystems,
    camera::CameraMainTextureUsages,
    core_pipeline::tonemapping::Tonemapping,
    ecs::schedule::{Schedules, SingleThreadedExecutor},
    prelude::*,
    render::{
        RenderApp, RenderPlugin,
        error_handler::{ErrorType, RenderError},
        render_resource::TextureUsages,
        renderer::{
            RenderAdapter, RenderAdapterInfo, RenderDevice, RenderInstance, RenderQueue,
            WgpuWrapper,
        },
        settings::{RenderCreation, RenderResources},
    },
};
use bevy_egui::{EguiContexts, EguiPlugin, EguiPostUpdateSet, EguiPrimaryContextPass};
use bevy_panorbit_camera::{PanOrbitCamera, PanOrbitCameraSystemSet};
use std::{sync::Arc, time::Duration};

use crate::{
    camera::{self, OrbitPlugin, Pose, Viewpoint},
    draw::{self, DrawPlugin, Shown},
    gpu::{self, Gpu},
    overlay,
    session::Colours,
};

/// What happens in a frame, in order.
#[derive(SystemSet, Debug, Clone, PartialEq, Eq, Hash)]
enum Step {
    /// News from the inference thread and from the GPU.
    Hear,
    /// Keys and pointer become intents.
    Listen,
    /// Intents change the session; the session asks for work.
    Decide,
    /// The camera stands still for this frame: the scene is set.
    Set,
}

/// The systems that a window and a picture without one share.
fn shared(app: &mut App) {
    app.add_plugins((EguiPlugin::default(), OrbitPlugin, DrawPlugin))
        .insert_resource(ClearColor(ground(Colours::default())))
        .configure_sets(Update, (Step::Hear, Step::Listen, Step::Decide).chain())
        .configure_sets(
            PostUpdate,
            Step::Set
                .after(PanOrbitCameraSystemSet)
                .before(EguiPostUpdateSet::EndPass),
        )
        // Glyphs that no frame had before go to the device with the frame that shows them, not with the next.
        .configure_sets(
            PostUpdate,
            EguiPostUpdateSet::PostProcessOutput.before(AssetEventSystems),
        )
        .add_systems(
            Update,
            (
                hear.in_set(Step::Hear),
                preview::tick.after(Step::Hear).before(Step::Decide),
                decide.in_set(Step::Decide),
            ),
        )
        .add_systems(
            PostUpdate,
            (set.in_set(Step::Set), pictures::draw.after(Step::Set)),
        )
        .add_systems(EguiPrimaryContextPass, panels);
    one_after_another(app);
}

/// Systems run one after another: they are many and short, and waking other threads for them takes longer than they do.
fn one_after_another(app: &mut App) {
    let order = |world: &mut World| {
        for (_, schedule) in world.resource_mut::<Schedules>().iter_mut() {
            schedule.set_executor(SingleThreadedExecutor::new());
        }
    };
    order(app.world_mut());
    if let Some(render) = app.get_sub_app_mut(RenderApp) {
        order(render.world_mut());
    }
}

/// The camera that sees the lattice. Colours are drawn as they are: data is not tone-mapped.
fn viewpoint(msaa: Msaa) -> impl Bundle {
    (
        Viewpoint,
        camera::start_at(Pose::default()),
        Camera3d {
            // The light of arcs is hidden by what stands before it.
            depth_texture_usages: (TextureUsages::RENDER_ATTACHMENT
                | TextureUsages::TEXTURE_BINDING)
                .into(),
            ..default()
        },
        // Another scene may take a part of the picture.
        CameraMainTextureUsages::default().with(TextureUsages::COPY_DST),
        Tonemapping::None,
        msaa,
    )
}

/// Samples a pixel in a window: a CPU that draws has better things to do.
#[must_use]
pub fn samples(gpu: &Gpu) -> Msaa {
    if gpu.is_software() {
        Msaa::Off
    } else {
        Msaa::Sample4
    }
}

/// A window drawn by the CPU has fewer pixels while the camera moves.
#[derive(Resource)]
struct Thrift;

/// So long after the camera has moved.
const COARSE_FOR: Duration = Duration::from_millis(100);

fn ground(colours: Colours) -> Color {
    let [red, green, blue] = colours.ground();
    Color::LinearRgba(LinearRgba::rgb(red, green, blue))
}

/// Bevy draws with clones of the device that web-rwkv made.
fn render_plugin(gpu: &Gpu) -> RenderPlugin {
    let adapter = gpu.context.adapter.clone();
    RenderPlugin {
        render_creation: RenderCreation::Manual(RenderResources(
            RenderDevice::from(gpu.device().clone()),
            RenderQueue(Arc::new(WgpuWrapper::new(gpu.queue().clone()))),
            RenderAdapterInfo(WgpuWrapper::new(adapter.get_info())),
            RenderAdapter(Arc::new(WgpuWrapper::new(adapter))),
            RenderInstance(Arc::new(WgpuWrapper::new(gpu.instance.clone()))),
        )),
        synchronous_pipeline_compilation: true,
        ..default()
    }
}

/// A GPU error, whoever caused it, is shown with what can be done.
fn show_error(error: &RenderError, main_world: &mut World, render_world: &mut World) {
    if matches!(error.ty, ErrorType::OutOfMemory) {
        draw::begin_anew(render_world);
    }
    let said = gpu::in_a_line(&error.description);
    let (what, cure) = match error.ty {
        ErrorType::OutOfMemory => (
            "it has no memory left",
            "close other programs, or choose a shorter text or a smaller picture",
        ),
        ErrorType::DeviceLost => ("it is gone", "start arclight again"),
        _ => (
            match said.is_empty() {
                true => "it gives no reason",
                false => &said,
            },
            "that is a mistake of arclight's: please report it (arclight doctor --report)",
        ),
    };
    if let Some(mut desk) = main_world.get_resource_mut::<Desk>() {
        desk.facts.error = Some(format!(
            "the graphics adapter reported an error ({what}); {cure}"
        ));
    }
}

fn hear(mut desk: ResMut<Desk>) {
    desk.hear();
}

fn decide(
    mut desk: ResMut<Desk>,
    mut cameras: Query<(&Camera, &mut PanOrbitCamera), With<Viewpoint>>,
    mut exit: MessageWriter<AppExit>,
    mut framed: Local<Option<Framed>>,
) {
    desk.decide();
    if desk.is_over() {
        exit.write(AppExit::Success);
    }
    let wished = desk.take_wish();
    let along = desk.take_along();
    for (camera, mut orbit) in &mut cameras {
        let Some(size) = camera.physical_viewport_size() else {
            continue;
        };
        for along in &along {
            camera::go_along(&mut orbit, along);
        }
        let size = size.as_vec2() / camera.target_scaling_factor().unwrap_or(1.0);
        let room = Vec2::new(size.x, size.y - desk.covered_below());
        // In a window of another size the same is framed anew, unless somebody has moved the camera since.
        let stays = |framed: &Framed| framed.pose == camera::pose_of(&orbit);
        let resized = framed
            .as_ref()
            .filter(|framed| framed.room != room && stays(framed))
            .map(|framed| framed.wish.at_once());
        let Some(wish) = wished.or(resized) else {
            continue;
        };
        if let Some(pose) = desk.pose(wish, size) {
            camera::move_to(&mut orbit, pose, wish.at_once);
            *framed = Some(Framed { wish, pose, room });
        }
    }
}

/// What the camera was sent to last, in how much room above the timeline.
struct Framed {
    wish: Wish,
    pose: Pose,
    room: Vec2,
}

fn set(
    mut desk: ResMut<Desk>,
    mut shown: ResMut<Shown>,
    mut clear: ResMut<ClearColor>,
    cameras: Query<(&Camera, &Transform, &PanOrbitCamera), With<Viewpoint>>,
    time: Res<Time>,
    thrift: Option<Res<Thrift>>,
    mut moved: Local<(Option<Mat4>, Duration)>,
    mut pointer: MessageReader<CursorMoved>,
) {
    let Ok((camera, transform, orbit)) = cameras.single() else {
        return;
    };
    let Some(size) = camera.physical_viewport_size() else {
        return;
    };
    let scale = camera.target_scaling_factor().unwrap_or(1.0);
    let sights = desk.sights(size.as_vec2() / scale);
    let from = transform.to_matrix();
    let viewport = size.as_vec2();
    let eye = sights.own.eye(from, viewport, scale);
    let beside = sights.beside.map(|share| share.seen(from, viewport, scale));
    desk.stands(camera::pose_of(orbit));
    clear.0 = ground(desk.facts.session.colours());
    // A camera that stands still for a moment is seen with all pixels.
    let moves = moved.0 != Some(eye.clip_from_world);
    if moves {
        *moved = (Some(eye.clip_from_world), time.elapsed());
    }
    // Under a pointer that moves, too, things light up.
    desk.moves(moves || pointer.read().count() > 0);
    let rests = time.elapsed().saturating_sub(moved.1) > COARSE_FOR;
    shown.light = desk.facts.session.colours().is_light();
    shown.coarse = thrift.is_some() && !rests;
    let seconds = time.elapsed_secs_wrapped();
    shown.scene = desk.scene(eye, seconds);
    shown.split = desk.scene_beside(beside, seconds);
}

/// egui may run this several times a frame, so it only collects.
fn panels(
    mut contexts: EguiContexts,
    mut desk: ResMut<Desk>,
    mut dressed: Local<bool>,
    mut search: Local<Option<overlay::Search>>,
) -> Result {
    let ctx = contexts.ctx_mut()?;
    if !*dressed {
        overlay::apply_style(ctx);
        // New faces can be used from the next pass on.
        *dressed = true;
        return Ok(());
    }
    if let Some(text) = desk.take_copied() {
        ctx.copy_text(text);
    }
    let Desk {
        facts,
        drafts,
        from_panels,
        ..
    } = &mut *desk;
    let intents = overlay::show(ctx, facts, drafts);
    if !intents.is_empty() {
        *from_panels = intents;
    }
    find_faces(ctx, &mut drafts.faces, &mut search);
    Ok(())
}

/// Begins and ends searches for faces, for characters that egui's own lack.
fn find_faces(
    ctx: &mut egui::Context,
    faces: &mut overlay::Faces,
    search: &mut Option<overlay::Search>,
) {
    if let Some(face) = search.as_ref().and_then(overlay::Search::take) {
        *search = None;
        match &face {
            Some(face) => info!("using the face {} as well", face.name),
            None => info!("no face has all characters of the text"),
        }
        faces.answer(ctx, face);
    }
    if search.is_none()
        && let Some(characters) = faces.wanted(ctx)
    {
        *search = overlay::Search::start(characters).ok();
        if search.is_none() {
            faces.answer(ctx, None);
        }
    }
}
