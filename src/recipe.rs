//! Recipes as data: read from the files of growth tools, looked up, compared and computed with, never guessed.
//!
//! [`import`] reads a file into the canonical [`model`]; [`timeline`] runs through its steps and loops and knows the
//! state of the tool in each; the [`shelf`] keeps them, and the [`book`] has them all at hand. Every number keeps the
//! line that it stands on.

pub mod ask;
pub mod book;
pub mod derive;
pub mod diff;
pub mod expression;
pub mod import;
pub mod limits;
pub mod model;
pub mod plot;
pub mod record;
pub mod shelf;
pub mod substance;
pub mod timeline;
pub mod unit;
