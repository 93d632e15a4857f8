//! End-to-end tests, as one program.

mod corpus;
