use anyhow::bail;
use clap::Args;

use crate::{
    change::Change,
    session::{Against, Compare, CompareView, Switched},
};

/// What stands beside the run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Comparison")]
pub(super) struct CompareArgs {
    /// Another text beside the one that is run
    #[arg(long, value_name = "TEXT", group = "comparison")]
    compare_text: Option<String>,
    /// Another model beside it, with as many layers and heads; or a trace
    #[arg(long, value_name = "MODEL", group = "comparison")]
    compare_model: Option<String>,
    /// An intervention, in words: ablate L7H1, ablate L7H1 to its mean, scale L6=0.5, knockout 12@L3, cut 40:12@L7H1,
    /// no forgetting in L2, no erasing in all. May be given several times; with nothing else to compare, the run with
    /// them stands beside the one without
    #[arg(long, value_name = "INTERVENTION")]
    with: Vec<Change>,
    /// How both are shown [default: side-by-side]
    #[arg(long, value_enum, value_name = "VIEW")]
    compare_view: Option<CompareView>,
}

impl CompareArgs {
    /// Interventions, and what is compared.
    ///
    /// # Errors
    /// When there is a view of nothing.
    pub(super) fn chosen(&self) -> anyhow::Result<(Vec<Switched>, Option<Compare>)> {
        let on = |change: &Change| Switched {
            change: *change,
            on: true,
        };
        let changes: Vec<_> = self.with.iter().map(on).collect();
        let text = self.compare_text.clone().map(Against::Text);
        let model = || self.compare_model.clone().map(Against::Model);
        let own = || (!changes.is_empty()).then_some(Against::Interventions);
        let with = text.or_else(model).or_else(own);
        if with.is_none() && self.compare_view.is_some() {
            bail!(
                "--compare-view has nothing to show: give --compare-text, --compare-model or --with"
            );
        }
        let view = self.compare_view.unwrap_or_default();
        Ok((changes, with.map(|with| Compare { with, view })))
    }
}
