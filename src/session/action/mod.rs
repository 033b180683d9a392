//! Every action by name, with its keys. The keyboard, the sheet of keys, the command palette and the README's
//! table all come from this one.

mod changes;
mod files;
mod film;
mod numbers;
mod places;
mod program;
mod view;
mod writing;

use std::sync::LazyLock;

use super::{Bookmarks, Chord, Intent, Key, Session, TextSize, film::PlayHead};
use crate::{
    camera::Pose,
    lattice::{Cell, HeadId, Shape},
    model::{Quantisation, Version},
    score::Measure,
    trace::{Layers, Window},
};

/// What an action belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// The selected token.
    Tokens,
    /// The chosen heads.
    Heads,
    /// Parts of the text.
    Passages,
    /// The number shown and its colours.
    Measure,
    /// Which arcs are drawn.
    Arcs,
    /// What is changed in the model.
    Interventions,
    /// How the text goes on.
    Writing,
    /// How it is laid out and coloured.
    View,
    /// How the text is shown.
    Text,
    /// Where it is seen from.
    Camera,
    /// The film about what is on show.
    Film,
    /// Files opened and written, and the clipboard.
    Files,
    /// Runs, choices taken back, the program.
    Program,
}

impl Group {
    /// All, in the order of the sheet.
    pub const ALL: [Self; 13] = [
        Self::Tokens,
        Self::Heads,
        Self::Passages,
        Self::Measure,
        Self::Arcs,
        Self::Interventions,
        Self::Writing,
        Self::View,
        Self::Text,
        Self::Camera,
        Self::Film,
        Self::Files,
        Self::Program,
    ];

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Heads => "heads",
            Self::Passages => "passages",
            Self::Measure => "measure and scale",
            Self::Arcs => "arcs",
            Self::Interventions => "interventions",
            Self::Writing => "writing",
            Self::View => "view",
            Self::Text => "text",
            Self::Camera => "camera",
            Self::Film => "film",
            Self::Files => "files",
            Self::Program => "program",
        }
    }
}

/// Where the keyboard is, and from where an action's keys reach: each from all those before it as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Nothing else has it.
    Picture,
    /// A sheet lies over the picture.
    Sheet,
    /// A text field has it.
    Field,
}

/// What an action is asked in.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// What is chosen.
    pub session: &'a Session,
    /// The cell that is pointed at.
    pub hover: Option<Cell>,
    /// Of the text and its model; none before a run.
    pub shape: Option<Shape>,
    /// Where the camera stands.
    pub pose: Option<Pose>,
    /// Of the model.
    pub version: Version,
    /// There is a run of the model that is open, and what came of its text if that was written on.
    pub writing: Option<Written>,
    /// There is a model and a prompt, and nothing else is going on.
    pub can_run: bool,
    /// A run, a load or a save is going on, or a picture is being drawn.
    pub is_busy: bool,
    /// An error message is on show.
    pub has_error: bool,
    /// The moment of the film that is chosen in the timeline: the number of its key.
    pub moment: Option<usize>,
    /// Where the film is in the window.
    pub play: PlayHead,
    /// How many layers of the model that is opened next are to be kept in fewer bits.
    pub wanted: Quantisation,
    /// The same of the model on show, and how many layers it has; none without a model.
    pub kept: Option<(Quantisation, usize)>,
    /// The most layers that a run of the prompt can keep, where those that are wanted have no room.
    pub fitting: Option<Layers>,
    /// Likewise the last tokens of the prompt.
    pub fitting_window: Option<Window>,
    /// The program begins with the last session.
    pub remembers: bool,
    /// How large letters and panels are.
    pub text_size: TextSize,
    /// The largest |value| on show, 1 when there is none.
    pub largest: f32,
}

/// A run that can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// The first token that can be written anew.
    pub first: usize,
    /// Where writing began, if it has.
    pub from: Option<usize>,
    /// It goes on just now.
    pub goes_on: bool,
}

impl Situation<'_> {
    /// The selected token, where there is a text.
    fn token(&self) -> Option<usize> {
        self.session.token.filter(|_| self.shape.is_some())
    }

    /// The numbers that can be shown.
    #[must_use]
    pub fn measures(&self) -> Vec<Measure> {
        let all = Measure::all(self.version).iter().copied();
        // What heads add to a logit, only a model tells.
        all.chain(self.writing.map(|_| Measure::Logit)).collect()
    }

    /// The chosen head; of several the first.
    fn head(&self) -> Option<HeadId> {
        self.session.heads.named().next()
    }
}

/// Something a user can do.
pub struct Action {
    /// What it does, in few words, in lower case.
    pub name: String,
    /// What it belongs to.
    pub group: Group,
    /// Any of these keys does it.
    pub keys: Vec<Chord>,
    /// From where.
    pub reach: Reach,
    /// It belongs with the action before it, mostly as its opposite: the sheet of keys has both on one line.
    opposite: bool,
    ask: Box<dyn Fn(&Situation) -> Option<Intent> + Send + Sync>,
}

