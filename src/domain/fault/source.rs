//! What can be wrong with a source of documents, or with one of its addresses.

use serde::{Deserialize, Serialize};

/// Why a source, or something in it, could not be had. The sentences are in
/// [`text::reading`](crate::i18n::reading).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceFault {
    /// No source is configured.
    NoSources,
    /// No source is named so; and those there are.
    Unknown { source: String, known: String },
    /// A folder cannot be opened, in the words of the system.
    NoFolder {
        source: String,
        folder: String,
        error: String,
    },
    /// A file stands where the folder should be.
    NotAFolder { source: String, folder: String },
    /// A folder is empty, and this many documents of it are indexed.
    Emptied {
        source: String,
        folder: String,
        indexed: usize,
    },
    /// None of the folders holds a document; so many files of other kinds are there.
    NoDocuments { folders: String, others: usize },

    /// The robots.txt of the site asks to leave it alone.
    Robots,
    /// The host lies in a private network and is not named.
    Private { host: String },
    /// Where the walk begins, the site sends on to another one.
    Elsewhere { address: String },
    /// The site says with this HTTP status that nothing is there.
    NotThere { status: u16 },
    /// The site wants somebody to sign in, or refuses, by this HTTP status.
    Refused { status: u16 },
    /// The site answers with this HTTP status, which is an error of its own.
    Failing { status: u16 },
    /// It has more MiB than are fetched of a site.
    TooLarge { most: u64 },
    /// So many files were fetched of the site, and no more.
    TooMany { most: usize },
    /// It redirects in a circle.
    Circle,
    /// Nothing came in time, from a site or a bucket.
    Silent,
    /// No connection came about, in the words of the client.
    Unreachable(String),
    /// The connection ended too early, in the words of the client.
    BrokeOff(String),

    /// The store knows no bucket of this name.
    NoBucket,
    /// The store refuses to list the bucket.
    BucketRefused,
    /// The bucket cannot be listed, in the words of the client.
    BucketUnreachable(String),
    /// The store lists an object and refuses to hand it out.
    ObjectRefused,
    /// An object went while its bucket was read.
    ObjectGone,
}

impl std::error::Error for SourceFault {}
