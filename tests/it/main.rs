//! End-to-end tests, in one binary so that they are linked once.

mod queue;
