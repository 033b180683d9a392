use std::{
    panic::{self, AssertUnwindSafe},
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use bevy::{
    prelude::*,
    window::{ExitCondition, WindowResizeConstraints, WindowResolution},
    winit::{UpdateMode, WinitSettings},
};
use bevy_egui::EguiPrimaryContextPass;

use super::{
    Desk, Start, Step, accessibility, dialogs, faults, flight, input, log,
    lost::{self, Begun},
    ways,
};
use crate::{gpu::Gpu, inference};

/// Points a side below which panels lie on each other.
const LEAST: [f32; 2] = [880.0, 560.0];

/// Opens the window and runs until it is closed; `after` is why the device of the program before was lost.
///
/// # Errors
/// When there is no adapter or no thread for inference.
pub fn window(start: Start, after: Option<String>) -> anyhow::Result<ExitCode> {
    let begun = Begun {
        at: Instant::now(),
        after,
        vocab: start.vocab.clone(),
    };
    let gpu = Gpu::new()?;
    let start = Start {
        live: true,
        ..start
    };
    let mut desk = Desk::new(&gpu, start, faults::at_each_word())
        .context("the inference thread cannot be started: close other programs")?;
    let software = gpu.is_software();
    desk.facts.thrift = software;
    desk.facts.note = begun.after.as_deref().map(lost::told);
    let samples = super::samples(&gpu);
    let mut app = App::new();
    let plugins = DefaultPlugins
        .set(super::render_plugin(&gpu))
        .set(log::plugin())
        .set(WindowPlugin {
            primary_window: Some(Window {
                title: "arclight".into(),
                name: Some("arclight".into()),
                resolution: WindowResolution::new(1280, 720),
                // Below this the panels lie on each other.
                resize_constraints: WindowResizeConstraints {
                    min_width: LEAST[0],
                    min_height: LEAST[1],
                    ..default()
                },
                ..default()
            }),
            exit_condition: ExitCondition::OnPrimaryClosed,
            ..default()
        });
    on_a_display(|| {
        app.add_plugins(plugins);
    })?;
    log::begin(&gpu);
    super::shared(&mut app);
    accessibility::listen(&mut app);
    lost::listen(&gpu, &mut app);
    faults::lose_device(&gpu, &mut app);
    app.insert_resource(desk)
        .insert_resource(lost::handler())
        .init_resource::<dialogs::Dialogs>()
        .insert_resource(pace(software))
        .insert_resource(begun)
        .add_systems(Startup, move |mut commands: Commands| {
            commands.spawn(super::viewpoint(samples));
        })
        .add_systems(
            Update,
            (
                (input::keys, input::pointer, ways::dropped).in_set(Step::Listen),
                (input::steer, dialogs::ask, ways::paste, resize_text).after(Step::Decide),
                (flight::wheel, flight::drive, flight::limit)
                    .chain()
                    .after(Step::Decide),
            ),
        )
        .add_systems(EguiPrimaryContextPass, dialogs::show.after(super::panels))
        .add_systems(Last, (keep, log_start, log::note_errors));
    if software {
        app.insert_resource(super::Thrift);
    }
    let exit = app.run();
    // The device goes before the instance it came from.
    drop(app);
    drop(gpu);
    Ok(match exit {
        AppExit::Success => ExitCode::SUCCESS,
        AppExit::Error(code) => ExitCode::from(code.get()),
    })
}

/// Bevy panics where no window can be opened, in words for programmers.
fn on_a_display(open: impl FnOnce()) -> anyhow::Result<()> {
    let printed = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let came = panic::catch_unwind(AssertUnwindSafe(open));
    panic::set_hook(printed);
    let Err(panic) = came else { return Ok(()) };
    let text = inference::said(&*panic).unwrap_or_default();
    if !text.contains("event loop") {
        bail!("the window cannot be set up: {text}");
    }
    let said = ["DISPLAY", "WAYLAND_DISPLAY"].map(|name| match std::env::var(name) {
        Ok(display) => format!("{name} is {display:?}"),
        Err(_) => format!("{name} is not set"),
    });
    bail!(
        "no window can be opened here ({}): start arclight on a desktop, or draw without a window with arclight render",
        said.join(", ")
    )
}

/// Notes when the first frame and the first lattice were there: when the frame after them is.
fn log_start(begun: Res<Begun>, desk: Res<Desk>, mut noted: Local<(u32, bool, bool)>) {
    let (frames, had_lattice, told) = &mut *noted;
    let seconds = begun.at.elapsed().as_secs_f64();
    *frames = frames.saturating_add(1);
    if *frames == 2 {
        info!("the first frame was there after {seconds:.2} s");
    }
    if *had_lattice && !*told {
        *told = true;
        info!("the first lattice was there after {seconds:.2} s");
    }
    *had_lattice = desk.trace().is_some() && desk.is_settled();
}

/// Letters, panels and labels are as large as the user wants them: pixels a point, of all of them at once.
fn resize_text(desk: Res<Desk>, mut windows: Query<&mut Window>) {
    for mut window in &mut windows {
        let pixels = window.physical_size().as_vec2().to_array();
        let resolution = &window.resolution;
        let scale = desk
            .facts
            .text_size
            .scale(resolution.base_scale_factor(), pixels, LEAST);
        if (scale - resolution.scale_factor()).abs() > 1e-3 {
            window.resolution.set_scale_factor_override(Some(scale));
        }
    }
}

/// What is on show when the window closes is kept to go on with.
fn keep(mut exits: MessageReader<AppExit>, desk: Res<Desk>) {
    if exits.read().count() > 0 {
        desk.keep();
    }
}

/// A GPU animates; a CPU that draws has better things to do, and redraws on input and now and then.
fn pace(software: bool) -> WinitSettings {
    if software {
        let mode = UpdateMode::reactive(Duration::from_millis(120));
        WinitSettings {
            focused_mode: mode,
            unfocused_mode: mode,
        }
    } else {
        let unfocused_mode = UpdateMode::reactive_low_power(Duration::from_millis(100));
        WinitSettings {
            focused_mode: UpdateMode::Continuous,
            unfocused_mode,
        }
    }
}
