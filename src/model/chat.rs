//! How the published models were taught to be asked.

/// Where they end an answer: they would ask back in the user's place.
pub const ASKING_BACK: &str = "\n\nUser:";

/// A question as they know it.
#[must_use]
pub fn question(text: &str) -> String {
    format!("User: {}\n\nAssistant:", text.trim())
}
