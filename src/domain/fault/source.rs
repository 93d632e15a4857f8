//! Faults of a source of documents, or of one of its addresses.

use serde::{Deserialize, Serialize};

/// Why a source, or something in it, could not be fetched. The sentences are in
/// [`i18n::reading`](crate::i18n::reading).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceFault {
    /// No source is configured.
    NoSources,
    /// No source has this name; with the names that exist.
    Unknown { source: String, known: String },
    /// A folder cannot be opened; with the error of the system.
    NoFolder {
        source: String,
        folder: String,
        error: String,
    },
    /// The path is a file, not a folder.
    NotAFolder { source: String, folder: String },
    /// A folder is empty, and this many documents of it are indexed.
    Emptied {
        source: String,
        folder: String,
        indexed: usize,
    },
    /// None of the folders contains a document; with the number of files of other kinds.
    NoDocuments { folders: String, others: usize },

    /// The robots.txt of the site forbids fetching it.
    Robots,
    /// The host is in a private network and not allowed by name.
    Private { host: String },
    /// The start address redirects to another site.
    Elsewhere { address: String },
    /// The site has nothing at the address and answers with this HTTP status.
    #[serde(rename = "not_there")]
    NotFound { status: u16 },
    /// The site requires authentication or refuses access, with this HTTP status.
    Refused { status: u16 },
    /// The site answers with this HTTP status, a server error.
    Failing { status: u16 },
    /// It exceeds the size limit for a file of a site, in MiB.
    TooLarge {
        #[serde(rename = "most")]
        max_mib: u64,
    },
    /// The limit of files for a site was reached.
    TooMany {
        #[serde(rename = "most")]
        max_files: usize,
    },
    /// It redirects in a loop.
    #[serde(rename = "circle")]
    RedirectLoop,
    /// A site or a bucket timed out.
    #[serde(rename = "silent")]
    TimedOut,
    /// No connection; with the error of the client.
    Unreachable(String),
    /// The connection was closed too early; with the error of the client.
    #[serde(rename = "broke_off")]
    ConnectionClosed(String),

    /// The store has no bucket of this name.
    NoBucket,
    /// The store refuses to list the bucket.
    BucketRefused,
    /// The bucket cannot be listed; with the error of the client.
    BucketUnreachable(String),
    /// The store lists an object but refuses to return it.
    ObjectRefused,
    /// An object was deleted while its bucket was read.
    ObjectGone,
}

impl std::error::Error for SourceFault {}
