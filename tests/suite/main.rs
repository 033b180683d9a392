//! The test suite, in one binary so that it is linked once.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a helper that fails is a test that fails; what is printed shows with --nocapture"
)]

mod atlas;
mod before;
mod changes;
mod cli;
mod comparing;
mod downloads;
mod exports;
mod films;
mod golden;
mod growth;
mod hostile;
mod induction;
mod inside;
mod interventions;
mod kernels;
mod large;
mod loading;
mod logits;
mod looking;
mod matrix;
mod memory;
mod older;
mod panels;
mod pictures;
mod predictions;
mod quantisation;
mod record;
mod recordings;
mod reference;
mod reference_tests;
mod reproducible;
mod scores;
mod sessions;
mod shaders;
mod states;
mod support;
mod traces;
mod walking;
mod window;
mod writing;
