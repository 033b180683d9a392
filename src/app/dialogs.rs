//! File dialogs: the system's own, and one of ours where the system has none.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bevy::prelude::*;
use bevy_egui::EguiContexts;
use crossbeam_channel::{Receiver, TryRecvError, bounded};
use egui_file_dialog::{DialogState, FileDialog};

use super::Desk;
use crate::{gpu, session::Browse};

/// A dialog that is gone sooner than this was never shown: no hand is that quick.
const UNSEEN: Duration = Duration::from_millis(250);
/// `own` in this variable: the system's dialogs are not used.
const VARIABLE: &str = "ARCLIGHT_DIALOGS";

/// The dialog that is open, if any.
#[derive(Resource, Default)]
pub(super) struct Dialogs {
    open: Option<Asked>,
    /// Where a file was chosen last.
    folder: Option<PathBuf>,
}

struct Asked {
    browse: Browse,
    /// Suggested for a file to be written.
    name: String,
    open: Open,
}

enum Open {
    /// The system's; it answers once.
    System(Receiver<Option<PathBuf>>, Instant),
    Own(Box<FileDialog>),
}

impl Dialogs {
    /// One is open that the keyboard belongs to.
    pub(super) fn has_keyboard(&self) -> bool {
        self.open
            .as_ref()
            .is_some_and(|asked| matches!(asked.open, Open::Own(_)))
    }

    fn begin(&mut self, browse: Browse, name: String) {
        let system = std::env::var_os(VARIABLE).is_none_or(|choice| choice != "own");
        let asked = system
            .then(|| ask_system(browse, name.clone(), self.folder.clone()))
            .flatten();
        let open = match asked {
            Some(answer) => Open::System(answer, Instant::now()),
            None => Open::Own(Box::new(own(browse, &name, self.folder.as_deref()))),
        };
        self.open = Some(Asked { browse, name, open });
    }

    /// What was chosen, once it was.
    fn answer(&mut self) -> Option<(Browse, PathBuf)> {
        let asked = self.open.as_mut()?;
        let browse = asked.browse;
        let path = match &asked.open {
            Open::System(answer, since) => match answer.try_recv() {
                Ok(None) if since.elapsed() < UNSEEN => {
                    let own = own(browse, &asked.name, self.folder.as_deref());
                    asked.open = Open::Own(Box::new(own));
                    return None;
                }
                Ok(path) => path,
                Err(TryRecvError::Empty) => return None,
                Err(TryRecvError::Disconnected) => None,
            },
            Open::Own(dialog) => match dialog.state() {
                DialogState::Open => return None,
                DialogState::Picked(path) => Some(path.clone()),
                _ => None,
            },
        };
        self.open = None;
        let path = path?;
        self.folder = path.parent().map(Path::to_owned);
        Some((browse, path))
    }
}

/// Asks on a thread, for the system's dialogs take as long as a person does. None without a thread.
fn ask_system(
    browse: Browse,
    name: String,
    folder: Option<PathBuf>,
) -> Option<Receiver<Option<PathBuf>>> {
    let mut dialog = rfd::AsyncFileDialog::new().set_title(browse.title());
    for (kind, endings) in browse.kinds() {
        dialog = dialog.add_filter(*kind, endings);
    }
    if let Some(folder) = folder {
        dialog = dialog.set_directory(folder);
    }
    let (sender, answer) = bounded(1);
    std::thread::Builder::new()
        .name("file dialog".into())
        .spawn(move || {
            let chosen = gpu::pollster(async {
                if browse.saves() {
                    dialog.set_file_name(name).save_file().await
                } else {
                    dialog.pick_file().await
                }
            });
            // The window may have been closed meanwhile.
            let _ = sender.send(chosen.map(|file| file.path().to_owned()));
        })
        .ok()?;
    Some(answer)
}

fn own(browse: Browse, name: &str, folder: Option<&Path>) -> FileDialog {
    let mut dialog = FileDialog::new()
        .title(browse.title())
        .default_size([660.0, 420.0])
        .min_size([420.0, 300.0])
        .anchor(egui::Align2::CENTER_CENTER, [0.0, 0.0])
        .resizable(false)
        .allow_file_overwrite(true)
        .show_new_folder_button(browse.saves());
    if let Some(folder) = folder {
        dialog = dialog.initial_directory(folder.to_owned());
    }
    if browse.saves() {
        dialog = dialog.default_file_name(name);
        dialog.save_file();
        return dialog;
    }
    for (kind, endings) in browse.kinds() {
        dialog = dialog.add_file_filter_extensions(kind, endings.to_vec());
    }
    if let Some((kind, _)) = browse.kinds().first() {
        dialog = dialog.default_file_filter(kind);
    }
    dialog.pick_file();
    dialog
}

/// Opens the dialog that was asked for, and passes on what was chosen.
pub(super) fn ask(mut dialogs: ResMut<Dialogs>, mut desk: ResMut<Desk>) {
    if let Some(browse) = desk.take_browse() {
        // A second dialog would hide the first.
        if dialogs.open.is_none() {
            dialogs.begin(browse, desk.suggestion(browse));
        }
    }
    if let Some((browse, path)) = dialogs.answer() {
        desk.ask(browse.intent(path));
    }
}

/// Draws our own.
pub(super) fn show(mut contexts: EguiContexts, mut dialogs: ResMut<Dialogs>) -> Result {
    if let Some(asked) = &mut dialogs.open
        && let Open::Own(dialog) = &mut asked.open
    {
        dialog.update(contexts.ctx_mut()?);
    }
    Ok(())
}
