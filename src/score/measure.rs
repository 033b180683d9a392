use serde::{Deserialize, Serialize};

use crate::{
    model::{Unit, Version},
    trace::Precision,
};

/// The number a cell and an arc show.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// R-WK score: receptance · decayed key.
    #[default]
    Rwk,
    /// Contribution share: which part of the head's output came from the writer.
    Share,
    /// Value-weighted score: the size of what the writer adds to the head's output.
    Weighted,
    /// Erase part: what RWKV-7's delta rule changed in the R-WK score.
    Erase,
    /// W-K norm: how much of the writer's key the reader's state still holds.
    Wk,
    /// What the writer adds to the logit of one next token. Of one reader, while its model is open.
    #[value(skip)]
    Logit,
}

impl Measure {
    /// All that a version has of every pair, in menu order.
    #[must_use]
    pub fn all(version: Version) -> &'static [Self] {
        const ALL: [Measure; 5] = [
            Measure::Rwk,
            Measure::Share,
            Measure::Weighted,
            Measure::Wk,
            Measure::Erase,
        ];
        if version == Version::V7 {
            &ALL
        } else {
            &ALL[..4]
        }
    }

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rwk => "R-WK score",
            Self::Share => "contribution share",
            Self::Weighted => "value-weighted score",
            Self::Erase => "erase part",
            Self::Wk => "W-K norm",
            Self::Logit => "push on the logit",
        }
    }

    /// Its name in files and on the command line.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Rwk => "rwk",
            Self::Share => "share",
            Self::Weighted => "weighted",
            Self::Erase => "erase",
            Self::Wk => "wk",
            Self::Logit => "logit",
        }
    }

    /// Its name on a button.
    #[must_use]
    pub fn short_name(self) -> &'static str {
        match self {
            Self::Rwk => "R-WK",
            Self::Share => "share",
            Self::Weighted => "weighted",
            Self::Erase => "erase",
            Self::Wk => "W-K",
            Self::Logit => "logit",
        }
    }

    /// The formula in use, for reader t and writer s < t. `G = diag(w) − b κ̂ᵀ`, the step of RWKV-7's state. In
    /// RWKV-4 a is the weight of each channel of the group, and Z the sum that makes the weights of a reader its
    /// gate σ(r) in all.
    #[must_use]
    pub fn formula(self, version: Version) -> &'static str {
        match (self, version) {
            (Self::Rwk, Version::V4) => "A[t,s] = mean a, a = σ(r_t) e^(k_s+(t−1−s)w) / Z_t",
            (Self::Rwk, Version::V5) => "A[t,s] = r_t · (w^(t−1−s) k_s)",
            (Self::Rwk, Version::V7) => "A[t,s] = r_t · G_t…G_(s+1) k_s",
            (Self::Rwk, _) => "A[t,s] = r_t · (w_(t−1)…w_(s+1) k_s)",
            (Self::Wk, Version::V4) => "‖e^(k_s+(t−s)w) / Σ_(i≤t) e^(k_i+(t−i)w)‖",
            (Self::Wk, Version::V5) => "‖w^(t−s) k_s‖",
            (Self::Wk, Version::V7) => "‖G_t…G_(s+1) k_s‖",
            (Self::Share, Version::V4) => "⟨a ⊙ v_s, y_t⟩ / ‖y_t‖²",
            (Self::Weighted, Version::V4) => "‖a ⊙ v_s‖",
            (Self::Wk, _) => "‖w_t…w_(s+1) k_s‖",
            (Self::Share, _) => "A[t,s] ⟨v_s, y_t⟩ / ‖y_t‖²",
            (Self::Weighted, _) => "|A[t,s]| ‖v_s‖",
            (Self::Logit, Version::V4) => "⟨a ⊙ v_s, pull⟩",
            (Self::Logit, _) => "A[t,s] ⟨v_s, pull⟩",
            (Self::Erase, _) => "A[t,s] − r_t · (w_t…w_(s+1) k_s)",
        }
    }

    /// What the token has with itself, on the diagonal.
    #[must_use]
    pub fn diagonal(self, version: Version) -> &'static str {
        match (self, version) {
            (Self::Rwk, Version::V4) => "A[t,t] = mean σ(r_t) e^(u+k_t) / Z_t, u the bonus",
            (Self::Rwk, Version::V7) => "A[t,t] = r_t · k_t",
            (Self::Rwk, _) => "A[t,t] = r_t · (u k_t), the bonus",
            (Self::Share, Version::V4) => "⟨a ⊙ v_t, y_t⟩ / ‖y_t‖²",
            (Self::Weighted, Version::V4) => "‖a ⊙ v_t‖",
            (Self::Wk, Version::V4) => "‖e^(k_t) / Σ_(i≤t) e^(k_i+(t−i)w)‖",
            (Self::Share, _) => "A[t,t] ⟨v_t, y_t⟩ / ‖y_t‖²",
            (Self::Weighted, _) => "|A[t,t]| ‖v_t‖",
            (Self::Logit, Version::V4) => "⟨a ⊙ v_t, pull⟩",
            (Self::Logit, Version::V7) => "A[t,t] ⟨v_t, pull⟩, and the bonus",
            (Self::Logit, _) => "A[t,t] ⟨v_t, pull⟩",
            (Self::Erase, _) => "0: nothing is erased yet",
            (Self::Wk, _) => "‖k_t‖",
        }
    }

    /// Of the token that stands for a state which a model starts from, o_t being what y_t has of that.
    #[must_use]
    pub fn before(self) -> &'static str {
        match self {
            Self::Rwk => "±‖o_t‖ / ‖S_0‖, o_t what t reads of ⟨before⟩",
            Self::Share => "⟨o_t, y_t⟩ / ‖y_t‖²",
            Self::Weighted => "‖o_t‖, o_t what t reads of ⟨before⟩",
            Self::Erase => "0: not told of ⟨before⟩",
            Self::Logit => "⟨o_t, pull⟩, o_t what t reads of ⟨before⟩",
            Self::Wk => "‖M_t‖, what is left of ⟨before⟩",
        }
    }

    /// One plain sentence for those who meet it for the first time.
    #[must_use]
    pub fn meaning(self, unit: Unit) -> String {
        unit.say(match self {
            Self::Rwk => {
                "How strongly the reader picks up what the writer left in this head's memory."
            }
            Self::Share => {
                "Which part of the head's output comes from the writer; sums to 1 over all writers."
            }
            Self::Weighted => {
                "How large the writer's part of the head's output is, whatever its sign."
            }
            Self::Erase => {
                "What erasing changed: the score less what fading alone would have left of it."
            }
            Self::Logit => {
                "What the reader takes from the writer adds to the logit of a chosen next token, or takes from it."
            }
            Self::Wk => "How much of what the writer left is still in this head's memory.",
        })
    }

    /// Whether negative values occur.
    #[must_use]
    pub fn is_signed(self) -> bool {
        !matches!(self, Self::Wk | Self::Weighted)
    }
}

/// Largest conservation error, in parts of how far a head's terms cancel, that counts as exact with frames of a precision:
/// rounding alone gives less.
#[must_use]
pub fn tolerance(precision: Precision) -> f32 {
    match precision {
        Precision::F32 => 1e-4,
        Precision::F16 => 1e-2,
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn a_measure_has_one_name_in_files_and_on_the_command_line() {
        for measure in Measure::value_variants() {
            let named = measure.to_possible_value();
            let name = named.as_ref().map(clap::builder::PossibleValue::get_name);
            assert_eq!(name, Some(measure.key()));
        }
    }
}
