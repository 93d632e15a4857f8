//! Every sentence that a person reads, in Korean and English, one file for each place where it is read.

pub mod answer;
pub mod slack;
pub mod web;
