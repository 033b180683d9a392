//! The panels without a window: what they show, and what they ask for when they are used.

mod atlas;
mod bounds;
mod camera;
mod changes;
mod compare;
mod expected;
pub mod faces;
mod groups;
mod head_state;
mod heads;
mod inspector;
mod keyboard;
mod legend;
mod lens;
mod matrix;
mod menu;
mod quantisation;
mod record;
mod sheets;
mod side;
mod stage;
mod text;
mod text_view;
mod timeline;
mod writing;
