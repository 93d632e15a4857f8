//! Every sentence that a user reads, in Korean and in English.

pub mod slack;