impl Action {
    /// Which of nine it is, where nine do the same with a number each.
    fn number(&self) -> Option<usize> {
        self.keys.iter().find_map(|chord| match chord.key {
            Key::Digit(digit) if self.name.ends_with(&digit.to_string()) => Some(digit),
            _ => None,
        })
    }

    /// What it asks for; none where it would change nothing or cannot be done.
    #[must_use]
    pub fn ask(&self, situation: &Situation) -> Option<Intent> {
        (self.ask)(situation)
    }
}

/// All actions, group by group.
#[must_use]
pub fn actions() -> &'static [Action] {
    static ALL: LazyLock<Vec<Action>> = LazyLock::new(|| {
        let mut table = Table(Vec::new());
        places::list(&mut table);
        numbers::list(&mut table);
        changes::list(&mut table);
        writing::list(&mut table);
        view::list(&mut table);
        film::list(&mut table);
        files::list(&mut table);
        program::list(&mut table);
        table.0
    });
    &ALL
}

/// The action of a key that is pressed at a place.
#[must_use]
pub fn find(pressed: Chord, place: Reach) -> Option<&'static Action> {
    actions()
        .iter()
        .filter(|action| action.reach >= place)
        .find(|action| action.keys.iter().any(|key| key.is(pressed)))
}

/// The action of a key that is pressed over the picture in flight: Esc ends it, and letters move the eye unless
/// Ctrl is held.
#[must_use]
pub fn find_in_flight(pressed: Chord) -> Option<&'static Action> {
    let is_fly = |action: &&Action| action.name == FLY;
    if pressed.key == Key::Escape {
        return actions().iter().find(is_fly);
    }
    let moves = matches!(pressed.key, Key::Letter(_)) && !pressed.ctrl;
    find(pressed, Reach::Picture).filter(|action| !moves || is_fly(action))
}

/// The action that begins and ends a flight.
const FLY: &str = "fly";

/// What the sheet of keys has on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What the keys do.
    pub name: String,
    /// Any of these does it.
    pub keys: Vec<String>,
}

/// All keys of a group. The same for each of nine digits is one line, and so is what goes one way and back.
#[must_use]
pub fn lines(group: Group) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for action in actions().iter().filter(|action| action.group == group) {
        let keys = action.keys.iter().map(ToString::to_string);
        match (action.number(), lines.last_mut()) {
            _ if action.keys.is_empty() => {}
            (Some(1), _) => lines.push(Line {
                name: action.name.replace('1', &format!("1–{}", Bookmarks::COUNT)),
                keys: keys
                    .map(|key| format!("{key}…{}", Bookmarks::COUNT))
                    .collect(),
            }),
            (Some(_), _) => {}
            (None, Some(before)) if action.opposite => {
                before.name = both(&before.name, &action.name);
                before.keys.extend(keys);
            }
            (None, _) => lines.push(Line {
                name: action.name.clone(),
                keys: keys.collect(),
            }),
        }
    }
    lines
}

/// Two names as one, with the words that they share said once.
fn both(one: &str, other: &str) -> String {
    let split = |name: &str| name.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (split(one), split(other));
    let same = |(a, b): &(&String, &String)| a == b;
    let before = one.iter().zip(&other).take_while(same).count();
    let rest = one[before..].iter().rev().zip(other[before..].iter().rev());
    let after = rest.take_while(same).count();
    let middle = |name: &[String]| name[before..name.len() - after].join(" ");
    let middle = [format!("{},", middle(&one)), middle(&other)];
    let parts = one[..before].iter().chain(&middle);
    let parts: Vec<_> = parts.chain(&one[one.len() - after..]).cloned().collect();
    parts.join(" ")
}

/// The table while it is made.
struct Table(Vec<Action>);

impl Table {
    /// The last action belongs with the one before it.
    fn opposite(&mut self) {
        if let Some(last) = self.0.last_mut() {
            last.opposite = true;
        }
    }

    fn add(
        &mut self,
        group: Group,
        name: impl Into<String>,
        keys: &[Chord],
        ask: impl Fn(&Situation) -> Option<Intent> + Send + Sync + 'static,
    ) {
        self.add_from(Reach::Picture, group, name, keys, ask);
    }

    fn add_from(
        &mut self,
        reach: Reach,
        group: Group,
        name: impl Into<String>,
        keys: &[Chord],
        ask: impl Fn(&Situation) -> Option<Intent> + Send + Sync + 'static,
    ) {
        self.0.push(Action {
            name: name.into(),
            group,
            keys: keys.to_vec(),
            reach,
            opposite: false,
            ask: Box::new(ask),
        });
    }
}

/// The one a step after or before, and round from one end to the other.
fn beside<T: Copy>(all: &[T], step: isize, is_now: impl Fn(&T) -> bool) -> Option<T> {
    let count = all.len() as isize;
    let next = match all.iter().position(is_now) {
        Some(at) => (at as isize + step).rem_euclid(count.max(1)),
        None => 0,
    };
    all.get(next as usize).copied()
}

#[cfg(test)]
mod tests;
