//! What one token reads, and who reads it: definitions, float64 twins and GPU kernels.
//!
//! A head's output before GroupNorm is `y_t = Σ_s A[t,s] v_s`. `A` is the head's implicit attention
//! matrix; its entry is the **R-WK score**, receptance · decayed key. It is never built: two scans give
//! the row and the column of one token in every head, in O(tokens × heads).

mod apart;
mod atlas;
mod crop;
mod difference;
mod head_matrix;
mod head_state;
mod kernels;
mod lanes;
mod marker;
mod marks;
mod matrix;
mod measure;
mod number;
mod push;
mod scans;
mod selection;
mod shading;
mod shown;
mod statistic;
mod strength;
pub mod twin;

pub use atlas::{Atlas, Column, Label, Labelled, Profile, Profiles};
pub use crop::Crop;
pub use difference::{Beside, Partners, difference};
pub use head_matrix::{HeadMatrix, MatrixError, MatrixKernels, Tint};
pub use head_state::{HeadState, Moment, StateAt, StateError};
pub use kernels::{Params, constants, source, writing_source};
pub use lanes::Lanes;
pub use marker::{Contributions, Marker};
pub use marks::Marks;
pub use matrix::{conservation, lines};
pub use measure::{Measure, tolerance};
pub use number::number;
pub use push::parts_of_logit;
pub use selection::{Request, Scores};
pub use shading::{EXPOSURE, Exclude, FIXED, Filter, Pool, Scale};
pub use shown::Shown;
pub use statistic::{HeadStatistics, Statistic};
pub use strength::MarkedArc;
