use clap::Args;

use crate::change::{Change, Cut, Knockout, Place, Scale};

/// What to change in the model while it runs.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Interventions")]
pub(super) struct ChangeArgs {
    /// Heads to leave out: L7H1, or L7 for a whole layer, counted from 0. May be several, separated by commas
    #[arg(long, value_name = "HEAD", value_delimiter = ',')]
    ablate: Vec<Place>,
    /// Heads whose output is replaced by its mean over the text
    #[arg(long, value_name = "HEAD", value_delimiter = ',')]
    ablate_to_mean: Vec<Place>,
    /// Heads whose output is multiplied, as L7H1=0.5
    #[arg(long, value_name = "HEAD=FACTOR", value_delimiter = ',')]
    scale: Vec<Scale>,
    /// Tokens whose write is left out, by their place in the text, counted from 0: 12 everywhere, 12@L3 in a layer,
    /// 12@L3H2 in a head
    #[arg(long, value_name = "TOKEN[@HEAD]", value_delimiter = ',')]
    knockout: Vec<Knockout>,
    /// Arcs that are cut: the reading token, the one that it reads and the head, as 40:12@L7H1, counted from 0
    #[arg(long, value_name = "READER:WRITER@HEAD", value_delimiter = ',')]
    cut: Vec<Cut>,
    /// Heads that forget nothing, their decay being 1 (RWKV-6 and 7) [default: all]
    #[arg(long, value_name = "HEAD", value_delimiter = ',', num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    no_forgetting: Vec<Place>,
    /// Heads that erase nothing, their a being 0 (RWKV-7) [default: all]
    #[arg(long, value_name = "HEAD", value_delimiter = ',', num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    no_erasing: Vec<Place>,
}

impl ChangeArgs {
    /// As given.
    pub(super) fn changes(&self) -> Vec<Change> {
        let ablated = self.ablate.iter().map(|place| Scale::ablate(*place));
        let scales = ablated.chain(self.scale.iter().copied()).map(Change::Scale);
        let means = self.ablate_to_mean.iter().copied().map(Change::Mean);
        let knockouts = self.knockout.iter().copied().map(Change::Knockout);
        let cuts = self.cut.iter().copied().map(Change::Cut);
        let lasting = self.no_forgetting.iter().copied().map(Change::NoForgetting);
        let unerased = self.no_erasing.iter().copied().map(Change::NoErasing);
        scales
            .chain(means)
            .chain(knockouts)
            .chain(cuts)
            .chain(lasting)
            .chain(unerased)
            .collect()
    }
}
