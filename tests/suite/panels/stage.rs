//! The panels in a harness without a window: facts in, intents out.

use std::sync::Arc;

use arclight::{
    lattice::{Lattice, Shape},
    model::{Card, Quantisation, TokenText, Version, Vocabulary, token_texts},
    overlay::{self, Drafts, Facts, ModelFacts},
    score::{Contributions, HeadStatistics, Statistic},
    session::Intent,
};
use egui::{
    Context, Event, PointerButton, Pos2, Shape as Painted,
    accesskit::{Action, Role},
    epaint::TextShape,
};
use egui_kittest::{
    Harness, Node,
    kittest::{AccessKitNode, NodeT, Queryable},
};

pub const TEXT: &str = "Once there was a small grey cat named Marlowe. Every evening the small grey cat \
                        climbed the stairs to light the lamp, and slept.";

/// A control: its name and those of the groups that it is in; and, to find it, what and where it is.
#[derive(Debug, Clone)]
#[expect(dead_code, reason = "they are printed where something is missing")]
pub struct Control {
    id: u64,
    role: Role,
    pub name: String,
    rect: egui::Rect,
}

impl PartialEq for Control {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

fn control(node: &Node<'_>) -> Control {
    let rect = node.rect();
    let node = node.accesskit_node();
    let group = |node: &AccessKitNode<'_>| (node.role() == Role::Group).then(|| node.label())?;
    let groups = std::iter::successors(node.parent(), AccessKitNode::parent);
    let names = node
        .label()
        .into_iter()
        .chain(groups.filter_map(|node| group(&node)));
    Control {
        id: node.locate().0.0,
        role: node.role(),
        name: names.collect::<Vec<_>>().join(", "),
        rect,
    }
}

/// What the panels see and what they asked for.
#[derive(Default)]
pub struct Scene {
    pub facts: Facts,
    pub drafts: Drafts,
    asked: Vec<Intent>,
    dressed: bool,
}

/// A scene on show.
pub struct Stage(Harness<'static, Scene>);

pub fn card() -> Card {
    Card {
        version: Version::V7,
        layers: 8,
        heads: 4,
        head_size: 32,
        width: 128,
        hidden: 512,
        vocab: 8192,
        parameters: 11_160_000,
    }
}

/// A text as the demo models' tokens.
pub fn tokens(text: &str) -> Vec<TokenText> {
    let vocabulary = Vocabulary::for_model(&card(), None)
        .expect("it is built in")
        .expect("8,192 is its size");
    let ids = vocabulary
        .encode(text.as_bytes())
        .expect("any byte has a token");
    token_texts(Some(&vocabulary), &ids)
}

/// Nothing but a model.
pub fn opened() -> Facts {
    Facts {
        model: Some(ModelFacts {
            name: "tiny".into(),
            card: card(),
            quantisation: Quantisation::default(),
            lora: Vec::new(),
            state: None,
        }),
        device: "a device · vulkan".into(),
        ..Facts::default()
    }
}

/// A model that has run a text.
pub fn ran(text: &str) -> Facts {
    let tokens = tokens(text);
    let shape = Shape {
        tokens: tokens.len(),
        layers: card().layers,
        first_layer: 0,
        heads: card().heads,
        unit: card().version.unit(),
    };
    Facts {
        tokens: Arc::new(tokens),
        lattice: Some(Lattice::new(shape)),
        contributions: Contributions {
            largest: 24.0,
            statistics: vec![[1.0; Statistic::COUNT]; shape.rows()],
        },
        ..opened()
    }
}

/// A token of it selected and scored.
pub fn selected(text: &str, token: usize) -> Facts {
    let mut facts = ran(text);
    let shape = facts.shape().expect("it has run");
    facts.session.token = Some(token);
    facts.summary = (0..shape.tokens).map(|at| (at as f32).sin()).collect();
    facts.scales = vec![2.5; shape.rows() + 1];
    facts.statistics = (0..shape.rows()).map(statistics).collect();
    facts.arcs = 77;
    facts
}

/// Every number of a head; each head's differ.
fn statistics(row: usize) -> HeadStatistics {
    std::array::from_fn(|at| (row * 10 + at) as f32)
}

impl Stage {
    pub fn new(facts: Facts) -> Self {
        Self::with_prompt(facts, "")
    }

    pub fn with_prompt(facts: Facts, prompt: &str) -> Self {
        Self::sized(facts, prompt, [1280.0, 720.0])
    }

    pub fn sized(facts: Facts, prompt: &str, size: [f32; 2]) -> Self {
        let scene = Scene {
            facts,
            drafts: Drafts {
                prompt: prompt.into(),
                ..Drafts::default()
            },
            ..Scene::default()
        };
        let harness = Harness::builder().with_size(size).build_ui_state(
            |ui, scene: &mut Scene| {
                if !std::mem::replace(&mut scene.dressed, true) {
                    overlay::apply_style(ui.ctx());
                }
                let asked = overlay::show(ui.ctx(), &scene.facts, &mut scene.drafts);
                scene.asked.extend(asked);
            },
            scene,
        );
        let mut stage = Self(harness);
        stage.rest();
        stage
    }

    /// Lets panels measure themselves. A spinner never rests, so passes are counted.
    pub fn rest(&mut self) {
        self.0.run_steps(3);
    }

    pub fn ctx(&self) -> Context {
        self.0.ctx.clone()
    }

    pub fn scene(&mut self) -> &mut Scene {
        self.0.state_mut()
    }

    /// What was asked for since the last call.
    pub fn asked(&mut self) -> Vec<Intent> {
        self.rest();
        std::mem::take(&mut self.scene().asked)
    }

    pub fn sees(&self, label: &str) -> bool {
        self.count(label) > 0
    }

    /// Labels that contain this.
    pub fn count(&self, label: &str) -> usize {
        self.0.query_all_by_label_contains(label).count()
    }

    pub fn assert_sees(&self, labels: &[&str]) {
        for label in labels {
            assert!(self.sees(label), "{label:?} is not on the panels");
        }
    }

    pub fn button(&self, label: &'static str) -> Node<'_> {
        self.0.get_by_role_and_label(Role::Button, label)
    }

    pub fn is_enabled(&self, button: &'static str) -> bool {
        !self.button(button).accesskit_node().is_disabled()
    }

    pub fn field(&self, role: Role) -> Node<'_> {
        self.0.get_by_role(role)
    }

    /// The middle of the field that holds a text.
    pub fn field_with(&self, text: &str) -> Pos2 {
        let mut fields = self.0.query_all_by_role(Role::TextInput);
        let field = fields.find(|field| field.value().is_some_and(|value| value == text));
        field.expect("there is such a field").rect().center()
    }

    /// The middle of what has a value.
    pub fn place_of_value(&self, value: &str) -> Pos2 {
        self.0.get_by_value(value).rect().center()
    }

    /// One of the sliders, from the top.
    pub fn slider(&self, index: usize) -> Node<'_> {
        let mut sliders = self.0.query_all_by_role(Role::Slider);
        sliders.nth(index).expect("there are that many sliders")
    }

    pub fn named(&self, role: Role, label: &'static str) -> Node<'_> {
        self.0.get_by_role_and_label(role, label)
    }

    /// Clicks what carries exactly this label.
    pub fn click(&mut self, label: &str) -> Vec<Intent> {
        self.0.get_by_label(label).click();
        self.asked()
    }

    /// Clicks what carries a label that begins so: in a menu a key stands behind it.
    pub fn click_containing(&mut self, label: &str) -> Vec<Intent> {
        self.0.get_by_label_contains(label).click();
        self.asked()
    }

    /// The same where a label says the same as a button.
    pub fn click_button(&mut self, label: &'static str) -> Vec<Intent> {
        self.button(label).click();
        self.asked()
    }

    pub fn point_at(&mut self, at: Pos2) {
        self.0.event(Event::PointerMoved(at));
        self.rest();
    }

    pub fn click_at(&mut self, at: Pos2) -> Vec<Intent> {
        self.click_with(at, egui::Modifiers::NONE)
    }

    pub fn click_with(&mut self, at: Pos2, modifiers: egui::Modifiers) -> Vec<Intent> {
        self.point_at(at);
        for pressed in [true, false] {
            self.0.event_modifiers(
                Event::PointerButton {
                    pos: at,
                    button: PointerButton::Primary,
                    pressed,
                    modifiers,
                },
                modifiers,
            );
        }
        self.asked()
    }

    /// Presses at one place, moves to another and lets go there.
    pub fn drag(&mut self, from: Pos2, to: Pos2) -> Vec<Intent> {
        let button = |pos, pressed| Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        };
        self.point_at(from);
        self.0.event(button(from, true));
        self.rest();
        for part in [0.3, 0.6, 1.0] {
            self.point_at(from + (to - from) * part);
        }
        let asked = self.asked();
        self.0.event(button(to, false));
        self.rest();
        asked
    }

    /// The same, and what is asked for changes the session at once.
    pub fn drag_live(&mut self, from: Pos2, to: Pos2) -> Vec<Intent> {
        let button = |pos, pressed| Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        };
        let steps = [0.3, 0.6, 1.0].map(|part| Event::PointerMoved(from + (to - from) * part));
        let first = [Event::PointerMoved(from), button(from, true)];
        let mut all = Vec::new();
        for event in first.into_iter().chain(steps).chain([button(to, false)]) {
            self.0.event(event);
            for intent in self.asked() {
                let facts = &mut self.scene().facts;
                let shape = facts.shape();
                facts.session.apply(&intent, shape);
                all.push(intent);
            }
        }
        all
    }

