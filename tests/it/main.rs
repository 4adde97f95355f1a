//! All integration tests in one binary, so that they are linked once.

mod bad_input;
mod plan_files;
