//! Buckets of S3-compatible stores.

use anyhow::Context;
use futures::StreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{HttpError, HttpErrorKind};
use object_store::path::Path;
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt};
use tokio_util::sync::CancellationToken;

use super::FetchReport;
use super::state::{MirrorState, MirroredFile};
use crate::config::settings::Config;
use crate::config::sources::{Bucket, Source};
use crate::domain::document::Format;
use crate::domain::fault::{Fault, SourceFault};
use crate::ingest::source::is_included;
use crate::runtime::http;

/// The state is saved after this many fetched files.
const SAVE_INTERVAL: usize = 20;

pub(super) async fn fetch(
    config: &Config,
    source: &Source,
    bucket: &Bucket,
    state: &mut MirrorState,
    stop: &CancellationToken,
) -> anyhow::Result<FetchReport> {
    let store = open(bucket)?;
    let mut report = FetchReport::default();
    let prefix = Path::from(bucket.prefix.as_str());
    let mut listing = store.list(Some(&prefix).filter(|_| !bucket.prefix.is_empty()));
    let max_bytes = config.extract.max_file_mb << 20;
    while let Some(object) = listing.next().await {
        if stop.is_cancelled() {
            return Ok(report);
        }
        let object = match object {
            Ok(object) => object,
            Err(error) => {
                let fault = Fault::Source(listing_fault(&store, &error).await);
                report.failed.push((bucket.name.clone(), fault));
                return Ok(report);
            }
        };
        let Some(path) = relative(&object, &prefix) else {
            continue;
        };
        let file = std::path::Path::new(&path);
        if Format::from_path(file).is_none() || !is_included(source, file)? {
            continue;
        }
        if object.size > max_bytes {
            let fault = Fault::TooLarge {
                mib: object.size >> 20,
                max_mib: config.extract.max_file_mb,
            };
            report.failed.push((path, fault));
            continue;
        }
        let copy = MirroredFile {
            origin: object.location.to_string(),
            etag: object.e_tag.clone(),
            last_modified: Some(object.last_modified.to_rfc3339()),
        };
        if state
            .find(&copy.origin)
            .is_some_and(|(_, previous)| *previous == copy)
        {
            state.mark_seen(&path);
            report.same += 1;
            continue;
        }
        match bytes(&store, &object).await {
            Ok(content) => {
                state.write(&path, copy, &content)?;
                report.new += 1;
                if report.new % SAVE_INTERVAL == 0 {
                    state.save()?;
                }
            }
            Err(error) => {
                state.mark_seen(&path);
                let fault = Fault::Source(object_fault(&error));
                report.failed.push((path, fault));
            }
        }
    }
    state.remove_unseen();
    Ok(report)
}

fn open(bucket: &Bucket) -> anyhow::Result<AmazonS3> {
    http::install_crypto_provider();
    let mut builder = AmazonS3Builder::new().with_bucket_name(&bucket.name);
    if !bucket.endpoint.is_empty() {
        builder = builder
            .with_endpoint(&bucket.endpoint)
            .with_allow_http(bucket.endpoint.starts_with("http://"));
    }
    if !bucket.region.is_empty() {
        builder = builder.with_region(&bucket.region);
    }
    builder = match (&bucket.access_key, &bucket.secret_key) {
        (Some(access), Some(secret)) => builder
            .with_access_key_id(access.expose())
            .with_secret_access_key(secret.expose()),
        // A public bucket.
        _ => builder.with_skip_signature(true),
    };
    builder
        .build()
        .with_context(|| format!("the bucket \"{}\" cannot be used", bucket.name))
}

async fn bytes(store: &AmazonS3, object: &ObjectMeta) -> object_store::Result<Vec<u8>> {
    Ok(store.get(&object.location).await?.bytes().await?.to_vec())
}

/// Returns why a bucket was not listed. The error of the listing does not say, so the bucket itself is requested.
async fn listing_fault(store: &AmazonS3, error: &Error) -> SourceFault {
    match store.head(&Path::default()).await {
        Err(Error::NotFound { .. }) => SourceFault::NoBucket,
        Err(Error::PermissionDenied { .. } | Error::Unauthenticated { .. }) => {
            SourceFault::BucketRefused
        }
        _ if is_timeout(error) => SourceFault::TimedOut,
        _ => SourceFault::BucketUnreachable(error.to_string()),
    }
}

/// Returns why an object was not fetched.
fn object_fault(error: &Error) -> SourceFault {
    match error {
        Error::NotFound { .. } => SourceFault::ObjectGone,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            SourceFault::ObjectRefused
        }
        error if is_timeout(error) => SourceFault::TimedOut,
        error => SourceFault::Unreachable(error.to_string()),
    }
}

fn is_timeout(error: &Error) -> bool {
    anyhow::Chain::new(error).any(|cause| {
        let client = cause.downcast_ref::<HttpError>();
        client.is_some_and(|client| client.kind() == HttpErrorKind::Timeout)
    })
}

/// Returns the path of an object below the prefix; None if a part of it would leave the folder or hide the file.
fn relative(object: &ObjectMeta, prefix: &Path) -> Option<String> {
    let parts: Vec<String> = object
        .location
        .prefix_match(prefix)?
        .map(|part| part.as_ref().to_owned())
        .collect();
    let is_plain = |part: &String| {
        !part.is_empty() && !part.starts_with('.') && !part.contains(['/', '\\', '\0'])
    };
    (!parts.is_empty() && parts.iter().all(is_plain)).then(|| parts.join("/"))
}
