//! Documents: from files in folders to passages in the index.
//!
//! A run ([`sync`]) fetches what lies elsewhere ([`mirror`]), finds the files ([`source`]), compares them with what it knows of them ([`catalog`]), has the
//! new and the changed ones read in child processes ([`extract`]), cuts their text into passages ([`chunk`]) and
//! hands these to the index; recipes and alarms become [`records`], too. [`revisions`] tells which documents are
//! current. [`pdfium`] fetches the library that draws pages of PDFs.

pub mod catalog;
pub mod chunk;
pub mod mirror;
pub mod records;
pub mod reindex;
pub mod revisions;
pub mod source;
pub mod sync;
pub mod why;

/// Machines are told in the words that a person reads.
fn in_words<T: std::fmt::Display, S: serde::Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
