use serde::Serialize;

/// Share of what a head reads, from which on a label is given: docs/NUMERICS.md, labels.
const MUCH: f32 = 0.25;
/// The same of rarer things: a token, among all those that were read before, and what is found.
const SOME: f32 = 0.1;
/// Tokens within which a head reads that is called local.
const NEAR: f32 = 4.0;

/// What a head does over a text. Numbers are means over readers; shares are contribution shares.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Profile {
    /// Σ |share| (t − s) / Σ |share| over earlier tokens, in tokens.
    pub mean_distance: f32,
    /// Tokens after which half of the writers have lost half of their W-K norm; none where the text is too short to tell.
    pub half_life: Option<u32>,
    /// −Σ p ln p, p = |share| / Σ |share| over earlier tokens, in nats.
    pub entropy: f32,
    /// Share of the reader itself.
    #[serde(rename = "self")]
    pub itself: f32,
    /// Share of the token before it.
    pub previous: f32,
    /// Share of the first token.
    pub first: f32,
    /// Share of the last earlier token of the reader's own id; none where no reader has one.
    #[serde(rename = "induction_0")]
    pub same: Option<f32>,
    /// Share of the token after that.
    pub induction: Option<f32>,
    /// Share of the second token after it.
    #[serde(rename = "induction_2")]
    pub second: Option<f32>,
    /// Share of all earlier tokens of the reader's own id together; none where no reader has one.
    pub duplicate: Option<f32>,
    /// Part of the readers whose strongest source, or the token after it, is the token that comes next, of those whose
    /// next token was read before; none where there are none.
    pub retrieval: Option<f32>,
    /// Contribution norm.
    pub norm: f32,
}

/// A name for what a head does over a text. It tells of a correlation, and not of what the head is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Label {
    /// It reads the token before.
    PreviousToken,
    /// It reads what has the same id.
    Duplicate,
    /// It reads what came after the same id.
    Induction,
    /// What it reads most is what comes next.
    Retrieval,
    /// It reads the first token.
    Positional,
    /// It reads nearby.
    Local,
}

/// A label with the number that it was given for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Labelled {
    /// Which.
    pub label: Label,
    /// The share, the part, or the distance.
    pub value: f32,
    /// Of an induction head: how many tokens after the same id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u8>,
}

impl Label {
    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreviousToken => "previous token",
            Self::Duplicate => "duplicate",
            Self::Induction => "induction",
            Self::Retrieval => "retrieval",
            Self::Positional => "positional",
            Self::Local => "local",
        }
    }
}

impl Labelled {
    /// Its name, and what it is about.
    #[must_use]
    pub fn words(&self) -> String {
        let name = self.label.name();
        match self.offset {
            Some(offset) => format!("{name} +{offset}"),
            None => name.to_owned(),
        }
    }
}

impl Profile {
    /// The labels that it has earned, in the order of [`Label`].
    #[must_use]
    pub fn labels(&self) -> Vec<Labelled> {
        let plain = |label, value| Labelled {
            label,
            value,
            offset: None,
        };
        let least = |label, value: Option<f32>, least: f32| {
            let value = value.filter(|value| *value >= least);
            value.map(|value| plain(label, value))
        };
        let after = [(1, self.induction), (2, self.second)];
        let after = after
            .into_iter()
            .filter_map(|(offset, share)| Some((offset, share?)));
        let induction = after
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, share)| *share >= SOME)
            .map(|(offset, value)| Labelled {
                label: Label::Induction,
                value,
                offset: Some(offset),
            });
        let is_local = self.mean_distance > 0.0 && self.mean_distance <= NEAR;
        let all = [
            least(Label::PreviousToken, Some(self.previous), MUCH),
            least(Label::Duplicate, self.duplicate, SOME),
            induction,
            least(Label::Retrieval, self.retrieval, SOME),
            least(Label::Positional, Some(self.first), MUCH),
            is_local.then(|| plain(Label::Local, self.mean_distance)),
        ];
        all.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_their_numbers() {
        assert_eq!(Profile::default().labels(), []);
        let profile = Profile {
            mean_distance: 3.0,
            previous: 0.3,
            induction: Some(0.12),
            second: Some(0.2),
            duplicate: Some(0.09),
            retrieval: Some(0.1),
            ..Profile::default()
        };
        let labels = profile.labels();
        let found: Vec<_> = labels
            .iter()
            .map(|labelled| (labelled.label, labelled.value, labelled.offset))
            .collect();
        assert_eq!(
            found,
            [
                (Label::PreviousToken, 0.3, None),
                (Label::Induction, 0.2, Some(2)),
                (Label::Retrieval, 0.1, None),
                (Label::Local, 3.0, None),
            ]
        );
    }
}