    /// Two clicks, one right after the other.
    pub fn double_click_at(&mut self, at: Pos2) -> Vec<Intent> {
        self.point_at(at);
        // Every event has a frame of its own, and frames are far apart.
        let options =
            |options: &mut egui::Options| options.input_options.max_double_click_delay = 9.0;
        self.0.ctx.options_mut(options);
        for pressed in [true, false, true, false] {
            self.0.event(Event::PointerButton {
                pos: at,
                button: PointerButton::Primary,
                pressed,
                modifiers: egui::Modifiers::NONE,
            });
        }
        self.asked()
    }

    /// Where something of this label is.
    pub fn place(&self, label: &str) -> egui::Rect {
        self.0.get_by_label(label).rect()
    }

    /// Turns the wheel at a place, by points.
    pub fn scroll(&mut self, at: Pos2, up: f32) {
        self.point_at(at);
        self.0.event(Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: egui::vec2(0.0, up),
            phase: egui::TouchPhase::Move,
            modifiers: egui::Modifiers::NONE,
        });
        // It eases.
        self.0.run_steps(40);
    }

    pub fn press(&mut self, modifiers: egui::Modifiers, key: egui::Key) -> Vec<Intent> {
        self.0.key_press_modifiers(modifiers, key);
        self.asked()
    }

    /// Presses a key, and draws the one frame that hears of it.
    pub fn press_for_a_frame(&mut self, key: egui::Key) {
        self.0.event(Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: egui::Modifiers::NONE,
        });
        self.0.step();
    }

    /// Types into whatever has the keyboard.
    pub fn write(&mut self, text: &str) {
        self.0.event(Event::Text(text.into()));
        self.rest();
    }

    /// Lets what moves come to rest.
    pub fn settle(&mut self) {
        self.0.run_steps(60);
    }

    /// What can have the keyboard, as a screen reader knows it.
    pub fn controls(&self) -> Vec<Control> {
        let can = |node: &AccessKitNode<'_>| {
            node.data().supports_action(Action::Focus) && !node.is_disabled()
        };
        let nodes = self.0.query_all_by(can);
        nodes.map(|node| control(&node)).collect()
    }

    /// What has it.
    pub fn focused(&self) -> Option<Control> {
        let has = |node: &AccessKitNode<'_>| node.is_focused() && node.role() != Role::Window;
        self.0.query_by(has).map(|node| control(&node))
    }

    /// All that is painted, in order.
    pub fn shapes(&self) -> Vec<Painted> {
        fn collect(shape: &Painted, into: &mut Vec<Painted>) {
            match shape {
                Painted::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, into)),
                shape => into.push(shape.clone()),
            }
        }
        let mut shapes = Vec::new();
        for clipped in &self.0.output().shapes {
            collect(&clipped.shape, &mut shapes);
        }
        shapes
    }

    /// Texts as they are painted, those of no widget included.
    pub fn painted(&self) -> Vec<TextShape> {
        let text = |shape| match shape {
            Painted::Text(text) => Some(text),
            _ => None,
        };
        self.shapes().into_iter().filter_map(text).collect()
    }
}
