use super::Exclude;

/// What of a text and of a model is on show: the tokens that may carry arcs and count for full colour,
/// and the heads.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shown {
    /// One a token, of [`Shown::LISTED`] and [`Shown::SCALING`].
    pub(super) tokens: Vec<u32>,
    /// One a head of all layers: 1 when shown.
    pub(super) heads: Vec<u32>,
}

impl Shown {
    /// The token may carry an arc. In step with `marks.wgsl`.
    const LISTED: u32 = 1;
    /// The token counts for full colour.
    const SCALING: u32 = 2;

    /// Everything of `tokens` tokens and `heads` heads, with `selected` left out of the scaling.
    #[must_use]
    pub fn all(tokens: usize, heads: usize, selected: Option<usize>) -> Self {
        Self::new(
            tokens,
            heads,
            selected,
            Exclude::default(),
            |_| true,
            |_| false,
            |_| true,
        )
    }

    /// By what is true of each token and of each head of all layers.
    #[must_use]
    pub fn new(
        tokens: usize,
        heads: usize,
        selected: Option<usize>,
        exclude: Exclude,
        is_listed: impl Fn(usize) -> bool,
        is_line_break: impl Fn(usize) -> bool,
        is_shown: impl Fn(usize) -> bool,
    ) -> Self {
        let flags = |token: usize| {
            let excluded = exclude.first && token == 0
                || exclude.itself && Some(token) == selected
                || exclude.line_breaks && is_line_break(token);
            match (is_listed(token), excluded) {
                (false, _) => 0,
                (true, true) => Self::LISTED,
                (true, false) => Self::LISTED | Self::SCALING,
            }
        };
        Self {
            tokens: (0..tokens).map(flags).collect(),
            heads: (0..heads).map(|head| u32::from(is_shown(head))).collect(),
        }
    }

    /// Whether a token may carry an arc.
    #[must_use]
    pub fn is_listed(&self, token: usize) -> bool {
        self.tokens
            .get(token)
            .is_some_and(|flags| flags & Self::LISTED != 0)
    }

    /// Whether a token counts for full colour.
    #[must_use]
    pub fn is_scaling(&self, token: usize) -> bool {
        self.tokens
            .get(token)
            .is_some_and(|flags| flags & Self::SCALING != 0)
    }

    /// Whether a head of all layers is shown.
    #[must_use]
    pub fn has_head(&self, row: usize) -> bool {
        self.heads.get(row).is_some_and(|shown| *shown != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_excluded_carry_arcs_but_do_not_scale() {
        let exclude = Exclude {
            first: true,
            itself: true,
            line_breaks: true,
        };
        let shown = Shown::new(
            6,
            2,
            Some(3),
            exclude,
            |token| token < 5,
            |token| token == 2,
            |row| row == 1,
        );
        let listed: Vec<_> = (0..6).filter(|token| shown.is_listed(*token)).collect();
        let scaling: Vec<_> = (0..6).filter(|token| shown.is_scaling(*token)).collect();
        assert_eq!((listed, scaling), (vec![0, 1, 2, 3, 4], vec![1, 4]));
        assert!(!shown.has_head(0) && shown.has_head(1) && !shown.has_head(2));
    }
}
